//! A shell that is killed while it writes what the user has said leaves the old state or the new one, never some of each, and
//! nothing that was acknowledged is lost.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

use portico::state::grants::{self, Decision};
use portico::state::{Database, State, profile};
use portico_model::preferences::{Appearance, Motion, Preferences, SCALES};
use portico_portals::UserInfoField;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How often a writer is killed; `PORTICO_KILLS` sets another number.
const KILLS: u64 = 2_000;
/// After so many kills the file is a new one.
const FILES: u64 = 50;
/// Programs of which one write says something.
const PROGRAMS: u64 = 6;
/// Names the file to the process that writes.
const FILE: &str = "PORTICO_KILL_FILE";

/// What the user sets the so-manieth time: three rows of the database, which belong together.
fn set(number: u64) -> Preferences {
    Preferences {
        appearance: [Appearance::System, Appearance::Light, Appearance::Dark][number as usize % 3],
        scale: SCALES[number as usize % SCALES.len()],
        motion: [Motion::System, Motion::Full, Motion::Reduced][number as usize % 3],
        ..Preferences::default()
    }
}

/// What a new shell knows of the file: the number of the write of each program's grants and of the profile, and what is set.
fn reopened(file: &Path) -> (Vec<u64>, Preferences) {
    let (read, was_read) = mpsc::channel();
    let state = State::load(
        Some(file.to_owned()),
        move |_| read.send(()).unwrap(),
        Box::new(drop),
        || (),
        drop,
    );
    was_read
        .recv_timeout(Duration::from_secs(20))
        .expect("the file can be read");
    let mut numbers = Vec::new();
    for entry in state.permissions().all().values() {
        let number: u64 = entry.name.parse().unwrap();
        // What is said alternates, so that a row of another write shows.
        let of_it =
            |portal: &str| entry.decisions.get(portal).map(|said| said.allowed) == Some(number.is_multiple_of(2));
        assert!(
            entry.decisions.len() == 2 && of_it("launch") && of_it("camera"),
            "{entry:?}"
        );
        numbers.push(number);
    }
    let person = state.database().read(profile::read).unwrap();
    assert_eq!(person.user_name, person.full_name, "a profile of two writes");
    numbers.extend(person.full_name.map(|name| name.parse::<u64>().unwrap()));
    (numbers, state.preferences().cloned().unwrap_or_default())
}

/// Writes for ever, and says after each write which it was.
fn write(file: &Path, mut number: u64) {
    let database = Database::new(Some(file.to_owned()));
    let mut state = State::load(Some(file.to_owned()), drop, Box::new(drop), || (), drop);
    let mut out = std::io::stdout();
    loop {
        number += 1;
        let said = Decision::today(number.is_multiple_of(2));
        let say = |all: &redb::WriteTransaction| {
            (0..PROGRAMS).try_for_each(|program| {
                let (known_by, name) = (format!("program {program}"), number.to_string());
                grants::write(all, &known_by, &name, "launch", Some(said))?;
                grants::write(all, &known_by, &name, "camera", Some(said))
            })?;
            profile::write(all, &UserInfoField::UserName(Some(number.to_string())))?;
            profile::write(all, &UserInfoField::FullName(Some(number.to_string())))
        };
        database.write(say).unwrap();
        writeln!(out, "\nsaid {number}").unwrap();
        state.save_preferences(&set(number));
        state.database().finish();
        writeln!(out, "\nset {number}").unwrap();
        out.flush().unwrap();
    }
}

/// Not a test by itself: what is killed.
#[test]
fn the_one_that_is_killed() {
    if let Some((file, number)) = std::env::var_os(FILE).zip(std::env::var("PORTICO_KILL_FROM").ok()) {
        write(Path::new(&file), number.parse().unwrap());
    }
}

#[test]
fn what_is_written_is_whole_or_absent_and_what_was_acknowledged_is_there() {
    let kills = std::env::var("PORTICO_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(KILLS);
    let folder = tempfile::tempdir().unwrap();
    // The last that were acknowledged.
    let (mut said, mut has_set) = (0, 0);
    let (mut new, mut writes) = (0, 0);
    for kill in 0..kills {
        let file = folder.path().join(format!("{}/state.redb", kill / FILES));
        if kill % FILES == 0 {
            (said, has_set) = (0, 0);
        }
        let from = said.max(has_set);
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "the_one_that_is_killed", "--nocapture", "--quiet"]);
        command.env(FILE, &file).env("PORTICO_KILL_FROM", from.to_string());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            while let Some(Ok(line)) = lines.next() {
                let numbered = |what: &str| line.strip_prefix(what).and_then(|number| number.parse::<u64>().ok());
                for (of_set, what) in [(false, "said "), (true, "set ")] {
                    if let Some(number) = numbered(what) {
                        tell.send((of_set, number)).unwrap();
                    }
                }
            }
        });
        // Every tenth is killed before it is known to have written anything, the others somewhere in a later write.
        let first = (kill % 10 != 0).then(|| told.recv_timeout(Duration::from_secs(60)).expect("it writes"));
        std::thread::sleep(Duration::from_micros(kill.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48));
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap();
        for (of_set, number) in first.into_iter().chain(told.try_iter()) {
            *(if of_set { &mut has_set } else { &mut said }) = number;
            writes += 1;
        }

        let (numbers, preferences) = reopened(&file);
        assert!(
            numbers.is_empty() || numbers.len() as u64 == PROGRAMS + 1,
            "kill {kill}: {numbers:?}"
        );
        assert!(
            numbers.iter().all(|number| *number == numbers[0]),
            "kill {kill}: mixed: {numbers:?}"
        );
        let number = numbers.first().copied().unwrap_or(0);
        // One more may have been written than was said: it goes on from the larger of the two.
        let next = from.max(said).max(has_set) + 1;
        assert!(
            number == said || number == next,
            "kill {kill}: {number} is there, {said} was acknowledged"
        );
        let candidates = [
            if has_set == 0 {
                Preferences::default()
            } else {
                set(has_set)
            },
            set(number),
        ];
        assert!(
            candidates.contains(&preferences),
            "kill {kill}: {preferences:?}, {has_set} was acknowledged"
        );
        new += u64::from(number > said);
        if number > said {
            said = number;
        }
        if preferences == candidates[1] && number > 0 {
            has_set = number;
        }
        let names = std::fs::read_dir(file.parent().unwrap())
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name());
        let aside: Vec<_> = names
            .filter(|name| name.to_string_lossy().contains("damaged"))
            .collect();
        assert!(aside.is_empty(), "kill {kill}: a file was set aside: {aside:?}");
    }
    eprintln!("{kills} kills; {writes} writes acknowledged, {new} written and not acknowledged");
}
