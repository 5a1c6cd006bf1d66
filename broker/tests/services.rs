//! Names, activation, imposters: services that are started, that prove who they are, and those that only claim to be.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use ed25519_dalek::SigningKey;
use portico_broker::client::{Address, Client, Error, Event};
use portico_broker::server::{Limits, OBJECT, TOKEN};
use portico_broker::wire::{
    Authenticate, Authenticated, Challenge, Code, FIRST, Fixed, Kind, LAST, Proof, Prove, Resolve, Resolved,
};
use portico_broker::{ObjectId, Service};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process};
use support::{PATIENCE, Running, chunk};

fn service(more: &str) -> Service {
    Service::parse(&format!("type = \"org.example.echo\"\nports = [11001]\n{more}")).unwrap()
}

/// A service whose process is a line of the system's shell.
fn script(line: &str) -> Service {
    let (shell, how) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    service(&format!("command = [{shell:?}, {how:?}, {line:?}]"))
}

/// A service whose process is [`process_of_a_service`], below.
fn started(each: &str, restart: &str, notes: &Path) -> Service {
    let this = env::current_exe().unwrap();
    service(&format!(
        "command = [{this:?}, \"--exact\", \"process_of_a_service\", \"--nocapture\"]\neach = {each:?}\nrestart = {restart:?}\n\
         [environment]\nTEST_NOTES = {notes:?}"
    ))
}

fn broker(services: Vec<Service>) -> Running {
    Running::new(services, Limits::default())
}

