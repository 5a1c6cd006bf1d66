//! Children and parents: commands 17 and 18. Most tests are two programs, the child a module in its parent's memory.

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, List, Message, Task, which};
use portico_kernel::{
    Code, DefaultAccess, Exit, Grants, InProcess, Kernel, Limits, LoadOptions, Permission, PermissionStatus,
};
use portico_portals::fakes::Fakes;
use portico_portals::{Host, Level, Services, TABLE, Window};
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Where a parent has its child's module, and the memory that they share; where a child has that.
const MODULE: usize = 0x1_0000;
const SHARED: usize = 0x8_0000;
const AT: u32 = 0x6000;

static KERNEL: LazyLock<Kernel<Host>> = LazyLock::new(|| Kernel::new(TABLE, None, InProcess).unwrap());

/// What the table says.
struct Defaults;

impl Grants for Defaults {
    fn status(&self, _permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        (default == DefaultAccess::Open).into()
    }
}

/// A program with helpers. `$ar` calls with the n commands that `$cmd` has written, and reads how many are ready; `$entry`
/// is one of them. `$byte` and `$set` look at the shared memory. `$parent` opens 18 as channel 1, `$task` 17.
fn module(data: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
  (import "daku" "ar" (func $raw (param i32 i32 i32) (result i32)))
  (memory (export "memory") 10)
  {data}
  (func $cmd (param $i i32) (param $channel i32) (param $new i32) (param $which i32) (param $data i32)
    (local $at i32)
    (local.set $at (i32.add (i32.const 0x1000) (i32.mul (local.get $i) (i32.const 16))))
    (i32.store (local.get $at) (local.get $channel))
    (i32.store offset=4 (local.get $at) (local.get $new))
    (i32.store offset=8 (local.get $at) (local.get $which))
    (i32.store offset=12 (local.get $at) (local.get $data)))
  (func $ar (param $n i32) (result i32) (call $raw (local.get $n) (i32.const 0x1000) (i32.const 0x8000)))
  (func $entry (param $i i32) (result i32) (i32.load (i32.add (i32.const 0x8000) (i32.mul (local.get $i) (i32.const 4)))))
  (func $byte (param $i i32) (result i32) (i32.load8_u (i32.add (i32.const {SHARED}) (local.get $i))))
  (func $set (param $i i32) (param $to i32) (i32.store8 (i32.add (i32.const {SHARED}) (local.get $i)) (local.get $to)))
  (func $exit (param $code i32)
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 0) (local.get $code) (i32.const 0))
    (drop (call $ar (i32.const 1))))
  (func $same (param $a i32) (param $b i32) (param $code i32)
    (if (i32.ne (local.get $a) (local.get $b)) (then (call $exit (local.get $code)))))
  ;; waits for one entry, which must be this one
  (func $expect (param $n i32) (param $entry i32) (param $code i32)
    (call $same (call $ar (local.get $n)) (i32.const 1) (local.get $code))
    (call $same (call $entry (i32.const 0)) (local.get $entry) (local.get $code)))
  (func $parent (param $i i32) (param $room i32)
    (i32.store (i32.const 0x20) (local.get $room)) (i32.store (i32.const 0x24) (i32.const {SHARED}))
    (call $cmd (local.get $i) (i32.const 0) (i32.const 1) (i32.const 18) (i32.const 0x20)))
  (func $task (param $i i32) (param $channel i32) (param $room i32)
    (i32.store (i32.const 0x30) (global.get $size)) (i32.store (i32.const 0x34) (i32.const {MODULE}))
    (i32.store (i32.const 0x38) (local.get $room)) (i32.store (i32.const 0x3c) (i32.const {SHARED}))
    (call $cmd (local.get $i) (i32.const 0) (local.get $channel) (i32.const 17) (i32.const 0x30)))
  {body})"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A program without children.
