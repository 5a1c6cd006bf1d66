//! Queue of one client's writes: whole frames, one after the other.
//!
//! Frames lie in segments and never straddle two, so that nothing is ever moved: a segment is appended to, then written, then
//! gone. What was just read is not copied at all if it can be written at once: such a segment is lent by the buffer that was
//! read into, and owns its bytes only from when that is used again. A client that has nothing waiting has no segment.

use crate::wire::{self, DeliverChunk, WHOLE};
use std::collections::VecDeque;
use std::io::IoSlice;
use std::ops::Range;
use zerocopy::IntoBytes;

/// Bytes from which on nobody may add for the time being. What waits is at most this and one frame, besides answers to the
/// client itself.
pub(crate) const FULL: usize = 256 * 1024;
/// Bytes below which those who wait for room may go on.
pub(crate) const ROOM: usize = FULL / 2;
/// A quiet client's few answers need no more.
const SMALL: usize = 4096;
/// Segments from which on nothing more is lent: a message then costs less to copy than to write from where it lies.
const SCATTERED: usize = 16;
/// Most slices that [`Queue::slices`] has a use for.
pub(crate) const SLICES: usize = 2 * SCATTERED;

#[derive(Debug)]
enum Bytes {
    Own(Vec<u8>),
    /// These of the buffer.
    Lent(Range<usize>),
}

impl Bytes {
    fn len(&self) -> usize {
        match self {
            Self::Own(bytes) => bytes.len(),
            Self::Lent(range) => range.len(),
        }
    }

    fn of<'a>(&'a self, buffer: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Lent(range) => &buffer[range.clone()],
        }
    }
}

#[derive(Debug)]
struct Segment {
    /// The front of a piece; the bytes are its data. Otherwise they are whole frames.
    piece: Option<DeliverChunk>,
    bytes: Bytes,
    /// Bytes before these that were written and not kept.
    gone: usize,
    /// Bytes that were written, with those.
    written: usize,
    /// A long message for a client that can't take pieces: its memory is accounted for elsewhere.
    gathered: bool,
}

impl Segment {
    fn new(bytes: Bytes) -> Self {
        Self {
            piece: None,
            bytes,
            gone: 0,
            written: 0,
            gathered: false,
        }
    }

    fn front(&self) -> &[u8] {
        self.piece.as_ref().map_or(&[], IntoBytes::as_bytes)
    }

    fn len(&self) -> usize {
        self.front().len() + self.gone + self.bytes.len()
    }

    /// What is not written yet.
    fn rest<'a>(&'a self, buffer: &'a [u8]) -> [&'a [u8]; 2] {
        let front = self.front();
        let behind = self.written.saturating_sub(front.len() + self.gone);
        [
            front.get(self.written..).unwrap_or_default(),
            &self.bytes.of(buffer)[behind..],
        ]
    }
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    segments: VecDeque<Segment>,
    waiting: usize,
    /// Somebody has put it on the list of what is to be written.
    pub(crate) listed: bool,
    /// Somebody has put it on the list of those who have something lent.
    pub(crate) borrows: bool,
}

/// Segments that were written and can be used again, so that a busy broker doesn't allocate.
#[derive(Debug, Default)]
pub(crate) struct BufferPool(Vec<Vec<u8>>);

impl BufferPool {
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
    pub(crate) fn push(&mut self, pool: &mut BufferPool, first: &[u8], second: &[u8]) {
        let size = first.len() + second.len();
        self.waiting += size;
        let last = match self.segments.back_mut() {
            Some(Segment {
                piece: None,
                gathered: false,
                bytes: Bytes::Own(bytes),
                ..
            }) if bytes.capacity() - bytes.len() >= size => bytes,
            last => {
                let few = last.is_none_or(|last| matches!(last.bytes, Bytes::Lent(_)));
                let bytes = if few && size <= SMALL {
                    Vec::with_capacity(SMALL)
                } else {
                    pool.take()
                };
                let last = self.segments.push_back_mut(Segment::new(Bytes::Own(bytes)));
                let Bytes::Own(bytes) = &mut last.bytes else { return };
                bytes
            }
        };
        last.extend_from_slice(first);
        last.extend_from_slice(second);
    }

