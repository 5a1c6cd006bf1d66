//! Ports of the message broker (57), and objects that are resolved to them (58).

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, Port, PortOp, Resolve, which};
use portico_kernel::{Code, Failure, Permission};
use portico_portals::fakes::FakePort;
use portico_portals::{Part, PortEvent};
use std::mem::offset_of;
use std::sync::Arc;

const AT: u32 = 0x6000;
const SENT: u32 = 0x6100;
/// Where the list of a message lies that is posted at [`AT`].
const BODY: u32 = AT + offset_of!(Port, body) as u32;
/// Where what comes is written.
const ROOM: u32 = FREE + 0x1000;
const OWN: u64 = 500;
const PEER: u64 = u64::MAX - 1;

fn of(op: PortOp) -> Port {
    Port {
        op: op.number().into(),
        peer: PEER.into(),
        ..Port::default()
    }
}

/// Posts room for so many bytes.
fn post(probe: &mut Probe, op: PortOp, room: u32) {
    probe.put(
        AT,
        &Port {
            port: 2917.into(),
            body: list(room, ROOM),
            ..of(op)
        },
    );
}

/// Puts what is to be sent into memory.
fn say(probe: &mut Probe, op: PortOp, stream: u32, offset: u64, body: &str) {
    let text = list(body.len() as u32, FREE);
    probe.put(FREE, body.as_bytes()).put(
        SENT,
        &Port {
            stream: stream.into(),
            offset: offset.into(),
            body: text,
            ..of(op)
        },
    );
}

/// A program with an open port.
fn opened() -> (Probe, Arc<parking_lot::Mutex<FakePort>>) {
    let mut probe = Probe::start();
    post(&mut probe, PortOp::Open, 64);
    assert_eq!(probe.open(1, which::PORT, AT).go(), [0; 0]);
    let mail = Arc::clone(&probe.fakes.ports.lock()[0]);
    assert_eq!(mail.lock().wanted, 2917);
    mail.lock().push(PortEvent::Opened(OWN));
    assert_eq!(probe.wait(), [1]);
    let got: Port = probe.get(AT);
    assert_eq!((got.op.get(), got.port.get()), (PortOp::Open.number(), OWN));
    (probe, mail)
}

fn came(part: Option<Part>, body: &str) -> PortEvent {
    PortEvent::Message {
        peer: PEER,
        part,
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn messages_go_both_ways() {
    let (mut probe, mail) = opened();
    say(&mut probe, PortOp::Send, 0, 0, "hello");
    let ready = probe.send(1, SENT).send(1, AT).go();
    assert_eq!(ready, [1], "there is room, so the next can follow at once");
    let got: Port = probe.get(AT);
    assert_eq!(
        (got.op.get(), got.port.get(), got.peer.get()),
        (PortOp::Send.number(), OWN, PEER)
    );
    assert_eq!(mail.lock().sent, [(PEER, None, b"hello".to_vec())]);
    // What comes is written where the last message was posted, each in a call of its own and in order.
    post(&mut probe, PortOp::Message, 64);
    probe.send(1, AT).go();
    mail.lock().events.extend([came(None, "one"), came(None, "")]);
    mail.lock().push(came(None, "three"));
    for wanted in ["one", "", "three"] {
        assert_eq!(probe.wait(), [1]);
        let got: Port = probe.get(AT);
        assert_eq!(
            (got.op.get(), got.port.get(), got.peer.get()),
            (PortOp::Message.number(), OWN, PEER)
        );
        assert_eq!(probe.text(BODY), wanted);
    }
}

#[test]
fn a_stream_goes_both_ways() {
    let (mut probe, mail) = opened();
    say(&mut probe, PortOp::SendPart, 7, 0, "abc");
    probe.send(1, SENT).go();
    say(&mut probe, PortOp::SendPart, 7 | Port::LAST, 3, "");
    probe.send(1, SENT).go();
    say(&mut probe, PortOp::SendPart, 8 | Port::ABORT, 0, "");
    post(&mut probe, PortOp::Message, 64);
    probe.send(1, SENT).send(1, AT).go();
    let part = |stream, offset, last, aborted| {
        Some(Part {
            stream,
            offset,
            last,
            aborted,
        })
    };
    let sent = [
        (PEER, part(7, 0, false, false), b"abc".to_vec()),
        (PEER, part(7, 3, true, false), Vec::new()),
        (PEER, part(8, 0, false, true), Vec::new()),
    ];
    assert_eq!(mail.lock().sent, sent);
    for (part, stream) in [
        (part(1, 1 << 40, false, false), 1),
        (part(1, 5, true, false), 1 | Port::LAST),
        (part(2, 9, false, true), 2 | Port::ABORT),
    ] {
        mail.lock().push(came(part, "xy"));
        assert_eq!(probe.wait(), [1]);
        let got: Port = probe.get(AT);
        assert_eq!((got.op.get(), got.stream.get()), (PortOp::Part.number(), stream));
        assert_eq!(
            (Some(got.offset.get()), probe.text(BODY)),
            (part.map(|part| part.offset), "xy".to_owned())
        );
    }
}

#[test]
fn what_was_not_delivered_is_told() {
    let (mut probe, mail) = opened();
    for (stream, op, told) in [(None, PortOp::Lost, 3), (Some(9), PortOp::StreamLost, 9)] {
        mail.lock().push(PortEvent::Lost {
            peer: PEER,
            stream,
            count: 3,
            code: Code::Unavailable,
        });
        assert_eq!(probe.wait(), [1]);
        let got: Port = probe.get(AT);
        assert_eq!(
            (got.op.get(), got.stream.get(), got.offset.get()),
            (op.number(), told, Code::Unavailable as u64)
        );
        assert_eq!((got.port.get(), got.peer.get()), (OWN, PEER));
    }
}

#[test]
fn who_sends_waits_for_room_and_is_told_once() {
    let (mut probe, mail) = opened();
    mail.lock().room = false;
    say(&mut probe, PortOp::Send, 0, 0, "a");
    post(&mut probe, PortOp::Message, 64);
    assert_eq!(probe.send(1, SENT).send(1, SENT).send(1, AT).go(), [0; 0]);
    assert_eq!(mail.lock().sent.len(), 2, "it is handed on all the same");
    // What comes meanwhile is not held up.
    mail.lock().push(came(None, "news"));
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(BODY), "news");
    let mut held = mail.lock();
    held.room = true;
    held.waker.ready();
    drop(held);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<Port>(AT).op.get(), PortOp::Send.number());
    assert_eq!(probe.go(), [0; 0], "once for both");
}

