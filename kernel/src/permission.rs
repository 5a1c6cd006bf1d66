//! Permissions: what a user allows a program.

use std::fmt;
use std::sync::Arc;

/// What a program may do with a portal before the user has said anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultAccess {
    /// Every program may use it.
    Open,
    /// The user is asked first.
    Ask,
}

/// What a user allows or not: a portal, or one thing behind it.
///
/// Written as the portal's name, and after a colon the scope if there is one: `http`, `http:https://example.org`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission {
    /// Name of the portal.
    pub portal: &'static str,
    /// The one thing; `None`: the whole portal.
    pub scope: Option<Scope>,
}

impl Permission {
    /// The permission for a whole portal.
    pub const fn whole(portal: &'static str) -> Self {
        Self { portal, scope: None }
    }

    /// Whether taking this one back takes `other` back as well: a whole portal includes every scope of it.
    pub fn covers(&self, other: &Self) -> bool {
        self.portal == other.portal && (self.scope.is_none() || self.scope == other.scope)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.portal)?;
        self.scope.iter().try_for_each(|scope| write!(f, ":{scope}"))
    }
}

/// One thing behind a portal, by a name that stays the same from run to run: an origin (`https://example.org`), a device, a
/// line of a chip. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Arc<str>);

impl Scope {
    /// Most bytes.
    pub const MAX_LEN: usize = 512;

    /// A scope of this name: 1 to [`Scope::MAX_LEN`] bytes without control characters, else `None`.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_LEN).contains(&name.len()) && !name.contains(char::is_control);
        fits.then(|| Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a process has a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PermissionStatus {
    /// It has.
    Allowed,
    /// It has not.
    Denied,
    /// The user has not said yet.
    Ask,
}

impl From<bool> for PermissionStatus {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_have_names_that_can_be_shown() {
        assert_eq!(Scope::new(""), None);
        assert_eq!(Scope::new("a\nb"), None);
        assert_eq!(Scope::new(&"a".repeat(Scope::MAX_LEN + 1)), None);
        let permission = Permission {
            portal: "http",
            scope: Scope::new("https://example.org"),
        };
        assert_eq!(permission.to_string(), "http:https://example.org");
        assert_eq!(Permission::whole("http").to_string(), "http");
    }

    #[test]
    fn a_whole_portal_covers_every_scope() {
        let (whole, one) = (
            Permission::whole("http"),
            Permission {
                portal: "http",
                scope: Scope::new("a"),
            },
        );
        let other = Permission {
            portal: "http",
            scope: Scope::new("b"),
        };
        assert!(whole.covers(&whole) && whole.covers(&one) && one.covers(&one));
        assert!(!one.covers(&whole) && !one.covers(&other) && !Permission::whole("camera").covers(&one));
    }
}
