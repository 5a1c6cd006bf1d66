//! Why the host closed a channel.

use portico_abi::Code;
use std::fmt;
use std::rc::Rc;

/// Why the host closed a channel, as command 45 tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: Code,
    why: Rc<str>,
}

impl Error {
    pub(crate) fn new(code: Code, why: &str) -> Self {
        Self { code, why: why.into() }
    }

    /// What kind of failure it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What happened, for a reader; empty where the host does not say.
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.code {
            Code::Unsupported => "not supported here",
            Code::Denied => "denied",
            Code::Unavailable => "not available",
            Code::Invalid => "invalid",
            Code::Disconnected => "disconnected",
            Code::Limit => "a limit was met",
            Code::Revoked => "the permission was taken back",
            Code::Failed => "failed",
        };
        if self.why.is_empty() {
            formatter.write_str(kind)
        } else {
            write!(formatter, "{kind}: {}", self.why)
        }
    }
}

impl std::error::Error for Error {}
