//! The chrome as people see it, compared picture by picture, and as a screen reader does: every control by its name.
//!
//! `UPDATE_SNAPSHOTS=1` renders the pictures anew.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "common/harness.rs"]
mod harness;

use egui::{Color32, Rect, pos2, vec2};
use egui_kittest::{Harness, SnapshotResults, kittest::Queryable};
use portico::chrome::{self, Areas, Look};
use portico::strings;
use portico_model::{
    Effect, Event, Key, KeyState, Now, Outcome, Phase, ProgramEffect, Progress, Shell, ShellEffect, WindowEffect,
    WindowId, WindowModel, code,
};
use portico_portals::{Action, Button, Chrome, Search, Shortcut, Tab};
use std::time::{Duration, Instant};

/// A window, the shell around it, and what came of it all.
struct Bench {
    model: WindowModel,
    shell: Shell,
    now: Now,
    effects: Vec<Effect>,
    areas: Option<Areas>,
}

impl Bench {
    fn new() -> Self {
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        let model = WindowModel::new(WindowId(1), "paint", "Paint");
        let mut shell = Shell::new(strings::WORDING);
        for (id, title) in [(1, "Paint"), (2, "Life"), (3, "Plasma")] {
            shell.desktop.open(WindowId(id), title, None);
        }
        let mut bench = Self {
            model,
            shell,
            now,
            effects: Vec::new(),
            areas: None,
        };
        bench.apply(Event::Focused(true));
        bench
    }

    fn running() -> Self {
        let mut bench = Self::new();
        bench.apply(Event::Started);
        bench.apply(Event::Chrome(program()));
        bench
    }

    fn apply(&mut self, event: Event) {
        let effects = self.model.apply(self.now, event, &mut self.shell);
        self.model.verify_invariants();
        self.effects.extend(effects);
    }

    fn press(&mut self, code: u16, modifiers: u8) {
        for state in [KeyState::Pressed, KeyState::Released] {
            let key = Key {
                time: self.now.time,
                code,
                state,
                modifiers,
            };
            self.apply(Event::Key { key, text: None });
        }
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        picture(ui);
        // The rim lays the backdrop over the picture, below the overlays.
        let backdrop = ui.painter().add(egui::Shape::Noop);
        let output = chrome::view(ui, &self.model, &Look::default(), None);
        if let Some(colour) = output.areas.backdrop {
            let place = ui.ctx().content_rect().with_min_y(self.model.toolbar_height());
            ui.painter().set(backdrop, egui::Shape::rect_filled(place, 0, colour));
        }
        self.areas = Some(output.areas);
        for event in output.events {
            self.apply(event);
            ui.ctx().request_repaint();
        }
    }
}

/// Something like a program's picture, so that contrast over it can be judged.
fn picture(ui: &egui::Ui) {
    let whole = ui.ctx().content_rect();
    let stripes = 12;
    for i in 0..stripes {
        let width = whole.width() / stripes as f32;
        let stripe = Rect::from_min_size(pos2(i as f32 * width, 0.0), vec2(width, whole.height()));
        let hue = i as f32 / stripes as f32;
        ui.painter()
            .rect_filled(stripe, 0, Color32::from(egui::ecolor::Hsva::new(hue, 0.35, 0.85, 1.0)));
    }
}

fn button(icon: char, name: &str) -> Button {
    Button {
        icon: Some(icon),
        name: name.into(),
    }
}

fn action(name: &str, description: &str, shortcut: Option<(u8, u8)>) -> Action {
    let shortcut = shortcut.map(|(modifiers, key)| Shortcut {
        modifiers,
        key,
        pressed: true,
    });
    Action {
        name: name.into(),
        description: description.into(),
        shortcut,
        ..Action::default()
    }
}

