//! Compiled code on disk, by program and engine, so that a second start does not compile.
//!
//! Machine code is run as it is, so an entry is used only when it is ours: the directory and the file belong to this user
//! and nobody else can write them, and the entry names the program and the engine that it was made for and has not changed
//! since. Anything else is compiled anew.
//!
//! What runs is never the file itself: whoever can write it could change it under the running program, and a file that is cut
//! off would take the shell with it. An entry is copied into memory that nobody can change any more, and checked, in one pass.
//!
//! An entry is what `Module::serialize` returns, followed by [`Trailer`].

use crate::hash::Hash;
use crate::private_dir;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use wasmtime::{Engine, Module};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned, little_endian::U64, little_endian::U128};

const MAGIC: [u8; 8] = *b"portico1";
/// Most entries that are kept; the oldest go first.
const MOST: usize = 256;
/// Bytes of an entry that are copied at once: as many as stay in the processor's cache.
#[cfg(target_os = "linux")]
const PIECE: usize = 64 << 10;

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
        private_dir::open(&directory)?;
        Ok(Self { directory })
    }

    /// Where the entry of a program is.
    pub fn path(&self, engine: &Engine, program: &Hash) -> PathBuf {
        self.directory
            .join(format!("{program}-{:016x}.code", engine_key(engine)))
    }

    /// The compiled program, if there is an entry that can be trusted.
    pub fn load(&self, engine: &Engine, program: &Hash) -> Option<Module> {
        let file = File::open(self.path(engine, program)).ok()?;
        let metadata = file.metadata().ok()?;
        if private_dir::ours(&metadata) {
            read(file, metadata.len(), engine, program)
        } else {
            None
        }
    }

    /// Keeps a compiled program, as [`compile`](crate::compile()) returns it. The entry is there whole or not at all.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn store(&self, engine: &Engine, program: &Hash, entry: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(entry)?;
        file.persist(self.path(engine, program)).map_err(|error| error.error)?;
        self.tidy();
        Ok(())
    }

    /// Removes the oldest entries when there are too many. What can't be removed stays.
    fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
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

/// Tells engines apart whose code differs: version, target and settings.
fn engine_key(engine: &Engine) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = Xxh3::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// Makes an entry of code that was compiled of the program for the engine.
pub(crate) fn seal(mut code: Vec<u8>, engine: &Engine, program: &Hash) -> Vec<u8> {
    let trailer = Trailer {
        magic: MAGIC,
        engine: engine_key(engine).into(),
        program: *program.as_bytes(),
        sum: xxh3_128(&code).into(),
    };
    // Code may be hundreds of megabytes, which are not to be doubled for a few bytes more.
    code.reserve_exact(size_of::<Trailer>());
    code.extend_from_slice(trailer.as_bytes());
    code
}

impl Trailer {
    /// Checks that the entry that it ends is whole, unchanged, of this program and for this engine; `sum` is that of its code.
    fn holds(&self, sum: u128, engine: &Engine, program: &Hash) -> bool {
        self.magic == MAGIC
            && self.engine.get() == engine_key(engine)
            && self.program == *program.as_bytes()
            && self.sum.get() == sum
    }
}

/// The compiled program in an entry, if it is whole, unchanged, of this program and for this engine.
#[allow(unsafe_code, reason = "wasmtime takes compiled code on trust")]
pub(crate) fn open(entry: &[u8], engine: &Engine, program: &Hash) -> Option<Module> {
    let (code, trailer) = Trailer::ref_from_suffix(entry).ok()?;
    let sound = trailer.holds(xxh3_128(code), engine, program);
    // SAFETY: it was made by `seal`, of this program and for this engine, and came from a file that this user alone can write
    // or from the kernel's compiler; its checksum holds, and wasmtime itself checks the version and the settings again. It is
    // copied, so that nobody changes what runs.
    sound
        .then(|| unsafe { Module::deserialize(engine, code) }.ok())
        .flatten()
}

/// Reads an entry of `size` bytes from a file, and returns the compiled program as [`open`] does.
#[cfg(not(target_os = "linux"))]
fn read(mut file: File, size: u64, engine: &Engine, program: &Hash) -> Option<Module> {
    let mut entry = Vec::with_capacity(usize::try_from(size).ok()?);
    file.read_to_end(&mut entry).ok()?;
    open(&entry, engine, program)
}

/// Reads an entry of `size` bytes from a file, and returns the compiled program as [`open`] does. The code goes into sealed memory:
/// wasmtime maps that as it would the file, so that it is copied once, and no page of it is touched before it is run.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "wasmtime takes compiled code on trust")]
fn read(mut file: File, size: u64, engine: &Engine, program: &Hash) -> Option<Module> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    let mut left = usize::try_from(size).ok()?.checked_sub(size_of::<Trailer>())?;
    let mut memory = File::from(memfd_create(c"code", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).ok()?);
    let (mut sum, mut piece) = (Xxh3::new(), [0; PIECE]);
    while left > 0 {
        let piece = &mut piece[..left.min(PIECE)];
        file.read_exact(piece).ok()?;
        sum.update(piece);
        memory.write_all(piece).ok()?;
        left -= piece.len();
    }
    let mut trailer: Trailer = zerocopy::FromZeros::new_zeroed();
    file.read_exact(trailer.as_mut_bytes()).ok()?;
    if !trailer.holds(sum.digest128(), engine, program) {
        return None;
    }
    fcntl_add_seals(
        &memory,
        SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
    )
    .ok()?;
    // SAFETY: as in `open`; and nobody can write the memory any more, or make it shorter.
    unsafe { Module::deserialize_open_file(engine, memory) }.ok()
}
