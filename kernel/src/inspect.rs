//! Looks into a program's file without running it: what it is, and why it would be refused.

use crate::facts::{Facts, Import, Imported};
use crate::hash::Hash;
use crate::identity::Identity;
use crate::manifest::Manifest;
use crate::personality::Personality;
use crate::refusal::Refusal;
use crate::signature::{self, Publisher, SignatureError};
use crate::text::escaped;
use wasmparser::{Chunk, ExternalKind, Parser, Payload, TypeRef};

/// Contents of a program's file, as far as it could be read. Names of its parts and reasons are escaped where they would hide or turn
/// something.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// Identity of the program.
    pub hash: Option<Hash>,
    /// Size of the file in bytes.
    pub size: usize,
    /// Sections in their order: name (of a custom section its own) and size in bytes.
    pub sections: Vec<(String, usize)>,
    /// Imports as `module.name`, with their kind.
    pub imports: Vec<(String, &'static str)>,
    /// Exports with their kind.
    pub exports: Vec<(String, &'static str)>,
    /// The program's own description.
    pub manifest: Manifest,
    /// What is wrong with its manifest; it runs all the same.
    pub manifest_error: Option<String>,
    /// Its icon: the bytes of a PNG or SVG file, not looked into.
    pub icon: Option<Vec<u8>>,
    /// Who signed it, if anybody did and the signature fits.
    pub publisher: Option<Publisher>,
    /// Where its signature's section begins, whether or not it fits.
    pub(crate) signed_until: Option<usize>,
    /// Kind of program, if the file could be read so far.
    pub(crate) personality: Option<Personality>,
    /// Function that is its entry: `run` or `_start`.
    pub entry: Option<&'static str>,
    /// Why it would be refused; empty when it can run.
    pub refusals: Vec<Refusal>,
}

impl Info {
    /// What the program's storage and grants belong to, if it could be read so far.
    pub fn identity(&self) -> Option<Identity> {
        self.hash
            .map(|hash| Identity::of(hash, self.publisher, self.manifest.exact_name.as_deref()))
    }
}

/// Most of each that are looked into: what a file of a few bytes for each would fill memory with. No compiler comes near.
const MOST_SECTIONS: usize = 10_000;
const MOST_IMPORTS: usize = 1_000;
const MOST_EXPORTS: usize = 100_000;
const MOST_MEMORIES: usize = 100;
/// The same for what WebAssembly itself allows so many of.
const MOST_TYPES: usize = 1_000_000;
const MOST_FUNCTIONS: usize = 1_000_000;

/// Whether the code section is taken apart, function by function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bodies {
    Read,
    /// For a program whose code is known to be sound: it was compiled before.
    Skip,
}

/// Looks into a file. Function bodies are not validated here; compiling does that.
pub fn inspect(bytes: &[u8]) -> Info {
    inspect_hashed(bytes, Hash::of(bytes), Bodies::Read)
}

/// As [`inspect`], for a file whose hash is known.
pub(crate) fn inspect_hashed(bytes: &[u8], hash: Hash, bodies: Bodies) -> Info {
    let mut info = Info {
        hash: Some(hash),
        size: bytes.len(),
        ..Info::default()
    };
    if !bytes.starts_with(b"\0asm") {
        info.refusals.push(Refusal::NotWebAssembly);
        return info;
    }
    if Parser::is_component(bytes) {
        info.refusals.push(Refusal::Component);
        return info;
    }
    let mut facts = Facts::default();
    let wrong = match parse(bytes, bodies, &mut info, &mut facts) {
        Ok(wrong) => wrong,
        Err(refusal) => {
            info.refusals.push(refusal);
            return info;
        }
    };
    let personality = Personality::of(facts.imports.iter().map(|import| &*import.module));
    info.personality = Some(personality);
    match personality.validate(&facts) {
        Ok(entry) => info.entry = Some(entry),
        Err(refusals) => info.refusals = refusals,
    }
    info.refusals.extend(wrong.map(Refusal::Signature));
    info
}

/// Adds one more of something, if it may have more.
fn add<T>(list: &mut Vec<T>, one: T, what: &'static str, most: usize) -> Result<(), Refusal> {
    if list.len() == most {
        return Err(Refusal::TooMany(what, most));
    }
    list.push(one);
    Ok(())
}

