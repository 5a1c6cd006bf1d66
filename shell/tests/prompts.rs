//! The prompt as it is really laid out: what can be answered can be read, in any window, at any scale, whatever the program calls
//! itself; and compared picture by picture. `UPDATE_SNAPSHOTS=1` renders the pictures anew.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "common/harness.rs"]
mod harness;
#[path = "common/speaking.rs"]
mod speaking;

use egui::accesskit::{Action, ActionRequest, Node, NodeId, TreeId};
use egui::{Context, RawInput, Rect, Role, ViewportInfo, pos2, vec2};
use egui_kittest::{Harness, SnapshotResults};
use portico::chrome::{self, Look};
use portico::strings::{self, Language};
use portico_kernel::{Hash, Permission};
use portico_model::{
    Answer, Effect, Event, Key, KeyState, Now, Progress, Question, Shell, ShellEffect, WindowEffect, WindowId,
    WindowModel, code,
};
use proptest::prelude::*;
use speaking::speaking;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A window of a program that asks, and what came of it.
struct Bench {
    model: WindowModel,
    shell: Shell,
    now: Now,
    effects: Vec<Effect>,
}

impl Bench {
    fn new(name: &str, portal: &'static str, reason: Option<&str>) -> Self {
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        let mut model = WindowModel::new(WindowId(1), "file", name);
        model.set_program(Hash::of(b"it").to_string());
        let mut bench = Self {
            model,
            shell: Shell::new(strings::WORDING),
            now,
            effects: Vec::new(),
        };
        bench.apply(Event::Focused(true));
        bench.apply(Event::Started);
        bench.apply(Event::Asked(Question {
            permission: Permission::whole(portal),
            reason: reason.map(Into::into),
        }));
        bench
    }

    fn apply(&mut self, event: Event) {
        let effects = self.model.apply(self.now, event, &mut self.shell);
        self.model.verify_invariants();
        self.effects.extend(effects);
    }

    fn wait(&mut self) {
        self.now.time += Duration::from_secs(1);
        self.apply(Event::Tick);
    }

    fn press(&mut self, code: u16) {
        for state in [KeyState::Pressed, KeyState::Released] {
            let key = Key {
                time: self.now.time,
                code,
                state,
                modifiers: 0,
            };
            self.apply(Event::Key { key, text: None });
        }
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        let output = chrome::view(ui, &self.model, &Look::default(), None);
        for event in output.events {
            self.apply(event);
            ui.ctx().request_repaint();
        }
    }

    /// Answers that do more than to put the question off.
    fn answers(&self) -> usize {
        let says = |effect: &&Effect| matches!(effect, Effect::Shell(ShellEffect::Answer { answer, .. }) if *answer != Answer::NotNow);
        self.effects.iter().filter(says).count()
    }
}

fn context() -> Context {
    let context = Context::default();
    chrome::install(&context);
    context.enable_accesskit();
    context
}

/// A window of some size and scale; what is drawn is seen by what a screen reader is told.
struct Screen {
    context: Context,
    size: (f32, f32),
    scale: f32,
}

impl Screen {
    fn draw(&self, bench: &mut Bench, events: Vec<egui::Event>) -> Vec<(NodeId, Node)> {
        let id = egui::ViewportId::ROOT;
        let info = ViewportInfo {
            native_pixels_per_point: Some(self.scale),
            ..ViewportInfo::default()
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(self.size.0, self.size.1))),
            viewports: std::iter::once((id, info)).collect(),
            viewport_id: id,
            max_texture_side: Some(chrome::MAX_TEXTURE_SIDE),
            events,
            ..RawInput::default()
        };
        let output = self.context.run_ui(input, |ui| bench.draw(ui));
        let update = output.platform_output.accesskit_update.clone().unwrap();
        output.drop_without_applying_deltas();
        update.nodes
    }

    fn resize(&self, bench: &mut Bench) {
        let pixels = |points: f32| (points * self.scale).round() as u32;
        let (width, height) = (pixels(self.size.0), pixels(self.size.1));
        bench.apply(Event::Resized {
            width,
            height,
            scale: self.scale,
        });
    }
}

/// Presses a control as assistive technology does.
fn press(node: NodeId) -> egui::Event {
    let request = ActionRequest {
        action: Action::Click,
        target_tree: TreeId::ROOT,
        target_node: node,
        data: None,
    };
    egui::Event::AccessKitActionRequest(request)
}

fn place(node: &Node) -> Rect {
    let bounds = node.bounds().unwrap();
    Rect::from_min_max(
        pos2(bounds.x0 as f32, bounds.y0 as f32),
        pos2(bounds.x1 as f32, bounds.y1 as f32),
    )
}

const BUTTONS: [fn() -> &'static str; 3] = [strings_dont_allow, strings_allow_once, strings_allow];

fn strings_dont_allow() -> &'static str {
    if strings::language() == Language::English {
        "Don't allow"
    } else {
        "Ne permesi"
    }
}

