//! Compiled code on disk: whatever stands in an entry, nothing is loaded but what was stored there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_kernel::{Cache, Hash, compile, engine};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use wasmtime::Engine;

struct Stored {
    _directory: tempfile::TempDir,
    cache: Cache,
    engine: Engine,
    program: Hash,
    entry: PathBuf,
    /// The entry as it was stored.
    good: Vec<u8>,
    /// Where the entry of another program would be.
    other: (Hash, PathBuf),
}

static STORED: LazyLock<Stored> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let cache = Cache::open(directory.path().join("code")).expect("a cache");
    let engine = engine().expect("there is an engine");
    let bytes = wat::parse_str(r#"(module (func (export "run")))"#).expect("the program is sound");
    let program = Hash::of(&bytes);
    cache
        .store(&engine, &program, &compile(&bytes).expect("it compiles"))
        .expect("it is stored");
    let entry = cache.path(&engine, &program);
    let good = fs::read(&entry).expect("the entry is there");
    let other = Hash::of(&wat::parse_str("(module)").expect("the program is sound"));
    let other = (other, cache.path(&engine, &other));
    Stored {
        _directory: directory,
        cache,
        engine,
        program,
        entry,
        good,
        other,
    }
});

fuzz_target!(|data: &[u8]| {
    let Stored {
        cache,
        engine,
        program,
        entry,
        good,
        other,
        ..
    } = &*STORED;
    let Some((how, data)) = data.split_first() else { return };
    let mut bytes = good.clone();
    match how % 4 {
        // Bytes changed here and there, those at the end, which say whose entry it is, as often as the rest.
        0 => change(&mut bytes, data, 0),
        1 => {
            let trailer = bytes.len().saturating_sub(80);
            change(&mut bytes, data, trailer);
        }
        // Cut off, and gone on with something else.
        2 => {
            let length = data
                .iter()
                .take(3)
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            bytes.truncate(length % (good.len() + 1));
            bytes.extend_from_slice(data.get(3..).unwrap_or_default());
        }
        _ => bytes = data.to_vec(),
    }
    fs::write(entry, &bytes).expect("the entry can be written");
    assert_eq!(
        cache.load(engine, program).is_some(),
        bytes == *good,
        "loaded, or not, what is not, or is, the same"
    );
    fs::write(&other.1, &bytes).expect("the entry can be written");
    assert!(
        cache.load(engine, &other.0).is_none(),
        "the entry of one program was loaded for another"
    );
});

/// Changes the bytes that `data` names, three bytes each: two for the place, counted from `from`, one for what to change.
fn change(bytes: &mut [u8], data: &[u8], from: usize) {
    let Some(bytes) = bytes.get_mut(from..).filter(|bytes| !bytes.is_empty()) else {
        return;
    };
    for step in data.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([step[0], step[1]])) % bytes.len();
        bytes[at] ^= step[2];
    }
}
