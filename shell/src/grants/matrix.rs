//! Who may do what, as a table: a line for each program that is known.

use super::program::decision;
use super::{ProgramGrants, permission};
use crate::fold::fold;
use crate::state::grants::{AllDecisions, ProgramDecisions};
use portico_kernel::{DefaultAccess, Permission, ProgramText};
use portico_portals::TABLE;
use std::collections::{BTreeMap, BTreeSet};

/// What holds for a program and a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
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
pub struct ProgramAccess {
    /// What it is known by.
    pub program: String,
    /// What it is called.
    pub name: ProgramText,
    /// Whether it runs.
    pub runs: bool,
    /// Permissions that it uses now, of those whose use is shown.
    pub uses: Vec<Permission>,
    /// By permission: portals in the order of their table, each before what something was said about behind it.
    pub access: Vec<(Permission, Access)>,
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
pub struct PermissionChange {
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
pub fn matrix<'a>(
    decisions: &AllDecisions,
    installed: impl IntoIterator<Item = (String, ProgramText)>,
    running: impl IntoIterator<Item = Running<'a>>,
) -> Vec<ProgramAccess> {
    let permissions = permissions(decisions);
    let row = |program: &str, name: &ProgramText| ProgramAccess {
        program: program.to_owned(),
        name: name.clone(),
        runs: false,
        uses: Vec::new(),
        access: permissions
            .iter()
            .map(|(permission, default)| {
                (
                    permission.clone(),
                    for_good(decisions.get(program), permission, *default),
                )
            })
            .collect(),
    };
    let mut rows: BTreeMap<String, ProgramAccess> = decisions
        .iter()
        .map(|(program, entry)| (program.clone(), row(program, &entry.name)))
        .collect();
    // A name of today is better than that of the day when the user was asked.
    for (program, name) in installed {
        rows.entry(program)
            .or_insert_with_key(|program| row(program, &name))
            .name
            .clone_from(&name);
    }
    for Running { grants, name, uses } in running {
        let program = grants.program();
        let row = rows.entry(program.to_owned()).or_insert_with(|| row(program, &name));
        row.name = name;
        row.runs = true;
        row.uses.extend(uses);
        for (permission, access) in &mut row.access {
            match grants.answered(permission) {
                Some(true) => *access = Access::Once,
                // One window may have been allowed what another was not.
                Some(false) if *access != Access::Once => *access = Access::NotNow,
                _ => {}
            }
        }
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by_cached_key(|row| (fold(&row.name).into_owned(), row.program.clone()));
    rows
}

/// All portals, and what was said something about behind one, with what holds at first.
fn permissions(decisions: &AllDecisions) -> Vec<(Permission, DefaultAccess)> {
    let scoped: BTreeSet<Permission> = decisions
        .values()
        .flat_map(|entry| entry.decisions.keys())
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

fn for_good(entry: Option<&ProgramDecisions>, permission: &Permission, default: DefaultAccess) -> Access {
    let decided = decision(permission, |permission| {
        Some(entry?.decisions.get(&permission.to_string())?.allowed)
    });
    match (decided, default) {
        (Some(true), _) => Access::Always,
        (Some(false), _) => Access::Never,
        (None, DefaultAccess::Open) => Access::Open,
        (None, DefaultAccess::Ask) => Access::Asks,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::grants::{PermissionEvent, PermissionStore, RunGrants};
    use crate::state::Database;
    use portico_kernel::{InProcess, Kernel, LoadOptions, Program};

    fn program() -> Program {
        let kernel = Kernel::new(TABLE, None, InProcess).unwrap();
        let text = r#"(module (memory (export "memory") 1) (func (export "run")))"#;
        kernel
            .load(&wat::parse_str(text).unwrap(), &LoadOptions::default())
            .unwrap()
    }

    fn held(row: &ProgramAccess, portal: &'static str) -> Access {
        row.access
            .iter()
            .find(|(other, _)| *other == Permission::whole(portal))
            .unwrap()
            .1
    }

    #[test]
    fn a_line_says_what_holds_and_until_when() {
        let store = PermissionStore::new(Database::new(None), Box::new(drop));
        store.set_loaded(AllDecisions::new());
        let program = program();
        let known_by = program.identity().to_string();
        store.set(&known_by, &"Old name".into(), &Permission::whole("launch"), Some(true));
        store.set(&known_by, &"Old name".into(), &Permission::whole("cursor"), Some(false));
        let run = RunGrants::new(vec!["http".into()], vec!["keys".into()]).unwrap();
        let grants = ProgramGrants::new(&run, &program, store.clone(), drop::<PermissionEvent>);
        let other = ProgramGrants::new(&RunGrants::default(), &program, store.clone(), drop::<PermissionEvent>);
        other.answer(&Permission::whole("http"), false);
        other.answer(&Permission::whole("camera"), false);
        let installed = [("another".to_owned(), "Before it".into())];
        let running = [&grants, &other].map(|grants| Running {
            grants,
            name: "Name".into(),
            uses: vec![Permission::whole("http")],
        });
        let rows = matrix(&store.all(), installed, running);
        let names: Vec<_> = rows.iter().map(|row| (&*row.name, row.runs, row.uses.len())).collect();
        assert_eq!(names, [("Before it", false, 0), ("Name", true, 2)]);
        let row = &rows[1];
        for (portal, access) in [
            ("launch", Access::Always),
            ("cursor", Access::Never),
            ("http", Access::Once),
            ("keys", Access::NotNow),
            ("camera", Access::NotNow),
            ("microphone", Access::Asks),
            ("log", Access::Open),
        ] {
            assert_eq!(held(row, portal), access, "{portal}");
        }
        assert!(
            rows[0]
                .access
                .iter()
                .all(|(_, access)| matches!(access, Access::Open | Access::Asks))
        );
    }
}
