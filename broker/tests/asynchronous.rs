//! The asynchronous client library, against a broker: two clients on one thread, which would stop if either blocked.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use async_io::Timer;
use futures_lite::{AsyncReadExt, AsyncWriteExt, future};
use portico_broker::Service;
use portico_broker::client::asynchronous::Client;
use portico_broker::client::{Address, Broken, Error, Event, Lost, Message, Piece};
use portico_broker::server::Limits;
use portico_broker::wire::{Code, OpenPort};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Instant;
use support::{Between, MOMENT, PATIENCE, Running};

/// Runs a test with two clients, over each transport, with a port each.
fn each(test: impl AsyncFn(Client, u64, Client, u64)) {
    let broker = Running::new(Vec::new(), Limits::default());
    for address in [Address::Tcp(broker.address), Address::Socket(broker.socket.clone())] {
        future::block_on(async {
            let (mut one, mut two) = (
                Client::connect(&address).await.unwrap(),
                Client::connect(&address).await.unwrap(),
            );
            let (of_one, of_two) = (one.open(0).await.unwrap(), two.open(0).await.unwrap());
            test(one, of_one, two, of_two).await;
        });
    }
}

async fn message(client: &mut Client) -> Message {
    match client.receive(Some(PATIENCE)).await.unwrap() {
        Some(Event::Message(message)) => message,
        other => panic!("{other:?}"),
    }
}

async fn lost(client: &mut Client) -> Lost {
    match client.receive(Some(PATIENCE)).await.unwrap() {
        Some(Event::Lost(lost)) => lost,
        other => panic!("{other:?}"),
    }
}

