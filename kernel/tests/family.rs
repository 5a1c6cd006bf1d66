//! Processes that a process starts: what they share, what they may do, and that none outlives the one that started it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Host, Running, program, start_with};
use portico_abi::List;
use portico_kernel::{
    Bulk, Channel, Child, Code, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, Grants, InProcess, Kernel,
    Limits, LoadOptions, Permission, PermissionStatus, Portal, Reading, Received, Sent,
};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Starts the module in the list at its message; closes when that has ended, with the exit code in place of a text.
#[derive(Default)]
struct Spawn {
    module: Bulk,
    child: Option<Child>,
}

impl Channel<Host> for Spawn {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let list: List = cx.memory.read(at, "module")?;
        self.module = Bulk::new(cx.memory, list.data.get(), list.size.get().into(), "module")?;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.child = None;
        let waker = cx.waker();
        let host = Host(cx.host.0.clone());
        let module = self.module.bytes(&cx.memory);
        self.child = Some(cx.start_child(
            module,
            "spawn",
            &["note", "spawn", "time", "camera"],
            host,
            move |exit| {
                waker.close(Failure::new(Code::Disconnected, exit.code().to_string()));
            },
        )?);
        Ok(Sent::Waiting)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Nothing)
    }
}

fn spawn() -> Box<dyn Channel<Host>> {
    Box::<Spawn>::default()
}

const SPAWN: Portal<Host> = Portal {
    name: "spawn",
    summary: "",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: 17,
        name: "spawn",
        single: false,
        open: Some(spawn),
    }],
};

static KERNEL: LazyLock<Kernel<Host>> = LazyLock::new(|| {
    let rows = common::PORTALS
        .iter()
        .map(|row| Portal { ..*row })
        .chain([SPAWN])
        .collect();
    Kernel::new(Vec::leak(rows), None, InProcess).unwrap()
});