/// Collects the contents of a file; returns what is wrong with its signature, if it has one.
fn parse(bytes: &[u8], bodies: Bodies, info: &mut Info, facts: &mut Facts) -> Result<Option<SignatureError>, Refusal> {
    let (mut parser, mut rest) = (Parser::new(0), bytes);
    // There is no more data to wait for: the parser says so itself when there should be.
    let mut wrong = None;
    while let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? {
        let start = bytes.len() - rest.len();
        rest = rest.get(consumed..).unwrap_or_default();
        if let Some((id, range)) = payload.as_section() {
            let name = match &payload {
                Payload::CustomSection(custom) => escaped(custom.name()),
                _ => section_name(id).to_owned(),
            };
            if info.signed_until.is_some() {
                (info.publisher, wrong) = (None, Some(SignatureError::NotLast));
            }
            add(
                &mut info.sections,
                (name, range.end - range.start),
                "sections",
                MOST_SECTIONS,
            )?;
        }
        match payload {
            Payload::TypeSection(types) => {
                for group in types {
                    for sub in group?.into_types() {
                        let function = match sub.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        };
                        add(&mut facts.types, function, "types", MOST_TYPES)?;
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    let what = match import.ty {
                        TypeRef::Func(index) => {
                            facts.functions.push(index);
                            Imported::Function(index)
                        }
                        TypeRef::Memory(memory) => {
                            facts.memories.push(memory);
                            Imported::Other
                        }
                        _ => Imported::Other,
                    };
                    let name = escaped(&format!("{}.{}", import.module, import.name));
                    add(&mut info.imports, (name, kind(import.ty)), "imports", MOST_IMPORTS)?;
                    facts.imports.push(Import {
                        module: import.module.into(),
                        name: import.name.into(),
                        what,
                    });
                }
            }
            Payload::FunctionSection(functions) => {
                for index in functions {
                    add(&mut facts.functions, index?, "functions", MOST_FUNCTIONS)?;
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    add(&mut facts.memories, memory?, "memories", MOST_MEMORIES)?;
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    match (export.name, export.kind) {
                        ("memory", ExternalKind::Memory) => facts.memory = Some(export.index),
                        ("run", ExternalKind::Func) => facts.run = Some(export.index),
                        ("_start", ExternalKind::Func) => facts.start = Some(export.index),
                        _ => {}
                    }
                    add(
                        &mut info.exports,
                        (escaped(export.name), exported(export.kind)),
                        "exports",
                        MOST_EXPORTS,
                    )?;
                }
            }
            Payload::CustomSection(custom) => match custom.name() {
                "portico" => match Manifest::read(custom.data()) {
                    Ok(manifest) => info.manifest = manifest,
                    Err(error) => info.manifest_error = Some(escaped(&error.to_string())),
                },
                signature::SECTION if info.signed_until.is_none() => {
                    info.signed_until = Some(start);
                    match signature::verify(custom.data(), &bytes[..start]) {
                        Ok(publisher) => info.publisher = Some(publisher),
                        Err(error) => wrong = Some(error),
                    }
                }
                "portico.icon" => info.icon = Some(custom.data().to_vec()),
                _ => {}
            },
            Payload::CodeSectionStart { size, .. } if bodies == Bodies::Skip => {
                parser.skip_section();
                rest = rest.get(size as usize..).unwrap_or_default();
            }
            Payload::End(_) => break,
            _ => {}
        }
    }
    Ok(wrong)
}

fn kind(of: TypeRef) -> &'static str {
    match of {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => "function",
        TypeRef::Table(_) => "table",
        TypeRef::Memory(_) => "memory",
        TypeRef::Global(_) => "global",
        TypeRef::Tag(_) => "tag",
    }
}

fn exported(kind: ExternalKind) -> &'static str {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => "function",
        ExternalKind::Table => "table",
        ExternalKind::Memory => "memory",
        ExternalKind::Global => "global",
        ExternalKind::Tag => "tag",
    }
}

