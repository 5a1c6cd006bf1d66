//! The client's end of a named pipe, of plain bytes, with times as sockets have them.
#![allow(unsafe_code, reason = "calls of the system")]

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{ptr, thread};
use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_IO_INCOMPLETE, ERROR_IO_PENDING, ERROR_OPERATION_ABORTED, ERROR_PIPE_BUSY,
    ERROR_PIPE_NOT_CONNECTED, HANDLE, WAIT_OBJECT_0,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_FLAG_OVERLAPPED, ReadFile, WriteFile};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Threading::{CreateEventW, INFINITE, WaitForSingleObject};

pub struct Pipe {
    handle: Arc<OwnedHandle>,
    read: Option<Duration>,
    write: Option<Duration>,
    /// What was taken and has not gone yet.
    writing: Option<Operation>,
}

/// What the system does meanwhile, with memory that has to stay where it is.
struct Operation {
    handle: Arc<OwnedHandle>,
    event: OwnedHandle,
    overlapped: Box<OVERLAPPED>,
    bytes: Vec<u8>,
    done: bool,
}

// SAFETY: what is in it may be used on any thread, by one at a time.
unsafe impl Send for Operation {}

impl Operation {
    fn new(handle: &Arc<OwnedHandle>, bytes: Vec<u8>) -> io::Result<Self> {
        // SAFETY: plain numbers in, a new handle out, which nobody else has.
        let event = unsafe {
            let event = CreateEventW(ptr::null(), 1, 0, ptr::null());
            if event.is_null() {
                return Err(io::Error::last_os_error());
            }
            OwnedHandle::from_raw_handle(event)
        };
        let overlapped = Box::new(OVERLAPPED {
            hEvent: event.as_raw_handle() as HANDLE,
            ..OVERLAPPED::default()
        });
        Ok(Self {
            handle: Arc::clone(handle),
            event,
            overlapped,
            bytes,
            done: false,
        })
    }

    fn begin(&mut self, call: impl FnOnce(HANDLE, &mut [u8], *mut OVERLAPPED) -> i32) -> io::Result<()> {
        let begun = call(
            self.handle.as_raw_handle() as HANDLE,
            &mut self.bytes,
            &raw mut *self.overlapped,
        );
        match io::Error::last_os_error() {
            error if begun == 0 && error.raw_os_error() != Some(ERROR_IO_PENDING as i32) => {
                self.done = true;
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// How many bytes it was; nothing if it isn't done in time.
    fn end(&mut self, time: Option<Duration>) -> io::Result<Option<usize>> {
        let time = time.map_or(INFINITE, |time| time.as_millis() as u32);
        // SAFETY: the event is open.
        if unsafe { WaitForSingleObject(self.event.as_raw_handle() as HANDLE, time) } != WAIT_OBJECT_0 {
            return Ok(None);
        }
        self.result(false).map(Some)
    }

    fn result(&mut self, wait: bool) -> io::Result<usize> {
        let mut count = 0;
        // SAFETY: it was begun with this handle and this memory.
        let whole = unsafe {
            GetOverlappedResult(
                self.handle.as_raw_handle() as HANDLE,
                &raw const *self.overlapped,
                &raw mut count,
                i32::from(wait),
            )
        };
        let error = io::Error::last_os_error();
        assert!(
            whole != 0 || error.raw_os_error() != Some(ERROR_IO_INCOMPLETE as i32),
            "it was waited for"
        );
        self.done = true;
        if whole == 0 { Err(error) } else { Ok(count as usize) }
    }

    /// Ends it now; how many bytes it was.
    fn cancel(&mut self) -> io::Result<usize> {
        // SAFETY: the handle is open. What has ended meanwhile can't be cancelled, which is as well.
        unsafe { CancelIoEx(self.handle.as_raw_handle() as HANDLE, &raw const *self.overlapped) };
        self.result(true)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if !self.done {
            let _ended = self.cancel();
        }
    }
}

impl Pipe {
    /// Connects to the broker that has a pipe for this path.
    pub fn connect(path: &Path) -> Self {
        let name = format!(
            r"\\.\pipe\{}",
            path.display().to_string().replace(['\\', '/', ':'], "-")
        );
        loop {
            match OpenOptions::new()
                .read(true)
                .write(true)
                .custom_flags(FILE_FLAG_OVERLAPPED)
                .open(&name)
            {
                Ok(file) => {
                    return Self {
                        handle: Arc::new(file.into()),
                        read: None,
                        write: None,
                        writing: None,
                    };
                }
                Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY as i32) => {
                    thread::sleep(Duration::from_millis(5));
                }
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }

    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            handle: Arc::clone(&self.handle),
            read: self.read,
            write: self.write,
            writing: None,
        })
    }

    pub fn set_read_timeout(&mut self, time: Option<Duration>) -> io::Result<()> {
        self.read = time;
        Ok(())
    }

    pub fn set_write_timeout(&mut self, time: Option<Duration>) -> io::Result<()> {
        self.write = time;
        Ok(())
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut reading = Operation::new(&self.handle, vec![0; buffer.len()])?;
        // SAFETY: the operation keeps both memories until it is done.
        let begun = reading.begin(|handle, bytes, overlapped| unsafe {
            ReadFile(
                handle,
                bytes.as_mut_ptr(),
                bytes.len() as u32,
                ptr::null_mut(),
                overlapped,
            )
        });
        let ended = begun.and_then(|()| match reading.end(self.read)? {
            Some(count) => Ok(count),
            None => reading.cancel(),
        });
        let code = |error: &io::Error| error.raw_os_error().unwrap_or_default() as u32;
        match ended {
            Ok(count) => {
                buffer[..count].copy_from_slice(&reading.bytes[..count]);
                Ok(count)
            }
            Err(error) if matches!(code(&error), ERROR_BROKEN_PIPE | ERROR_PIPE_NOT_CONNECTED) => Ok(0),
            Err(error) if code(&error) == ERROR_OPERATION_ABORTED => Err(ErrorKind::TimedOut.into()),
            Err(error) => Err(error),
        }
    }
}

impl Write for Pipe {
    /// Takes what it is given. If that doesn't go in time, the next has to wait.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(writing) = &mut self.writing
            && writing.end(self.write)?.is_none()
        {
            return Err(ErrorKind::TimedOut.into());
        }
        self.writing = None;
        let mut writing = Operation::new(&self.handle, bytes.to_owned())?;
        // SAFETY: as above.
        writing.begin(|handle, bytes, overlapped| unsafe {
            WriteFile(handle, bytes.as_ptr(), bytes.len() as u32, ptr::null_mut(), overlapped)
        })?;
        match writing.end(self.write)? {
            Some(count) => Ok(count),
            None => {
                self.writing = Some(writing);
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
