#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

#[test]
fn the_book_has_every_byte() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/broker.md");
    let book = fs::read_to_string(book).unwrap();
    let headings: Vec<&str> = book.lines().filter(|line| line.starts_with("### ")).collect();
    let mut expected: Vec<String> = LAYOUT
        .iter()
        .map(|(name, kind, size, _)| format!("### {kind} {name}, {size} bytes"))
        .collect();
    expected.push("### Codes".into());
    assert_eq!(headings, expected);
    for ((name, _, size, fields), heading) in LAYOUT.iter().zip(&expected) {
        let section = book
            .split(&format!("{heading}\n"))
            .nth(1)
            .unwrap()
            .split("\n### ")
            .next()
            .unwrap();
        let rows: Vec<Vec<&str>> = (section.lines().filter(|line| line.starts_with("| ")).skip(2))
            .map(|row| row.split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), fields.len(), "{name}");
        for (row, (at, field)) in rows.iter().zip(*fields) {
            assert_eq!((row[1], row[2]), (&*at.to_string(), *field), "{name}");
        }
        let ends: Vec<usize> = fields.iter().map(|(at, _)| *at).skip(1).chain([*size]).collect();
        for ((row, (at, _)), end) in rows.iter().zip(*fields).zip(ends) {
            let width = match row[3] {
                "u8" => 1,
                "u32" => 4,
                "u64" => 8,
                bytes => bytes.strip_suffix(" bytes").unwrap().parse().unwrap(),
            };
            assert_eq!(end - at, width, "{name} {}", row[2]);
        }
    }
    let codes = book
        .split("### Codes")
        .nth(1)
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(2);
    let codes: Vec<String> = codes.map(|row| row.split('|').take(3).collect()).collect();
    let expected: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!(" {}  {code:?} ", *code as u8))
        .collect();
    assert_eq!(codes, expected);
}

#[test]
fn numbers_are_their_own() {
    for number in 0..=u8::MAX {
        assert!(Kind::of(number).is_none_or(|kind| kind as u8 == number));
        assert!(Code::of(number).is_none_or(|code| code as u8 == number));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_frame_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(Some(head)) = head(&bytes) {
            prop_assert!(head.length >= head.kind.fixed());
            if let Ok((message, data)) = whole::<SendMessage>(head, &bytes) {
                prop_assert_eq!(message.size.get() as usize, data.len());
            }
        }
    }

    #[test]
    fn messages_survive(source: u64, destination: u64, tag: u32, data in proptest::collection::vec(any::<u8>(), 0..64)) {
        let (source, destination, tag) = (source.into(), destination.into(), tag.into());
        let message = SendMessage { source, destination, size: (data.len() as u32).into(), tag, ..Default::default() };
        let bytes = message.frame(&data);
        let head = head(&bytes).unwrap().unwrap();
        prop_assert_eq!(whole::<SendMessage>(head, &bytes), Ok((&message.with_header(data.len()), &data[..])));
        for cut in 0..bytes.len() {
            prop_assert!(whole::<SendMessage>(head, &bytes[..cut]).is_err());
        }
    }
}