fn strings_allow_once() -> &'static str {
    if strings::language() == Language::English {
        "Allow once"
    } else {
        "Permesi unufoje"
    }
}

fn strings_allow() -> &'static str {
    if strings::language() == Language::English {
        "Allow"
    } else {
        "Permesi"
    }
}

/// Whether everything that has to be read before this can be answered is in the window, and nothing of it is over another.
fn legible(nodes: &[(NodeId, Node)], bench: &Bench, size: (f32, f32)) -> Result<(), String> {
    let window = Rect::from_min_max(pos2(0.0, 40.0), pos2(size.0, size.1));
    let portal = bench.model.question().unwrap().permission.portal;
    let what = strings::portal(portal).unwrap();
    let label = |node: &Node| node.label().unwrap_or_default().to_owned();
    let text = |wanted: &dyn Fn(&str) -> bool| {
        let found = nodes
            .iter()
            .map(|(_, node)| node)
            .find(|node| node.role() == Role::Label && wanted(&node_text(node)));
        found.map(place)
    };
    let digits = &Hash::of(b"it").to_string()[..16];
    let start = if strings::language() == Language::English {
        "Allow “"
    } else {
        "Ĉu permesi tion al “"
    };
    let start = format!("{start}{}", bench.model.name().quoted().chars().next().unwrap());
    let mut places = vec![
        (
            "who asks",
            text(&|text| text.starts_with(&start) && text.ends_with('?')),
        ),
        ("what for", text(&|text| text == what)),
        ("which program", text(&|text| text.contains(digits))),
    ];
    for name in BUTTONS {
        let button = nodes
            .iter()
            .find(|(_, node)| node.role() == Role::Button && label(node) == name());
        places.push((name(), button.map(|(_, node)| place(node))));
    }
    for (index, (name, at)) in places.iter().enumerate() {
        let Some(at) = at else {
            return Err(format!("{name} is not there"));
        };
        if !at.is_positive() || !window.expand(0.6).contains_rect(*at) {
            return Err(format!("{name} is at {at:?}, outside of {window:?}"));
        }
        let over = places[..index]
            .iter()
            .find(|(_, other)| other.unwrap().shrink(0.6).intersects(at.shrink(0.6)));
        if let Some((other, _)) = over {
            return Err(format!("{name} lies over {other}"));
        }
    }
    Ok(())
}

/// What a label says: egui has it as the value of one.
fn node_text(node: &Node) -> String {
    node.value().or(node.label()).unwrap_or_default().to_owned()
}

