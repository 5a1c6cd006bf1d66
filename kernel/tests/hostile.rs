//! Programs that mean harm: each ends as documented, and the host goes on.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{kernel, program, start, start_bytes};
use portico_kernel::{Exit, Limits};
use std::time::{Duration, Instant};

fn ends_quickly(body: &str) {
    let run = start(&program(body));
    std::thread::sleep(Duration::from_millis(100));
    let asked = Instant::now();
    run.process.end();
    assert_eq!(run.wait(), Exit::Ended);
    let took = asked.elapsed();
    // 100 ms is what is promised; a loaded machine may be late.
    assert!(took < Duration::from_secs(1), "it took {took:?}");
}

#[test]
fn an_endless_loop_ends() {
    ends_quickly(r#"(func (export "run") (loop $for_ever (br $for_ever)))"#);
}

#[test]
fn an_endless_loop_in_the_start_function_ends() {
    ends_quickly(r#"(func $init (loop $for_ever (br $for_ever))) (start $init) (func (export "run"))"#);
}

#[test]
fn an_endless_loop_of_calls_ends() {
    ends_quickly(r#"(func (export "run") (loop $for_ever (drop (call $ar (i32.const 0))) (br $for_ever)))"#);
}

#[test]
fn a_sleeper_ends() {
    ends_quickly(
        r#"(func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
          (drop (call $ar (i32.const 1))))"#,
    );
}

#[test]
fn fills_of_all_memory_end_in_time() {
    // Each takes some tenths of a second, all of them some minutes.
    let fills = "(memory.fill (i32.const 0) (i32.const 7) (i32.const 0x40000000))".repeat(1000);
    let run = start(&format!(
        r#"(module (memory (export "memory") 16384) (func (export "run") {fills}))"#
    ));
    std::thread::sleep(Duration::from_millis(20));
    let asked = Instant::now();
    run.process.end();
    assert_eq!(run.wait(), Exit::Ended);
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "it went on for {:?}",
        asked.elapsed()
    );
    run.gone();
}

#[test]
fn a_huge_list_ends_in_the_middle() {
    // 60 million commands that open and discard the same channel: seconds of work.
    let run = start(
        r#"(module (import "daku" "ar" (func $raw (param i32 i32 i32) (result i32)))
          (memory (export "memory") 16000)
          (func (export "run") (local $i i32)
            (loop $next
              (i32.store (i32.add (local.get $i) (i32.const 4)) (i32.const 1))
              (i32.store (i32.add (local.get $i) (i32.const 8)) (i32.const 19))
              (i32.store (i32.add (local.get $i) (i32.const 12)) (i32.const 16))
              (i32.store (i32.add (local.get $i) (i32.const 16)) (i32.const 1))
              (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 32))) (i32.const 0x3E000000))))
            (drop (call $raw (i32.const 65000000) (i32.const 0) (i32.const 0)))))"#,
    );
    while run.process.calls() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    let asked = Instant::now();
    run.process.end();
    assert_eq!(run.wait(), Exit::Ended);
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "it went on for {:?}",
        asked.elapsed()
    );
}

#[test]
fn a_stack_overflow_is_a_trap() {
    let run = start(&program(r#"(func $deep (export "run") (call $deep))"#));
    let Exit::Trap(report) = run.wait() else {
        panic!("no trap")
    };
    assert_eq!(report.summary, "The program ran out of stack.");
}

#[test]
fn a_memory_bomb_meets_its_limit() {
    let text = program(
        r#"(func (export "run") (local $pages i32)
          (loop $more
            (local.set $pages (memory.grow (i32.const 16)))
            (br_if $more (i32.ne (local.get $pages) (i32.const -1))))
          (call $exit (i32.div_u (memory.size) (i32.const 16))))"#,
    );
    let limits = Limits {
        memory: 64 * 16 * 65536,
        ..Limits::default()
    };
    let run = start_bytes(&kernel(), &wat::parse_str(text).unwrap(), limits);
    assert_eq!(
        run.wait(),
        Exit::Code(63),
        "two pages to start with, so the last step does not fit"
    );
}

#[test]
fn too_much_memory_to_start_with_is_told() {
    let run = start(r#"(module (memory (export "memory") 40000) (func (export "run")))"#);
    let Exit::Trap(report) = run.wait() else {
        panic!("no trap")
    };
    assert!(report.details.contains("memory"), "{report:?}");
}

#[test]
fn traps_of_webassembly_say_what_and_where() {
    let run = start(&program(
        r#"(func $inner (unreachable)) (func (export "run") (call $inner))"#,
    ));
    let Exit::Trap(report) = run.wait() else {
        panic!("no trap")
    };
    assert!(report.summary.contains("unreachable"), "{report:?}");
    assert!(report.details.contains("inner"), "{report:?}");
}

#[test]
fn many_processes_at_once() {
    let kernel = kernel();
    let bytes = wat::parse_str(program(
        r#"(func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
          (drop (call $ar (i32.const 1))))"#,
    ))
    .unwrap();
    let runs: Vec<_> = (0..200)
        .map(|_| start_bytes(&kernel, &bytes, Limits::default()))
        .collect();
    for run in &runs {
        run.parked();
    }
    for run in &runs {
        run.process.end();
    }
    for run in &runs {
        assert_eq!(run.wait(), Exit::Ended);
    }
}
