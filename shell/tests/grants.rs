//! Every portal in every state: unset, once, always, denied, not now, and revoked while it is open.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico::grants::{PermissionEvent, ProgramGrants, RunGrants};
use portico::state::Database;
use portico::state::PermissionStore;
use portico_abi::which;
use portico_kernel::{
    DefaultAccess, Exit, Grants, InProcess, Kernel, Limits, LoadOptions, Permission, PermissionRequest, Portal,
    Process, Program,
};
use portico_portals::fakes::Fakes;
use portico_portals::{Host, TABLE, Window, WindowState};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough for a question to come that must not come.
const MOMENT: Duration = Duration::from_millis(30);

const DENIED: u32 = 2;
const REVOKED: u32 = 7;

/// Opens the command, waits until the channel is closed, asks why, does the same again, and exits with ten times the first reason
/// and the second.
const PROGRAM: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $asks (mut i32) (i32.const 10))
  (data (i32.const 0x3000) "enUS")
  (data (i32.const 0x1000) "MESSAGE")
  (data (i32.const 0x5000) "MODULE")
  (func $post (param $at i32) (param $channel i32) (param $new i32) (param $which i32) (param $data i32)
    (i32.store (local.get $at) (local.get $channel))
    (i32.store offset=4 (local.get $at) (local.get $new))
    (i32.store offset=8 (local.get $at) (local.get $which))
    (i32.store offset=12 (local.get $at) (local.get $data)))
  ;; Calls with that many commands until this entry is in a list.
  (func $until (param $commands i32) (param $entry i32) (local $count i32) (local $index i32)
    (block $done (loop $calls
      (local.set $count (call $ar (local.get $commands) (i32.const 0x100) (i32.const 0x2000)))
      (local.set $commands (i32.const 0))
      (local.set $index (i32.const 0))
      (loop $entries
        (br_if $calls (i32.ge_u (local.get $index) (local.get $count)))
        (br_if $done (i32.eq (i32.load offset=0x2000 (i32.shl (local.get $index) (i32.const 2))) (local.get $entry)))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $entries)))))
  (func $reason (result i32)
    (call $post (i32.const 0x100) (i32.const 0) (i32.const 1) (i32.const NUMBER) (i32.const 0x1000))
    (call $until (i32.const 1) (i32.const 0x80000001))
    (i32.store (i32.const 0x1200) (i32.const 1))
    (i64.store (i32.const 0x1208) (i64.const 0x0000400000000400))
    (global.set $asks (i32.add (global.get $asks) (i32.const 1)))
    (call $post (i32.const 0x100) (i32.const 0) (global.get $asks) (i32.const 45) (i32.const 0x1200))
    (call $until (i32.const 1) (global.get $asks))
    (i32.load (i32.const 0x1204)))
  (func (export "run")
    (call $post (i32.const 0x100) (i32.const 0) (i32.const 0)
      (i32.add (i32.mul (call $reason) (i32.const 10)) (call $reason)) (i32.const 0))
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x2000)))))"#;

/// A task that waits for its parent.
const CHILD: &str = r#"(module (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x100) "\00\00\00\00\01\00\00\00\12\00\00\00\00\02\00\00")
  (func (export "run")
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x300)))
    (drop (call $ar (i32.const 0) (i32.const 0x100) (i32.const 0x300)))))"#;

/// A message with which the channel stays open, where there is one.
fn message(number: u32, module: usize) -> Vec<u32> {
    match number {
        which::FRAME => vec![1, 1, 4, 0, 0x3000],
        which::TABS => vec![0, 0, u32::MAX, 0],
        which::SPAWN => vec![module as u32, 0x5000, 0, 0],
        which::NOTIFICATION | which::SET_USER_NAME | which::SET_FULL_NAME | which::SET_LANGUAGE => vec![1, 0x3000],
        _ => Vec::new(),
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\{byte:02x}").unwrap();
        text
    })
}

