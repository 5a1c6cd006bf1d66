//! Some thousands of lines: a table of records, then names and texts, so that one line can be read without the others.

use super::SourceId;
use portico_abi::Level;
use std::fs::File;
use std::io;
use std::sync::Arc;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Lines of a chunk.
pub(super) const LINES: usize = 4096;
/// Bytes of names and texts after which a chunk is full.
const BYTES: usize = 256 << 10;
/// Stands after every name and every text, neither of which has one.
pub(super) const END: u8 = b'\n';

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Milliseconds since 1970.
    pub time: u64,
    /// Its source.
    pub source: SourceId,
    /// Its level.
    pub level: Level,
    /// Name of its index.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The data of a line without its text.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Record {
    pub(super) time: U64,
    /// Where its name begins, from the end of the table.
    pub(super) start: U32,
    /// Where its text ends.
    pub(super) end: U32,
    pub(super) source: U16,
    /// Bytes of its name.
    pub(super) name: U16,
    pub(super) level: u8,
    unused: [u8; 3],
}

const RECORD: usize = size_of::<Record>();

/// A chunk that is being written.
#[derive(Clone, Default)]
pub(super) struct OpenChunk {
    pub(super) records: Vec<Record>,
    pub(super) text: Vec<u8>,
}

impl OpenChunk {
    pub(super) fn push(&mut self, time: u64, source: SourceId, level: Level, name: &str, text: &str) {
        let name = &name[..name.floor_char_boundary(usize::from(u16::MAX))];
        let start = self.text.len() as u32;
        self.text.extend_from_slice(name.as_bytes());
        self.text.push(END);
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(END);
        self.records.push(Record {
            time: time.into(),
            start: start.into(),
            end: (self.text.len() as u32 - 1).into(),
            source: source.0.into(),
            name: (name.len() as u16).into(),
            level: level.number(),
            unused: [0; 3],
        });
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= LINES || self.text.len() >= BYTES
    }

    /// The chunk that it becomes.
    pub(super) fn seal(self) -> Data {
        let mut bytes = Vec::with_capacity(self.records.len() * RECORD + self.text.len());
        bytes.extend_from_slice(self.records.as_bytes());
        bytes.extend_from_slice(&self.text);
        Data {
            count: self.records.len(),
            bytes,
        }
    }

    pub(super) fn line(&self, index: usize) -> Option<Line> {
        let record = self.records.get(index)?;
        line(record, self.text.get(record.range())?)
    }
}

impl Record {
    /// Where name and text lie, from the end of the table.
    fn range(&self) -> std::ops::Range<usize> {
        self.start.get() as usize..self.end.get() as usize
    }

    /// Where the text begins, from the end of the table.
    pub(super) fn text_start(&self) -> usize {
        self.start.get() as usize + usize::from(self.name.get()) + 1
    }
}

fn line(record: &Record, both: &[u8]) -> Option<Line> {
    let (name, text) = both.split_at_checked(usize::from(record.name.get()))?;
    Some(Line {
        time: record.time.get(),
        source: SourceId(record.source.get()),
        level: *Level::ALL.iter().find(|level| level.number() == record.level)?,
        name: String::from_utf8_lossy(name).into_owned(),
        text: String::from_utf8_lossy(text.get(1..)?).into_owned(),
    })
}

/// The content of a chunk: its records, then its text.
pub(super) struct Data {
    count: usize,
    bytes: Vec<u8>,
}

impl Data {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The records, and the text that they point into.
    pub(super) fn parts(&self) -> (&[Record], &[u8]) {
        let (table, text) = self.bytes.split_at(self.count * RECORD);
        (<[Record]>::ref_from_bytes(table).unwrap_or_default(), text)
    }
}

/// Location of the content of a chunk.
#[derive(Clone)]
pub(super) enum Location {
    Memory(Arc<Data>),
    File { file: Arc<File>, at: u64, len: usize },
}

/// A chunk that is full.
#[derive(Clone)]
pub(super) struct Chunk {
    /// Number of its first line.
    pub(super) first: u64,
    pub(super) count: usize,
    pub(super) location: Location,
}

impl Chunk {
    /// All of it.
    pub(super) fn data(&self) -> io::Result<Arc<Data>> {
        match &self.location {
            Location::Memory(data) => Ok(Arc::clone(data)),
            Location::File { file, at, len } => {
                let mut bytes = vec![0; *len];
                read_at(file, &mut bytes, *at)?;
                Ok(Arc::new(Data {
                    count: self.count,
                    bytes,
                }))
            }
        }
    }

    /// One of its lines.
    pub(super) fn line(&self, index: usize) -> io::Result<Option<Line>> {
        if index >= self.count {
            return Ok(None);
        }
        match &self.location {
            Location::Memory(data) => {
                let (records, text) = data.parts();
                Ok(records
                    .get(index)
                    .and_then(|record| line(record, text.get(record.range())?)))
            }
            Location::File { file, at, .. } => {
                let mut bytes = [0; RECORD];
                read_at(file, &mut bytes, at + (index * RECORD) as u64)?;
                let Ok(record) = Record::read_from_bytes(&bytes) else {
                    return Ok(None);
                };
                let range = record.range();
                let mut both = vec![0; range.len()];
                read_at(file, &mut both, at + (self.count * RECORD + range.start) as u64)?;
                Ok(line(&record, &both))
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], at + done as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => done += read,
        }
    }
    Ok(())
}

#[cfg(unix)]
pub(super) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        done += std::os::windows::fs::FileExt::seek_write(file, &bytes[done..], at + done as u64)?;
    }
    Ok(())
}
