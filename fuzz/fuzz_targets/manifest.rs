//! What a file says of itself: any bytes as a manifest, as a file, and as a manifest inside a good file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_kernel::{Manifest, inspect};
use std::sync::LazyLock;

static PROGRAM: LazyLock<Vec<u8>> = LazyLock::new(|| {
    wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "run")))"#).expect("the program is sound")
});

fuzz_target!(|data: &[u8]| {
    let manifest = Manifest::read(data);
    if let Ok(manifest) = &manifest {
        let texts = manifest.name.iter().chain(&manifest.summary).chain(&manifest.languages);
        let texts = texts.chain(manifest.portals.values()).map(|text| &**text);
        for text in texts.chain(manifest.portals.keys().map(String::as_str)) {
            // What was cut has an ellipsis.
            assert!(
                text.len() <= 1024 + '…'.len_utf8() && !text.chars().any(char::is_control),
                "{text:?} can't be shown"
            );
        }
    }

    // What is not refused can be started: its identity and its entry are known.
    for bytes in [data.to_vec(), [PROGRAM.as_slice(), data].concat()] {
        let info = inspect(&bytes);
        assert_eq!(info.size, bytes.len());
        assert!(
            !info.refusals.is_empty() || info.hash.is_some() && info.entry.is_some(),
            "{info:?}"
        );
    }

    let info = inspect(&[PROGRAM.as_slice(), &custom_section("portico", data)].concat());
    assert_eq!(info.refusals, [], "a manifest is no reason to refuse a program");
    assert_eq!(info.manifest_error.is_some(), manifest.is_err());
    assert_eq!(info.manifest, manifest.unwrap_or_default());
});

fn custom_section(name: &str, contents: &[u8]) -> Vec<u8> {
    let mut section = vec![0];
    let mut size = 1 + name.len() + contents.len();
    while size >= 0x80 {
        section.push(size as u8 | 0x80);
        size >>= 7;
    }
    section.extend([size as u8, name.len() as u8]);
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(contents);
    section
}
