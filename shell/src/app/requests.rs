//! Requests of IPC clients. Input goes the way of real input: to the window, its model, and from there on.

use super::App;
use super::event::{AppEvent, EventSender};
use super::program::{Origin, log_text};
use super::windows::{Toplevel, Windows};
use crate::backend::{Backend, PhysicalSize};
use crate::background;
use crate::strings;
use crate::whole::{self, Readers};
use crate::window::{Presenter, ShellWindow};
use anyhow::Context as _;
use base64::Engine as _;
use portico_ipc::{ActionInfo, Keystroke, ProgramState, Reply, Request, Response, WindowInfo};
use portico_model::{self as model, KeyState, Outcome, PageKind, Phase, WindowId, shortcut_text};
use portico_surface::Picture;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest time that a client may wait for frames.
const LONGEST: Duration = Duration::from_secs(600);

/// An IPC request that waits for a condition.
struct PendingRequest {
    what: Condition,
    reply: Option<Reply>,
}

enum Condition {
    /// A window has shown `target` frames in all, before `until`.
    Frames {
        window: WindowId,
        target: u64,
        until: Instant,
    },
    /// A window is closed.
    Closed(WindowId),
    /// The chrome renderer is ready, for requests that need the chrome.
    Renderer(Box<Request>),
}

impl PendingRequest {
    /// Time at which the request times out.
    fn deadline(&self) -> Option<Instant> {
        match self.what {
            Condition::Frames { until, .. } => Some(until),
            Condition::Closed(_) | Condition::Renderer(_) => None,
        }
    }

    /// Answers the request if it depends on a window that was closed; returns whether it still waits.
    fn survives(&mut self, closed: WindowId) -> bool {
        match self.what {
            Condition::Frames { window, .. } if window == closed => {
                self.finish(Response::error("the window was closed"));
                false
            }
            Condition::Closed(window) if window == closed => {
                self.finish(Response::Done);
                false
            }
            _ => true,
        }
    }

    fn finish(&mut self, response: Response) {
        if let Some(reply) = self.reply.take() {
            reply.finish(response);
        }
    }
}

/// The IPC requests that wait.
#[derive(Default)]
pub(super) struct Requests(Vec<PendingRequest>);

impl Requests {
    fn push(&mut self, what: Condition, reply: Reply) {
        self.0.push(PendingRequest {
            what,
            reply: Some(reply),
        });
    }

    /// Time at which the next of them times out.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.iter().filter_map(PendingRequest::deadline).min()
    }

    /// Answers those that depend on a window that was closed.
    pub(super) fn closed(&mut self, window: WindowId) {
        self.0.retain_mut(|pending| pending.survives(window));
    }

    /// Answers those that have timed out.
    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        for pending in &mut self.0 {
            if pending.deadline().is_some_and(|deadline| now >= deadline) {
                pending.finish(Response::error("no such frame came in time"));
            }
        }
        self.0.retain(|pending| pending.reply.is_some());
    }

    /// Answers those whose condition is met.
    pub(super) fn check(&mut self, windows: &Windows, events: &EventSender) {
        let frames = |window| {
            windows
                .get(window)
                .map_or(0, |toplevel| toplevel.window.presenter().frames())
        };
        for pending in &mut self.0 {
            match &pending.what {
                Condition::Frames { window, target, .. } => {
                    let frames = frames(*window);
                    if frames >= *target {
                        pending.finish(Response::Frame { frames });
                    }
                }
                Condition::Closed(_) => {}
                Condition::Renderer(request) => {
                    // Back into the queue: this has no backend at hand.
                    if windows.has_renderer()
                        && let Some(reply) = pending.reply.take()
                    {
                        events.send(AppEvent::Ipc(request.clone(), reply));
                    }
                }
            }
        }
        self.0.retain(|pending| pending.reply.is_some());
        for toplevel in windows.iter() {
            let id = toplevel.window.id();
            let targets = self.0.iter().filter_map(|pending| match pending.what {
                Condition::Frames { window, target, .. } if window == id => Some(target),
                _ => None,
            });
            if let Some(target) = targets.min() {
                toplevel.window.presenter().watch(target);
            }
        }
    }
}

