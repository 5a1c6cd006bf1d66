//! The services as processes: started when somebody asks, shut down, killed, twice at once, by hand.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use serde_json::json;
use std::io::Read;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use support::Which::{History, Storage};
use support::{PATIENCE, Place, languages};

/// Waits for a process that gives up; what it says.
fn gives_up(mut child: Child) -> String {
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    said
}

#[test]
fn they_are_started_when_somebody_asks_and_keep_what_they_were_told() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        let when = json!({ "timestamp": "2026-03-01T10:00:00Z", "subject": "text::a", "event": "created" });
        for round in 0..3 {
            for which in [Storage, History] {
                let own = asker.ask_within(PATIENCE, which, "exists", json!({ "key": "a" }));
                assert_eq!(own, None, "nobody has asked for {which:?} yet");
                asker.resolve(which);
            }
            let pair = json!({ "key": format!("key {round}"), "value": "YQ==" });
            assert_eq!(asker.ask(Storage, "set", pair), json!({ "result": true }));
            for before in 0..=round {
                let kept = asker.ask(Storage, "get", json!({ "key": format!("key {before}") }));
                assert_eq!(kept, json!({ "result": true, "value": "YQ==" }));
            }
            assert_eq!(asker.ask(History, "add_event", when.clone())["result"], true);
            let all = json!({ "start_time": "2026-03-01T00:00:00Z", "count": 100, "older": false });
            assert_eq!(
                asker.ask(History, "get_events", all)["events"]
                    .as_array()
                    .unwrap()
                    .len(),
                round + 1
            );
            for which in [Storage, History] {
                asker.shut_down(which);
            }
            // Another one is started only when this one has ended.
            asker.none_runs();
        }
    }
}

#[test]
fn killed_at_any_time_they_lose_nothing_that_they_have_answered() {
    const ROUNDS: u64 = 16;
    for language in languages() {
        // A broker would have what ends so often rest.
        let place = Place::with(language, &[]);
        let mut asker = place.asker();
        let mut kept: Vec<String> = Vec::new();
        let (mut events, mut doubts) = (0, 0);
        for round in 0..ROUNDS {
            let mut processes =
                [Storage, History].map(|which| place.by_hand(which, &place.file(which)).spawn().unwrap());
            asker.wait_for(Storage);
            asker.wait_for(History);
            for key in &kept {
                let value = asker.ask(Storage, "get", json!({ "key": key }));
                assert_eq!(
                    value,
                    json!({ "result": true, "value": "dmFsdWU=" }),
                    "{key} in round {round}, {language:?}"
                );
            }
            let all = json!({ "start_time": "2026-01-01T00:00:00Z", "count": 1_000_000, "older": false });
            let rows = asker.ask(History, "get_events", all)["events"]
                .as_array()
                .unwrap()
                .len();
            assert!(
                (events..=events + doubts).contains(&rows),
                "{rows}, not {events} to {} events",
                events + doubts
            );
            (events, doubts) = (rows, 0);
            let killed = Arc::new(AtomicBool::new(false));
            let killer = {
                let killed = Arc::clone(&killed);
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(round * 9));
                    for process in &mut processes {
                        process.kill().unwrap();
                        process.wait().unwrap();
                    }
                    killed.store(true, Ordering::Release);
                })
            };
            for number in 0.. {
                let key = format!("{round} {number}");
                let moment = Duration::from_millis(100);
                let pair = json!({ "key": key, "value": "dmFsdWU=" });
                let set = asker.ask_within(moment, Storage, "set", pair);
                let event = json!({ "timestamp": "2026-03-01T10:00:00Z", "subject": key, "event": "created" });
                let added = asker.ask_within(moment, History, "add_event", event);
                if set == Some(json!({ "result": true })) {
                    kept.push(key);
                }
                events += usize::from(added.is_some());
                doubts += usize::from(added.is_none());
                if killed.load(Ordering::Acquire) && set.is_none() && added.is_none() {
                    break;
                }
            }
            killer.join().unwrap();
        }
        assert!(kept.len() > ROUNDS as usize, "only {} values were kept", kept.len());
    }
}

#[test]
fn one_that_was_killed_is_started_again_when_somebody_asks() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(Storage);
        assert_eq!(
            asker.ask(Storage, "set", json!({ "key": "a", "value": "YQ==" }))["result"],
            true
        );
        assert!(
            Command::new("kill")
                .arg("-9")
                .arg(place.process(Storage))
                .status()
                .unwrap()
                .success()
        );
        asker.none_runs();
        asker.resolve(Storage);
        assert_eq!(
            asker.ask(Storage, "get", json!({ "key": "a" })),
            json!({ "result": true, "value": "YQ==" })
        );
    }
}

#[test]
fn a_file_is_for_one_process_at_a_time() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(Storage);
        assert_eq!(
            asker.ask(Storage, "set", json!({ "key": "a", "value": "" }))["result"],
            true
        );
        let elsewhere = Place::with(language, &[]);
        let said = gives_up(elsewhere.by_hand(Storage, &place.file(Storage)).spawn().unwrap());
        assert!(said.contains("another process"), "{said}");
        assert_eq!(
            asker.ask(Storage, "exists", json!({ "key": "a" })),
            json!({ "result": true })
        );
    }
}

#[test]
fn started_by_hand_they_serve_what_is_not_reserved() {
    for language in languages() {
        let place = Place::with(language, &[History]);
        let said = gives_up(place.by_hand(History, &place.file(History)).spawn().unwrap());
        assert!(said.contains("permitted"), "{said}");
        let file = place.folder.path().join("deep/er/storage");
        let mut child = place.by_hand(Storage, &file).spawn().unwrap();
        let mut asker = place.asker();
        asker.wait_for(Storage);
        let said = gives_up(place.by_hand(Storage, &place.file(Storage)).spawn().unwrap());
        assert!(said.contains("11001") && said.contains("taken"), "{said}");
        asker.shut_down(Storage);
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert!(file.is_file());
    }
}

#[test]
fn a_service_whose_output_cannot_be_written_says_so() {
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for service in [
        env!("CARGO_BIN_EXE_portico-storage"),
        env!("CARGO_BIN_EXE_portico-history"),
    ] {
        let told = Command::new(service).arg("--help").stdout(full()).output().unwrap();
        assert_eq!(told.status.code(), Some(1));
        assert!(
            String::from_utf8_lossy(&told.stderr).contains("can't be written"),
            "{told:?}"
        );
        let unheard = Command::new(service)
            .arg("/dev/null/none")
            .stderr(full())
            .status()
            .unwrap();
        assert_eq!(unheard.code(), Some(1));
    }
}