fn object(text: &str) -> ObjectId {
    text.parse().unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Code {
    match result {
        Err(Error::Refused(code)) => code,
        other => panic!("{other:?}"),
    }
}

/// What the broker starts: notes that it was, and echoes until it is told to end.
#[test]
fn process_of_a_service() {
    let Ok(notes) = env::var("TEST_NOTES") else { return };
    let token = env::var(TOKEN).unwrap();
    let object = env::var(OBJECT).ok();
    let mut file = OpenOptions::new().create(true).append(true).open(notes).unwrap();
    writeln!(file, "{token} {}", object.as_deref().unwrap_or("-")).unwrap();
    let mut client = Client::connect(&Address::from_environment()).unwrap();
    assert_eq!(refused(client.open(11_001)), Code::NotPermitted);
    client.authenticate().unwrap();
    let port = if object.is_some() {
        client.open(0)
    } else {
        client.open(11_001)
    }
    .unwrap();
    // Long enough that others ask meanwhile.
    thread::sleep(Duration::from_millis(200));
    client
        .serve(object.as_deref().unwrap_or("org.example.echo"), port)
        .unwrap();
    let ended = client.run(|client, event| {
        let Event::Message(asked) = event else {
            return Ok(ControlFlow::Continue(()));
        };
        client.send(asked.destination, asked.source, &asked.data)?;
        Ok(if asked.data == b"end" {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    });
    process::exit(i32::from(ended.is_err()));
}

#[test]
fn what_is_reserved_is_for_who_holds_the_key() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let public: String = key
        .verifying_key()
        .to_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let broker = broker(vec![service(&format!("key = {public:?}"))]);
    let (mut real, mut imposter) = (broker.client(), broker.local_client());
    for client in [&mut real, &mut imposter] {
        assert_eq!(refused(client.open(11_001)), Code::NotPermitted);
    }
    let port = imposter.open(0).unwrap();
    assert_eq!(refused(imposter.serve("org.example.echo", port)), Code::NotPermitted);
    assert_eq!(
        refused(imposter.serve("org.example.echo::one", port)),
        Code::NotPermitted
    );
    assert_eq!(
        refused(imposter.prove(&SigningKey::from_bytes(&[8; 32]))),
        Code::NotPermitted
    );
    real.prove(&key).unwrap();
    assert_eq!(real.open(11_001).unwrap(), 11_001);
    real.serve("org.example.echo", 11_001).unwrap();
    assert_eq!(
        imposter.resolve(&object("org.example.echo::one"), None).unwrap(),
        11_001
    );
    // The right that one connection has, another has not.
    assert_eq!(refused(imposter.open(11_001)), Code::NotPermitted);
}

#[test]
fn a_signature_is_good_for_its_challenge_only() {
    use ed25519_dalek::Signer;
    let key = SigningKey::from_bytes(&[7; 32]);
    let public: String = key
        .verifying_key()
        .to_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let broker = broker(vec![service(&format!("key = {public:?}"))]);
    let prove = Prove {
        key: key.verifying_key().to_bytes(),
        ..Default::default()
    };
    let mut first = broker.tcp();
    first.write(&prove.frame(&[]));
    let (challenge, _) = first.expect::<Challenge>();
    let signed = [portico_broker::wire::PROOF_CONTEXT, &challenge.nonce].concat();
    let proof = Proof {
        signature: key.sign(&signed).to_bytes(),
        ..Default::default()
    }
    .frame(&[]);
    let mut second = broker.tcp();
    // Without a challenge, and to another's.
    for step in [None, Some(prove)] {
        if let Some(prove) = step {
            second.write(&prove.frame(&[]));
            second.expect::<Challenge>();
        }
        second.write(&proof);
        assert_eq!(second.expect::<Authenticated>().0.code, Code::NotPermitted as u8);
    }
    first.write(&proof);
    assert_eq!(first.expect::<Authenticated>().0.code, Code::Done as u8);
    first.write(&proof);
    assert_eq!(first.expect::<Authenticated>().0.code, Code::NotPermitted as u8, "once");
}

#[test]
fn many_who_ask_share_one_start() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let broker = broker(vec![started("service", "when-needed", &notes)]);
    let asking: Vec<_> = (0..10)
        .map(|n| {
            let mut client = if n % 2 == 0 {
                broker.client()
            } else {
                broker.local_client()
            };
            thread::spawn(move || (client.resolve(&object(&format!("org.example.echo::{n}")), None), client))
        })
        .collect();
    let mut clients = Vec::new();
    for asked in asking {
        let (port, client) = asked.join().unwrap();
        assert_eq!(port.unwrap(), 11_001);
        clients.push(client);
    }
    let text = fs::read_to_string(&notes).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let client = &mut clients[0];
    let own = client.open(0).unwrap();
    assert_eq!(client.request(own, 11_001, b"hello", PATIENCE).unwrap().data, b"hello");
    // Its token was shown; nobody can show it again.
    let token = text.split(' ').next().unwrap();
    let mut raw = vec![0, 8, 17, 0, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0];
    raw.extend((0..16).map(|at| u8::from_str_radix(&token[2 * at..2 * at + 2], 16).unwrap()));
    let mut thief = broker.tcp();
    thief.write(&raw);
    assert_eq!(thief.expect::<Authenticated>().0.code, Code::NotPermitted as u8);
    raw[16..].fill(0);
    thief.write(&raw);
    assert_eq!(
        thief.expect::<Authenticated>().0.code,
        Code::NotPermitted as u8,
        "nor none"
    );
    // After its end it is started again when somebody asks, also while it is still ending.
    assert_eq!(client.request(own, 11_001, b"end", PATIENCE).unwrap().data, b"end");
    await_closed(client, 11_001);
    assert_eq!(client.resolve(&object("org.example.echo::x"), None).unwrap(), 11_001);
    assert_eq!(fs::read_to_string(&notes).unwrap().lines().count(), 2);
    assert_eq!(client.request(own, 11_001, b"end", PATIENCE).unwrap().data, b"end");
}

/// Waits until a port is closed.
fn await_closed(client: &mut Client, port: u64) {
    let until = Instant::now() + PATIENCE;
    while client.directory().unwrap()["ports"]
        .as_array()
        .unwrap()
        .iter()
        .any(|of| of["port"] == port)
    {
        assert!(Instant::now() < until);
    }
}

#[test]
fn who_asks_while_it_is_killed_gets_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let broker = broker(vec![started("service", "when-needed", &notes)]);
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    let echo = object("org.example.echo::x");
    // Twice only: it would rest after the third.
    for times in 1..3 {
        assert_eq!(client.resolve(&echo, None).unwrap(), 11_001);
        let connections = client.directory().unwrap()["connections"].clone();
        let of = |of: &&serde_json::Value| of["services"][0] == "org.example.echo";
        let connection = connections.as_array().unwrap().iter().find(of).unwrap().clone();
        let (kill, how): (_, &[_]) = if cfg!(windows) {
            ("taskkill", &["/F", "/PID"])
        } else {
            ("kill", &["-9"])
        };
        let killed = process::Command::new(kill)
            .args(how)
            .arg(connection["process"].to_string())
            .output();
        assert!(killed.unwrap().status.success());
        // Its port stays its own, though nobody has it now.
        await_closed(&mut client, 11_001);
        assert_eq!(refused(client.open(11_001)), Code::NotPermitted);
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let mut client = broker.client();
                let echo = echo.clone();
                thread::spawn(move || client.resolve(&echo, None))
            })
            .collect();
        for asked in asking {
            assert_eq!(asked.join().unwrap().unwrap(), 11_001);
        }
        assert_eq!(fs::read_to_string(&notes).unwrap().lines().count(), times + 1);
    }
    assert_eq!(client.request(own, 11_001, b"end", PATIENCE).unwrap().data, b"end");
}