/// The chrome of a paint program.
fn program() -> Chrome {
    let tab = |icon, title: &str, badge| Tab {
        icon: Some(icon),
        title: title.into(),
        badge,
    };
    Chrome {
        title: Some("Harbour at dusk".into()),
        navigation: Some([button('⮪', "Undo"), button('⮫', "Redo")].into()),
        actions: Some([button('💾', "Save"), button('🗑', ""), button('⚙', "Brush")].into()),
        menu: Some(
            [
                action("Save picture", "Write it to the store", Some((2, 22))),
                action("Undo", "Take back the last stroke", Some((2, 29))),
                Action {
                    disabled: true,
                    ..action("Redo stroke", "Nothing to redo", Some((3, 29)))
                },
                action("Larger brush", "", Some((0, 48))),
                action("Smaller brush", "", Some((0, 47))),
                action("Clear page", "Start again with an empty page", None),
            ]
            .into(),
        ),
        tabs: Some((
            [
                tab('📄', "Harbour at dusk", 0),
                tab('📄', "Sketches", 12),
                tab('📄', "A page with a long title that is cut", 0),
            ]
            .into(),
            Some(0),
        )),
        search: Some(
            Search {
                modes: vec![0],
                hint: "Search colours".into(),
            }
            .into(),
        ),
        ..Chrome::default()
    }
}

fn trap() -> Outcome {
    Outcome::Trap {
        summary: "It gave the host a range that leaves its memory.".into(),
        details:
            "command 35 (play video), channel 7, field pixels\naddress 0xfffffff0, length 3686400\nmemory 1048576 \
                  bytes\n\nstack\n  0: paint::frame::present\n  1: paint::main::{{closure}}\n  2: run"
                .into(),
    }
}

type State = (&'static str, fn() -> Bench);

const STATES: [State; 12] = [
    ("window", Bench::running),
    ("bare", || {
        let mut bench = Bench::new();
        bench.apply(Event::Started);
        bench.apply(Event::Focused(false));
        bench
    }),
    ("hud", || {
        let mut bench = Bench::running();
        bench.press(code::SPACE, 2);
        bench
    }),
    ("hud_query", || {
        let mut bench = Bench::running();
        bench.press(code::SPACE, 2);
        bench.apply(Event::HudEdited("re".into()));
        bench
    }),
    ("hud_nothing", || {
        let mut bench = Bench::running();
        bench.press(code::SPACE, 2);
        bench.apply(Event::HudEdited("xyzzy".into()));
        bench
    }),
    ("shortcuts", || {
        let mut bench = Bench::running();
        let key = Key {
            time: bench.now.time,
            code: 227,
            state: KeyState::Pressed,
            modifiers: 0,
        };
        bench.apply(Event::Key { key, text: None });
        bench.now.time += Duration::from_secs(1);
        bench.apply(Event::Tick);
        bench
    }),
    ("tabs", || {
        let mut bench = Bench::running();
        bench.apply(Event::TabsToggled);
        bench.press(code::DOWN, 0);
        bench
    }),
    ("search", || {
        let mut bench = Bench::running();
        bench.press(code::F, 2);
        bench.apply(Event::SearchEdited("ultramarine".into()));
        bench
    }),
    ("unresponsive", || {
        let mut bench = Bench::running();
        bench.press(code::ENTER, 0);
        bench.now.time += Duration::from_secs(6);
        bench.apply(Event::Tick);
        bench
    }),
    ("trap", || {
        let mut bench = Bench::running();
        bench.apply(Event::Ended(trap()));
        bench.apply(Event::DetailsToggled);
        bench
    }),
    ("ended", || {
        let mut bench = Bench::running();
        bench.apply(Event::Ended(Outcome::Code(3)));
        bench
    }),
    ("loading", || {
        let mut bench = Bench::new();
        bench.apply(Event::Loading(Some(0.6)));
        bench
    }),
];

/// The state of that name.
fn state(name: &str) -> Bench {
    STATES.iter().find(|(state, _)| *state == name).unwrap().1()
}

fn harness(mut bench: Bench, dark: bool, size: (f32, f32), scale: f32) -> Harness<'static, Bench> {
    bench.apply(Event::Dark(dark));
    harness::harness(bench, Bench::draw, size, scale)
}

const NARROW: (f32, f32) = (640.0, 400.0);
const WIDE: (f32, f32) = (1920.0, 1080.0);

