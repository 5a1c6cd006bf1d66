//! Ports of programs: the message broker that runs, or one embedded in the shell, and a connection to it for each process.
//!
//! All of it starts when the first program opens a port, unless the user wants the broker to run with the shell.

mod connection;
mod embedded;
mod inbound;
mod outbound;
mod overview;
mod reactor;

pub use embedded::{services, socket};
pub use overview::{Connected, KnownService, Overview, PortInUse, called};

use crate::background;
use connection::Connection;
use embedded::EmbeddedBroker;
use parking_lot::Mutex;
use portico_broker::Socket;
use portico_broker::client::Address;
use portico_ipc::Activation;
use portico_kernel::{Failure, Waker};
use portico_portals::{Broker, Code, Port, Reply};
use reactor::Reactor;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Time in which a broker has to answer.
pub const TIMEOUT: Duration = Duration::from_secs(2);

/// Connects the programs of this process to the message broker.
#[derive(Clone, Default)]
pub struct BrokerBridge(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Where the broker is, unless at the usual place.
    address: Option<Address>,
    reactor: Mutex<Option<Arc<Reactor>>>,
    own: Mutex<Option<EmbeddedBroker>>,
}

impl BrokerBridge {
    /// A bridge to the broker at this address, without an embedded one.
    pub fn at(address: Address) -> Self {
        Self(Arc::new(Shared {
            address: Some(address),
            ..Shared::default()
        }))
    }

    /// The broker for one process; `label` is its name in the directory. If it was activated, its first port handles the type or
    /// object of the activation.
    pub fn for_process(&self, label: &str, activation: Option<Activation>) -> Arc<dyn Broker> {
        let (label, activation) = (label.to_owned(), Mutex::new(activation));
        Arc::new(ProcessBroker {
            bridge: Arc::clone(&self.0),
            label,
            activation,
            connection: Mutex::default(),
        })
    }

    /// Starts a broker, unless one runs. Blocks.
    ///
    /// # Errors
    /// When there is no place for one.
    pub fn start(&self) -> io::Result<()> {
        self.0.connect().map(drop)
    }

    /// Stops the broker that runs in this process, if one does.
    pub fn stop(&self) {
        if let Some(own) = self.0.own.lock().take() {
            own.stop();
        }
    }
}

impl Shared {
    fn reactor(&self) -> io::Result<Arc<Reactor>> {
        let mut reactor = self.reactor.lock();
        if let Some(reactor) = &*reactor {
            return Ok(Arc::clone(reactor));
        }
        Ok(Arc::clone(reactor.insert(Reactor::start()?)))
    }

    /// Connects to the broker that runs, or to one that is started here.
    fn connect(&self) -> io::Result<Socket> {
        if let Some(address) = &self.address {
            return Socket::connect(address);
        }
        // One at a time, so that one broker is started.
        let mut own = self.own.lock();
        if own.as_ref().is_some_and(EmbeddedBroker::has_ended)
            && let Some(ended) = own.take()
        {
            ended.stop();
        }
        embedded::running().or_else(|_| {
            if own.is_none() {
                match EmbeddedBroker::start() {
                    Ok(started) => *own = Some(started),
                    // Another shell may have been faster.
                    Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                    Err(error) => return Err(error),
                }
            }
            embedded::running()
        })
    }
}

/// The broker for one process.
struct ProcessBroker {
    bridge: Arc<Shared>,
    /// What the process is called.
    label: String,
    /// What it was started for, until it has said so to a broker.
    activation: Mutex<Option<Activation>>,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl ProcessBroker {
    /// The connection; a new one when the last has broken.
    fn connection(&self) -> Arc<Connection> {
        let mut held = self.connection.lock();
        if let Some(connection) = held.as_ref().filter(|connection| !connection.has_ended()) {
            return Arc::clone(connection);
        }
        let connection = Arc::new(Connection::new(&self.label, self.activation.lock().take()));
        *held = Some(Arc::clone(&connection));
        let (bridge, new) = (Arc::clone(&self.bridge), Arc::clone(&connection));
        background::spawn(move || {
            let connected = bridge
                .connect()
                .and_then(|socket| new.begin(socket, &bridge.reactor()?));
            if let Err(error) = connected {
                let why = format!("no message broker can be reached: {error}");
                new.end(&Failure::new(Code::Unavailable, why));
            }
        });
        connection
    }
}

impl Broker for ProcessBroker {
    fn open(&self, number: u64, waker: Waker) -> Box<dyn Port> {
        Box::new(connection::Opened::new(self.connection(), number, waker))
    }

    fn resolve(&self, object: &str, told: Reply<u64>) {
        self.connection().resolve(object, told);
    }
}

impl Drop for ProcessBroker {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.get_mut() {
            connection.leave();
        }
    }
}
