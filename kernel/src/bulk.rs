//! Bytes that a message hands to the host, without a copy where none is needed.

use crate::fault::{Failure, Fault};
use crate::memory::Memory;
use crate::portal::Reading;
use crate::process_group::MemoryReservation;

/// An *in* range of a message, checked when that was posted. It is read from program memory itself, which nobody changes before
/// `ar()` returns; of a message that has to wait longer it is a copy, which counts as memory of the program's.
#[derive(Default)]
pub struct Bulk {
    at: u32,
    size: u64,
    copy: Option<(Vec<u8>, MemoryReservation)>,
}

impl Bulk {
    /// The `size` bytes at `at`.
    ///
    /// # Errors
    /// Traps when the range leaves memory.
    pub fn new(memory: &Memory<'_>, at: u32, size: u64, field: &'static str) -> Result<Self, Fault> {
        memory.range(at, size, field)?;
        Ok(Self { at, size, copy: None })
    }

    /// Copies the bytes, for a message that has to wait: to be called in [`Channel::hold`].
    ///
    /// # Errors
    /// Limit when they are more than the host keeps for one program.
    ///
    /// [`Channel::hold`]: crate::Channel::hold
    pub fn hold<H>(&mut self, cx: &Reading<'_, H>) -> Result<(), Failure> {
        if self.copy.is_none() {
            let bytes = self.bytes(cx.memory);
            let kept = cx.keep(bytes.len())?;
            self.copy = Some((bytes.to_vec(), kept));
        }
        Ok(())
    }

    /// The bytes.
    pub fn bytes<'a>(&'a self, memory: &'a Memory<'_>) -> &'a [u8] {
        match &self.copy {
            Some((copy, _)) => copy,
            None => memory.range(self.at, self.size, "bulk").unwrap_or_default(),
        }
    }
}
