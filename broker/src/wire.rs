//! Frames, as they lie on the wire: packed structs, big-endian, read in place.
//!
//! Types 1 to 10 are those of DarqOS's p-kernel, with its layouts; from 16 up they are ours, and go only to who asked for
//! them ([`EXTENDED`]) or is owed an answer. `docs/src/broker.md` has every byte, and a test compares the two.

use zerocopy::big_endian::{U32, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Longest frame that the broker keeps whole, in bytes: 64 KiB of data and the longest header before it.
pub const WHOLE: usize = PIECE + 48;

/// Most data in one delivered piece of a stream, or of a message that is longer than this, in bytes.
pub const PIECE: usize = 64 * 1024;

/// Longest text in a frame, in bytes: object ids, names of services.
pub const TEXT: usize = 1024;

/// Flag in [`OpenPort`]: only its owner, and who was handed the right, may send to the port.
pub const PRIVATE: u32 = 1;
/// Flag in [`OpenPort`]: the owner knows pieces and rights. Without it a port gets nothing that the original doesn't know.
pub const EXTENDED: u32 = 2;

/// Flag of a piece: the first of its stream.
pub const FIRST: u32 = 1;
/// Flag of a piece: the last of its stream.
pub const LAST: u32 = 2;
/// Flag of a piece: the stream ends here and is not whole.
pub const ABORT: u32 = 4;
/// Flag of a delivered piece: it belongs to a long message, not to a stream of the sender's.
pub const MESSAGE: u32 = 8;

/// What a service's key signs, before the 32 bytes of the challenge.
pub const PROOF_CONTEXT: &[u8] = b"portico broker 1: this service's key answers\0";

/// Declares types of frames with their layout; offsets and sizes are checked by the compiler.
macro_rules! frames {
    ($($(#[$about:meta])* $name:ident = $kind:literal, $size:literal {
        $($(#[$field_about:meta])* $offset:literal => $field:ident: $type:ty,)*
    })*) => {
        /// Kind of a frame.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$about])* $name = $kind,)*
        }

        impl Kind {
            /// The type with this number, if there is one.
            #[must_use]
            pub fn of(number: u8) -> Option<Self> {
                match number {
                    $($kind => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Size of its fixed part with the header, in bytes.
            #[must_use]
            pub fn fixed(self) -> usize {
                match self {
                    $(Self::$name => $size,)*
                }
            }
        }

        /// Name, number, size, and each field with its offset: what the book's tables have to say.
        pub const LAYOUT: &[(&str, u8, usize, &[(usize, &str)])] =
            &[$((stringify!($name), $kind, $size, &[$(($offset, stringify!($field)),)*]),)*];

        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
            #[repr(C)]
            pub struct $name {
                /// The first eight bytes.
                pub header: Header,
                $($(#[$field_about])* pub $field: $type,)*
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::new_zeroed()
                }
            }

            impl Fixed for $name {
                const KIND: Kind = Kind::$name;

                fn with_header(mut self, data: usize) -> Self {
                    self.header = Header::of(Kind::$name, $size + data);
                    self
                }
            }

            const _: () = {
                assert!(size_of::<$name>() == $size);
                $(assert!(std::mem::offset_of!($name, $field) == $offset);)*
            };
        )*
    };
}

/// The first eight bytes of every frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Header {
    /// 0; 1 is taken as well.
    pub version: u8,
    /// 8: bytes of the header.
    pub size: u8,
    /// Number of the [`Kind`].
    pub kind: u8,
    /// 0; not looked at.
    pub pad: u8,
    /// Bytes of the whole frame, this header among them.
    pub length: U32,
}

impl Header {
    fn of(kind: Kind, length: usize) -> Self {
        // Whoever makes frames keeps them within the format's 4 GiB; what doesn't fit would be refused as malformed.
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        Self {
            version: 0,
            size: 8,
            kind: kind as u8,
            pad: 0,
            length: length.into(),
        }
    }
}

/// The fixed part of a type of frame.
pub trait Fixed: FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned + Copy {
    /// Its type.
    const KIND: Kind;

    /// The same with its header, for a frame that has `data` bytes behind the fixed part.
    #[must_use]
    fn with_header(self, data: usize) -> Self;

    /// The whole frame.
    fn frame(self, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size_of::<Self>() + data.len());
        bytes.extend_from_slice(self.with_header(data.len()).as_bytes());
        bytes.extend_from_slice(data);
        bytes
    }
}

frames! {
    /// Client: opens a port.
    OpenPort = 1, 24 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// [`PRIVATE`], [`EXTENDED`]; the original writes 0.
        12 => flags: U32,
        /// Port wanted; 0 for any that is free from 16384 up.
        16 => port: U64,
    }

    /// Broker: answers [`OpenPort`].
    OpenedPort = 2, 24 {
        /// Number of the request.
        8 => request: U32,
        /// [`Code`]; 0 if it is open.
        12 => code: u8,
        /// 0.
        13 => pad: [u8; 3],
        /// The port; 0 if none was opened.
        16 => port: U64,
    }

    /// Client: closes a port of its own.
    ClosePort = 3, 24 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// 0.
        12 => pad: U32,
        /// The port.
        16 => port: U64,
    }

    /// Broker: answers [`ClosePort`]. The original has no result in it and doesn't look at these bytes.
    ClosedPort = 4, 24 {
        /// Number of the request.
        8 => request: U32,
        /// [`Code`]; 0 if it is closed.
        12 => code: u8,
        /// 0.
        13 => pad: [u8; 3],
        /// The port.
        16 => port: U64,
    }

    /// Client: sends a message.
    SendMessage = 5, 32 {
        /// A port of the sender's.
        8 => source: U64,
        /// The port that gets it.
        16 => destination: U64,
        /// Bytes of the message, which follow.
        24 => size: U32,
        /// Whatever the sender wants to see again in a [`Failed`]; the original writes 0.
        28 => tag: U32,
    }

    /// Client: sends a piece of a stream.
    SendChunk = 6, 48 {
        /// A port of the sender's.
        8 => source: U64,
        /// The port that gets it.
        16 => destination: U64,
        /// Number of the stream between these two ports, chosen by the sender.
        24 => stream: U64,
        /// Where the piece belongs in the stream: behind all that was sent of it.
        32 => offset: U64,
        /// Bytes of the piece, which follow.
        40 => size: U32,
        /// [`FIRST`], [`LAST`], [`ABORT`].
        44 => flags: U32,
    }

    /// Broker: a message.
    DeliverMessage = 7, 32 {
        /// A port of the sender's.
        8 => source: U64,
        /// The port that gets it.
        16 => destination: U64,
        /// Bytes of the message, which follow.
        24 => size: U32,
        /// As the sender wrote it.
        28 => tag: U32,
    }

    /// Broker: a piece of a stream, or of a long message.
    DeliverChunk = 8, 48 {
        /// A port of the sender's.
        8 => source: U64,
        /// The port that gets it.
        16 => destination: U64,
        /// Number of the stream; for a message, a number that no other unfinished message to this client has.
        24 => stream: U64,
        /// Where the piece belongs.
        32 => offset: U64,
        /// Bytes of the piece, which follow.
        40 => size: U32,
        /// [`FIRST`], [`LAST`], [`ABORT`], [`MESSAGE`].
        44 => flags: U32,
    }

    /// Client: asks to start the machine again. It is noted in the log, and that is all.
    Reboot = 9, 8 {}

    /// Client: asks to end the system. It is noted in the log, and that is all.
    Shutdown = 10, 8 {}

    /// Broker: what a client sent was not delivered.
    Failed = 16, 48 {
        /// Port that it was sent from.
        8 => source: U64,
        /// Port that it was sent to.
        16 => destination: U64,
        /// Stream that has ended; 0 for messages.
        24 => stream: U64,
        /// The tag of the first message lost.
        32 => tag: U32,
        /// How many messages were lost: those from this source to this destination since then. 1 for a stream.
        36 => count: U32,
        /// [`Code`].
        40 => code: u8,
        /// Number of the [`Kind`] that failed.
        41 => kind: u8,
        /// 0.
        42 => pad: [u8; 6],
    }

    /// Client: shows the token that the broker gave the process when it started it.
    Authenticate = 17, 32 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// 0.
        12 => pad: U32,
        /// The token.
        16 => token: [u8; 16],
    }

    /// Broker: answers [`Authenticate`] and [`Proof`].
    Authenticated = 18, 16 {
        /// Number of the request.
        8 => request: U32,
        /// [`Code`]; 0 if the client is the service now.
        12 => code: u8,
        /// 0.
        13 => pad: [u8; 3],
    }

    /// Client: says that it holds this key of a service.
    Prove = 19, 48 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// 0.
        12 => pad: U32,
        /// The ed25519 public key.
        16 => key: [u8; 32],
    }

    /// Broker: answers [`Prove`] with what is to be signed, after [`PROOF_CONTEXT`].
    Challenge = 20, 48 {
        /// Number of the request.
        8 => request: U32,
        /// 0.
        12 => pad: U32,
        /// Random bytes.
        16 => nonce: [u8; 32],
    }

    /// Client: answers [`Challenge`].
    Proof = 21, 80 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// 0.
        12 => pad: U32,
        /// The ed25519 signature.
        16 => signature: [u8; 64],
    }

    /// Client: one of its ports handles a type, or one object.
    Serve = 22, 32 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// Bytes of the type's name, or of the object id, which follow.
        12 => size: U32,
        /// A port of the client's.
        16 => port: U64,
        /// 0.
        24 => pad: U64,
    }

    /// Broker: answers [`Serve`].
    Serving = 23, 16 {
        /// Number of the request.
        8 => request: U32,
        /// [`Code`].
        12 => code: u8,
        /// 0.
        13 => pad: [u8; 3],
    }

    /// Client: wants the port of what handles an object, which is started if need be.
    Resolve = 24, 24 {
        /// Number that the answers repeat.
        8 => request: U32,
        /// Milliseconds that the client waits; 0 for what the broker thinks right.
        12 => patience: U32,
        /// Bytes of the object id, which follow.
        16 => size: U32,
        /// 0.
        20 => pad: U32,
    }

    /// Broker: answers [`Resolve`], once with [`Code::Starting`] if that takes time, and once for good.
    Resolved = 25, 24 {
        /// Number of the request.
        8 => request: U32,
        /// [`Code`].
        12 => code: u8,
        /// 0.
        13 => pad: [u8; 3],
        /// The port; 0 if there is none.
        16 => port: U64,
    }

    /// Client: sends a message that hands over the right to send to a private port.
    SendRight = 26, 40 {
        /// A port of the sender's.
        8 => source: U64,
        /// The port that gets it.
        16 => destination: U64,
        /// Bytes of the message, which follow; at most 64 KiB.
        24 => size: U32,
        /// As in [`SendMessage`].
        28 => tag: U32,
        /// The private port: the sender's own, or one that the sender has a right to.
        32 => right: U64,
    }

    /// Broker: a message with a right.
    DeliverRight = 27, 40 {
        /// A port of the sender's.
        8 => source: U64,
        /// The port that gets it.
        16 => destination: U64,
        /// Bytes of the message, which follow.
        24 => size: U32,
        /// As the sender wrote it.
        28 => tag: U32,
        /// The port that the receiver may send to from now on.
        32 => right: U64,
    }

    /// Client: wants the directory.
    List = 28, 16 {
        /// Number that the answer repeats.
        8 => request: U32,
        /// 0.
        12 => pad: U32,
    }

    /// Broker: answers [`List`].
    Listing = 29, 16 {
        /// Number of the request.
        8 => request: U32,
        /// Bytes of the JSON text, which follow.
        12 => size: U32,
    }

    /// Client: says what it calls itself, for people who read the directory. Not answered; the last one counts.
    Label = 30, 16 {
        /// Bytes of the text, which follow. What isn't UTF-8 or can't be seen is left out, and what is longer cut.
        8 => size: U32,
        /// 0.
        12 => pad: U32,
    }
}

