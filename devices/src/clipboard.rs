//! The clipboard of the desktop, through arboard.

use parking_lot::Mutex;
use portico_kernel::Failure;
use portico_portals::{Clipboard, Code, Reply};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Reads that may be under way at once: the clipboard's owner may answer late, or never.
const READS: usize = 16;
/// Texts that may wait to be written.
const WRITES: usize = 16;

/// Time that the clipboard's owner has for one read.
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
    told: Box<dyn FnOnce(Result<(), Failure>) + Send>,
    /// Dropped when it is done.
    permit: Permit,
}

/// One of a limited number of uses; it is free again when this is dropped.
struct Permit(Arc<AtomicUsize>);

impl Permit {
    fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let permit = Self(Arc::clone(taken));
        (taken.fetch_add(1, Ordering::SeqCst) < most).then_some(permit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl SystemClipboard {
    /// What was written last, if it is still what the clipboard holds. Blocks while its owner is asked, for a second at most.
    pub fn held(&self) -> Option<String> {
        let written = self.written.lock().clone()?;
        let now = ask_owner(Permit::take(&self.reads, READS)?);
        now.is_ok_and(|now| now == written).then_some(written)
    }

    /// Reads its text, which is empty where it holds none; `told` hears of it on another thread, within a second or so.
    fn paste(&self, told: impl FnOnce(Result<String, Failure>) + Send + 'static) {
        let Some(permit) = Permit::take(&self.reads, READS) else {
            return told(Err(busy()));
        };
        blocking::unblock(move || told(ask_owner(permit))).detach();
    }

    /// Replaces what it holds by a text; `told` hears on another thread whether that was done.
    fn copy(&self, text: String, told: impl FnOnce(Result<(), Failure>) + Send + 'static) {
        let Some(permit) = Permit::take(&self.writes, WRITES) else {
            return told(Err(busy()));
        };
        if let Some(writer) = self.writer() {
            // It runs as long as this end is there.
            let _ = writer.send(Write {
                text,
                told: Box::new(told),
                permit,
            });
        }
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
            let (send, writes) = channel::<Write>();
            let written = Arc::clone(&self.written);
            let write = move || {
                // Kept open: what is on the clipboard goes with it.
                let mut clipboard = None;
                for Write {
                    text,
                    told,
                    permit: _permit,
                } in writes
                {
                    let done = set(&mut clipboard, &text);
                    if done.is_ok() {
                        *written.lock() = Some(text);
                    }
                    told(done.map_err(failure));
                }
            };
            std::thread::Builder::new()
                .name("clipboard".into())
                .spawn(write)
                .ok()
                .map(|_| send)
        };
        self.writer.get_or_init(start).as_ref()
    }
}

impl Clipboard for SystemClipboard {
    fn read(&self, told: Reply<String>) {
        self.paste(|text| told.give(text));
    }

    fn write(&self, text: String, told: Reply<String>) {
        self.copy(text, |done| told.give(done.map(|()| String::new())));
    }
}

/// Asks the clipboard's owner for its text. Blocks for a second at most. The window system decides how often and how long it asks
/// the owner, so a thread of the pool is left to wait for that; `permit` is free again when it is done.
fn ask_owner(permit: Permit) -> Result<String, Failure> {
    let (tell, told) = channel();
    let ask = move || {
        let _permit = permit;
        // Nobody waits for an answer that is late.
        let _ = tell.send(arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text()));
    };
    blocking::unblock(ask).detach();
    match told.recv_timeout(PATIENCE) {
        // It is empty, or holds something else than a text.
        Ok(Err(arboard::Error::ContentNotAvailable)) => Ok(String::new()),
        Ok(read) => read.map_err(failure),
        Err(_) => Err(Failure::new(
            Code::Failed,
            "the program that owns the clipboard does not answer",
        )),
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
