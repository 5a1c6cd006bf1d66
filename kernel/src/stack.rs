//! The stack of a program that has trapped, as its author reads it: names demangled, and files and lines where the program
//! brings along what compilers know of them (DWARF).
//!
//! Names and files are the program's own words: nothing in them may move a terminal's cursor or fill the screen.

use crate::text::escape;
use addr2line::gimli::{self, EndianSlice, LittleEndian};
use std::fmt::Write as _;
use wasmparser::{Parser, Payload};
use wasmtime::FrameInfo;

/// Frames that are kept of a stack. A panic takes eight of them for itself.
pub(crate) const DEPTH: usize = 48;
/// Most lines of a stack; a frame with inlined functions takes several.
const LINES: usize = 64;
/// Bytes of one name.
const LONGEST_NAME: usize = 300;

/// DWARF sections of a program's file, which give lines of source for addresses of code.
pub(crate) struct DebugLines {
    sections: Vec<(String, Vec<u8>)>,
    /// Where the code begins in the file: addresses count from there.
    code: usize,
}

type Context<'a> = addr2line::Context<EndianSlice<'a, LittleEndian>>;

impl DebugLines {
    /// The section without which there are none.
    pub(crate) const SECTION: &'static str = ".debug_info";

    /// Takes the sections out of a program's file.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let (mut sections, mut code) = (Vec::new(), None);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.ok()? {
                Payload::CodeSectionStart { range, .. } => code = Some(range.start),
                Payload::CustomSection(custom) if custom.name().starts_with(".debug_") => {
                    sections.push((custom.name().to_owned(), custom.data().to_vec()));
                }
                _ => {}
            }
        }
        Some(Self { sections, code: code? })
    }

    /// Nothing is read before a program has trapped.
    fn context(&self) -> Option<Context<'_>> {
        let section = |id: gimli::SectionId| {
            let found = self.sections.iter().find(|(name, _)| name == id.name());
            Ok::<_, gimli::Error>(EndianSlice::new(found.map_or(&[], |(_, data)| data), LittleEndian))
        };
        Context::from_dwarf(gimli::Dwarf::load(section).ok()?).ok()
    }
}

/// A function on the stack, and where in it.
struct Frame {
    name: String,
    place: String,
}

/// Appends the stack, innermost first, a line each.
pub(crate) fn write(out: &mut String, stack: &[FrameInfo], lines: Option<&DebugLines>) {
    let context = lines.and_then(|lines| Some((lines.context()?, lines.code)));
    let mut frames = Vec::new();
    for frame in stack {
        let offset = frame.module_offset();
        let before = frames.len();
        if let Some(((context, code), offset)) = context.as_ref().zip(offset) {
            add(&mut frames, context, offset.saturating_sub(*code) as u64);
        }
        let name = || {
            frame
                .func_name()
                .map_or_else(|| format!("function {}", frame.func_index()), demangled)
        };
        match frames.get_mut(before) {
            // What compilers say of a function may leave out its name.
            Some(_) => frames[before..]
                .iter_mut()
                .filter(|frame| frame.name.is_empty())
                .for_each(|f| f.name = name()),
            None => frames.push(Frame {
                name: name(),
                place: offset.map_or_else(String::new, |offset| format!("at {offset:#x}")),
            }),
        }
    }
    let skipped = machinery(&frames);
    for (depth, frame) in frames[skipped..].iter().take(LINES).enumerate() {
        let _ = write!(out, "\n{depth:>3}: ");
        escape(out, &frame.name);
        out.push_str(" (");
        escape(out, &frame.place);
        out.push(')');
    }
}

/// The functions at an address: one, and those that were made part of it, innermost first.
fn add(frames: &mut Vec<Frame>, context: &Context<'_>, address: u64) {
    let Ok(mut found) = context.find_frames(address).skip_all_loads() else {
        return;
    };
    while let Ok(Some(frame)) = found.next() {
        let name = frame.function.as_ref().and_then(|name| name.raw_name().ok());
        let Some(location) = frame.location.filter(|_| frames.len() < LINES + DEPTH) else {
            continue;
        };
        let mut place = location.file.unwrap_or("?").to_owned();
        for number in [location.line, location.column]
            .into_iter()
            .map_while(|number| number.filter(|n| *n > 0))
        {
            let _ = write!(place, ":{number}");
        }
        frames.push(Frame {
            name: name.map(|name| demangled(&name)).unwrap_or_default(),
            place,
        });
    }
}

fn demangled(name: &str) -> String {
    let mut text = format!("{:#}", rustc_demangle::demangle(name));
    if text.len() > LONGEST_NAME {
        text.truncate(text.floor_char_boundary(LONGEST_NAME));
        text.push('…');
    }
    text
}

/// Number of frames at the top that belong to Rust's own panic handling.
fn machinery(frames: &[Frame]) -> usize {
    let own = |frame: &Frame| {
        [
            "core::panicking::",
            "std::panicking::",
            "rust_begin_unwind",
            "core::option::unwrap_failed",
        ]
        .iter()
        .chain(&[
            "core::option::expect_failed",
            "core::result::unwrap_failed",
            "core::cell::panic_already",
        ])
        .any(|name| frame.name.contains(name))
    };
    frames
        .iter()
        .rposition(own)
        .map_or(0, |last| last + 1)
        .min(frames.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(names: &[&str]) -> Vec<Frame> {
        names
            .iter()
            .map(|name| Frame {
                name: demangled(name),
                place: String::new(),
            })
            .collect()
    }

    #[test]
    fn names_are_demangled_and_short() {
        assert_eq!(
            demangled("_ZN5paint4page4draw17h0123456789abcdefE"),
            "paint::page::draw"
        );
        assert_eq!(demangled("main"), "main");
        assert!(demangled(&"a".repeat(100_000)).len() < 400);
    }

    #[test]
    fn a_stack_begins_where_the_author_s_code_gave_up() {
        let panicked = [
            "abort",
            "std::panicking::rust_panic",
            "core::panicking::panic_fmt",
            "paint::draw",
            "run",
        ];
        assert_eq!(machinery(&frames(&panicked)), 3);
        assert_eq!(machinery(&frames(&["paint::draw", "run"])), 0);
        // A file that names everything so still has a stack.
        assert_eq!(machinery(&frames(&["core::panicking::a", "core::panicking::b"])), 1);
        assert_eq!(machinery(&[]), 0);
    }

    #[test]
    fn what_is_no_dwarf_says_nothing() {
        let lines = DebugLines {
            sections: vec![(DebugLines::SECTION.to_owned(), vec![0xff; 64])],
            code: 8,
        };
        let mut found = Vec::new();
        if let Some(context) = lines.context() {
            add(&mut found, &context, 0);
        }
        assert!(found.is_empty());
    }
}
