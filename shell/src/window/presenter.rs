//! Presents a program's frames on the program's own thread, without the event loop and without the chrome.
//!
//! The event loop never waits for a frame. What it changes about a window (size, area, layers, pacing) is a request: it carries
//! it out itself if nobody is at the picture, else whoever is does, before the next picture.
//!
//! A window has one more thread only while pictures have to wait for their turn; it sleeps until exactly then, and ends when there
//! was none for a while.

use super::pacing::{Clock, Pacing, Step};
use crate::backend::FramePacer;
use parking_lot::{Condvar, Mutex, MutexGuard};
use portico_kernel::Waker;
use portico_portals::{Frame, Presented, Scale, Screen};
use portico_surface::{Layer, Picture, Placement, Rect, Surface, SurfaceError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Stack of the presenter thread, in bytes: it only presents.
const STACK: usize = 128 << 10;

/// Time without a picture that waits after which the presenter thread ends.
const IDLE: Duration = Duration::from_secs(1);

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
    /// The picture. Held while a frame is copied and presented; taken before `requests`.
    stage: Mutex<Stage>,
    /// Requests of the event loop, and the presenter thread's clock. Held for moments.
    requests: Mutex<Requests>,
    /// The presenter thread's clock has changed.
    changed: Condvar,
    /// Placement of the last frame, for the pointer.
    placement: Mutex<Option<Placement>>,
    /// Width and height of the frame that waits for the window.
    early_size: Mutex<Option<(u32, u32)>>,
    frames: AtomicU64,
    watched: AtomicU64,
    chrome_told: AtomicBool,
    notify: Notify,
}

/// The picture and its pacing.
struct Stage {
    pacing: Pacing,
    output: Option<Output>,
    /// The last frame while there is no surface: before the window is there, or after its surface was lost.
    early: Option<Early>,
    /// Wakes the program whose frame waits for the callback that says it is on the screen.
    waiting: Option<Waker>,
}

/// The surface and what paces it.
struct Output {
    surface: Box<dyn Surface>,
    /// The compositor, if it paces us (Wayland).
    pacer: Option<Arc<dyn FramePacer>>,
}

/// Changes of a picture by other means than a frame; those that are `None` or `false` leave it as it is.
#[derive(Default)]
pub struct Composition {
    /// Size of the window in physical pixels.
    pub size: Option<(u32, u32)>,
    /// The framebuffer area.
    pub area: Option<Rect>,
    /// The colour behind everything.
    pub background: Option<[u8; 3]>,
    /// The chrome's layers.
    pub layers: Option<Vec<Arc<Layer>>>,
    /// The window system has lost the picture.
    pub damaged: bool,
    /// Present it without waiting for its turn: a window that has a new size shows garbage until it is painted.
    pub at_once: bool,
}

impl Composition {
    /// Adds a later change, which replaces what this one says of the same thing.
    fn then(&mut self, later: Self) {
        self.size = later.size.or(self.size);
        self.area = later.area.or(self.area);
        self.background = later.background.or(self.background);
        self.layers = later.layers.or(self.layers.take());
        self.damaged |= later.damaged;
        self.at_once |= later.at_once;
    }

    fn carry_out(self, surface: &mut dyn Surface) -> Result<(), SurfaceError> {
        if let Some((width, height)) = self.size {
            surface.resize(width, height)?;
        }
        if let Some(area) = self.area {
            surface.set_area(area)?;
        }
        if let Some(colour) = self.background {
            surface.set_background(colour);
        }
        if let Some(layers) = &self.layers {
            surface.set_layers(layers)?;
        }
        if self.damaged {
            surface.damage_all();
        }
        Ok(())
    }
}

/// Requests that have not been carried out, and what the presenter thread waits for.
#[derive(Default)]
struct Requests {
    hidden: Option<bool>,
    clock: Option<Clock>,
    called_back: bool,
    composition: Option<Composition>,
    /// Time at which the presenter thread looks at the picture again.
    due: Option<Instant>,
    /// The thread, while there is one: until when it sleeps (`None` inside: until it is woken, or has been idle for too long).
    sleeping: Option<Option<Instant>>,
    /// The window is gone. Set by whoever holds the picture.
    closed: bool,
}

