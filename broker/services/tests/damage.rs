//! Files that are damaged: never a wrong answer, and the file stays for who can mend it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use portico_broker::client::Error;
use portico_broker::wire::Code;
use portico_services::{FileError, Service, Storage};
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::Path;
use support::Which;
use support::{PATIENCE, Place, languages};

/// Values of several pages.
fn pairs() -> Vec<(String, String)> {
    (0..60_usize)
        .map(|n| (format!("key {n}"), "QUJD".repeat(n * n)))
        .collect()
}

fn ask(storage: &mut Storage, method: &str, fields: Value) -> Value {
    storage.answer(method, fields).unwrap().into()
}

fn made(file: &Path) -> Vec<u8> {
    let mut storage = Storage::open(file).unwrap();
    for (key, value) in pairs() {
        ask(&mut storage, "set", json!({ "key": key, "value": value }));
    }
    drop(storage);
    fs::read(file).unwrap()
}

#[test]
fn a_byte_that_changed_gives_no_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    let whole = made(&folder.path().join("whole"));
    let file = folder.path().join("damaged");
    let (mut refused, mut served) = (0, 0);
    // All of the beginning, where everything else is found, and places all over the rest.
    for at in (0..512).chain((512..whole.len()).step_by(whole.len() / 300)) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&file, &bytes).unwrap();
        match Storage::open(&file) {
            Err(FileError::Damaged(of, _)) => {
                assert_eq!(of, file);
                refused += 1;
            }
            Err(error) => panic!("{at}: {error}"),
            Ok(mut storage) => {
                for (key, value) in pairs() {
                    assert_eq!(
                        ask(&mut storage, "get", json!({ "key": key }))["value"],
                        value,
                        "{key} with byte {at} changed"
                    );
                }
                served += 1;
            }
        }
    }
    // What belongs to nothing does no harm.
    assert!(refused > 100 && served > 0, "{refused} refused, {served} served");
}

#[test]
fn a_service_with_a_damaged_file_says_so_and_leaves_it() {
    for language in languages() {
        let place = Place::new(language);
        let mut asker = place.asker();
        asker.resolve(Which::Storage);
        for (key, value) in pairs() {
            assert_eq!(
                asker.ask(Which::Storage, "set", json!({ "key": key, "value": value }))["result"],
                true
            );
        }
        asker.shut_down(Which::Storage);
        let file = place.folder.path().join("copy");
        let whole = fs::read(place.file(Which::Storage)).unwrap();
        let elsewhere = Place::with(language, &[]);
        let half = &whole[..whole.len() / 2];
        let garbage = b"This is a text, and no database. ".repeat(100);
        for bytes in [half, &whole[..100], &garbage, &[0; 10_000]] {
            fs::write(&file, bytes).unwrap();
            let mut child = elsewhere.by_hand(Which::Storage, &file).spawn().unwrap();
            let status = child.wait().unwrap();
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            assert_eq!(status.code(), Some(1), "{language:?} {} bytes: {said}", bytes.len());
            assert!(said.contains("copy") && said.contains("damaged"), "{said}");
            assert!(
                fs::read(&file).unwrap() == bytes,
                "{language:?}: {} bytes are not as they were",
                bytes.len()
            );
        }
        // Who asks for it through the broker is told, not left waiting.
        fs::write(place.file(Which::Storage), &garbage).unwrap();
        match asker.client.resolve(&Which::Storage.object(), Some(PATIENCE)) {
            Err(Error::Refused(Code::StartFailed)) => {}
            other => panic!("{other:?}"),
        }
        // With a copy in its place it goes on.
        fs::write(place.file(Which::Storage), &whole).unwrap();
        asker.resolve(Which::Storage);
        let value = asker.ask(Which::Storage, "get", json!({ "key": "key 59" }));
        assert_eq!(value["value"], "QUJD".repeat(59 * 59));
    }
}
