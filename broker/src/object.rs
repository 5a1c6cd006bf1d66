//! Names of objects: `type:location:id`.

use std::fmt;
use std::str::FromStr;

/// Most bytes of the type, and of the location.
const SHORT: usize = 255;
/// Most bytes of the id.
const LONG: usize = 512;

/// Names an object: what it is, on which machine, and which one.
///
/// ```
/// # use portico_broker::ObjectId;
/// let id: ObjectId = "public.text::3f2a".parse()?;
/// assert_eq!((id.kind(), id.location(), id.id()), ("public.text", "", "3f2a"));
/// # Ok::<(), portico_broker::NotAnId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    kind: String,
    location: String,
    id: String,
}

/// Why a text is no object id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnId {
    /// There are not three parts with a colon between them.
    #[error("an object id has three parts, `type:location:id`")]
    Parts,
    /// The type isn't made of letters, digits, dots, hyphens and underscores, or has an empty part between its dots.
    #[error("a type is words of letters, digits, hyphens and underscores with dots between them")]
    Kind,
    /// The location has a space or a control character in it.
    #[error("a location has no spaces and no control characters")]
    Location,
    /// The id is empty, or has a control character in it.
    #[error("an id is not empty and has no control characters")]
    Id,
    /// A part is longer than it may be: 255 bytes, the id 512.
    #[error("a part of the object id is too long")]
    TooLong,
}

/// Whether a text can be a type: a reversed domain name or a Uniform Type Identifier.
#[must_use]
pub fn is_type(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    text.len() <= SHORT && text.split('.').all(word)
}

impl ObjectId {
    /// Puts an id together.
    ///
    /// # Errors
    /// If a part can't be one.
    pub fn new(kind: &str, location: &str, id: &str) -> Result<Self, NotAnId> {
        if kind.len() > SHORT || location.len() > SHORT || id.len() > LONG {
            return Err(NotAnId::TooLong);
        }
        if [location, id].iter().any(|part| part.contains(':')) {
            return Err(NotAnId::Parts);
        }
        if !is_type(kind) {
            return Err(NotAnId::Kind);
        }
        if location
            .chars()
            .any(|letter| letter.is_control() || letter.is_whitespace())
        {
            return Err(NotAnId::Location);
        }
        if id.is_empty() || id.chars().any(char::is_control) {
            return Err(NotAnId::Id);
        }
        Ok(Self {
            kind: kind.into(),
            location: location.into(),
            id: id.into(),
        })
    }

    /// What it is, as `public.text`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The machine; empty for this one.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Which one of its type there.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl FromStr for ObjectId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let mut parts = text.split(':');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(kind), Some(location), Some(id), None) => Self::new(kind, location, id),
            _ => Err(NotAnId::Parts),
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind, self.location, self.id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_id() {
        for (text, why) in [
            ("", NotAnId::Parts),
            ("public.text", NotAnId::Parts),
            ("public.text:3f2a", NotAnId::Parts),
            ("public.text::a:b", NotAnId::Parts),
            ("::3f2a", NotAnId::Kind),
            ("public..text::3f2a", NotAnId::Kind),
            ("public text::3f2a", NotAnId::Kind),
            ("public.text:my desk:3f2a", NotAnId::Location),
            ("public.text::", NotAnId::Id),
            ("public.text::a\nb", NotAnId::Id),
        ] {
            assert_eq!(text.parse::<ObjectId>(), Err(why), "{text:?}");
        }
        assert_eq!(
            format!("a::{}", "x".repeat(513)).parse::<ObjectId>(),
            Err(NotAnId::TooLong)
        );
    }

    proptest! {
        #[test]
        fn parts_survive(kind in "[a-zA-Z0-9_-]{1,8}(\\.[a-zA-Z0-9_-]{1,8}){0,4}", location in "[^:\\pC\\s]{0,12}", id in "[^:\\pC]{1,12}") {
            let object = ObjectId::new(&kind, &location, &id).unwrap();
            prop_assert_eq!(object.to_string().parse::<ObjectId>(), Ok(object.clone()));
            prop_assert_eq!((object.kind(), object.location(), object.id()), (&*kind, &*location, &*id));
        }

        #[test]
        fn whatever_is_taken_is_shown_the_same(text in "\\PC{0,6}:?\\PC{0,6}:?\\PC{0,6}") {
            if let Ok(object) = text.parse::<ObjectId>() {
                prop_assert_eq!(object.to_string(), text);
            }
        }
    }
}
