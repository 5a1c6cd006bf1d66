//! Loads and starts programs on threads of their own, while their windows are created.

use super::event::{AppEvent, EventSender};
use crate::background;
use crate::broker::BrokerBridge;
use crate::grants::{ProgramGrants, RunGrants};
use crate::icons::Icons;
use crate::logs;
use crate::output;
use crate::report;
use crate::run_ext::{NotRead, RunExt as _};
use crate::state::PermissionStore;
use crate::strings;
use parking_lot::Mutex;
use portico_devices::SystemClipboard;
use portico_ipc::{LogLines, Reply, Response, Run};
use portico_kernel::{
    Cancel, CompileError, EngineError, Exit, Grants, Kernel, Limits, LoadError, LoadOptions, Process, Program,
    ProgramText,
};
use portico_logs::SourceId;
use portico_model::{Outcome, WindowId};
use portico_portals::{Clipboard, Host, Level, Log, MemoryClipboard, Profile, Services, Window};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

/// Identifies a launch of a program in a window; a restart is another launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LaunchId {
    /// The window.
    pub window: WindowId,
    /// Counts the launches in the window.
    pub generation: u32,
}

/// A program has started.
pub struct Started {
    /// The launch.
    pub launch_id: LaunchId,
    /// Its name.
    pub name: ProgramText,
    /// The program.
    pub program: Program,
    /// Its process.
    pub process: Process,
    /// Its grants.
    pub grants: Arc<ProgramGrants>,
}

/// A program has ended, or could not be started.
pub struct Exited {
    /// The launch.
    pub launch_id: LaunchId,
    /// Outcome.
    pub outcome: Outcome,
}

/// The requester of a program's start, which is told of its end.
pub(super) enum Origin {
    /// The command line of this process.
    Terminal(Arc<Mutex<Option<u8>>>),
    /// A client over IPC.
    Client(Reply),
}

impl Origin {
    /// Reports the end.
    fn ended(self, code: u8, report: Option<String>) {
        match self {
            Self::Terminal(exit) => {
                // The end of the whole run has a code before those of the programs that it ends, and is told by itself.
                let is_news = exit.lock().replace(code).is_none();
                if let Some(report) = report.filter(|_| is_news) {
                    output::say(report);
                }
            }
            Self::Client(reply) => reply.finish(Response::Exited { code, report }),
        }
    }
}

/// The log of a program: stored in the shell's log, and forwarded to the client or terminal that started it.
pub(super) struct Journal {
    source: SourceId,
    /// The client that runs it; `None` for the terminal.
    client: Option<LogLines>,
    /// Whether it was started from this process's terminal.
    terminal: bool,
}

impl Journal {
    /// A journal for a program that `origin` runs, and that is `source` in the shell's log.
    pub(super) fn new(source: SourceId, origin: Option<&Origin>) -> Self {
        let client = match origin {
            Some(Origin::Client(reply)) => Some(reply.log_lines()),
            _ => None,
        };
        let terminal = matches!(origin, Some(Origin::Terminal(_)));
        Self {
            source,
            client,
            terminal,
        }
    }
}

/// The log of a program, as text.
pub(super) fn log_text(source: SourceId) -> String {
    let mut text = String::new();
    logs::store().each(source, |line| {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{} {}: {}", level(line.level), line.name, line.text);
    });
    text
}

impl Log for Journal {
    fn line(&self, at: Level, name: &str, text: &str) {
        logs::store().push(self.source, at, name, text);
        if let Some(client) = &self.client {
            client.line(format!("{} {name}: {text}", level(at)));
        } else if self.terminal {
            output::say(format_args!("{} {name}: {text}", level(at)));
        }
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warning => "WARNING",
        Level::Error => "ERROR",
    }
}

/// Loads and starts programs.
#[derive(Clone)]
pub(super) struct Programs {
    kernel: Arc<OnceLock<Result<Kernel<Host>, String>>>,
    make_kernel: fn() -> Result<Kernel<Host>, EngineError>,
    store: PermissionStore,
    profile: Arc<Profile>,
    icons: Icons,
    events: EventSender,
    shared: SharedServices,
}

/// Services that all programs share. Each starts on first use.
#[derive(Clone)]
pub(super) struct SharedServices {
    clipboard: Arc<dyn Clipboard>,
    broker: BrokerBridge,
    /// `None` where there is no desktop to show them.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    notifications: Option<Arc<portico_devices::DesktopNotifications>>,
}

