//! What is kept is recalled, whoever else has the file and whatever has become of it.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::state::PermissionStore;
use portico_kernel::{Permission, Scope};
use portico_model::Language;
use std::fs;
use std::path::Path;
use std::sync::mpsc;

/// What a new shell knows of the file, once it has read it.
fn recalled(file: &Path) -> (State, Learned) {
    let (sender, receiver) = mpsc::channel();
    let mut state = State::load(
        Some(file.to_owned()),
        move |learned| sender.send(learned).unwrap(),
        Box::new(drop),
        || (),
        drop,
    );
    state.reader.take().unwrap().join().unwrap();
    (state, receiver.try_recv().unwrap_or_default())
}

fn choice(learned: &mut Learned, letters: &str, what: &str) -> Chosen {
    learned.choose(letters, what);
    learned.latest().unwrap().clone()
}

#[test]
fn what_was_kept_is_recalled_by_the_next_shell() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/folder/state.redb");
    let (mut state, mut learned) = recalled(&file);
    assert_eq!(state.size("paint"), None);
    assert!(learned.is_empty() && !file.exists(), "reading makes no file");
    state.save_size("paint", (800.0, 600.5));
    state.save_size("paint", (801.0, 600.5));
    state.save_choice(&choice(&mut learned, "un", "undo"));
    state.save_choice(&choice(&mut learned, "UN ", "undo"));
    assert_eq!(state.size("paint"), Some((801.0, 600.5)), "this shell knows it at once");
    drop(state);
    let (state, again) = recalled(&file);
    assert_eq!(state.size("paint"), Some((801.0, 600.5)));
    assert_eq!(state.size("life"), None);
    assert_eq!(again, learned);
    assert!(again.bonus("un", "undo") > 0);
}

#[test]
fn what_was_set_is_recalled_and_what_is_set_back_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let (mut state, _) = recalled(&file);
    assert_eq!(state.preferences(), Some(&Preferences::default()));
    let set = Preferences {
        scale: 150,
        language: Some(Language::Esperanto),
        ..Preferences::default()
    };
    state.save_preferences(&set);
    drop(state);
    let (mut state, _) = recalled(&file);
    assert_eq!(state.preferences(), Some(&set));
    state.save_preferences(&Preferences {
        language: None,
        ..set.clone()
    });
    drop(state);
    assert_eq!(
        recalled(&file).0.preferences(),
        Some(&Preferences { language: None, ..set })
    );
}

#[test]
fn two_shells_share_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let ((mut one, _), (mut other, _)) = (recalled(&file), recalled(&file));
    one.save_size("paint", (1.0, 2.0));
    other.save_size("life", (3.0, 4.0));
    drop((one, other));
    let (state, _) = recalled(&file);
    assert_eq!(
        (state.size("paint"), state.size("life")),
        (Some((1.0, 2.0)), Some((3.0, 4.0)))
    );
}

#[test]
fn a_damaged_file_is_set_aside_for_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    recalled(&file).0.save_size("paint", (1.0, 2.0));
    let whole = fs::read(&file).unwrap();
    let zeroed = [&whole[..4096], &vec![0; whole.len() - 4096]].concat();
    for damaged in [
        b"not a database at all".repeat(100),
        whole[..whole.len() / 3].to_vec(),
        zeroed,
    ] {
        fs::write(&file, &damaged).unwrap();
        let (mut state, _) = recalled(&file);
        state.save_size("life", (5.0, 6.0));
        drop(state);
        assert_eq!(recalled(&file).0.size("life"), Some((5.0, 6.0)));
        let names = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let aside: Vec<_> = names
            .filter(|name| name.to_string_lossy().contains("damaged"))
            .collect();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(
            Database::new(Some(file.clone())).damaged(),
            [folder.path().join(&aside[0])]
        );
        assert_eq!(fs::read(folder.path().join(&aside[0])).unwrap(), damaged);
        fs::remove_file(folder.path().join(&aside[0])).unwrap();
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn many_that_meet_the_damage_at_a_time_set_it_aside_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    for turn in 1..=3 {
        let damaged = format!("not a database, {turn} ").repeat(1000);
        fs::write(&file, &damaged).unwrap();
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let database = Database::new(Some(file.clone()));
                    start.wait();
                    database.write(|all| sizes::write(all, "paint", (1.0, 2.0))).unwrap();
                });
            }
        });
        let kept = Database::new(Some(file.clone())).damaged();
        assert_eq!(kept.len(), turn, "none of them in the place of another: {kept:?}");
        assert!(
            kept.iter()
                .any(|kept| fs::read_to_string(kept).is_ok_and(|text| text == damaged))
        );
        assert_eq!(recalled(&file).0.size("paint"), Some((1.0, 2.0)));
    }
}

