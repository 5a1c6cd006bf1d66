//! What windows ask of the shell: its own pages, and programs by file, name, link or hash.

use super::event::Event;
use super::{App, Inside};
use crate::library::LibraryError;
use crate::library::store;
use crate::link::Run;
use crate::model::{Ask, Event as Happening, Listed, PageKind, WindowId};
use crate::pages::UNDO;
use crate::strings;
use portico_kernel::Hash;
use portico_portals::{Code, Launched};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use winit::event_loop::ActiveEventLoop;

impl App {
    /// Does what a window asks of the shell.
    pub(super) fn asked(&mut self, target: &ActiveEventLoop, id: WindowId, ask: Ask) {
        let library = self.library.clone();
        match ask {
            Ask::Open(kind) => self.open_page(target, kind),
            Ask::Run(program) => {
                let run = Run::of(&program, &library).ok_or_else(|| LibraryError::Nowhere.to_string());
                self.found(target, id, run);
            }
            Ask::Find(text) => self.aside(move |post| {
                let found = library.meant(&text).map_err(|error| error.to_string());
                let run = found.and_then(|program| Run::of(&program, &library).ok_or_else(|| text.clone()));
                post.send(Event::Found(id, Box::new(run)));
            }),
            Ask::Keep(file) => self.aside(move |post| {
                if let Err(error) = library.install(&file) {
                    post.send(Event::Found(id, Box::new(Err(error.to_string()))));
                }
                post.send(Event::LibraryChanged);
            }),
            Ask::KeepAndRun(file) => self.aside(move |post| {
                let kept = library.install(&file).map_err(|error| error.to_string());
                post.send(Event::LibraryChanged);
                let run = kept.and_then(|row| Run::of(&row.meant(), &library).ok_or_else(|| row.name.to_string()));
                post.send(Event::Found(id, Box::new(run)));
            }),
            Ask::Remove(hash) => self.aside(move |post| {
                if let Err(error) = library.remove(&hash) {
                    return post.send(Event::Saved(id, strings::not_removed(&error.to_string())));
                }
                post.send(Event::LibraryChanged);
                // By then it can't be undone any more.
                std::thread::sleep(UNDO + Duration::from_secs(1));
                if let Err(error) = library.forget(&hash) {
                    tracing::warn!("the file of a program that was removed can't be deleted: {error}");
                }
            }),
            Ask::Restore(row) => self.aside(move |post| {
                if let Err(error) = library.restore(&row) {
                    post.send(Event::Found(id, Box::new(Err(error.to_string()))));
                }
                post.send(Event::LibraryChanged);
            }),
            Ask::Set(preferences) => self.set_preferences(target, *preferences),
            Ask::Tell(detail) => self.tell_programs(id, detail),
            Ask::Recording(what) => self.recording(what),
            Ask::Recorded(what, shortcut) => self.recorded(target, what, shortcut),
            Ask::Focus(id) => self.focus(id),
            Ask::End(id) => self.end(id),
            Ask::Restart(id) => self.handle(target, id, |window, cx| window.apply(cx, Happening::Restart, None)),
            Ask::Permissions(program) => self.show_permissions(target, program),
            Ask::ShowLog(id) => self.show_log(target, id),
            Ask::Console(source, line) => self.console(source, &line),
            Ask::ClearLog => self.clear_log(),
            Ask::ForgetCompiled => self.forget_compiled(),
            Ask::Grant(say) => self.say(&say),
        }
    }

    /// A program, which the user allows that, starts another one of those that are kept or came with the shell.
    pub(super) fn launch(&mut self, target: &ActiveEventLoop, hash: Hash, arguments: Vec<String>, launched: Launched) {
        if self.library.items().is_none() {
            self.launches.push((hash, arguments, launched));
            return self.want_programs();
        }
        let text = hash.to_string();
        let bundled = self.library.items().unwrap_or_default();
        let bundled = bundled.iter().find(|item| item.hash == hash).map(|item| item.program.clone());
        let program = bundled.or_else(|| self.library.installed_as(&text).ok());
        let Some(run) = program.and_then(|program| Run::of(&program, &self.library)) else {
            return launched.failed(Code::Unavailable, format!("no program with the hash {text} is installed"));
        };
        self.prepare(Run { arguments, ..run }, None);
        self.open_windows(target);
        launched.done();
    }