impl App {
    /// Handles a request of an IPC client.
    pub(super) fn request(&mut self, backend: &dyn Backend, request: Request, reply: Reply) {
        if reply.is_unwanted() && !request.is_news() {
            return;
        }
        let window = match request {
            Request::Run(run) => return self.run_for_client(backend, run, reply),
            Request::Open { page } => {
                let Some(kind) = PageKind::named(&page) else {
                    return reply.finish(Response::error(format!("there is no page {page:?}")));
                };
                self.open_page(backend, kind);
                return reply.finish(Response::Done);
            }
            Request::Grants => return self.reread_grants(reply),
            Request::LibraryChanged => {
                self.launcher.reload_library();
                return reply.finish(Response::Done);
            }
            Request::Windows => {
                let windows = self.windows.iter().map(info).collect();
                return reply.finish(Response::Windows { windows });
            }
            // These need no chrome, which a program that never shows anything would have to wait for.
            Request::Reload { window } => return self.reload(backend, window, reply),
            Request::Follow { window } => return self.follow(window, reply),
            Request::Set { key, value } => return reply.finish(self.set_preference(backend, &key, &value)),
            _ if !self.windows.has_renderer() => {
                return self.requests.push(Condition::Renderer(Box::new(request)), reply);
            }
            Request::Screenshot { window }
            | Request::Key { window, .. }
            | Request::Type { window, .. }
            | Request::Click { window, .. }
            | Request::Move { window, .. }
            | Request::Scroll { window, .. }
            | Request::Resize { window, .. }
            | Request::WaitFrame { window, .. }
            | Request::Actions { window, .. }
            | Request::Close { window }
            | Request::End { window } => window,
        };
        let Some(id) = self.windows.shell.desktop.meant(window) else {
            return reply.finish(Response::error("there is no such window"));
        };
        // The window as the user would see it by now.
        self.handle(backend, id, ShellWindow::update);
        match request {
            Request::Screenshot { .. } => self.screenshot(id, reply),
            Request::WaitFrame { frames, timeout_ms, .. } => self.wait_frame(id, frames, timeout_ms, reply),
            Request::Actions { fire, .. } => {
                let response = self
                    .windows
                    .get(id)
                    .map_or(Response::error("there is no such window"), |p| actions(p, fire));
                reply.finish(response);
            }
            other => {
                self.input(backend, id, other);
                reply.finish(Response::Done);
            }
        }
    }

    fn run_for_client(&mut self, backend: &dyn Backend, run: portico_ipc::Run, reply: Reply) {
        let id = self.windows.shell.desktop.new_id();
        let events = self.events.clone();
        reply.on_gone(move || events.send(AppEvent::ClientGone(id)));
        reply.started(id.0);
        self.prepare(id, run, Some(Origin::Client(reply)));
        self.open_windows(backend);
    }

