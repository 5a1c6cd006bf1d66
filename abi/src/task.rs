//! Tasks and interfaces: children and parents (17, 18), launching (53), messages between programs (54 to 58), and what every
//! program needs of its kernel: why a channel closed (45), timers (46).

use crate::base::{List, Text};
use crate::macros::{enums, messages};
use zerocopy::little_endian::{U32, U64};

messages! {
    /// A child task (command 17).
    struct Task: 16 {
        /// In, `List<u8>`: the child's module.
        0 => spawn_wasm: List,
        /// In and out, `List<u8>`: the memory that parent and child share in turns.
        8 => shared_memory: List,
    }

    /// What goes to the parent and comes back (command 18).
    struct Message: 8 {
        /// In and out, `List<u8>`: the memory that parent and child share in turns.
        0 => shared_memory: List,
    }

    /// Why a channel closed (command 45).
    struct Why: 16 {
        /// In: id that the channel had.
        0 => channel: U32,
        /// Out: number of a [`Code`](crate::Code).
        4 => code: U32,
        /// Out: what happened, for a reader.
        8 => text: Text,
    }

    /// A timer (command 46).
    struct Timer: 28 {
        /// In: microseconds from the send to the first tick; `u64::MAX` never.
        0 => first: U64,
        /// In: microseconds from one tick to the next; 0 ticks once.
        8 => period: U64,
        /// Out: ticks due since the last ready, at least 1.
        16 => ticks: U32,
        /// Out: the clock now, in microseconds since the program started.
        20 => micros: U64,
    }

    /// Starts another program (command 53).
    struct Launch: 40 {
        /// BLAKE3-256 hash of the program.
        0 => hash: [u8; 32],
        /// Its arguments, a line each.
        32 => arguments: Text,
    }

    /// Handles an interface (command 54).
    struct Handle: 56 {
        /// In: hash of the interface.
        0 => interface: [u8; 32],
        /// Out: number of the message, 0 where no answer is wanted.
        32 => message: U64,
        /// Out: number of the sender.
        40 => sender: U64,
        /// Out, `List<u8>`: the message.
        48 => body: List,
    }

    /// Answers a message to an interface (command 55).
    struct Answer: 20 {
        /// Number of the message.
        0 => message: U64,
        /// 0 for success.
        8 => code: U32,
        /// `List<u8>`: the answer.
        12 => body: List,
    }

    /// Calls an interface (command 56).
    struct Call: 56 {
        /// In: hash of the interface.
        0 => interface: [u8; 32],
        /// In: `NO_ANSWER`, `NO_WAIT`.
        32 => flags: U32,
        /// Out: code of the answer.
        36 => code: U32,
        /// In, `List<u8>`: the message.
        40 => body: List,
        /// Out, `List<u8>`: the answer.
        48 => reply: List,
    }

    /// A port on the message broker (command 57).
    struct Port: 40 {
        /// In and out: number of a [`PortOp`].
        0 => op: U32,
        /// In and out: number of the port.
        4 => port: U64,
        /// In and out: port at the other end.
        12 => peer: U64,
        /// In and out: number of the stream, with `LAST` and `ABORT`.
        20 => stream: U32,
        /// In and out: where the part belongs in its stream.
        24 => offset: U64,
        /// In and out, `List<u8>`: the message or part.
        32 => body: List,
    }

    /// Finds the port of a running handler (command 58).
    struct Resolve: 16 {
        /// In: `type:location:id`.
        0 => object: Text,
        /// Out: number of the port.
        8 => port: U64,
    }
}

impl Call {
    /// Bit of `flags`: no answer is wanted.
    pub const NO_ANSWER: u32 = 1;
    /// Bit of `flags`: do not wait for a handler.
    pub const NO_WAIT: u32 = 1 << 1;
}

impl Port {
    /// Bit of `stream`: the last part.
    pub const LAST: u32 = 1 << 31;
    /// Bit of `stream`: it ends with this part and is not whole.
    pub const ABORT: u32 = 1 << 30;
}

enums! {
    /// What a [`Port`] says (command 57).
    enum PortOp: u32 {
        /// In: opens the port. Out: it is open.
        Open = 0,
        /// In: sends a message. Out: the next can follow.
        Send = 1,
        /// In: sends a part of a stream. Out: the next can follow.
        SendPart = 2,
        /// Out: a message has come.
        Message = 3,
        /// Out: a part of a stream has come.
        Part = 4,
        /// Out: messages were not delivered.
        Lost = 5,
        /// Out: a stream was not delivered; it has ended.
        StreamLost = 6,
    }
}
