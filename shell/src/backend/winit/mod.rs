//! Native windows of the window system, through winit.

mod access;
mod access_bus;
mod display;
#[cfg(all(unix, not(target_vendor = "apple")))]
mod drops;
mod translation;
mod window;
#[cfg(all(unix, not(target_vendor = "apple")))]
mod xim;

pub use display::Lost;

#[cfg(all(unix, not(target_vendor = "apple")))]
use super::Dropped;
use super::{
    AccessEvent, Application, Attributes, Backend, Looks, Monitor, NativeId, NativeWindow, Sender, System, Wait,
    WindowEvent, keys,
};
#[cfg(all(unix, not(target_vendor = "apple")))]
use drops::Drops;
use parking_lot::Mutex;
use portico_surface::{Surfaces, Visual};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Instant;
use translation::Translator;
use window::WinitWindow;
use winit::application::ApplicationHandler;
use winit::error::EventLoopError;
use winit::event::{DeviceEvent, DeviceId};
use winit::event_loop::{ActiveEventLoop, ControlFlow, DeviceEvents, EventLoop};
use winit::raw_window_handle::{HasDisplayHandle as _, RawDisplayHandle};
use winit::window::WindowId;

/// The display that windows are opened on.
pub struct Display {
    visual: Option<Visual>,
    held: display::Held,
}

impl Display {
    /// Looks whether windows can be opened there. Call it before any other thread reads the environment without std.
    ///
    /// # Errors
    /// When they can't: the words say what is missing.
    pub fn check() -> anyhow::Result<Self> {
        // Held until the window library has a connection, too: an X server may start anew when its last client has left.
        let (visual, held) = display::check()?;
        #[cfg(all(unix, not(target_vendor = "apple")))]
        xim::avoid_hung();
        Ok(Self { visual, held })
    }

    /// Runs an application to its end. It is handed, by `connect`, the way to send it events from other threads. `end` is called
    /// where the display is lost in the middle of a request, and the thread can't go on: it does what has to be done before the
    /// process ends, and ends it.
    ///
    /// # Errors
    /// When there are no windows to be had. `Ok(Err(Lost))`: the display was lost, and all windows with it.
    pub fn run<A: Application>(
        self,
        app: &mut A,
        connect: impl FnOnce(Sender<A::Event>),
        end: impl Fn() + Send + Sync + 'static,
    ) -> anyhow::Result<Result<(), Lost>> {
        let event_loop = EventLoop::<UserEvent<A::Event>>::with_user_event()
            .build()
            .map_err(|error| no_windows(&error))?;
        drop(self.held);
        event_loop.set_control_flow(ControlFlow::Wait);
        event_loop.listen_device_events(DeviceEvents::Never);
        let display = event_loop.owned_display_handle();
        // After the loop has ended nobody hears what is sent.
        let proxy = event_loop.create_proxy();
        connect(Box::new(move |event| _ = proxy.send_event(UserEvent::App(event))));
        let proxy = Mutex::new(event_loop.create_proxy());
        let tell: Tell = Arc::new(move |news| _ = proxy.lock().send_event(UserEvent::News(news)));
        let lost = {
            let tell = Arc::clone(&tell);
            move || tell(News::DisplayLost)
        };
        let watch = display::Watch::over(display.clone(), lost, end);
        let system = match display.display_handle().map(|handle| handle.as_raw()) {
            Ok(RawDisplayHandle::Xlib(_) | RawDisplayHandle::Xcb(_)) => System::X11,
            Ok(RawDisplayHandle::Wayland(_)) => System::Wayland,
            _ => System::Other,
        };
        let shared = Rc::new(Shared {
            surfaces: Surfaces::new(display, self.visual),
            system,
            watch: watch.clone(),
            tell,
            windows: RefCell::default(),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            drops: RefCell::default(),
        });
        let mut handler = Handler {
            app,
            shared,
            translator: Translator::default(),
            access_watched: false,
        };
        let ended = watch.run(|| event_loop.run_app(&mut handler));
        watch.wind_up(|| handler.finish(ended.is_err()));
        Ok(ended)
    }
}

/// Describes why no window system is available, without the source line that winit puts first.
fn no_windows(error: &EventLoopError) -> anyhow::Error {
    let text = error.to_string();
    let cause = text
        .strip_prefix("os error at ")
        .and_then(|text| Some(text.split_once(".rs:")?.1.split_once(": ")?.1));
    let display = portico_ipc::display::current()
        .map(|display| format!(" on {display}"))
        .unwrap_or_default();
    anyhow::anyhow!("no windows can be opened{display}: {}", cause.unwrap_or(&text))
}

/// An event of another thread.
enum UserEvent<E> {
    /// To the application.
    App(E),
    /// To the backend.
    News(News),
}

/// News for the backend from other threads.
enum News {
    /// Assistive technology wants something of a window.
    Access(NativeId, AccessEvent),
    /// The bus of assistive technology has been started anew, and the process is connected to it.
    AccessRenewed,
    /// The display is gone, and with it all windows.
    DisplayLost,
    /// The listener for drag and drop is ready.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    Drops(Arc<Drops>),
    /// Something was dropped on a window.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    Dropped(NativeId, Dropped),
}

/// Tells the backend something, from any thread.
type Tell = Arc<dyn Fn(News) + Send + Sync>;

/// State that all windows share.
struct Shared {
    surfaces: Surfaces,
    system: System,
    watch: display::Watch,
    tell: Tell,
    windows: RefCell<Vec<Open>>,
    /// The listener for drag and drop, on systems that need it.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    drops: RefCell<Option<Arc<Drops>>>,
}

/// A window that is open.
struct Open {
    id: WindowId,
    window: Weak<WinitWindow>,
    pressed_keys: keys::PressedKeys,
}

