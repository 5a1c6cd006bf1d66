//! The rules of `ar()`, one program each.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Running, program, start};
use portico_kernel::{Code, Exit, Failure, Permission};

fn exits(body: &str) -> u32 {
    match start(&program(body)).wait() {
        Exit::Code(code) => code,
        other => panic!("{other:?}"),
    }
}

fn traps(body: &str) -> String {
    match start(&program(body)).wait() {
        Exit::Trap(report) => format!("{}\n{}", report.summary, report.details),
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_channels_return_at_once() {
    assert_eq!(
        exits(r#"(func (export "run") (call $same (call $ar (i32.const 0)) (i32.const 0) (i32.const 9)))"#),
        0
    );
}

#[test]
fn commands_before_an_exit_happen_and_those_after_do_not() {
    let run = start(&program(
        r#"(data (i32.const 16) "\07\00\00\00\08\00\00\00")
        (func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
          (call $cmd (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0))
          (call $cmd (i32.const 2) (i32.const 1) (i32.const 1) (i32.const 19) (i32.const 20))
          (drop (call $ar (i32.const 3))))"#,
    ));
    assert_eq!(run.wait(), Exit::Code(5));
    assert_eq!(run.noted(), [7]);
}

#[test]
fn one_ready_for_two_messages_of_one_call() {
    let run = start(&program(
        r#"(data (i32.const 16) "\07\00\00\00\08\00\00\00")
        (func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
          (call $cmd (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 19) (i32.const 20))
          (call $same (call $ar (i32.const 2)) (i32.const 1) (i32.const 1))
          (call $same (call $entry (i32.const 0)) (i32.const 1) (i32.const 2)))"#,
    ));
    assert_eq!(run.wait(), Exit::Code(0));
    assert_eq!(run.noted(), [7, 8]);
}

#[test]
fn a_rename_carries_the_channel() {
    assert_eq!(
        exits(
            r#"(data (i32.const 16) "\07\00\00\00")
            (func (export "run")
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
              (call $cmd (i32.const 1) (i32.const 1) (i32.const 0x7fffffff) (i32.const 0) (i32.const 16))
              (call $cmd (i32.const 2) (i32.const 0x7fffffff) (i32.const 2) (i32.const 0) (i32.const 0))
              (call $same (call $ar (i32.const 3)) (i32.const 1) (i32.const 1))
              (call $same (call $entry (i32.const 0)) (i32.const 2) (i32.const 2)))"#
        ),
        0
    );
}

/// Opens `which` with the message at 16, and exits with Why's code; 99 when it did not fail at once.
fn fails(which: u32, data: u32, bytes: &str) -> u32 {
    exits(&format!(
        r#"(data (i32.const 16) "{bytes}")
        (func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const {which}) (i32.const {data}))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 98))
          (call $same (call $entry (i32.const 0)) (i32.const 0x80000005) (i32.const 99))
          (i32.store (i32.const 256) (i32.const 5))
          (i32.store (i32.const 264) (i32.const 500))
          (i32.store (i32.const 268) (i32.const 512))
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 45) (i32.const 256))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 97))
          (call $same (call $entry (i32.const 0)) (i32.const 5) (i32.const 96))
          (if (i32.eqz (i32.load (i32.const 264))) (then (call $exit (i32.const 95))))
          (call $exit (i32.load (i32.const 260))))"#
    ))
}

#[test]
fn failures_close_the_channel_and_why_tells() {
    assert_eq!(fails(1000, 0, ""), Code::Unsupported as u32);
    assert_eq!(
        fails(33, 0xFFFF_FFFF, ""),
        Code::Unsupported as u32,
        "data of an unknown command is not looked at"
    );
    assert_eq!(fails(34, 16, ""), Code::Denied as u32);
    assert_eq!(fails(19, 0, ""), Code::Invalid as u32);
    assert_eq!(fails(19, 16, "\\ad\\0b\\00\\00"), Code::Invalid as u32);
}

#[test]
fn the_second_single_channel_meets_the_limit_and_closing_frees_it() {
    assert_eq!(
        exits(
            r#"(func (export "run")
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 27) (i32.const 16))
              (call $cmd (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 27) (i32.const 16))
              (call $same (call $ar (i32.const 2)) (i32.const 1) (i32.const 1))
              (call $same (call $entry (i32.const 0)) (i32.const 0x80000002) (i32.const 2))
              (call $cmd (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))
              (call $cmd (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 27) (i32.const 16))
              (call $cmd (i32.const 2) (i32.const 0) (i32.const 3) (i32.const 46) (i32.const 16))
              (call $same (call $ar (i32.const 3)) (i32.const 1) (i32.const 3))
              (call $same (call $entry (i32.const 0)) (i32.const 3) (i32.const 4)))"#
        ),
        0
    );
}

