//! Ends of a program: its exit, and the report of a trap.

/// The end of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(u32),
    /// It broke a rule of the ABI or of WebAssembly.
    Trap(Box<Report>),
    /// It was ended from outside.
    Ended,
    /// It could not be started.
    Refused(String),
}

impl Exit {
    /// Exit code of a run, 0 to 122.
    pub fn code(&self) -> u8 {
        match self {
            Self::Code(code) => u8::try_from(*code).unwrap_or(119).min(119),
            Self::Trap(_) => 120,
            Self::Ended => 121,
            Self::Refused(_) => 122,
        }
    }
}

/// The report of a trap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// One sentence for the user.
    pub summary: String,
    /// The rest, for the author: command, channel, field and address, or the stack; several lines.
    pub details: String,
}
