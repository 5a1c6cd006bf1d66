//! The answer that a worker writes to its standard output: a header, then as many bytes as that says. It is read as if an enemy
//! had written it.

use super::sandbox::Sandbox;
use std::io::{self, Read, Write};
use zerocopy::{FromBytes, FromZeros as _, Immutable, IntoBytes, KnownLayout, Unaligned, little_endian::U64};

/// Most bytes of a worker's message.
const MOST_WORDS: u64 = 2000;

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Header {
    kind: u8,
    sandbox: u8,
    zero: [u8; 6],
    length: U64,
}

/// Kind of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The result.
    Done = 1,
    /// A message: what is wrong with the input.
    Refused = 2,
    /// A message: what went wrong in the worker.
    Failed = 3,
    /// Nothing: it has no more memory.
    Memory = 4,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Done, Self::Refused, Self::Failed, Self::Memory];
}

/// An answer that was read.
pub(super) struct Answer {
    pub(super) kind: Kind,
    /// Parts of the sandbox that this system has, as the worker tells with a result.
    pub(super) sandbox: Sandbox,
    pub(super) bytes: Vec<u8>,
}

/// Writes an answer. Allocates nothing.
pub(super) fn write(mut output: impl Write, kind: Kind, sandbox: Sandbox, bytes: &[u8]) -> io::Result<()> {
    let header = Header {
        kind: kind as u8,
        sandbox: sandbox.bits(),
        zero: [0; 6],
        length: (bytes.len() as u64).into(),
    };
    output.write_all(header.as_bytes())?;
    output.write_all(bytes)
}

/// Reads an answer of `most` bytes at most.
pub(super) fn read(mut input: impl Read, most: u64) -> io::Result<Answer> {
    let garbage = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut header = Header::new_zeroed();
    input.read_exact(header.as_mut_bytes())?;
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| *kind as u8 == header.kind && header.zero == [0; 6]);
    let kind = kind.ok_or_else(|| garbage("it is no answer"))?;
    let (length, most) = (header.length.get(), if kind == Kind::Done { most } else { MOST_WORDS });
    if length > most {
        return Err(garbage("its answer is too long"));
    }
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(usize::try_from(length).map_err(io::Error::other)?)
        .map_err(io::Error::other)?;
    input.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(garbage("its answer is not whole"));
    }
    Ok(Answer {
        kind,
        sandbox: Sandbox::of_bits(header.sandbox),
        bytes,
    })
}

/// Cuts a message to its most bytes.
pub(super) fn cut(words: &str) -> &str {
    &words[..words.floor_char_boundary(MOST_WORDS as usize)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        for kind in Kind::ALL {
            let mut written = Vec::new();
            write(&mut written, kind, Sandbox::of_bits(3), b"words").unwrap();
            let read = read(&*written, 5).unwrap();
            assert_eq!(
                (read.kind, read.sandbox, &*read.bytes),
                (kind, Sandbox::of_bits(3), b"words".as_slice())
            );
            assert!(
                (0..written.len()).all(|length| super::read(&written[..length], 5).is_err()),
                "cut off"
            );
        }
    }

    #[test]
    fn an_answer_that_is_too_long_is_not_read() {
        let mut written = Vec::new();
        write(&mut written, Kind::Done, Sandbox::default(), &[0; 100]).unwrap();
        assert!(read(&*written, 100).is_ok() && read(&*written, 99).is_err());
        written[8..16].fill(0xff);
        assert!(read(&*written, u64::MAX - 1).is_err());
        let long = "é".repeat(2000);
        assert_eq!(cut(&long).len(), 2000);
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(bytes: Vec<u8>) {
            if let Ok(answer) = read(&*bytes, 64) {
                prop_assert!(answer.bytes.len() <= 2000);
            }
        }
    }
}
