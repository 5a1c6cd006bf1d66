//! Who may do what, as a table: a line for each program that is known.

use super::ProgramGrants;
use crate::fold::fold;
use crate::state::grants::{Holder, Holders};
use portico_kernel::{Default, ProgramText};
use portico_portals::TABLE;
use std::collections::BTreeMap;

/// What holds for a program and a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holds {
    /// Nobody has said anything, and the portal is open to every program.
    Open,
    /// Nobody has said anything: the user is asked when the program first wants it.
    Asks,
    /// Allowed for good.
    Always,
    /// Denied for good.
    Never,
    /// Allowed until the program ends.
    Once,
    /// Denied until the program ends.
    NotNow,
}

/// A program, and what holds for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is known by.
    pub program: String,
    /// What it is called.
    pub name: ProgramText,
    /// Whether it runs.
    pub runs: bool,
    /// Portals that it uses now, of those whose use is shown.
    pub uses: Vec<&'static str>,
    /// By portal, in the order of the table of portals.
    pub holds: Vec<(&'static str, Holds)>,
}

/// A program that runs, in one window.
pub struct Running<'a> {
    /// What it may do.
    pub grants: &'a ProgramGrants,
    /// What it is called.
    pub name: ProgramText,
    /// Portals that it uses now, of those whose use is shown.
    pub uses: Vec<&'static str>,
}

/// Something that the user says about a program and a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// What the program is known by.
    pub program: String,
    /// What it is called.
    pub name: ProgramText,
    /// Name of the portal.
    pub portal: &'static str,
    /// Allowed or denied for good; `None`: what was said is forgotten.
    pub allowed: Option<bool>,
}

/// A line for each program that something was said about, that is installed (what it is known by, and what it is called) or
/// that runs; by what they are called.
pub fn lines<'a>(
    said: &Holders,
    installed: impl IntoIterator<Item = (String, ProgramText)>,
    running: impl IntoIterator<Item = Running<'a>>,
) -> Vec<Line> {
    let line = |program: &str, name: &ProgramText| Line {
        program: program.to_owned(),
        name: name.clone(),
        runs: false,
        uses: Vec::new(),
        holds: TABLE.iter().map(|row| (row.name, for_good(said.get(program), row.name, row.default))).collect(),
    };
    let mut lines: BTreeMap<String, Line> =
        said.iter().map(|(program, holder)| (program.clone(), line(program, &holder.name))).collect();
    // A name of today is better than that of the day when the user was asked.
    for (program, name) in installed {
        lines.entry(program).or_insert_with_key(|program| line(program, &name)).name.clone_from(&name);
    }
    for Running { grants, name, uses } in running {
        let program = grants.program();
        let line = lines.entry(program.to_owned()).or_insert_with(|| line(program, &name));
        line.name = name;
        line.runs = true;
        line.uses.extend(uses);
        for (portal, holds) in &mut line.holds {
            match grants.answered(portal) {
                Some(true) => *holds = Holds::Once,
                // One window may have been allowed what another was not.
                Some(false) if *holds != Holds::Once => *holds = Holds::NotNow,
                _ => {}
            }
        }
    }
    let mut lines: Vec<_> = lines.into_values().collect();
    lines.sort_by_cached_key(|line| (fold(&line.name).into_owned(), line.program.clone()));
    lines
}

fn for_good(holder: Option<&Holder>, portal: &str, default: Default) -> Holds {
    match (holder.and_then(|holder| holder.said.get(portal)).map(|said| said.allowed), default) {
        (Some(true), _) => Holds::Always,
        (Some(false), _) => Holds::Never,
        (None, Default::Open) => Holds::Open,
        (None, Default::Ask) => Holds::Asks,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::grants::{Book, Desk, RunGrants};
    use crate::state::Store;
    use portico_kernel::{InProcess, Kernel, LoadOptions, Program};

    fn program() -> Program {
        let kernel = Kernel::new(TABLE, None, InProcess).unwrap();
        let text = r#"(module (memory (export "memory") 1) (func (export "run")))"#;
        kernel.load(&wat::parse_str(text).unwrap(), &LoadOptions::default()).unwrap()
    }

    fn held(line: &Line, portal: &str) -> Holds {
        line.holds.iter().find(|(name, _)| *name == portal).unwrap().1
    }

    #[test]
    fn a_line_says_what_holds_and_until_when() {
        let book = Book::new(Store::new(None), Box::new(drop));
        book.fill(Holders::new());
        let program = program();
        let known_by = program.identity().to_string();
        book.say(&known_by, &"Old name".into(), "launch", Some(true));
        book.say(&known_by, &"Old name".into(), "cursor", Some(false));
        let run = RunGrants::new(vec!["http".into()], vec!["keys".into()]).unwrap();
        let grants = ProgramGrants::new(&run, &program, book.clone(), drop::<Desk>);
        let other = ProgramGrants::new(&RunGrants::default(), &program, book.clone(), drop::<Desk>);
        other.answer("http", false);
        other.answer("camera", false);
        let installed = [("another".to_owned(), "Before it".into())];
        let running = [&grants, &other].map(|grants| Running { grants, name: "Name".into(), uses: vec!["http"] });
        let lines = lines(&book.list(), installed, running);
        let names: Vec<_> = lines.iter().map(|line| (&*line.name, line.runs, line.uses.len())).collect();
        assert_eq!(names, [("Before it", false, 0), ("Name", true, 2)]);
        let line = &lines[1];
        for (portal, holds) in [
            ("launch", Holds::Always),
            ("cursor", Holds::Never),
            ("http", Holds::Once),
            ("keys", Holds::NotNow),
            ("camera", Holds::NotNow),
            ("microphone", Holds::Asks),
            ("log", Holds::Open),
        ] {
            assert_eq!(held(line, portal), holds, "{portal}");
        }
        assert!(lines[0].holds.iter().all(|(_, holds)| matches!(holds, Holds::Open | Holds::Asks)));
    }
}