impl Requests {
    fn is_empty(&self) -> bool {
        self.hidden.is_none() && self.clock.is_none() && !self.called_back && self.composition.is_none()
    }
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
            stage: Mutex::new(Stage {
                pacing: Pacing::new(Clock::Callback, Instant::now()),
                output: None,
                early: None,
                waiting: None,
            }),
            requests: Mutex::default(),
            changed: Condvar::new(),
            placement: Mutex::new(None),
            early_size: Mutex::new(None),
            frames: AtomicU64::new(0),
            watched: AtomicU64::new(u64::MAX),
            chrome_told: AtomicBool::new(false),
            notify,
        })
    }

    /// Width and height of the frame that waits for the window, if there is one.
    pub fn early_size(&self) -> Option<(u32, u32)> {
        *self.early_size.lock()
    }

    /// Gives the window its surface, already of the right size, and presents the first picture.
    pub fn install(self: &Arc<Self>, mut surface: Box<dyn Surface>, pacer: Option<Arc<dyn FramePacer>>, clock: Clock) {
        let now = Instant::now();
        let mut stage = self.stage.lock();
        stage.pacing.set_clock(clock, now);
        let result = match stage.early.take() {
            Some(early) => surface.frame(&early.frame()),
            None => Ok(()),
        };
        *self.early_size.lock() = None;
        *self.placement.lock() = surface.placement();
        // It has been made as the window is now.
        self.requests.lock().composition = None;
        stage.output = Some(Output { surface, pacer });
        match result {
            Ok(()) => {
                stage.pacing.force(now);
                self.present(&mut stage);
                if clock != Clock::Callback {
                    stage.ring();
                }
            }
            Err(error) => self.lost(&mut stage, error),
        }
        self.leave(stage);
    }

    /// Changes the picture by other means than a frame. It is presented like a frame, or at once where that says so.
    pub fn compose(self: &Arc<Self>, composition: Composition) {
        self.request(|requests| match &mut requests.composition {
            Some(earlier) => earlier.then(composition),
            none => *none = Some(composition),
        });
    }

    /// The compositor wants the next picture.
    pub fn called_back(self: &Arc<Self>) {
        self.request(|requests| requests.called_back = true);
    }

    /// The display's clock is another one.
    pub fn set_clock(self: &Arc<Self>, clock: Clock) {
        self.request(|requests| requests.clock = Some(clock));
    }

    /// Whether anybody sees the window.
    pub fn set_hidden(self: &Arc<Self>, hidden: bool) {
        self.request(|requests| requests.hidden = Some(hidden));
    }

    /// Where the program's last frame lies in the window.
    pub fn placement(&self) -> Option<Placement> {
        *self.placement.lock()
    }

    /// The window as it is on the screen, or about to be. Waits for a frame that is being copied.
    pub fn picture(self: &Arc<Self>) -> Option<Result<Picture, SurfaceError>> {
        let mut stage = self.stage.lock();
        self.carry_out_requests(&mut stage);
        let picture = stage.output.as_mut().map(|output| output.surface.picture());
        self.leave(stage);
        picture
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

    /// The window is about to go: gives its surface back and ends the thread. Waits for a frame that is being presented, because
    /// the window must outlive its surface.
    pub fn close(&self) {
        let mut stage = self.stage.lock();
        stage.output = None;
        stage.early = None;
        stage.ring();
        self.requests.lock().closed = true;
        self.changed.notify_all();
    }

    fn check_watch(&self) {
        if self.frames() >= self.watched.load(Ordering::Acquire)
            && self.watched.swap(u64::MAX, Ordering::AcqRel) != u64::MAX
        {
            (self.notify)(PresenterEvent::Watched);
        }
    }

    /// Adds a request, and carries it out unless somebody is at the picture, who does that next.
    fn request(self: &Arc<Self>, add: impl FnOnce(&mut Requests)) {
        add(&mut self.requests.lock());
        if let Some(mut stage) = self.stage.try_lock() {
            self.carry_out_requests(&mut stage);
            self.leave(stage);
        }
    }

    fn carry_out_requests(&self, stage: &mut Stage) {
        let (hidden, clock, called_back, composition) = {
            let mut requests = self.requests.lock();
            if requests.is_empty() {
                return;
            }
            (
                requests.hidden.take(),
                requests.clock.take(),
                std::mem::take(&mut requests.called_back),
                requests.composition.take(),
            )
        };
        let now = Instant::now();
        if let Some(hidden) = hidden {
            stage.pacing.set_hidden(hidden, now);
        }
        if let Some(clock) = clock {
            stage.pacing.set_clock(clock, now);
        }
        if called_back {
            if stage.pacing.called_back(now) {
                self.present(stage);
            } else {
                stage.ring();
            }
        }
        let (Some(composition), Some(output)) = (composition, &mut stage.output) else {
            return;
        };
        let at_once = composition.at_once;
        let result = composition.carry_out(&mut *output.surface);
        *self.placement.lock() = output.surface.placement();
        if let Err(error) = result {
            return self.lost(stage, error);
        }
        if at_once {
            stage.pacing.force(now);
            self.present(stage);
        } else if stage.pacing.picture(now) == Step::Present {
            self.present(stage);
        }
    }

    fn present(&self, stage: &mut Stage) {
        let Some(output) = &mut stage.output else { return };
        if let Some(pacer) = &output.pacer {
            pacer.before_present();
        }
        match output.surface.present() {
            // Asks for the callback to be told as an event.
            Ok(_) => {
                if let Some(pacer) = &output.pacer {
                    pacer.request_redraw();
                }
            }
            Err(error) => self.lost(stage, error),
        }
    }

    fn lost(&self, stage: &mut Stage, error: SurfaceError) {
        // Whether that is a fault is seen when another is asked for: the display may have gone.
        tracing::info!("a window's surface failed: {error}");
        stage.output = None;
        (self.notify)(PresenterEvent::SurfaceLost);
    }

    /// Leaves the picture to others: the presenter thread hears of a change of the pacing, and requests that came meanwhile are
    /// carried out.
    fn leave<'a>(self: &'a Arc<Self>, mut stage: MutexGuard<'a, Stage>) {
        loop {
            self.wake_at(stage.pacing.due());
            drop(stage);
            // One that comes after this look finds nobody at the picture.
            if self.requests.lock().is_empty() {
                return;
            }
            match self.stage.try_lock() {
                Some(again) => stage = again,
                None => return,
            }
            self.carry_out_requests(&mut stage);
        }
    }

    /// Has the presenter thread look at the picture then; starts it when it is needed first.
    fn wake_at(self: &Arc<Self>, due: Option<Instant>) {
        let mut requests = self.requests.lock();
        requests.due = due;
        let Some(due) = due.filter(|_| !requests.closed) else {
            return;
        };
        match requests.sleeping {
            Some(Some(until)) if until <= due => {}
            Some(_) => {
                self.changed.notify_all();
            }
            None => {
                requests.sleeping = Some(None);
                let presenter = Arc::clone(self);
                let thread = std::thread::Builder::new().name("presenter".into()).stack_size(STACK);
                if let Err(error) = thread.spawn(move || presenter.take_turns()) {
                    tracing::error!("no thread for a window's pictures: {error}");
                    requests.sleeping = None;
                }
            }
        }
    }

    /// The presenter thread.
    fn take_turns(self: Arc<Self>) {
        while self.sleep() {
            let mut stage = self.stage.lock();
            if stage.pacing.turn(Instant::now()) {
                self.present(&mut stage);
            }
            stage.ring();
            self.carry_out_requests(&mut stage);
            self.leave(stage);
        }
    }

    /// Sleeps until the picture has to be looked at; `false` when the thread is to end: the window is gone or idle.
    fn sleep(&self) -> bool {
        let mut requests = self.requests.lock();
        loop {
            if requests.closed {
                return false;
            }
            requests.sleeping = Some(requests.due);
            match requests.due {
                None => {
                    let is_idle = self.changed.wait_for(&mut requests, IDLE).timed_out();
                    if is_idle && requests.due.is_none() {
                        requests.sleeping = None;
                        return false;
                    }
                }
                Some(due) if Instant::now() < due => {
                    self.changed.wait_until(&mut requests, due);
                }
                Some(_) => return true,
            }
        }
    }
}

