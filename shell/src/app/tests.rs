//! The app on the headless backend: programs, typing, prompts and pixels, in milliseconds.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::headless::setup;
use super::*;
use crate::backend::{Application, Headless, Looks};
use crate::script::Script;
use portico_kernel::{InProcess, Programs};
use portico_model::{Answer, Keyboard, Phase, code};
use portico_portals::TABLE;
use portico_surface::Picture;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const GREY: [u8; 3] = [0x40; 3];
const GREEN: [u8; 3] = [0, 0xFF, 0];
const RED: [u8; 3] = [0xFF, 0, 0];

/// A program that fills its window with grey; and, by what it hears of the command WHICH with the message at 0x1000, with another
/// colour: green when it delivers something, red when it is closed.
const PROGRAM: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0x2000) "sixteen letters!")
  (func $post (param $at i32) (param $channel i32) (param $new i32) (param $which i32) (param $data i32)
    (i32.store (local.get $at) (local.get $channel))
    (i32.store offset=4 (local.get $at) (local.get $new))
    (i32.store offset=8 (local.get $at) (local.get $which))
    (i32.store offset=12 (local.get $at) (local.get $data)))
  (func $fill (param $colour i32) (local $at i32)
    (local.set $at (i32.const 0x4000))
    (loop $next
      (i32.store (local.get $at) (local.get $colour))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 0x4400)))))
  (func (export "run") (local $count i32) (local $ready i32) (local $id i32)
    (call $fill (i32.const 0xff404040))
    (i32.store (i32.const 0x800) (i32.const 16))
    (i32.store (i32.const 0x804) (i32.const 16))
    (i32.store (i32.const 0x808) (i32.const 64))
    (i32.store (i32.const 0x810) (i32.const 0x4000))
    (i32.store (i32.const 0x1000) (i32.const 16))
    (i32.store (i32.const 0x1004) (i32.const 0x2000))
    (call $post (i32.const 0x100) (i32.const 0) (i32.const 2) (i32.const WHICH) (i32.const 0x1000))
    (call $post (i32.const 0x110) (i32.const 0) (i32.const 1) (i32.const 35) (i32.const 0x800))
    (local.set $count (i32.const 2))
    (loop $next
      (local.set $ready (call $ar (local.get $count) (i32.const 0x100) (i32.const 0x200)))
      (local.set $count (i32.const 0))
      (loop $each
        (if (local.get $ready) (then
          (local.set $ready (i32.sub (local.get $ready) (i32.const 1)))
          (local.set $id (i32.load offset=0x200 (i32.mul (local.get $ready) (i32.const 4))))
          (if (i32.ne (local.get $id) (i32.const 1)) (then
            (call $fill (select (i32.const 0xff00ff00) (i32.const 0xff0000ff)
              (i32.eq (local.get $id) (i32.const 2))))
            (call $post (i32.const 0x100) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x800))
            (local.set $count (i32.const 1))))
          (br $each))))
      (br $next))))"#;

/// Keys.
const KEYS: u32 = 26;
/// Setting the user's name, which the user is asked about.
const SET_USER_NAME: u32 = 14;

struct Fixture {
    app: App,
    headless: Headless<AppEvent>,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let looks = Looks {
            area: (320, 200),
            scale: 1.0,
        };
        let events = EventSender::default();
        let headless = Headless::new(looks, Script::default(), None);
        events.open(headless.sender());
        let setup = Setup {
            kernel: || Kernel::new(TABLE, None, InProcess),
            ends_with_program: false,
            ..setup(looks, folder.path().join("state"), None)
        };
        let programs = Programs::new(folder.path().join("programs"));
        let mut app = App::new(events, setup, |state| {
            Library::new(programs, state.database().clone(), Vec::new())
        });
        Application::resumed(&mut app, headless.backend());
        Self { app, headless, folder }
    }

    /// Opens a window with the program that uses a command, and waits until it is on the screen.
    fn open(&mut self, which: u32) -> WindowId {
        let id = self.app.windows.shell.desktop.new_id();
        let file = self.folder.path().join(format!("{which}.wasm"));
        std::fs::write(
            &file,
            wat::parse_str(PROGRAM.replace("WHICH", &which.to_string())).unwrap(),
        )
        .unwrap();
        let run = Run { file, ..Run::default() };
        self.app.prepare(id, run, None);
        self.app.open_windows(self.headless.backend());
        self.until("it is shown", |app| {
            app.windows.has_renderer() && app.windows.get(id).unwrap().window.is_shown()
        });
        id
    }

    /// Runs the app until that is so.
    fn until(&mut self, what: &str, is_so: impl Fn(&mut App) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(&mut self.app) {
            assert!(Instant::now() < end, "not in time: {what}");
            // A program's frame comes without an event.
            let soon = Instant::now() + Duration::from_millis(5);
            assert!(self.headless.turn(&mut self.app, Some(soon)), "the app has ended");
        }
    }

    fn model(&mut self, id: WindowId) -> &WindowModel {
        self.app.windows.get(id).unwrap().window.model()
    }

    /// Presses a key in the window that has the focus, and lets go of it.
    fn tap(&mut self, code: u16, modifiers: u8) {
        let id = self.app.windows.shell.desktop.focused().unwrap();
        for state in [model::KeyState::Pressed, model::KeyState::Released] {
            let backend = self.headless.backend();
            self.app
                .handle(backend, id, |window, cx| window.press(cx, code, state, modifiers));
            self.app.handle(backend, id, ShellWindow::update);
        }
    }

    fn picture(&mut self, id: WindowId) -> Picture {
        let presenter = Arc::clone(self.app.windows.get(id).unwrap().window.presenter());
        presenter.picture().unwrap().unwrap()
    }

    /// Waits until the middle of a window has this colour.
    fn shows(&mut self, id: WindowId, colour: [u8; 3]) {
        self.until(&format!("the colour {colour:?}"), |app| {
            let presenter = Arc::clone(app.windows.get(id).unwrap().window.presenter());
            presenter
                .picture()
                .is_some_and(|picture| middle(&picture.unwrap()) == colour)
        });
    }
}