fn section_name(id: u8) -> &'static str {
    const NAMES: [&str; 14] = [
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag",
    ];
    NAMES.get(id as usize).copied().unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn refusals(text: &str) -> Vec<String> {
        inspect(&wat::parse_str(text).unwrap())
            .refusals
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_bare_program_is_fine() {
        let info =
            inspect(&wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#).unwrap());
        assert_eq!(info.refusals, []);
        assert_eq!(info.entry, Some("_start"));
    }

    #[test]
    fn what_stands_around_skipped_bodies_is_seen() {
        let text = r#"(module (@custom "portico" (after func) "name = \"It\"") (memory (export "memory") 1)
            (func (export "run") (drop (i32.const 1))) (func (param i32)) (data (i32.const 0) "abc"))"#;
        let bytes = wat::parse_str(text).unwrap();
        let (all, skipped) = (inspect(&bytes), inspect_hashed(&bytes, Hash::of(&bytes), Bodies::Skip));
        assert_eq!(all.manifest.name.as_deref(), Some("It"));
        assert_eq!((&skipped.sections, &skipped.manifest), (&all.sections, &all.manifest));
        assert_eq!((skipped.entry, skipped.refusals), (Some("run"), vec![]));
    }

    #[test]
    fn what_is_wrong_is_told_in_a_line() {
        let manifest = inspect(&wat::parse_str(r#"(module (@custom "portico" "name = \nsummary = 1"))"#).unwrap());
        let version = inspect(b"\0asm\x09\0\0\0").refusals[0].to_string();
        for said in [manifest.manifest_error.unwrap(), version] {
            assert!(!said.contains('\n') && !said.contains("\\n"), "{said}");
        }
    }

    #[test]
    fn run_comes_before_start() {
        let text = r#"(module (memory (export "memory") 1) (func (export "_start")) (func (export "run")))"#;
        assert_eq!(inspect(&wat::parse_str(text).unwrap()).entry, Some("run"));
    }

    #[test]
    fn everything_that_is_missing_is_named() {
        let all = refusals(r#"(module (import "env" "x" (func)) (import "daku" "ar" (func (param i32))))"#);
        assert_eq!(all.len(), 4, "{all:?}");
        assert!(
            all[0].contains("`env.x`") && all[1].contains("daku.ar") && all[2].contains("memory"),
            "{all:?}"
        );
        assert!(all[3].contains("neither"), "{all:?}");
    }

    #[test]
    fn a_file_of_nothing_but_lists_fills_no_memory() {
        let with = |section: &[u8], number: usize| [&b"\0asm\x01\0\0\0"[..], &section.repeat(number)].concat();
        let refused = |bytes: &[u8]| inspect(bytes).refusals;
        assert_eq!(
            refused(&with(b"\0\x02\x01x", 10_001)),
            [Refusal::TooMany("sections", 10_000)]
        );
        assert_ne!(
            refused(&with(b"\0\x02\x01x", 10_000)),
            [Refusal::TooMany("sections", 10_000)]
        );
        // A list of a million and one, in five bytes, and one byte for each.
        let long = |id: u8, entry: &[u8]| {
            let content = [&b"\xc1\x84\x3d"[..], &entry.repeat(1_000_001)].concat();
            let length = content.len();
            let leb = [0, 7, 14, 21].map(|at| (length >> at) as u8 & 0x7f | if at < 21 { 0x80 } else { 0 });
            [&b"\0asm\x01\0\0\0"[..], &[id], &leb, &content].concat()
        };
        assert_eq!(refused(&long(1, b"\x60\0\0")), [Refusal::TooMany("types", MOST_TYPES)]);
        assert_eq!(
            refused(&long(3, b"\0")),
            [Refusal::TooMany("functions", MOST_FUNCTIONS)]
        );
        assert_eq!(
            refused(&long(5, b"\0\0")),
            [Refusal::TooMany("memories", MOST_MEMORIES)]
        );
        assert_eq!(
            refused(&long(7, b"\x01x\0\0")),
            [Refusal::TooMany("exports", MOST_EXPORTS)]
        );
        assert_eq!(
            refused(&long(2, b"\0\0\x02\0\0")),
            [Refusal::TooMany("imports", MOST_IMPORTS)]
        );
    }

    #[test]
    fn names_are_cut_in_a_sentence() {
        let name = "é".repeat(1000);
        let all = refusals(&format!(
            r#"(module (import "m" "{name}" (func)) (memory (export "memory") 1) (func (export "run")))"#
        ));
        assert!(all[0].len() < 300, "{all:?}");
    }

    #[test]
    fn wrong_kinds_are_named() {
        assert!(refusals(r#"(module (memory (export "memory") i64 1) (func (export "run")))"#)[0].contains("64-bit"));
        assert!(
            refusals(r#"(module (memory (export "memory") 1) (func (export "run") (param i32)))"#)[0].contains("`run`")
        );
        assert!(refusals("(component)")[0].contains("component"));
        assert!(inspect(b"\0asm").refusals[0].to_string().contains("not a valid"));
        for other in [&b"hello"[..], b"", b"\0as", b"\x89PNG\r\n"] {
            assert_eq!(inspect(other).refusals, [Refusal::NotWebAssembly]);
        }
    }
}
