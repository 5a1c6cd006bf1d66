//! The log and the console: commands 19 and 20.

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, Print, which};
use portico_portals::Level;

const AT: u32 = 0x6000;

fn log(probe: &mut Probe, which: u16, level: u8, set_name: u8, text: &str) {
    let print = Print {
        which: which.into(),
        level,
        set_name,
        text: list(text.len() as u32, FREE),
    };
    assert_eq!(probe.put(FREE, text.as_bytes()).put(AT, &print).send(1, AT).go(), [1]);
}

#[test]
fn a_log_follows_its_rules() {
    let mut probe = Probe::start();
    assert_eq!(probe.open(1, which::LOG, AT).go(), [1]);
    log(&mut probe, 7, 2, 0, "an unnamed index");
    log(&mut probe, 7, 0, 1, "na\tme");
    log(&mut probe, 7, 0b0101, 0, "two\nlines\u{1b}\n");
    // From now on only errors, and this very text is one too.
    log(&mut probe, 7, 0x80 | 0b1000, 0, "only errors");
    log(&mut probe, 7, 0b0111, 0, "not printed");
    log(&mut probe, 8, 0b0001, 0, "another index is as it was");
    log(&mut probe, 7, 0xF0, 0, "");
    log(&mut probe, 7, 0b0001, 0, "");
    let expected = [
        (Level::Info, "7", "an unnamed index"),
        (Level::Warning, "na\\tme", "two"),
        (Level::Warning, "na\\tme", "lines\\u{1b}"),
        (Level::Error, "na\\tme", "only errors"),
        (Level::Debug, "8", "another index is as it was"),
        (Level::Debug, "na\\tme", ""),
    ];
    let lines = probe.fakes.lines.lock().clone();
    let lines: Vec<_> = lines
        .iter()
        .map(|(level, name, text)| (*level, name.as_str(), text.as_str()))
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn of_a_text_64_kib_are_taken() {
    let mut probe = Probe::start();
    // The last character would end one byte too late.
    let text = ["a".repeat(65_535), "é".to_owned(), "b".repeat(10)].concat();
    let print = Print {
        which: 0.into(),
        level: 1,
        set_name: 0,
        text: list(text.len() as u32, FREE),
    };
    probe.put(FREE, text.as_bytes()).put(AT, &print);
    assert_eq!(probe.open(1, which::LOG, AT).go(), [1]);
    assert_eq!(probe.fakes.lines.lock()[0].2, "a".repeat(65_535));
}

#[test]
fn broken_messages_trap() {
    let print = Print {
        which: 0.into(),
        level: 1,
        set_name: 2,
        text: list(0, 0),
    };
    let report = Probe::start().put(AT, &print).open(1, which::LOG, AT).trap();
    assert!(
        report.details.contains("`set_name`") && report.details.contains("0x6003"),
        "{report:?}"
    );
    let print = Print {
        set_name: 0,
        text: list(3, FREE),
        ..print
    };
    let report = Probe::start()
        .put(FREE, b"a\xff\xff")
        .put(AT, &print)
        .open(1, which::LOG, AT)
        .trap();
    assert!(
        report.details.contains("UTF-8") && report.details.contains("0x10001"),
        "{report:?}"
    );
}

#[test]
fn console_lines_arrive_one_by_one_in_every_channel() {
    let mut probe = Probe::start();
    assert!(!probe.window.chrome().console);
    probe.window.console_line("nobody reads yet");
    probe.put(AT, &list(9, FREE)).put(AT + 8, &list(1, FREE + 0x100));
    assert_eq!(
        probe.open(1, which::CONSOLE, AT).open(2, which::CONSOLE, AT + 8).go(),
        [0; 0]
    );
    assert!(probe.window.chrome().console);
    probe.window.console_line("abc");
    let mut ready = probe.wait();
    if ready.len() < 2 {
        ready.extend(probe.wait());
    }
    assert_eq!(ready, [1, 2]);
    assert_eq!(probe.text(AT), "abc");
    assert_eq!(probe.get::<portico_abi::List>(AT + 8), list(3, 0));
    // A line waits while there is no room for it.
    assert_eq!(probe.put(AT + 8, &list(3, FREE + 0x100)).send(2, AT + 8).go(), [2]);
    assert_eq!(probe.text(AT + 8), "abc");
    assert_eq!(probe.discard(1).discard(2).go(), [0; 0]);
    assert!(!probe.window.chrome().console);
    assert_eq!(probe.fakes.lines.lock().len(), 0);
    assert_eq!(probe.open(1, which::CONSOLE, 0).go(), [1 | CLOSED]);
}
