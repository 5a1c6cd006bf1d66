//! Settings, task list and log viewer as people see them, in both looks and both languages, and as a screen reader does.
//!
//! `UPDATE_SNAPSHOTS=1` renders the pictures anew.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../common/harness.rs"]
mod harness;
mod log_page;
mod permissions;
mod profile;
mod settings_page;
#[path = "../common/speaking.rs"]
mod speaking;
mod task_list;

use egui::Key as Pressed;
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotResults};
use parking_lot::Mutex;
use portico::broker::{Connected, KnownService, Overview, PortInUse};
use portico::chrome::Page;
use portico::chrome::{self, Look};
use portico::grants::Access;
use portico::pages;
use portico::pages::settings::programs::{Look as ProgramLook, Permissions};
use portico::pages::settings::{OtherShortcut, SettingsState, Space, Storage, User};
use portico::pages::tasks::Task;
use portico::state::grants::{AllDecisions, Decision, ProgramDecisions, today};
use portico::strings::{self, Language};
use portico_kernel::Permission;
use portico_logs::{Bounds, LogStore, SourceId};
use portico_model::{
    Effect, Event, Key, KeyState, Now, PermissionChange, Progress, Shell, ShellCommand, ShellEffect, ShellShortcut,
    WindowId, WindowModel, code,
    preferences::{Appearance, Motion, Preferences},
};
use portico_portals::{Level, Shortcut, UserInfo, UserInfoField};
use speaking::speaking;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Bench {
    model: WindowModel,
    shell: Shell,
    page: Box<dyn Page>,
    effects: Vec<Effect>,
}

impl Bench {
    fn apply(&mut self, event: Event) {
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        self.effects.extend(self.model.apply(now, event, &mut self.shell));
        self.model.verify_invariants();
    }

    fn draw(&mut self, ui: &mut egui::Ui) {
        let output = chrome::view(ui, &self.model, &Look::default(), Some(self.page.as_mut()));
        for event in output.events {
            self.apply(event);
            ui.ctx().request_repaint();
        }
    }

    fn press(&mut self, code: u16, modifiers: u8) {
        let key = Key {
            time: Instant::now(),
            code,
            state: KeyState::Pressed,
            modifiers,
        };
        self.apply(Event::Key { key, text: None });
    }

    /// Commands to the shell since the last look.
    fn asked(&mut self) -> Vec<ShellCommand> {
        let effects = std::mem::take(&mut self.effects).into_iter();
        effects
            .filter_map(|effect| {
                if let Effect::Shell(ShellEffect::Command(command)) = effect {
                    Some(command)
                } else {
                    None
                }
            })
            .collect()
    }
}

fn harness(page: Box<dyn Page>, title: &str, dark: bool, size: (f32, f32), scale: f32) -> Harness<'static, Bench> {
    let model = WindowModel::builtin(WindowId(1), title);
    let mut bench = Bench {
        model,
        shell: Shell::new(strings::WORDING),
        page,
        effects: Vec::new(),
    };
    bench.apply(Event::Focused(true));
    bench.apply(Event::Dark(dark));
    harness::harness(bench, Bench::draw, size, scale)
}

fn click(harness: &mut Harness<'_, Bench>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

/// Whether something with this in its name is there.
fn shows(harness: &Harness<'_, Bench>, part: &str) -> bool {
    let has = |text: Option<String>| text.is_some_and(|text| text.contains(part));
    // What is only read is a value.
    harness
        .query_all_by(|node| has(node.label()) || has(node.value()))
        .next()
        .is_some()
}

/// Shows the page again until something is there.
fn until(harness: &mut Harness<'_, Bench>, there: impl Fn(&Harness<'_, Bench>) -> bool) {
    let begun = Instant::now();
    while !there(harness) {
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not come");
        std::thread::sleep(Duration::from_millis(20));
        harness.run();
    }
}

fn shortcut(modifiers: u8, key: u8) -> Shortcut {
    Shortcut {
        modifiers,
        key,
        pressed: true,
    }
}

