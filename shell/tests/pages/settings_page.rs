//! The sections of the settings, and the shortcuts.

use super::*;

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
