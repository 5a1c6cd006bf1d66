//! A program's window, as its portals and the shell share it.
//!
//! Downwards the shell posts input (keys, cursor …), which goes straight into the queues of the
//! channels that are open. Upwards the portals keep [`Chrome`] (what the program wants around its picture) and hand over
//! frames; both go to the shell through [`Screen`]. No call blocks and none waits for another window.

mod chrome;
mod input;
mod queue;

pub use chrome::{Action, Button, Chrome, Search, Shortcut, Tab};
pub use input::{Cursor, Key, WindowState};
pub(crate) use queue::{Choices, Dropped, Drops, Query, TextQueue};

use crate::feed::{Feeds, Subscription};
use crate::queue::{Newest, Queue};
use parking_lot::{Mutex, MutexGuard};
use portico_abi::Scale;
use portico_kernel::Waker;
use std::sync::Arc;
use std::time::Instant;

/// One picture of a program, borrowed from its memory: RGBA, 8 bits, sRGB, alpha ignored, rows top down.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Pixels a row, 1 to 16,384.
    pub width: u32,
    /// Rows, 1 to 16,384.
    pub height: u32,
    /// Bytes from one row to the next, at least `4 * width`.
    pub stride: u32,
    /// How the picture fills its window.
    pub scale: Scale,
    /// `stride * (height - 1) + width * 4` bytes.
    pub pixels: &'a [u8],
}

/// When the frame that was handed over has been used up, so that the program may send the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// At once.
    Now,
    /// At that moment; nobody has to be told.
    At(Instant),
    /// When the waker is rung.
    Later,
}

/// Shows a window's frames and chrome; implemented by the shell. Called on the program's thread.
pub trait Screen: Send + Sync {
    /// Takes a frame: the pixels are copied (once) before this returns. It replaces one that is not on the screen yet.
    fn show(&self, frame: &Frame<'_>, shown: &Waker) -> Presented;

    /// Tells that [`Chrome`] has changed. Changes of one call of `ar()` may be told as one.
    fn chrome_changed(&self);
}

/// The window of one process. The shell keeps an `Arc` of it and posts input from any thread; no method blocks, and input
/// that no open channel wants is dropped.
pub struct Window {
    screen: Arc<dyn Screen>,
    chrome: Mutex<Chrome>,
    state: Mutex<WindowState>,
    pub(crate) keys: Feeds<Queue<Key>>,
    pub(crate) typed: Feeds<TextQueue>,
    pub(crate) cursor: Feeds<Queue<Cursor>>,
    pub(crate) lines: Feeds<Queue<String>>,
    pub(crate) drops: Feeds<Drops>,
    pub(crate) pressed_actions: Feeds<Choices>,
    pub(crate) pressed_navigation: Feeds<Choices>,
    pub(crate) fired: Feeds<Choices>,
    pub(crate) chosen_tabs: Feeds<Choices>,
    pub(crate) queries: Feeds<Query>,
    pub(crate) states: Feeds<Newest<WindowState>>,
}

impl Window {
    /// A window whose frames and changes of chrome go to `screen`.
    pub fn new(screen: Arc<dyn Screen>) -> Arc<Self> {
        Arc::new(Self {
            screen,
            chrome: Mutex::default(),
            state: Mutex::default(),
            keys: Feeds::default(),
            typed: Feeds::default(),
            cursor: Feeds::default(),
            lines: Feeds::default(),
            drops: Feeds::default(),
            pressed_actions: Feeds::default(),
            pressed_navigation: Feeds::default(),
            fired: Feeds::default(),
            chosen_tabs: Feeds::default(),
            queries: Feeds::default(),
            states: Feeds::default(),
        })
    }

    /// The chrome that the program asks for now.
    pub fn chrome(&self) -> Chrome {
        self.chrome.lock().clone()
    }

    /// Posts a key that was pressed, repeated or released (command 26).
    pub fn key(&self, key: Key) {
        self.keys.post(|queue| queue.push(key));
    }

    /// Posts text that was committed (command 27). Control characters are left out.
    pub fn text(&self, text: &str) {
        self.typed.post(|typed| typed.commit(text));
    }

    /// Posts a change of the composition in progress (command 27); empty when there is none. Control characters are left out.
    pub fn preedit(&self, preedit: &str) {
        self.typed.post(|typed| typed.compose(preedit));
    }

    /// Posts an event of the cursor (command 28).
    pub fn cursor(&self, cursor: Cursor) {
        self.cursor.post(|queue| queue.push(cursor));
    }

