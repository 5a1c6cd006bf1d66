//! Clients that send the broker anything at all, in pieces of any size, and go in the middle: others don't notice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_broker::client::{Address, Client, Event};
use portico_broker::server::{Broker, Config, Limits};
use portico_broker::{ObjectId, Service, wire};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

/// Ports that the clients know; the first is reserved, the second the honest one's.
const PORTS: [u64; 8] = [11_001, 1, 2, 3, 4, 1 << 40, 0, u64::MAX];
/// Texts where an id or a type is wanted.
const TEXTS: [&str; 6] = ["a.b", "a.b::c", "reserved.type::x", "a:b:c", "", "::"];

struct World {
    address: SocketAddr,
    honest: Client,
}

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| {
    let service = Service::parse("type = \"reserved.type\"\nports = [11001]").expect("a service file");
    let limits = Limits { message: 1 << 20, gathered: 2 << 20, ports: 64, streams: 8 };
    let address = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let broker = Broker::bind(Config { address, services: vec![service], limits, ..Config::default() });
    let broker = broker.expect("there is a port");
    let address = broker.address().expect("it has an address");
    thread::spawn(move || broker.run());
    let mut honest = Client::connect(&Address::Tcp(address)).expect("it listens");
    honest.open(PORTS[1]).expect("nobody has it");
    Mutex::new(World { address, honest })
});

fuzz_target!(|data: &[u8]| {
    decode(data);
    let mut world = WORLD.lock().expect("nobody panics");
    let connect = || TcpStream::connect(world.address).expect("it listens");
    let mut clients = [connect(), connect()];
    for client in &clients {
        client.set_nonblocking(true).expect("a socket");
    }
    let mut bytes = data.iter().copied();
    while let Some(what) = bytes.next() {
        let client = &mut clients[usize::from(what & 1)];
        let frame = match what & 6 {
            0 => bytes.by_ref().take(usize::from(what >> 3)).collect(),
            _ => likely(&mut bytes),
        };
        // What doesn't fit, or comes after the broker has closed the connection, is left out.
        let _ = client.write(&frame);
        if what >= 0xF0 {
            let _ = client.read(&mut [0; 4096]);
        }
    }
    drop(clients);
    // The honest one is served as ever.
    let honest = &mut world.honest;
    honest.send(PORTS[1], PORTS[1], data).expect("the connection stays");
    loop {
        match honest.receive(Some(Duration::from_secs(10))).expect("the connection stays") {
            Some(Event::Message(message)) if message.source == PORTS[1] => {
                assert_eq!(message.data, data);
                break;
            }
            Some(_) => {}
            None => panic!("the broker is stuck"),
        }
    }
});

/// Whatever a header says is at least itself, and what is cut off is no frame.
fn decode(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(object) = text.parse::<ObjectId>()
    {
        assert_eq!(object.to_string(), text);
    }
    if let Ok(Some(head)) = wire::head(data) {
        assert!(head.length >= head.kind.fixed());
        if let Ok((message, rest)) = wire::whole::<wire::SendMessage>(head, data) {
            assert_eq!(message.size.get() as usize, rest.len());
            assert!(wire::whole::<wire::SendMessage>(head, &data[..data.len() - 1]).is_err());
        }
    }
}

/// A frame that is mostly right.
fn likely(bytes: &mut impl Iterator<Item = u8>) -> Vec<u8> {
    let mut next = || bytes.next().unwrap_or(0);
    let kind = next() % 32;
    let size = wire::Kind::of(kind).map_or(8, wire::Kind::fixed);
    let mut body = vec![0; size - 8];
    let with_text = [22, 24].contains(&kind);
    let data: Vec<u8> = match next() {
        at if with_text => TEXTS[usize::from(at) % TEXTS.len()].into(),
        255 => vec![7; 200_000],
        254 => vec![7; wire::PIECE + 17],
        length if [5, 6, 26].contains(&kind) => vec![length; usize::from(length)],
        _ => Vec::new(),
    };
    // Words of eight bytes: ports, then streams and offsets, which are small.
    for (at, word) in body.chunks_mut(8).enumerate() {
        let byte = next();
        let value = if at < 2 || kind < 4 { PORTS[usize::from(byte) % PORTS.len()] } else { u64::from(byte % 4) };
        let value = value.to_be_bytes();
        let length = word.len();
        word.copy_from_slice(&value[8 - length..]);
    }
    let at = match kind {
        5 | 26 => 16,
        6 => 32,
        22 => 4,
        24 => 8,
        _ => usize::MAX,
    };
    if let Some(size) = at.checked_add(4).and_then(|end| body.get_mut(at..end)) {
        size.copy_from_slice(&(data.len() as u32).to_be_bytes());
    }
    if kind == 6
        && let Some(flags) = body.last_mut()
    {
        *flags = next() % 8;
    }
    let mut frame = vec![0, 8, kind, 0];
    frame.extend((8 + body.len() as u32 + data.len() as u32).to_be_bytes());
    frame.extend(body);
    frame.extend(data);
    if next() == 255 {
        frame.truncate(frame.len() / 2);
    }
    frame
}