/// The event loop, while it handles an event.
struct Target<'a> {
    target: &'a ActiveEventLoop,
    shared: &'a Rc<Shared>,
}

impl Backend for Target<'_> {
    fn open(&self, attributes: &Attributes<'_>) -> anyhow::Result<Rc<dyn NativeWindow>> {
        let window = Rc::new(WinitWindow::open(self.target, self.shared, attributes)?);
        let id = window.winit_id();
        #[cfg(all(unix, not(target_vendor = "apple")))]
        if let Some(drops) = &*self.shared.drops.borrow() {
            drops.take(id.into());
        }
        self.shared.windows.borrow_mut().push(Open {
            id,
            window: Rc::downgrade(&window),
            pressed_keys: keys::PressedKeys::default(),
        });
        Ok(window)
    }

    fn screen(&self) -> Option<Monitor> {
        let monitor = self.target.primary_monitor();
        monitor
            .or_else(|| self.target.available_monitors().next())
            .map(|monitor| window::monitor(&monitor))
    }

    fn system(&self) -> System {
        self.shared.system
    }

    fn tell_mouse(&self, on: bool) {
        let when = if on {
            DeviceEvents::WhenFocused
        } else {
            DeviceEvents::Never
        };
        self.target.listen_device_events(when);
    }

    fn settle(&self) {
        #[cfg(all(unix, not(target_vendor = "apple")))]
        if self.shared.system == System::X11 {
            let tell = Arc::clone(&self.shared.tell);
            crate::background::spawn(move || {
                let told = Arc::clone(&tell);
                let hear = move |window, dropped| told(News::Dropped(NativeId(window), dropped));
                match Drops::hear(hear) {
                    Ok(drops) => tell(News::Drops(drops)),
                    Err(error) => tracing::warn!("what is dropped on windows is left to the window library: {error}"),
                }
            });
        }
    }

    fn program_started(&self, _at: Instant) {}

    fn looks(&self) -> Option<Looks> {
        None
    }
}

/// Hands winit's events to the application.
struct Handler<'a, A> {
    app: &'a mut A,
    shared: Rc<Shared>,
    translator: Translator,
    /// Whether the bus of assistive technology is watched; only once that is in use.
    access_watched: bool,
}

impl<A: Application> Handler<'_, A> {
    fn finish(&mut self, lost: bool) {
        self.app.finish(lost || self.shared.watch.is_lost());
    }

    /// Handles news of another thread.
    fn news(&mut self, target: &ActiveEventLoop, news: News) {
        let Self { app, shared, .. } = self;
        let backend = Target { target, shared };
        match news {
            News::Access(window, event) => {
                if !std::mem::replace(&mut self.access_watched, true) {
                    let tell = Arc::clone(&shared.tell);
                    access_bus::watch(move || tell(News::AccessRenewed));
                }
                app.window_event(&backend, window, WindowEvent::Access(event));
            }
            News::AccessRenewed => {
                let windows = shared.windows.borrow();
                for window in windows.iter().filter_map(|open| open.window.upgrade()) {
                    window.renew_access();
                }
            }
            News::DisplayLost => display::leave(),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            News::Drops(drops) => {
                shared
                    .windows
                    .borrow()
                    .iter()
                    .for_each(|open| drops.take(open.id.into()));
                *shared.drops.borrow_mut() = Some(drops);
            }
            #[cfg(all(unix, not(target_vendor = "apple")))]
            News::Dropped(window, dropped) => app.window_event(&backend, window, WindowEvent::Dropped(dropped)),
        }
    }
}

impl<A: Application> ApplicationHandler<UserEvent<A::Event>> for Handler<'_, A> {
    fn resumed(&mut self, target: &ActiveEventLoop) {
        let Self { app, shared, .. } = self;
        app.resumed(&Target { target, shared });
    }

    fn user_event(&mut self, target: &ActiveEventLoop, event: UserEvent<A::Event>) {
        let Self { app, shared, .. } = self;
        match event {
            UserEvent::App(event) => app.event(&Target { target, shared }, event),
            UserEvent::News(news) => self.news(target, news),
        }
    }

    fn window_event(&mut self, target: &ActiveEventLoop, id: WindowId, event: winit::event::WindowEvent) {
        let Self {
            app,
            shared,
            translator,
            ..
        } = self;
        let translated = {
            let mut windows = shared.windows.borrow_mut();
            let Some(at) = windows.iter().position(|open| open.id == id) else {
                return;
            };
            let Some(window) = windows[at].window.upgrade() else {
                windows.swap_remove(at);
                return;
            };
            window.process_access(&event);
            translator.translate(target, window.winit(), &mut windows[at].pressed_keys, event)
        };
        if let Some(event) = translated {
            app.window_event(&Target { target, shared }, NativeId(id.into()), event);
        }
    }

    fn device_event(&mut self, target: &ActiveEventLoop, _device: DeviceId, event: DeviceEvent) {
        let Self { app, shared, .. } = self;
        if let DeviceEvent::MouseMotion { delta: (dx, dy) } = event {
            app.mouse_moved(&Target { target, shared }, dx, dy);
        }
    }

    fn about_to_wait(&mut self, target: &ActiveEventLoop) {
        let Self { app, shared, .. } = self;
        match app.about_to_wait(&Target { target, shared }) {
            Wait::Exit => target.exit(),
            Wait::Until(at) => target.set_control_flow(ControlFlow::WaitUntil(at.max(Instant::now()))),
            Wait::Event => target.set_control_flow(ControlFlow::Wait),
        }
    }

    fn exiting(&mut self, _target: &ActiveEventLoop) {
        // While there is still an event loop for windows to end with.
        self.finish(false);
    }
}