async fn piece(client: &mut Client) -> Piece {
    match client.receive(Some(PATIENCE)).await.unwrap() {
        Some(Event::Piece(piece)) => piece,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_is_answered_and_others_wait_for_their_turn() {
    each(async |mut one, of_one, mut two, of_two| {
        let serving = two.run(async |two, event| {
            let Event::Message(asked) = event else {
                panic!("{event:?}")
            };
            two.send(asked.destination, asked.source, &[&b"re: "[..], &asked.data].concat())
                .await?;
            Ok(if asked.data == b"end" {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        });
        let asking = async {
            one.send(of_one, of_one, b"to myself").await?;
            for text in ["one", "two", "end"] {
                let answer = one.request(of_one, of_two, text.as_bytes(), PATIENCE).await?;
                assert_eq!(answer.data, format!("re: {text}").as_bytes());
            }
            assert_eq!(message(&mut one).await.data, b"to myself");
            Ok::<(), Error>(())
        };
        future::try_zip(serving, asking).await.unwrap();
        drop(two);
        // The broker may notice it a moment later; what was sent until then is lost with it.
        let until = Instant::now() + PATIENCE;
        loop {
            match one.request(of_one, of_two, b"?", MOMENT).await {
                Err(Error::TimedOut) => assert!(Instant::now() < until, "its port is not freed"),
                refused => break assert!(matches!(refused, Err(Error::Refused(Code::NoSuchPort))), "{refused:?}"),
            }
        }
    });
}

#[test]
fn waiting_ends_in_time() {
    each(async |mut one, of_one, _two, of_two| {
        assert_eq!(one.poll().await.unwrap(), None);
        let before = Instant::now();
        assert_eq!(one.receive(Some(MOMENT)).await.unwrap(), None);
        assert!(
            (MOMENT..MOMENT * 10).contains(&before.elapsed()),
            "{:?}",
            before.elapsed()
        );
        assert!(matches!(
            one.request(of_one, of_two, b"?", MOMENT).await,
            Err(Error::TimedOut)
        ));
    });
}

#[test]
fn what_is_lost_has_its_tag() {
    each(async |mut one, of_one, _two, _| {
        assert!(matches!(one.open(of_one).await, Err(Error::Refused(Code::Taken))));
        assert!(matches!(one.close(3).await, Err(Error::Refused(Code::NoSuchPort))));
        let tag = one.send(of_one, 3, b"?").await.unwrap();
        let Lost {
            destination,
            stream,
            tag: of,
            code,
            ..
        } = lost(&mut one).await;
        assert_eq!((destination, stream, of, code), (3, None, tag, Code::NoSuchPort));
        one.close(of_one).await.unwrap();
        one.send(of_one, 3, b"?").await.unwrap();
        assert_eq!(lost(&mut one).await.code, Code::NotYours);
    });
}

#[test]
fn two_that_flood_each_other_do_not_wait_for_ever() {
    each(async |mut one, of_one, mut two, of_two| {
        async fn flood(client: &mut Client, from: u64, to: u64) {
            for n in 0..300_u32 {
                client
                    .send(from, to, &[&n.to_be_bytes()[..], &[0; 90_000]].concat())
                    .await
                    .unwrap();
            }
            for n in 0..300_u32 {
                let got = message(client).await;
                assert_eq!((&got.data[..4], got.data.len()), (&n.to_be_bytes()[..], 90_004));
            }
        }
        future::zip(flood(&mut one, of_one, of_two), flood(&mut two, of_two, of_one)).await;
    });
}

#[test]
fn a_stream_is_written_and_read_like_any_other() {
    each(async |mut one, of_one, mut two, of_two| {
        let data: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 241) as u8).collect();
        let writing = async {
            let mut stream = one.stream(of_one, of_two);
            stream.write_all(&data).await.unwrap();
            stream.flush().await.unwrap();
            stream.finish().await.unwrap();
            one.send(of_one, of_two, b"behind it").await.unwrap();
            let mut empty = one.stream(of_one, of_two);
            empty.close().await.unwrap();
            assert!(empty.write_all(b"more").await.is_err(), "it was closed");
        };
        let reading = async {
            let first = piece(&mut two).await;
            let mut got = Vec::new();
            two.read_stream(first).read_to_end(&mut got).await.unwrap();
            assert!(got == data);
            assert_eq!(message(&mut two).await.data, b"behind it");
            let empty = piece(&mut two).await;
            assert_eq!(two.read_stream(empty).read(&mut [0; 9]).await.unwrap(), 0);
        };
        future::zip(writing, reading).await;
    });
}

#[test]
fn a_stream_that_is_not_whole_says_so_to_both() {
    each(async |mut one, of_one, mut two, of_two| {
        let mut stream = one.stream(of_one, of_two);
        stream.write_all(b"not all").await.unwrap();
        drop(stream);
        let first = piece(&mut two).await;
        let mut got = Vec::new();
        let error = two.read_stream(first).read_to_end(&mut got).await.unwrap_err();
        assert_eq!((&*got, error.kind()), (&b"not all"[..], ErrorKind::BrokenPipe));

        let mut stream = one.stream(of_one, of_two);
        stream.write_all(b"again").await.unwrap();
        piece(&mut two).await;
        two.close(of_two).await.unwrap();
        let until = Instant::now() + PATIENCE;
        let error = loop {
            match stream.write_all(b"more").await {
                Ok(()) => assert!(Instant::now() < until),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        assert!(error.to_string().contains("gone"), "{error}");
        assert!(stream.finish().await.is_err());
    });
}

#[test]
fn a_dropped_future_leaves_no_half_of_a_frame_and_takes_nothing_with_it() {
    each(async |mut one, of_one, mut two, of_two| {
        // Far more than the system takes in: nobody reads yet.
        let long = vec![7; 30_000_000];
        {
            let mut sending = pin!(one.send(of_one, of_two, &long));
            assert!(future::poll_once(&mut sending).await.is_none());
        }
        {
            let mut receiving = pin!(one.receive(None));
            assert!(future::poll_once(&mut receiving).await.is_none());
        }
        let after = async {
            one.send(of_one, of_two, b"behind it").await.unwrap();
            message(&mut one).await
        };
        let reading = async {
            assert!(message(&mut two).await.data == long);
            assert_eq!(message(&mut two).await.data, b"behind it");
            two.send(of_two, of_one, b"thanks").await.unwrap();
        };
        let (thanks, ()) = future::zip(after, reading).await;
        assert_eq!(thanks.data, b"thanks");
    });
}

#[test]
fn others_go_on_while_one_waits() {
    each(async |mut one, of_one, mut two, of_two| {
        // Whichever is first: a message that comes late, or a time that is over sooner.
        let late = async {
            Timer::after(MOMENT * 3).await;
            two.send(of_two, of_one, b"late").await.unwrap();
        };
        let waits = async {
            let first = future::or(async { Some(message(&mut one).await) }, async {
                Timer::after(MOMENT).await;
                None
            });
            assert_eq!(first.await, None);
            message(&mut one).await
        };
        let ((), got) = future::zip(late, waits).await;
        assert_eq!(got.data, b"late", "though a future that waited for it was dropped");
    });
}

#[test]
fn rights_and_names_are_those_of_the_blocking_client() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let public: String = key
        .verifying_key()
        .to_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let file = format!("type = \"org.example.echo\"\nports = [11001]\nkey = \"{public}\"");
    let broker = Running::new(vec![Service::parse(&file).unwrap()], Limits::default());
    let mut blocking = broker.client();
    let of_blocking = blocking.open(0).unwrap();
    future::block_on(async {
        let mut client = Client::connect(&Address::Tcp(broker.address)).await.unwrap();
        assert!(matches!(
            client.open(11_001).await,
            Err(Error::Refused(Code::NotPermitted))
        ));
        assert!(matches!(
            client.authenticate().await,
            Err(Error::Refused(Code::NotPermitted))
        ));
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
        assert!(matches!(
            client.prove(&other).await,
            Err(Error::Refused(Code::NotPermitted))
        ));
        client.prove(&key).await.unwrap();
        let port = client.open(11_001).await.unwrap();
        client.serve("org.example.echo", port).await.unwrap();
        assert_eq!(
            client
                .resolve(&"org.example.echo::x".parse().unwrap(), None)
                .await
                .unwrap(),
            port
        );
        let elsewhere = client
            .resolve(&"org.example.echo:there:x".parse().unwrap(), Some(MOMENT))
            .await;
        assert!(matches!(elsewhere, Err(Error::Refused(Code::Unavailable))));
        client.label("Echo").await.unwrap();
        let directory = client.directory().await.unwrap();
        assert_eq!(directory["ports"].as_array().unwrap().len(), 2);
        assert_eq!(directory["connections"][1]["label"], "Echo");

        let secret = client.open_private(0).await.unwrap();
        blocking.send(of_blocking, secret, b"may I?").unwrap();
        assert!(
            matches!(blocking.receive(Some(PATIENCE)), Ok(Some(Event::Lost(lost))) if lost.code == Code::NotPermitted)
        );
        client.send_right(port, of_blocking, secret, b"you may").await.unwrap();
        assert!(matches!(blocking.receive(Some(PATIENCE)), Ok(Some(Event::Message(of))) if of.right == Some(secret)));
        blocking.send(of_blocking, secret, b"thanks").unwrap();
        assert_eq!(message(&mut client).await.data, b"thanks");
    });
}

#[test]
fn who_connects_again_knows_what_was_lost() {
    let broker = Running::new(Vec::new(), Limits::default());
    let address = broker.address;
    future::block_on(async {
        let mut one = Client::connect(&Address::Tcp(address)).await.unwrap();
        let (kept, taken) = (one.open(4000).await.unwrap(), one.open(4001).await.unwrap());
        one.label("One").await.unwrap();
        let mut stream = one.stream(kept, taken);
        stream.write_all(b"half").await.unwrap();
        std::mem::forget(stream);
        let half = piece(&mut one).await.stream;
        drop(broker);
        assert!(matches!(
            one.receive(Some(PATIENCE)).await,
            Err(Error::Ended | Error::Connection(_))
        ));
        assert!(matches!(one.reconnect().await, Err(Error::Connection(_))));

        let broker = Running::at(address);
        let mut thief = broker.client();
        thief.open(taken).unwrap();
        let broken = one.reconnect().await.unwrap();
        assert_eq!(broken.ports, [(taken, Code::Taken)]);
        assert_eq!(broken.streams, [half, half], "as its sender and as its receiver");
        thief.send(taken, kept, b"there again").unwrap();
        assert_eq!(message(&mut one).await.data, b"there again");
        assert_eq!(broker.labelled("One"), 1);
    });
}

#[test]
fn who_fails_to_connect_again_loses_nothing_by_it() {
    let broker = Running::new(Vec::new(), Limits::default());
    let between = Between::new(broker.address);
    future::block_on(async {
        let mut one = Client::connect(&Address::Tcp(between.address)).await.unwrap();
        let mut other = Client::connect(&Address::Tcp(broker.address)).await.unwrap();
        let (of_other, secret) = (other.open(0).await.unwrap(), other.open_private(0).await.unwrap());
        let kept = [
            one.open(4000).await.unwrap(),
            one.open(4001).await.unwrap(),
            one.open(4002).await.unwrap(),
        ];
        let taken = one.open(3999).await.unwrap();
        other.send_right(of_other, kept[0], secret, b"yours").await.unwrap();
        assert_eq!(message(&mut one).await.right, Some(secret));
        let mut stream = one.stream(kept[0], of_other);
        stream.write_all(b"half").await.unwrap();
        std::mem::forget(stream);
        let half = piece(&mut other).await;

        // The connection ends in the middle of what opens the second port again, and later the last.
        let open = size_of::<OpenPort>();
        between.cut(open + 1);
        assert!(matches!(
            one.receive(Some(PATIENCE)).await,
            Err(Error::Ended | Error::Connection(_))
        ));
        let mut thief = broker.client();
        thief.open(taken).unwrap();
        for next in [open + 12, 3 * open - 1, usize::MAX] {
            assert!(matches!(
                one.reconnect().await,
                Err(Error::Ended | Error::Connection(_))
            ));
            between.cut(next);
        }
        let broken = one.reconnect().await.unwrap();
        let lost = (vec![(taken, Code::Taken)], vec![half.stream], vec![secret]);
        assert_eq!((broken.ports, broken.streams, broken.rights), lost);
        for port in kept {
            other.send(of_other, port, b"there again").await.unwrap();
            let got = message(&mut one).await;
            assert_eq!((got.destination, &*got.data), (port, &b"there again"[..]));
        }
        // And it is told once.
        between.cut(usize::MAX);
        assert!(matches!(
            one.receive(Some(PATIENCE)).await,
            Err(Error::Ended | Error::Connection(_))
        ));
        assert_eq!(one.reconnect().await.unwrap(), Broken::default());
    });
}

#[test]
fn what_was_sent_comes_though_its_sender_goes_at_once() {
    each(async |mut one, of_one, mut two, of_two| {
        for n in 0..5 {
            one.send(of_one, of_two, &[n; 40_000]).await.unwrap();
        }
        drop(one);
        for n in 0..5 {
            assert_eq!(message(&mut two).await.data, [n; 40_000]);
        }
        let until = Instant::now() + PATIENCE;
        while two.open(of_one).await.is_err() {
            assert!(Instant::now() < until, "its port is not freed");
        }
    });
}