    fn reload(&mut self, backend: &dyn Backend, window: Option<u64>, reply: Reply) {
        let toplevel = self
            .windows
            .shell
            .desktop
            .meant(window)
            .and_then(|id| self.windows.get_mut(id));
        let Some(toplevel) = toplevel else {
            return reply.finish(Response::error("there is no such window"));
        };
        let id = toplevel.window.id();
        reply.started(id.0);
        toplevel.reload = Some(Origin::Client(reply));
        self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Restart));
        self.handle(backend, id, ShellWindow::update);
    }

    fn follow(&mut self, window: Option<u64>, reply: Reply) {
        let Some(id) = self.windows.shell.desktop.meant(window) else {
            return reply.finish(Response::Done);
        };
        let events = self.events.clone();
        reply.on_gone(move || events.send(AppEvent::ClientGone(id)));
        self.requests.push(Condition::Closed(id), reply);
    }

    fn input(&mut self, backend: &dyn Backend, id: WindowId, request: Request) {
        match request {
            Request::Key {
                code, state, modifiers, ..
            } => {
                let states: &[KeyState] = match state {
                    Keystroke::Tap => &[KeyState::Pressed, KeyState::Released],
                    Keystroke::Press => &[KeyState::Pressed],
                    Keystroke::Release => &[KeyState::Released],
                    Keystroke::Repeat => &[KeyState::Repeated],
                };
                for state in states {
                    self.handle(backend, id, |window, cx| window.press(cx, code, *state, modifiers));
                    self.handle(backend, id, ShellWindow::update);
                }
            }
            Request::Type { text, .. } => {
                self.handle(backend, id, |window, cx| window.type_text(cx, &text));
            }
            Request::Click { x, y, button, .. } => {
                self.handle(backend, id, |window, cx| window.point(cx, x.into(), y.into()));
                for pressed in [true, false] {
                    // The chrome looks between two steps, as it would between those of a hand.
                    self.handle(backend, id, ShellWindow::update);
                    self.handle(backend, id, |window, cx| window.button(cx, button, pressed));
                }
            }
            Request::Move { x, y, .. } => {
                self.handle(backend, id, |window, cx| window.point(cx, x.into(), y.into()));
            }
            Request::Scroll { dx, dy, .. } => self.handle(backend, id, |window, cx| window.scroll(cx, dx, dy)),
            Request::Resize { width, height, .. } => {
                let size = PhysicalSize::new(width.clamp(1, 16_384), height.clamp(1, 16_384));
                self.handle(backend, id, |window, cx| window.ask_size(cx, size));
            }
            Request::Close { .. } => {
                self.handle(backend, id, |window, cx| window.apply(cx, model::Event::Close));
            }
            Request::End { .. } => self.windows.end(id),
            _ => {}
        }
        self.handle(backend, id, ShellWindow::update);
    }

    fn screenshot(&mut self, id: WindowId, reply: Reply) {
        let Some(toplevel) = self.windows.get(id) else {
            return reply.finish(Response::error("there is no such window"));
        };
        let presenter = Arc::clone(toplevel.window.presenter());
        // A large picture takes a while to pack.
        background::spawn(move || {
            let screenshot = picture(&presenter).and_then(|picture| {
                Ok(Response::Screenshot {
                    width: picture.width,
                    height: picture.height,
                    png: base64::engine::general_purpose::STANDARD.encode(png(&picture)?),
                })
            });
            reply.finish(screenshot.unwrap_or_else(|error| Response::error(format!("{error:#}"))));
        });
    }

    /// Saves a picture of a window among the user's pictures.
    pub(super) fn save_picture(&mut self, id: WindowId) {
        let Some(window) = self.windows.get(id).map(|toplevel| &toplevel.window) else {
            return;
        };
        let title = window.model().title().to_owned();
        let presenter = Arc::clone(window.presenter());
        self.spawn_background(move |events| {
            // The first look at the clock reads a file.
            let name = file_name(&title, &now());
            let png = picture(&presenter).and_then(|picture| png(&picture));
            let saved = png.and_then(|png| save(&name, "png", |user| user.picture_dir().map(PathBuf::from), &png));
            events.send(AppEvent::Saved(id, words(&saved)));
        });
    }

    /// Saves a program's log among the user's documents.
    pub(super) fn save_log(&mut self, id: WindowId) {
        let Some(toplevel) = self.windows.get(id) else { return };
        let (title, source) = (toplevel.window.model().title().to_owned(), toplevel.source);
        self.spawn_background(move |events| {
            let name = file_name(&title, &now());
            let text = log_text(source);
            let saved = save(
                &name,
                "log",
                |user| user.document_dir().map(PathBuf::from),
                text.as_bytes(),
            );
            events.send(AppEvent::Saved(id, words(&saved)));
        });
    }

    fn wait_frame(&mut self, id: WindowId, frames: u64, timeout_ms: u64, reply: Reply) {
        let Some(toplevel) = self.windows.get(id) else { return };
        let target = toplevel.window.presenter().frames().saturating_add(frames);
        let until = Instant::now() + Duration::from_millis(timeout_ms).min(LONGEST);
        self.requests.push(
            Condition::Frames {
                window: id,
                target,
                until,
            },
            reply,
        );
        self.requests.check(&self.windows, &self.events);
    }
}

fn info(toplevel: &Toplevel) -> WindowInfo {
    let (window, model) = (&toplevel.window, toplevel.window.model());
    let (width, height) = model.size();
    let state = match model.phase() {
        Phase::Builtin => ProgramState::None,
        Phase::Opening | Phase::Loading(_) => ProgramState::Loading,
        Phase::Running if model.is_unresponsive() => ProgramState::NotAnswering,
        Phase::Running => ProgramState::Running,
        Phase::Ended(page) => match page.outcome {
            Outcome::Trap { .. } => ProgramState::Trapped,
            Outcome::Refused { .. } => ProgramState::Refused,
            Outcome::Code(_) | Outcome::Ended => ProgramState::Ended,
        },
    };
    WindowInfo {
        window: window.id().0,
        title: model.title().to_string(),
        program: toplevel
            .program
            .as_ref()
            .map(|program| program.hash().to_string())
            .unwrap_or_default(),
        width,
        height,
        toolbar: window.toolbar(),
        scale: model.scale(),
        focused: model.is_focused(),
        frames: window.presenter().frames(),
        state,
    }
}

