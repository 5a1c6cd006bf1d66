//! Named pipes, which are to Windows what Unix sockets are to others: faster than TCP, and they say who the peer is.

use mio::windows::NamedPipe;
use mio::{Interest, Registry, Token};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, IoSlice, Write};
use std::mem;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, IntoRawHandle};
use std::path::{Path, PathBuf};
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY, HANDLE, INVALID_HANDLE_VALUE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, PIPE_ACCESS_DUPLEX, SECURITY_IDENTIFICATION,
};
use windows_sys::Win32::System::IO::CancelIoEx;
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, GetNamedPipeClientProcessId, PIPE_REJECT_REMOTE_CLIENTS, PIPE_TYPE_BYTE, PIPE_UNLIMITED_INSTANCES,
};

/// Where all pipes are.
const ALL: &str = r"\\.\pipe\";
/// All rights to the pipe's owner, none to anybody else.
const ONLY_OWNER: &str = "D:P(A;;GA;;;OW)\0";
/// Bytes that the system keeps of a pipe, in each direction.
const BUFFER: u32 = 64 * 1024;
/// How long a client waits for the broker to accept those before it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The name of the pipe for a path: the path itself if it is one, else it with hyphens between its parts, since pipes of all
/// users share one name space and directories do not.
fn name(path: &Path) -> OsString {
    let text = path.as_os_str();
    if text.to_string_lossy().starts_with(ALL) {
        return text.to_owned();
    }
    let mut name = OsString::from(ALL);
    name.push(text.to_string_lossy().replace(['\\', '/', ':'], "-"));
    name
}

/// Connects to the pipe for a path.
#[allow(unsafe_code, reason = "pipes are made of handles")]
pub(crate) fn connect(path: &Path) -> io::Result<NamedPipe> {
    let until = Instant::now() + PATIENCE;
    loop {
        // Whoever has taken the broker's place may learn who this is, and not act in its name.
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .custom_flags(FILE_FLAG_OVERLAPPED)
            .security_qos_flags(SECURITY_IDENTIFICATION);
        match options.open(name(path)) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY as i32) && Instant::now() < until => {
                thread::sleep(Duration::from_millis(10));
            }
            // SAFETY: the handle is a pipe's, was opened for overlapped use, and nobody else has it.
            opened => return Ok(unsafe { NamedPipe::from_raw_handle(opened?.into_raw_handle()) }),
        }
    }
}

/// Writes what it takes: as much as the system keeps of it, in one piece, since it takes no more before that has gone.
pub(crate) fn write(pipe: &mut NamedPipe, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let most = BUFFER as usize;
    let mut some = slices.iter().filter(|slice| !slice.is_empty());
    let Some(first) = some.next() else { return Ok(0) };
    if first.len() >= most {
        return pipe.write(&first[..most]);
    }
    let mut all = first.to_vec();
    for slice in some {
        all.extend_from_slice(&slice[..slice.len().min(most - all.len())]);
    }
    pipe.write(&all)
}

/// Gives up what is on its way: until it has gone, the system would keep the connection.
#[allow(unsafe_code, reason = "only a call of the system does so")]
pub(crate) fn abandon(pipe: &NamedPipe) {
    // SAFETY: the handle is open as long as the pipe lives. That nothing is on its way is no fault.
    unsafe { CancelIoEx(pipe.as_raw_handle() as HANDLE, ptr::null()) };
}

/// A pipe that waits for clients: one instance of it always does.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) path: PathBuf,
    waiting: NamedPipe,
}

impl Listener {
    /// Opens a pipe that only this user can connect to. Fails if there is one of that name, whosoever it is.
    pub(crate) fn bind(path: &Path, registry: &Registry, token: Token) -> io::Result<Self> {
        let waiting = instance(path, FILE_FLAG_FIRST_PIPE_INSTANCE, registry, token).map_err(|error| {
            // So the system says that there is one.
            let taken = error.raw_os_error() == Some(ERROR_ACCESS_DENIED as i32);
            if taken {
                io::Error::new(io::ErrorKind::AddrInUse, error)
            } else {
                error
            }
        })?;
        Ok(Self {
            path: path.to_owned(),
            waiting,
        })
    }

    /// The next client, who isn't watched any more. Its successor is waited for under the same token.
    pub(crate) fn accept(&mut self, registry: &Registry, token: Token) -> io::Result<NamedPipe> {
        self.waiting.connect()?;
        if let Some(error) = self.waiting.take_error()? {
            return Err(error);
        }
        let next = instance(&self.path, 0, registry, token)?;
        let mut accepted = mem::replace(&mut self.waiting, next);
        registry.deregister(&mut accepted)?;
        Ok(accepted)
    }
}

/// Makes an instance of a pipe, and begins to wait for who connects to it.
#[allow(unsafe_code, reason = "only calls of the system make pipes with rights")]
fn instance(path: &Path, first: u32, registry: &Registry, token: Token) -> io::Result<NamedPipe> {
    let name: Vec<u16> = name(path).encode_wide().chain([0]).collect();
    let rights: Vec<u16> = ONLY_OWNER.encode_utf16().collect();
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: the text ends with a zero, and the descriptor is freed below.
    let made = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            rights.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor,
        bInheritHandle: 0,
    };
    // SAFETY: the name ends with a zero, and the attributes live until the call is over.
    let handle = unsafe {
        CreateNamedPipeW(
            name.as_ptr(),
            PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
            PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS,
            PIPE_UNLIMITED_INSTANCES,
            BUFFER,
            BUFFER,
            0,
            &raw const attributes,
        )
    };
    let error = io::Error::last_os_error();
    // SAFETY: it came from the conversion above, and nobody uses it any more.
    unsafe { LocalFree(descriptor) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(error);
    }
    // SAFETY: the handle is a new pipe's, for overlapped use, and nobody else has it.
    let mut pipe = unsafe { NamedPipe::from_raw_handle(handle) };
    registry.register(&mut pipe, token, Interest::READABLE)?;
    match pipe.connect() {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        // Who connects, or has already, is told of by an event.
        Ok(()) | Err(_) => Ok(pipe),
    }
}

/// Describes the peer, for the log and the directory, and names its process where the system tells.
#[allow(unsafe_code, reason = "only a call of the system tells")]
pub(crate) fn who(pipe: &NamedPipe) -> (String, Option<u32>) {
    let mut process = 0;
    // SAFETY: the handle is open as long as the pipe lives, and the number is written to a place of its own.
    let told = unsafe { GetNamedPipeClientProcessId(pipe.as_raw_handle() as HANDLE, &raw mut process) };
    if told == 0 {
        ("a local process".into(), None)
    } else {
        (format!("process {process}"), Some(process))
    }
}
