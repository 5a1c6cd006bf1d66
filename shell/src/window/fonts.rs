//! System fonts, for characters that the built-in fonts lack.
//!
//! They are looked for when the first such character is met, on a thread of its own: to look through the system's fonts takes a
//! while, and for ever where one of them is a pipe, say, that nobody writes to. Until a font is there, the built-in fonts
//! stand in for it.

use egui::epaint::text::{FallbackRequest, FontInsert};
use egui::{FontFamily, FontProvider};
use egui_system_font_provider::SystemFontProvider;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Largest font that is taken, in bytes: those of all Chinese, Japanese and Korean writing have some 200 MB.
const LARGEST: usize = 512 << 20;
/// How long the system may take before the log says so.
const LATE: Duration = Duration::from_secs(10);

/// Called on another thread when fonts have been found.
type Found = Box<dyn Fn() + Send + Sync>;

/// Fonts of the system, as far as they have been found. Never waits for them.
pub(super) struct SystemFonts(Arc<Shared>);

struct Shared {
    inner: Mutex<Inner>,
    found: Found,
}

#[derive(Default)]
struct Inner {
    /// Requested characters, and the font found for each.
    known: HashMap<Wanted, Option<FontInsert>>,
    thread: Option<Sender<Wanted>>,
    /// Since when an answer is awaited.
    waits: Option<Instant>,
}

/// A character in a family that has none for it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Wanted {
    family: FontFamily,
    letter: char,
}

impl SystemFonts {
    /// Nothing is looked for yet; `found` is told when [`SystemFonts::font_for`] would give other answers than before.
    pub(super) fn new(found: Found) -> Self {
        Self(Arc::new(Shared {
            inner: Mutex::default(),
            found,
        }))
    }
}

impl FontProvider for SystemFonts {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let wanted = Wanted {
            family: request.family.clone(),
            letter: request.cluster.chars().next()?,
        };
        let mut inner = self.0.inner.lock();
        if let Some(known) = inner.known.get(&wanted) {
            return known.clone();
        }
        if inner.waits.is_some_and(|since| since.elapsed() > LATE) {
            tracing::warn!("the system's fonts can't be looked through: text may lack some of its characters");
            inner.waits = None;
        }
        if inner.thread.is_none() {
            let (sender, asked) = channel();
            let shared = Arc::downgrade(&self.0);
            let look = move || look(&asked, &shared);
            match std::thread::Builder::new().name("system fonts".into()).spawn(look) {
                Ok(_) => (inner.thread, inner.waits) = (Some(sender), Some(Instant::now())),
                Err(error) => tracing::warn!("no thread to look for fonts: {error}"),
            }
        }
        if let Some(thread) = &inner.thread {
            // It runs as long as this end is there.
            let _ = thread.send(wanted.clone());
            inner.known.insert(wanted, None);
        }
        None
    }
}

/// The thread: looks for what is asked for, and tells once for all that was asked meanwhile.
fn look(asked: &Receiver<Wanted>, shared: &std::sync::Weak<Shared>) {
    let system = SystemFontProvider::new();
    while let Ok(first) = asked.recv() {
        let mut new = false;
        for wanted in std::iter::once(first).chain(asked.try_iter()) {
            let cluster = &wanted.letter.to_string();
            let font = system.font_for(&FallbackRequest {
                cluster,
                family: &wanted.family,
            });
            let font = font.filter(|font| (*font.data.font).as_ref().len() <= LARGEST);
            let Some(shared) = shared.upgrade() else { return };
            let mut inner = shared.inner.lock();
            inner.waits = None;
            if let Some(font) = font {
                inner.known.insert(wanted, Some(font));
                new = true;
            }
        }
        if let (true, Some(shared)) = (new, shared.upgrade()) {
            (shared.found)();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_font_is_not_there_at_once_and_then_is() {
        let (sender, found) = channel();
        let fonts = SystemFonts::new(Box::new(move || sender.send(()).unwrap()));
        let request = FallbackRequest {
            cluster: "\u{633}",
            family: &FontFamily::Proportional,
        };
        assert!(fonts.font_for(&request).is_none(), "nobody waits for it");
        // A system without a font for Arabic has nothing to tell.
        if found.recv_timeout(Duration::from_secs(20)).is_ok() {
            assert!(fonts.font_for(&request).is_some());
        }
    }
}
