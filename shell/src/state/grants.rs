//! The stored permanent permission decisions, by program identity and permission.

use super::database::{Table, now};
use portico_kernel::ProgramText;
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use std::collections::BTreeMap;

/// By program and permission, as text: whether it is allowed, and the day since 1970 of its last use.
const GRANTS: TableDefinition<'_, (&str, &str), (bool, u64)> = TableDefinition::new("grants");
/// By program: its name when the user was asked.
const NAMES: TableDefinition<'_, &str, &str> = TableDefinition::new("grant holders");
/// Days after which an allowed permission lapses without use. Denials stay.
const LAPSES_AFTER: u64 = 90;

/// The user's decision about a permission of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The day since 1970 of its last use.
    pub day: u64,
}

impl Decision {
    /// A decision of today.
    pub fn today(allowed: bool) -> Self {
        Self { allowed, day: today() }
    }

    /// Days until it lapses without use; `None` for a denial, which stays.
    pub fn lapses_in(self) -> Option<u64> {
        self.allowed
            .then(|| (self.day.saturating_add(LAPSES_AFTER)).saturating_sub(today()))
    }

    /// Whether it has not lapsed.
    pub fn is_current(self) -> bool {
        !self.allowed || today() <= self.day.saturating_add(LAPSES_AFTER)
    }
}

/// The decisions about a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramDecisions {
    /// Its name.
    pub name: ProgramText,
    /// By permission, as text: a portal's name, and after a colon its scope if it has one.
    pub decisions: BTreeMap<String, Decision>,
}

/// The decisions about all programs, by identity.
pub type AllDecisions = BTreeMap<String, ProgramDecisions>;

/// Days since 1970.
pub fn today() -> u64 {
    now() / (24 * 60 * 60)
}

/// Reads all decisions that have not lapsed.
pub fn read(all: &ReadTransaction) -> Result<AllDecisions, redb::Error> {
    let mut decisions = AllDecisions::new();
    if let Some(table) = GRANTS.find(all)? {
        for row in table.iter()? {
            let (key, value) = row?;
            let ((program, portal), (allowed, day)) = (key.value(), value.value());
            let decision = Decision { allowed, day };
            if decision.is_current() {
                decisions
                    .entry(program.to_owned())
                    .or_default()
                    .decisions
                    .insert(portal.to_owned(), decision);
            }
        }
    }
    if let Some(table) = NAMES.find(all)? {
        for (program, entry) in &mut decisions {
            if let Some(name) = table.get(program.as_str())? {
                entry.name = ProgramText::name(name.value());
            }
        }
    }
    Ok(decisions)
}

/// Stores a decision, or removes it with `None`; `name` is the program's name.
pub fn write(
    all: &WriteTransaction,
    program: &str,
    name: &str,
    portal: &str,
    decision: Option<Decision>,
) -> Result<(), redb::Error> {
    let (mut grants, mut names) = (all.open_table(GRANTS)?, all.open_table(NAMES)?);
    match decision {
        Some(Decision { allowed, day }) => {
            grants.insert((program, portal), (allowed, day))?;
            names.insert(program, name)?;
        }
        None => {
            grants.remove((program, portal))?;
        }
    }
    grants.retain(|_, (allowed, day)| Decision { allowed, day }.is_current())?;
    let held = |program: &str| -> Result<bool, redb::Error> {
        Ok(match grants.range((program, "")..)?.next() {
            Some(row) => row?.0.value().0 == program,
            None => false,
        })
    };
    let mut gone = Vec::new();
    for row in names.iter()? {
        let program = row?.0.value().to_owned();
        if !held(&program)? {
            gone.push(program);
        }
    }
    for program in gone {
        names.remove(program.as_str())?;
    }
    Ok(())
}

/// Notes that an allowed permission is used today.
pub fn touch(all: &WriteTransaction, program: &str, portal: &str) -> Result<(), redb::Error> {
    let mut grants = all.open_table(GRANTS)?;
    let allowed = grants.get((program, portal))?.is_some_and(|row| row.value().0);
    if allowed {
        grants.insert((program, portal), (true, today()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::state::Database;
    use crate::state::PermissionStore;
    use portico_kernel::Permission;

    fn insert(database: &Database, portal: &str, allowed: bool, days_ago: u64) {
        let row = (allowed, today() - days_ago);
        database
            .write(|all| Ok(all.open_table(GRANTS)?.insert(("program", portal), row).map(drop)?))
            .unwrap();
        database
            .write(|all| Ok(all.open_table(NAMES)?.insert("program", "Program").map(drop)?))
            .unwrap();
    }

    fn book(database: &Database) -> PermissionStore {
        let store = PermissionStore::new(database.clone(), Box::new(drop));
        store.reread();
        store
    }

    #[test]
    fn what_is_allowed_lapses_after_ninety_days_without_use_and_what_is_denied_stays() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(Some(folder.path().join("state.redb")));
        insert(&database, "camera", true, 90);
        insert(&database, "microphone", true, 91);
        insert(&database, "http", false, 1000);
        let store = self::book(&database);
        let known = |portal: &'static str| store.decision("program", &Permission::whole(portal));
        assert_eq!(
            (known("camera"), known("microphone"), known("http")),
            (Some(true), None, Some(false))
        );
        assert_eq!(store.all()["program"].decisions.len(), 2);
        // Use makes it last: the row is of today by then.
        assert_eq!(
            store.wait_for_decision("program", &Permission::whole("camera")),
            Some(true)
        );
        assert_eq!(
            store.wait_for_decision("program", &Permission::whole("microphone")),
            None
        );
        database.finish();
        assert_eq!(database.read(read).unwrap()["program"].decisions["camera"].day, today());
        // What has lapsed is deleted when something is written.
        store.set("program", &"Program".into(), &Permission::whole("gpio"), Some(true));
        database.finish();
        let rows = database
            .read(|all| Ok(GRANTS.find(all)?.unwrap().iter()?.count()))
            .unwrap();
        assert_eq!(rows, 3, "camera, http and gpio");
    }

    #[test]
    fn a_shell_that_runs_for_months_lets_it_lapse_too() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(Some(folder.path().join("state.redb")));
        let store = self::book(&database);
        let decision = |days_ago| Decision {
            allowed: true,
            day: today() - days_ago,
        };
        let entry = ProgramDecisions {
            name: "Program".into(),
            decisions: BTreeMap::from([("camera".into(), decision(91))]),
        };
        store.set_loaded(AllDecisions::from([("program".to_owned(), entry)]));
        assert_eq!(
            (
                store.decision("program", &Permission::whole("camera")),
                store.wait_for_decision("program", &Permission::whole("camera"))
            ),
            (None, None)
        );
    }

    #[test]
    fn a_program_about_which_nothing_is_said_any_more_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(Some(folder.path().join("state.redb")));
        let store = self::book(&database);
        store.set("one", &"One".into(), &Permission::whole("camera"), Some(true));
        store.set("one:two", &"Two".into(), &Permission::whole("camera"), Some(false));
        store.set("one", &"One".into(), &Permission::whole("camera"), None);
        database.finish();
        let held = database.read(read).unwrap();
        assert_eq!(held.keys().collect::<Vec<_>>(), ["one:two"]);
        let names = database
            .read(|all| Ok(NAMES.find(all)?.unwrap().iter()?.count()))
            .unwrap();
        assert_eq!(names, 1);
    }
}
