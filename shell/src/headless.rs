//! A run without a window system: for tests, for machines that build things, and for taking pictures.
//!
//! The program sees an ordinary window of a fixed size whose display shows 60 pictures a second. What a script does goes
//! through the same model as the input of a real window, so shortcuts fire and keys are withheld just as there.

mod frames;
mod screen;

pub use frames::{FrameError, FrameWriter};

use crate::broker::BrokerBridge;
use crate::output;
use crate::script::{Input, Script, Step};
use crate::strings;
use portico_kernel::{Exit, Grants, Kernel, Limits, LoadError, Process, Program};
use portico_model::{self as model, Effect, Event, Now, Progress, Shell, WindowId, WindowModel};
use portico_portals::{
    Cursor, CursorKind, Host, Key, KeyState, Level, Log, MemoryClipboard, Profile, Services, Window, WindowState,
};
use screen::Display;
use std::sync::{Arc, mpsc};
use std::time::Instant;

/// Options of a run without a window system.
pub struct Options {
    /// Name of the program.
    pub name: String,
    /// What followed `--`.
    pub arguments: Vec<String>,
    /// Its grants.
    pub grants: Arc<dyn Grants>,
    /// The user's profile.
    pub profile: Arc<Profile>,
    /// Its message broker.
    pub broker: BrokerBridge,
    /// Width and height of the framebuffer area in display pixels.
    pub size: (u32, u32),
    /// Display pixels a point.
    pub scale: f32,
    /// Input to play.
    pub script: Script,
    /// Writes the frames that are shown.
    pub frames: Option<FrameWriter>,
}

/// Why a run failed, other than by the program's own doing.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    /// The program could not be started.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A frame could not be written.
    #[error(transparent)]
    Frames(#[from] FrameError),
    /// The program's thread went without a word.
    #[error("the program's thread ended without saying how")]
    Lost,
}

/// An event from the program's thread.
enum Told {
    Chrome,
    Exit(Exit),
}

/// Runs a program to its end.
///
/// # Errors
/// When it could not be started, or a frame could not be written.
pub fn run(kernel: &Kernel<Host>, program: &Program, options: Options) -> Result<Exit, HeadlessError> {
    let (tell, told) = mpsc::channel();
    let display = Arc::new(Display::new(options.frames, tell.clone()));
    let window = Window::new(Arc::clone(&display) as Arc<dyn portico_portals::Screen>);
    let line = options.broker.for_process(&options.name, None);
    let model = WindowModel::new(WindowId(1), program.hash().to_string(), options.name);
    let mut driver = Driver {
        model,
        shell: Shell::new(strings::WORDING),
        window: Arc::clone(&window),
        process: None,
        size: options.size,
        scale: options.scale,
        cursor: (0.0, 0.0),
    };
    driver.tell_state();
    let services = Services {
        profile: options.profile,
        broker: line,
        clipboard: Arc::new(MemoryClipboard::default()),
        ..Services::absent()
    };
    let host = Host::new(window, options.arguments, Arc::new(Terminal), services);
    let process = kernel.start(program, host, options.grants, Limits::default(), move |exit| {
        // Nobody listens any more if the run has failed already.
        let _ = tell.send(Told::Exit(exit));
    })?;
    let exit = driver.drive(process, &options.script.0, &told);
    display.finish()?;
    exit.ok_or(HeadlessError::Lost)
}

/// The log of a program, as the terminal has it.
struct Terminal;

impl Log for Terminal {
    fn line(&self, level: Level, name: &str, text: &str) {
        let level = match level {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
        };
        output::say(format_args!("{level} {name}: {text}"));
    }
}

/// The window's model, and the parts that carry out its effects.
struct Driver {
    model: WindowModel,
    shell: Shell,
    window: Arc<Window>,
    process: Option<Process>,
    size: (u32, u32),
    scale: f32,
    cursor: (f32, f32),
}

