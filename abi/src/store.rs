//! HTTP (36, 37) and storage (40, 41).

use crate::base::{List, Text};
use crate::macros::{enums, messages};
use zerocopy::little_endian::{U16, U32, U64};

messages! {
    /// Serves over HTTP (command 36).
    struct Serve: 40 {
        /// A [`ServeOp`].
        0 => op: U32,
        /// Port listened on, 0 for any.
        4 => port: U16,
        /// This machine 0, the network 1.
        6 => scope: U16,
        /// Number of the request.
        8 => request: U32,
        /// Status of the answer.
        12 => status: U16,
        /// A [`Method`].
        14 => method: U16,
        /// Path and query.
        16 => url: Text,
        /// Lines `Name: value\n`.
        24 => headers: Text,
        /// `List<u8>`.
        32 => body: List,
    }

    /// Fetches over HTTP (command 37).
    struct Fetch: 48 {
        /// In: a [`Method`].
        0 => method: U16,
        /// Out: status of the answer.
        2 => status: U16,
        /// In and out: `LAST` on the last part.
        4 => flags: U32,
        /// In: address.
        8 => url: Text,
        /// In: lines `Name: value\n`.
        16 => headers: Text,
        /// In, `List<u8>`.
        24 => body: List,
        /// Out: lines `Name: value\n`, with the first part.
        32 => reply_headers: Text,
        /// Out, `List<u8>`: a part of the answer.
        40 => reply: List,
    }

    /// An operation on the program's own files (command 40).
    struct File: 32 {
        /// In: a [`FileOp`].
        0 => op: U32,
        /// In and out: `CREATE`, `NEW`, `TRUNCATE`.
        4 => flags: U32,
        /// In and out: where in the file, or its length.
        8 => at: U64,
        /// In and out: bytes at `data`.
        16 => size: U32,
        /// Address of the bytes.
        20 => data: U32,
        /// In: name of the file.
        24 => name: Text,
    }

    /// Shares a file with the user or another program (command 41).
    struct Share: 24 {
        /// In: a [`ShareOp`].
        0 => op: U32,
        /// In: none so far.
        4 => flags: U32,
        /// In and out: name in the store.
        8 => name: Text,
        /// In: MIME types, separated by spaces.
        16 => types: Text,
    }
}

impl Fetch {
    /// Bit of `flags`: the last part.
    pub const LAST: u32 = 1;
}

impl File {
    /// Bit of `flags`: make the file where there is none.
    pub const CREATE: u32 = 1;
    /// Bit of `flags`: fail where there is one.
    pub const NEW: u32 = 1 << 1;
    /// Bit of `flags`: empty it.
    pub const TRUNCATE: u32 = 1 << 2;
}

enums! {
    /// What a program does as an HTTP server.
    enum ServeOp: u32 {
        /// Listen.
        Listen = 0,
        /// Answer whole.
        Answer = 1,
        /// Send a part.
        Part = 2,
        /// Send the last part.
        Last = 3,
    }

    /// Method of an HTTP request.
    enum Method: u16 {
        /// GET.
        Get = 0,
        /// HEAD.
        Head = 1,
        /// POST.
        Post = 2,
        /// PUT.
        Put = 3,
        /// DELETE.
        Delete = 4,
        /// PATCH.
        Patch = 5,
        /// OPTIONS.
        Options = 6,
    }

    /// What a program does with a file.
    enum FileOp: u32 {
        /// Open it.
        Open = 0,
        /// Read.
        Read = 1,
        /// Write.
        Write = 2,
        /// Change its length.
        Resize = 3,
        /// Wait until it is safe on the disk.
        Sync = 4,
        /// Learn its length.
        Stat = 5,
        /// List names.
        List = 6,
        /// Remove it.
        Remove = 7,
        /// Rename it.
        Rename = 8,
    }

    /// Where a shared file goes.
    enum ShareOp: u32 {
        /// From the user into the store.
        Import = 0,
        /// From the store to the user.
        Export = 1,
        /// To another program.
        HandOver = 2,
    }
}
