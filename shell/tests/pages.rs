//! Settings, task list and log viewer as people see them, in both looks and both languages, and as a screen reader does.
//!
//! `UPDATE_SNAPSHOTS=1` renders the pictures anew.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "common/harness.rs"]
mod harness;
#[path = "common/speaking.rs"]
mod speaking;

use egui::Key as Pressed;
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotResults};
use parking_lot::Mutex;
use portico::broker::{Connected, KnownService, Overview, PortInUse};
use portico::chrome::{self, Look};
use portico::grants::{Access, PermissionChange};
use portico::logs::{Bounds, LogStore, SourceId};
use portico::model::{
    Effect, Event, Key, KeyState, Now, Progress, Shell, ShellCommand, ShellShortcut, WindowId, WindowModel, code,
};
use portico::pages::settings::programs::{Look as ProgramLook, Permissions};
use portico::pages::settings::{OtherShortcut, SettingsState, Space, Storage, User};
use portico::pages::tasks::Task;
use portico::pages::{self, Page};
use portico::preferences::{Appearance, Motion, Preferences};
use portico::state::grants::{AllDecisions, Decision, ProgramDecisions, today};
use portico::strings::{self, Language};
use portico_kernel::Permission;
use portico_portals::{Detail, Level, Person, Shortcut};
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

    /// What was asked of the shell since the last look.
    fn asked(&mut self) -> Vec<ShellCommand> {
        let effects = std::mem::take(&mut self.effects).into_iter();
        effects
            .filter_map(|effect| {
                if let Effect::Command(command) = effect {
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
        shell: Shell::default(),
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
    let system = Person {
        user_name: Some("stella".into()),
        full_name: Some("Stella Maris".into()),
        languages: Some(codes(&[b"deDE", b"enGB"])),
    };
    let languages = Some(codes(&[b"eoXX", b"deAT", b"qqXX"]));
    User {
        set: Person {
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

/// What five programs may do, of which two run.
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
        "a window of the shell's own is open",
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

/// What something is called in a language.
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
fn what_is_chosen_is_set() {
    let _speaking = speaking(Language::English);
    let mut harness = harness(settings().0, "Settings", false, (720.0, 700.0), 1.0);
    harness.get_by_role_and_label(egui::Role::Tab, "Appearance").click();
    harness.run();
    for (name, is) in [
        (
            "Look: Light",
            Preferences {
                appearance: Appearance::Light,
                ..known().preferences
            },
        ),
        (
            "Look: As the desktop",
            Preferences {
                appearance: Appearance::System,
                ..known().preferences
            },
        ),
        (
            "Size: 150 %",
            Preferences {
                scale: 150,
                ..known().preferences
            },
        ),
        (
            "Motion: Full",
            Preferences {
                motion: Motion::Full,
                ..known().preferences
            },
        ),
        (
            "Language: Esperanto",
            Preferences {
                language: Some(Language::Esperanto),
                ..known().preferences
            },
        ),
    ] {
        click(&mut harness, name);
        assert_eq!(harness.state_mut().asked(), [ShellCommand::Set(Box::new(is))], "{name}");
    }
}

#[test]
fn the_broker_is_looked_at_while_it_is_shown() {
    let _speaking = speaking(Language::English);
    let (page, shown) = settings();
    let mut harness = harness(page, "Settings", false, (720.0, 700.0), 1.0);
    harness.get_by_role_and_label(egui::Role::Tab, "Message broker").click();
    assert!(!shown.lock().at_broker);
    harness.run();
    assert!(shown.lock().at_broker);
    assert!(shows(&harness, "12345 messages sent, 678 received"));
    assert!(shows(&harness, "11001: Storage (process 4711)") && shows(&harness, "Handles org.darqos.storage"));
    click(&mut harness, "It runs: With the shell");
    let with_shell = Preferences {
        broker: true,
        ..known().preferences
    };
    assert_eq!(harness.state_mut().asked(), [ShellCommand::Set(Box::new(with_shell))]);
    shown.lock().broker = Some(None);
    harness.run();
    assert!(shows(&harness, "No broker runs."));
    harness.get_by_role_and_label(egui::Role::Tab, "About").click();
    harness.run();
    assert!(!shown.lock().at_broker);
}

/// The settings at what programs are told about the user, in a window with that much room.
fn about_the_user() -> (Harness<'static, Bench>, pages::settings::SharedState) {
    let (page, shown) = settings();
    let mut harness = harness(page, "Settings", false, (720.0, 900.0), 1.0);
    harness.get_by_role_and_label(egui::Role::Tab, "You").click();
    harness.run();
    (harness, shown)
}

/// What was asked to be told, which the shell shows at once.
fn told(harness: &mut Harness<'_, Bench>, shown: &pages::settings::SharedState) -> Vec<Detail> {
    harness.run();
    let asked = harness.state_mut().asked().into_iter();
    let told: Vec<_> = asked
        .map(|command| {
            if let ShellCommand::SetUserInfo(detail) = command {
                detail
            } else {
                panic!("{command:?}")
            }
        })
        .collect();
    for detail in &told {
        shown.lock().user.as_mut().unwrap().set.set(detail.clone());
    }
    harness.run();
    told
}

#[test]
fn names_are_told_as_they_are_typed() {
    let _speaking = speaking(Language::English);
    let (mut harness, shown) = about_the_user();
    assert_eq!(harness.get_by_label("User name").value().as_deref(), Some("Ŝtela"));
    let full = |name: &str| Detail::FullName(Some(name.to_owned()).filter(|name| !name.is_empty()));
    harness.get_by_label("Full name").focus();
    harness.run();
    for (typed, is) in [
        ("A", Some("A")),
        ("d", Some("Ad")),
        (" ", None),
        ("\u{7}", None),
        ("B", Some("Ad B")),
    ] {
        harness.get_by_label("Full name").type_text(typed);
        assert_eq!(
            told(&mut harness, &shown),
            is.map(full).into_iter().collect::<Vec<_>>(),
            "{typed:?}"
        );
    }
    // Meanwhile a program sets something else: what is being typed stays, and gives way when the field is left.
    shown.lock().user.as_mut().unwrap().set.full_name = Some("Eve".into());
    harness.run();
    assert_eq!(harness.get_by_label("Full name").value().as_deref(), Some("Ad B"));
    harness.key_press(Pressed::Tab);
    harness.run();
    assert_eq!(harness.get_by_label("Full name").value().as_deref(), Some("Eve"));
    // Without a name of the user's own it is that of the system; one that is too long is cut.
    harness.get_by_label("Full name").focus();
    harness.run();
    for _ in 0..3 {
        harness.key_press(Pressed::Backspace);
        harness.run();
    }
    assert_eq!(told(&mut harness, &shown).last(), Some(&full("")));
    harness.get_by_label("Full name").type_text(&"é".repeat(200));
    assert_eq!(told(&mut harness, &shown), [full(&"é".repeat(128))]);
}

#[test]
fn languages_are_ordered_removed_brought_back_and_added() {
    let _speaking = speaking(Language::English);
    let (mut harness, shown) = about_the_user();
    let list = |list: &[&[u8; 4]]| [Detail::Languages(Some(codes(list)))];
    assert!(
        harness.query_by_label("Move up: Esperanto").is_none(),
        "it is the first already"
    );
    assert!(shows(&harness, "2: Deutsch, de-AT") && shows(&harness, "3: qq, qq"));
    // By keyboard, which stays with what it was for.
    harness.get_by_label("Move up: qq").focus();
    harness.run();
    harness.key_press(Pressed::Enter);
    assert_eq!(told(&mut harness, &shown), list(&[b"eoXX", b"qqXX", b"deAT"]));
    assert_eq!(focused(&harness), "Move up: qq");
    harness.get_by_label("Remove: qq").focus();
    harness.run();
    harness.key_press(Pressed::Enter);
    assert_eq!(told(&mut harness, &shown), list(&[b"eoXX", b"deAT"]));
    assert_eq!(focused(&harness), "Remove: Deutsch");
    assert!(shows(&harness, "qq was removed"));
    click(&mut harness, "Undo");
    assert_eq!(told(&mut harness, &shown), list(&[b"eoXX", b"qqXX", b"deAT"]));
    assert!(harness.query_by_label("Undo").is_none());
    // A name, as far as it is needed; a tag; and a button.
    harness.get_by_label("Add a language").focus();
    harness.run();
    harness.get_by_label("Add a language").type_text("japan");
    harness.run();
    assert!(
        harness.query_by_label("Add a language: English").is_none(),
        "only what fits is proposed"
    );
    harness.key_press(Pressed::Enter);
    assert_eq!(told(&mut harness, &shown), list(&[b"eoXX", b"qqXX", b"deAT", b"jaXX"]));
    assert_eq!(focused(&harness), "Add a language");
    harness.get_by_label("Add a language").type_text("pt-br");
    harness.run();
    harness.key_press(Pressed::Enter);
    assert_eq!(
        told(&mut harness, &shown),
        list(&[b"eoXX", b"qqXX", b"deAT", b"jaXX", b"ptBR"])
    );
    harness.get_by_label("Add a language").type_text("klingon");
    harness.run();
    assert!(shows(&harness, "No language is called so."));
    harness.key_press(Pressed::Enter);
    assert_eq!(told(&mut harness, &shown), []);
    // Without a list of the user's own: that of the shell and of the desktop, which the first change makes the user's own.
    click(&mut harness, "As the desktop");
    assert_eq!(told(&mut harness, &shown), [Detail::Languages(None)]);
    assert!(shows(&harness, "1: Deutsch, de-DE") && shows(&harness, "2: English, en-GB"));
    assert!(harness.query_by_label("As the desktop").is_none());
    click(&mut harness, "Undo");
    assert_eq!(
        told(&mut harness, &shown),
        list(&[b"eoXX", b"qqXX", b"deAT", b"jaXX", b"ptBR"])
    );
    click(&mut harness, "As the desktop");
    told(&mut harness, &shown);
    shown.lock().preferences.language = Some(Language::Esperanto);
    harness.run();
    assert!(shows(&harness, "1: Esperanto, eo") && shows(&harness, "2: Deutsch, de-DE"));
    click(&mut harness, "Remove: English");
    assert_eq!(told(&mut harness, &shown), list(&[b"eoXX", b"deDE"]));
    // Two removals, as by a double click, come back one after the other.
    click(&mut harness, "Remove: Esperanto");
    assert_eq!(told(&mut harness, &shown), list(&[b"deDE"]));
    assert!(shows(&harness, "Esperanto was removed"));
    click(&mut harness, "Undo");
    assert_eq!(told(&mut harness, &shown), list(&[b"eoXX", b"deDE"]));
    assert!(shows(&harness, "English was removed"));
    click(&mut harness, "Undo");
    assert_eq!(told(&mut harness, &shown), [Detail::Languages(None)]);
    // The last one has nothing to be removed for.
    shown.lock().user.as_mut().unwrap().set.languages = Some(codes(&[b"eoXX"]));
    harness.run();
    assert!(harness.query_by_label("Remove: Esperanto").is_none());
}

#[test]
fn the_keyboard_walks_the_settings_in_reading_order() {
    let _speaking = speaking(Language::English);
    let mut harness = harness(settings().0, "Settings", false, (720.0, 700.0), 1.0);
    harness.get_by_role_and_label(egui::Role::Tab, "Appearance").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::Tab, "Appearance").focus();
    harness.run();
    for name in [
        "Shortcuts",
        "Storage",
        "Message broker",
        "About",
        "Look: As the desktop",
        "Look: Light",
        "Look: Dark",
        "Size: 75 %",
    ] {
        harness.key_press(Pressed::Tab);
        harness.run();
        assert!(harness.get_by_label(name).is_focused(), "{name}");
    }
    harness.key_press(Pressed::Space);
    harness.run();
    let asked = harness.state_mut().asked();
    assert!(
        matches!(&asked[..], [ShellCommand::Set(preferences)] if preferences.scale == 75),
        "{asked:?}"
    );
}

#[test]
fn a_shortcut_is_recorded_reset_and_taken_away() {
    let _speaking = speaking(Language::English);
    let (page, shown) = settings();
    let mut harness = harness(page, "Settings", false, (720.0, 700.0), 1.0);
    click(&mut harness, "Shortcuts");
    assert!(
        shows(&harness, "“Go to the search field”: only one"),
        "a conflict is shown"
    );
    assert!(shows(&harness, "Paint has it for “Fill”"));
    click(&mut harness, "Change: Find actions, windows and programs");
    assert_eq!(
        harness.state_mut().asked(),
        [ShellCommand::Recording(Some(ShellShortcut::Hud))]
    );
    shown.lock().recording = Some(ShellShortcut::Hud);
    harness.run();
    assert!(
        harness
            .query_by_label("Find actions, windows and programs: Press it, or Esc")
            .is_some()
    );
    // What would type something is no shortcut, nor is a modifier alone; what would open the HUD is taken for it.
    harness.state_mut().press(code::F, 0);
    harness.state_mut().press(224, 2);
    assert_eq!(harness.state_mut().asked(), []);
    harness.state_mut().press(code::SPACE, 2);
    let recorded = ShellCommand::Recorded(ShellShortcut::Hud, shortcut(2, 44));
    assert_eq!(harness.state_mut().asked(), [recorded, ShellCommand::Recording(None)]);
    assert!(harness.state().model.hud().is_none());
    shown.lock().recording = None;
    harness.run();
    click(&mut harness, "Change: Full screen");
    harness.state_mut().press(code::ESCAPE, 0);
    assert_eq!(harness.state_mut().asked().last(), Some(&ShellCommand::Recording(None)));
    click(&mut harness, "Reset: Go to the search field");
    assert_eq!(
        harness.state_mut().asked(),
        [ShellCommand::Set(Box::new(Preferences {
            shortcuts: Preferences::default().shortcuts,
            ..known().preferences
        }))]
    );
    click(&mut harness, "Remove: Find actions, windows and programs");
    let asked = harness.state_mut().asked();
    assert!(
        matches!(&asked[..], [ShellCommand::Set(p)] if p.shortcuts.get(ShellShortcut::Hud).is_none()),
        "{asked:?}"
    );
}

#[test]
fn tasks_are_sorted_chosen_and_ended() {
    let _speaking = speaking(Language::English);
    let mut harness = harness(tasks(), "Task list", false, (760.0, 320.0), 1.0);
    assert!(harness.query_by_label("End").is_none(), "nothing is chosen");
    let first = |harness: &Harness<'_, Bench>| {
        let rows = harness.query_all_by_role(egui::Role::ListBoxOption);
        let mut rows: Vec<_> = rows
            .map(|row| (row.rect().top() as i32, row.accesskit_node().label().unwrap()))
            .collect();
        rows.sort();
        rows.remove(0).1
    };
    assert!(
        first(&harness).starts_with("Clock: CPU 0.0 %; Memory 5.2 MB; Frames/s 1"),
        "{}",
        first(&harness)
    );
    click(&mut harness, "Sort by CPU");
    assert!(first(&harness).starts_with("Life is not answering"));
    click(&mut harness, "Sort by CPU");
    assert!(first(&harness).starts_with("Clock"));
    harness.get_by_label_contains("Harbour").click();
    harness.run();
    for (name, ask) in [
        ("End", ShellCommand::End(WindowId(2))),
        ("Restart", ShellCommand::Restart(WindowId(2))),
        ("Log", ShellCommand::ShowLog(WindowId(2))),
        ("Show window", ShellCommand::Focus(WindowId(2))),
    ] {
        click(&mut harness, name);
        assert_eq!(harness.state_mut().asked(), [ask], "{name}");
    }
}

#[test]
fn the_log_is_filtered_copied_and_cleared() {
    let _speaking = speaking(Language::English);
    let (page, store) = log(None, false);
    let mut harness = harness(page, "Log", false, (1000.0, 500.0), 1.0);
    until(&mut harness, |harness| harness.query_by_label("30 lines").is_some());
    harness.get_by_label("Find in the text").focus();
    harness.run();
    harness.get_by_label("Find in the text").type_text("LINE 2");
    until(&mut harness, |harness| harness.query_by_label("11 lines").is_some());
    harness.get_by_label("Index").focus();
    harness.run();
    harness.get_by_label("Index").type_text("board");
    until(&mut harness, |harness| harness.query_by_label("3 lines").is_some());
    harness.get_by_label("Copy").click();
    // The picture in which it is copied may not be the last.
    let copied = (0..5).find_map(|_| {
        harness.step();
        harness
            .output()
            .platform_output
            .commands
            .iter()
            .find_map(|command| match command {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            })
    });
    let copied = copied.unwrap();
    assert_eq!(copied.lines().count(), 3, "{copied}");
    assert!(
        copied
            .lines()
            .next()
            .unwrap()
            .ends_with("INFO Life board: line 21 with something to say, and a bit more")
    );
    store.push(SourceId::SHELL, Level::Error, "board", "line 2 again");
    until(&mut harness, |harness| harness.query_by_label("4 lines").is_some());
    click(&mut harness, "Clear");
    until(&mut harness, |harness| harness.query_by_label("0 lines").is_some());
    assert!(harness.query_by_label("Nothing has been printed that fits.").is_some());
}

#[test]
fn the_debug_console_is_the_chosen_programs() {
    let _speaking = speaking(Language::English);
    let (page, _) = log(None, false);
    let mut deaf = harness(page, "Log", false, (1000.0, 500.0), 1.0);
    assert!(deaf.get_by_label("Debug console").accesskit_node().is_disabled());
    deaf.run();
    let (page, _) = log(Some(SourceId::SHELL), true);
    let mut harness = harness(page, "Log", false, (1000.0, 500.0), 1.0);
    until(&mut harness, |harness| harness.query_by_label("20 lines").is_some());
    harness.get_by_label("Debug console").focus();
    harness.run();
    harness.get_by_label("Debug console").type_text("help");
    harness.run();
    harness.key_press(Pressed::Enter);
    harness.run();
    let asked = harness.state_mut().asked();
    assert!(
        matches!(&asked[..], [ShellCommand::Console(_, line)] if line == "help"),
        "{asked:?}"
    );
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

/// What has the keyboard.
fn focused(harness: &Harness<'_, Bench>) -> String {
    harness
        .get_by(|node| node.is_focused())
        .accesskit_node()
        .label()
        .unwrap()
}

#[test]
fn every_cell_of_the_matrix_can_be_changed() {
    let _speaking = speaking(Language::English);
    let (page, shown) = settings();
    let mut harness = harness(page, "Settings", false, (880.0, 1500.0), 1.0);
    let cell = |name: &str, state: &str, what: &str| format!("{name}: {what}: {state}");
    let launch = "Start other programs";
    for (name, state) in [
        ("Clock", "You are asked first"),
        ("Notes", "Not allowed"),
        ("Paint", "Allowed until it ends"),
    ] {
        assert!(harness.query_by_label(&cell(name, state, launch)).is_some(), "{name}");
    }
    assert!(
        shows(&harness, "Not allowed until it ends"),
        "what the marks mean stands below"
    );
    click(&mut harness, &cell("Clock", "You are asked first", launch));
    let say = |index: usize, name: &str, portal, allowed| {
        let program = format!("{index:08}abcdef");
        [ShellCommand::SetPermission(Box::new(PermissionChange {
            program,
            name: name.into(),
            permission: Permission::whole(portal),
            allowed,
        }))]
    };
    for (choice, allowed) in [("Allow", Some(true)), ("Don't allow", Some(false)), ("Ask me", None)] {
        click(&mut harness, &format!("{choice}: {launch}"));
        assert_eq!(
            harness.state_mut().asked(),
            say(0, "Clock", "launch", allowed),
            "{choice}"
        );
    }
    // What is open to every program can only be shut, and opened again.
    let keys = "Hear the keyboard while its window has the focus";
    click(&mut harness, &cell("Notes", "Not allowed", keys));
    assert!(harness.query_by_label(&format!("Ask me: {keys}")).is_none());
    assert!(shows(&harness, "Not allowed; you said so today."));
    click(&mut harness, &format!("Allow: {keys}"));
    assert_eq!(harness.state_mut().asked(), say(3, "Notes", "keys", None));
    // When it lapses is told.
    click(&mut harness, &cell("Harbour at dusk", "Allowed", "Hear the microphone"));
    assert!(shows(
        &harness,
        "last of use 30 days ago. Lapses in 60 days unless it is used."
    ));
    // All that was said about a program is forgotten at once.
    click(&mut harness, "Harbour at dusk");
    assert!(shows(
        &harness,
        "Signed by 1f4e99c0 · You have said something about 2 permissions"
    ));
    click(&mut harness, "Forget all of that");
    let asked = harness.state_mut().asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked
            .iter()
            .all(|command| matches!(command, ShellCommand::SetPermission(change) if change.allowed.is_none())),
        "{asked:?}"
    );
    shown.lock().programs = Permissions::default();
    harness.run();
    assert!(shows(&harness, "No program is known yet."));
    let many = (0..8).map(|index| (format!("{index:08}abcdef"), format!("Program {index}").as_str().into()));
    let lines = portico::grants::matrix(&AllDecisions::default(), many, []);
    shown.lock().programs = Permissions {
        lines: lines.into(),
        ..Permissions::default()
    };
    harness.run();
    assert!(shows(&harness, "Program 0") && !shows(&harness, "Nothing found"));
    harness.get_by_label("Find a program").focus();
    harness.run();
    harness.get_by_label("Find a program").type_text("zebra");
    harness.run();
    assert!(shows(&harness, "Nothing found"));
}

#[test]
fn the_keyboard_goes_through_the_matrix_and_to_the_choices_and_back() {
    let _speaking = speaking(Language::English);
    let (page, shown) = settings();
    let mut harness = harness(page, "Settings", false, (560.0, 480.0), 1.0);
    shown.lock().show = Some("00000003abcdef".into());
    harness.run();
    assert_eq!(focused(&harness), "Notes", "it is shown what was asked for");
    let press = |harness: &mut Harness<'_, Bench>, key| {
        harness.key_press(key);
        harness.run();
        focused(harness)
    };
    assert!(press(&mut harness, Pressed::ArrowDown).starts_with("Notes: "));
    assert!(press(&mut harness, Pressed::ArrowRight).starts_with("Paint: "));
    assert!(
        press(&mut harness, Pressed::ArrowRight).starts_with("Paint: "),
        "there is no more"
    );
    assert!(press(&mut harness, Pressed::Home).starts_with("Clock: "));
    let seen = harness.get_by(|node| node.is_focused()).rect();
    assert!(seen.left() > 200.0 && seen.right() < 560.0, "{seen:?}");
    let choice = press(&mut harness, Pressed::Enter);
    assert!(choice.starts_with("Ask me: "), "{choice}");
    assert!(press(&mut harness, Pressed::Escape).starts_with("Clock: "));
    let last = press(&mut harness, Pressed::PageDown);
    assert!(last.starts_with("Clock: "), "{last}");
    press(&mut harness, Pressed::Enter);
    assert!(press(&mut harness, Pressed::ArrowRight).starts_with("Don't allow: "));
    assert_eq!(harness.state_mut().asked(), []);
    press(&mut harness, Pressed::Space);
    let asked = harness.state_mut().asked();
    assert!(
        matches!(&asked[..], [ShellCommand::SetPermission(change)] if change.allowed == Some(false) && change.name == "Clock"),
        "{asked:?}"
    );
}
