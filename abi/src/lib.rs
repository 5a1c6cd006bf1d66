//! The Daku ABI: numbers and packed structs that a host and its programs share.
//!
//! Layouts are those of the ABI reference (`docs/src/abi.md`), byte for byte: little endian, packed, alignment 1. A size or
//! an offset that differs from the reference fails to compile. Nothing here allocates or knows a host.
//!
//! Fields are marked *in* (the host reads them) and *out* (the host writes them); unmarked ones are what the command's row in
//! the reference says. A `bool` of the ABI is a `u8` here, since the other side can write any byte into it.
#![no_std]

mod base;
mod bluetooth;
mod chrome;
mod device;
mod gpu;
mod host;
mod input;
mod macros;
mod store;
mod task;

pub use base::{Code, Command, List, Number, Text};
pub use bluetooth::{Central, CentralOp, GattAttribute, GattCharacteristic, GattService, Peripheral, PeripheralOp};
pub use chrome::{
    Action, Clipboard, ClipboardOp, CursorShape, Drop, Level, Menu, NavigationActionEvent, NavigationActions,
    Notification, Print, Search, Tab, Tabs, ToolbarNames, Unsaved, WindowActionEvent, WindowActions,
};
pub use device::{Audio, Frame, GpioBias, GpioDirection, GpioEdges, GpioState, GpioWatch, Scale, Video};
pub use gpu::{
    Attribute, Binding, BindingKind, Color, Compute, Depth, Entry, GpuCommand, GpuCommandId, GpuOp, GpuOpId, Picture,
    Pipeline, Region, Sampler, Slot, Stencil, Target, Vertices,
};
pub use host::{
    Architecture, Date, DateTime, Environment, Lang, Language, LeapSecond, Overclock, Platform, RefSize, Runtime, Time,
    TimeAdjustment, TimeZone, Window,
};
pub use input::{
    Controllers, Cursor, CursorKind, Key, KeyState, MouseButton, Pad, PadKind, Rumble, TextInput, modifier,
};
pub use store::{Fetch, File, FileOp, Method, Serve, ServeOp, Share, ShareOp};
pub use task::{Answer, Call, Handle, Launch, Message, Port, PortOp, Resolve, Task, Timer, Why};

pub mod key;
/// Number of each command, as it stands in [`Command::which`].
pub mod which;

/// Most channels that a program may have open at once, and most entries of a ready list.
pub const MAX_CHANNELS: u32 = 16_384;
/// Highest channel id that a program may choose.
pub const MAX_CHANNEL_ID: u32 = 0x7FFF_FFFF;
/// Bit of a ready entry that says that the host has closed the channel.
pub const CLOSED: u32 = 0x8000_0000;

#[cfg(test)]
mod tests;
