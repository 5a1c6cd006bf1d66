//! Failures and traps of commands: a trap ends the program, a failure closes the channel.

use std::borrow::Cow;
use std::fmt;

pub use portico_abi::Code;

/// Why a channel is closed by the host: what command 45 tells the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Kind of the failure.
    pub code: Code,
    /// One sentence for the author of the program.
    pub text: Cow<'static, str>,
}

impl Failure {
    /// A failure with its sentence.
    pub fn new(code: Code, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}

/// A broken message: what is wrong with which field. The kernel adds the command and the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Field as the ABI reference names it, for example `pixels`.
    pub field: &'static str,
    /// Address in program memory.
    pub address: u32,
    /// What is wrong, for example `leaves memory`.
    pub what: Cow<'static, str>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {:#x} {}", self.field, self.address, self.what)
    }
}

/// How taking a message can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The program is broken and ends.
    Trap(Trap),
    /// The channel closes and the program goes on.
    Failure(Failure),
}

impl Fault {
    /// A failure: the channel closes with `code`.
    pub fn failure(code: Code, text: impl Into<Cow<'static, str>>) -> Self {
        Self::Failure(Failure::new(code, text))
    }

    /// A trap: the program ends.
    pub fn trap(field: &'static str, address: u32, what: impl Into<Cow<'static, str>>) -> Self {
        Self::Trap(Trap {
            field,
            address,
            what: what.into(),
        })
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}