impl Stage {
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
        let mut stage = this.stage.lock();
        if this.requests.lock().closed {
            return Presented::Now;
        }
        this.carry_out_requests(&mut stage);
        let first = this.frames.fetch_add(1, Ordering::AcqRel) == 0;
        let answer = this.take_frame(&mut stage, frame, shown);
        this.leave(stage);
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

impl Presenter {
    /// Takes a frame from the program, and presents it if that is its turn.
    fn take_frame(&self, stage: &mut Stage, frame: &Frame<'_>, shown: &Waker) -> Presented {
        let Some(output) = &mut stage.output else {
            self.keep_early(stage, frame);
            stage.waiting = Some(shown.clone());
            return Presented::Later;
        };
        let result = output.surface.frame(frame);
        *self.placement.lock() = output.surface.placement();
        if let Err(error) = result {
            self.keep_early(stage, frame);
            self.lost(stage, error);
        } else if stage.pacing.picture(Instant::now()) == Step::Present {
            self.present(stage);
        }
        match stage.pacing.shown() {
            Some(when) => Presented::At(when),
            None => {
                stage.waiting = Some(shown.clone());
                Presented::Later
            }
        }
    }

    /// Keeps a frame for the surface that comes next.
    fn keep_early(&self, stage: &mut Stage, frame: &Frame<'_>) {
        stage.early = Some(Early::of(frame));
        *self.early_size.lock() = Some((frame.width, frame.height));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use portico_surface::MemorySurface;
    use std::sync::mpsc::channel;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A window of 40 by 30 pixels, which shows a frame of one colour.
    fn presenter() -> Arc<Presenter> {
        let presenter = Presenter::new(Box::new(drop));
        let pixels = [0x20, 0x40, 0x60, 0xFF].repeat(40 * 30);
        let frame = Frame {
            width: 40,
            height: 30,
            stride: 160,
            scale: Scale::default(),
            pixels: &pixels,
        };
        presenter.keep_early(&mut presenter.stage.lock(), &frame);
        assert_eq!(presenter.early_size(), Some((40, 30)));
        let mut surface = MemorySurface::new();
        surface.resize(40, 30).unwrap();
        surface.set_area(Rect::new(0, 0, 40, 30)).unwrap();
        presenter.install(Box::new(surface), None, Clock::Grid(Duration::from_millis(16)));
        presenter
    }

    fn picture(presenter: &Arc<Presenter>) -> Picture {
        presenter.picture().unwrap().unwrap()
    }

    fn sized(width: u32, height: u32) -> Composition {
        Composition {
            size: Some((width, height)),
            area: Some(Rect::new(0, 0, width, height)),
            at_once: true,
            ..Composition::default()
        }
    }

    #[test]
    fn requests_do_not_wait_for_a_frame_and_are_carried_out_after_it() {
        let presenter = presenter();
        assert_eq!(picture(&presenter).rgba[..3], [0x20, 0x40, 0x60]);
        // As a program's thread has it while a frame is copied.
        let stage = presenter.stage.lock();
        let (tell, told) = channel();
        let events = Arc::clone(&presenter);
        std::thread::spawn(move || {
            events.compose(sized(80, 60));
            events.compose(Composition {
                background: Some([9, 9, 9]),
                ..Composition::default()
            });
            events.set_hidden(true);
            events.called_back();
            tell.send(events.early_size()).unwrap();
        });
        assert_eq!(told.recv_timeout(PATIENCE), Ok(None));
        assert_eq!(presenter.placement().unwrap().frame, (40, 30));
        presenter.leave(stage);
        assert!(presenter.requests.lock().is_empty());
        let picture = picture(&presenter);
        assert_eq!((picture.width, picture.height), (80, 60));
        assert_eq!(picture.rgba[..3], [0x20, 0x40, 0x60], "the frame fills the new size");
        presenter.close();
    }

    #[test]
    fn requests_of_two_threads_are_all_carried_out() {
        let presenter = presenter();
        let resizing = Arc::clone(&presenter);
        let thread = std::thread::spawn(move || {
            for width in 41..=300 {
                resizing.compose(sized(width, 30));
            }
        });
        while !thread.is_finished() {
            let stage = presenter.stage.lock();
            presenter.leave(stage);
        }
        thread.join().unwrap();
        assert_eq!(picture(&presenter).width, 300);
        presenter.close();
    }

    #[test]
    fn thread_ends_while_nothing_waits_and_comes_again() {
        let presenter = presenter();
        let is_there = || presenter.requests.lock().sleeping.is_some();
        for _ in 0..2 {
            let end = Instant::now() + PATIENCE;
            // The second picture of an interval has to wait for the next one.
            let mut red = 0;
            while !is_there() {
                assert!(Instant::now() < end, "there is no thread");
                red ^= 1;
                presenter.compose(Composition {
                    background: Some([red, 0, 0]),
                    ..Composition::default()
                });
            }
            while is_there() {
                assert!(Instant::now() < end, "the thread stays");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        presenter.close();
    }

    #[test]
    fn a_composition_keeps_what_a_later_one_leaves_alone() {
        let mut composition = sized(10, 20);
        composition.then(Composition {
            size: Some((30, 40)),
            damaged: true,
            ..Composition::default()
        });
        assert_eq!(composition.size, Some((30, 40)));
        assert_eq!(composition.area, Some(Rect::new(0, 0, 10, 20)));
        assert!(composition.damaged && composition.at_once);
    }
}