/// The pixel in the middle of the framebuffer area.
fn middle(picture: &Picture) -> [u8; 3] {
    let (x, y) = (picture.width / 2, 40 + (picture.height - 40) / 2);
    let at = (y * picture.width + x) as usize * 4;
    picture.rgba[at..at + 3].try_into().unwrap()
}

#[test]
fn two_programs_run_beside_each_other_and_keys_go_to_the_focus() {
    let mut fixture = Fixture::new();
    let (one, two) = (fixture.open(KEYS), fixture.open(KEYS));
    fixture.until("the new one has the focus", |app| {
        app.windows.shell.desktop.focused() == Some(two)
    });
    assert!(!fixture.model(one).is_focused());
    fixture.shows(one, GREY);
    fixture.shows(two, GREY);
    fixture.tap(4, 0);
    fixture.shows(two, GREEN);
    assert_eq!(middle(&fixture.picture(one)), GREY);
    fixture.app.windows.focus(one);
    fixture.until("the focus moves", |app| {
        app.windows.shell.desktop.focused() == Some(one)
    });
    assert!(!fixture.model(two).is_focused());
    fixture.tap(4, 0);
    fixture.shows(one, GREEN);
    fixture.app.close(one);
    fixture.until("the focus goes to the one that is left", |app| {
        app.windows.shell.desktop.focused() == Some(two)
    });
    assert_eq!(fixture.app.windows.shell.desktop.windows().len(), 1);
}

#[test]
fn what_is_typed_into_the_hud_finds_the_shells_own_actions() {
    let mut fixture = Fixture::new();
    let id = fixture.open(KEYS);
    let before = fixture.picture(id);
    fixture.tap(code::SPACE, 2);
    assert_eq!(fixture.model(id).keyboard(), Keyboard::Hud);
    let backend = fixture.headless.backend();
    fixture
        .app
        .handle(backend, id, |window, cx| window.type_text(cx, "settings"));
    fixture.until("the query is there", |app| {
        app.windows
            .get(id)
            .unwrap()
            .window
            .model()
            .hud()
            .is_some_and(|hud| hud.query() == "settings")
    });
    assert_ne!(fixture.picture(id), before, "the HUD lies over the picture");
    fixture.tap(code::ENTER, 0);
    fixture.until("the page is there", |app| {
        app.windows.shell.desktop.page(PageKind::Settings).is_some()
    });
    let page = fixture.app.windows.shell.desktop.page(PageKind::Settings).unwrap();
    fixture.until("the page is shown", |app| {
        app.windows.get(page).unwrap().window.is_shown()
    });
    assert_eq!(*fixture.model(page).phase(), Phase::Builtin);
    fixture.shows(id, GREY);
}

#[test]
fn a_prompt_is_answered_by_keys_once_it_has_been_read() {
    for (answer, colour) in [(Answer::Never, RED), (Answer::Once, GREEN)] {
        let mut fixture = Fixture::new();
        let id = fixture.open(SET_USER_NAME);
        fixture.until("the prompt is there", |app| {
            app.windows.get(id).unwrap().window.model().question().is_some()
        });
        fixture.tap(code::TAB, 0);
        assert!(fixture.model(id).question().is_some(), "nobody can have read it");
        fixture.until("it can be answered", |app| {
            app.windows.get(id).unwrap().window.model().is_prompt_armed()
        });
        let selected = (0..3).any(|_| {
            fixture.tap(code::TAB, 0);
            fixture.model(id).selected_answer() == Some(answer)
        });
        assert!(selected, "Tab never comes to {answer:?}");
        fixture.tap(code::ENTER, 0);
        assert!(fixture.model(id).question().is_none());
        fixture.shows(id, colour);
    }
}
