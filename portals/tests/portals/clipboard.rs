//! The clipboard (50).

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, Clipboard, ClipboardOp, List, which};
use portico_kernel::{Code, Permission};
use portico_portals::WindowState;

const AT: u32 = 0x6000;

fn write(probe: &mut Probe, text: &str) {
    let message = Clipboard {
        op: ClipboardOp::Write.number().into(),
        text: list(text.len() as u32, FREE),
    };
    probe.put(FREE, text.as_bytes()).put(AT, &message);
}

fn read(probe: &mut Probe, room: u32) {
    probe.put(
        AT,
        &Clipboard {
            op: ClipboardOp::Read.number().into(),
            text: list(room, FREE + 0x1000),
        },
    );
}

/// Has the probe make its call and waits until something is ready.
fn ready(probe: &mut Probe) -> Vec<u32> {
    let ready = probe.go();
    if ready.is_empty() { probe.wait() } else { ready }
}

#[test]
fn what_is_written_is_read() {
    let mut probe = Probe::start();
    read(&mut probe, 64);
    probe.open(1, which::CLIPBOARD, AT);
    assert_eq!(ready(&mut probe), [1]);
    assert_eq!(probe.text(AT + 4), "", "nothing is on it yet");
    write(&mut probe, "ĉu ne?\n");
    probe.send(1, AT);
    assert_eq!(ready(&mut probe), [1]);
    read(&mut probe, 64);
    probe.send(1, AT);
    assert_eq!(ready(&mut probe), [1]);
    assert_eq!(probe.text(AT + 4), "ĉu ne?\n");
}

#[test]
fn a_text_that_does_not_fit_is_kept_until_there_is_room() {
    let mut probe = Probe::start();
    write(&mut probe, "four");
    probe.open(1, which::CLIPBOARD, AT);
    assert_eq!(ready(&mut probe), [1]);
    read(&mut probe, 3);
    probe.send(1, AT);
    assert_eq!(ready(&mut probe), [1]);
    assert_eq!(probe.get::<List>(AT + 4), list(4, 0));
    // The request is not made twice: what somebody else has written meanwhile does not count.
    write(&mut probe, "somebody else");
    probe.open(2, which::CLIPBOARD, AT);
    assert_eq!(ready(&mut probe), [2]);
    read(&mut probe, 4);
    probe.send(1, AT);
    assert_eq!(ready(&mut probe), [1]);
    assert_eq!(probe.text(AT + 4), "four");
}

#[test]
fn another_windows_clipboard_can_be_written_but_is_read_only_where_the_user_allows_it() {
    let mut probe = Probe::without(&["clipboard-unfocused"]);
    write(&mut probe, "secret");
    probe.open(1, which::CLIPBOARD, AT);
    assert_eq!(ready(&mut probe), [1]);
    probe.window.state(WindowState {
        focused: false,
        ..WindowState::default()
    });
    read(&mut probe, 64);
    assert_eq!(probe.open(2, which::CLIPBOARD, AT).go(), [2 | CLOSED]);
    assert_eq!(probe.why(2), Code::Denied);
    write(&mut probe, "public");
    probe.send(1, AT);
    assert_eq!(ready(&mut probe), [1]);
    probe.window.state(WindowState::default());
    read(&mut probe, 64);
    probe.send(1, AT);
    assert_eq!(ready(&mut probe), [1]);
    assert_eq!(probe.text(AT + 4), "public");

    let mut probe = Probe::start();
    probe.window.state(WindowState {
        focused: false,
        ..WindowState::default()
    });
    read(&mut probe, 64);
    probe.open(1, which::CLIPBOARD, AT);
    assert_eq!(ready(&mut probe), [1]);
    // What was allowed is taken back: the channel that has used it goes.
    probe.process.revoke(&Permission::whole("clipboard-unfocused"));
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Revoked);
}

#[test]
fn wrong_messages_are_refused() {
    let mut probe = Probe::without(&["clipboard"]);
    read(&mut probe, 64);
    assert_eq!(probe.fails(which::CLIPBOARD, AT), Code::Denied);
    let mut probe = Probe::start();
    probe.put(
        AT,
        &Clipboard {
            op: 2.into(),
            text: list(0, 0),
        },
    );
    assert_eq!(probe.fails(which::CLIPBOARD, AT), Code::Unsupported);
    probe.put(
        AT,
        &Clipboard {
            op: 1.into(),
            text: list(17 << 20, FREE),
        },
    );
    assert_eq!(probe.fails(which::CLIPBOARD, AT), Code::Limit);
    probe.put(FREE, &[0xFF_u8]).put(
        AT,
        &Clipboard {
            op: 1.into(),
            text: list(1, FREE),
        },
    );
    probe.open(1, which::CLIPBOARD, AT);
    assert!(probe.trap().details.contains("text"));
}
