//! What every command builds on: the command itself, lists, texts and failure codes.

use core::mem::{offset_of, size_of};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, little_endian::U32};

/// One entry of the list that a program hands to `ar()`.
///
/// ```
/// use portico_abi::{Command, which};
/// use zerocopy::IntoBytes;
///
/// // Opens channel 1 for the clock, with its message at the address 64.
/// let open = Command {
///     channel: 0.into(),
///     new: 1.into(),
///     which: which::UTC.into(),
///     data: 64.into(),
/// };
/// assert_eq!(open.as_bytes()[12..], [64, 0, 0, 0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Command {
    /// Channel that the command is for; 0 to open one, or to exit.
    pub channel: U32,
    /// Id that the channel has afterwards; 0 to discard it.
    pub new: U32,
    /// Number of the command when a channel opens, exit code when the program exits.
    pub which: U32,
    /// Address of the message, 0 for none.
    pub data: U32,
}

const _: () = assert!(size_of::<Command>() == 16);
const _: () = assert!(offset_of!(Command, data) == 12);

/// A list in program memory: `size` elements at `data`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct List {
    /// Number of elements; the capacity when posted for the host to fill.
    pub size: U32,
    /// Address of the first element, 0 for none.
    pub data: U32,
}

const _: () = assert!(size_of::<List>() == 8);

/// UTF-8 text in program memory: a list of bytes.
pub type Text = List;

/// Why the host closed a channel (command 45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Code {
    /// This host does not know the command, op, enum value or flag bit.
    Unsupported = 1,
    /// The user's answer is no, or not now.
    Denied = 2,
    /// No such device, file, host, program or handler.
    Unavailable = 3,
    /// A number or text out of its range.
    Invalid = 4,
    /// What was connected went away.
    Disconnected = 5,
    /// A limit of the program was met.
    Limit = 6,
    /// The user took the permission back while the channel was open.
    Revoked = 7,
    /// Anything else; the text says what.
    Failed = 8,
}

impl Code {
    /// The code with that number, if there is one.
    pub fn from_number(number: u32) -> Option<Self> {
        use Code::*;
        [
            Unsupported,
            Denied,
            Unavailable,
            Invalid,
            Disconnected,
            Limit,
            Revoked,
            Failed,
        ]
        .into_iter()
        .find(|code| *code as u32 == number)
    }
}

/// A message that is one number.
pub type Number = U32;