fn child(body: &str) -> Vec<u8> {
    module(
        "(global $size i32 (i32.const 0))",
        &format!(r#"(func (export "run") {body})"#),
    )
}

/// A program with that module for its children.
fn parent(child: &[u8], body: &str) -> Vec<u8> {
    let bytes: String = child.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let data = format!(
        r#"(global $size i32 (i32.const {})) (data (i32.const {MODULE}) "{bytes}")"#,
        child.len()
    );
    module(&data, &format!(r#"(func (export "run") {body})"#))
}

fn run(program: &[u8]) -> (Exit, Arc<Fakes>) {
    let fakes = Arc::new(Fakes::default());
    let (tell, told) = channel();
    let host = Host::new(
        Window::new(Arc::clone(&fakes) as _),
        Vec::new(),
        Arc::clone(&fakes) as _,
        Services::absent(),
    );
    let program = KERNEL.load(program, &LoadOptions::default()).unwrap();
    let on_exit = move |exit| tell.send(exit).unwrap();
    KERNEL
        .start(&program, host, Arc::new(Defaults), Limits::default(), on_exit)
        .unwrap();
    (told.recv_timeout(Duration::from_secs(30)).unwrap(), fakes)
}

fn code(child: &[u8], body: &str) -> u32 {
    match run(&parent(child, body)).0 {
        Exit::Code(code) => code,
        other => panic!("{other:?}"),
    }
}

fn lines(fakes: &Fakes) -> Vec<(Level, String, String)> {
    fakes.lines.lock().clone()
}

/// Adds one to the first 8 shared bytes and sends them, for ever.
fn counter() -> Vec<u8> {
    child(
        r#"(call $parent (i32.const 0) (i32.const 8))
        (call $expect (i32.const 1) (i32.const 1) (i32.const 90))
        (loop $next
          (i64.store (i32.const 0x80000) (i64.add (i64.load (i32.const 0x80000)) (i64.const 0x0101010101010101)))
          (call $cmd (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0))
          (call $expect (i32.const 1) (i32.const 1) (i32.const 91))
          (br $next))"#,
    )
}

#[test]
fn memory_goes_to_the_child_and_back_and_the_smaller_size_is_copied() {
    let exit = code(
        &counter(),
        r#"(call $set (i32.const 0) (i32.const 10)) (call $set (i32.const 7) (i32.const 20))
        (call $set (i32.const 8) (i32.const 30))
        (call $task (i32.const 0) (i32.const 5) (i32.const 16))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 1))
        ;; what the child did, as far as it has room
        (call $same (i32.load (i32.const 0x38)) (i32.const 8) (i32.const 2))
        (call $same (i32.load (i32.const 0x3c)) (i32.const 0x80000) (i32.const 3))
        (call $same (call $byte (i32.const 0)) (i32.const 11) (i32.const 4))
        (call $same (call $byte (i32.const 7)) (i32.const 21) (i32.const 5))
        (call $same (call $byte (i32.const 8)) (i32.const 30) (i32.const 6))
        ;; the answer is what stands there at the next call
        (call $set (i32.const 0) (i32.const 70))
        (call $expect (i32.const 0) (i32.const 5) (i32.const 7))
        (call $same (call $byte (i32.const 0)) (i32.const 71) (i32.const 8))
        (call $same (call $byte (i32.const 7)) (i32.const 22) (i32.const 9))
        (call $exit (i32.const 42))"#,
    );
    assert_eq!(exit, 42);
}

#[test]
fn a_child_with_more_room_than_its_parent_keeps_the_rest() {
    let exit = code(
        &child(
            r#"(call $set (i32.const 4) (i32.const 99))
            (call $parent (i32.const 0) (i32.const 64))
            (call $expect (i32.const 1) (i32.const 1) (i32.const 90))
            (call $same (i32.load (i32.const 0x20)) (i32.const 4) (i32.const 91))
            (call $same (call $byte (i32.const 3)) (i32.const 7) (i32.const 92))
            (call $same (call $byte (i32.const 4)) (i32.const 99) (i32.const 93))
            (call $exit (i32.const 3))"#,
        ),
        // The child's exit code is in the text.
        &format!(
            r#"(call $set (i32.const 3) (i32.const 7))
            (call $task (i32.const 0) (i32.const 5) (i32.const 4))
            (call $expect (i32.const 1) (i32.const 0x80000005) (i32.const 1))
            {WHY}
            (call $same (i32.load8_u (i32.add (i32.const 0x600) (i32.sub (i32.load (i32.const 0x508)) (i32.const 1)))) (i32.const 0x33) (i32.const 3))
            (call $exit (i32.load (i32.const 0x504)))"#
        ),
    );
    assert_eq!(exit, Code::Disconnected as u32);
}

/// Asks why channel 5 closed: the code is at 0x504, the text at 0x600, its length at 0x508.
const WHY: &str = r#"(i32.store (i32.const 0x500) (i32.const 5))
    (i32.store (i32.const 0x508) (i32.const 500)) (i32.store (i32.const 0x50c) (i32.const 0x600))
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 45) (i32.const 0x500))
    (call $expect (i32.const 1) (i32.const 9) (i32.const 2))"#;