#[test]
fn what_is_not_remembered_is_told_at_each_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let told = || {
        let (sender, receiver) = mpsc::channel();
        let trouble = move |trouble| sender.send(trouble).unwrap();
        let mut state = State::load(Some(file.clone()), drop, Box::new(drop), || (), trouble);
        state.reader.take().unwrap().join().unwrap();
        receiver.try_iter().last()
    };
    assert_eq!(told(), None);
    fs::write(&file, "not a database").unwrap();
    // Whoever meets the damage may be another process.
    Database::new(Some(file.clone())).read(|_| Ok(())).unwrap();
    let kept = Database::new(Some(file.clone())).damaged().remove(0);
    assert_eq!(
        (told(), told()),
        (
            Some(Trouble::SetAside(kept.clone())),
            Some(Trouble::SetAside(kept.clone()))
        )
    );
    fs::remove_file(kept).unwrap();
    assert_eq!(told(), None);
    fs::create_dir(&file).unwrap();
    let Some(Trouble::Unread(why)) = told() else {
        panic!("nothing is told")
    };
    assert!(why.contains("state.redb"), "{why}");
}

#[test]
fn a_file_that_stays_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    recalled(&file).0.save_size("paint", (1.0, 2.0));
    let held = redb::Database::open(&file).unwrap();
    assert_eq!(recalled(&file).0.size("paint"), None);
    drop(held);
    assert_eq!(recalled(&file).0.size("paint"), Some((1.0, 2.0)));
}

#[test]
fn old_choices_make_room_for_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let (mut state, mut learned) = recalled(&file);
    for index in 0..Learned::CAPACITY + 10 {
        let chosen = choice(&mut learned, &format!("{index}"), "it");
        state.save_choice(&chosen);
    }
    drop(state);
    let (_, again) = recalled(&file);
    assert_eq!(again.len(), Learned::CAPACITY);
    assert!(again.bonus("0", "it") < 1000 && again.bonus("521", "it") >= 1000);
}

#[test]
fn a_write_that_was_told_is_there_and_a_file_of_older_tables_is_read() {
    const LATER: redb::TableDefinition<'_, &str, u32> = redb::TableDefinition::new("later");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    recalled(&file).0.save_size("paint", (1.0, 2.0));
    let (state, _) = recalled(&file);
    let get = |all: &redb::ReadTransaction| match LATER.find(all)? {
        Some(table) => Ok(table.get("row")?.map(|row| row.value())),
        None => Ok(None),
    };
    assert_eq!(
        state.database().read(get).unwrap(),
        None,
        "nobody has written this table"
    );
    state
        .database()
        .write(|all| Ok(all.open_table(LATER)?.insert("row", 7)?.map(|row| row.value())))
        .unwrap();
    assert_eq!(Database::new(Some(file)).read(get).unwrap(), Some(7));
    let none = Database::new(None);
    assert_eq!(none.read(get).unwrap(), None);
    assert!(matches!(none.write(|_| Ok(())), Err(DatabaseError::Nowhere)));
}