/// A program with a module at 0x10000, which `$child` opens as that channel by its command i. `$note` notes a number, and
/// `$pause` waits for so many milliseconds, both after the n commands before them.
fn with(child: &[u8], body: &str) -> Vec<u8> {
    let bytes: String = child.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let text = program(&format!(
        r#"(data (i32.const 0x10000) "{bytes}")
        (global $timed (mut i32) (i32.const 0))
        (func $child (param $i i32) (param $channel i32)
          (i32.store (i32.const 0x40) (i32.const {size})) (i32.store (i32.const 0x44) (i32.const 0x10000))
          (call $cmd (local.get $i) (i32.const 0) (local.get $channel) (i32.const 17) (i32.const 0x40)))
        (func $note (param $n i32) (param $number i32)
          (i32.store (i32.const 0x50) (local.get $number))
          (call $cmd (local.get $n) (i32.const 0) (i32.const 0x77) (i32.const 19) (i32.const 0x50))
          (call $cmd (i32.add (local.get $n) (i32.const 1)) (i32.const 0x77) (i32.const 0) (i32.const 0) (i32.const 0))
          (call $pause (i32.add (local.get $n) (i32.const 2)) (i32.const 0)))
        (func $pause (param $n i32) (param $millis i32)
          (i32.store (i32.const 0x60) (local.get $millis))
          (call $cmd (local.get $n) (global.get $timed) (i32.const 1) (i32.const 46) (i32.const 0x60))
          (global.set $timed (i32.const 1))
          (call $same (call $ar (i32.add (local.get $n) (i32.const 1))) (i32.const 1) (i32.const 80))
          (call $same (call $entry (i32.const 0)) (i32.const 1) (i32.const 81)))
        (func (export "run") {body})"#,
        size = child.len()
    ));
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

fn start(program: &[u8]) -> Running {
    start_with(&KERNEL, program, Limits::default(), Arc::new(common::Defaults))
}

const SLEEPS: &str = "(call $note (i32.const 0) (i32.const 1)) (call $pause (i32.const 0) (i32.const 0x7fffffff))";
const SPINS: &str = "(call $note (i32.const 0) (i32.const 1)) (loop $on (br $on))";

/// Programs in programs, the innermost with that body; each notes a 1 and then waits.
fn chain(depth: u32, innermost: &str) -> Vec<u8> {
    let sleeps = SLEEPS.replacen("(call $note (i32.const 0)", "(call $note (i32.const 1)", 1);
    let body = format!("(call $child (i32.const 0) (i32.const 5)) {sleeps}");
    (0..depth).fold(with(b"", innermost), |module, _| with(&module, &body))
}

fn noted(run: &Running, count: usize) {
    let asked = Instant::now();
    while run.noted().len() < count {
        assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", run.noted());
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until no more of the family is left than so many processes. All hold on to what they note.
fn left(run: &Running, processes: usize) {
    let asked = Instant::now();
    while Arc::strong_count(&run.outside.noted) > 1 + processes {
        // 100 ms is what is promised; a loaded machine may be late.
        assert!(asked.elapsed() < Duration::from_secs(1), "they go on");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_end_from_outside_ends_all_descendants() {
    for innermost in [SLEEPS, SPINS] {
        let run = start(&chain(8, innermost));
        noted(&run, 9);
        run.process.end();
        assert_eq!(run.wait(), Exit::Ended);
        left(&run, 0);
    }
}

#[test]
fn the_ninth_generation_is_not_started() {
    let run = start(&chain(9, SLEEPS));
    noted(&run, 9);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(run.noted().len(), 9, "the program and eight below it");
    run.process.end();
    run.wait();
    left(&run, 0);
}

#[test]
fn an_exit_a_trap_and_a_fault_of_the_shell_end_all_descendants() {
    let ends = [
        "(call $exit (i32.const 3))",
        "(unreachable)",
        "(call $note (i32.const 0) (i32.const 0xDEAD))",
        "(drop (call $raw (i32.const 1) (i32.const -1) (i32.const 0)))",
    ];
    for end in ends {
        let body =
            format!("(call $child (i32.const 0) (i32.const 5)) (call $pause (i32.const 1) (i32.const 300)) {end}");
        let run = start(&with(&chain(2, SPINS), &body));
        assert!(matches!(run.wait(), Exit::Code(3) | Exit::Trap(_)), "{end}");
        assert!(!run.noted().is_empty(), "{end}: it had the time to start");
        left(&run, 0);
    }
}

#[test]
fn discarding_ends_a_child() {
    let run = start(&with(
        &with(b"", SPINS),
        r#"(call $child (i32.const 0) (i32.const 5)) (call $pause (i32.const 1) (i32.const 300))
        (call $cmd (i32.const 0) (i32.const 5) (i32.const 0) (i32.const 0) (i32.const 0))
        (call $note (i32.const 1) (i32.const 2)) (call $pause (i32.const 0) (i32.const 0x7fffffff))"#,
    ));
    noted(&run, 2);
    left(&run, 1);
    assert_eq!(run.noted(), [1, 2]);
    run.process.end();
    run.wait();
}

#[test]
fn sixty_four_run_at_once_and_a_place_is_free_when_one_is_discarded() {
    let run = start(&with(
        &with(b"", SLEEPS),
        r#"(local $i i32)
        (loop $next
          (call $child (local.get $i) (i32.add (i32.const 100) (local.get $i)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 65))))
        ;; the last has no place
        (call $same (call $ar (i32.const 65)) (i32.const 1) (i32.const 1))
        (call $same (call $entry (i32.const 0)) (i32.const 0x800000a4) (i32.const 2))
        ;; one goes and another takes its place, again and again
        (local.set $i (i32.const 0))
        (loop $again
          (call $cmd (i32.const 0) (i32.const 100) (i32.const 0) (i32.const 0) (i32.const 0))
          (call $child (i32.const 1) (i32.const 100))
          (call $pause (i32.const 2) (i32.const 2))
          (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
        (call $exit (i32.const 42))"#,
    ));
    assert_eq!(run.wait(), Exit::Code(42));
    left(&run, 0);
}

#[test]
fn a_family_shares_what_one_program_may_use() {
    // Each takes 100 pages and sleeps; of 1,000 pages there are enough for the parent and nine of twelve.
    let child = with(
        b"",
        &format!(
            "(if (i32.eq (memory.grow (i32.const 98)) (i32.const -1)) (then (call $exit (i32.const 1)))) {SLEEPS}"
        ),
    );
    let body = r#"(local $i i32)
        (loop $next
          (call $child (local.get $i) (i32.add (i32.const 100) (local.get $i)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 12))))
        (drop (call $ar (i32.const 12)))
        (loop $on (drop (call $ar (i32.const 0))) (br $on))"#;
    let limits = Limits {
        memory: 1000 * 65536,
        ..Limits::default()
    };
    let run = start_with(&KERNEL, &with(&child, body), limits, Arc::new(common::Defaults));
    noted(&run, 9);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(run.noted().len(), 9);
    run.process.end();
    run.wait();
    left(&run, 0);
}

#[test]
fn modules_on_their_way_count_against_the_limit() {
    // The parent says that all its memory is the module.
    let body = r#"(local $i i32)
        (i32.store (i32.const 0x40) (i32.const 0x20000)) (i32.store (i32.const 0x44) (i32.const 1))
        (i32.store (i32.const 0x40) (i32.const 0x1ffff))
        (loop $next
          (call $cmd (local.get $i) (i32.const 0) (i32.add (i32.const 100) (local.get $i)) (i32.const 17) (i32.const 0x40))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40))))
        (drop (call $ar (i32.const 40)))
        (i32.store (i32.const 0x70) (i32.and (call $entry (i32.const 0)) (i32.const 0x7fffffff)))
        (i32.store (i32.const 0x78) (i32.const 200)) (i32.store (i32.const 0x7c) (i32.const 0x9000))
        (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 45) (i32.const 0x70))
        (drop (call $ar (i32.const 1)))
        (call $exit (i32.load (i32.const 0x74)))"#;
    let limits = Limits {
        memory: 4 * 65536,
        ..Limits::default()
    };
    let run = start_with(&KERNEL, &with(b"", body), limits, Arc::new(common::Defaults));
    assert_eq!(run.wait(), Exit::Code(Code::Limit as u32));
}

/// Allows everything but notes.
struct NoNotes;

impl Grants for NoNotes {
    fn status(&self, permission: &Permission, _default: DefaultAccess) -> PermissionStatus {
        (permission.portal != "note").into()
    }
}

#[test]
fn a_child_holds_what_it_was_given_and_its_parent_holds() {
    // It exits with the code of the failure, or 50.
    let opens = |which: u32| {
        let body = format!(
            r#"(call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const {which}) (i32.const 16))
            (call $cmd (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 46) (i32.const 16))
            (drop (call $ar (i32.const 2)))
            (call $exit (i32.add (i32.const 50) (i32.shr_u (call $entry (i32.const 0)) (i32.const 31))))"#
        );
        let parent = r#"(call $child (i32.const 0) (i32.const 5)) (drop (call $ar (i32.const 1)))
            (i32.store (i32.const 0x70) (i32.const 5))
            (i32.store (i32.const 0x78) (i32.const 200)) (i32.store (i32.const 0x7c) (i32.const 0x9000))
            (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 45) (i32.const 0x70))
            (drop (call $ar (i32.const 1)))
            (call $exit (i32.sub (i32.load8_u (i32.const 0x9001)) (i32.const 0x30)))"#;
        with(&with(b"", &body), parent)
    };
    let failed = |which: u32, grants: Arc<dyn Grants>| {
        let run = start_with(&KERNEL, &opens(which), Limits::default(), grants);
        match run.wait() {
            Exit::Code(code) => code == 1,
            other => panic!("{other:?}"),
        }
    };
    assert!(!failed(19, Arc::new(common::Defaults)), "it was given notes");
    assert!(failed(19, Arc::new(NoNotes)), "its parent has none");
    assert!(failed(20, Arc::new(common::Defaults)), "it was not given lines");
    assert!(failed(34, Arc::new(common::Defaults)), "its parent would be asked");
    assert!(!failed(34, Arc::new(NoNotes)), "its parent has it");
}