#[test]
fn who_goes_while_it_waits_takes_nothing_from_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let broker = broker(vec![started("service", "when-needed", &folder.path().join("notes"))]);
    let echo = object("org.example.echo::x");
    let mut raw = broker.tcp();
    let text = echo.to_string();
    let size = (text.len() as u32).into();
    raw.write(
        &Resolve {
            size,
            ..Default::default()
        }
        .frame(text.as_bytes()),
    );
    assert_eq!(raw.expect::<Resolved>().0.code, Code::Starting as u8);
    // Half of those who ask have no time for it.
    let hasty = broker.client().resolve(&echo, Some(Duration::from_millis(1)));
    assert_eq!(refused(hasty), Code::TimedOut);
    let mut stays = broker.client();
    drop(raw);
    assert_eq!(stays.resolve(&echo, None).unwrap(), 11_001);
    let own = stays.open(0).unwrap();
    assert_eq!(stays.request(own, 11_001, b"end", PATIENCE).unwrap().data, b"end");
}

#[test]
fn an_imposter_gets_nothing_of_a_service_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let broker = broker(vec![started("service", "when-needed", &notes)]);
    let (mut client, mut imposter) = (broker.client(), broker.local_client());
    let (own, of_imposter) = (client.open(0).unwrap(), imposter.open(0).unwrap());
    assert_eq!(client.resolve(&object("org.example.echo::x"), None).unwrap(), 11_001);
    assert_eq!(refused(imposter.open(11_001)), Code::NotPermitted);
    assert_eq!(refused(imposter.close(11_001)), Code::NotYours);
    assert_eq!(refused(imposter.serve("org.example.echo", 11_001)), Code::NotYours);
    assert_eq!(
        refused(imposter.serve("org.example.echo::x", of_imposter)),
        Code::NotPermitted
    );
    // Nor can it speak in its name, or begin a stream in it.
    imposter.send(11_001, own, b"I am the echo").unwrap();
    let lost = imposter.receive(Some(PATIENCE)).unwrap();
    assert!(
        matches!(lost, Some(Event::Lost(lost)) if lost.code == Code::NotYours),
        "{lost:?}"
    );
    let mut raw = broker.tcp();
    raw.write(&chunk(11_001, own, (1, 0), FIRST | LAST, b"I am the echo"));
    assert_eq!(raw.failed(), (Kind::SendChunk, own, 0, Code::NotYours));
    assert_eq!(
        client.request(own, 11_001, b"still you?", PATIENCE).unwrap().data,
        b"still you?"
    );
    assert_eq!(client.poll().unwrap(), None);
    assert_eq!(client.request(own, 11_001, b"end", PATIENCE).unwrap().data, b"end");
}

