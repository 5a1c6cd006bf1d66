//! Any bytes as a program's icon: pictures of the sizes that are wanted, or none.
#![no_main]

// The shell around it would bring half a desktop.
#[path = "../../shell/src/icon_decoder.rs"]
mod decode;

use decode::{BYTES, pictures};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // What takes too long is the worker's affair, which has a deadline: filters are what takes it.
    if data.windows(2).any(|pair| pair == b"fe") {
        return;
    }
    if let Some(pictures) = pictures(data) {
        assert_eq!(pictures.len(), BYTES);
    }
});
