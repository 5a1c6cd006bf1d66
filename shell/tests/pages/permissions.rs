//! The matrix of what programs may do.

use super::*;

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
