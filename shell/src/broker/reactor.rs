//! One thread that waits for the sockets of all connections to the broker.

use super::connection::Connection;
use mio::{Events, Interest, Poll, Registry, Token};
use parking_lot::Mutex;
use portico_broker::Socket;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// The thread and the sockets that it watches.
pub(super) struct Reactor {
    registry: Registry,
    watched: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    connections: HashMap<usize, Arc<Connection>>,
    next: usize,
}

impl Reactor {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Arc<Self>> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let reactor = Arc::new(Self {
            registry,
            watched: Mutex::default(),
        });
        let own = Arc::clone(&reactor);
        std::thread::Builder::new()
            .name("ports".into())
            .spawn(move || own.run(poll))?;
        Ok(reactor)
    }

    /// Calls the connection whenever its socket can be read or written again, until it is [`Reactor::forget`]ten.
    pub(super) fn watch(&self, socket: &mut Socket, connection: &Arc<Connection>) -> io::Result<usize> {
        let mut watched = self.watched.lock();
        let token = watched.next;
        self.registry
            .register(socket.source(), Token(token), Interest::READABLE | Interest::WRITABLE)?;
        watched.next += 1;
        watched.connections.insert(token, Arc::clone(connection));
        Ok(token)
    }

    /// Watches a connection no longer.
    pub(super) fn forget(&self, socket: &mut Socket, token: usize) {
        if let Err(error) = self.registry.deregister(socket.source()) {
            tracing::debug!(%error, "a connection to the broker was not watched");
        }
        self.watched.lock().connections.remove(&token);
    }

    fn run(&self, mut poll: Poll) {
        let mut events = Events::with_capacity(64);
        loop {
            match poll.poll(&mut events, None) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return tracing::error!("programs' ports are not heard any more: {error}"),
                Ok(()) => {}
            }
            for event in &events {
                let connection = self.watched.lock().connections.get(&event.token().0).cloned();
                if let Some(connection) = connection {
                    connection.go_on();
                }
            }
        }
    }
}
