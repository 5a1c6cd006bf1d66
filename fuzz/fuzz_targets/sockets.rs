//! The broker with its sockets: clients that send it anything at all, in pieces of any size, and go in the middle: others don't notice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_broker::Service;
use portico_broker::client::{Address, Client, Event};
use portico_broker::server::{Broker, Config, Limits, simulation};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

/// The honest one's port, which the others know as well.
const PORT: u64 = 1;

struct World {
    address: SocketAddr,
    honest: Client,
}

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(|| {
    // As in every program whose main function is Rust's: writing to who has gone is an error, not the end.
    // SAFETY: no other thread runs yet, and no handler is installed.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    let service = Service::parse("type = \"reserved.type\"\nports = [11001]").expect("a service file");
    let limits = Limits {
        message: 1 << 20,
        gathered: 2 << 20,
        ports: 64,
        streams: 8,
    };
    let address = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let broker = Broker::bind(Config {
        address,
        services: vec![service],
        limits,
        ..Config::default()
    });
    let broker = broker.expect("there is a port");
    let address = broker.address().expect("it has an address");
    thread::spawn(move || broker.run());
    let mut honest = Client::connect(&Address::Tcp(address)).expect("it listens");
    honest.open(PORT).expect("nobody has it");
    Mutex::new(World { address, honest })
});

fuzz_target!(|data: &[u8]| {
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
            _ => simulation::likely(&mut bytes),
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
    honest.send(PORT, PORT, data).expect("the connection stays");
    loop {
        match honest
            .receive(Some(Duration::from_secs(10)))
            .expect("the connection stays")
        {
            Some(Event::Message(message)) if message.source == PORT => {
                assert_eq!(message.data, data);
                break;
            }
            Some(_) => {}
            None => panic!("the broker is stuck"),
        }
    }
});
