//! Hostile programs without a window system: each ends in the documented trap, failure or exit code.

use portico_tests::programs::{animator, mirror, script, script_with};
use portico_tests::shell::{Headless, headless};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

fn run(body: &str) -> Headless {
    headless(&script(body), &[], LIMIT)
}

/// The program traps, and the text names all of `words`.
#[track_caller]
fn traps(body: &str, words: &[&str]) {
    let run = run(body);
    assert_eq!(run.code, Some(120), "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "no {word:?} in\n{}", run.stderr);
    }
}

/// The program ends with that code of its own.
#[track_caller]
fn ends(body: &str, code: i32) {
    let run = run(body);
    assert_eq!(run.code, Some(code), "{run:?}");
}

/// Opens channel 1 for a command, expects it to be closed by the host, and exits with the code that command 45 tells.
fn why(which: u32, before: &str) -> String {
    format!(
        "{before}
         (call $open (i32.const 1) (i32.const {which}) (i32.const 0x2000))
         (drop (call $wait))
         (if (i32.ne (call $ready (i32.const 0)) (i32.const 0x80000001)) (then (call $exit (i32.const 99))))
         (i32.store (i32.const 0x2200) (i32.const 1))
         (i32.store (i32.const 0x2208) (i32.const 1000)) (i32.store (i32.const 0x220c) (i32.const 0x3000))
         (call $open (i32.const 2) (i32.const 45) (i32.const 0x2200))
         (drop (call $wait))
         (call $exit (i32.load (i32.const 0x2204)))"
    )
}

#[test]
fn a_program_ends_with_its_code() {
    ends("", 0);
    ends("(call $exit (i32.const 7))", 7);
    ends("(call $exit (i32.const 500))", 119);
}

#[test]
fn what_is_no_program_is_refused() {
    let run = headless(b"not a module", &[], LIMIT);
    assert_eq!(run.code, Some(122), "{run:?}");
    let unknown = wat::parse_str(
        r#"(module (import "elsewhere" "thing" (func)) (memory (export "memory") 1) (func (export "run")))"#,
    );
    let run = headless(&unknown.unwrap_or_default(), &[], LIMIT);
    assert_eq!(run.code, Some(122), "{run:?}");
    assert!(run.stderr.contains("elsewhere"), "{}", run.stderr);
    let bare = wat::parse_str("(module)").unwrap_or_default();
    let run = headless(&bare, &[], LIMIT);
    assert_eq!(run.code, Some(122), "{run:?}");
    assert!(
        run.stderr.contains("memory") && run.stderr.contains("run"),
        "{}",
        run.stderr
    );
}

#[test]
fn wasm_traps_are_reported() {
    traps("(unreachable)", &["unreachable"]);
    traps("(drop (i32.load (i32.const -4)))", &[]);
    let endless = "(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))";
    let run = headless(&script_with(endless, "(drop (call $deep (i32.const 1)))"), &[], LIMIT);
    assert_eq!(run.code, Some(120), "{run:?}");
}

#[test]
fn endless_loops_end_when_the_window_is_closed() {
    for body in [
        "(loop $l (br $l))",
        "(loop $l (drop (call $ar (i32.const 0) (i32.const 0) (i32.const 0))) (br $l))",
    ] {
        let program = script(body);
        let run = headless_with_script(&program, "200 close\n");
        assert_eq!(run.code, Some(121), "{run:?}");
        assert!(run.took < Duration::from_secs(8), "{run:?}");
    }
}

fn headless_with_script(program: &[u8], events: &str) -> Headless {
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let path = directory.path().join("events");
    std::fs::write(&path, events).unwrap_or_else(|error| panic!("{error}"));
    headless(program, &["--script", &path.display().to_string()], LIMIT)
}

#[test]
fn memory_stops_growing_at_the_limit() {
    // Grows by 16 MiB until that is refused; ends with the GiB that it then has, after touching every page's first byte.
    ends(
        "(loop $grow
           (br_if $grow (i32.ne (memory.grow (i32.const 256)) (i32.const -1))))
         (local.set $n (memory.size))
         (loop $touch
           (i32.store8 (i32.mul (local.get $i) (i32.const 65536)) (i32.const 1))
           (local.set $i (i32.add (local.get $i) (i32.const 1)))
           (br_if $touch (i32.lt_u (local.get $i) (local.get $n))))
         (if (i32.gt_u (local.get $n) (i32.const 16384)) (then (call $exit (i32.const 98))))
         (if (i32.lt_u (local.get $n) (i32.const 16000)) (then (call $exit (i32.const 97))))
         (call $exit (i32.const 42))",
        42,
    );
}

