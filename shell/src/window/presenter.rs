//! Presents a program's frames on the program's own thread, without the event loop and without the chrome.
//!
//! A window has one more thread only once a picture had to wait for its turn; it sleeps until exactly then, and for good
//! while the window is idle.

use super::pacing::{Clock, Pacing, Step};
use parking_lot::{Condvar, Mutex, MutexGuard};
use portico_kernel::Waker;
use portico_portals::{Frame, Presented, Scale, Screen};
use portico_surface::{Picture, Placement, Surface, SurfaceError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;
use winit::window::Window;

/// Stack of the presenter thread, in bytes: it only presents.
const STACK: usize = 128 << 10;

/// Events of a window's presenter for the event loop. Rare: an ordinary frame causes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenterEvent {
    /// The program has handed over its first frame.
    FirstFrame,
    /// The program's chrome has changed.
    Chrome,
    /// As many frames as [`Presenter::watch`] asked for have been handed over.
    Watched,
    /// The surface is lost; another one is needed.
    SurfaceLost,
}

/// Sends presenter events to the event loop, from any thread, without blocking.
pub type Notify = Box<dyn Fn(PresenterEvent) + Send + Sync>;

/// Presents one window.
pub struct Presenter {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// Where the last frame lies, for the pointer's sake; apart, so that nobody waits for a frame being copied.
    placement: Mutex<Option<Placement>>,
    frames: AtomicU64,
    watched: AtomicU64,
    chrome_told: AtomicBool,
    notify: Notify,
}

struct Inner {
    pacing: Pacing,
    stage: Option<Stage>,
    /// The last frame while there is no surface: before the window is there, or after its surface was lost.
    early: Option<Early>,
    /// Wakes the program whose frame waits for the callback that says it is on the screen.
    waiting: Option<Waker>,
    /// The thread, if it was ever needed: until when it sleeps (`None` inside: for good).
    sleeping: Option<Option<Instant>>,
    closed: bool,
}

/// The surface and what paces it.
struct Stage {
    surface: Box<dyn Surface>,
    /// The winit window on systems where it paces us (Wayland).
    paced_by: Option<Arc<Window>>,
}

struct Early {
    width: u32,
    height: u32,
    scale: Scale,
    pixels: Vec<u8>,
}

impl Early {
    fn of(frame: &Frame<'_>) -> Self {
        let row = frame.width as usize * 4;
        let rows = frame
            .pixels
            .chunks(frame.stride.max(1) as usize)
            .take(frame.height as usize);
        let mut pixels = Vec::with_capacity(row * frame.height as usize);
        rows.for_each(|bytes| pixels.extend_from_slice(&bytes[..row.min(bytes.len())]));
        Self {
            width: frame.width,
            height: frame.height,
            scale: frame.scale,
            pixels,
        }
    }

    fn frame(&self) -> Frame<'_> {
        let Self {
            width, height, scale, ..
        } = *self;
        Frame {
            width,
            height,
            stride: width * 4,
            scale,
            pixels: &self.pixels,
        }
    }
}

