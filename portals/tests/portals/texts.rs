//! Values that do not fit, on texts that the host really has: OS name (8), user name (11), arguments (60), languages (13).

use crate::probe::{FREE, Probe, list};
use portico_abi::{List, which};
use portico_kernel::{Code, Permission};

const AT: u32 = 0x6000;

/// The length that is needed, told by a message without room.
fn needed(probe: &mut Probe, channel: u32, which: u32) -> u32 {
    assert_eq!(
        probe.put(AT, &list(99, 0)).open(channel, which, AT).go(),
        [channel],
        "`data` 0 has no room"
    );
    let told: List = probe.get(AT);
    assert!(told.size.get() > 0 && told.data.get() == 0, "command {which}: {told:?}");
    told.size.get()
}

#[test]
fn a_text_that_does_not_fit_is_told_and_kept() {
    for which in [which::OS_NAME, which::USER_NAME, which::LANGUAGE, which::ARGUMENTS] {
        let mut probe = Probe::start();
        let size = needed(&mut probe, 1, which);
        // Ready once and not again, until there is more room.
        assert_eq!(probe.go(), [0; 0]);
        probe.put(FREE, &[0xEE_u8; 4096]);
        if size > 1 {
            assert_eq!(probe.put(AT, &list(size - 1, FREE)).send(1, AT).go(), [1]);
            let told: List = probe.get(AT);
            assert_eq!((told.size.get(), told.data.get()), (size, 0), "command {which}");
            assert_eq!(
                probe.get::<[u8; 4096]>(FREE),
                [0xEE; 4096],
                "nothing is written but that"
            );
        }
        assert_eq!(probe.put(AT, &list(size + 1, FREE)).send(1, AT).go(), [1]);
        let told: List = probe.get(AT);
        assert_eq!((told.size.get(), told.data.get()), (size, FREE), "command {which}");
        let element = if which == which::LANGUAGE { 4 } else { 1 };
        let written: [u8; 4096] = probe.get(FREE);
        let end = (size * element) as usize;
        assert!(!written[..end].contains(&0xEE) && written[end..].iter().all(|byte| *byte == 0xEE));
    }
}

#[test]
fn states_do_not_repeat_and_answers_do() {
    let mut probe = Probe::start();
    probe
        .put(AT, &list(2000, FREE))
        .open(1, which::OS_NAME, AT)
        .open(2, which::USER_NAME, AT + 8);
    probe.put(AT + 8, &list(2000, FREE + 2000));
    assert_eq!(probe.go(), [1, 2]);
    assert!(!probe.text(AT).is_empty() && !probe.text(AT + 8).is_empty());
    probe.put(AT, &list(2000, FREE)).put(AT + 8, &list(2000, FREE + 2000));
    assert_eq!(
        probe.send(1, AT).send(2, AT + 8).go(),
        [1],
        "nobody has another name now"
    );
}

#[test]
fn arguments_are_lines() {
    let mut probe = Probe::start();
    assert_eq!(probe.put(AT, &list(2000, FREE)).open(1, which::ARGUMENTS, AT).go(), [1]);
    assert_eq!(probe.text(AT), "first\nĉu");
}

#[test]
fn random_fills_the_whole_buffer() {
    let mut probe = Probe::start();
    probe.put(AT, &list(64, FREE));
    assert_eq!(probe.open(1, which::RANDOM, AT).go(), [1]);
    let (first, behind): ([u8; 64], [u8; 64]) = (probe.get(FREE), probe.get(FREE + 64));
    assert_eq!(probe.get::<List>(AT), list(64, FREE));
    assert!(first != [0; 64] && behind == [0; 64]);
    assert_eq!(probe.send(1, AT).go(), [1]);
    assert_ne!(probe.get::<[u8; 64]>(FREE), first);
}

#[test]
fn buffers_outside_memory_trap() {
    for message in [list(5, u32::MAX - 3), list(u32::MAX, 8), list(1, crate::probe::MEMORY)] {
        let report = Probe::start().put(AT, &message).open(1, which::OS_NAME, AT).trap();
        assert!(
            report.summary.contains("OS name") && report.details.contains("leaves memory"),
            "{report:?}"
        );
    }
}

#[test]
fn without_a_grant_a_portal_is_denied_and_revoking_closes() {
    let mut probe = Probe::without(&["system"]);
    assert_eq!(probe.put(AT, &list(9, FREE)).fails(which::OS_NAME, AT), Code::Denied);
    assert_eq!(probe.open(1, which::KEYS, AT).go(), [0; 0]);
    probe.process.revoke(&Permission::whole("keys"));
    assert_eq!(probe.wait(), [1 | portico_abi::CLOSED]);
    assert_eq!(probe.why(1), Code::Revoked);
}