impl Driver {
    /// Plays the script and waits for the end. `None` if the program's thread is lost.
    fn drive(&mut self, process: Process, script: &[Step], told: &mpsc::Receiver<Told>) -> Option<Exit> {
        let started = process.started();
        self.process = Some(process);
        for event in [
            Event::Started,
            Event::Visible(true),
            Event::Focused(true),
            Event::Chrome(self.window.chrome()),
        ] {
            self.apply(event);
        }
        let mut steps = script.iter().peekable();
        loop {
            while let Some(step) = steps.next_if(|step| started + step.at() <= Instant::now()) {
                self.play(&step.input);
            }
            if self.model.wake_at().is_some_and(|at| at <= Instant::now()) {
                self.apply(Event::Tick);
            }
            if self.model.is_unresponsive() {
                // Nobody is there to be asked.
                self.apply(Event::UnresponsiveWait);
            }
            let next = [steps.peek().map(|step| started + step.at()), self.model.wake_at()]
                .into_iter()
                .flatten()
                .min();
            let told = match next {
                None => told.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
                Some(at) => told.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match told {
                Ok(Told::Exit(exit)) => return Some(exit),
                Ok(Told::Chrome) => self.apply(Event::Chrome(self.window.chrome())),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn play(&mut self, input: &Input) {
        let time = Instant::now();
        match input {
            Input::Key { code, state, modifiers } => {
                // What has been told so far may have brought a menu: shortcuts go by the newest.
                self.apply(Event::Chrome(self.window.chrome()));
                let state = match state {
                    KeyState::Released => model::KeyState::Released,
                    KeyState::Pressed => model::KeyState::Pressed,
                    KeyState::Repeated => model::KeyState::Repeated,
                };
                let key = model::Key {
                    time,
                    code: *code,
                    state,
                    modifiers: *modifiers,
                };
                self.apply(Event::Key { key, text: None });
            }
            Input::Text(text) => self.apply(Event::Text(text.clone())),
            Input::Cursor {
                x,
                y,
                kind,
                number,
                dx,
                dy,
            } => {
                let (mut dx, mut dy) = (*dx, *dy);
                if matches!(kind, CursorKind::Moved | CursorKind::TouchMoved) {
                    (dx, dy) = (x - self.cursor.0, y - self.cursor.1);
                }
                self.cursor = (*x, *y);
                let (kind, touch) = cursor_kind(*kind);
                let button = if touch { 0 } else { u8::try_from(*number).unwrap_or(0) };
                let pointer = if touch { *number } else { 0 };
                self.apply(Event::Cursor(model::Cursor {
                    time,
                    kind,
                    x: *x,
                    y: *y,
                    dx,
                    dy,
                    button,
                    pointer,
                }));
            }
            Input::Resize(width, height) => {
                self.size = (*width, *height);
                self.tell_state();
            }
            Input::Action(name) => self.fire(name),
            Input::Close => self.apply(Event::Close),
        }
    }

    /// Chooses the action of that name that shows now.
    fn fire(&self, name: &str) {
        let chrome = self.window.chrome();
        let shows =
            |action: &portico_portals::Action| action.name == name && action.mode == chrome.mode && !action.disabled;
        match chrome.menu.as_ref().and_then(|menu| menu.iter().position(shows)) {
            Some(index) => self.window.fire(u32::try_from(index).unwrap_or(u32::MAX)),
            None => tracing::warn!("the program has no action `{name}` that can be chosen now"),
        }
    }

    fn apply(&mut self, event: Event) {
        let progress = self
            .process
            .as_ref()
            .map_or_else(Progress::default, |process| Progress {
                calls: process.calls(),
                parked: process.parked(),
            });
        let now = Now {
            time: Instant::now(),
            progress,
        };
        for effect in self.model.apply(now, event, &mut self.shell) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Key(key) => {
                let state = match key.state {
                    model::KeyState::Released => KeyState::Released,
                    model::KeyState::Pressed => KeyState::Pressed,
                    model::KeyState::Repeated => KeyState::Repeated,
                };
                self.window.key(Key {
                    at: key.time,
                    code: key.code,
                    state,
                    modifiers: key.modifiers,
                });
            }
            Effect::Text(text) => self.window.text(&text),
            Effect::Preedit(text) => self.window.preedit(&text),
            Effect::Cursor(model::Cursor {
                time,
                kind,
                x,
                y,
                dx,
                dy,
                button,
                pointer,
            }) => {
                self.window.cursor(Cursor {
                    at: time,
                    x,
                    y,
                    dx,
                    dy,
                    kind: abi_kind(kind),
                    button,
                    pointer,
                });
            }
            Effect::Fire(index) => self.window.fire(index),
            Effect::PressAction(index) => self.window.press_action(index),
            Effect::PressNavigation(index) => self.window.press_navigation(index),
            Effect::ChooseTab(index) => self.window.choose_tab(index),
            Effect::Search { query, entered } => self.window.search(&query, entered),
            Effect::State => self.tell_state(),
            Effect::ToggleFullscreen => self.apply(Event::Fullscreen(!self.model.is_fullscreen())),
            Effect::End | Effect::Close => {
                if let Some(process) = &self.process {
                    process.end();
                }
            }
            // There is no chrome, no window system and no second window.
            Effect::Chrome
            | Effect::EndComposition
            | Effect::InputMethod(_)
            | Effect::Repaint
            | Effect::Restart
            | Effect::CopyReport(_)
            | Effect::Minimise
            | Effect::ToggleMaximise
            | Effect::Screenshot
            | Effect::SaveLog
            | Effect::MakeRoom { .. }
            | Effect::StartMove
            | Effect::StartResize(_)
            | Effect::FocusWindow(_)
            | Effect::Command(_)
            | Effect::Answer { .. }
            | Effect::TakeBack(_)
            | Effect::Drop(_)
            | Effect::Learned => {}
        }
    }

    fn tell_state(&self) {
        let started = self.process.is_some();
        self.window.state(WindowState {
            width: self.size.0,
            height: self.size.1,
            scale: self.scale,
            // The program starts in a window that has the focus already.
            focused: !started || self.model.is_focused(),
            visible: true,
            fullscreen: self.model.is_fullscreen(),
            dark: false,
            reduced_motion: false,
            closing: self.model.is_closing(),
        });
    }
}

/// The same for the model, and whether it is a finger's doing.
fn cursor_kind(kind: CursorKind) -> (model::CursorKind, bool) {
    match kind {
        CursorKind::Moved => (model::CursorKind::Moved, false),
        CursorKind::Pressed => (model::CursorKind::Pressed, false),
        CursorKind::Released => (model::CursorKind::Released, false),
        CursorKind::Scrolled => (model::CursorKind::Scrolled, false),
        CursorKind::Entered => (model::CursorKind::Entered, false),
        CursorKind::Left => (model::CursorKind::Left, false),
        CursorKind::TouchBegan => (model::CursorKind::TouchBegan, true),
        CursorKind::TouchMoved => (model::CursorKind::TouchMoved, true),
        CursorKind::TouchEnded => (model::CursorKind::TouchEnded, true),
        CursorKind::TouchCancelled => (model::CursorKind::TouchCancelled, true),
    }
}

fn abi_kind(kind: model::CursorKind) -> CursorKind {
    match kind {
        model::CursorKind::Moved => CursorKind::Moved,
        model::CursorKind::Pressed => CursorKind::Pressed,
        model::CursorKind::Released => CursorKind::Released,
        model::CursorKind::Scrolled => CursorKind::Scrolled,
        model::CursorKind::Entered => CursorKind::Entered,
        model::CursorKind::Left => CursorKind::Left,
        model::CursorKind::TouchBegan => CursorKind::TouchBegan,
        model::CursorKind::TouchMoved => CursorKind::TouchMoved,
        model::CursorKind::TouchEnded => CursorKind::TouchEnded,
        model::CursorKind::TouchCancelled => CursorKind::TouchCancelled,
    }
}