impl SharedServices {
    /// Those of a desktop.
    pub(super) fn of_desktop(clipboard: Arc<SystemClipboard>) -> Self {
        Self {
            clipboard,
            broker: BrokerBridge::default(),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            notifications: Some(Arc::default()),
        }
    }

    /// Those that there are without a window system.
    pub(super) fn of_memory(clipboard: Arc<MemoryClipboard>) -> Self {
        Self {
            clipboard,
            broker: BrokerBridge::default(),
            #[cfg(all(unix, not(target_vendor = "apple")))]
            notifications: None,
        }
    }

    /// The clipboard.
    pub(super) fn clipboard(&self) -> &dyn Clipboard {
        &*self.clipboard
    }

    /// The bridge to the message broker.
    pub(super) fn broker(&self) -> &BrokerBridge {
        &self.broker
    }

    /// Adds the shared services to those of a program; `name` is the name that the user knows.
    #[cfg_attr(
        not(all(unix, not(target_vendor = "apple"))),
        expect(unused_variables, reason = "notifications are shown by D-Bus")
    )]
    fn open(&self, services: Services, name: ProgramText, window: WindowId, events: EventSender) -> Services {
        #[cfg(all(unix, not(target_vendor = "apple")))]
        let services = match &self.notifications {
            Some(notifications) => {
                let clicked = Arc::new(move || events.send(AppEvent::FocusWindow(window)));
                Services {
                    notifier: notifications.of(name, clicked),
                    ..services
                }
            }
            None => services,
        };
        Services {
            clipboard: Arc::clone(&self.clipboard),
            ..services
        }
    }
}

/// A request to load and start a program.
pub(super) struct LaunchRequest {
    /// The launch.
    pub launch_id: LaunchId,
    /// The file and what it may do.
    pub run: Run,
    /// The window's side for the portals.
    pub window: Arc<Window>,
    /// Where its log goes.
    pub journal: Arc<Journal>,
    /// The requester, which is told of its end besides the event loop, unless it has been taken out until then.
    pub origin: Arc<Mutex<Option<Origin>>>,
    /// The loaded program, for a restart.
    pub program: Option<Program>,
    /// Cancels the launch.
    pub cancel: Cancel,
    /// Key for the program's stored state; set before it starts to run.
    pub identity: Arc<OnceLock<String>>,
}

impl Programs {
    /// A loader whose programs have their permissions from `store`, the user's profile from `profile`, their icons from `icons` and
    /// all else from `shared`; it reports by `events`. The kernel is made with the first program.
    pub(super) fn new(
        store: PermissionStore,
        profile: Arc<Profile>,
        icons: Icons,
        shared: SharedServices,
        make_kernel: fn() -> Result<Kernel<Host>, EngineError>,
        events: EventSender,
    ) -> Self {
        Self {
            kernel: Arc::default(),
            make_kernel,
            store,
            profile,
            icons,
            events,
            shared,
        }
    }

    /// Loads and starts a program on another thread. [`AppEvent::Started`] and, in any case, [`AppEvent::Exited`] follow.
    pub(super) fn start(&self, request: LaunchRequest) {
        let this = self.clone();
        background::spawn(move || this.load(request));
    }