fn known() -> SettingsState {
    let mut preferences = Preferences {
        appearance: Appearance::Dark,
        motion: Motion::Reduced,
        ..Preferences::default()
    };
    preferences.shortcuts.set(ShellShortcut::Search, Some(shortcut(2, 44)));
    let others = vec![OtherShortcut {
        program: "Paint".into(),
        action: "Fill".into(),
        shortcut: shortcut(0, 68),
    }];
    let space = |name: Option<&str>, program, files, compiled| Space {
        name: name.map(Into::into),
        program,
        files,
        compiled,
    };
    let programs = vec![
        space(Some("Paint"), 1_240_000, 22_000_000, 12_500_000),
        space(None, 0, 4_096, 3_000_000),
    ];
    let storage = Storage {
        compiled: 48_300_000,
        remembered: 1_060_000,
        log: 2_345,
        programs,
    };
    let broker = Some(Some(overview()));
    let user = Some(user());
    SettingsState {
        preferences,
        others,
        storage: Some(storage),
        programs: permissions(),
        broker,
        user,
        ..SettingsState::default()
    }
}

fn codes(codes: &[&[u8; 4]]) -> Vec<portico_portals::Language> {
    codes
        .iter()
        .map(|code| portico_portals::Language { code: **code })
        .collect()
}

/// Somebody who has set a name and some languages.
fn user() -> User {
    let system = UserInfo {
        user_name: Some("stella".into()),
        full_name: Some("Stella Maris".into()),
        languages: Some(codes(&[b"deDE", b"enGB"])),
    };
    let languages = Some(codes(&[b"eoXX", b"deAT", b"qqXX"]));
    User {
        set: UserInfo {
            user_name: Some("Ŝtela".into()),
            full_name: None,
            languages,
        },
        system,
    }
}

/// Two processes, one of them a program of this shell, and two services, one of which runs.
fn overview() -> Overview {
    let connected = |number, name: &str, ports, sent, received| {
        let name = name.to_owned();
        Connected {
            number,
            name,
            ports,
            sent,
            received,
        }
    };
    let service = |kind: &str, processes| KnownService {
        kind: kind.into(),
        processes,
    };
    Overview {
        connections: vec![
            connected(0, "Storage (process 4711)", 1, 12_345, 678),
            connected(2, "Memos", 2, 678, 12_345),
        ],
        ports: vec![
            PortInUse {
                number: 11_001,
                owner: 0,
                handles: vec!["org.darqos.storage".into()],
            },
            PortInUse {
                number: 16_384,
                owner: 2,
                handles: Vec::new(),
            },
        ],
        services: vec![service("org.darqos.storage", 1), service("org.darqos.history", 0)],
    }
}

/// Permissions of five programs, of which two run.
fn permissions() -> Permissions {
    let names = ["Clock", "Harbour at dusk", "Life", "Notes", "Paint"];
    let said: AllDecisions = [
        (
            1,
            vec![
                ("camera", Decision::today(true)),
                (
                    "microphone",
                    Decision {
                        allowed: true,
                        day: today() - 30,
                    },
                ),
            ],
        ),
        (
            3,
            vec![
                (
                    "launch",
                    Decision {
                        allowed: false,
                        day: today() - 1,
                    },
                ),
                ("keys", Decision::today(false)),
            ],
        ),
    ]
    .into_iter()
    .map(|(index, said): (usize, Vec<(&str, Decision)>)| {
        let said = said
            .into_iter()
            .map(|(portal, said)| (portal.to_owned(), said))
            .collect();
        (
            format!("{index:08}abcdef"),
            ProgramDecisions {
                name: names[index].into(),
                decisions: said,
            },
        )
    })
    .collect();
    let installed = names
        .iter()
        .enumerate()
        .map(|(index, name)| (format!("{index:08}abcdef"), (*name).into()));
    let mut lines = portico::grants::matrix(&said, installed, []);
    for (index, portal, holds) in [(4, "launch", Access::Once), (2, "change-profile", Access::NotNow)] {
        lines[index].runs = true;
        lines[index]
            .access
            .iter_mut()
            .filter(|(other, _)| *other == Permission::whole(portal))
            .for_each(|(_, now)| *now = holds);
    }
    let icon = |colour| {
        let pixels = (0..32 * 32).map(|at: usize| {
            let (x, y) = ((at % 32) as f32 - 15.5, (at / 32) as f32 - 15.5);
            if x.hypot(y) < 15.0 {
                colour
            } else {
                egui::Color32::TRANSPARENT
            }
        });
        Some(Arc::new(egui::ColorImage::new([32, 32], pixels.collect())))
    };
    let look = |index: usize, colour, publisher: Option<&str>| {
        (
            format!("{index:08}abcdef"),
            ProgramLook {
                icon: icon(colour),
                publisher: publisher.map(str::to_owned),
            },
        )
    };
    let looks = [
        look(1, egui::Color32::from_rgb(0xd9, 0x7b, 0x29), Some("1f4e99c0")),
        look(4, egui::Color32::from_rgb(0x2f, 0x8f, 0x5b), None),
    ];
    Permissions {
        lines: lines.into(),
        decisions: Arc::new(said),
        looks: Arc::new(looks.into()),
    }
}

