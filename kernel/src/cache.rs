//! Compiled code on disk, by program and engine, so that a second start does not compile.
//!
//! Machine code is run as it is, so an entry is used only when it is ours: the directory and the file belong to this user
//! and nobody else can write them, and the entry names the program and the engine that it was made for and has not changed
//! since. Anything else is compiled anew.
//!
//! An entry is what `Module::serialize` returns, followed by [`Trailer`] (the code stays mappable from offset 0).

use crate::hash::Hash;
use crate::private;
use memmap2::Mmap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use wasmtime::{Engine, Module};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, little_endian::U64, little_endian::U128};

const MAGIC: [u8; 8] = *b"portico1";
/// Most entries that are kept; the oldest go first.
const MOST: usize = 256;

#[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Trailer {
    magic: [u8; 8],
    engine: U64,
    program: [u8; 32],
    /// XXH3-128 of everything before the trailer.
    sum: U128,
}

/// A directory of compiled code.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Opens the directory, made if it is not there, for this user alone.
    ///
    /// # Errors
    /// When it can't be made, or belongs to somebody else.
    pub fn open(directory: impl Into<PathBuf>) -> io::Result<Self> {
        let directory = directory.into();
        private::open(&directory)?;
        Ok(Self { directory })
    }

    /// Where the entry of a program is.
    pub fn path(&self, engine: &Engine, program: &Hash) -> PathBuf {
        self.directory.join(format!("{program}-{:016x}.code", engine_key(engine)))
    }

    /// The compiled program, if there is an entry that can be trusted.
    pub fn load(&self, engine: &Engine, program: &Hash) -> Option<Module> {
        let file = File::open(self.path(engine, program)).ok()?;
        if !private::ours(&file.metadata().ok()?) || !intact(&file, engine, program).ok()? {
            return None;
        }
        // SAFETY: the file was written by `store` on behalf of this user, who alone can write to it, from this program and
        // for this engine, and its checksum holds; wasmtime itself checks the version and the settings again.
        unsafe { Module::deserialize_open_file(engine, file) }.ok()
    }

    /// Keeps a compiled program. The entry is there whole or not at all.
    ///
    /// # Errors
    /// When it can't be serialised or written.
    pub fn store(&self, engine: &Engine, program: &Hash, module: &Module) -> Result<(), StoreError> {
        let code = module.serialize().map_err(|error| StoreError::Serialize(error.to_string()))?;
        let trailer = Trailer {
            magic: MAGIC,
            engine: engine_key(engine).into(),
            program: *program.as_bytes(),
            sum: xxh3_128(&code).into(),
        };
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(&code)?;
        file.write_all(trailer.as_bytes())?;
        file.persist(self.path(engine, program)).map_err(|error| error.error)?;
        self.tidy();
        Ok(())
    }

    /// Removes the oldest entries when there are too many. What can't be removed stays.
    fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        let mut entries: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        entries.sort();
        for (_, path) in entries.iter().take(entries.len().saturating_sub(MOST)) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Why compiled code was not kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// wasmtime could not serialise it.
    #[error("the compiled program could not be serialised: {0}")]
    Serialize(String),
    /// It could not be written.
    #[error("the compiled program could not be written: {0}")]
    Write(#[from] io::Error),
}

/// Tells engines apart whose code differs: version, target and settings.
fn engine_key(engine: &Engine) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = Xxh3::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// Whether this is the entry of the program for the engine, whole and unchanged.
fn intact(file: &File, engine: &Engine, program: &Hash) -> io::Result<bool> {
    // SAFETY: only this user can write the file, and entries are replaced as a whole, never written again.
    let bytes = unsafe { Mmap::map(file) }?;
    let Ok((code, trailer)) = Trailer::ref_from_suffix(&bytes) else { return Ok(false) };
    Ok(trailer.magic == MAGIC
        && trailer.engine.get() == engine_key(engine)
        && trailer.program == *program.as_bytes()
        && trailer.sum.get() == xxh3_128(code))
}