#[test]
fn a_token_ends_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let token_of = if cfg!(windows) {
        "%PORTICO_BROKER_TOKEN%"
    } else {
        "$PORTICO_BROKER_TOKEN"
    };
    let broker = broker(vec![script(&format!("echo {token_of}> {}", token.display()))]);
    let mut client = broker.client();
    assert_eq!(
        refused(client.resolve(&object("org.example.echo::x"), None)),
        Code::StartFailed
    );
    let text = fs::read_to_string(token).unwrap();
    let bytes: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let show = Authenticate {
        token: bytes.try_into().unwrap(),
        ..Default::default()
    };
    let mut thief = broker.tcp();
    thief.write(&show.frame(&[]));
    assert_eq!(thief.expect::<Authenticated>().0.code, Code::NotPermitted as u8);
}

#[test]
fn each_object_may_have_its_own_process() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let broker = broker(vec![started("object", "when-needed", &notes)]);
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    let ports: Vec<u64> = ["a", "b", "a"]
        .map(|id| {
            client
                .resolve(&object(&format!("org.example.echo::{id}")), None)
                .unwrap()
        })
        .into();
    assert_eq!(ports[0], ports[2]);
    assert_ne!(ports[0], ports[1]);
    let text = fs::read_to_string(&notes).unwrap();
    let objects: Vec<&str> = text.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(objects, ["org.example.echo::a", "org.example.echo::b"]);
    for port in &ports[..2] {
        client.request(own, *port, b"end", PATIENCE).unwrap();
    }
}

#[test]
fn one_that_always_runs_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let broker = broker(vec![started("service", "always", &notes)]);
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    let echo = object("org.example.echo::x");
    client.resolve(&echo, None).unwrap();
    client.request(own, 11_001, b"end", PATIENCE).unwrap();
    let until = Instant::now() + PATIENCE;
    // Nobody asks for it.
    while fs::read_to_string(&notes).unwrap().lines().count() < 2 {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(10));
    }
    client.resolve(&echo, None).unwrap();
}

#[test]
fn a_service_that_keeps_ending_rests() {
    let broker = broker(vec![script("exit 1")]);
    let mut client = broker.client();
    let echo = object("org.example.echo::x");
    for _ in 0..3 {
        assert_eq!(refused(client.resolve(&echo, None)), Code::StartFailed);
    }
    assert_eq!(refused(client.resolve(&echo, None)), Code::Resting);
    let services = &client.directory().unwrap()["services"][0];
    assert_eq!(services["failures"], 3);
    assert!(services["rests_seconds"].as_f64().unwrap() > 0.1, "{services}");
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(
        refused(client.resolve(&echo, None)),
        Code::StartFailed,
        "one more try after the rest"
    );
    assert_eq!(refused(client.resolve(&echo, None)), Code::Resting);
}

#[test]
fn who_waits_is_told_and_waits_no_longer_than_it_wants() {
    // Two seconds, either way.
    let broker = broker(vec![script(if cfg!(windows) {
        "ping -n 3 127.0.0.1"
    } else {
        "sleep 2"
    })]);
    let mut raw = broker.tcp();
    let text = b"org.example.echo::x";
    let ask = Resolve {
        request: 5.into(),
        patience: 200.into(),
        size: (text.len() as u32).into(),
        ..Default::default()
    };
    let before = Instant::now();
    raw.write(&ask.frame(text));
    for code in [Code::Starting, Code::TimedOut] {
        let (answer, _) = raw.expect::<Resolved>();
        assert_eq!(
            (answer.request.get(), answer.code, answer.port.get()),
            (5, code as u8, 0)
        );
    }
    assert!(
        (200..1500).contains(&before.elapsed().as_millis()),
        "{:?}",
        before.elapsed()
    );
    // Who doesn't say for how long is told when it has ended.
    let mut client = broker.client();
    assert_eq!(
        refused(client.resolve(&object("org.example.echo::y"), None)),
        Code::StartFailed
    );
}

