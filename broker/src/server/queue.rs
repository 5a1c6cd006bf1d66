//! What waits to be written to one client: whole frames, one after the other.
//!
//! Frames lie in segments and never straddle two, so that nothing is ever moved: a segment is appended to, then written, then
//! gone. A client that has nothing waiting has no segment.

use crate::wire::{self, WHOLE};
use std::collections::VecDeque;
use std::io::IoSlice;

/// Bytes from which on nobody may add for the time being. What waits is at most this and one frame, besides answers to the
/// client itself.
pub(crate) const FULL: usize = 256 * 1024;
/// Bytes below which those who wait for room may go on.
pub(crate) const ROOM: usize = FULL / 2;
/// A quiet client's few answers need no more.
const SMALL: usize = 4096;

#[derive(Debug)]
struct Segment {
    bytes: Vec<u8>,
    written: usize,
    /// A long message for a client that can't take pieces: its memory is accounted for elsewhere.
    gathered: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    segments: VecDeque<Segment>,
    waiting: usize,
    /// Somebody has put it on the list of what is to be written.
    pub(crate) listed: bool,
}

/// Segments that were written and can be used again, so that a busy broker doesn't allocate.
#[derive(Debug, Default)]
pub(crate) struct Spare(Vec<Vec<u8>>);

impl Spare {
    fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_else(|| Vec::with_capacity(WHOLE))
    }

    fn give(&mut self, mut bytes: Vec<u8>) {
        if self.0.len() < 8 && bytes.capacity() == WHOLE {
            bytes.clear();
            self.0.push(bytes);
        }
    }
}

impl Queue {
    /// Bytes that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting >= FULL
    }

    pub(crate) fn has_room(&self) -> bool {
        self.waiting <= ROOM
    }

    /// Adds a frame of at most [`WHOLE`] bytes that comes in two parts.
    #[inline]
    pub(crate) fn push(&mut self, spare: &mut Spare, first: &[u8], second: &[u8]) {
        let size = first.len() + second.len();
        let fits =
            self.segments.back().is_some_and(|last| !last.gathered && last.bytes.capacity() - last.bytes.len() >= size);
        if !fits {
            let bytes =
                if self.segments.is_empty() && size <= SMALL { Vec::with_capacity(SMALL) } else { spare.take() };
            self.segments.push_back(Segment { bytes, written: 0, gathered: false });
        }
        if let Some(last) = self.segments.back_mut() {
            last.bytes.extend_from_slice(first);
            last.bytes.extend_from_slice(second);
            self.waiting += size;
        }
    }

    /// Adds a frame of any length that has memory of its own.
    pub(crate) fn push_own(&mut self, bytes: Vec<u8>, gathered: bool) {
        self.waiting += bytes.len();
        self.segments.push_back(Segment { bytes, written: 0, gathered });
    }

    /// Throws away what waits.
    pub(crate) fn clear(&mut self) {
        self.segments = VecDeque::new();
        self.waiting = 0;
    }

    /// What to write next, in as many slices as there are. Returns how many.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut count = 0;
        for (slice, segment) in slices.iter_mut().zip(&self.segments) {
            *slice = IoSlice::new(&segment.bytes[segment.written..]);
            count += 1;
        }
        count
    }

    /// Takes away what was written. Returns how many bytes of gathered messages are gone.
    pub(crate) fn written(&mut self, spare: &mut Spare, mut count: usize) -> usize {
        self.waiting -= count;
        let mut gathered = 0;
        while let Some(front) = self.segments.front_mut() {
            let left = front.bytes.len() - front.written;
            if count < left {
                front.written += count;
                break;
            }
            count -= left;
            if let Some(done) = self.segments.pop_front() {
                if done.gathered {
                    gathered += done.bytes.len();
                } else {
                    spare.give(done.bytes);
                }
            }
        }
        gathered
    }

    /// The frames that were not written to their end, and how many bytes of gathered messages are among them.
    pub(crate) fn unfinished(&self) -> (impl Iterator<Item = &[u8]>, usize) {
        let frames = self.segments.iter().flat_map(|segment| {
            let mut at = 0;
            std::iter::from_fn(move || {
                loop {
                    let rest = segment.bytes.get(at..)?;
                    let length = wire::head(rest).ok()??.length;
                    at += length;
                    if at > segment.written {
                        return rest.get(..length);
                    }
                }
            })
        });
        let gathered = self.segments.iter().filter(|of| of.gathered).map(|of| of.bytes.len()).sum();
        (frames, gathered)
    }
}
