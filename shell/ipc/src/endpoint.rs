//! The shell's socket: a directory that only its user can enter, a lock, and a socket beside it.

use super::{Client, IpcError};
use crate::display;
use interprocess::local_socket::{ListenerOptions, Name, Stream};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a shell that holds the lock has until it listens.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The endpoint of one display's shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    directory: PathBuf,
    display: String,
}

impl Endpoint {
    /// The endpoint for the display of this process. Shells on two displays are independent of each other.
    ///
    /// # Errors
    /// [`IpcError::NoDisplay`]: there is none. [`IpcError::Unsafe`] and [`IpcError::Io`]: there is no directory that only
    /// this user can enter.
    pub fn of_this_display() -> Result<Self, IpcError> {
        let display = display::current()?;
        Self::new(platform::directory()?, &display.to_string())
    }

    /// The endpoint of a shell without a window system, by the name that it was given.
    ///
    /// # Errors
    /// There is no directory that only this user can enter.
    pub fn headless(name: &str) -> Result<Self, IpcError> {
        Self::new(platform::directory()?, &format!("headless {name}"))
    }

    /// The endpoint of `display` in `directory`, which is created if needed.
    ///
    /// # Errors
    /// [`IpcError::Unsafe`] if others could enter the directory, [`IpcError::Io`] if it can't be made.
    pub fn new(directory: PathBuf, display: &str) -> Result<Self, IpcError> {
        platform::secure(&directory)?;
        Ok(Self {
            directory,
            display: plain(display),
        })
    }

    /// The endpoints of all displays on which this user has had a shell since the machine started.
    ///
    /// # Errors
    /// There is no directory that only this user can enter.
    pub fn all() -> Result<Vec<Self>, IpcError> {
        let directory = Self::shared()?;
        let files =
            std::fs::read_dir(&directory).map_err(IpcError::io(format!("looking into {}", directory.display())))?;
        let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let displays = names.filter_map(|name| name.strip_suffix(".lock").map(str::to_owned));
        Ok(displays
            .map(|display| Self {
                directory: directory.clone(),
                display,
            })
            .collect())
    }

    /// The directory that only this user can enter, also for other sockets of this user.
    ///
    /// # Errors
    /// There is none, and it can't be made.
    pub fn shared() -> Result<PathBuf, IpcError> {
        let directory = platform::directory()?;
        platform::secure(&directory)?;
        Ok(directory)
    }

    fn lock_file(&self) -> PathBuf {
        self.directory.join(format!("{}.lock", self.display))
    }

    /// Connects without checking the owner of the other end. Waits for `time` at most.
    pub(super) fn connect(&self, time: Duration) -> Result<Stream, IpcError> {
        platform::connect(&self.directory, &self.display, time).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => IpcError::NoShell,
            io::ErrorKind::WouldBlock => IpcError::Full,
            _ => IpcError::io(format!("connecting to the shell in {}", self.directory.display()))(error),
        })
    }

    fn name(&self) -> Result<Name<'static>, IpcError> {
        platform::name(&self.directory, &self.display).map_err(IpcError::io("naming the shell's socket"))
    }
}

/// A display's name as part of a file name. What is long or strange is told apart by its hash.
fn plain(display: &str) -> String {
    let plain: String = display
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    if plain.len() <= 24 && plain == display.replace(':', "_") {
        plain
    } else {
        blake3::hash(display.as_bytes()).to_hex()[..16].to_owned()
    }
}

/// Role of this process for the display.
#[derive(Debug)]
pub enum Role {
    /// The shell, which listens.
    Shell(Listener),
    /// A client of the shell that runs already.
    Client(Client),
}

/// Joins the shell at `endpoint`, or becomes it. Of any number of processes that do so at once exactly one becomes the shell.
///
/// # Errors
/// [`IpcError::Stranger`]: another user listens there. [`IpcError::Busy`]: another process holds the lock and did not
/// listen for five seconds. [`IpcError::Io`]: the system refused.
pub fn join(endpoint: &Endpoint) -> Result<Role, IpcError> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match Client::connect(endpoint) {
            Ok(client) => return Ok(Role::Client(client)),
            Err(IpcError::NoShell) => {}
            Err(error) => return Err(error),
        }
        if let Some(listener) = Listener::take(endpoint)? {
            return Ok(Role::Shell(listener));
        }
        if begun.elapsed() > TIMEOUT {
            return Err(IpcError::Busy);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// The listening socket, and the lock that keeps other shells away. Dropping it releases both.
#[derive(Debug)]
pub struct Listener {
    // Dropped in this order: the socket's file goes before the next shell can make its own.
    pub(super) socket: interprocess::local_socket::Listener,
    _lock: File,
    pub(super) endpoint: Endpoint,
}

impl Listener {
    /// Takes the endpoint, unless another shell has it.
    fn take(endpoint: &Endpoint) -> Result<Option<Self>, IpcError> {
        let path = endpoint.lock_file();
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(IpcError::io(format!("opening {}", path.display())))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => {
                return Err(IpcError::io(format!("locking {}", path.display()))(error));
            }
        }
        // Whoever made a socket that is still there held this lock, so it is dead.
        platform::clear(&endpoint.directory, &endpoint.display)?;
        let options = platform::only_this_user(ListenerOptions::new().name(endpoint.name()?))
            .map_err(IpcError::io("protecting the shell's socket"))?;
        let socket = options
            .create_sync()
            .map_err(IpcError::io(format!("listening in {}", endpoint.directory.display())))?;
        Ok(Some(Self {
            socket,
            _lock: lock,
            endpoint: endpoint.clone(),
        }))
    }
}