/// What became of a request, or why something was not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[repr(u8)]
pub enum Code {
    /// It is done.
    #[error("done")]
    Done = 0,
    /// No number is left for a port.
    #[error("no port is left")]
    NoneLeft = 1,
    /// Somebody else has the port or the name; its owner isn't disturbed.
    #[error("taken")]
    Taken = 2,
    /// It is reserved for a service that this client hasn't shown to be, or private to those who hold a right.
    #[error("not permitted")]
    NotPermitted = 3,
    /// This client has as many as one client may have.
    #[error("too many")]
    TooMany = 4,
    /// Nobody has the port open.
    #[error("no such port")]
    NoSuchPort = 5,
    /// The port belongs to another client, or to none.
    #[error("not your port")]
    NotYours = 6,
    /// It is longer than the broker takes.
    #[error("too large")]
    TooLarge = 7,
    /// The receiver went before it had all of it.
    #[error("the receiver is gone")]
    ReceiverGone = 8,
    /// The piece doesn't follow on what was sent of its stream, which is ended.
    #[error("out of order")]
    OutOfOrder = 9,
    /// The receiver knows only what the original knows: no streams, no rights.
    #[error("the receiver does not know this")]
    NotUnderstood = 10,
    /// The text is no object id, or no name.
    #[error("not an object id")]
    NotAnId = 11,
    /// The object is on another machine.
    #[error("unavailable")]
    Unavailable = 12,
    /// No service handles this type.
    #[error("nothing handles this type")]
    NoHandler = 13,
    /// Not an end: the service is being started, and another answer follows.
    #[error("being started")]
    Starting = 14,
    /// The service didn't come up in time.
    #[error("it did not start in time")]
    TimedOut = 15,
    /// The service could not be started, or ended before it was ready.
    #[error("it could not be started")]
    StartFailed = 16,
    /// The service ended so often that the broker waits before it starts it again.
    #[error("it keeps ending and rests for a while")]
    Resting = 17,
}

