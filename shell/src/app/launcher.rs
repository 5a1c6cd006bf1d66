//! Launches: programs that start, run and have ended, with the library that they are found in.

use super::Setup;
use super::event::{AppEvent, EventSender};
use super::program::{Journal, LaunchId, LaunchRequest, Origin, Programs};
use super::windows::{Content, Toplevel};
use crate::library::Library;
use crate::state::State;
use parking_lot::Mutex;
use portico_kernel::{Hash, Process, Program};
use portico_portals::Launched;
use std::collections::HashMap;
use std::sync::Arc;

/// Starts programs, and keeps account of those that run.
pub(super) struct Launcher {
    programs: Programs,
    pub(super) library: Library,
    /// Launches that programs have requested before the library was read: hash, arguments, answer.
    pub(super) waiting: Vec<(Hash, Vec<String>, Launched)>,
    /// Processes whose end has not been reported yet, including those of closed windows.
    alive: HashMap<LaunchId, Option<Process>>,
    /// Exit code of the program that was started with the shell, once it is known.
    exit: Option<Arc<Mutex<Option<u8>>>>,
    events: EventSender,
}

impl Launcher {
    /// Launches programs of `library` with the permissions and the profile of `state`, and the services of `setup`.
    pub(super) fn new(events: EventSender, state: &State, library: Library, setup: &Setup) -> Self {
        let programs = Programs::new(
            state.permissions().clone(),
            Arc::clone(state.profile()),
            library.icons().clone(),
            setup.services.clone(),
            setup.kernel,
            events.clone(),
        );
        Self {
            programs,
            library,
            waiting: Vec::new(),
            alive: HashMap::new(),
            exit: None,
            events,
        }
    }

    /// The terminal as the origin of the program that is started with the shell, whose exit code is that of the run.
    pub(super) fn terminal(&mut self) -> Origin {
        Origin::Terminal(Arc::clone(self.exit.get_or_insert_default()))
    }

    /// Exit code of the program that was started with the shell, once it is known; the outer `None` where there was no such program.
    pub(super) fn exit(&self) -> Option<Arc<Mutex<Option<u8>>>> {
        self.exit.clone()
    }

    /// Whether the program that was started with the shell has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.exit.as_ref().is_some_and(|exit| exit.lock().is_some())
    }

    /// The whole run ends with this code, which is told by itself, unless its program has ended before.
    pub(super) fn end_with(&self, code: u8) {
        if let Some(exit) = &self.exit {
            exit.lock().get_or_insert(code);
        }
    }

    /// Loads and starts the program of a window: `program` if it is loaded already, else that of its file.
    pub(super) fn start(&mut self, toplevel: &mut Toplevel, origin: Option<Origin>, program: Option<Program>) {
        let Content::Program(run) = &toplevel.content else {
            return;
        };
        let journal = Arc::new(Journal::new(toplevel.source, origin.as_ref()));
        toplevel.origin = Arc::new(Mutex::new(origin));
        self.alive.insert(toplevel.launch_id, None);
        self.programs.start(LaunchRequest {
            launch_id: toplevel.launch_id,
            run: run.clone(),
            window: Arc::clone(toplevel.window.program_window()),
            journal,
            origin: Arc::clone(&toplevel.origin),
            program,
            cancel: toplevel.cancel.clone(),
            identity: Arc::clone(&toplevel.identity),
        });
    }

    /// A launch has become a process.
    pub(super) fn started(&mut self, launch_id: LaunchId, process: &Process) {
        if let Some(alive) = self.alive.get_mut(&launch_id) {
            *alive = Some(process.clone());
        }
    }

    /// The end of a launch has been reported.
    pub(super) fn ended(&mut self, launch_id: LaunchId) {
        self.alive.remove(&launch_id);
    }

    /// Whether any program runs, or is about to.
    pub(super) fn is_busy(&self) -> bool {
        !self.alive.is_empty()
    }

    /// Loads the library, unless that was done before.
    pub(super) fn want_library(&self) {
        let events = self.events.clone();
        self.library.want(move |news| events.send(AppEvent::Library(news)));
    }

    /// Reloads the library after programs were installed or removed.
    pub(super) fn reload_library(&self) {
        let events = self.events.clone();
        self.library.changed(move |news| events.send(AppEvent::Library(news)));
    }
}