    fn load(&self, request: LaunchRequest) {
        let launch_id = request.launch_id;
        // Shared with the process, which tells of its end; a program that can't be started tells here.
        let origin = request.origin;
        let run = RunGrants::new(request.run.grant.clone(), request.run.deny.clone())
            .map_err(|error| (strings::no_such_portal(), error.to_string()));
        let kernel = self.kernel().map_err(|error| (strings::no_engine(), error));
        let run = run.map_err(NotBegun::refused);
        let begun = run
            .and_then(|run| Ok((run, kernel.map_err(NotBegun::refused)?)))
            .and_then(|(run, kernel)| {
                let program = match request.program {
                    Some(program) => program,
                    None => {
                        let bytes = request.run.read().map_err(|why| {
                            let damaged = matches!(why, NotRead::Damaged(_));
                            let summary = if damaged {
                                strings::damaged()
                            } else {
                                strings::no_file()
                            };
                            NotBegun::refused((summary, why.to_string()))
                        })?;
                        kernel.load(
                            &bytes,
                            &LoadOptions {
                                cancel: request.cancel,
                                budget: request.run.budget(),
                            },
                        )?
                    }
                };
                request.identity.get_or_init(|| program.identity().to_string());
                let name = request.run.called(Some(&program));
                let services = Services {
                    launcher: Arc::new(self.events.clone()),
                    profile: Arc::clone(&self.profile),
                    broker: self.shared.broker.for_process(&name, request.run.activation.clone()),
                    ..Services::absent()
                };
                let services = self
                    .shared
                    .open(services, name.clone(), launch_id.window, self.events.clone());
                let host = Host::new(request.window, request.run.arguments.clone(), request.journal, services);
                let desk = self.events.clone();
                let desk = move |what| desk.send(AppEvent::Permission(launch_id, what));
                let grants = Arc::new(ProgramGrants::new(&run, &program, self.store.clone(), desk));
                let held: Arc<dyn Grants> = Arc::clone(&grants) as _;
                let events = self.events.clone();
                let (heirs, of) = (Arc::clone(&origin), (name.clone(), *program.hash()));
                let on_exit = move |exit: Exit| {
                    if let Some(origin) = heirs.lock().take() {
                        origin.ended(exit.code(), report::report(&exit, &of.0, Some(&of.1)));
                    }
                    let outcome = outcome(&exit);
                    events.send(AppEvent::Exited(Box::new(Exited { launch_id, outcome })));
                };
                let process = kernel.start(&program, host, held, Limits::default(), on_exit)?;
                Ok(Started {
                    launch_id,
                    name,
                    program,
                    process,
                    grants,
                })
            });
        match begun {
            Ok(started) => {
                let (program, name) = (started.program.clone(), started.name.clone());
                self.events.send(AppEvent::Started(Box::new(started)));
                // Only now, when nobody waits for this thread any more.
                let icon = program.icon().and_then(|icon| self.icons.of(icon, &name));
                self.events.send(AppEvent::Icon(launch_id, icon));
            }
            Err(why) => {
                let (code, outcome, report) = why.told();
                if let Some(origin) = origin.lock().take() {
                    origin.ended(code, Some(report));
                }
                self.events
                    .send(AppEvent::Exited(Box::new(Exited { launch_id, outcome })));
            }
        }
    }

    fn kernel(&self) -> Result<Kernel<Host>, String> {
        let made = self
            .kernel
            .get_or_init(|| (self.make_kernel)().map_err(|error| error.to_string()));
        made.clone()
    }
}

/// Why a launch has no process.
enum NotBegun {
    /// The launch was cancelled.
    Ended,
    /// The program can't be started: a summary, and the details.
    Refused(Box<(String, String)>),
}

impl NotBegun {
    fn refused((summary, details): (&'static str, String)) -> Self {
        Self::Refused(Box::new((summary.to_owned(), details)))
    }

    /// The exit code, the outcome for the window, and the text for the terminal.
    fn told(self) -> (u8, Outcome, String) {
        match self {
            Self::Ended => (Exit::Ended.code(), Outcome::Ended, ENDED.to_owned()),
            Self::Refused(words) => {
                let (summary, details) = *words;
                (
                    122,
                    Outcome::Refused {
                        summary,
                        details: details.clone(),
                    },
                    details,
                )
            }
        }
    }
}

impl From<LoadError> for NotBegun {
    fn from(error: LoadError) -> Self {
        let summary = match &error {
            LoadError::Compile(CompileError::Cancelled) => return Self::Ended,
            LoadError::Compile(CompileError::OverBudget(bound, budget)) => strings::over_budget(*bound, *budget),
            LoadError::Compile(CompileError::Invalid(_)) => strings::not_valid().to_owned(),
            LoadError::Compile(CompileError::Failed(_)) => strings::not_compiled().to_owned(),
            LoadError::Refused(_) => strings::no_program().to_owned(),
            LoadError::Link(_) => strings::no_import().to_owned(),
            LoadError::Thread(_) => strings::no_thread().to_owned(),
        };
        Self::Refused(Box::new((summary, report::not_loaded(&error))))
    }
}

/// Terminal text for a program that was ended.
const ENDED: &str = "the program was ended";

/// The outcome for the window.
fn outcome(exit: &Exit) -> Outcome {
    match exit {
        Exit::Code(_) => Outcome::Code(exit.code()),
        Exit::Ended => Outcome::Ended,
        Exit::Trap(report) => Outcome::Trap {
            summary: report.summary.clone(),
            details: report.details.clone(),
        },
        Exit::Refused(why) => Outcome::Refused {
            summary: strings::not_started().to_owned(),
            details: why.clone(),
        },
    }
}