fn program(kernel: &Kernel<Host>, number: u32) -> Program {
    let child = wat::parse_str(CHILD).unwrap();
    let words: Vec<u8> = message(number, child.len())
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let text = PROGRAM.replace("NUMBER", &number.to_string());
    let text = text
        .replace("MESSAGE", &escaped(&words))
        .replace("MODULE", &escaped(&child));
    kernel
        .load(&wat::parse_str(text).unwrap(), &LoadOptions::default())
        .unwrap()
}

/// What a shell that has just started remembers.
fn shell(file: &Path) -> (Database, PermissionStore) {
    let database = Database::new(Some(file.to_owned()));
    let store = PermissionStore::new(database.clone(), Box::new(drop));
    store.reread();
    (database, store)
}

/// A program that runs, and the desk where it asks.
struct Run {
    process: Process,
    grants: Arc<ProgramGrants>,
    desk: Receiver<PermissionEvent>,
    exit: Receiver<Exit>,
    permission: Permission,
}

impl Run {
    fn start(kernel: &Kernel<Host>, program: &Program, portal: &'static str, store: &PermissionStore) -> Self {
        let ((tell, desk), (end, exit)) = (channel(), channel());
        let desk_of = move |what| tell.send(what).unwrap_or_default();
        let run = RunGrants::default();
        let grants = Arc::new(ProgramGrants::new(&run, program, store.clone(), desk_of));
        // Nothing is answered by itself.
        let fakes = Arc::<Fakes>::default();
        let window = Window::new(Arc::clone(&fakes) as _);
        if portal == "clipboard-unfocused" {
            window.state(WindowState {
                focused: false,
                ..WindowState::default()
            });
        }
        let services = fakes.services();
        let host = Host::new(window, Vec::new(), fakes, services);
        let held: Arc<dyn Grants> = Arc::clone(&grants) as _;
        let process = kernel
            .start(program, host, held, Limits::default(), move |exit| {
                end.send(exit).unwrap_or_default()
            })
            .unwrap();
        Self {
            process,
            grants,
            desk,
            exit,
            permission: Permission::whole(portal),
        }
    }

    /// The question that it asks.
    fn asked(&self) -> PermissionRequest {
        loop {
            match self.desk.recv_timeout(PATIENCE).unwrap() {
                PermissionEvent::Asked(asked, reason) => {
                    assert_eq!((asked.permission(), reason), (&self.permission, None));
                    assert!(self.exit.try_recv().is_err(), "it waits for the answer");
                    return asked;
                }
                PermissionEvent::Used(..) | PermissionEvent::Withdrawn(_) => {}
            }
        }
    }