impl Code {
    /// Every code, by number.
    pub const ALL: [Self; 18] = [
        Self::Done,
        Self::NoneLeft,
        Self::Taken,
        Self::NotPermitted,
        Self::TooMany,
        Self::NoSuchPort,
        Self::NotYours,
        Self::TooLarge,
        Self::ReceiverGone,
        Self::OutOfOrder,
        Self::NotUnderstood,
        Self::NotAnId,
        Self::Unavailable,
        Self::NoHandler,
        Self::Starting,
        Self::TimedOut,
        Self::StartFailed,
        Self::Resting,
    ];

    /// The code with this number, if there is one.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Reason why bytes are no frame. What follows them in the connection can't be read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Neither 0 nor 1.
    #[error("version {0}")]
    Version(u8),
    /// Not 8.
    #[error("a header of {0} bytes")]
    HeaderSize(u8),
    /// No such type.
    #[error("type {0}")]
    Kind(u8),
    /// A type that only the other side sends.
    #[error("a frame that only the other side sends, {0:?}")]
    Direction(Kind),
    /// Not as long as frames of this type are.
    #[error("{0:?} of {1} bytes")]
    Length(Kind, u32),
    /// The size of its data says something else than the length of the frame.
    #[error("{0:?} of {1} bytes that claims {2} bytes of data")]
    Size(Kind, u32, u32),
}

