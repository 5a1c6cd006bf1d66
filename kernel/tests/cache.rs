//! Compiled code on disk: used when it can be trusted, made anew when it can't.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{PORTALS, start_bytes};
use portico_kernel::{Exit, InProcess, Kernel, Limits, LoadOptions};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

struct Fixture {
    _directory: tempfile::TempDir,
    cache: PathBuf,
    bytes: Vec<u8>,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let cache = directory.path().join("code");
        let bytes = wat::parse_str(common::program(r#"(func (export "run") (call $exit (i32.const 42)))"#)).unwrap();
        Self {
            _directory: directory,
            cache,
            bytes,
        }
    }

    fn run(&self) -> Exit {
        let kernel = Kernel::new(&PORTALS, Some(self.cache.clone()), InProcess).unwrap();
        start_bytes(&kernel, &self.bytes, Limits::default()).wait()
    }

    fn entry(&self) -> PathBuf {
        let entries: Vec<_> = fs::read_dir(&self.cache)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries[0].clone()
    }
}

#[test]
fn a_second_start_uses_the_entry() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run(), Exit::Code(42));
    let entry = fixture.entry();
    let before = fs::metadata(&entry).unwrap().modified().unwrap();
    assert_eq!(fixture.run(), Exit::Code(42));
    assert_eq!(
        fs::metadata(&entry).unwrap().modified().unwrap(),
        before,
        "it was not written again"
    );
    assert_eq!(
        fs::metadata(&fixture.cache).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn a_second_start_by_the_same_kernel_needs_no_entry() {
    let fixture = Fixture::new();
    let kernel = Kernel::new(&PORTALS, Some(fixture.cache.clone()), InProcess).unwrap();
    let run = || start_bytes(&kernel, &fixture.bytes, Limits::default()).wait();
    assert_eq!(run(), Exit::Code(42));
    fs::remove_file(fixture.entry()).unwrap();
    assert_eq!(run(), Exit::Code(42));
    assert_eq!(
        fs::read_dir(&fixture.cache).unwrap().count(),
        0,
        "it was compiled again"
    );
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run(), Exit::Code(42));
    let entry = fixture.entry();
    let good = fs::read(&entry).unwrap();
    let steps = (0..good.len()).step_by(good.len() / 40 + 1).chain([good.len() - 1]);
    for at in steps {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&entry, &bad).unwrap();
        assert_eq!(fixture.run(), Exit::Code(42));
        assert_eq!(
            fs::read(&entry).unwrap(),
            good,
            "byte {at} was changed and the entry was kept"
        );
    }
    for length in [0, 1, 63, 64, 65, good.len() / 2, good.len() - 1] {
        fs::write(&entry, &good[..length]).unwrap();
        assert_eq!(fixture.run(), Exit::Code(42));
        assert_eq!(
            fs::read(&entry).unwrap(),
            good,
            "{length} bytes were taken for the entry"
        );
    }
}

#[test]
fn an_entry_of_another_program_is_made_anew() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run(), Exit::Code(42));
    let entry = fixture.entry();
    let other = Fixture::new();
    let other = Fixture {
        bytes: wat::parse_str(common::program(r#"(func (export "run") (call $exit (i32.const 66)))"#)).unwrap(),
        ..other
    };
    assert_eq!(other.run(), Exit::Code(66));
    fs::copy(other.entry(), &entry).unwrap();
    assert_eq!(fixture.run(), Exit::Code(42));
}

#[test]
fn an_entry_that_others_can_write_is_made_anew() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run(), Exit::Code(42));
    let entry = fixture.entry();
    fs::set_permissions(&entry, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(fixture.run(), Exit::Code(42));
    assert_eq!(fs::metadata(&entry).unwrap().permissions().mode() & 0o022, 0);
}

#[test]
fn a_directory_that_others_can_write_is_not_used() {
    let fixture = Fixture::new();
    fs::create_dir(&fixture.cache).unwrap();
    fs::set_permissions(&fixture.cache, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(fixture.run(), Exit::Code(42));
    assert_eq!(fs::read_dir(&fixture.cache).unwrap().count(), 0);
}

#[test]
fn a_program_goes_on_when_its_entry_is_cut_off() {
    // It waits for a line, and then runs code of which nothing has been touched before.
    let functions: String = (0..2000)
        .map(|index| {
            format!("(func $f{index} (result i32) (i32.mul (i32.load (i32.const {index})) (i32.const {index})))")
        })
        .collect();
    let calls: String = (0..2000).map(|index| format!("(drop (call $f{index}))")).collect();
    let text = common::program(&format!(
        r#"{functions} (func $rest {calls}) (func (export "run")
          (call $cmd (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 16))
          (drop (call $ar (i32.const 1))) (call $rest) (call $exit (i32.const 42)))"#
    ));
    let fixture = Fixture {
        bytes: wat::parse_str(text).unwrap(),
        ..Fixture::new()
    };
    let kernel = || Kernel::new(&PORTALS, Some(fixture.cache.clone()), InProcess).unwrap();
    drop(kernel().load(&fixture.bytes, &LoadOptions::default()).unwrap());
    let run = start_bytes(&kernel(), &fixture.bytes, Limits::default());
    run.parked();
    fs::File::options()
        .write(true)
        .open(fixture.entry())
        .unwrap()
        .set_len(0)
        .unwrap();
    run.line(b"go on");
    assert_eq!(run.wait(), Exit::Code(42));
}
