//! What is read of paths that somebody names: files, with a bound. A folder, a device or a socket is called so before anything is
//! read of it, and nothing here waits for a pipe unless it is told to.

use portico_kernel::escaped;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a program: as many as a request to run it may bring along.
pub const LARGEST: u64 = portico_ipc::LARGEST_PAYLOAD;
/// What a command line calls standard input.
pub(crate) const STDIN: &str = "-";
/// Names that standard input has among the files.
const STDIN_FILES: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Why there are no bytes.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system says why.
    #[error("{}: {why}", shown(.file))]
    Failed {
        /// What was read.
        file: PathBuf,
        /// Why it can't be.
        why: io::Error,
    },
    /// It is something else than a file.
    #[error("{} is {what}, not a file", shown(.file))]
    NotAFile {
        /// What was to be read.
        file: PathBuf,
        /// What it is, for example *a folder*.
        what: &'static str,
    },
    /// There is more of it than anything that is wanted here has.
    #[error("{} has more than {} MiB", shown(.file), .most >> 20)]
    TooLarge {
        /// What was read.
        file: PathBuf,
        /// Bytes that are taken at most.
        most: u64,
    },
}

/// How a path is called in a sentence.
fn shown(file: &Path) -> String {
    if file == Path::new(STDIN) {
        return "standard input".to_owned();
    }
    escaped(&file.display().to_string())
}

/// Reads a file of `most` bytes at most.
///
/// # Errors
/// When it is no file, is larger, or can't be read.
pub fn read(file: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let opened = open(file)?;
    bounded(opened, file, most)
}

/// The same, and what comes through a pipe, for which it waits, up to its end. `-` is standard input.
///
/// # Errors
/// As [`read`].
pub fn receive(file: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let failed = |why| ReadError::Failed {
        file: file.to_owned(),
        why,
    };
    if is_stdin(file) {
        return match stdin_kind().map_err(failed)? {
            None | Some(A_PIPE | A_SOCKET) => bounded(io::stdin().lock(), file, most),
            Some(what) => {
                // One that was closed is a device by the time that anybody looks.
                let what = if what == A_DEVICE { "closed or a device" } else { what };
                Err(ReadError::NotAFile {
                    file: file.to_owned(),
                    what,
                })
            }
        };
    }
    if is_stream(file) {
        bounded(File::open(file).map_err(failed)?, file, most)
    } else {
        read(file, most)
    }
}

/// Whether a path means something that can be read once only: standard input, a pipe, or a file that has no name any more.
pub(crate) fn is_stream(file: &Path) -> bool {
    is_stdin(file)
        || fs::metadata(file).is_ok_and(|about| match what(&about) {
            None => file.canonicalize().is_err(),
            kind => kind == Some(A_PIPE),
        })
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new(STDIN) || STDIN_FILES.iter().any(|name| file == Path::new(name))
}

#[cfg(unix)]
fn stdin_kind() -> io::Result<Option<&'static str>> {
    let stdin = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    Ok(what(&File::from(stdin).metadata()?))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn stdin_kind() -> io::Result<Option<&'static str>> {
    Ok(io::IsTerminal::is_terminal(&io::stdin()).then_some(A_DEVICE))
}

/// Opens a file to read it.
///
/// # Errors
/// When it is no file, or can't be opened.
pub(crate) fn open(file: &Path) -> Result<File, ReadError> {
    let failed = |why| ReadError::Failed {
        file: file.to_owned(),
        why,
    };
    let check = |about: Metadata| match what(&about) {
        Some(what) => Err(ReadError::NotAFile {
            file: file.to_owned(),
            what,
        }),
        None => Ok(()),
    };
    check(fs::metadata(file).map_err(failed)?)?;
    let mut options = File::options();
    options.read(true);
    // Something else may be there by now: neither a pipe nor a device is waited for.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let opened = options.open(file).map_err(failed)?;
    check(opened.metadata().map_err(failed)?)?;
    Ok(opened)
}

/// A path of an address, with its percent signs undone.
pub(crate) fn unescaped(path: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}

fn bounded(from: impl Read, file: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|why| ReadError::Failed {
            file: file.to_owned(),
            why,
        })?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge {
            file: file.to_owned(),
            most,
        });
    }
    Ok(bytes)
}

const A_PIPE: &str = "a pipe";
const A_DEVICE: &str = "a device";
const A_SOCKET: &str = "a socket";

/// What a path leads to; `None` for a file.
fn what(about: &Metadata) -> Option<&'static str> {
    let kind = about.file_type();
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some(A_PIPE);
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some(A_DEVICE);
        }
        if kind.is_socket() {
            return Some(A_SOCKET);
        }
    }
    match kind {
        kind if kind.is_dir() => Some("a folder"),
        kind if kind.is_file() => None,
        _ => Some(A_DEVICE),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn files_are_read_up_to_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "1234").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"1234");
        assert!(read(&file, 3).unwrap_err().to_string().contains("has more than"));
        assert!(
            read(&folder.path().join("none"), 4)
                .unwrap_err()
                .to_string()
                .contains("none: ")
        );
        let said = read(folder.path(), 4).unwrap_err().to_string();
        assert!(said.ends_with("is a folder, not a file"), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_called_by_its_kind_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (
            folder.path().join("pipe"),
            folder.path().join("socket\u{1b}[2J\u{202E}"),
        );
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (file, what) in [
            (&*pipe, A_PIPE),
            (&*socket, A_SOCKET),
            (Path::new("/dev/zero"), A_DEVICE),
        ] {
            let said = read(file, 4).unwrap_err().to_string();
            assert!(
                said.ends_with(&format!("is {what}, not a file")) && !said.contains(['\u{1b}', '\u{202E}']),
                "{said}"
            );
        }
        assert!(receive(Path::new("/dev/zero"), 4).is_err(), "a device is no pipe");
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::write(pipe, "12345")
        });
        assert!(matches!(receive(&pipe, 4), Err(ReadError::TooLarge { .. })));
        drop(writer.join());
    }
}
