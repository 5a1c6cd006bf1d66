//! How a program fares while the user is asked, one program each.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use common::{Running, kernel, program, start_with};
use portico_kernel::{
    Code, DefaultAccess, Exit, Grants, Limits, Permission, PermissionRequest, PermissionStatus, Scope,
};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A user who answers when the test says so.
struct User {
    standing: Mutex<PermissionStatus>,
    asked: Sender<PermissionRequest>,
    withdrawn: Sender<String>,
    used: Sender<(String, u32)>,
}

/// What the user is asked and shown.
struct Seen {
    user: Arc<User>,
    asked: Receiver<PermissionRequest>,
    withdrawn: Receiver<String>,
    used: Receiver<(String, u32)>,
}

impl Grants for User {
    fn status(&self, permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        // What the whole portal of places is for depends on the place alone.
        if default == DefaultAccess::Open || *permission == Permission::whole("places") {
            PermissionStatus::Allowed
        } else {
            *self.standing.lock().unwrap()
        }
    }
    fn ask(&self, asked: PermissionRequest) {
        let _ = self.asked.send(asked);
    }
    fn withdraw(&self, permission: &Permission) {
        let _ = self.withdrawn.send(permission.to_string());
    }
    fn used(&self, permission: &Permission, channels: u32) {
        let _ = self.used.send((permission.to_string(), channels));
    }
}

fn next<T>(from: &Receiver<T>) -> T {
    from.recv_timeout(Duration::from_secs(20))
        .expect("the user should have been told")
}

impl Seen {
    /// The question, before which nothing has happened.
    fn question(&self, run: &Running) -> PermissionRequest {
        let asked = next(&self.asked);
        assert_eq!(
            (asked.permission(), run.noted()),
            (&Permission::whole("late"), Vec::new())
        );
        asked
    }

    fn allow(&self, asked: PermissionRequest) {
        *self.user.standing.lock().unwrap() = PermissionStatus::Allowed;
        asked.allow();
    }

    fn deny(&self, asked: PermissionRequest) {
        *self.user.standing.lock().unwrap() = PermissionStatus::Denied;
        drop(asked);
    }
}

fn run(standing: PermissionStatus, body: &str) -> (Running, Seen) {
    let ((asks, asked), (withdraws, withdrawn), (uses, used)) = (channel(), channel(), channel());
    let user = Arc::new(User {
        standing: Mutex::new(standing),
        asked: asks,
        withdrawn: withdraws,
        used: uses,
    });
    let grants: Arc<dyn Grants> = user.clone();
    let run = start_with(
        &kernel(),
        &wat::parse_str(program(&[body, WHY].concat())).unwrap(),
        Limits::default(),
        grants,
    );
    (
        run,
        Seen {
            user,
            asked,
            withdrawn,
            used,
        },
    )
}

/// Opens command 14 with the number 7 on channel 5, waits for it, then exits with 40 when it is ready or else with Why's
/// code. Afterwards the memory of the message holds another number, as it may.
const ONE: &str = r#"(data (i32.const 16) "\07\00\00\00")
  (func (export "run")
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 14) (i32.const 16))
    (call $cmd (i32.const 1) (i32.const 0) (i32.const 6) (i32.const 19) (i32.const 32))
    (drop (call $ar (i32.const 2)))
    (call $same (call $entry (i32.const 0)) (i32.const 6) (i32.const 98))
    (i32.store (i32.const 16) (i32.const 1000))
    (call $same (call $ar (i32.const 0)) (i32.const 1) (i32.const 97))
    (if (i32.eq (call $entry (i32.const 0)) (i32.const 5)) (then (call $exit (i32.const 40))))
    (call $why))"#;

/// Exits with what command 45 says of channel 5.
const WHY: &str = r#"(func $why
    (i32.store (i32.const 256) (i32.const 5))
    (i32.store (i32.const 264) (i32.const 500))
    (i32.store (i32.const 268) (i32.const 512))
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 45) (i32.const 256))
    (drop (call $ar (i32.const 1)))
    (call $exit (i32.load (i32.const 260))))"#;

