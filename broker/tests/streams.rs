//! Streams, long messages, and readers that don't read, over real sockets.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use portico_broker::server::Limits;
use portico_broker::wire::{ABORT, Code, DeliverChunk, DeliverMessage, FIRST, Failed, Kind, LAST, MESSAGE, PIECE};
use std::thread;
use support::{Raw, Running, chunk, each, message};

/// Bytes of which each tells its place.
fn pattern(from: u64, size: usize) -> Vec<u8> {
    (from..from + size as u64).map(|at| (at % 251) as u8).collect()
}

fn pair(connect: &dyn Fn() -> Raw) -> (Raw, Raw, u64, u64) {
    let (mut from, mut to) = (connect(), connect());
    let (source, destination) = (from.open_extended(0), to.open_extended(0));
    (from, to, source, destination)
}

#[test]
fn a_hundred_megabytes_go_through_a_broker_that_keeps_little() {
    each(|_, connect| {
        let (mut from, mut to, source, destination) = pair(connect);
        const SIZE: u64 = 100 << 20;
        let writing = thread::spawn(move || {
            let (mut at, mut n) = (0, 0);
            while at < SIZE {
                // Pieces of all sizes, some far longer than the broker keeps whole.
                let size = [1, 1000, 65_536, 65_537, 1 << 20, 3 << 20][n % 6].min(SIZE - at);
                let flags = if at == 0 { FIRST } else { 0 } | if at + size == SIZE { LAST } else { 0 };
                from.write(&chunk(source, destination, (9, at), flags, &pattern(at, size as usize)));
                (at, n) = (at + size, n + 1);
            }
            from
        });
        let mut next = 0;
        while next < SIZE {
            let (stream, offset, flags, data) = to.piece();
            assert_eq!((stream, offset), (9, next));
            assert!(data.len() <= PIECE);
            assert!(data == pattern(next, data.len()), "at {next}");
            assert_eq!(flags & FIRST != 0, next == 0);
            next += data.len() as u64;
            assert_eq!(flags & LAST != 0, next == SIZE);
        }
        writing.join().unwrap().quiet();
    });
}

#[test]
fn a_stream_has_no_holes() {
    each(|_, connect| {
        let (mut from, mut to, source, destination) = pair(connect);
        from.write(&chunk(source, destination, (1, 0), FIRST, b"abc"));
        assert_eq!(to.piece(), (1, 0, FIRST, b"abc".to_vec()));
        from.write(&chunk(source, destination, (1, 4), 0, b"e"));
        assert_eq!(to.piece(), (1, 3, ABORT, vec![]), "the receiver hears that it is over");
        assert_eq!(from.failed(), (Kind::SendChunk, destination, 0, Code::OutOfOrder));
        // What was on its way already is dropped without a word; a new stream may have the number again.
        from.write(&chunk(source, destination, (1, 3), LAST, b"d"));
        from.write(&chunk(source, destination, (1, 0), FIRST | LAST, b"again"));
        assert_eq!(to.piece(), (1, 0, FIRST | LAST, b"again".to_vec()));
        from.write(&chunk(source, destination, (2, 0), 0, b"no beginning"));
        assert_eq!(from.failed().3, Code::OutOfOrder);
        from.write(&chunk(source, destination, (3, u64::MAX), FIRST, b"x"));
        assert_eq!(from.failed().3, Code::OutOfOrder);
        to.quiet();
        from.quiet();
    });
}

#[test]
fn a_sender_may_abort() {
    each(|_, connect| {
        let (mut from, mut to, source, destination) = pair(connect);
        from.write(&chunk(source, destination, (1, 0), FIRST, b"abc"));
        from.write(&chunk(source, destination, (1, 3), ABORT, b""));
        assert_eq!(to.piece().2, FIRST);
        assert_eq!(to.piece(), (1, 3, ABORT, vec![]));
        from.write(&chunk(source, destination, (1, 3), 0, b"more"));
        assert_eq!(from.failed().3, Code::OutOfOrder);
    });
}

#[test]
fn a_stream_ends_when_either_side_goes() {
    each(|_, connect| {
        let (mut from, mut to, source, destination) = pair(connect);
        let half = chunk(source, destination, (1, 0), FIRST, b"half");
        from.write(&half);
        to.piece();
        assert_eq!(from.close(source), Code::Done);
        assert_eq!(to.piece(), (1, 4, ABORT, vec![]), "its port was closed");

        let source = from.open_extended(source);
        from.write(&half);
        to.piece();
        drop(from);
        assert_eq!(to.piece(), (1, 4, ABORT, vec![]), "its client has gone");

        let mut from = connect();
        from.open_extended(source);
        from.write(&half);
        to.piece();
        assert_eq!(to.close(destination), Code::Done);
        let (failed, _) = from.expect::<Failed>();
        assert_eq!(
            (failed.stream.get(), Code::of(failed.code)),
            (1, Some(Code::ReceiverGone))
        );
        // Told once: what it had sent already is dropped. After that the port isn't there.
        from.write(&chunk(source, destination, (1, 4), LAST, b"late"));
        from.quiet();
        from.write(&chunk(source, destination, (1, 0), FIRST, b"new"));
        assert_eq!(from.failed().3, Code::NoSuchPort);
    });
}