    /// A file was dropped on the window of a program that takes such files: copies it into the program's store.
    pub(super) fn dropped(&mut self, id: WindowId, file: PathBuf) {
        let Some(place) = self.place(id) else { return };
        let Some(identity) = place.program.as_ref().map(|program| program.identity().clone()) else { return };
        let (door, at) = (Arc::clone(place.window.door()), place.window.cursor_place());
        self.aside(move |post| match store::keep(&identity, &file) {
            Ok(name) => door.dropped(at.0, at.1, &name),
            Err(why) => post.send(Event::Saved(id, strings::not_kept(&format!("{}: {why}", file.display())))),
        });
    }

    /// Does something that may take a while on a thread of its own.
    pub(super) fn aside(&self, work: impl FnOnce(super::Post) + Send + 'static) {
        let post = self.post.clone();
        if let Err(error) = std::thread::Builder::new().name("library".into()).spawn(move || work(post)) {
            tracing::error!("no thread for a program: {error}");
        }
    }

    /// A program was found that somebody asked for at a window: opens it, or says there why not.
    pub(super) fn found(&mut self, target: &ActiveEventLoop, id: WindowId, found: Result<Run, String>) {
        match found {
            Ok(run) => {
                self.prepare(run, None);
                self.open_windows(target);
            }
            Err(why) => {
                let text = strings::no_such_thing(&why);
                self.handle(target, id, |window, cx| window.apply(cx, Happening::Notice(text), None));
            }
        }
    }

    /// Somebody wants to see what can be opened.
    pub(super) fn want_programs(&self) {
        let post = self.post.clone();
        self.library.want(move || post.send(Event::LibraryRead));
    }

    /// Programs have been installed or removed.
    pub(super) fn library_changed(&self) {
        let post = self.post.clone();
        self.library.changed(move || post.send(Event::LibraryRead));
    }

    /// What can be opened has been read: home and the HUDs show it.
    pub(super) fn library_read(&mut self, target: &ActiveEventLoop) {
        let items = self.library.items().unwrap_or_default();
        let listed = items.iter().map(|item| Listed {
            meant: item.program.clone(),
            identity: item.identity.to_string(),
            name: item.name.clone(),
            summary: item.summary.clone(),
        });
        self.shell.programs = Some(listed.collect());
        for place in &mut self.places {
            if matches!(place.inside, Inside::Page(PageKind::Home)) {
                place.window.redraw();
            }
        }
        let ids: Vec<_> = self.places.iter().map(|place| place.window.id()).collect();
        for id in ids {
            self.handle(target, id, |window, cx| window.apply(cx, Happening::WindowsChanged, None));
        }
        self.programs_read();
        for (hash, arguments, launched) in std::mem::take(&mut self.launches) {
            self.launch(target, hash, arguments, launched);
        }
    }

    /// Opens a window of the shell's own, or brings it to the front.
    pub(super) fn open_page(&mut self, target: &ActiveEventLoop, kind: PageKind) {
        let there = self.places.iter().find(|place| matches!(place.inside, Inside::Page(inside) if inside == kind));
        match there.map(|place| place.window.id()) {
            Some(id) => self.focus(id),
            None => {
                self.prepare_page(kind);
                self.open_windows(target);
            }
        }
    }

    /// Brings a window to the front.
    pub(super) fn focus(&mut self, id: WindowId) {
        if let Some(native) = self.place(id).and_then(|place| place.window.native()) {
            native.set_minimized(false);
            native.focus_window();
        }
    }
}
