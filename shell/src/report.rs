//! What is said when a program did not end by its own wish: the same text at the terminal and in a copied report.

use portico_kernel::{CompileError, Exit, Hash, LoadError};

/// What a program is called: the name in its manifest, else that of its file without the ending.
pub fn name(manifest: Option<&str>, file: &std::path::Path) -> String {
    manifest
        .map(str::to_owned)
        .or_else(|| file.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "program".to_owned())
}

/// The report of an end, several lines; `None` when the program ended by itself, whatever its code.
pub fn report(exit: &Exit, name: &str, hash: Option<&Hash>) -> Option<String> {
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
        LoadError::Compile(CompileError::OverBudget(_)) => format!(
            "{error}, the limit for a file of its size; `portico run --compile-budget 4` lets it take four times as much"
        ),
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
        let trap = Report { summary: "The program ran out of stack.".into(), details: "a\nb\n".into() };
        let hash = Hash::of(b"x");
        let text = report(&Exit::Trap(Box::new(trap)), "paint", Some(&hash)).unwrap();
        assert_eq!(text, format!("paint stopped: The program ran out of stack.\na\nb\nprogram {hash}"));
    }

    #[test]
    fn an_end_of_its_own_needs_no_report() {
        assert_eq!(report(&Exit::Code(7), "paint", None), None);
        assert_eq!(report(&Exit::Ended, "paint", None).unwrap(), "paint was ended.");
        assert!(report(&Exit::Refused("no memory".into()), "paint", None).unwrap().contains("no memory"));
    }

    #[test]
    fn a_program_without_a_name_is_called_after_its_file() {
        assert_eq!(name(Some("Paint"), Path::new("a/b.wasm")), "Paint");
        assert_eq!(name(None, Path::new("a/b.wasm")), "b");
    }
}