#[test]
fn every_state_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (name, state) in STATES {
        for (dark, look) in [(false, "light"), (true, "dark")] {
            let mut sizes = vec![("narrow", NARROW, 1.0)];
            // The busiest states at twice the scale and on a large screen too; more would only be more bytes.
            if dark && matches!(name, "window" | "hud" | "tabs" | "unresponsive") {
                sizes.push(("narrow2x", NARROW, 2.0));
            }
            if matches!(name, "hud" | "tabs" | "trap") {
                sizes.push(("wide", WIDE, 1.0));
            }
            for (size_name, size, scale) in sizes {
                let mut harness = harness(state(), dark, size, scale);
                results.add(harness.try_snapshot(format!("{name}_{look}_{size_name}")));
            }
        }
    }
}

/// Clicks the control with this name and gives what came of it.
fn click(harness: &mut Harness<'_, Bench>, name: &str) -> Vec<Effect> {
    harness.state_mut().effects.clear();
    harness.get_by_label(name).click();
    harness.run();
    let effects = std::mem::take(&mut harness.state_mut().effects);
    effects
        .into_iter()
        .filter(|effect| *effect != Effect::Window(WindowEffect::Repaint))
        .collect()
}

#[test]
fn every_button_of_the_toolbar_does_what_it_says() {
    let mut harness = harness(Bench::running(), false, WIDE, 1.0);
    for (name, effect) in [
        ("Undo", Effect::Program(ProgramEffect::PressNavigation(0))),
        ("Redo", Effect::Program(ProgramEffect::PressNavigation(1))),
        ("Save", Effect::Program(ProgramEffect::PressAction(0))),
        ("Action 2", Effect::Program(ProgramEffect::PressAction(1))),
        ("Brush", Effect::Program(ProgramEffect::PressAction(2))),
        ("Minimise", Effect::Window(WindowEffect::Minimise)),
        ("Maximise", Effect::Window(WindowEffect::ToggleMaximise)),
        ("Close", Effect::Program(ProgramEffect::State)),
    ] {
        assert_eq!(click(&mut harness, name), [effect], "{name}");
    }
    assert!(harness.state().model.is_closing());
}

#[test]
fn tabs_open_pin_and_close_by_name() {
    let mut harness = harness(Bench::running(), true, NARROW, 1.0);
    assert!(harness.query_by_label("Sketches, 12").is_none());
    click(&mut harness, "Show tabs");
    assert_eq!(
        click(&mut harness, "Sketches, 12"),
        [Effect::Program(ProgramEffect::ChooseTab(1))]
    );
    assert!(harness.query_by_label("Sketches, 12").is_none(), "the list closes");
    click(&mut harness, "Show tabs");
    click(&mut harness, "Keep open");
}

#[test]
fn the_hud_takes_what_is_typed_and_clicked() {
    let mut harness = harness(Bench::running(), false, NARROW, 1.0);
    harness.state_mut().press(code::SPACE, 2);
    harness.run();
    let field = harness.get_by_label("Type an action, a window or a program");
    assert!(field.is_focused(), "the query has the keyboard");
    field.type_text("lar");
    harness.run();
    assert_eq!(harness.state().model.hud().unwrap().query(), "lar");
    let effects = click(&mut harness, "Larger brush");
    assert!(
        effects.contains(&Effect::Program(ProgramEffect::Fire(3))),
        "{effects:?}"
    );
    assert!(harness.state().model.hud().is_none());

    harness.state_mut().press(code::SPACE, 2);
    harness.run();
    assert_eq!(click(&mut harness, "Redo stroke"), [], "a disabled action does nothing");
    assert!(harness.state().model.hud().is_some());
}

#[test]
fn the_search_field_takes_the_keyboard_when_clicked() {
    let mut harness = harness(Bench::running(), false, WIDE, 1.0);
    click(&mut harness, "Search colours");
    harness.get_by_label("Search colours").type_text("teal");
    harness.run();
    let query = Effect::Program(ProgramEffect::Search {
        query: "teal".into(),
        entered: false,
    });
    assert!(
        harness.state().effects.contains(&query),
        "{:?}",
        harness.state().effects
    );
    harness.state_mut().press(code::ESCAPE, 0);
    harness.run();
    assert!(!harness.get_by_label("Search colours").is_focused());
}