#[test]
fn a_send_while_one_is_unanswered_is_ignored_and_opening_sends_nothing() {
    let exit = code(
        &child(
            r#"(call $parent (i32.const 0) (i32.const 1))
            (call $expect (i32.const 1) (i32.const 1) (i32.const 90))
            ;; of three sends of one call the first counts, whichever buffer the others post
            (i32.store (i32.const 0x40) (i32.const 1)) (i32.store (i32.const 0x44) (i32.const 0x80100))
            (i32.store8 (i32.const 0x80100) (i32.const 66))
            (call $set (i32.const 0) (i32.const 65))
            (call $cmd (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0))
            (call $cmd (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x40))
            (call $cmd (i32.const 2) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0))
            (call $expect (i32.const 3) (i32.const 1) (i32.const 91))
            (call $same (call $byte (i32.const 0)) (i32.const 67) (i32.const 92))
            (call $same (i32.load8_u (i32.const 0x80100)) (i32.const 66) (i32.const 93))
            ;; a message posts another place and sends that; renaming alone sends nothing
            (call $cmd (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 0) (i32.const 0))
            (call $cmd (i32.const 1) (i32.const 2) (i32.const 2) (i32.const 0) (i32.const 0x40))
            (call $expect (i32.const 2) (i32.const 2) (i32.const 94))
            (call $same (i32.load8_u (i32.const 0x80100)) (i32.const 68) (i32.const 95))
            (call $exit (i32.const 7))"#,
        ),
        r#"(call $set (i32.const 0) (i32.const 64))
        (call $task (i32.const 0) (i32.const 5) (i32.const 1))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 1))
        (call $same (call $byte (i32.const 0)) (i32.const 65) (i32.const 2))
        (call $set (i32.const 0) (i32.const 67))
        (call $expect (i32.const 0) (i32.const 5) (i32.const 3))
        (call $same (call $byte (i32.const 0)) (i32.const 66) (i32.const 4))
        (call $set (i32.const 0) (i32.const 68))
        (call $expect (i32.const 0) (i32.const 0x80000005) (i32.const 5))
        (call $exit (i32.const 42))"#,
    );
    assert_eq!(exit, 42);
}

#[test]
fn opening_and_sending_in_one_call_sends_what_was_copied_in() {
    let exit = code(
        &child(
            r#"(call $parent (i32.const 0) (i32.const 4))
            (call $cmd (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0))
            (call $expect (i32.const 2) (i32.const 1) (i32.const 90))
            (call $exit (call $byte (i32.const 0)))"#,
        ),
        r#"(call $set (i32.const 0) (i32.const 50))
        (call $task (i32.const 0) (i32.const 5) (i32.const 4))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 1))
        (call $exit (call $byte (i32.const 0)))"#,
    );
    assert_eq!(exit, 50);
}

