//! A clipboard in memory.

use super::Clipboard;
use crate::reply::Reply;
use parking_lot::Mutex;

/// A clipboard in memory, for runs that have nothing to do with the desktop.
#[derive(Debug, Default)]
pub struct MemoryClipboard(Mutex<String>);

impl Clipboard for MemoryClipboard {
    fn read(&self, told: Reply<String>) {
        told.give(Ok(self.0.lock().clone()));
    }

    fn write(&self, text: String, told: Reply<String>) {
        *self.0.lock() = text;
        told.give(Ok(String::new()));
    }
}