fn actions(toplevel: &Toplevel, fire: Option<String>) -> Response {
    let chrome = toplevel.window.model().chrome();
    let menu = chrome.menu.as_deref().unwrap_or_default();
    let shown = || menu.iter().enumerate().filter(|(_, action)| action.mode == chrome.mode);
    let Some(name) = fire else {
        let actions = shown().map(|(_, action)| ActionInfo {
            name: action.name.to_string(),
            description: action.description.to_string(),
            disabled: action.disabled,
            shortcut: action.shortcut.map(shortcut_text),
        });
        return Response::Actions {
            actions: actions.collect(),
        };
    };
    match shown().find(|(_, action)| action.name == *name) {
        Some((_, action)) if action.disabled => Response::error(format!("{name} can't be chosen now")),
        Some((index, _)) => {
            toplevel.window.fire(u32::try_from(index).unwrap_or(u32::MAX));
            Response::Done
        }
        None => Response::error(format!("there is no action {name} now")),
    }
}

/// The composed window.
pub(super) fn picture(presenter: &Arc<Presenter>) -> anyhow::Result<Picture> {
    let picture = presenter.picture().context("the window is not on the screen yet")?;
    Ok(picture?)
}

pub(super) fn png(picture: &Picture) -> anyhow::Result<Vec<u8>> {
    use image::ImageEncoder;
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive).write_image(
        &picture.rgba,
        picture.width,
        picture.height,
        image::ExtendedColorType::Rgba8,
    )?;
    Ok(bytes)
}

/// The notice for a file that was saved, or not.
fn words(saved: &anyhow::Result<PathBuf>) -> String {
    match saved {
        Ok(path) => strings::saved(&path.display().to_string()),
        Err(error) => strings::not_saved(&format!("{error:#}")),
    }
}

/// Local date and time.
fn now() -> jiff::Zoned {
    jiff::Timestamp::now().to_zoned(portico_portals::system_zone())
}

/// The program's title, as far as it makes a file name, and the user's date and time.
fn file_name(title: &str, now: &jiff::Zoned) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || " -_".contains(c) {
            c
        } else {
            '_'
        }
    };
    let title: String = title.trim().chars().take(60).map(plain).collect();
    format!("{title} {}", now.strftime("%Y-%m-%d %H.%M.%S"))
}

/// Saves a file in one of the user's folders, else in the home folder.
fn save(
    name: &str,
    extension: &str,
    folder: impl FnOnce(&directories::UserDirs) -> Option<PathBuf>,
    bytes: &[u8],
) -> anyhow::Result<PathBuf> {
    let user = directories::UserDirs::new().context("this user has no home")?;
    let folder = folder(&user)
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| user.home_dir().to_owned());
    save_in(&folder, name, extension, bytes)
}

/// Saves a file under its name, or with a number after it where there is one of that name: nothing is overwritten.
fn save_in(folder: &Path, name: &str, extension: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let first = std::iter::once(format!("{name}.{extension}"));
    let names = first.chain((2..=99).map(|number| format!("{name} ({number}).{extension}")));
    let named = whole::add(folder, Readers::Usual, names, |file| file.write_all(bytes));
    Ok(folder.join(named.with_context(|| folder.display().to_string())?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn files_are_named_for_people_and_never_overwritten() {
        let now: jiff::Zoned = "2026-11-21T08:13:16+01:00[Europe/Berlin]".parse().unwrap();
        let name = file_name(" a/b: Paint ", &now);
        assert_eq!(name, "a_b_ Paint 2026-11-21 08.13.16");
        let folder = tempfile::tempdir().unwrap();
        let save = |bytes: &[u8]| save_in(folder.path(), &name, "png", bytes).unwrap();
        let (one, two, three) = (save(b"1"), save(b"2"), save(b"3"));
        assert_eq!(one.file_name().unwrap(), "a_b_ Paint 2026-11-21 08.13.16.png");
        assert_eq!(two.file_name().unwrap(), "a_b_ Paint 2026-11-21 08.13.16 (2).png");
        assert_eq!(
            [one, two, three].map(|path| std::fs::read(path).unwrap()),
            [b"1", b"2", b"3"]
        );
        assert!(save_in(&folder.path().join("none"), &name, "png", b"").is_err());
    }
}