    /// Posts that the user chose an entry of the menu, by shortcut or in the HUD (command 23). Does nothing where the menu has
    /// changed in the meantime so that the entry is not there, is disabled, or belongs to another mode.
    pub fn fire(&self, menu_index: u32) {
        // Posted under the lock, so that a new menu, which drops choices of the old one, can't come in between.
        let chrome = self.chrome.lock();
        let action = chrome.menu.as_ref().and_then(|menu| menu.get(menu_index as usize));
        let fires = action.is_some_and(|action| !action.disabled && action.mode == chrome.mode);
        let ring = fires.then(|| self.fired.queue(|choices| choices.push(menu_index)));
        drop(chrome);
        if let Some(ring) = ring {
            ring.ring();
        }
    }

    /// Posts that the user pressed a button at the end of the toolbar (command 21).
    pub fn press_action(&self, index: u32) {
        if is_button(self.chrome.lock().actions.as_deref(), index) {
            self.pressed_actions.post(|choices| choices.push(index));
        }
    }

    /// Posts that the user pressed a button at the start of the toolbar (command 22).
    pub fn press_navigation(&self, index: u32) {
        if is_button(self.chrome.lock().navigation.as_deref(), index) {
            self.pressed_navigation.post(|choices| choices.push(index));
        }
    }

    /// Posts that the user chose a tab (command 24).
    pub fn choose_tab(&self, index: u32) {
        let known = self
            .chrome
            .lock()
            .tabs
            .as_ref()
            .is_some_and(|(tabs, _)| (index as usize) < tabs.len());
        if known {
            self.chosen_tabs.post(|choices| choices.push(index));
        }
    }

    /// Posts the text of the search field, and whether Enter was pressed in it (command 25).
    pub fn search(&self, query: &str, entered: bool) {
        self.queries.post(|queue| queue.set(query, entered));
    }

    /// Posts a line that was typed into the debug console, without its newline (command 20).
    pub fn console_line(&self, line: &str) {
        self.lines.post(|lines| lines.push(line.to_owned()));
    }

    /// Posts that a file was dropped at a place in pixels of the program's last frame; it is in the program's store under `name` by
    /// now (command 59).
    pub fn dropped(&self, x: f32, y: f32, name: &str) {
        // What does not fit is not told: the files are in the store all the same.
        self.drops.post(|drops| {
            drops.push(Dropped {
                x,
                y,
                name: name.to_owned(),
            });
        });
    }

    /// Posts the state of the window: its size, focus and the like (command 47).
    pub fn state(&self, state: WindowState) {
        // Under the lock, so that two threads leave every channel with the state that is kept here.
        let mut kept = self.state.lock();
        if *kept == state {
            return;
        }
        *kept = state;
        let ring = self.states.queue(|newest| newest.set(state));
        drop(kept);
        ring.ring();
    }

    /// Whether the window has the focus of the keyboard.
    pub(crate) fn is_focused(&self) -> bool {
        self.state.lock().focused
    }

    /// Opens a channel's queue for the state of the window, which starts with what it is now.
    pub(crate) fn subscribe_state(&self, waker: Waker) -> Subscription<Newest<WindowState>> {
        let kept = self.state.lock();
        Subscription::new(&self.states, Newest::new(*kept), waker)
    }

    /// Changes the chrome and tells the shell.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Chrome)) {
        change(&mut self.chrome.lock());
        self.screen.chrome_changed();
    }

    /// Where frames go.
    pub(crate) fn screen(&self) -> &dyn Screen {
        &*self.screen
    }
}

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window")
            .field("chrome", &*self.chrome.lock())
            .field("state", &*self.state.lock())
            .finish_non_exhaustive()
    }
}

/// Subscription of a channel to events of its window.
pub(crate) struct WindowSubscription<Q> {
    window: Arc<Window>,
    subscription: Subscription<Q>,
}

impl<Q: Default> WindowSubscription<Q> {
    /// Adds an empty queue to feeds of the window.
    pub(crate) fn new(window: &Arc<Window>, feeds: fn(&Window) -> &Feeds<Q>, waker: Waker) -> Self {
        Self {
            window: Arc::clone(window),
            subscription: Subscription::new(feeds(window), Q::default(), waker),
        }
    }
}

impl<Q> WindowSubscription<Q> {
    /// The queue.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Q> {
        self.subscription.lock()
    }

    /// The window that it belongs to.
    pub(crate) fn window(&self) -> &Window {
        &self.window
    }

    /// Ends the subscription; returns its window.
    pub(crate) fn leave(self) -> Arc<Window> {
        self.window
    }
}

/// Whether there is a button that can be pressed: a gap can't.
fn is_button(buttons: Option<&[Button]>, index: u32) -> bool {
    buttons
        .and_then(|buttons| buttons.get(index as usize))
        .is_some_and(|button| button.icon.is_some())
}
