//! Who may do what, as a table: a line for each program that is known.

use super::program::decision;
use super::{ProgramGrants, permission};
use crate::fold::fold;
use crate::state::grants::{Holder, Holders};
use portico_kernel::{DefaultAccess, Permission, ProgramText};
use portico_portals::TABLE;
use std::collections::{BTreeMap, BTreeSet};

/// What holds for a program and a permission.
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
    /// Permissions that it uses now, of those whose use is shown.
    pub uses: Vec<Permission>,
    /// By permission: portals in the order of their table, each before what something was said about behind it.
    pub holds: Vec<(Permission, Holds)>,
}

/// A program that runs, in one window.
pub struct Running<'a> {
    /// What it may do.
    pub grants: &'a ProgramGrants,
    /// What it is called.
    pub name: ProgramText,
    /// Permissions that it uses now, of those whose use is shown.
    pub uses: Vec<Permission>,
}

/// Something that the user says about a program and a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// What the program is known by.
    pub program: String,
    /// What it is called.
    pub name: ProgramText,
    /// The permission.
    pub permission: Permission,
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
    let permissions = permissions(said);
    let line = |program: &str, name: &ProgramText| Line {
        program: program.to_owned(),
        name: name.clone(),
        runs: false,
        uses: Vec::new(),
        holds: permissions
            .iter()
            .map(|(permission, default)| (permission.clone(), for_good(said.get(program), permission, *default)))
            .collect(),
    };
    let mut lines: BTreeMap<String, Line> = said
        .iter()
        .map(|(program, holder)| (program.clone(), line(program, &holder.name)))
        .collect();
    // A name of today is better than that of the day when the user was asked.
    for (program, name) in installed {
        lines
            .entry(program)
            .or_insert_with_key(|program| line(program, &name))
            .name
            .clone_from(&name);
    }
    for Running { grants, name, uses } in running {
        let program = grants.program();
        let line = lines.entry(program.to_owned()).or_insert_with(|| line(program, &name));
        line.name = name;
        line.runs = true;
        line.uses.extend(uses);
        for (permission, holds) in &mut line.holds {
            match grants.answered(permission) {
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

/// All portals, and what was said something about behind one, with what holds at first.
fn permissions(said: &Holders) -> Vec<(Permission, DefaultAccess)> {
    let scoped: BTreeSet<Permission> = said
        .values()
        .flat_map(|holder| holder.said.keys())
        .filter_map(|written| permission(written).ok().filter(|permission| permission.scope.is_some()))
        .collect();
    let of_portal = |name: &'static str| {
        scoped
            .iter()
            .filter(move |permission| permission.portal == name)
            .cloned()
    };
    let rows = TABLE.iter().map(|row| (row.name, row.default));
    rows.flat_map(|(name, default)| {
        [Permission::whole(name)]
            .into_iter()
            .chain(of_portal(name))
            .map(move |permission| (permission, default))
    })
    .collect()
}

fn for_good(holder: Option<&Holder>, permission: &Permission, default: DefaultAccess) -> Holds {
    let said = decision(permission, |permission| {
        Some(holder?.said.get(&permission.to_string())?.allowed)
    });
    match (said, default) {
        (Some(true), _) => Holds::Always,
        (Some(false), _) => Holds::Never,
        (None, DefaultAccess::Open) => Holds::Open,
        (None, DefaultAccess::Ask) => Holds::Asks,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::grants::{Book, PermissionEvent, RunGrants};
    use crate::state::Store;
    use portico_kernel::{InProcess, Kernel, LoadOptions, Program};

    fn program() -> Program {
        let kernel = Kernel::new(TABLE, None, InProcess).unwrap();
        let text = r#"(module (memory (export "memory") 1) (func (export "run")))"#;
        kernel
            .load(&wat::parse_str(text).unwrap(), &LoadOptions::default())
            .unwrap()
    }

    fn held(line: &Line, portal: &'static str) -> Holds {
        line.holds
            .iter()
            .find(|(other, _)| *other == Permission::whole(portal))
            .unwrap()
            .1
    }

    #[test]
    fn a_line_says_what_holds_and_until_when() {
        let book = Book::new(Store::new(None), Box::new(drop));
        book.fill(Holders::new());
        let program = program();
        let known_by = program.identity().to_string();
        book.say(&known_by, &"Old name".into(), &Permission::whole("launch"), Some(true));
        book.say(&known_by, &"Old name".into(), &Permission::whole("cursor"), Some(false));
        let run = RunGrants::new(vec!["http".into()], vec!["keys".into()]).unwrap();
        let grants = ProgramGrants::new(&run, &program, book.clone(), drop::<PermissionEvent>);
        let other = ProgramGrants::new(&RunGrants::default(), &program, book.clone(), drop::<PermissionEvent>);
        other.answer(&Permission::whole("http"), false);
        other.answer(&Permission::whole("camera"), false);
        let installed = [("another".to_owned(), "Before it".into())];
        let running = [&grants, &other].map(|grants| Running {
            grants,
            name: "Name".into(),
            uses: vec![Permission::whole("http")],
        });
        let lines = lines(&book.list(), installed, running);
        let names: Vec<_> = lines
            .iter()
            .map(|line| (&*line.name, line.runs, line.uses.len()))
            .collect();
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
        assert!(
            lines[0]
                .holds
                .iter()
                .all(|(_, holds)| matches!(holds, Holds::Open | Holds::Asks))
        );
    }
}