    /// Nobody is asked.
    fn asks_nobody(&self) {
        match self.desk.recv_timeout(MOMENT) {
            Ok(PermissionEvent::Asked(asked, _)) => panic!("it asks for {}", asked.permission()),
            Ok(_) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }

    /// It is denied, and when it tries again, too.
    fn must_be_denied(self) {
        self.ends(&[(DENIED, DENIED)]);
    }

    /// It has been let in; says whether it could stay there until that was taken back. What else can end a channel ends it
    /// twice.
    fn was_let_in(self, store: &PermissionStore) -> bool {
        let start = Instant::now();
        while !(self.process.parked() && self.process.calls() >= 1) && start.elapsed() < MOMENT {
            std::thread::sleep(Duration::from_millis(1));
        }
        store.set(self.grants.program(), &"it".into(), &self.permission, Some(false));
        self.grants.said_for_good(&self.permission);
        self.process.revoke(&self.permission);
        let others = [1, 3, 4, 5, 6, 8].map(|code| (code, code));
        self.ends(&[&[(REVOKED, DENIED)], others.as_slice()].concat()) == (REVOKED, DENIED)
    }

    fn ends(&self, allowed: &[(u32, u32)]) -> (u32, u32) {
        let exit = self.exit.recv_timeout(PATIENCE).unwrap();
        let Exit::Code(code) = exit else {
            panic!("{}: {exit:?}", self.permission)
        };
        let reasons = (code / 10, code % 10);
        assert!(allowed.contains(&reasons), "{}: {reasons:?}", self.permission);
        while let Ok(what) = self.desk.try_recv() {
            assert!(
                !matches!(what, PermissionEvent::Asked(..)),
                "{} is asked for again",
                self.permission
            );
        }
        reasons
    }
}

/// A portal and one of the commands that ask for it, in every state. Says whether a channel stays open.
fn every_state(kernel: &Kernel<Host>, portal: &'static Portal<Host>, number: u32) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let program = program(kernel, number);
    let known_by = program.identity().to_string();
    let (database, now) = shell(&file);
    let permission = Permission::whole(portal.name);
    let start = |store: &PermissionStore| Run::start(kernel, &program, portal.name, store);
    // It would change this machine.
    let harmless = number != which::SET_OVERCLOCK;
    let mut stayed = true;

    // Unset.
    let run = start(&now);
    if portal.default == DefaultAccess::Open {
        run.asks_nobody();
        stayed &= run.was_let_in(&now);
        now.set(&known_by, &"it".into(), &permission, None);
    } else {
        // Not now: not again before it starts again.
        let asked = run.asked();
        run.grants.answer(&permission, false);
        drop(asked);
        run.must_be_denied();
        let run = start(&now);
        let asked = run.asked();
        if harmless {
            // Once.
            run.grants.answer(&permission, true);
            asked.allow();
            stayed &= run.was_let_in(&now);
            now.set(&known_by, &"it".into(), &permission, None);
            let run = start(&now);
            drop(run.asked());
            run.process.end();
            assert_eq!(now.decision(&known_by, &permission), None);
        }
    }

    // Always, also in the next shell.
    now.set(&known_by, &"it".into(), &permission, Some(true));
    database.finish();
    let (database, now) = shell(&file);
    assert_eq!(now.decision(&known_by, &permission), Some(true));
    if harmless {
        let run = start(&now);
        run.asks_nobody();
        stayed &= run.was_let_in(&now);
    }

    // Denied, also in the next shell.
    now.set(&known_by, &"it".into(), &permission, Some(false));
    start(&now).must_be_denied();
    database.finish();
    let (_, now) = shell(&file);
    assert_eq!(now.decision(&known_by, &permission), Some(false));
    start(&now).must_be_denied();
    stayed && harmless
}

#[test]
fn every_portal_in_every_state() {
    let kernel = Kernel::<Host>::new(TABLE, None, InProcess).unwrap();
    let served = |portal: &'static Portal<Host>| {
        let rows = portal.commands.iter().filter(|row| row.open.is_some());
        // A program that nobody has started as a task has no parent, and one that may not ask why can't say what it was told.
        rows.map(|row| row.number)
            .filter(|number| ![which::PARENT, which::WHY].contains(number))
    };
    let mut stayed = Vec::new();
    for portal in TABLE {
        for number in served(portal) {
            if every_state(&kernel, portal, number) {
                stayed.push(number);
            }
        }
    }
    let unfocused = TABLE
        .iter()
        .find(|portal| portal.name == "clipboard-unfocused")
        .unwrap();
    assert!(
        every_state(&kernel, unfocused, which::CLIPBOARD),
        "what the clipboard asks for beside its own portal"
    );
    // Of nearly all, a channel is taken back while it is open: what is left needs a device or more than this machine has.
    let closed_itself: Vec<_> = TABLE
        .iter()
        .flat_map(served)
        .filter(|number| !stayed.contains(number))
        .collect();
    assert!(
        closed_itself
            .iter()
            .all(|number| [which::OVERCLOCK, which::SET_OVERCLOCK].contains(number)),
        "{closed_itself:?}"
    );
}