const WAIT_FOR_A_LINE: &str = r#"(func (export "run")
  (i32.store (i32.const 16) (i32.const 4)) (i32.store (i32.const 20) (i32.const 64))
  (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
  (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 1))
  (call $same (call $entry (i32.const 0)) (i32.const 1) (i32.const 2))
  (call $same (i32.load (i32.const 16)) (i32.const 3) (i32.const 3))
  (call $exit (i32.load8_u (i32.const 66))))"#;

#[test]
fn a_post_from_another_thread_wakes_the_program() {
    let run = start(&program(WAIT_FOR_A_LINE));
    run.parked().line(b"ab\x2a");
    assert_eq!(run.wait(), Exit::Code(42));
}

#[test]
fn what_does_not_fit_says_what_it_needs_and_stays_queued() {
    let run = start(&program(
        r#"(func (export "run")
          (i32.store (i32.const 16) (i32.const 4)) (i32.store (i32.const 20) (i32.const 64))
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 1))
          (call $same (i32.load (i32.const 16)) (i32.const 5) (i32.const 2))
          (call $same (i32.load (i32.const 20)) (i32.const 0) (i32.const 3))
          ;; the same room again is no news: only the timer is ready
          (i32.store (i32.const 16) (i32.const 4)) (i32.store (i32.const 20) (i32.const 64))
          (i32.store (i32.const 32) (i32.const 30))
          (call $cmd (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 16))
          (call $cmd (i32.const 1) (i32.const 0) (i32.const 9) (i32.const 46) (i32.const 32))
          (call $same (call $ar (i32.const 2)) (i32.const 1) (i32.const 4))
          (call $same (call $entry (i32.const 0)) (i32.const 9) (i32.const 5))
          (i32.store (i32.const 16) (i32.const 5)) (i32.store (i32.const 20) (i32.const 64))
          (call $cmd (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 16))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 6))
          (call $same (i32.load (i32.const 16)) (i32.const 5) (i32.const 7))
          (call $exit (i32.load8_u (i32.const 68))))"#,
    ));
    run.parked().line(b"abcd\x2a");
    assert_eq!(run.wait(), Exit::Code(42));
}

#[test]
fn what_was_queued_is_delivered_before_the_close() {
    let run = start(&program(
        r#"(func (export "run")
          (i32.store (i32.const 16) (i32.const 4)) (i32.store (i32.const 20) (i32.const 64))
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 1))
          (call $same (call $entry (i32.const 0)) (i32.const 1) (i32.const 2))
          (call $same (call $ar (i32.const 0)) (i32.const 1) (i32.const 3))
          (call $same (call $entry (i32.const 0)) (i32.const 1) (i32.const 4))
          (call $same (call $ar (i32.const 0)) (i32.const 1) (i32.const 5))
          (call $same (call $entry (i32.const 0)) (i32.const 0x80000001) (i32.const 6))
          (call $same (call $ar (i32.const 0)) (i32.const 0) (i32.const 7))
          (call $exit (i32.load8_u (i32.const 64))))"#,
    ));
    run.parked();
    run.outside
        .lines
        .lock()
        .unwrap()
        .extend([b"a".to_vec(), b"\x2a".to_vec()]);
    let waker = run.outside.wakers.lock().unwrap()[0].clone();
    waker.ready();
    waker.close(Failure::new(Code::Disconnected, "gone"));
    assert_eq!(run.wait(), Exit::Code(42));
    assert_eq!(*run.outside.open.lock().unwrap(), 0);
}

#[test]
fn a_permission_taken_back_closes_open_channels() {
    let run = start(&program(
        r#"(func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
          (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 1))
          (call $same (call $entry (i32.const 0)) (i32.const 0x80000001) (i32.const 2))
          (i32.store (i32.const 256) (i32.const 1)) (i32.store (i32.const 264) (i32.const 500))
          (i32.store (i32.const 268) (i32.const 512))
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 45) (i32.const 256))
          (drop (call $ar (i32.const 1)))
          (call $exit (i32.load (i32.const 260))))"#,
    ));
    run.parked().process.revoke(&Permission::whole("lines"));
    assert_eq!(run.wait(), Exit::Code(Code::Revoked as u32));
}

