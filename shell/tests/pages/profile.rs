//! Information about the user that programs receive.

use super::*;

/// The settings at what programs are told about the user, in a window with that much room.
fn about_the_user() -> (Harness<'static, Bench>, pages::settings::SharedState) {
    let (page, shown) = settings();
    let mut harness = harness(page, "Settings", false, (720.0, 900.0), 1.0);
    harness.get_by_role_and_label(egui::Role::Tab, "You").click();
    harness.run();
    (harness, shown)
}

/// A report that was asked for, which the shell shows at once.
fn told(harness: &mut Harness<'_, Bench>, shown: &pages::settings::SharedState) -> Vec<UserInfoField> {
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
    let full = |name: &str| UserInfoField::FullName(Some(name.to_owned()).filter(|name| !name.is_empty()));
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
    let list = |list: &[&[u8; 4]]| [UserInfoField::Languages(Some(codes(list)))];
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
    assert_eq!(told(&mut harness, &shown), [UserInfoField::Languages(None)]);
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
    assert_eq!(told(&mut harness, &shown), [UserInfoField::Languages(None)]);
    // The last one has nothing to be removed for.
    shown.lock().user.as_mut().unwrap().set.languages = Some(codes(&[b"eoXX"]));
    harness.run();
    assert!(harness.query_by_label("Remove: Esperanto").is_none());
}