impl Presenter {
    /// For a window that is not there yet; frames that come before [`Presenter::install`] wait for it.
    pub fn new(notify: Notify) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                pacing: Pacing::new(Clock::Callback, Instant::now()),
                stage: None,
                early: None,
                waiting: None,
                sleeping: None,
                closed: false,
            }),
            changed: Condvar::new(),
            placement: Mutex::new(None),
            frames: AtomicU64::new(0),
            watched: AtomicU64::new(u64::MAX),
            chrome_told: AtomicBool::new(false),
            notify,
        })
    }

    /// Width and height of the frame that waits for the window, if there is one.
    pub fn early_size(&self) -> Option<(u32, u32)> {
        self.inner
            .lock()
            .early
            .as_ref()
            .map(|early| (early.width, early.height))
    }

    /// Gives the window its surface, already of the right size, and presents the first picture.
    pub fn install(self: &Arc<Self>, mut surface: Box<dyn Surface>, paced_by: Option<Arc<Window>>, clock: Clock) {
        let now = Instant::now();
        let mut inner = self.inner.lock();
        inner.pacing.set_clock(clock, now);
        let result = match inner.early.take() {
            Some(early) => surface.frame(&early.frame()),
            None => Ok(()),
        };
        *self.placement.lock() = surface.placement();
        inner.stage = Some(Stage { surface, paced_by });
        if let Err(error) = result {
            return self.lost(&mut inner, error);
        }
        inner.pacing.force(now);
        self.present(&mut inner);
        if clock != Clock::Callback {
            inner.ring();
        }
        self.look_again(&mut inner);
    }

    /// Changes the picture by other means than a frame: size, layers, background. It is presented like a frame, or at once if
    /// `now_or_never` (a window that has a new size shows garbage until it is painted).
    pub fn compose(self: &Arc<Self>, at_once: bool, change: impl FnOnce(&mut dyn Surface) -> Result<(), SurfaceError>) {
        let now = Instant::now();
        let mut inner = self.inner.lock();
        let Some(stage) = &mut inner.stage else { return };
        let result = change(&mut *stage.surface);
        *self.placement.lock() = stage.surface.placement();
        if let Err(error) = result {
            return self.lost(&mut inner, error);
        }
        if at_once {
            inner.pacing.force(now);
            self.present(&mut inner);
        } else if inner.pacing.picture(now) == Step::Present {
            self.present(&mut inner);
        }
        self.look_again(&mut inner);
    }

    /// The compositor wants the next picture.
    pub fn called_back(self: &Arc<Self>) {
        let mut inner = self.inner.lock();
        if inner.pacing.called_back(Instant::now()) {
            self.present(&mut inner);
        } else {
            inner.ring();
        }
        self.look_again(&mut inner);
    }

    /// The display's clock is another one.
    pub fn set_clock(self: &Arc<Self>, clock: Clock) {
        let mut inner = self.inner.lock();
        inner.pacing.set_clock(clock, Instant::now());
        self.look_again(&mut inner);
    }

    /// Whether anybody sees the window.
    pub fn set_hidden(self: &Arc<Self>, hidden: bool) {
        let mut inner = self.inner.lock();
        inner.pacing.set_hidden(hidden, Instant::now());
        self.look_again(&mut inner);
    }

    /// Where the program's last frame lies in the window.
    pub fn placement(&self) -> Option<Placement> {
        *self.placement.lock()
    }

    /// The window as it is on the screen, or about to be.
    pub fn picture(&self) -> Option<Result<Picture, SurfaceError>> {
        self.inner.lock().stage.as_mut().map(|stage| stage.surface.picture())
    }

    /// Frames that the program has handed over.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Acquire)
    }

    /// Sends [`PresenterEvent::Watched`] once the program has handed over so many frames in all. A later watch replaces this one.
    pub fn watch(&self, frames: u64) {
        self.watched.store(frames, Ordering::Release);
        self.check_watch();
    }

    /// From here on a change of the chrome is news again. Called before the chrome is looked at.
    pub fn chrome_heard(&self) {
        self.chrome_told.store(false, Ordering::Release);
    }

    /// The program has ended: its last frame stays, but nobody waits for it any more.
    pub fn program_ended(&self) {
        self.inner.lock().waiting = None;
    }

    /// The window is about to go: gives its surface back and ends the thread.
    pub fn close(&self) {
        let mut inner = self.inner.lock();
        inner.closed = true;
        inner.stage = None;
        inner.early = None;
        inner.ring();
        self.changed.notify_all();
    }

    fn check_watch(&self) {
        if self.frames() >= self.watched.load(Ordering::Acquire)
            && self.watched.swap(u64::MAX, Ordering::AcqRel) != u64::MAX
        {
            (self.notify)(PresenterEvent::Watched);
        }
    }

    fn present(&self, inner: &mut MutexGuard<'_, Inner>) {
        let Some(stage) = &mut inner.stage else { return };
        if let Some(window) = &stage.paced_by {
            window.pre_present_notify();
        }
        match stage.surface.present() {
            // Asks for the callback to be told as an event.
            Ok(_) => {
                if let Some(window) = &stage.paced_by {
                    window.request_redraw();
                }
            }
            Err(error) => self.lost(inner, error),
        }
    }

    fn lost(&self, inner: &mut MutexGuard<'_, Inner>, error: SurfaceError) {
        // Whether that is a fault is seen when another is asked for: the display may have gone.
        tracing::info!("a window's surface failed: {error}");
        inner.stage = None;
        (self.notify)(PresenterEvent::SurfaceLost);
    }

    /// Reschedules the presenter thread after a change of the pacing.
    fn look_again(self: &Arc<Self>, inner: &mut MutexGuard<'_, Inner>) {
        let Some(due) = inner.pacing.due() else { return };
        match inner.sleeping {
            Some(Some(until)) if until <= due => {}
            Some(_) => {
                self.changed.notify_all();
            }
            None => {
                inner.sleeping = Some(None);
                let presenter = Arc::clone(self);
                let thread = std::thread::Builder::new().name("presenter".into()).stack_size(STACK);
                if let Err(error) = thread.spawn(move || presenter.take_turns()) {
                    tracing::error!("no thread for a window's pictures: {error}");
                    inner.sleeping = None;
                }
            }
        }
    }

    /// The presenter thread.
    fn take_turns(self: Arc<Self>) {
        let mut inner = self.inner.lock();
        while !inner.closed {
            let now = Instant::now();
            match inner.pacing.due() {
                None => {
                    inner.sleeping = Some(None);
                    self.changed.wait(&mut inner);
                }
                Some(due) if now < due => {
                    inner.sleeping = Some(Some(due));
                    self.changed.wait_until(&mut inner, due);
                }
                Some(_) => {
                    if inner.pacing.turn(now) {
                        self.present(&mut inner);
                    }
                    inner.ring();
                }
            }
        }
    }
}