#[test]
fn others_are_served_while_the_user_thinks_and_a_yes_begins_what_was_sent() {
    let (run, seen) = run(PermissionStatus::Ask, ONE);
    let asked = next(&seen.asked);
    run.parked();
    assert_eq!(run.noted(), [0], "the log was served, and nothing has been done");
    assert!(seen.used.try_recv().is_err(), "nothing is in use");
    seen.allow(asked);
    assert_eq!(run.wait(), Exit::Code(40));
    assert_eq!(run.noted(), [0, 7], "what was in memory at the send");
    assert_eq!(next(&seen.used), ("late".into(), 1));
}

#[test]
fn a_no_closes_with_denied() {
    let (run, seen) = run(PermissionStatus::Ask, ONE);
    seen.deny(next(&seen.asked));
    assert_eq!(run.wait(), Exit::Code(Code::Denied as u32));
    assert_eq!(run.noted(), [0]);
}

#[test]
fn what_is_known_is_not_asked() {
    let (denied, seen) = run(PermissionStatus::Denied, ONE);
    assert_eq!(denied.wait(), Exit::Code(98), "it is closed in the first call");
    assert!(seen.asked.try_recv().is_err());
    let (allowed, seen) = run(PermissionStatus::Allowed, ONE);
    assert_eq!(allowed.wait(), Exit::Code(98), "it is ready in the first call");
    assert_eq!(allowed.noted(), [7, 0]);
    assert!(seen.asked.try_recv().is_err());
}

#[test]
fn a_broken_message_is_told_before_anybody_is_asked() {
    let (run, seen) = run(
        PermissionStatus::Ask,
        r#"(data (i32.const 16) "\ad\0b\00\00")
        (func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 14) (i32.const 16))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 97))
          (call $same (call $entry (i32.const 0)) (i32.const 0x80000005) (i32.const 96)))"#,
    );
    assert_eq!(run.wait(), Exit::Code(0));
    assert!(seen.asked.try_recv().is_err());
}

/// Opens command 14 on channels 5 and 6, then sends 9 on 5, and waits for one of the two.
const TWO: &str = r#"(data (i32.const 16) "\07\00\00\00\08\00\00\00\09\00\00\00")
  (func (export "run")
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 14) (i32.const 16))
    (call $cmd (i32.const 1) (i32.const 0) (i32.const 6) (i32.const 14) (i32.const 20))
    (call $cmd (i32.const 2) (i32.const 5) (i32.const 5) (i32.const 0) (i32.const 24))
    (call $exit (call $ar (i32.const 3))))"#;

#[test]
fn one_question_serves_all_channels_and_the_last_message_counts() {
    let (run, seen) = run(PermissionStatus::Ask, TWO);
    let asked = seen.question(&run);
    run.parked();
    assert!(seen.asked.try_recv().is_err(), "the second joins the first");
    seen.allow(asked);
    assert_eq!(run.wait(), Exit::Code(2));
    assert_eq!(run.noted(), [9, 8]);
    assert_eq!(next(&seen.used), ("late".into(), 2));
}

#[test]
fn a_question_goes_when_nobody_waits_for_it() {
    let (run, seen) = run(
        PermissionStatus::Ask,
        r#"(func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 14) (i32.const 16))
          (call $cmd (i32.const 1) (i32.const 0) (i32.const 6) (i32.const 19) (i32.const 32))
          (drop (call $ar (i32.const 2)))
          (call $cmd (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 0))
          (call $cmd (i32.const 1) (i32.const 0) (i32.const 7) (i32.const 20) (i32.const 64))
          (drop (call $ar (i32.const 2))))"#,
    );
    let asked = next(&seen.asked);
    assert_eq!(next(&seen.withdrawn), "late");
    seen.allow(asked);
    run.parked();
    assert_eq!(run.noted(), [0], "an answer that comes too late does nothing");
    run.process.end();
    assert_eq!(run.wait(), Exit::Ended);
}

