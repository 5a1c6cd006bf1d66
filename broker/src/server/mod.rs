//! The broker: keeps connections and ports, and hands messages from one to another.

mod body;
mod control;
#[cfg(test)]
mod model_tests;
mod peer;
mod ports;
mod queue;
mod registry;
mod router;
#[cfg(any(test, feature = "fuzz"))]
pub mod simulation;
mod sockets;
#[cfg(unix)]
mod unix;

pub use crate::address::{ADDRESS, OBJECT, PORT, SOCKET, TOKEN};
pub use router::Limits;
pub use sockets::Broker;

use crate::service::Service;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Configuration of a broker.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens for TCP.
    pub address: Option<SocketAddr>,
    /// Where it listens on a Unix socket; on Windows, on a named pipe with the same name.
    pub socket: Option<PathBuf>,
    /// Services that it knows.
    pub services: Vec<Service>,
    /// How much clients may use.
    pub limits: Limits,
}

impl Default for Config {
    /// On the original's port of the loopback interface alone, without services.
    fn default() -> Self {
        let address = Some((Ipv4Addr::LOCALHOST, PORT).into());
        Self {
            address,
            socket: None,
            services: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// Stops a broker that runs on another thread.
#[derive(Clone, Debug)]
pub struct Stopper {
    waker: Arc<mio::Waker>,
    stop: Arc<AtomicBool>,
}

impl Stopper {
    /// Stops it; what has come in and isn't on its way by then is lost.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "the broker could not be woken");
        }
    }
}
