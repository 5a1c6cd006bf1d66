//! Starting other programs (53), and files that are dropped on the window (59).

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, Drop as Dropped, Launch, which};
use portico_kernel::Code;

const AT: u32 = 0x6000;

fn launch(probe: &mut Probe, arguments: &str) {
    let text = list(arguments.len() as u32, FREE);
    probe.put(FREE, arguments.as_bytes()).put(
        AT,
        &Launch {
            hash: [7; 32],
            arguments: text,
        },
    );
}

#[test]
fn a_launch_is_answered_when_the_program_starts() {
    let mut probe = Probe::start();
    launch(&mut probe, "one\ntwo");
    assert_eq!(probe.open(1, which::LAUNCH, AT).go(), [0; 0]);
    let (hash, arguments, launched) = probe.fakes.launches.lock().remove(0);
    assert_eq!((hash, arguments), ([7; 32], vec!["one".to_owned(), "two".to_owned()]));
    launched.done();
    assert_eq!(probe.wait(), [1]);
    // Without arguments there are none, rather than an empty one.
    launch(&mut probe, "");
    assert_eq!(probe.send(1, AT).go(), [0; 0]);
    let (_, arguments, launched) = probe.fakes.launches.lock().remove(0);
    assert!(arguments.is_empty());
    launched.failed(Code::Unavailable, "it is not installed");
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Unavailable);
}

#[test]
fn a_launch_that_nobody_answers_fails() {
    let mut probe = Probe::start();
    launch(&mut probe, "");
    assert_eq!(probe.open(1, which::LAUNCH, AT).go(), [0; 0]);
    probe.fakes.launches.lock().clear();
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Unavailable);
}

#[test]
fn a_launch_needs_the_users_word() {
    let mut probe = Probe::without(&["launch"]);
    launch(&mut probe, "");
    assert_eq!(probe.fails(which::LAUNCH, AT), Code::Denied);
    assert!(probe.fakes.launches.lock().is_empty());
}

#[test]
fn a_launch_with_wrong_or_endless_arguments_is_refused() {
    let mut probe = Probe::start();
    probe.put(
        AT,
        &Launch {
            hash: [0; 32],
            arguments: list(1 << 17, FREE),
        },
    );
    assert_eq!(probe.fails(which::LAUNCH, AT), Code::Limit);
    probe.put(FREE, &[0xFF_u8]).put(
        AT,
        &Launch {
            hash: [0; 32],
            arguments: list(1, FREE),
        },
    );
    probe.open(1, which::LAUNCH, AT);
    assert!(probe.trap().details.contains("arguments"));
}

#[test]
fn dropped_files_come_one_by_one() {
    let mut probe = Probe::start();
    assert!(!probe.window.chrome().drops);
    probe.put(
        AT,
        &Dropped {
            x: 0.0.into(),
            y: 0.0.into(),
            name: list(4, FREE),
        },
    );
    assert_eq!(probe.open(1, which::DROP, AT).go(), [0; 0]);
    assert!(
        probe.window.chrome().drops,
        "the shell knows that this program takes files"
    );
    probe.window.dropped(1.5, -2.0, "a.png");
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<Dropped>(AT).name, list(5, 0), "its name needs more room");
    probe.put(
        AT,
        &Dropped {
            x: 0.0.into(),
            y: 0.0.into(),
            name: list(64, FREE),
        },
    );
    assert_eq!(probe.send(1, AT).go(), [1]);
    let got: Dropped = probe.get(AT);
    assert_eq!(
        (got.x.get(), got.y.get(), probe.text(AT + 8)),
        (1.5, -2.0, "a.png".to_owned())
    );
    // The message stays posted: the next file comes into it by itself.
    probe.window.dropped(3.0, 4.0, "b");
    assert_eq!(probe.wait(), [1]);
    let got: Dropped = probe.get(AT);
    assert_eq!(
        (got.x.get(), got.y.get(), probe.text(AT + 8)),
        (3.0, 4.0, "b".to_owned())
    );
    probe.discard(1).go();
    assert!(!probe.window.chrome().drops);
}