impl Inner {
    /// Wakes the program that waits for its frame to be on the screen.
    fn ring(&mut self) {
        if let Some(waker) = self.waiting.take() {
            waker.ready();
        }
    }
}

/// A [`Presenter`] as the [`Screen`] of a program's portals.
pub struct ProgramScreen(pub Arc<Presenter>);

impl Screen for ProgramScreen {
    fn show(&self, frame: &Frame<'_>, shown: &Waker) -> Presented {
        let this = &self.0;
        let mut inner = this.inner.lock();
        if inner.closed {
            return Presented::Now;
        }
        let first = this.frames.fetch_add(1, Ordering::AcqRel) == 0;
        let result = if let Some(stage) = &mut inner.stage {
            let result = stage.surface.frame(frame);
            *this.placement.lock() = stage.surface.placement();
            result
        } else {
            inner.early = Some(Early::of(frame));
            inner.waiting = Some(shown.clone());
            drop(inner);
            if first {
                (this.notify)(PresenterEvent::FirstFrame);
            }
            this.check_watch();
            return Presented::Later;
        };
        if let Err(error) = result {
            inner.early = Some(Early::of(frame));
            this.lost(&mut inner, error);
        } else if inner.pacing.picture(Instant::now()) == Step::Present {
            this.present(&mut inner);
        }
        let answer = match inner.pacing.shown() {
            Some(when) => Presented::At(when),
            None => {
                inner.waiting = Some(shown.clone());
                Presented::Later
            }
        };
        this.look_again(&mut inner);
        drop(inner);
        if first {
            (this.notify)(PresenterEvent::FirstFrame);
        }
        this.check_watch();
        answer
    }

    fn chrome_changed(&self) {
        if !self.0.chrome_told.swap(true, Ordering::AcqRel) {
            (self.0.notify)(PresenterEvent::Chrome);
        }
    }
}
