//! What is said when a program did not end by its own wish: the same text at the terminal and in a copied report.

use portico_kernel::{Budget, CompileError, Exit, Hash, LoadError, ProgramText};

/// What a program is called: the name in its manifest, else that of its file without the ending. One whose name nobody can see has
/// that of its file with the first digits of its hash, as far as that is known.
pub fn name(manifest: Option<&ProgramText>, file: &std::path::Path, hash: Option<&Hash>) -> ProgramText {
    if let Some(name) = manifest.filter(|name| !name.is_empty()) {
        return name.clone();
    }
    let stem = file.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let stem = ProgramText::cut(&stem, ProgramText::NAME - " 12345678".len());
    let shown = if stem.is_empty() { "program" } else { &*stem };
    match hash.filter(|_| manifest.is_some() || stem.is_empty()) {
        Some(hash) => ProgramText::name(&format!("{shown} {}", hash.short())),
        None => ProgramText::name(shown),
    }
}

/// The report of an end, several lines; `None` when the program ended by itself, whatever its code.
pub fn report(exit: &Exit, name: &ProgramText, hash: Option<&Hash>) -> Option<String> {
    let name = name.isolated();
    let mut report = match exit {
        Exit::Code(_) => return None,
        Exit::Ended => return Some(format!("{name} was ended.")),
        Exit::Refused(why) => format!("{name} could not be started: {why}"),
        Exit::Trap(trap) => {
            let details = trap.details.trim_end();
            let gap = if details.is_empty() { "" } else { "\n" };
            format!("{name} stopped: {}{gap}{details}", trap.summary)
        }
    };
    if let Some(hash) = hash {
        report.push_str(&format!("\nprogram {hash}"));
    }
    Some(report)
}

/// Why a program could not be loaded, and what can be done where that is not plain.
pub fn not_loaded(error: &LoadError) -> String {
    match error {
        LoadError::Compile(CompileError::OverBudget(_, budget)) => {
            let times = match budget.0.get() {
                1 => String::new(),
                times => format!("{times} times "),
            };
            let more = match budget.larger() {
                Some(Budget(more)) => format!("`portico run --compile-budget {more}` allows {more} times the usual"),
                None => "it can't be given more".into(),
            };
            format!("{error}, {times}the usual limit for a file of its size; {more}")
        }
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use portico_kernel::Report;
    use std::path::Path;

    #[test]
    fn a_trap_says_what_happened_and_to_whom() {
        let trap = Report {
            summary: "The program ran out of stack.".into(),
            details: "a\nb\n".into(),
        };
        let hash = Hash::of(b"x");
        let text = report(&Exit::Trap(Box::new(trap)), &"paint".into(), Some(&hash)).unwrap();
        assert_eq!(
            text,
            format!("paint stopped: The program ran out of stack.\na\nb\nprogram {hash}")
        );
    }

    #[test]
    fn a_program_over_its_budget_is_told_of_a_larger_one_while_there_is_one() {
        let said = |times| {
            let budget = Budget(std::num::NonZeroU32::new(times).unwrap());
            not_loaded(&CompileError::OverBudget(portico_kernel::Bound::Memory(123 << 20), budget).into())
        };
        let start = "compiling it takes more than 123 MiB of memory, ";
        let usual = "the usual limit for a file of its size; ";
        assert_eq!(
            said(1),
            format!("{start}{usual}`portico run --compile-budget 4` allows 4 times the usual")
        );
        assert_eq!(
            said(4),
            format!("{start}4 times {usual}`portico run --compile-budget 16` allows 16 times the usual")
        );
        assert!(said(64).ends_with("--compile-budget 100` allows 100 times the usual"));
        assert_eq!(said(100), format!("{start}100 times {usual}it can't be given more"));
    }

    #[test]
    fn an_end_of_its_own_needs_no_report() {
        assert_eq!(report(&Exit::Code(7), &"paint".into(), None), None);
        assert_eq!(report(&Exit::Ended, &"paint".into(), None).unwrap(), "paint was ended.");
        assert!(
            report(&Exit::Refused("no memory".into()), &"paint".into(), None)
                .unwrap()
                .contains("no memory")
        );
    }

    #[test]
    fn a_program_without_a_name_is_called_after_its_file() {
        let digits = Hash::of(b"x").short();
        let called = |name: Option<&str>, file: &str| name_of(name, file, Some(&Hash::of(b"x")));
        assert_eq!(called(Some("Paint"), "a/b.wasm"), "Paint");
        assert_eq!(called(None, "a/b.wasm"), "b");
        // Nor does the name of a file hide anything.
        assert_eq!(called(None, "a/b\u{202E}c\n.wasm"), "bc");
        assert_eq!(called(None, "\u{202E}.wasm"), format!("program {digits}"));
        for blank in ["", "  ", "\u{200B}\u{3164}", "\u{202E}"] {
            assert_eq!(called(Some(blank), "a/b.wasm"), format!("b {digits}"));
            assert_eq!(name_of(Some(blank), "a/b.wasm", None), "b", "until its hash is known");
        }
        let long = called(Some(""), &format!("{}.wasm", "b".repeat(200)));
        assert!(
            long.ends_with(&format!("… {digits}")) && long.chars().count() == 64,
            "{long}"
        );
    }

    fn name_of(name: Option<&str>, file: &str, hash: Option<&Hash>) -> String {
        super::name(name.map(ProgramText::name).as_ref(), Path::new(file), hash).to_string()
    }
}