#[test]
fn what_is_taken_back_from_a_parent_is_taken_back_from_its_children() {
    let child = with(
        b"",
        r#"(call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 19) (i32.const 0x30))
        (drop (call $ar (i32.const 1)))
        (drop (call $ar (i32.const 0)))
        (call $exit (i32.add (i32.const 30) (i32.shr_u (call $entry (i32.const 0)) (i32.const 31))))"#,
    );
    let body = r#"(call $child (i32.const 0) (i32.const 5)) (drop (call $ar (i32.const 1)))
        (call $exit (i32.and (call $entry (i32.const 0)) (i32.const 7)))"#;
    let run = start(&with(&child, body));
    noted(&run, 1);
    run.process.revoke(&Permission::whole("note"));
    assert_eq!(run.wait(), Exit::Code(5), "the child went on, and ended");
    // The permission to have children ends them, whatever their parent does.
    let busy = with(
        &with(b"", SPINS),
        "(call $child (i32.const 0) (i32.const 5)) (call $pause (i32.const 1) (i32.const 1)) (loop $on (br $on))",
    );
    let run = start(&busy);
    noted(&run, 1);
    run.process.revoke(&Permission::whole("spawn"));
    left(&run, 1);
    run.process.end();
    run.wait();
}

#[test]
fn a_module_that_takes_long_to_compile_holds_nobody_up() {
    // Some hundred milliseconds of work for the compiler, at least.
    let function = format!(
        "(func (result i32) (local i32) {} (local.get 0))",
        "(local.set 0 (i32.mul (i32.add (local.get 0) (i32.const 7)) (i32.const 3)))".repeat(400)
    );
    let text = format!(
        "(module (memory (export \"memory\") 1) (func (export \"run\")) {})",
        function.repeat(300)
    );
    let large = wat::parse_str(text).unwrap();
    let asked = Instant::now();
    KERNEL
        .load(&[large.as_slice(), b"\x00\x02\x01x"].concat(), &LoadOptions::default())
        .unwrap();
    let compiling = asked.elapsed();
    let mut body = program(
        r#"(func (export "run")
          (i32.store (i32.const 0x40) (i32.const SIZE)) (i32.store (i32.const 0x44) (i32.const 0x10000))
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 17) (i32.const 0x40))
          (call $cmd (i32.const 1) (i32.const 0) (i32.const 7) (i32.const 19) (i32.const 0x50))
          (call $same (call $ar (i32.const 2)) (i32.const 1) (i32.const 1))
          (call $same (call $entry (i32.const 0)) (i32.const 7) (i32.const 2))
          (call $exit (i32.const 42)))"#,
    );
    let bytes: String = large.iter().map(|byte| format!("\\{byte:02x}")).collect();
    body = body.replace(
        "(memory (export \"memory\") 2)",
        &format!("(memory (export \"memory\") 100) (data (i32.const 0x10000) \"{bytes}\")"),
    );
    let body = body.replace("SIZE", &large.len().to_string());
    let asked = Instant::now();
    let run = start(&wat::parse_str(body).unwrap());
    assert_eq!(run.wait(), Exit::Code(42));
    assert!(asked.elapsed() < compiling, "{:?} of {compiling:?}", asked.elapsed());
}