#[test]
fn pages_and_unresponsive_overlay_offer_their_ways_out() {
    let mut trapped = Bench::running();
    trapped.apply(Event::Ended(trap()));
    let mut harness = harness(trapped, false, NARROW, 1.0);
    click(&mut harness, "Show details");
    let Phase::Ended(page) = harness.state().model.phase() else {
        panic!("not ended")
    };
    assert!(page.details);
    let report = click(&mut harness, "Copy report");
    assert!(
        matches!(&report[..], [Effect::Window(WindowEffect::CopyReport(report))] if strings::end_report(report).contains("0xfffffff0")),
        "{report:?}"
    );
    assert_eq!(click(&mut harness, "Close window"), [Effect::Shell(ShellEffect::Close)]);
    assert_eq!(click(&mut harness, "Restart"), [Effect::Shell(ShellEffect::Restart)]);

    let mut harness = self::harness(state("unresponsive"), true, NARROW, 1.0);
    click(&mut harness, "Wait");
    assert!(!harness.state().model.is_unresponsive());
    let mut harness = self::harness(state("unresponsive"), true, NARROW, 1.0);
    assert_eq!(click(&mut harness, "End"), [Effect::Shell(ShellEffect::End)]);
}

#[test]
fn the_keyboard_walks_the_toolbar_in_reading_order() {
    let mut harness = harness(Bench::running(), false, WIDE, 1.0);
    harness.state_mut().press(code::F6, 0);
    harness.run();
    let order = [
        "Undo",
        "Redo",
        "Show tabs",
        "Search colours",
        "Save",
        "Action 2",
        "Brush",
        "Minimise",
        "Maximise",
        "Close",
    ];
    for (step, name) in order.into_iter().enumerate() {
        if step > 0 {
            harness.key_press(egui::Key::Tab);
            harness.run();
        }
        assert!(harness.get_by_label(name).is_focused(), "step {step}: {name}");
        if name == "Search colours" {
            // The field takes the keyboard for itself; F6 goes on from there.
            break;
        }
    }
    harness.state_mut().press(code::ESCAPE, 0);
    harness.run();
    assert!(order.iter().all(|name| !harness.get_by_label(name).is_focused()));
}

#[test]
fn nothing_is_drawn_outside_of_the_areas() {
    for (name, state) in STATES {
        for size in [NARROW, WIDE, (320.0, 240.0)] {
            let harness = harness(state(), false, size, 1.0);
            let areas = harness.state().areas.clone().unwrap();
            let whole = Rect::from_min_size(pos2(0.0, 0.0), vec2(size.0, size.1));
            for shape in harness.output().shapes.iter().skip(13) {
                let drawn = shape
                    .shape
                    .visual_bounding_rect()
                    .intersect(shape.clip_rect)
                    .intersect(whole);
                if !drawn.is_positive() || drawn == whole.with_min_y(40.0) {
                    continue;
                }
                let covered = areas.toolbar.expand(1.0).contains_rect(drawn)
                    || areas.overlays.iter().any(|area| area.expand(1.0).contains_rect(drawn));
                assert!(covered, "{name} at {size:?}: {drawn:?} is outside of {areas:?}");
            }
            for (index, area) in areas.overlays.iter().enumerate() {
                assert!(
                    whole.contains_rect(*area) && !area.intersects(areas.toolbar.shrink(0.1)),
                    "{name}: {area:?}"
                );
                assert!(areas.overlays[index + 1..].iter().all(|other| !other.intersects(*area)));
            }
        }
    }
}

#[test]
fn a_windows_glyphs_take_half_a_megabyte_at_most() {
    let ctx = egui::Context::default();
    chrome::install(&ctx);
    for (_, state) in STATES {
        let mut bench = state();
        let whole = Rect::from_min_size(pos2(0.0, 0.0), vec2(WIDE.0, WIDE.1));
        let input = egui::RawInput {
            screen_rect: Some(whole),
            max_texture_side: Some(chrome::MAX_TEXTURE_SIDE),
            ..egui::RawInput::default()
        };
        ctx.run_ui(input, |ui| bench.draw(ui)).drop_without_applying_deltas();
    }
    let [width, height] = ctx.fonts(|fonts| fonts.font_image_size());
    assert!(
        width * height * 4 <= 512 * 1024,
        "the atlas has {width} × {height} pixels"
    );
}