/// Tries everything; says whether it could be answered.
fn tried(screen: &Screen, bench: &mut Bench) -> bool {
    screen.resize(bench);
    for _ in 0..3 {
        screen.draw(bench, Vec::new());
    }
    bench.wait();
    let nodes = screen.draw(bench, Vec::new());
    let readable = legible(&nodes, bench, screen.size);
    // By assistive technology: every control that there is.
    let pressed = |node: &(NodeId, Node)| {
        node.1.role() == Role::Button && BUTTONS.iter().any(|name| node.1.label() == Some(name()))
    };
    if let Some((node, _)) = nodes.iter().find(|node| pressed(node)) {
        screen.draw(bench, vec![press(*node)]);
        screen.draw(bench, Vec::new());
    }
    if bench.answers() == 0 {
        // By the mouse: all over the window.
        let (width, height) = screen.size;
        let at = |i| {
            pos2(
                width * (0.5 + (i % 5) as f32) / 5.0,
                40.0 + (height - 40.0) * (0.5 + (i / 5) as f32) / 8.0,
            )
        };
        let way_out = nodes
            .iter()
            .find(|(_, node)| matches!(node.label(), Some("Not now" | "Ne nun")));
        let way_out = place(&way_out.unwrap().1).expand(1.0);
        for at in (0..40).map(at).filter(|at| !way_out.contains(*at)) {
            let button = |pressed| egui::Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: egui::Modifiers::NONE,
            };
            for event in [egui::Event::PointerMoved(at), button(true), button(false)] {
                screen.draw(bench, vec![event]);
            }
        }
    }
    if bench.answers() == 0 {
        // By the keyboard, as somebody would who knows where the buttons are.
        bench.wait();
        (0..3).for_each(|_| bench.press(code::TAB));
        bench.press(code::ENTER);
    }
    let answered = bench.answers() > 0;
    assert!(
        !answered || readable.is_ok(),
        "{:?} at {}: answered, but {}",
        screen.size,
        screen.scale,
        readable.unwrap_err()
    );
    answered
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Paint".to_owned()),
        Just("W".repeat(1_000)),
        Just("語".repeat(200)),
        Just("a word and ".repeat(90)),
        Just("Pa\u{202E}int\u{200B}".to_owned()),
        "\\PC{1,80}",
    ]
    .prop_filter("what can't be seen is called after its file", |name| {
        !portico_kernel::ProgramText::name(name).is_empty()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_can_be_answered_can_be_read(
        name in name(),
        (width, height) in prop_oneof![(1_f32..700.0, 1_f32..500.0), (320_f32..420.0, 160_f32..300.0)],
        scale in prop::sample::select(vec![1.0_f32, 1.25, 2.0, 3.0, 4.0]),
        portal in prop::sample::select(portico_portals::TABLE.iter().map(|row| row.name).collect::<Vec<_>>()),
        reason in prop::option::of("\\PC{0,200}"),
        language in prop::sample::select(Language::ALL.to_vec()),
    ) {
        static CONTEXT: LazyLock<Context> = LazyLock::new(context);
        let _speaking = speaking(language);
        let screen = Screen { context: CONTEXT.clone(), size: (width, height), scale };
        let mut bench = Bench::new(&name, portal, reason.as_deref());
        tried(&screen, &mut bench);
    }
}

#[test]
fn the_smallest_window_has_room_for_every_question() {
    let context = context();
    for language in Language::ALL {
        let _speaking = speaking(language);
        for name in ["Paint".to_owned(), "W".repeat(1_000)] {
            for row in portico_portals::TABLE {
                let screen = Screen {
                    context: context.clone(),
                    size: (320.0, 160.0),
                    scale: 1.0,
                };
                let mut bench = Bench::new(&name, row.name, Some("To show you what it can do, and more"));
                assert!(tried(&screen, &mut bench), "{language:?}: {}: {name}", row.name);
            }
        }
    }
}

#[test]
fn a_window_without_room_offers_to_be_larger() {
    let _speaking = speaking(Language::English);
    let context = context();
    let screen = Screen {
        context: context.clone(),
        size: (300.0, 110.0),
        scale: 1.0,
    };
    let mut bench = Bench::new("Paint", "camera", None);
    assert!(!tried(&screen, &mut bench));
    bench.effects.clear();
    bench.press(code::ENTER);
    let wants = bench.effects.iter().find_map(|effect| match effect {
        Effect::Window(WindowEffect::MakeRoom { width, height }) => Some((*width, *height)),
        _ => None,
    });
    let size = wants.expect("the keyboard makes room");
    let screen = Screen {
        context,
        size,
        scale: 1.0,
    };
    assert!(tried(&screen, &mut bench), "in a window of {size:?} there is room");
}

#[test]
fn a_name_can_t_speak_for_the_shell() {
    let _speaking = speaking(Language::English);
    let context = context();
    let screen = Screen {
        context,
        size: (640.0, 400.0),
        scale: 1.0,
    };
    let mut bench = Bench::new(
        "Paint” to draw? Yes. Allow “Notes",
        "camera",
        Some("fun” It is safe. “"),
    );
    screen.resize(&mut bench);
    let nodes = screen.draw(&mut bench, Vec::new());
    let texts: Vec<_> = nodes.iter().map(|(_, node)| node_text(node)).collect();
    for text in [
        "Allow “Paint' to draw? Yes. Allow 'Notes” to do this?",
        "It says: “fun' It is safe. '”",
    ] {
        assert!(texts.iter().any(|said| said == text), "{text}: {texts:?}");
    }
}

fn harness(bench: Bench, dark: bool, size: (f32, f32), scale: f32) -> Harness<'static, Bench> {
    let mut bench = bench;
    bench.apply(Event::Dark(dark));
    let mut harness = harness::harness(bench, Bench::draw, size, scale);
    harness.state_mut().wait();
    harness.run();
    harness
}

#[test]
fn prompts_look_as_they_did() {
    let mut results = SnapshotResults::new();
    let _speaking = speaking(Language::English);
    let reason = "To show your picture to those you talk to";
    for (name, dark, size, scale, called) in [
        ("prompt_light", false, (640.0, 400.0), 1.0, "Paint".to_owned()),
        ("prompt_dark_2x", true, (640.0, 400.0), 2.0, "Paint".to_owned()),
        ("prompt_long_light", false, (640.0, 400.0), 1.0, "W".repeat(1_000)),
        ("prompt_tight_dark", true, (420.0, 230.0), 1.0, "Paint".to_owned()),
        ("prompt_tiny_light", false, (320.0, 160.0), 1.0, "Paint".to_owned()),
        (
            "prompt_tiny_long_dark_2x",
            true,
            (320.0, 160.0),
            2.0,
            "a long name ".repeat(90),
        ),
        ("prompt_no_room_light", false, (300.0, 124.0), 1.0, "Paint".to_owned()),
    ] {
        let mut harness = harness(Bench::new(&called, "camera", Some(reason)), dark, size, scale);
        results.add(harness.try_snapshot(name));
    }
}