#[test]
fn what_a_child_has_sent_comes_before_its_end() {
    let exit = code(
        &child(
            r#"(call $parent (i32.const 0) (i32.const 4))
            (call $expect (i32.const 1) (i32.const 1) (i32.const 90))
            (call $set (i32.const 0) (i32.const 9))
            (call $cmd (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0))
            (call $cmd (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
            (drop (call $ar (i32.const 2)))"#,
        ),
        r#"(call $task (i32.const 0) (i32.const 5) (i32.const 4))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 1))
        (call $same (call $byte (i32.const 0)) (i32.const 9) (i32.const 2))
        (call $expect (i32.const 0) (i32.const 0x80000005) (i32.const 3))
        (call $same (call $ar (i32.const 0)) (i32.const 0) (i32.const 4))
        (call $exit (i32.const 42))"#,
    );
    assert_eq!(exit, 42);
}

#[test]
fn no_room_at_all_still_tells_of_the_send() {
    let exit = code(
        &child(
            r#"(i64.store (i32.const 0x20) (i64.const 0))
            (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 18) (i32.const 0x20))
            (call $cmd (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0))
            (call $expect (i32.const 2) (i32.const 1) (i32.const 90))"#,
        ),
        r#"(call $task (i32.const 0) (i32.const 5) (i32.const 0))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 1))
        (call $expect (i32.const 0) (i32.const 0x80000005) (i32.const 2))
        (call $exit (i32.const 42))"#,
    );
    assert_eq!(exit, 42);
}

#[test]
fn another_task_stops_the_child_without_an_entry() {
    // The first would exit at once when it is answered; the second counts.
    let exit = code(
        &counter(),
        r#"(call $task (i32.const 0) (i32.const 5) (i32.const 1))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 1))
        (call $same (call $byte (i32.const 0)) (i32.const 1) (i32.const 2))
        (call $set (i32.const 0) (i32.const 100))
        (call $task (i32.const 0) (i32.const 5) (i32.const 1))
        (call $cmd (i32.const 0) (i32.const 5) (i32.const 5) (i32.const 0) (i32.const 0x30))
        (call $expect (i32.const 1) (i32.const 5) (i32.const 3))
        (call $same (call $byte (i32.const 0)) (i32.const 101) (i32.const 4))
        ;; a module that is none replaces it, too
        (i32.store (i32.const 0x30) (i32.const 3)) (i32.store (i32.const 0x38) (i32.const 1))
        (call $cmd (i32.const 0) (i32.const 5) (i32.const 5) (i32.const 0) (i32.const 0x30))
        (call $expect (i32.const 1) (i32.const 0x80000005) (i32.const 5))
        (call $exit (i32.const 42))"#,
    );
    assert_eq!(exit, 42);
}

#[test]
fn what_is_no_program_is_invalid() {
    let mut probe = Probe::start();
    let no_address = Task {
        spawn_wasm: list(1, 0),
        shared_memory: list(0, 0),
    };
    assert_eq!(probe.put(AT, &no_address).fails(which::SPAWN, AT), Code::Invalid);
    let without_entry = wat::parse_str("(module (memory (export \"memory\") 1))").unwrap();
    for bytes in [&b""[..], b"no module", &without_entry] {
        let task = Task {
            spawn_wasm: list(bytes.len() as u32, FREE),
            shared_memory: list(0, 0),
        };
        // It may be told in the very call already.
        if probe
            .put(FREE, bytes)
            .put(AT, &task)
            .open(1, which::SPAWN, AT)
            .go()
            .is_empty()
        {
            assert_eq!(probe.wait(), [1 | CLOSED]);
        }
        assert_eq!(probe.why(1), Code::Invalid, "{bytes:?}");
    }
    assert!(probe.text(0x7008).contains("can't be loaded"), "{}", probe.text(0x7008));
}

#[test]
fn broken_messages_trap() {
    let fine = Task {
        spawn_wasm: list(4, FREE),
        shared_memory: list(4, FREE),
    };
    let broken = [
        (
            Task {
                spawn_wasm: list(u32::MAX, FREE),
                ..fine
            },
            "`spawn_wasm`",
        ),
        (
            Task {
                shared_memory: list(u32::MAX, FREE),
                ..fine
            },
            "`shared_memory`",
        ),
    ];
    for (task, field) in broken {
        let report = Probe::start().put(AT, &task).open(1, which::SPAWN, AT).trap();
        assert!(
            report.details.contains(field) && report.details.contains("leaves memory"),
            "{report:?}"
        );
    }
    let report = Probe::start().open(1, which::SPAWN, crate::probe::MEMORY - 15).trap();
    assert!(report.details.contains("`Task`"), "{report:?}");
}

#[test]
fn a_program_that_is_nobodys_task_has_no_parent() {
    let mut probe = Probe::start();
    let message = Message {
        shared_memory: list(4, FREE),
    };
    assert_eq!(probe.put(AT, &message).fails(which::PARENT, AT), Code::Unavailable);
    assert_eq!(probe.fails(which::SPAWN, 0), Code::Invalid);
    assert_eq!(Probe::without(&["tasks"]).fails(which::SPAWN, AT), Code::Denied);
}

#[test]
fn a_task_has_its_log_and_its_parent_and_nothing_else() {
    // It opens every command with zeros and logs those that were not denied, as characters from `@` on.
    let tries = child(
        r#"(local $which i32)
        (i32.store (i32.const 0x700) (i32.const 0x10000)) (i32.store (i32.const 0x704) (i32.const 1))
        (i32.store (i32.const 0x708) (i32.const 0x710))
        (loop $next
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (local.get $which) (i32.const 0x20))
          ;; an empty line that is printed nowhere, so that something is ready
          (i32.store8 (i32.const 0x752) (i32.const 0))
          (call $cmd (i32.const 1) (i32.const 0) (i32.const 6) (i32.const 19) (i32.const 0x750))
          (drop (call $ar (i32.const 2)))
          (if (i32.eq (call $entry (i32.const 0)) (i32.const 0x80000005))
            (then
              (i32.store (i32.const 0x500) (i32.const 5)) (i32.store (i32.const 0x504) (i32.const 0))
              (i32.store (i32.const 0x508) (i32.const 500)) (i32.store (i32.const 0x50c) (i32.const 0x600))
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 7) (i32.const 45) (i32.const 0x500))
              (drop (call $ar (i32.const 1)))
              (call $cmd (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 0)))
            (else
              (i32.store (i32.const 0x504) (i32.const 0))
              (call $cmd (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 0))))
          (call $cmd (i32.const 1) (i32.const 6) (i32.const 0) (i32.const 0) (i32.const 0))
          (drop (call $ar (i32.const 2)))
          (if (i32.and (i32.ne (i32.load (i32.const 0x504)) (i32.const 2)) (i32.ne (i32.load (i32.const 0x504)) (i32.const 1)))
            (then
              (i32.store8 (i32.const 0x710) (i32.add (local.get $which) (i32.const 64)))
              (i32.store (i32.const 0x700) (i32.const 0x20000)) (i32.store (i32.const 0x704) (i32.const 1))
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 19) (i32.const 0x700))
              (call $cmd (i32.const 1) (i32.const 6) (i32.const 0) (i32.const 0) (i32.const 0))
              (drop (call $ar (i32.const 2)))))
          (local.set $which (i32.add (local.get $which) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $which) (i32.const 62))))"#,
    );
    let (exit, fakes) = run(&parent(
        &tries,
        r#"(call $task (i32.const 0) (i32.const 5) (i32.const 0))
        (call $expect (i32.const 1) (i32.const 0x80000005) (i32.const 1))"#,
    ));
    assert_eq!(exit, Exit::Code(0));
    let lines = lines(&fakes);
    // 17, 18, 19 and 45.
    let texts: String = lines.iter().map(|(.., text)| text.as_str()).collect();
    assert_eq!(texts, "QRSm");
    assert!(
        lines
            .iter()
            .all(|(level, name, _)| *level == Level::Info && name == "task 1/0"),
        "{lines:?}"
    );
}