#[cfg(unix)]
pub(super) mod platform {
    use super::{Duration, IpcError, Name, Path, PathBuf, io};
    use crate::environment;
    use interprocess::local_socket::{GenericFilePath, ListenerOptions, Stream, prelude::*};
    use interprocess::os::unix::uds_local_socket;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    /// The user's runtime directory; where the system has none, one beside the temporary files under the user's number.
    pub(super) fn directory() -> Result<PathBuf, IpcError> {
        let base = environment::runtime_folder().filter(|path| path.is_absolute());
        Ok(base.map_or_else(
            || std::env::temp_dir().join(format!("portico-{}", rustix::process::geteuid().as_raw())),
            |base| base.join("portico"),
        ))
    }

    /// Makes the directory, or checks the one that is there: ours, no link, closed to everybody else.
    pub(super) fn secure(directory: &Path) -> Result<(), IpcError> {
        match std::fs::DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(IpcError::io(format!("making {}", directory.display()))(error));
            }
            _ => {}
        }
        let found = std::fs::symlink_metadata(directory)
            .map_err(IpcError::io(format!("looking at {}", directory.display())))?;
        let why = if !found.is_dir() {
            "it is not a directory"
        } else if found.uid() != rustix::process::geteuid().as_raw() {
            "it belongs to another user"
        } else if found.mode() & 0o077 != 0 {
            "other users can enter it"
        } else {
            return Ok(());
        };
        Err(IpcError::Unsafe {
            path: directory.to_owned(),
            why,
        })
    }

    fn socket(directory: &Path, display: &str) -> PathBuf {
        directory.join(format!("{display}.sock"))
    }

    pub(super) fn name(directory: &Path, display: &str) -> io::Result<Name<'static>> {
        socket(directory, display).to_fs_name::<GenericFilePath>()
    }

    pub(super) fn connect(directory: &Path, display: &str, time: Duration) -> io::Result<Stream> {
        let stream = crate::local::connect(&socket(directory, display), time)?;
        Ok(Stream::UdSocket(uds_local_socket::Stream::from(stream)))
    }

    pub(super) fn clear(directory: &Path, display: &str) -> Result<(), IpcError> {
        let path = socket(directory, display);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(IpcError::io(format!("removing {}", path.display()))(error))
            }
            _ => Ok(()),
        }
    }

    /// The directory is closed to others already; where the system can, the socket is as well.
    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(super) fn only_this_user(options: ListenerOptions<'_>) -> io::Result<ListenerOptions<'_>> {
        #[cfg(target_os = "linux")]
        let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
        Ok(options)
    }

    /// Whether the process at the other end is this user's.
    pub(crate) fn is_this_user(stream: &Stream) -> bool {
        stream.peer_creds().ok().and_then(|peer| peer.euid()) == Some(rustix::process::geteuid().as_raw())
    }

    /// The process that listens at the other end, where the system tells.
    pub(crate) fn process(stream: &Stream) -> Option<u32> {
        let process = stream.peer_creds().ok()?.pid()?;
        // One of another container has no number here.
        u32::try_from(process).ok().filter(|process| *process != 0)
    }

    /// Ends both directions, so that a thread that reads comes back.
    pub(crate) fn hang_up(stream: &Stream) {
        let Stream::UdSocket(stream) = stream;
        // Nothing is lost if it has been ended already.
        let _ = stream.inner().shutdown(std::net::Shutdown::Both);
    }
}

#[cfg(windows)]
pub(super) mod platform {
    use super::{Duration, IpcError, Name, Path, PathBuf, io};
    use directories::ProjectDirs;
    use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Stream, prelude::*};
    use interprocess::os::windows::local_socket::ListenerOptionsExt;
    use interprocess::os::windows::security_descriptor::SecurityDescriptor;

    /// The user's own application data, which holds the lock; the pipe itself is in no directory.
    pub(super) fn directory() -> Result<PathBuf, IpcError> {
        let directories = ProjectDirs::from("", "", "portico").ok_or_else(|| IpcError::Unsafe {
            path: PathBuf::from("the user's profile"),
            why: "there is none",
        })?;
        Ok(directories.data_local_dir().join("run"))
    }

    pub(super) fn secure(directory: &Path) -> Result<(), IpcError> {
        std::fs::create_dir_all(directory).map_err(IpcError::io(format!("making {}", directory.display())))
    }

    /// Pipes of all users share one name space, directories do not.
    pub(super) fn name(directory: &Path, display: &str) -> io::Result<Name<'static>> {
        let user = blake3::hash(directory.as_os_str().as_encoded_bytes()).to_hex();
        format!("portico-{}-{display}", &user[..16]).to_ns_name::<GenericNamespaced>()
    }

    /// Who is too busy for another client refuses it at once.
    pub(super) fn connect(directory: &Path, display: &str, _time: Duration) -> io::Result<Stream> {
        Stream::connect(name(directory, display)?)
    }

    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(super) fn clear(_directory: &Path, _display: &str) -> Result<(), IpcError> {
        Ok(())
    }

    /// All rights to the pipe's owner, none to anybody else.
    pub(super) fn only_this_user(options: ListenerOptions<'_>) -> io::Result<ListenerOptions<'_>> {
        let descriptor = SecurityDescriptor::deserialize(widestring::u16cstr!("D:P(A;;GA;;;OW)"))?;
        Ok(options.security_descriptor(descriptor))
    }

    /// The pipe's own protection has let nobody else in.
    pub(crate) fn is_this_user(_stream: &Stream) -> bool {
        true
    }

    /// Nobody asks for it: reading and writing have no time limits here.
    pub(crate) fn process(_stream: &Stream) -> Option<u32> {
        None
    }

    /// Nothing ends one side of a pipe early: the thread that reads comes back when the client closes it.
    pub(crate) fn hang_up(_stream: &Stream) {}
}