    /// Adds whole frames, or the data of a piece, that lie in the buffer from `at` on. Returns whether they are lent.
    #[inline]
    pub(crate) fn lend(&mut self, pool: &mut BufferPool, piece: Option<DeliverChunk>, at: usize, bytes: &[u8]) -> bool {
        if let (
            None,
            Some(Segment {
                piece: None,
                bytes: Bytes::Lent(range),
                ..
            }),
        ) = (&piece, self.segments.back_mut())
            && range.end == at
        {
            range.end += bytes.len();
            self.waiting += bytes.len();
            return true;
        }
        if self.segments.len() >= SCATTERED {
            self.push(pool, piece.as_ref().map_or(&[], IntoBytes::as_bytes), bytes);
            return false;
        }
        let segment = Segment {
            piece,
            ..Segment::new(Bytes::Lent(at..at + bytes.len()))
        };
        self.waiting += segment.len();
        self.segments.push_back(segment);
        true
    }

    /// Copies what is lent, as the buffer is about to be used again.
    pub(crate) fn settle(&mut self, pool: &mut BufferPool, buffer: &[u8]) {
        self.borrows = false;
        if !self
            .segments
            .iter()
            .any(|segment| matches!(segment.bytes, Bytes::Lent(_)))
        {
            return;
        }
        for segment in std::mem::take(&mut self.segments) {
            let Bytes::Lent(range) = &segment.bytes else {
                self.segments.push_back(segment);
                continue;
            };
            let mut bytes = &buffer[range.clone()];
            if segment.piece.is_some() {
                let gone = segment.written.saturating_sub(segment.front().len());
                bytes = &bytes[gone..];
                let mut own = if bytes.len() > SMALL {
                    pool.take()
                } else {
                    Vec::with_capacity(bytes.len())
                };
                own.extend_from_slice(bytes);
                self.segments.push_back(Segment {
                    bytes: Bytes::Own(own),
                    gone,
                    ..segment
                });
                continue;
            }
            self.waiting -= segment.len() - segment.written;
            let mut written = segment.written;
            while let Ok(Some(head)) = wire::head(bytes)
                && let Some((frame, behind)) = bytes.split_at_checked(head.length)
            {
                bytes = behind;
                if written >= frame.len() {
                    written -= frame.len();
                    continue;
                }
                self.push(pool, frame, &[]);
                // One that was begun is the first of all.
                if written > 0
                    && let Some(front) = self.segments.front_mut()
                {
                    front.written = std::mem::take(&mut written);
                    self.waiting -= front.written;
                }
            }
        }
    }

    /// Adds a frame of any length that has memory of its own.
    pub(crate) fn push_own(&mut self, bytes: Vec<u8>, gathered: bool) {
        self.waiting += bytes.len();
        self.segments.push_back(Segment {
            gathered,
            ..Segment::new(Bytes::Own(bytes))
        });
    }

    /// Throws away what waits.
    pub(crate) fn clear(&mut self) {
        self.segments = VecDeque::new();
        self.waiting = 0;
    }

    /// What to write next, in as many slices as there are. Returns how many.
    pub(crate) fn slices<'a>(&'a self, buffer: &'a [u8], slices: &mut [IoSlice<'a>]) -> usize {
        let rest = self
            .segments
            .iter()
            .flat_map(|segment| segment.rest(buffer))
            .filter(|bytes| !bytes.is_empty());
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(rest) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        count
    }

    /// Takes away what was written. Returns how many bytes of gathered messages are gone.
    pub(crate) fn written(&mut self, pool: &mut BufferPool, mut count: usize) -> usize {
        self.waiting -= count;
        let mut gathered = 0;
        while let Some(front) = self.segments.front_mut() {
            let left = front.len() - front.written;
            if count < left {
                front.written += count;
                break;
            }
            count -= left;
            match self.segments.pop_front() {
                Some(Segment {
                    gathered: true, bytes, ..
                }) => gathered += bytes.len(),
                Some(Segment {
                    bytes: Bytes::Own(bytes),
                    ..
                }) => pool.give(bytes),
                _ => {}
            }
        }
        gathered
    }

    /// The fronts of the frames that were not written to their end.
    pub(crate) fn unfinished<'a>(&'a self, buffer: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.segments.iter().flat_map(move |segment| {
            let bytes = if segment.piece.is_some() {
                &[]
            } else {
                segment.bytes.of(buffer)
            };
            let mut at = 0;
            let frames = std::iter::from_fn(move || {
                loop {
                    let rest = bytes.get(at..)?;
                    let length = wire::head(rest).ok()??.length;
                    at += length;
                    if at > segment.written {
                        return rest.get(..length);
                    }
                }
            });
            segment
                .piece
                .as_ref()
                .map(IntoBytes::as_bytes)
                .into_iter()
                .chain(frames)
        })
    }

    /// Bytes of gathered messages that wait.
    pub(crate) fn gathered(&self) -> usize {
        self.segments.iter().filter(|of| of.gathered).map(Segment::len).sum()
    }
}