#[test]
fn a_broken_task_is_told_to_the_user_and_to_its_parent() {
    let (exit, fakes) = run(&parent(
        &child("(unreachable)"),
        &format!(
            r#"(call $task (i32.const 0) (i32.const 5) (i32.const 0))
            (call $expect (i32.const 1) (i32.const 0x80000005) (i32.const 1))
            {WHY}
            ;; the text goes to the log
            (i32.store (i32.const 0x700) (i32.const 0x10000))
            (i64.store (i32.const 0x704) (i64.load (i32.const 0x508)))
            (call $cmd (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 19) (i32.const 0x700))
            (drop (call $ar (i32.const 1)))"#
        ),
    ));
    assert_eq!(exit, Exit::Code(0));
    let lines = lines(&fakes);
    let (last, trap) = lines.split_last().unwrap();
    assert!(
        last.2.contains("code 120") && last.2.contains("unreachable"),
        "{last:?}"
    );
    assert!(
        trap.iter()
            .all(|(level, name, _)| *level == Level::Error && name == "task 1"),
        "{trap:?}"
    );
    assert!(
        trap[0].2.contains("gave up") && trap.iter().any(|(.., text)| text.contains("function")),
        "{trap:?}"
    );
}

#[test]
fn a_task_of_a_task_is_named_by_its_line() {
    let print = r#"(i32.store (i32.const 0x700) (i32.const 0x20000)) (i32.store (i32.const 0x704) (i32.const 2))
        (i32.store (i32.const 0x708) (i32.const 0x710)) (i32.store (i32.const 0x710) (i32.const 0x6968))
        (call $cmd (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 19) (i32.const 0x700))
        (drop (call $ar (i32.const 1)))"#;
    let relay = r#"(call $task (i32.const 0) (i32.const 5) (i32.const 0))
        (call $expect (i32.const 1) (i32.const 0x80000005) (i32.const 1))"#;
    let (exit, fakes) = run(&parent(&parent(&child(print), relay), &format!("{relay} {relay}")));
    assert_eq!(exit, Exit::Code(0));
    let names: Vec<_> = lines(&fakes)
        .into_iter()
        .map(|(_, name, text)| format!("{name}: {text}"))
        .collect();
    assert_eq!(names, ["task 1/task 1/0: hi", "task 2/task 1/0: hi"]);
}

#[test]
fn taken_back_while_it_runs_a_task_ends() {
    let mut probe = Probe::start();
    let sleeper = counter();
    let task = Task {
        spawn_wasm: list(sleeper.len() as u32, FREE),
        shared_memory: list(8, AT + 64),
    };
    probe
        .put(FREE, sleeper.as_slice())
        .put(AT, &task)
        .put(AT + 64, &[0_u8; 8])
        .open(1, which::SPAWN, AT)
        .go();
    probe.wait();
    probe.process.revoke(&Permission::whole("tasks"));
    while probe.wait() != [1 | CLOSED] {}
    let code = probe.why(1);
    assert_eq!(code, Code::Revoked, "{}", probe.text(0x7008));
    assert_eq!(probe.get::<List>(AT + 8).data.get(), AT + 64);
}
