//! Keys: command 26. For text that is typed see [`text`](crate::text).

use crate::events::{Event, Events, listen};
use portico_abi::which;
pub use portico_abi::{KeyState, key, modifier};
use std::time::Duration;

/// What happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// When, on the program's clock.
    pub at: Duration,
    /// Which key: a position, one of [`key`].
    pub code: u16,
    /// What happened.
    pub state: KeyState,
    /// Bits of [`modifier`] that were down.
    pub modifiers: u8,
}

impl Key {
    /// Whether it went down or counts again because it is held.
    pub fn is_down(&self) -> bool {
        self.state != KeyState::Released
    }
}

impl Event for Key {
    type Packed = portico_abi::Key;

    fn unpack(event: &Self::Packed) -> Option<Self> {
        let at = Duration::from_micros(event.micros.get());
        let state = KeyState::from_number(event.state)?;
        Some(Self {
            at,
            code: event.code.get(),
            state,
            modifiers: event.modifiers,
        })
    }
}

/// Keys, while the window has the focus. Those that are held when it goes are released.
pub fn open() -> Events<Key> {
    listen(which::KEYS)
}
