//! Commands of windows to the shell: open built-in pages, and programs by file, name, link or hash.

use super::App;
use super::event::AppEvent;
use crate::backend::Backend;
use crate::background;
use crate::library::LibraryError;
use crate::library::file_store;
use crate::pages::UNDO;
use crate::run_ext::RunExt as _;
use crate::strings;
use portico_ipc::Run;
use portico_kernel::Hash;
use portico_model::{self as model, PageKind, ProgramEntry, ShellCommand, WindowId};
use portico_portals::{Code, Launched};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

impl App {
    /// Carries out a command of a window.
    pub(super) fn shell_command(&mut self, backend: &dyn Backend, id: WindowId, command: ShellCommand) {
        let library = self.launcher.library.clone();
        match command {
            ShellCommand::Open(kind) => self.open_page(backend, kind),
            ShellCommand::Run(program) => {
                let run = Run::of(&program, &library).ok_or_else(|| LibraryError::Nowhere.to_string());
                self.found(backend, id, run);
            }
            ShellCommand::Find(text) => self.spawn_background(move |events| {
                let found = library.resolve(&text).map_err(|error| error.to_string());
                let run = found.and_then(|program| Run::of(&program, &library).ok_or_else(|| text.clone()));
                events.send(AppEvent::Found(id, Box::new(run)));
            }),
            ShellCommand::Install(file) => self.spawn_background(move |events| {
                if let Err(error) = library.install(&file, || events.send(AppEvent::LibraryChanged)) {
                    events.send(AppEvent::Found(id, Box::new(Err(error.to_string()))));
                }
            }),
            ShellCommand::InstallAndRun(files) => self.spawn_background(move |events| {
                let mut failed = Vec::new();
                for file in files {
                    let kept = library.install(&file, || events.send(AppEvent::LibraryChanged));
                    let kept = kept.map_err(|error| error.to_string());
                    match kept.and_then(|row| Run::of(&row.program_ref(), &library).ok_or_else(|| row.name.to_string()))
                    {
                        Ok(run) => events.send(AppEvent::Found(id, Box::new(Ok(run)))),
                        Err(why) => failed.push(why),
                    }
                }
                if !failed.is_empty() {
                    events.send(AppEvent::Saved(id, strings::not_opened(&strings::together(failed))));
                }
            }),
            ShellCommand::Remove(hash) => self.spawn_background(move |events| {
                if let Err(error) = library.remove(&hash) {
                    return events.send(AppEvent::Saved(id, strings::not_removed(&error.to_string())));
                }
                events.send(AppEvent::LibraryChanged);
                // By then it can't be undone any more.
                std::thread::sleep(UNDO + Duration::from_secs(1));
                if let Err(error) = library.forget(&hash) {
                    tracing::warn!("the file of a program that was removed can't be deleted: {error}");
                }
            }),
            ShellCommand::Restore(row) => self.spawn_background(move |events| {
                if let Err(error) = library.restore(&row, || events.send(AppEvent::LibraryChanged)) {
                    events.send(AppEvent::Found(id, Box::new(Err(error.to_string()))));
                }
            }),
            ShellCommand::Set(preferences) => self.set_preferences(backend, *preferences),
            ShellCommand::SetUserInfo(detail) => self.tell_programs(id, detail),
            ShellCommand::Recording(what) => self.recording(what),
            ShellCommand::Recorded(what, shortcut) => self.recorded(backend, what, shortcut),
            ShellCommand::Focus(id) => self.windows.focus(id),
            ShellCommand::End(id) => self.windows.end(id),
            ShellCommand::Restart(id) => self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Restart)),
            ShellCommand::Permissions(program) => self.show_permissions(backend, program),
            ShellCommand::ShowLog(id) => self.show_log(backend, id),
            ShellCommand::Console(source, line) => self.console(source, &line),
            ShellCommand::ClearLog => self.clear_log(),
            ShellCommand::ForgetCompiled => self.forget_compiled(),
            ShellCommand::SetPermission(change) => self.set_permission(&change),
        }
    }

    /// Starts a program by its hash for another program, which has the permission: an installed one, or one that came with the shell.
    pub(super) fn launch(&mut self, backend: &dyn Backend, hash: Hash, arguments: Vec<String>, launched: Launched) {
        if self.launcher.library.items().is_none() {
            self.launcher.waiting.push((hash, arguments, launched));
            return self.launcher.want_library();
        }
        let items = self.launcher.library.items().unwrap_or_default();
        let listed = items
            .iter()
            .find(|item| item.hash == hash)
            .and_then(|item| Run::of(&item.program, &self.launcher.library));
        if let Some(run) = listed {
            self.open_program(backend, Run { arguments, ..run });
            return launched.done();
        }
        // It may have been installed a moment ago.
        let library = self.launcher.library.clone();
        self.spawn_background(move |events| {
            let text = hash.to_string();
            match library
                .installed_as(&text)
                .ok()
                .and_then(|program| Run::of(&program, &library))
            {
                Some(run) => events.send(AppEvent::LaunchFound(Box::new(Run { arguments, ..run }), launched)),
                None => launched.failed(
                    Code::Unavailable,
                    format!("no program with the hash {text} is installed"),
                ),
            }
        });
    }

    /// Copies files that were dropped on a program's window into the program's own folder.
    pub(super) fn dropped(&mut self, id: WindowId, files: Vec<PathBuf>) {
        let Some(toplevel) = self.windows.get(id) else { return };
        let Some(identity) = toplevel.program.as_ref().map(|program| program.identity().clone()) else {
            return;
        };
        let (program_window, at) = (
            Arc::clone(toplevel.window.program_window()),
            toplevel.window.cursor_place(),
        );
        self.spawn_background(move |events| {
            let mut failed = Vec::new();
            for file in files {
                match file_store::import(&identity, &file) {
                    Ok(name) => program_window.dropped(at.0, at.1, &name),
                    Err(why) => failed.push(why.to_string()),
                }
            }
            if !failed.is_empty() {
                events.send(AppEvent::Saved(id, strings::not_kept(&strings::together(failed))));
            }
        });
    }

    /// Runs slow work on the shell's pool of threads, which sends an event with its result.
    pub(super) fn spawn_background(&self, work: impl FnOnce(super::EventSender) + Send + 'static) {
        let events = self.events.clone();
        background::spawn(move || work(events));
    }

    /// Opens the program that a window asked for, or shows there why not.
    pub(super) fn found(&mut self, backend: &dyn Backend, id: WindowId, found: Result<Run, String>) {
        match found {
            Ok(run) => self.open_program(backend, run),
            Err(why) => {
                let text = strings::no_such_thing(&why);
                self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Notice(text)));
            }
        }
    }

    /// Updates home and the HUDs after the library was read.
    pub(super) fn library_read(&mut self, backend: &dyn Backend) {
        let items = self.launcher.library.items().unwrap_or_default();
        let listed = items.iter().map(|item| ProgramEntry {
            program: item.program.clone(),
            identity: item.identity.to_string(),
            name: item.name.clone(),
            summary: item.summary.clone(),
        });
        self.windows.shell.programs = Some(listed.collect());
        self.windows.redraw_page(PageKind::Home);
        self.each_window(backend, |window, cx| window.apply(cx, model::Event::WindowsChanged));
        self.programs_read();
        for (hash, arguments, launched) in std::mem::take(&mut self.launcher.waiting) {
            self.launch(backend, hash, arguments, launched);
        }
    }

    /// Updates the pages that show icons.
    pub(super) fn library_icon_read(&mut self) {
        self.windows.redraw_page(PageKind::Home);
        self.grants_changed();
    }

    /// Opens a built-in page, or brings its window to the front.
    pub(super) fn open_page(&mut self, backend: &dyn Backend, kind: PageKind) {
        match self.windows.shell.desktop.page(kind) {
            Some(id) => self.windows.focus(id),
            None => {
                self.prepare_page(kind);
                self.open_windows(backend);
            }
        }
    }
}