#[test]
fn a_sender_that_goes_in_the_middle_of_a_long_piece_leaves_an_abort() {
    each(|_, connect| {
        for flags in [FIRST | LAST, FIRST] {
            let (mut from, mut to, source, destination) = pair(connect);
            let long = chunk(source, destination, (1, 0), flags, &pattern(0, 1 << 20));
            from.write(&long[..300_000]);
            drop(from);
            let mut next = 0;
            loop {
                let (_, offset, flags, data) = to.piece();
                assert_eq!((offset, flags & LAST), (next, 0));
                next += data.len() as u64;
                if flags & ABORT != 0 {
                    break;
                }
            }
            assert_eq!(next, 300_000 - 48);
            to.quiet();
        }
    });
}

#[test]
fn old_clients_get_no_streams_and_whole_messages() {
    each(|_, connect| {
        let (mut from, mut old) = (connect(), connect());
        let (source, destination) = (from.open_extended(0), old.open(0));
        from.write(&chunk(source, destination, (1, 0), FIRST | LAST, b"abc"));
        assert_eq!(from.failed(), (Kind::SendChunk, destination, 0, Code::NotUnderstood));
        for size in [65_536, 65_552, 65_553, 1 << 20, 5 << 20] {
            let data = pattern(size as u64, size);
            from.send(source, destination, 0, &data);
            assert_eq!(old.receive(&data), (source, destination));
        }
    });
}

#[test]
fn a_long_message_comes_in_pieces_to_who_knows_them() {
    each(|_, connect| {
        let (mut from, mut to, source, destination) = pair(connect);
        let data = pattern(0, 1 << 20);
        let both = [
            message(source, destination, 42, &data),
            message(source, destination, 0, b"short"),
        ]
        .concat();
        let writing = thread::spawn(move || from.write(&both));
        let (mut got, mut stream) = (Vec::new(), None);
        while got.len() < data.len() {
            let (of, offset, flags, piece) = to.piece();
            assert_eq!(offset, got.len() as u64);
            assert_eq!(*stream.get_or_insert(of), of);
            assert_eq!(
                (flags & MESSAGE, of as u32),
                (MESSAGE, 42),
                "its tag is in the low half"
            );
            assert_eq!(flags & FIRST != 0, got.is_empty());
            got.extend(piece);
            assert_eq!(flags & LAST != 0, got.len() == data.len());
        }
        assert!(got == data);
        to.receive(b"short");
        writing.join().unwrap();
    });
}

#[test]
fn a_stalled_long_message_holds_up_nobody() {
    each(|_, connect| {
        let (mut slow, mut to, source, destination) = pair(connect);
        let mut old = connect();
        let old_port = old.open(0);
        slow.write(&message(source, destination, 0, &[1; 1 << 20])[..200_000]);
        let mut slow_to_old = connect();
        let of_slow = slow_to_old.open(0);
        slow_to_old.write(&message(of_slow, old_port, 0, &[1; 1 << 20])[..200_000]);
        let mut other = connect();
        let source = other.open(0);
        for port in [destination, old_port] {
            other.send(source, port, 0, b"past it");
        }
        old.receive(b"past it");
        loop {
            let (head, bytes) = to.frame();
            if head.kind == Kind::DeliverMessage {
                assert_eq!(&bytes[32..], b"past it");
                break;
            }
        }
        // A sender of half a message leaves nothing behind at a receiver that could not be told.
        drop(slow_to_old);
        old.quiet();
    });
}

#[test]
fn who_does_not_read_holds_up_only_who_sends_to_it() {
    each(|_, connect| {
        let (mut from, mut deaf) = (connect(), connect());
        let (source, deaf_port) = (from.open(0), deaf.open(0));
        let (mut other, mut to) = (connect(), connect());
        let (other_port, to_port) = (other.open(0), to.open(0));
        let one = message(source, deaf_port, 0, &pattern(0, 8192));
        let (begun, rest) = from.write_until_stuck(&one);
        assert!(
            (2..4096).contains(&begun),
            "{begun}, most of them in the system's buffers"
        );
        for n in 0..1000_u32 {
            other.send(other_port, to_port, n, &n.to_be_bytes());
            to.receive(&n.to_be_bytes());
        }
        // Nothing is lost: once it reads, all comes, and the sender goes on.
        let mut writer = from.twin();
        let writing = thread::spawn(move || writer.write(&rest));
        for _ in 0..begun {
            assert_eq!(deaf.expect::<DeliverMessage>().1, pattern(0, 8192));
        }
        writing.join().unwrap();
        deaf.quiet();
        from.quiet();
    });
}

