//! Home as people see it, compared picture by picture, and as the keyboard and a screen reader find their way in it.
//!
//! `UPDATE_SNAPSHOTS=1` renders the pictures anew.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "common/harness.rs"]
mod harness;

use egui::{Key, Modifiers};
use egui_kittest::{
    Harness, SnapshotResults,
    kittest::{NodeT, Queryable},
};
use portico::chrome::{self, Look};
use portico::library::{Library, LibraryEvent};
use portico::pages::Home;
use portico::state::Database;
use portico::strings;
use portico_kernel::Programs;
use portico_model::{
    Effect, Event, Installed, Now, ProgramRef, Progress, Shell, ShellCommand, ShellEffect, WindowId, WindowModel,
};
use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

const SEARCH: &str = "Search, or paste a path, a link or a hash to open it";

/// A window with home in it, and what it has asked for.
struct Bench {
    model: WindowModel,
    page: Home,
    shell: Shell,
    now: Now,
    asked: Vec<ShellCommand>,
    _folder: tempfile::TempDir,
}

fn program(folder: &Path, name: &str, summary: &str, colour: &str) -> std::path::PathBuf {
    let icon = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><rect x='1' y='1' width='6' height='6' rx='1.5' fill='{colour}'/></svg>"
    );
    let text = format!(
        r#"(module (@custom "portico" (after func) "name = \"{name}\"\nsummary = \"{summary}\"")
           (@custom "portico.icon" (after func) "{icon}") (memory (export "memory") 1) (func (export "run")))"#
    );
    let file = folder.join(format!("{name}.wasm"));
    std::fs::write(&file, wat::parse_str(text).unwrap()).unwrap();
    file
}

impl Bench {
    /// With so many programs installed, and so many examples.
    fn new(installed: usize, examples: usize, dark: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bundled = folder.path().join("examples");
        std::fs::create_dir(&bundled).unwrap();
        for (name, summary, colour) in [
            ("Clock", "The time here and elsewhere.", "#1f5fdb"),
            (
                "Life",
                "Conway's Game of Life: watch it, stop it, draw into it",
                "#2e9e6b",
            ),
            (
                "Paint",
                "Draw with brushes and many colours, on as many pages as you like.",
                "#d9480f",
            ),
            (
                "Plasma",
                "Flowing colours, 1280 by 720, at the full rate of your display",
                "#9c36b5",
            ),
        ]
        .into_iter()
        .take(examples)
        {
            program(&bundled, name, summary, colour);
        }
        let database = Database::new(Some(folder.path().join("state.redb")));
        let library = Library::new(Programs::new(folder.path().join("programs")), database, vec![bundled]);
        for index in 0..installed {
            let name = match index {
                1 => "A program with quite a long name".into(),
                index => format!("Program {index}"),
            };
            let row = library
                .install(&program(folder.path(), &name, "It does something.", "#868e96"), || ())
                .unwrap();
            // All at the same time: their names give their order.
            library.restore(&Installed { added: 1, ..row }, || ()).unwrap();
        }
        let (ready, read) = mpsc::channel();
        library.want(move |news| ready.send(news).unwrap());
        assert_eq!(read.recv().unwrap(), LibraryEvent::Listed);
        let listed = library.items().unwrap();
        assert_eq!(
            read.iter()
                .take(listed.len())
                .filter(|news| *news == LibraryEvent::Icon)
                .count(),
            listed.len()
        );
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        let model = WindowModel::builtin(WindowId(1), "Home");
        let page = Home::new(library, || ());
        let mut bench = Self {
            model,
            page,
            shell: Shell::new(strings::WORDING),
            now,
            asked: Vec::new(),
            _folder: folder,
        };
        bench.apply(Event::Focused(true));
        bench.apply(Event::Dark(dark));
        bench
    }

    fn apply(&mut self, event: Event) {
        for effect in self.model.apply(self.now, event, &mut self.shell) {
            if let Effect::Shell(ShellEffect::Command(command)) = effect {
                self.asked.push(command);
            }
        }
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        let output = chrome::view(ui, &self.model, &Look::default(), Some(&mut self.page));
        for event in output.events {
            self.apply(event);
            ui.ctx().request_repaint();
        }
    }
}

fn harness(bench: Bench, size: (f32, f32), scale: f32) -> Harness<'static, Bench> {
    harness::harness(bench, Bench::draw, size, scale)
}

const USUAL: (f32, f32) = (840.0, 640.0);

/// Shows it until the files of the program that the menu is for have been counted beside.
fn counted(harness: &mut Harness<'_, Bench>) {
    let begun = Instant::now();
    let counts = |label: Option<String>| label.is_some_and(|label| label.contains("Counting"));
    while harness
        .query_all_by(|node| counts(node.label()) || counts(node.value()))
        .next()
        .is_some()
    {
        assert!(begun.elapsed().as_secs() < 10, "they are still being counted");
        std::thread::sleep(std::time::Duration::from_millis(20));
        harness.run();
    }
}

fn asked(harness: &mut Harness<'_, Bench>) -> Vec<ShellCommand> {
    harness.run();
    std::mem::take(&mut harness.state_mut().asked)
}