#[test]
fn broken_commands_trap_with_where() {
    let one = |channel: u32, new: u32, which: u32, data: u32| {
        traps(&format!(
            r#"(func (export "run")
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
              (call $cmd (i32.const 1) (i32.const {channel}) (i32.const {new}) (i32.const {which}) (i32.const {data}))
              (drop (call $ar (i32.const 2))))"#
        ))
    };
    assert!(one(2, 2, 0, 16).contains("channel 2: `channel` is no open channel"));
    assert!(one(2, 0, 0, 0).contains("is no open channel"));
    assert!(one(2, 3, 0, 0).contains("is no open channel"));
    assert!(one(0, 1, 19, 16).contains("channel 1: `new` is open already"));
    assert!(one(0, 0x8000_0000, 19, 16).contains("bit 31"));
    assert!(one(1, 0x8000_0001, 19, 16).contains("bit 31"));
    let outside = one(1, 1, 0, 0xFFFF_FFFE);
    assert!(
        outside.contains("command `note`, channel 1: `number` at 0xfffffffe leaves memory"),
        "{outside}"
    );
}

#[test]
fn lists_that_leave_memory_trap() {
    let call = |size: u32, data: u32, done: u32| {
        traps(&format!(
            r#"(func (export "run")
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
              (drop (call $ar (i32.const 1)))
              (drop (call $raw (i32.const {size}) (i32.const {data}) (i32.const {done}))))"#
        ))
    };
    assert!(call(1, 0x1FFF1, 0).contains("`data` at 0x1fff1 leaves memory"));
    assert!(call(100_000_000, 0, 0).contains("`data` at 0x0 leaves memory"));
    assert!(call(0xFFFF_FFFF, 0xFFFF_FFFF, 0).contains("leaves memory"));
    assert!(call(0x1000_0001, 0xFFFF_FFF0, 0).contains("leaves memory"));
    assert!(call(0, 0, 0x1FFFD).contains("`done` at 0x1fffd leaves memory"));
    assert!(call(0, 0, 0xFFFF_FFFF).contains("`done`"));
}

#[test]
fn at_most_16384_channels() {
    let open = |count: u32| {
        format!(
            r#"(func (export "run") (local $i i32)
              (drop (memory.grow (i32.const 16)))
              (loop $next
                (call $cmd (local.get $i) (i32.const 0) (i32.add (local.get $i) (i32.const 1)) (i32.const 19) (i32.const 16))
                (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {count}))))
              (call $same (call $raw (i32.const {count}) (i32.const 0x1000) (i32.const 0x50000)) (i32.const 16384) (i32.const 1))
              (call $exit (i32.const 77)))"#
        )
    };
    assert_eq!(exits(&open(16_384)), 77);
    assert!(traps(&open(16_385)).contains("channel 16385: `new` would be the 16,385th open channel"));
}

#[test]
fn a_start_function_may_call() {
    assert_eq!(
        exits(
            r#"(func $init
              (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
              (call $same (call $ar (i32.const 1)) (i32.const 1) (i32.const 1)))
            (start $init)
            (func (export "run") (call $exit (i32.const 7)))"#
        ),
        7
    );
}

#[test]
fn a_panic_in_a_portal_ends_that_program_with_a_report() {
    let text = traps(
        r#"(data (i32.const 16) "\ad\de\00\00")
        (func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 19) (i32.const 16))
          (drop (call $ar (i32.const 1))))"#,
    );
    assert!(
        text.contains("fault of the shell") && text.contains("on purpose"),
        "{text}"
    );
}

#[test]
fn exit_codes_are_those_of_a_run() {
    assert_eq!(
        [Exit::Code(0), Exit::Code(119), Exit::Code(4000), Exit::Ended].map(|exit| exit.code()),
        [0, 119, 119, 121]
    );
}

#[test]
fn an_idle_process_stays_asleep_until_ended() {
    let run: Running = start(&program(WAIT_FOR_A_LINE));
    run.parked();
    let calls = run.process.calls();
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(run.process.calls(), calls);
    assert!(run.process.usage().messages > 0, "commands count, and what is ready");
    run.process.end();
    assert_eq!(run.wait(), Exit::Ended);
    run.gone();
    assert_eq!(*run.outside.open.lock().unwrap(), 0, "the end lets go of what was open");
}

#[test]
fn what_a_process_takes_is_told() {
    let grown = r#"(func (export "run") (drop (memory.grow (i32.const 3))) (loop (br 0)))"#;
    let run: Running = start(&program(grown));
    let begun = std::time::Instant::now();
    let busy = |run: &Running| {
        run.process
            .usage()
            .cpu
            .is_none_or(|cpu| cpu > std::time::Duration::from_millis(20))
    };
    while !busy(&run) || run.process.usage().memory != 5 << 16 {
        assert!(begun.elapsed().as_secs() < 20, "{:?}", run.process.usage());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(run.process.usage().cpu.is_some(), cfg!(target_os = "linux"));
    run.process.end();
    assert_eq!(run.wait(), Exit::Ended);
}