#[test]
fn sixteen_thousand_channels_are_enough() {
    let open = |count: u32| {
        format!(
            "(drop (memory.grow (i32.const 16)))
             (i64.store (i32.const 0x2000) (i64.const -1))
             (loop $each
               (i32.store offset=4 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4)))
                                   (i32.add (local.get $i) (i32.const 1)))
               (i32.store offset=8 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const 46))
               (i32.store offset=12 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const 0x2000))
               (local.set $i (i32.add (local.get $i) (i32.const 1)))
               (br_if $each (i32.lt_u (local.get $i) (i32.const {count}))))
             ;; One more that is ready at once, over the last of them, so that the call comes back.
             (i32.store offset=12 (i32.add (i32.const 0x10000) (i32.const {last})) (i32.const 0x2040))
             (drop (call $ar (i32.const {count}) (i32.const 0x10000) (i32.const 0x60000)))
             (call $exit (i32.const 5))",
            last = (count - 1) * 16,
        )
    };
    ends(&open(16_384), 5);
    traps(&open(16_385), &["channel"]);
}

#[test]
fn lists_that_leave_memory_trap() {
    // A command list at the very end, one whose byte count wraps, and one of 100 million commands.
    traps("(drop (call $ar (i32.const 2) (i32.const -8) (i32.const 0x1000)))", &[]);
    traps(
        "(drop (call $ar (i32.const 0x10000001) (i32.const 16) (i32.const 0x1000)))",
        &[],
    );
    traps(
        "(drop (call $ar (i32.const -1) (i32.const 0x100) (i32.const 0x1000)))",
        &[],
    );
    traps(
        "(drop (call $ar (i32.const 100000000) (i32.const 0x100) (i32.const 0x1000)))",
        &[],
    );
    // A menu of 2^27 actions of 32 bytes: 2^32 in all, 0 if that wraps.
    traps(
        "(i32.store (i32.const 0x2000) (i32.const 0x8000000)) (i32.store (i32.const 0x2004) (i32.const 0x100))
         (call $open (i32.const 1) (i32.const 23) (i32.const 0x2000)) (drop (call $wait))",
        &["channel 1", "menu"],
    );
    // A struct of which only the first bytes are in memory.
    traps(
        "(call $open (i32.const 1) (i32.const 28) (i32.const 0x4fffc)) (drop (call $wait))",
        &["channel 1"],
    );
}

#[test]
fn lying_sizes_trap() {
    // A text that is said to reach beyond memory.
    traps(
        "(i32.store (i32.const 0x2000) (i32.const 100)) (i32.store (i32.const 0x2004) (i32.const 0x3fff0))
         (call $open (i32.const 1) (i32.const 19) (i32.const 0x1ffc)) (drop (call $wait))",
        &["text", "channel 1"],
    );
    // A buffer for keys that ends behind memory.
    traps(
        "(i32.store (i32.const 0x2000) (i32.const 1000)) (i32.store (i32.const 0x2004) (i32.const 0x4ff00))
         (call $open (i32.const 1) (i32.const 26) (i32.const 0x2000)) (drop (call $wait))",
        &["channel 1"],
    );
    // Pixels of which the last row is outside.
    traps(
        "(i32.store (i32.const 0x2010) (i32.const 0x4d000))
         (call $open (i32.const 1) (i32.const 35) (i32.const 0x2000)) (drop (call $wait))",
        &["pixels", "channel 1"],
    );
}

#[test]
fn the_ready_list_has_to_fit() {
    traps(
        "(i64.store (i32.const 0x2000) (i64.const 0))
         (call $open (i32.const 1) (i32.const 46) (i32.const 0x2000))
         (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const -2)))",
        &["done"],
    );
    // Nothing is open, so nothing has to fit.
    ends("(drop (call $ar (i32.const 0) (i32.const -1) (i32.const -1)))", 0);
}

#[test]
fn overlapping_buffers_hurt_only_the_program() {
    // The command, its message and the ready list are at one place: it ends up holding the list, written last.
    ends(
        "(i32.store (i32.const 0x104) (i32.const 7)) (i32.store (i32.const 0x108) (i32.const 52))
         (i32.store (i32.const 0x10c) (i32.const 0x100))
         (i32.store (i32.const 0x100) (i32.const 0))
         (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x100)))
         (call $exit (i32.load (i32.const 0x100)))",
        7,
    );
}

#[test]
fn text_has_to_be_utf_8() {
    traps(
        "(i32.store (i32.const 0x2000) (i32.const 2)) (i32.store (i32.const 0x2004) (i32.const 0x3000))
         (i32.store16 (i32.const 0x3000) (i32.const 0xfffe))
         (call $open (i32.const 1) (i32.const 48) (i32.const 0x2000)) (drop (call $wait))",
        &["UTF-8", "channel 1"],
    );
}

#[test]
fn ids_have_to_be_sound() {
    traps(
        "(call $post (i32.const 5) (i32.const 5) (i32.const 0) (i32.const 0x2000)) (drop (call $wait))",
        &["channel 5"],
    );
    traps(
        "(call $open (i32.const 0x80000001) (i32.const 46) (i32.const 0x2000)) (drop (call $wait))",
        &[],
    );
    let twice = "(call $open (i32.const 3) (i32.const 46) (i32.const 0x2000))";
    traps(&format!("{twice} {twice} (drop (call $wait))"), &["channel 3"]);
}

