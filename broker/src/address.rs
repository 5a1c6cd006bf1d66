//! Address of a broker, and the environment of the services that it starts, which only this file reads.

#![allow(clippy::disallowed_methods, reason = "it is read here, and nowhere else")]

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The TCP port of the original broker.
pub const PORT: u16 = 11_000;

/// Environment variable of a started service: what it shows to be the service, 32 hexadecimal digits.
pub const TOKEN: &str = "PORTICO_BROKER_TOKEN";
/// Environment variable of a started service: the broker's TCP address.
pub const ADDRESS: &str = "PORTICO_BROKER_ADDRESS";
/// Environment variable of a started service: the path of the broker's Unix socket, or of its named pipe.
pub const SOCKET: &str = "PORTICO_BROKER_SOCKET";
/// Environment variable of a started service that has a process for each object: the id of the object.
pub const OBJECT: &str = "PORTICO_BROKER_OBJECT";

/// Address of a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// TCP.
    Tcp(SocketAddr),
    /// A Unix socket; on Windows a named pipe.
    Socket(PathBuf),
}

impl Address {
    /// The one that the environment names, as the broker does for services that it starts, else the original's.
    #[must_use]
    pub fn from_environment() -> Self {
        let tcp = || env::var(ADDRESS).ok()?.parse().ok().map(Self::Tcp);
        let socket = || env::var_os(SOCKET).map(|path| Self::Socket(path.into()));
        socket()
            .or_else(tcp)
            .unwrap_or_else(|| Self::Tcp((Ipv4Addr::LOCALHOST, PORT).into()))
    }
}

/// Returns `true` in a process that a broker has started, as a service.
#[must_use]
pub fn is_service() -> bool {
    env::var_os(TOKEN).is_some()
}

/// The token of [`TOKEN`].
pub(crate) fn token() -> Option<String> {
    env::var(TOKEN).ok()
}