fn settings() -> (Box<dyn Page>, pages::settings::SharedState) {
    let shown = Arc::new(Mutex::new(known()));
    (Box::new(pages::Settings::new(shown.clone())), shown)
}

fn tasks() -> Box<dyn Page> {
    let task = |window, title: &str, cpu, frames| Task {
        window: WindowId(window),
        title: title.into(),
        answers: window != 3,
        cpu: Some(cpu),
        memory: window * 1_310_720,
        frames: Some(frames),
        messages: Some(frames * 2.0),
        uses: if window == 2 {
            vec![Permission::whole("microphone"), Permission::whole("camera")]
        } else {
            Vec::new()
        },
    };
    let tasks = vec![
        task(2, "Harbour at dusk", 3.25, 59.9),
        task(3, "Life", 99.8, 0.0),
        task(4, "Clock", 0.04, 1.0),
    ];
    Box::new(pages::Tasks::new(Arc::new(Mutex::new(tasks))))
}

fn store() -> (LogStore, SourceId) {
    let store = LogStore::new(Bounds::default(), None);
    let paint = store.source("Paint");
    let life = store.source("Life");
    let at = |second: u64| 1_795_000_000_000 + second * 1_234;
    store.push_at(
        at(0),
        SourceId::SHELL,
        Level::Info,
        "portico::app",
        "a built-in page is open",
    );
    for second in 1..30 {
        let (source, name) = if second % 3 == 0 {
            (life, "board")
        } else {
            (paint, "brush")
        };
        let level = match second % 11 {
            0 => Level::Error,
            5 => Level::Warning,
            2 | 3 => Level::Debug,
            _ => Level::Info,
        };
        store.push_at(
            at(second),
            source,
            level,
            name,
            &format!("line {second} with something to say, and a bit more"),
        );
    }
    (store, paint)
}

#[allow(unsafe_code, reason = "it writes to the environment")]
fn log(source: Option<SourceId>, listening: bool) -> (Box<dyn Page>, LogStore) {
    // The time of day in the pictures is that of one place.
    // SAFETY: nobody else asks for the environment while the first of these tests runs: they take turns.
    unsafe { std::env::set_var("TZ", "UTC") };
    let (store, paint) = store();
    let told = pages::log::SharedState::default();
    told.lock().source = source.map(|_| paint);
    told.lock().listening = listening.then_some(paint).into_iter().collect();
    (Box::new(pages::Log::new(store.clone(), told, || {})), store)
}

/// Name of something in a language.
type InLanguage = fn(Language) -> &'static str;

