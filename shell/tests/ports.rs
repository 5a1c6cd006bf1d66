//! Programs' ports: programs and native clients, over the real sockets of a real broker.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico::broker::BrokerBridge;
use portico_broker::Service;
use portico_broker::client::{Address, Client, Error, Event};
use portico_broker::server::{Broker, Config, Stopper};
use portico_broker::wire::{Code as Decision, LAST};
use portico_kernel::{
    DefaultAccess, Exit, Grants, InProcess, Kernel, Limits, LoadOptions, Permission, PermissionStatus,
};
use portico_portals::fakes::Fakes;
use portico_portals::{Code, Host, Services, TABLE, Window};
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);
/// The port of the program that answers.
const ECHO: u64 = 2917;
/// Room for what comes to it, in bytes.
const ROOM: usize = 24 << 20;

static KERNEL: LazyLock<Kernel<Host>> = LazyLock::new(|| Kernel::new(TABLE, None, InProcess).unwrap());

/// A program with the port NUMBER that sends back every message and part. It ends with 0 on a message that begins with `!`, with 100
/// and why when its channel closes, and, if PEER is not 0, it sends one message there, and ends with what comes of that: ten times
/// the op, and the `offset`.
const PROGRAM: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 400)
  (data (i32.const 0x3000) "hello")
  (func $post (param $at i32) (param $channel i32) (param $new i32) (param $which i32) (param $data i32)
    (i32.store (local.get $at) (local.get $channel))
    (i32.store offset=4 (local.get $at) (local.get $new))
    (i32.store offset=8 (local.get $at) (local.get $which))
    (i32.store offset=12 (local.get $at) (local.get $data)))
  (func $exit (param $code i32)
    (call $post (i32.const 0x100) (i32.const 0) (i32.const 0) (local.get $code) (i32.const 0))
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x2000))))
  (func $why (result i32)
    (i32.store (i32.const 0x1200) (i32.const 1))
    (i64.store (i32.const 0x1208) (i64.const 0x0000400000000400))
    (call $post (i32.const 0x100) (i32.const 0) (i32.const 2) (i32.const 45) (i32.const 0x1200))
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x2000)))
    (i32.load (i32.const 0x1204)))
  (func $receive
    (i32.store (i32.const 0x1000) (i32.const 3))
    (i32.store (i32.const 0x1020) (i32.const TAKES))
    (i32.store (i32.const 0x1024) (i32.const 0x20000)))
  (func (export "run") (local $op i32) (local $count i32)
    (i64.store (i32.const 0x1004) (i64.const NUMBER))
    (call $receive)
    (i32.store (i32.const 0x1000) (i32.const 0))
    (call $post (i32.const 0x100) (i32.const 0) (i32.const 1) (i32.const 57) (i32.const 0x1000))
    (local.set $count (i32.const 1))
    (loop $next
      (drop (call $ar (local.get $count) (i32.const 0x100) (i32.const 0x2000)))
      (if (i32.eq (i32.load (i32.const 0x2000)) (i32.const 0x80000001))
        (then (call $exit (i32.add (i32.const 100) (call $why)))))
      (local.set $op (i32.load (i32.const 0x1000)))
      (local.set $count (i32.const 1))
      (call $post (i32.const 0x100) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x1000))
      (if (i32.and (i64.ne (i64.const PEER) (i64.const 0)) (i32.gt_u (local.get $op) (i32.const 2)))
        (then (call $exit (i32.add (i32.mul (local.get $op) (i32.const 10)) (i32.load (i32.const 0x1018))))))
      (if (i32.or (i32.eq (local.get $op) (i32.const 3)) (i32.eq (local.get $op) (i32.const 4)))
        (then
          (if (i32.and (i32.eq (local.get $op) (i32.const 3)) (i32.eq (i32.load8_u (i32.const 0x20000)) (i32.const 33)))
            (then (call $exit (i32.const 0))))
          (memory.copy (i32.const 0x1100) (i32.const 0x1000) (i32.const 40))
          (i32.store (i32.const 0x1100) (i32.sub (local.get $op) (i32.const 2)))
          (call $post (i32.const 0x100) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x1100))
          (call $post (i32.const 0x110) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x1000))
          (local.set $count (i32.const 2))))
      (if (i32.and (i64.ne (i64.const PEER) (i64.const 0)) (i32.eqz (local.get $op)))
        (then
          (i32.store (i32.const 0x1100) (i32.const 1))
          (i64.store (i32.const 0x110c) (i64.const PEER))
          (i32.store (i32.const 0x1120) (i32.const 5))
          (i32.store (i32.const 0x1124) (i32.const 0x3000))
          (call $post (i32.const 0x100) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x1100))
          (call $post (i32.const 0x110) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0x1000))
          (local.set $count (i32.const 2))))
      (call $receive)
      (br $next))))"#;