#[test]
fn a_portal_that_is_shut_while_the_user_is_asked_denies() {
    let (run, seen) = run(PermissionStatus::Ask, ONE);
    let asked = next(&seen.asked);
    run.parked();
    *seen.user.standing.lock().unwrap() = PermissionStatus::Denied;
    run.process.revoke(&Permission::whole("late"));
    assert_eq!(run.wait(), Exit::Code(Code::Denied as u32));
    drop(asked);
}

#[test]
fn taking_back_wakes_the_program_and_ends_the_use() {
    let (run, seen) = run(
        PermissionStatus::Allowed,
        r#"(func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 14) (i32.const 16))
          (drop (call $ar (i32.const 1)))
          (drop (call $ar (i32.const 0)))
          (call $same (call $entry (i32.const 0)) (i32.const 0x80000005) (i32.const 96))
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 14) (i32.const 16))
          (call $exit (call $ar (i32.const 1))))"#,
    );
    assert_eq!(next(&seen.used), ("late".into(), 1));
    run.parked();
    *seen.user.standing.lock().unwrap() = PermissionStatus::Denied;
    run.process.revoke(&Permission::whole("late"));
    assert_eq!(next(&seen.used), ("late".into(), 0));
    assert_eq!(run.wait(), Exit::Code(1));
    assert_eq!(run.noted(), [0], "the second was not let in");
}

/// Opens command 15 on channel 5 for the place `here`, waits for it, then exits with 40 when it is ready or else with Why's code.
const VISIT: &str = r#"(data (i32.const 16) "\04\00\00\00\20\00\00\00") (data (i32.const 32) "here")
  (func (export "run")
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 15) (i32.const 16))
    (drop (call $ar (i32.const 1)))
    (if (i32.eq (call $entry (i32.const 0)) (i32.const 5)) (then (call $exit (i32.const 40))))
    (call $why))"#;

fn place(name: &str) -> Permission {
    Permission {
        portal: "places",
        scope: Scope::new(name),
    }
}

#[test]
fn one_thing_behind_a_portal_is_asked_for_by_its_name_and_what_shows_later_as_well() {
    let (run, seen) = run(PermissionStatus::Ask, VISIT);
    let asked = next(&seen.asked);
    assert_eq!((asked.permission(), run.noted()), (&place("here"), vec![]));
    asked.allow();
    // It has begun, and is sent on to where it needs another.
    let asked = next(&seen.asked);
    assert_eq!((asked.permission(), run.noted()), (&place("elsewhere"), vec![4]));
    asked.allow();
    assert_eq!(run.wait(), Exit::Code(40));
    assert_eq!(run.noted(), [4, 9], "it was begun once");
}

#[test]
fn a_no_to_what_shows_later_closes_with_denied() {
    let (run, seen) = run(PermissionStatus::Ask, VISIT);
    next(&seen.asked).allow();
    drop(next(&seen.asked));
    assert_eq!(run.wait(), Exit::Code(Code::Denied as u32));
    assert_eq!(run.noted(), [4]);
}

#[test]
fn taking_a_whole_portal_back_takes_back_every_thing_behind_it_and_not_the_other_way_round() {
    for (revoked, closes) in [
        (Permission::whole("places"), true),
        (place("here"), true),
        (place("there"), false),
    ] {
        let (run, seen) = run(PermissionStatus::Ask, VISIT);
        next(&seen.asked).allow();
        let asked = next(&seen.asked);
        run.process.revoke(&revoked);
        if closes {
            assert_eq!(run.wait(), Exit::Code(Code::Denied as u32), "{revoked}");
        } else {
            asked.allow();
            assert_eq!(run.wait(), Exit::Code(40), "{revoked}");
        }
    }
}