#[test]
fn what_is_told_to_be_kept_is_on_the_disk_and_the_rest_is_told_why_not() {
    use portico_portals::{Language, UserInfo, UserInfoField};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let database = Database::new(Some(file.clone()));
    assert_eq!(database.read(profile::read).unwrap(), UserInfo::default());
    let languages = vec![Language { code: *b"eoXX" }, Language { code: *b"deAT" }];
    let (sender, told) = mpsc::channel();
    for detail in [
        UserInfoField::UserName(Some("first".into())),
        UserInfoField::FullName(Some("Stella".into())),
        UserInfoField::UserName(Some("Ŝtela".into())),
        UserInfoField::Languages(Some(languages.clone())),
        UserInfoField::FullName(None),
    ] {
        let sender = sender.clone();
        database.save_and_notify(
            move |all| profile::write(all, &detail),
            move |written| sender.send(written).unwrap(),
        );
    }
    drop(sender);
    assert_eq!(told.iter().collect::<Vec<_>>(), vec![Ok(()); 5]);
    // As another shell finds it, with nothing finished here.
    let person = Database::new(Some(file)).read(profile::read).unwrap();
    assert_eq!(
        person,
        UserInfo {
            user_name: Some("Ŝtela".into()),
            full_name: None,
            languages: Some(languages)
        }
    );

    for place in [None, Some(folder.path().join("state.redb/below"))] {
        let (sender, told) = mpsc::channel();
        let database = Database::new(place);
        database.save_and_notify(|_| Ok(()), move |written| sender.send(written).unwrap());
        assert!(!told.recv().unwrap().unwrap_err().is_empty());
    }
}

/// A database from before permissions had a scope, of programs that were allowed and denied two portals each, on the first day
/// of 2200 (what is allowed lapses).
#[test]
fn decisions_about_whole_portals_from_before_there_were_scopes_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    fs::write(&file, include_bytes!("../../tests/data/whole-portals.redb")).unwrap();
    let database = Database::new(Some(file));
    let all = database.read(grants::read).unwrap();
    let said = |name: &str| {
        let holder = all.values().find(|holder| *holder.name == *name).unwrap();
        holder
            .decisions
            .iter()
            .map(|(permission, said)| (permission.as_str(), said.allowed))
            .collect::<Vec<_>>()
    };
    assert_eq!(said("Clock"), [("camera", false), ("notifications", true)]);
    assert_eq!(said("Notes"), [("clipboard-unfocused", true), ("http", false)]);
    // They hold for what is behind the portals, too, and one thing gets its own.
    let store = PermissionStore::new(database.clone(), Box::new(drop));
    store.reread();
    let program = all.iter().find(|(_, holder)| *holder.name == *"Notes").unwrap().0;
    let one = |name: &str| Permission {
        portal: "http",
        scope: Scope::new(name),
    };
    assert_eq!(store.decision(program, &one("https://example.org")), Some(false));
    store.set(program, &"Notes".into(), &Permission::whole("http"), None);
    store.set(program, &"Notes".into(), &one("https://example.org"), Some(true));
    database.finish();
    store.reread();
    assert_eq!(store.decision(program, &one("https://example.org")), Some(true));
    assert_eq!(store.decision(program, &one("https://example.com")), None);
    assert_eq!(store.decision(program, &Permission::whole("http")), None);
}

#[test]
fn unsaved_sizes_are_stored_when_the_process_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let (database, unsaved) = (Database::new(Some(file.clone())), UnsavedSizes::default());
    unsaved.note("first", Some((300.0, 200.0)));
    unsaved.note("first", Some((400.0, 300.0)));
    // It has been stored in the meantime, or the window fills the screen.
    unsaved.note("second", Some((500.0, 400.0)));
    unsaved.note("second", None);
    unsaved.clone().save(&database);
    database.finish();
    let stored = Database::new(Some(file)).read(sizes::read).unwrap();
    assert_eq!(
        stored.into_iter().collect::<Vec<_>>(),
        [("first".to_owned(), (400.0, 300.0))]
    );
}
