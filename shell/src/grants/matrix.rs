//! The matrix of permissions: the access of each known program.

use super::{ProgramGrants, permission};
use crate::state::decision;
use crate::state::grants::{AllDecisions, ProgramDecisions};
use portico_kernel::{DefaultAccess, Permission, ProgramText};
use portico_model::fold::fold;
use portico_portals::TABLE;
use std::collections::{BTreeMap, BTreeSet};

/// Access of a program to a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// No decision; the portal is open to every program.
    Open,
    /// No decision; the user is asked on first use.
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

/// The access of a program to all permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramAccess {
    /// Its identity.
    pub program: String,
    /// Its name.
    pub name: ProgramText,
    /// Whether it runs.
    pub runs: bool,
    /// Permissions with a privacy indicator that it uses now.
    pub uses: Vec<Permission>,
    /// By permission: portals in the order of their table, each followed by its scopes that have a decision.
    pub access: Vec<(Permission, Access)>,
}

/// A program that runs, in one window.
pub struct Running<'a> {
    /// Its grants.
    pub grants: &'a ProgramGrants,
    /// Its name.
    pub name: ProgramText,
    /// Permissions with a privacy indicator that it uses now.
    pub uses: Vec<Permission>,
}

/// The access of every program that has a decision, is installed (identity and name) or runs, sorted by name.
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

/// All portals, and the scopes that have a decision, with their defaults.
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
    use crate::grants::{PermissionEvent, RunGrants};
    use crate::state::Database;
    use crate::state::PermissionStore;
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
