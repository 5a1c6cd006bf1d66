//! Icons that come from strangers, decoded by real workers of the built shell.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico::icon_decoder::pictures;
use portico::icons::{LIMITS, NotDecoded, decode_with};
use portico::worker::{MEMORY, Workers};
use std::time::Instant;

fn workers() -> Workers {
    Workers::of(env!("CARGO_BIN_EXE_portico"), MEMORY)
}

fn svg(inside: &str) -> Vec<u8> {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">{inside}</svg>"#).into_bytes()
}

#[test]
fn a_worker_makes_the_same_pictures() {
    let icon = svg(r##"<circle cx="128" cy="128" r="99" fill="#4263eb"/>"##);
    assert_eq!(decode_with(&workers(), &icon).unwrap(), pictures(&icon).unwrap());
    assert!(matches!(
        decode_with(&workers(), b"no picture"),
        Err(NotDecoded::NoPicture)
    ));
}

#[test]
fn one_that_takes_for_ever_takes_no_longer_than_it_may() {
    let filter = |filter: &str| {
        svg(&format!(
            r#"<filter id="f" x="0" y="0" width="1" height="1">{filter}</filter><rect width="256" height="256" filter="url(#f)"/>"#
        ))
    };
    for icon in [
        filter(r#"<feTurbulence baseFrequency="0.05" numOctaves="2000000000"/>"#),
        // A bitmap with no pixel but a great many to come.
        [b"\x89PNG\r\n\x1a\n".as_slice(), &[0xFF; 1000]].concat(),
    ] {
        let begun = Instant::now();
        assert!(decode_with(&workers(), &icon).is_err());
        assert!(begun.elapsed() < LIMITS.deadline * 2, "{:?}", begun.elapsed());
    }
}