/// A header that makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Type of the frame.
    pub kind: Kind,
    /// Bytes of the whole frame.
    pub length: usize,
}

/// What stands before data in a frame: how the fixed part says the data's size, and the most that is allowed.
fn data(kind: Kind) -> Option<(usize, usize)> {
    match kind {
        Kind::SendMessage | Kind::DeliverMessage => Some((24, u32::MAX as usize - 32)),
        Kind::SendChunk | Kind::DeliverChunk => Some((40, u32::MAX as usize - 48)),
        Kind::SendRight | Kind::DeliverRight => Some((24, PIECE)),
        Kind::Serve => Some((12, TEXT)),
        Kind::Label => Some((8, TEXT)),
        Kind::Resolve => Some((16, TEXT)),
        Kind::Listing => Some((12, u32::MAX as usize - 16)),
        _ => None,
    }
}

/// Reads the header at the front of `bytes`; nothing if it isn't all there.
///
/// # Errors
/// If it can't be the header of any frame.
#[inline]
pub fn head(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
    let Ok((header, _)) = Header::ref_from_prefix(bytes) else {
        return Ok(None);
    };
    if header.version > 1 {
        return Err(Malformed::Version(header.version));
    }
    let length = header.length.get();
    if header.size != 8 {
        return Err(Malformed::HeaderSize(header.size));
    }
    let kind = Kind::of(header.kind).ok_or(Malformed::Kind(header.kind))?;
    let most = data(kind).map_or(0, |(_, most)| most);
    let in_range = (kind.fixed()..=kind.fixed() + most).contains(&(length as usize));
    if in_range {
        Ok(Some(Head {
            kind,
            length: length as usize,
        }))
    } else {
        Err(Malformed::Length(kind, length))
    }
}

/// Reads the fixed part of a frame, whose header was read before; nothing if it isn't all there.
///
/// # Errors
/// If the size of its data contradicts the length of the frame, or if it is of another type.
#[inline]
pub fn fixed<T: Fixed>(head: Head, bytes: &[u8]) -> Result<Option<&T>, Malformed> {
    let length = head.length as u32;
    if head.kind != T::KIND {
        return Err(Malformed::Length(head.kind, length));
    }
    let Ok((fixed, _)) = T::ref_from_prefix(bytes) else {
        return Ok(None);
    };
    if let Some((at, _)) = data(head.kind) {
        let claimed = bytes
            .get(at..at + 4)
            .and_then(|bytes| U32::read_from_bytes(bytes).ok())
            .unwrap_or_default()
            .get();
        if claimed as usize != head.length - size_of::<T>() {
            return Err(Malformed::Size(head.kind, length, claimed));
        }
    }
    Ok(Some(fixed))
}

/// Splits a whole frame into its fixed part and its data.
///
/// # Errors
/// As [`fixed()`], and if `bytes` isn't one whole frame.
#[inline]
pub fn whole<T: Fixed>(head: Head, bytes: &[u8]) -> Result<(&T, &[u8]), Malformed> {
    match fixed::<T>(head, bytes)? {
        Some(fixed) if bytes.len() == head.length => Ok((fixed, &bytes[size_of::<T>()..])),
        _ => Err(Malformed::Length(head.kind, head.length as u32)),
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
