//! The servers that carry messages, each a process of its own.

use crate::Bench;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take until it is there.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs, and ends with this.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// Of Portico's broker.
    pub(super) socket: Option<PathBuf>,
    _directory: TempDir,
}

impl Server {
    /// `portico broker`, and nobody else's.
    pub(super) fn portico(bench: &Bench) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let socket = directory.path().join("socket");
        let mut command = Command::new(&bench.portico);
        command.args(["broker", "--port", "0", "--socket"]).arg(&socket);
        // Its services would be those of whoever measures.
        command
            .env("XDG_CONFIG_HOME", directory.path())
            .env("XDG_CONFIG_DIRS", directory.path());
        Self::announced(command, directory, Some(socket))
    }

    /// A plain program that reads from one connection and writes to the other.
    pub(super) fn relay(bench: &Bench) -> Result<Self> {
        let mut command = Command::new(&bench.native);
        command.arg("relay");
        Self::announced(command, tempfile::tempdir()?, None)
    }

    pub(super) fn nats() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("nats.conf");
        // A receiver that is behind is to be waited for and not to be thrown out: every system has to deliver everything.
        std::fs::write(&file, "max_pending: 1GB\nwrite_deadline: \"60s\"\nmax_payload: 8MB\n")?;
        let port = free_port()?;
        let mut command = Command::new(installed("nats-server")?);
        command
            .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--config"])
            .arg(&file);
        Self::silent(command, port, directory)
    }

    pub(super) fn redis() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let port = free_port()?;
        let mut command = Command::new(installed("redis-server")?);
        command
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--save",
                "",
                "--dir",
            ])
            .arg(directory.path());
        command.args(["--client-output-buffer-limit", "pubsub 0 0 0"]);
        Self::silent(command, port, directory)
    }

    /// Starts a program that says on its first line where it listens.
    fn announced(mut command: Command, directory: TempDir, socket: Option<PathBuf>) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address = line.split_whitespace().find_map(|word| word.parse().ok());
        let unknown = (Ipv4Addr::UNSPECIFIED, 0).into();
        let server = Self {
            child,
            address: address.unwrap_or(unknown),
            socket,
            _directory: directory,
        };
        if server.address == unknown {
            bail!("it says nothing of an address: {line:?}");
        }
        Ok(server)
    }

    /// Starts a program and waits until somebody can connect to it.
    fn silent(mut command: Command, port: u16, directory: TempDir) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self {
            child,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            socket: None,
            _directory: directory,
        };
        let began = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            if began.elapsed() > PATIENCE {
                bail!("it does not listen");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// Its process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Where a program of the system is.
fn installed(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers are often not in the path of users.
    let others = ["/usr/sbin", "/usr/local/sbin"].map(OsStr::new).map(PathBuf::from);
    let found = std::env::split_paths(&path)
        .chain(others)
        .map(|directory| directory.join(name));
    found
        .into_iter()
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed"))
}