fn name(command: &ShellCommand) -> String {
    match command {
        ShellCommand::Run(ProgramRef::Installed { name, .. }) => name.to_string(),
        ShellCommand::Run(ProgramRef::File(file)) => file.file_stem().unwrap().to_string_lossy().into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn home_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (dark, look) in [(false, "light"), (true, "dark")] {
        results.add(harness(Bench::new(0, 4, dark), USUAL, 1.0).try_snapshot(format!("home_first_{look}")));
        results.add(harness(Bench::new(6, 4, dark), USUAL, 1.0).try_snapshot(format!("home_six_{look}")));
    }
    results.add(harness(Bench::new(6, 4, true), (320.0, 480.0), 2.0).try_snapshot("home_narrow_dark_2x"));
    results.add(harness(Bench::new(200, 4, false), (1600.0, 900.0), 1.0).try_snapshot("home_many_light_wide"));
    let mut menu = harness(Bench::new(6, 0, false), USUAL, 1.0);
    menu.key_press(Key::ArrowDown);
    menu.run();
    menu.key_press(Key::Menu);
    menu.run();
    counted(&mut menu);
    results.add(menu.try_snapshot("home_menu_light"));
}

#[test]
fn programs_are_opened_by_pointer_and_by_typing() {
    let mut harness = harness(Bench::new(2, 4, false), USUAL, 1.0);
    harness.get_by_label("Paint").click();
    assert_eq!(asked(&mut harness).iter().map(name).collect::<Vec<_>>(), ["Paint"]);
    let field = harness.get_by_label(SEARCH);
    assert!(field.is_focused(), "the search has the keyboard from the start");
    field.type_text("plas");
    harness.run();
    assert!(
        harness.query_by_label("Program 0").is_none(),
        "only what matches is left"
    );
    harness.key_press(Key::Enter);
    assert_eq!(asked(&mut harness).iter().map(name).collect::<Vec<_>>(), ["Plasma"]);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Program 0").is_some(), "Esc shows all again");
}

#[test]
fn the_keyboard_reaches_everything() {
    let mut harness = harness(Bench::new(3, 2, false), USUAL, 1.0);
    harness.key_press(Key::ArrowDown);
    harness.run();
    let first = harness
        .get_by(|node| node.is_focused())
        .accesskit_node()
        .label()
        .unwrap();
    assert!(
        ["Program 0", "Program 2", "A program with quite a long name"].contains(&first.as_str()),
        "{first}"
    );
    harness.key_press(Key::ArrowRight);
    harness.run();
    let second = harness
        .get_by(|node| node.is_focused())
        .accesskit_node()
        .label()
        .unwrap();
    assert_ne!(first, second);
    harness.key_press(Key::Enter);
    assert_eq!(
        asked(&mut harness).iter().map(name).collect::<Vec<_>>(),
        std::slice::from_ref(&second)
    );
    // Shift and F10 open the menu, the arrows choose in it, Esc gives the keyboard back.
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    assert!(harness.get_by_label("Open").is_focused());
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert!(harness.get_by_label("Permissions").is_focused());
    harness.key_press(Key::Enter);
    let identity = match &*asked(&mut harness) {
        [ShellCommand::Permissions(identity)] => identity.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(identity.len(), 64, "it is not signed: its hash");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    harness.run();
    assert!(harness.query_by_label("Copy hash").is_none());
    assert!(harness.get_by_label(&second).is_focused());
    // Letters go to the search wherever the keyboard is.
    harness.event(egui::Event::Text("cl".into()));
    harness.run();
    assert!(harness.get_by_label(SEARCH).is_focused());
    harness.key_press(Key::Enter);
    assert_eq!(asked(&mut harness).iter().map(name).collect::<Vec<_>>(), ["Clock"]);
}

#[test]
fn a_removal_can_be_undone() {
    let mut harness = harness(Bench::new(1, 0, false), USUAL, 1.0);
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Delete);
    // It keeps the window awake until it can't be undone any more.
    harness.step();
    harness.step();
    let removed = std::mem::take(&mut harness.state_mut().asked);
    let [ShellCommand::Remove(hash)] = *removed else {
        panic!("{removed:?}")
    };
    assert!(harness.query_by_label("Program 0").is_none(), "it is gone at once");
    harness.get_by_label("Undo").click();
    harness.step();
    harness.step();
    let restored = std::mem::take(&mut harness.state_mut().asked);
    assert!(
        matches!(&*restored, [ShellCommand::Restore(row)] if row.hash == hash),
        "{restored:?}"
    );
    harness.run();
    assert!(harness.query_by_label("Program 0").is_some() && harness.query_by_label("Undo").is_none());
}

#[test]
fn what_is_pasted_whole_is_opened_and_other_text_is_searched_for() {
    let mut harness = harness(Bench::new(1, 4, false), USUAL, 1.0);
    harness.event(egui::Event::Paste("/tmp/some program.wasm\n".trim().into()));
    assert_eq!(
        asked(&mut harness),
        [ShellCommand::Find("/tmp/some program.wasm".into())]
    );
    harness.event(egui::Event::Paste("paint".into()));
    assert_eq!(asked(&mut harness), []);
    harness.key_press(Key::Enter);
    assert_eq!(asked(&mut harness).iter().map(name).collect::<Vec<_>>(), ["Paint"]);
}

#[test]
fn an_overlay_gives_the_keyboard_back() {
    let mut harness = harness(Bench::new(2, 0, false), USUAL, 1.0);
    harness.key_press(Key::ArrowDown);
    harness.run();
    let before = harness
        .get_by(|node| node.is_focused())
        .accesskit_node()
        .label()
        .unwrap();
    harness.state_mut().apply(Event::HudToggled);
    harness.run();
    assert!(
        harness
            .get_by_label("Type an action, a window or a program")
            .is_focused()
    );
    harness.state_mut().apply(Event::HudClosed);
    harness.run();
    harness.run();
    assert!(harness.get_by_label(&before).is_focused());
}