#[test]
fn every_screen_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    let section: [(&str, InLanguage); 7] = [
        ("programs", |language| {
            if language == Language::English {
                "Permissions"
            } else {
                "Permesoj"
            }
        }),
        (
            "you",
            |language| if language == Language::English { "You" } else { "Vi" },
        ),
        ("look", |language| {
            if language == Language::English {
                "Appearance"
            } else {
                "Aspekto"
            }
        }),
        ("shortcuts", |language| {
            if language == Language::English {
                "Shortcuts"
            } else {
                "Klavkombinoj"
            }
        }),
        ("storage", |language| {
            if language == Language::English {
                "Storage"
            } else {
                "Konservejo"
            }
        }),
        ("broker", |language| {
            if language == Language::English {
                "Message broker"
            } else {
                "Mesaĝperanto"
            }
        }),
        ("about", |language| {
            if language == Language::English {
                "About"
            } else {
                "Pri Portico"
            }
        }),
    ];
    for language in Language::ALL {
        let _speaking = speaking(language);
        for (dark, look) in [(false, "light"), (true, "dark")] {
            let tag = language.tag();
            for (name, entry) in section {
                let usual = ("", (720.0, 560.0), 1.0);
                let sizes: &[_] = match (name, dark, language) {
                    ("programs", false, Language::English) => &[usual, ("_wide", (1280.0, 720.0), 1.0)],
                    ("shortcuts" | "programs", true, Language::Esperanto) => &[usual, ("_narrow", (480.0, 520.0), 1.0)],
                    ("you", true, Language::Esperanto) => &[
                        usual,
                        ("_narrow", (480.0, 520.0), 1.0),
                        ("_narrowest", (320.0, 700.0), 1.0),
                    ],
                    ("look" | "you", false, Language::English) => &[usual, ("_2x", (480.0, 520.0), 2.0)],
                    _ => &[usual],
                };
                for (suffix, size, scale) in sizes {
                    let mut harness = harness(settings().0, strings_settings(language), dark, *size, *scale);
                    // The first is called like the heading of its section.
                    harness.get_by_role_and_label(egui::Role::Tab, entry(language)).click();
                    harness.run();
                    if name == "programs" && !dark {
                        harness.get_all_by_role(egui::Role::GridCell).nth(1).unwrap().click();
                        harness.run();
                    }
                    results.add(harness.try_snapshot(format!("settings_{name}_{tag}_{look}{suffix}")));
                }
            }
            for (suffix, size) in [("", (760.0, 320.0)), ("_narrow", (480.0, 320.0))] {
                let mut harness = harness(tasks(), "Task list", dark, size, 1.0);
                harness
                    .get_all_by_role(egui::Role::ListBoxOption)
                    .next()
                    .unwrap()
                    .click();
                harness.run();
                results.add(harness.try_snapshot(format!("tasks_{tag}_{look}{suffix}")));
                let (page, _) = log(None, false);
                let mut harness = self::harness(page, "Log", dark, (size.0 * 1.25, 420.0), 1.0);
                until(&mut harness, |harness| shows(harness, "29"));
                results.add(harness.try_snapshot(format!("log_{tag}_{look}{suffix}")));
            }
        }
    }
}

fn strings_settings(language: Language) -> &'static str {
    if language == Language::English {
        "Settings"
    } else {
        "Agordoj"
    }
}

#[test]
fn keys_are_called_as_on_their_caps_in_the_language_of_the_user() {
    let text = |modifiers, key| strings::shortcut(shortcut(modifiers, key));
    let _speaking = speaking(Language::English);
    assert_eq!(
        [text(7, 29), text(8, 44), text(0, 88), text(0, 83)],
        ["Ctrl+Alt+Shift+Z", "Logo+Space", "Num Enter", "Num Lock"]
    );
    drop(_speaking);
    let _speaking = speaking(Language::Esperanto);
    assert_eq!(
        [text(3, 75), text(0, 88), text(0, 68), text(2, 200)],
        ["Stir+Maj+Paĝo supren", "Nombra Enigi", "F11", "Stir+Klavo 200"]
    );
}

/// Owner of the keyboard.
fn focused(harness: &Harness<'_, Bench>) -> String {
    harness
        .get_by(|node| node.is_focused())
        .accesskit_node()
        .label()
        .unwrap()
}
