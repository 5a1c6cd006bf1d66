//! Reasons not to start a program.

use crate::signature::SignatureError;
use crate::text::one_line;
use std::fmt;
use wasmparser::BinaryReaderError;

/// Most reasons in one sentence.
const MOST_REASONS: usize = 10;

/// A reason not to start a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not begin as WebAssembly does.
    NotWebAssembly,
    /// It is no WebAssembly module; the text says where it stops being one.
    NotAModule(String),
    /// It is a WebAssembly component.
    Component,
    /// It imports something that is not there.
    UnknownImport(String),
    /// It imports `daku.ar` with another type.
    WrongImport,
    /// It exports no memory named `memory`.
    NoMemory,
    /// Its memory is 64-bit or shared.
    WrongMemory(&'static str),
    /// It exports neither `run` nor `_start`.
    NoEntry,
    /// Its entry takes parameters or returns results.
    WrongEntry(&'static str),
    /// It carries a signature that does not fit.
    Signature(SignatureError),
    /// It has more of these than are looked into: what, and the number.
    TooMany(&'static str, usize),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWebAssembly => f.write_str("it is not a WebAssembly file"),
            Self::NotAModule(why) => write!(f, "it is not a valid WebAssembly module: {why}"),
            Self::Component => f.write_str("it is a WebAssembly component, and only core modules can run"),
            Self::UnknownImport(name) => write!(f, "it imports `{name}`, which this host does not have"),
            Self::WrongImport => f.write_str("it imports `daku.ar` with a type other than (i32, i32, i32) -> i32"),
            Self::NoMemory => f.write_str("it exports no memory named `memory`"),
            Self::WrongMemory(why) => write!(f, "its memory is {why}; it has to be 32-bit and not shared"),
            Self::NoEntry => f.write_str("it exports neither a function `run` nor `_start`"),
            Self::Signature(error) => write!(f, "{error}"),
            Self::TooMany(what, most) => write!(f, "it has more than {most} {what}"),
            Self::WrongEntry(name) => write!(f, "its entry `{name}` has parameters or results; it may have none"),
        }
    }
}

impl From<BinaryReaderError> for Refusal {
    fn from(error: BinaryReaderError) -> Self {
        Self::NotAModule(one_line(&error.to_string()))
    }
}

/// Puts the reasons for which a program is refused into one sentence: the first ones of a file that has many.
pub fn reasons(refusals: &[Refusal]) -> String {
    let mut text = refusals
        .iter()
        .take(MOST_REASONS)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    if let Some(more) = refusals.len().checked_sub(MOST_REASONS).filter(|more| *more > 0) {
        text.push_str(&format!("; and {more} more"));
    }
    text
}