#[test]
fn who_does_not_read_its_answers_is_read_no_more() {
    each(|_, connect| {
        let mut deaf = connect();
        let port = deaf.open(0);
        let nowhere = message(port, 1, 0, &[]);
        let (begun, rest) = deaf.write_until_stuck(&nowhere);
        assert!(begun < 1 << 20, "{begun}");
        connect().open(0);
        let mut writer = deaf.twin();
        let writing = thread::spawn(move || writer.write(&rest));
        for _ in 0..begun {
            assert_eq!(deaf.failed().3, Code::NoSuchPort);
        }
        writing.join().unwrap();
    });
}

#[test]
fn many_senders_to_one_lose_nothing() {
    each(|_, connect| {
        let mut to = connect();
        let destination = to.open(0);
        const EACH: u32 = 3000;
        let senders: Vec<_> = (0..8_u8)
            .map(|number| {
                let mut from = connect();
                let source = from.open(0);
                thread::spawn(move || {
                    for n in 0..EACH {
                        let mut data = vec![number; 1024];
                        data[1..5].copy_from_slice(&n.to_be_bytes());
                        from.send(source, destination, n, &data);
                    }
                    from
                })
            })
            .collect();
        let mut next = [0_u32; 8];
        for _ in 0..8 * EACH {
            let (_, data) = to.expect::<DeliverMessage>();
            let of = &mut next[usize::from(data[0])];
            assert_eq!(data[1..5], of.to_be_bytes());
            *of += 1;
        }
        for sender in senders {
            sender.join().unwrap().quiet();
        }
    });
}

#[test]
fn a_flood_does_not_starve_who_sends_little() {
    each(|_, connect| {
        let (mut to, mut little) = (connect(), connect());
        let (destination, source) = (to.open(0), little.open(0));
        let floods: Vec<_> = (0..7)
            .map(|_| {
                let mut from = connect();
                let port = from.open(0);
                let frames = message(port, destination, 0, &[0; 1024]).repeat(64);
                // Until the connection is closed.
                thread::spawn(move || while from.try_write(&frames).is_ok() {})
            })
            .collect();
        for _ in 0..20 {
            little.send(source, destination, 0, b"please");
            // What the system has taken in already, for all of them, comes first.
            let before = (0..65_536).find(|_| to.expect::<DeliverMessage>().0.source.get() == source);
            assert!(before.is_some());
        }
        // Whoever still sends is told, until it is killed with the broker.
        drop((to, little, floods));
    });
}

#[test]
fn streams_and_messages_to_one_port_take_turns() {
    each(|_, connect| {
        let (mut from, mut to, source, destination) = pair(connect);
        let writing = thread::spawn(move || {
            from.write(&chunk(source, destination, (1, 0), FIRST | LAST, &vec![0; 64 << 20]));
            from
        });
        to.piece();
        let mut other = connect();
        let source = other.open(0);
        other.send(source, destination, 0, b"between");
        let (mut pieces, mut between) = (1, None);
        loop {
            let (head, bytes) = to.frame();
            if head.kind == Kind::DeliverMessage {
                between = Some(pieces);
                continue;
            }
            assert_eq!(head.kind, Kind::DeliverChunk);
            pieces += 1;
            if portico_broker::wire::whole::<DeliverChunk>(head, &bytes)
                .unwrap()
                .0
                .flags
                .get()
                & LAST
                != 0
            {
                break;
            }
        }
        assert!(between.unwrap() < pieces - 100, "after {between:?} of {pieces} pieces");
        drop(writing.join().unwrap());
    });
}

#[test]
fn streams_are_counted() {
    let broker = Running::new(
        Vec::new(),
        Limits {
            streams: 2,
            ..Limits::default()
        },
    );
    let (mut from, mut to, source, destination) = pair(&|| broker.local());
    for stream in 0..2 {
        from.write(&chunk(source, destination, (stream, 0), FIRST, b"x"));
        to.piece();
    }
    from.write(&chunk(source, destination, (2, 0), FIRST, b"x"));
    assert_eq!(from.failed().3, Code::TooMany);
    from.write(&chunk(source, destination, (0, 1), LAST, b""));
    to.piece();
    from.write(&chunk(source, destination, (3, 0), FIRST, b"x"));
    assert_eq!(to.piece().0, 3);
}
