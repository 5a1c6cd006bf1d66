//! The clipboard of the desktop, through arboard.

use super::Clipboard;
use crate::reply::Reply;
use parking_lot::Mutex;
use portico_abi::Code;
use portico_kernel::Failure;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Reads that may be under way at once: whoever owns the clipboard may take his time, or never answer.
const READS: usize = 16;
/// Texts that may wait to be written.
const WRITES: usize = 16;

/// How long a shell that ends waits for the owner of the clipboard.
const PATIENCE: Duration = Duration::from_secs(1);

/// The clipboard of the desktop. Nothing of it is started before it is first used. What programs have written stays on it as
/// long as this does, also when they have ended.
#[derive(Default)]
pub struct SystemClipboard {
    reads: Arc<AtomicUsize>,
    /// The thread whose handle owns what was written; `None` where the system has no thread for it.
    writer: OnceLock<Option<Sender<Write>>>,
    writes: Arc<AtomicUsize>,
    /// What was written last.
    written: Arc<Mutex<Option<String>>>,
}

struct Write {
    text: String,
    told: Reply<String>,
    /// Dropped when it is done.
    place: Place,
}

/// One of the places that are counted; it is free again when this is dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let place = Self(Arc::clone(taken));
        (taken.fetch_add(1, Ordering::SeqCst) < most).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl SystemClipboard {
    /// What programs have written last, if it is still what the clipboard holds. Blocks while its owner is asked, for a second at
    /// most.
    pub fn held(&self) -> Option<String> {
        let written = self.written.lock().clone()?;
        let (tell, told) = channel();
        let ask = move || {
            // Nobody waits for an answer that is late.
            let _ = tell.send(arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text()));
        };
        std::thread::Builder::new().name("clipboard read".into()).spawn(ask).ok()?;
        let now = told.recv_timeout(PATIENCE).ok()?;
        now.is_ok_and(|now| now == written).then_some(written)
    }

    /// Holds a text on the clipboard until something else is put there: what is left to do for a shell that has ended.
    ///
    /// # Errors
    /// When there is no clipboard.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    pub fn hold(text: String) -> Result<(), String> {
        use arboard::SetExtLinux;
        let mut clipboard = arboard::Clipboard::new().map_err(|error| error.to_string())?;
        clipboard.set().wait().text(text).map_err(|error| error.to_string())
    }

    fn writer(&self) -> Option<&Sender<Write>> {
        let start = || {
            let (send, orders) = channel::<Write>();
            let written = Arc::clone(&self.written);
            let write = move || {
                // Kept open: what is on the clipboard goes with it.
                let mut clipboard = None;
                for Write { text, told, place: _place } in orders {
                    let done = set(&mut clipboard, &text);
                    if done.is_ok() {
                        *written.lock() = Some(text);
                    }
                    told.give(done.map(|()| String::new()).map_err(failure));
                }
            };
            std::thread::Builder::new().name("clipboard".into()).spawn(write).ok().map(|_| send)
        };
        self.writer.get_or_init(start).as_ref()
    }
}

impl Clipboard for SystemClipboard {
    fn read(&self, told: Reply<String>) {
        let Some(place) = Place::take(&self.reads, READS) else { return told.give(Err(busy())) };
        let read = move || {
            let _place = place;
            let text = match arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text()) {
                // It is empty, or holds something else than a text.
                Err(arboard::Error::ContentNotAvailable) => Ok(String::new()),
                read => read.map_err(failure),
            };
            told.give(text);
        };
        // Where the system has no thread for it, the reply says that nobody is there.
        let _ = std::thread::Builder::new().name("clipboard read".into()).spawn(read);
    }

    fn write(&self, text: String, told: Reply<String>) {
        let Some(place) = Place::take(&self.writes, WRITES) else { return told.give(Err(busy())) };
        if let Some(writer) = self.writer() {
            // It runs as long as this end is there.
            let _ = writer.send(Write { text, told, place });
        }
    }
}

fn set(clipboard: &mut Option<arboard::Clipboard>, text: &str) -> Result<(), arboard::Error> {
    if clipboard.is_none() {
        *clipboard = Some(arboard::Clipboard::new()?);
    }
    let done = clipboard.as_mut().map_or(Ok(()), |clipboard| clipboard.set_text(text));
    if done.is_err() {
        // The window system may be gone or another one.
        *clipboard = None;
    }
    done
}

fn failure(error: arboard::Error) -> Failure {
    let code = match error {
        // Also where no window system can be reached.
        arboard::Error::ClipboardNotSupported | arboard::Error::Unknown { .. } => Code::Unavailable,
        _ => Code::Failed,
    };
    Failure::new(code, format!("the clipboard: {error}"))
}

fn busy() -> Failure {
    Failure::new(Code::Limit, "the clipboard is busy")
}