#[test]
fn what_can_not_be_resolved_says_why() {
    let missing = "type = \"org.example.missing\"\ncommand = [\"/nowhere/at/all\"]";
    let program = "type = \"org.example.program\"\nprogram = \"00\"";
    let services = [missing, program].map(|text| Service::parse(text).unwrap());
    let broker = broker([service("")].into_iter().chain(services).collect());
    let mut client = broker.client();
    for (text, code) in [
        ("org.example.echo:elsewhere:x", Code::Unavailable),
        ("org.example.other::x", Code::NoHandler),
        ("org.example.echo::x", Code::NoHandler),
        ("org.example.missing::x", Code::StartFailed),
        ("org.example.program::x", Code::StartFailed),
    ] {
        assert_eq!(refused(client.resolve(&object(text), None)), code, "{text}");
    }
    let mut raw = broker.tcp();
    for text in [&b"no id"[..], b"a::\xff", b""] {
        raw.write(
            &Resolve {
                size: (text.len() as u32).into(),
                ..Default::default()
            }
            .frame(text),
        );
        assert_eq!(raw.expect::<Resolved>().0.code, Code::NotAnId as u8);
    }
}

#[test]
fn types_without_a_file_are_first_come_first_served() {
    let broker = broker(Vec::new());
    let (mut one, mut two) = (broker.client(), broker.client());
    let (of_one, of_two) = (one.open(0).unwrap(), two.open(0).unwrap());
    one.serve("public.text", of_one).unwrap();
    assert_eq!(refused(two.serve("public.text", of_two)), Code::Taken);
    two.serve("public.text::mine", of_two).unwrap();
    assert_eq!(refused(two.serve("public.text::x", of_one)), Code::NotYours);
    assert_eq!(refused(two.serve("public.text::x", 5)), Code::NoSuchPort);
    assert_eq!(refused(two.serve("public text", of_two)), Code::NotAnId);
    assert_eq!(refused(two.serve("public.text:there:x", of_two)), Code::Unavailable);
    let mut asks = broker.client();
    assert_eq!(asks.resolve(&object("public.text::any"), None).unwrap(), of_one);
    assert_eq!(asks.resolve(&object("public.text::mine"), None).unwrap(), of_two);
    one.close(of_one).unwrap();
    assert_eq!(
        refused(asks.resolve(&object("public.text::any"), None)),
        Code::NoHandler
    );
    two.serve("public.text", of_two).unwrap();
    assert_eq!(asks.resolve(&object("public.text::any"), None).unwrap(), of_two);
}

#[test]
fn the_directory_has_everything_but_what_was_said() {
    let broker = broker(vec![service("")]);
    let (mut one, mut two) = (broker.client(), broker.local_client());
    let (of_one, of_two) = (one.open(500).unwrap(), two.open_private(0).unwrap());
    one.serve("public.text", of_one).unwrap();
    two.send(of_two, of_one, b"between us").unwrap();
    one.receive(Some(PATIENCE)).unwrap().unwrap();
    let long = format!("{}\r\n \u{202e}\u{1b}[2J{}", "Ĉu memoj", "x".repeat(2000));
    two.label(&long).unwrap();
    let directory = two.directory().unwrap();
    assert_eq!(directory["connections"].as_array().unwrap().len(), 2);
    assert_eq!(directory["connections"][0]["label"], "");
    assert_eq!(
        directory["connections"][1]["label"],
        format!("Ĉu memoj [2J{}", "x".repeat(52))
    );
    let connection = |index: usize| &directory["connections"][index];
    assert_eq!(
        (&connection(0)["messages_received"], &connection(1)["messages_sent"]),
        (&1.into(), &1.into())
    );
    assert_eq!(connection(1)["bytes_sent"], 42);
    #[cfg(any(target_os = "linux", windows))]
    assert_eq!(connection(1)["process"], process::id());
    let ports = directory["ports"].as_array().unwrap();
    assert_eq!(
        (&ports[0]["port"], &ports[0]["serves"][0]),
        (&500.into(), &"public.text".into())
    );
    assert_eq!(
        (&ports[1]["port"], &ports[1]["private"]),
        (&of_two.into(), &true.into())
    );
    assert_eq!(directory["services"][0]["type"], "org.example.echo");
    assert!(!directory.to_string().contains("between us"));
}
