//! The Unix socket: faster than TCP, and it says who the peer is.

use crate::socket::process;
use mio::net::{UnixListener, UnixStream};
use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net;
use std::path::{Path, PathBuf};

/// A listening socket; its file goes with it.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) socket: UnixListener,
    pub(crate) path: PathBuf,
}

impl Listener {
    /// Opens a socket that only this user can connect to. The file of a broker that has died is taken over.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let socket = match UnixListener::bind(path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                match net::UnixStream::connect(path) {
                    Err(refused) if refused.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path)?,
                    Err(_) | Ok(_) => return Err(error),
                }
                UnixListener::bind(path)?
            }
            other => other?,
        };
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(Self {
            socket,
            path: path.to_owned(),
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket's file was gone already");
        }
    }
}

/// Describes the peer, for the log and the directory, and names its process where the system tells.
pub(crate) fn who(socket: &UnixStream) -> (String, Option<u32>) {
    let process = process(socket);
    (
        process.map_or_else(|| "a local process".into(), |process| format!("process {process}")),
        process,
    )
}