#[test]
fn what_does_not_fit_waits_and_nothing_is_sent_twice() {
    let (mut probe, mail) = opened();
    let long = "x".repeat(100);
    mail.lock().push(came(None, &long));
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<Port>(AT).body, list(100, 0));
    // Until there is more room, what is sent is not looked at, and only once there is, what came comes.
    say(&mut probe, PortOp::Send, 0, 0, "a");
    assert_eq!(probe.send(1, SENT).go(), [0; 0]);
    assert_eq!(mail.lock().sent, []);
    post(&mut probe, PortOp::Message, 100);
    assert_eq!(probe.send(1, AT).go(), [1]);
    assert_eq!(
        (probe.text(BODY), probe.get::<Port>(AT).op.get()),
        (long, PortOp::Message.number())
    );
}

#[test]
fn a_port_that_is_not_open_sends_nothing() {
    let mut probe = Probe::start();
    post(&mut probe, PortOp::Send, 0);
    assert_eq!(probe.fails(which::PORT, AT), Code::Invalid);
    post(&mut probe, PortOp::Message, 0);
    assert_eq!(probe.fails(which::PORT, AT), Code::Invalid);
    post(&mut probe, PortOp::Open, 0);
    probe.put(AT, &7_u32.to_le_bytes());
    assert_eq!(probe.fails(which::PORT, AT), Code::Unsupported);
    assert!(probe.fakes.ports.lock().is_empty());
    // Nor does one that is being opened.
    post(&mut probe, PortOp::Open, 0);
    say(&mut probe, PortOp::Send, 0, 0, "a");
    assert_eq!(probe.open(1, which::PORT, AT).send(1, SENT).go(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Invalid);
    assert!(probe.fakes.ports.lock()[0].lock().closed);
}

#[test]
fn what_is_sent_has_limits_and_makes_sense() {
    let (mut probe, _) = opened();
    probe.put(
        SENT,
        &Port {
            body: list((64 << 20) + 1, FREE),
            ..of(PortOp::Send)
        },
    );
    assert_eq!(probe.send(1, SENT).go(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Limit);
    let (mut probe, _) = opened();
    say(&mut probe, PortOp::SendPart, Port::LAST | Port::ABORT, 0, "");
    assert_eq!(probe.send(1, SENT).go(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Invalid);
    let (mut probe, _) = opened();
    probe.put(
        SENT,
        &Port {
            body: list(8, u32::MAX - 4),
            ..of(PortOp::Send)
        },
    );
    assert!(probe.send(1, SENT).trap().details.contains("body"));
}

#[test]
fn a_port_ends_with_its_channel_and_a_channel_with_its_port() {
    let (mut probe, mail) = opened();
    probe.discard(1).go();
    assert!(mail.lock().closed);
    let (mut probe, mail) = opened();
    let mut held = mail.lock();
    held.events.push_back(came(None, "last words"));
    held.failure = Some(Failure::new(Code::Disconnected, "the broker has gone"));
    held.waker.ready();
    drop(held);
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(BODY), "last words");
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Disconnected);
}

#[test]
fn a_port_that_is_taken_back_is_closed() {
    let (mut probe, mail) = opened();
    probe.process.revoke(&Permission::whole("ports"));
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Revoked);
    assert!(mail.lock().closed);
}

#[test]
fn ports_and_objects_need_the_users_word() {
    let mut probe = Probe::without(&["ports"]);
    post(&mut probe, PortOp::Open, 0);
    assert_eq!(probe.fails(which::PORT, AT), Code::Denied);
    ask(&mut probe, "a:b:c");
    assert_eq!(probe.fails(which::RESOLVE, AT), Code::Denied);
    assert!(probe.fakes.ports.lock().is_empty() && probe.fakes.objects.lock().is_empty());
}

fn ask(probe: &mut Probe, object: &str) {
    let text = list(object.len() as u32, FREE);
    probe.put(FREE, object.as_bytes()).put(
        AT,
        &Resolve {
            object: text,
            port: 0.into(),
        },
    );
}

#[test]
fn an_object_is_resolved_to_its_port() {
    let mut probe = Probe::start();
    ask(&mut probe, "org.example.notes::1");
    assert_eq!(probe.open(1, which::RESOLVE, AT).go(), [0; 0]);
    let (object, told) = probe.fakes.objects.lock().remove(0);
    assert_eq!(object, "org.example.notes::1");
    told.give(Ok(OWN));
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<Resolve>(AT).port.get(), OWN);
    ask(&mut probe, "nothing");
    assert_eq!(probe.send(1, AT).go(), [0; 0]);
    let (_, told) = probe.fakes.objects.lock().remove(0);
    told.failed(Code::Invalid, "that is no id of an object");
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Invalid);
}
