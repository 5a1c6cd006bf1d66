//! Grants of one run: from its command line, else the default of each portal.

use super::{names, portal_row};
use portico_kernel::{Permission, Scope};

/// Grants of one run.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RunGrants {
    grant: Vec<String>,
    deny: Vec<String>,
}

/// A name that is no portal's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no portal `{0}`; the portals are: {all}", all = names().join(", "))]
pub struct UnknownPortal(String);

impl RunGrants {
    /// Portals that are open whatever their default, and portals that are shut, which is stronger.
    ///
    /// # Errors
    /// When a name is no portal's.
    pub fn new(grant: Vec<String>, deny: Vec<String>) -> Result<Self, UnknownPortal> {
        grant.iter().chain(&deny).try_for_each(|name| portal(name).map(drop))?;
        Ok(Self { grant, deny })
    }
}

/// The portal of that name.
///
/// # Errors
/// When there is none.
pub fn portal(name: &str) -> Result<&'static str, UnknownPortal> {
    portal_row(name)
        .map(|row| row.name)
        .ok_or_else(|| UnknownPortal(name.to_owned()))
}

/// Parses a permission: a portal's name, and after a colon its scope if it has one.
///
/// # Errors
/// When there is no such portal, or what follows is no scope.
pub fn permission(text: &str) -> Result<Permission, UnknownPortal> {
    let (name, scope) = text
        .split_once(':')
        .map_or((text, None), |(name, scope)| (name, Some(scope)));
    let unknown = || UnknownPortal(text.to_owned());
    let scope = scope.map(|scope| Scope::new(scope).ok_or_else(unknown)).transpose()?;
    Ok(Permission {
        portal: portal(name)?,
        scope,
    })
}

impl RunGrants {
    /// The decision of the command line about a portal.
    pub fn decision(&self, portal: &str) -> Option<bool> {
        let named = |list: &[String]| list.iter().any(|name| name == portal);
        if named(&self.deny) {
            Some(false)
        } else {
            named(&self.grant).then_some(true)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_denied_stays_shut() {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let grants = RunGrants::new(owned(&["microphone", "keys"]), owned(&["keys", "log"])).unwrap();
        assert_eq!(grants.decision("microphone"), Some(true));
        assert_eq!(grants.decision("camera"), None);
        assert_eq!(grants.decision("keys"), Some(false), "deny is stronger than grant");
        assert_eq!(grants.decision("log"), Some(false));
    }

    #[test]
    fn a_name_that_is_no_portal_is_told() {
        let error = RunGrants::new(vec!["kyes".into()], Vec::new()).unwrap_err().to_string();
        assert!(error.contains("`kyes`") && error.contains("keys"), "{error}");
    }
}
