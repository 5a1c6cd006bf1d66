//! A display that nobody sees: it takes a picture every sixtieth of a second.

use super::Told;
use super::frames::{FrameError, FrameWriter, Picture};
use parking_lot::Mutex;
use portico_kernel::Waker;
use portico_portals::{Frame, Presented, Screen};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Time from one picture to the next.
const INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 60);

pub(super) struct Display {
    inner: Mutex<Inner>,
    tell: mpsc::Sender<Told>,
}

struct Inner {
    /// When the next picture is taken, at the earliest.
    tick: Option<Instant>,
    /// The picture that is taken then; kept only if it is to be written.
    staged: Option<Picture>,
    writer: Option<FrameWriter>,
}

impl Display {
    pub(super) fn new(writer: Option<FrameWriter>, tell: mpsc::Sender<Told>) -> Self {
        Self {
            inner: Mutex::new(Inner {
                tick: None,
                staged: None,
                writer,
            }),
            tell,
        }
    }

    /// Writes what was still to be written.
    pub(super) fn finish(&self) -> Result<(), FrameError> {
        let mut inner = self.inner.lock();
        let staged = inner
            .staged
            .take()
            .filter(|_| inner.tick.is_some_and(|tick| tick <= Instant::now()));
        let Some(writer) = inner.writer.take() else {
            return Ok(());
        };
        if let Some(picture) = staged {
            writer.write(picture);
        }
        writer.finish()
    }
}

impl Screen for Display {
    fn show(&self, frame: &Frame<'_>, _shown: &Waker) -> Presented {
        let mut inner = self.inner.lock();
        let now = Instant::now();
        let tick = match inner.tick {
            // The one before has not been shown and never will be.
            Some(tick) if tick > now => tick,
            Some(tick) => {
                if let (Some(picture), Some(writer)) = (inner.staged.take(), &inner.writer) {
                    // Waits when the disk does not keep up: slower, but nothing is lost.
                    writer.write(picture);
                }
                (tick + INTERVAL).max(now)
            }
            None => now,
        };
        inner.tick = Some(tick);
        inner.staged = inner.writer.is_some().then(|| Picture::of(frame));
        Presented::At(tick)
    }

    fn chrome_changed(&self) {
        // The run may be over.
        let _ = self.tell.send(Told::Chrome);
    }
}
