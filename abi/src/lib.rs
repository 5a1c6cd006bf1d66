//! The Daku ABI: numbers and packed structs that a host and its programs share.
//!
//! Layouts are those of the ABI reference (`docs/src/abi.md`), byte for byte: little endian, packed, alignment 1. A size or
//! an offset that differs from the reference fails to compile. Nothing here allocates or knows a host.
#![no_std]

mod base;

pub use base::{Code, Command, List, Text};

/// Number of each command, as it stands in [`Command::which`].
pub mod which;

/// Most channels that a program may have open at once, and most entries of a ready list.
pub const MAX_CHANNELS: u32 = 16_384;
/// Highest channel id that a program may choose.
pub const MAX_CHANNEL_ID: u32 = 0x7FFF_FFFF;
/// Bit of a ready entry that says that the host has closed the channel.
pub const CLOSED: u32 = 0x8000_0000;