#[test]
fn failures_close_the_channel_only() {
    // 65,535 × 65,535 pixels: Invalid.
    ends(
        &why(
            35,
            "(i32.store (i32.const 0x2000) (i32.const 65535)) (i32.store (i32.const 0x2004) (i32.const 65535)) (i32.store (i32.const 0x2008) (i32.const 262140))",
        ),
        4,
    );
    // An unknown command, and one that is yet to come: Unsupported.
    ends(&why(4000, ""), 1);
    ends(&why(32, ""), 1);
}

#[test]
fn a_denied_portal_says_so() {
    let program = script(&why(19, ""));
    let run = headless(&program, &["--deny", "log"], LIMIT);
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn ten_million_log_lines_are_taken_or_dropped_but_never_kept() {
    // 2,000 calls of 5,000 sends of one line each. What counts is that it ends, soon, and keeps nothing.
    let body = "
        (i32.store (i32.const 0x2000) (i32.const 0x00020000)) (i32.store (i32.const 0x2004) (i32.const 4))
        (i32.store (i32.const 0x2008) (i32.const 0x3000)) (i32.store (i32.const 0x3000) (i32.const 0x21212121))
        (call $open (i32.const 1) (i32.const 19) (i32.const 0x2000)) (drop (call $wait))
        (loop $list
          (i32.store (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const 1))
          (i32.store offset=4 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const 1))
          (i32.store offset=12 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const 0x2000))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $list (i32.lt_u (local.get $i) (i32.const 5000))))
        (loop $calls
          (drop (call $ar (i32.const 5000) (i32.const 0x10000) (i32.const 0x1000)))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $calls (i32.lt_u (local.get $n) (i32.const 2000))))
        (call $exit (i32.const 6))";
    let run = headless(&script(body), &[], Duration::from_secs(120));
    assert_eq!(
        run.code,
        Some(6),
        "{:?} {:?} {} bytes",
        run.code,
        run.took,
        run.stderr.len()
    );
    assert!(run.stderr.contains("!!!!"), "no line at all was printed");
}

#[test]
fn frames_are_written_as_pictures_and_paced() {
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let frames = directory.path().join("frames");
    let events = directory.path().join("events");
    std::fs::write(&events, "1000 close\n").unwrap_or_else(|error| panic!("{error}"));
    let arguments = [
        "--frames",
        &frames.display().to_string(),
        "--script",
        &events.display().to_string(),
    ];
    let run = headless(&animator("Animator", (64, 48)), &arguments, LIMIT);
    assert_eq!(run.code, Some(121), "{run:?}");
    let mut names: Vec<_> = std::fs::read_dir(&frames)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    names.sort();
    // 60 a second for one second, and on until the program is ended two seconds later.
    assert!((30..=200).contains(&names.len()), "{} frames", names.len());
    let bytes = std::fs::read(&names[9]).unwrap_or_default();
    let picture = portico_tests::Picture::decode(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((picture.width, picture.height), (64, 48));
    let first = picture.at(20, 20).unwrap_or_default();
    assert_eq!(picture.count((0, 0, 64, 48), first), 64 * 48, "a frame is torn");
}

#[test]
fn scripted_input_reaches_the_program() {
    use portico_tests::programs::Cell;
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let frames = directory.path().join("frames");
    let events = directory.path().join("events");
    let script = "100 key 4 1 0\n150 key 4 0 0\n200 text abc\n250 cursor 100 120 pressed 0\n300 cursor 100 120 released 0\n\
                  400 action Draw an animal\n700 close\n";
    std::fs::write(&events, script).unwrap_or_else(|error| panic!("{error}"));
    let arguments = [
        "--frames",
        &frames.display().to_string(),
        "--script",
        &events.display().to_string(),
    ];
    let run = headless(&mirror("Mirror", [1, 2, 3]), &arguments, LIMIT);
    assert_eq!(run.code, Some(121), "{run:?}");
    let last = std::fs::read_dir(&frames)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .max();
    let bytes = last.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    let picture = portico_tests::Picture::decode(&bytes).unwrap_or_else(|error| panic!("{error}"));
    let read = |cell: Cell| picture.at(cell.middle().0, cell.middle().1);
    assert_eq!(read(Cell::Marker), Some([1, 2, 3]));
    assert_eq!(read(Cell::Pressed), Some([4, 0, 0x77]));
    assert_eq!(read(Cell::KeyCounts), Some([1, 1, 0]));
    assert_eq!(read(Cell::Text), Some(*b"abc"));
    assert_eq!(read(Cell::Position), Some([100, 120, 0]));
    assert_eq!(read(Cell::Buttons), Some([1, 1, 1]));
    assert_eq!(read(Cell::Menu), Some([6, 1, 0x55]));
}