/// Ends with the port of an object, or with 100 and why there is none.
const RESOLVES: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x3000) "OBJECT")
  (data (i32.const 0x104) "\01\00\00\00\3a\00\00\00\00\10\00\00")
  (data (i32.const 0x204) "\02\00\00\00\2d\00\00\00\00\12\00\00")
  (data (i32.const 0x1000) "SIZE\00\30\00\00")
  (data (i32.const 0x1200) "\01\00\00\00\00\00\00\00\00\04\00\00\00\40\00\00")
  (func (export "run")
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x2000)))
    (i32.store (i32.const 0x308) (i32.load (i32.const 0x1008)))
    (if (i32.ne (i32.load (i32.const 0x2000)) (i32.const 1)) (then
      (drop (call $ar (i32.const 1) (i32.const 0x200) (i32.const 0x2000)))
      (i32.store (i32.const 0x308) (i32.add (i32.const 100) (i32.load (i32.const 0x1204))))))
    (drop (call $ar (i32.const 1) (i32.const 0x300) (i32.const 0x2000)))))"#;

/// A broker that runs, and ends with the test.
struct Running {
    address: Address,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Running {
    fn new(services: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("broker.socket");
        let services = services.iter().map(|text| Service::parse(text).unwrap()).collect();
        let config = Config {
            address: None,
            socket: Some(socket.clone()),
            services,
            ..Config::default()
        };
        let broker = Broker::bind(config).unwrap();
        let stopper = broker.stopper();
        let thread = Some(thread::spawn(move || broker.run().unwrap()));
        Self {
            address: Address::Socket(socket),
            stopper,
            thread,
            _folder: folder,
        }
    }

    fn client(&self) -> Client {
        Client::connect(&self.address).unwrap()
    }

    fn run(&self, program: &str) -> JoinHandle<u8> {
        run(program, BrokerBridge::at(self.address.clone()))
    }

    fn stop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Allows everything.
struct Everything;

impl Grants for Everything {
    fn status(&self, _permission: &Permission, _default: DefaultAccess) -> PermissionStatus {
        PermissionStatus::Allowed
    }
}

fn run(program: &str, broker: BrokerBridge) -> JoinHandle<u8> {
    let bytes = wat::parse_str(program).unwrap();
    thread::spawn(move || {
        let program = KERNEL.load(&bytes, &LoadOptions::default()).unwrap();
        let fakes = Arc::new(Fakes::default());
        let services = Services {
            broker: broker.for_process("program", None),
            ..fakes.services()
        };
        let host = Host::new(Window::new(fakes.clone()), Vec::new(), fakes, services);
        let (tell, told) = mpsc::channel();
        let _process = KERNEL
            .start(&program, host, Arc::new(Everything), Limits::default(), move |exit| {
                tell.send(exit).unwrap();
            })
            .unwrap();
        let exit = told.recv().unwrap();
        assert!(matches!(exit, Exit::Code(_)), "{exit:?}");
        exit.code()
    })
}

fn program(number: u64, peer: u64, takes: usize) -> String {
    let text = PROGRAM
        .replace("NUMBER", &number.to_string())
        .replace("PEER", &peer.to_string());
    text.replace("TAKES", &takes.to_string())
}

fn resolves(object: &str) -> String {
    RESOLVES
        .replace("SIZE", &format!("\\{:02x}\\00\\00\\00", object.len()))
        .replace("OBJECT", object)
}

const fn fails(code: Code) -> u8 {
    100 + code as u8
}

/// Asks until somebody is there who answers.
fn request(client: &mut Client, own: u64, peer: u64, data: &[u8]) -> Vec<u8> {
    let start = Instant::now();
    loop {
        match client.request(own, peer, data, PATIENCE) {
            Ok(answer) => return answer.data,
            Err(Error::Refused(Decision::NoSuchPort)) if start.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(2));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| ((index * 31) >> 3) as u8 | 0x40).collect()
}

#[test]
fn a_program_and_native_clients_exchange_messages() {
    let broker = Running::new(&[]);
    let echo = broker.run(&program(ECHO, 0, ROOM));
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    assert_eq!(request(&mut client, own, ECHO, b"hello"), b"hello");
    assert_eq!(request(&mut client, own, ECHO, b""), b"");
    // Each comes once and in order, however many are on their way.
    for index in 0..2000_u32 {
        client.send(own, ECHO, &index.to_be_bytes()).unwrap();
    }
    for index in 0..2000_u32 {
        let Some(Event::Message(message)) = client.receive(Some(PATIENCE)).unwrap() else {
            panic!("{index} is lost")
        };
        assert_eq!((message.source, &*message.data), (ECHO, &index.to_be_bytes()[..]));
    }
    for length in [65_535, 65_536, 65_537, 1 << 20, ROOM] {
        assert!(
            request(&mut client, own, ECHO, &bytes(length)) == bytes(length),
            "{length}"
        );
    }
    client.send(own, ECHO, b"!").unwrap();
    assert_eq!(echo.join().unwrap(), 0);
    // Its port has ended with it.
    let start = Instant::now();
    while client
        .request(own, ECHO, b"?", Duration::from_millis(200))
        .is_err_and(|error| matches!(error, Error::TimedOut))
    {
        assert!(start.elapsed() < PATIENCE);
    }
    let gone = client.request(own, ECHO, b"?", PATIENCE);
    assert!(matches!(gone, Err(Error::Refused(Decision::NoSuchPort))), "{gone:?}");
}

#[test]
fn streams_come_back_whole() {
    let broker = Running::new(&[]);
    let echo = broker.run(&program(ECHO, 0, 1 << 20));
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    assert_eq!(request(&mut client, own, ECHO, b"?"), b"?");
    let sent = bytes(24 << 20);
    let mut stream = client.stream(own, ECHO);
    stream.write_all(&sent).unwrap();
    stream.finish().unwrap();
    let (mut came, mut last) = (Vec::new(), false);
    while !last {
        let Some(Event::Piece(piece)) = client.receive(Some(PATIENCE)).unwrap() else {
            panic!("a piece is lost")
        };
        assert_eq!((piece.stream.0, piece.offset), (ECHO, came.len() as u64));
        came.extend(piece.data);
        last = piece.flags & LAST != 0;
    }
    assert!(came == sent);
    client.send(own, ECHO, b"!").unwrap();
    assert_eq!(echo.join().unwrap(), 0);
}

#[test]
fn two_programs_exchange_messages() {
    let broker = Running::new(&[]);
    let bridge = BrokerBridge::at(broker.address.clone());
    let echo = run(&program(ECHO, 0, ROOM), bridge.clone());
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    request(&mut client, own, ECHO, b"?");
    let asks = run(&program(0, ECHO, ROOM), bridge);
    assert_eq!(asks.join().unwrap(), 30, "a message has come back");
    client.send(own, ECHO, b"!").unwrap();
    assert_eq!(echo.join().unwrap(), 0);
}

#[test]
fn what_is_not_delivered_is_told_and_the_port_stays() {
    let broker = Running::new(&[]);
    assert_eq!(
        broker.run(&program(0, 4242, ROOM)).join().unwrap(),
        50 + Code::Unavailable as u8
    );
    let mut client = broker.client();
    let private = client.open_private(0).unwrap();
    assert_eq!(
        broker.run(&program(0, private, ROOM)).join().unwrap(),
        50 + Code::Denied as u8
    );
}

#[test]
fn ports_of_others_are_not_opened() {
    let broker = Running::new(&["type = \"org.example.notes\"\nports = [11001]"]);
    let mut client = broker.client();
    client.open(ECHO).unwrap();
    assert_eq!(
        broker.run(&program(ECHO, 0, ROOM)).join().unwrap(),
        fails(Code::Unavailable)
    );
    assert_eq!(
        broker.run(&program(11_001, 0, ROOM)).join().unwrap(),
        fails(Code::Denied)
    );
    let nowhere = BrokerBridge::at(Address::Socket("/nowhere/broker.socket".into()));
    assert_eq!(
        run(&program(0, 0, ROOM), nowhere).join().unwrap(),
        fails(Code::Unavailable)
    );
}

#[test]
fn a_broker_that_goes_disconnects() {
    let mut broker = Running::new(&[]);
    let echo = broker.run(&program(ECHO, 0, ROOM));
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    request(&mut client, own, ECHO, b"?");
    broker.stop();
    assert_eq!(echo.join().unwrap(), fails(Code::Disconnected));
}

#[test]
fn objects_are_resolved() {
    let broker = Running::new(&["type = \"org.example.broken\"\ncommand = [\"/nowhere/at/all\"]"]);
    let mut client = broker.client();
    client.open(77).unwrap();
    client.serve("org.example.notes", 77).unwrap();
    assert_eq!(broker.run(&resolves("org.example.notes::1")).join().unwrap(), 77);
    for (object, code) in [
        ("org.example.none::1", Code::Unavailable),
        ("org.example.notes:elsewhere:1", Code::Unavailable),
        ("org.example.notes", Code::Invalid),
        ("org.example.broken::1", Code::Failed),
    ] {
        assert_eq!(broker.run(&resolves(object)).join().unwrap(), fails(code), "{object}");
    }
}

#[test]
fn a_program_that_takes_nothing_makes_its_senders_wait_and_nobody_else() {
    let broker = Running::new(&[]);
    // It has no room for what comes, and so is never told of anything else.
    broker.run(&program(4000, 0, 0));
    let echo = broker.run(&program(ECHO, 0, ROOM));
    let mut client = broker.client();
    let own = client.open(0).unwrap();
    request(&mut client, own, ECHO, b"?");
    let start = Instant::now();
    // Known by then: a message that has come is not lost.
    while client
        .request(own, 4000, b"?", Duration::from_millis(50))
        .is_err_and(|error| !matches!(error, Error::TimedOut))
    {
        assert!(start.elapsed() < PATIENCE);
    }
    let sent = Arc::new(AtomicUsize::new(0));
    let (count, mut flood) = (Arc::clone(&sent), broker.client());
    thread::spawn(move || {
        let own = flood.open(0).unwrap();
        // Ends with the broker.
        while flood.send(own, 4000, &[0; 65_536]).is_ok() {
            count.fetch_add(65_536, Ordering::SeqCst);
        }
    });
    let before = loop {
        let before = sent.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(300));
        if before > 0 && before == sent.load(Ordering::SeqCst) {
            break before;
        }
        assert!(start.elapsed() < PATIENCE, "it is never made to wait");
    };
    assert!(before < 4 << 20, "{before} bytes are kept for it");
    assert_eq!(request(&mut client, own, ECHO, b"still here"), b"still here");
    client.send(own, ECHO, b"!").unwrap();
    assert_eq!(echo.join().unwrap(), 0);
}
