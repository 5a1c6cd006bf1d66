//! What the user has allowed and denied for good, by what a program is known by and by portal.

use super::store::{Table, now};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use std::collections::BTreeMap;

/// By program and portal: whether it is allowed, and the day since 1970 on which that was last of use.
const GRANTS: TableDefinition<'_, (&str, &str), (bool, u64)> = TableDefinition::new("grants");
/// By program: what it was called when the user was asked.
const NAMES: TableDefinition<'_, &str, &str> = TableDefinition::new("grant holders");
/// Days after which what is allowed and not used lapses. What is denied stays.
const LAPSES_AFTER: u64 = 90;

/// What the user has said about one portal of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The day since 1970 on which that was last of use.
    pub day: u64,
}

impl Said {
    /// Said today.
    pub fn today(allowed: bool) -> Self {
        Self { allowed, day: today() }
    }

    /// In how many days it lapses if it is not used; `None` for what is denied, which stays.
    pub fn lapses_in(self) -> Option<u64> {
        self.allowed.then(|| (self.day.saturating_add(LAPSES_AFTER)).saturating_sub(today()))
    }

    /// Whether it counts: what is allowed and has not been of use for long does not.
    pub fn holds(self) -> bool {
        !self.allowed || today() <= self.day.saturating_add(LAPSES_AFTER)
    }
}

/// A program that the user has said something about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// What it was called.
    pub name: String,
    /// By portal.
    pub said: BTreeMap<String, Said>,
}

/// All of them, by what each program is known by.
pub type Holders = BTreeMap<String, Holder>;

/// Days since 1970.
pub fn today() -> u64 {
    now() / (24 * 60 * 60)
}

/// Everything that holds.
pub fn read(all: &ReadTransaction) -> Result<Holders, redb::Error> {
    let mut holders = Holders::new();
    if let Some(table) = GRANTS.find(all)? {
        for row in table.iter()? {
            let (key, value) = row?;
            let ((program, portal), (allowed, day)) = (key.value(), value.value());
            let said = Said { allowed, day };
            if said.holds() {
                holders.entry(program.to_owned()).or_default().said.insert(portal.to_owned(), said);
            }
        }
    }
    if let Some(table) = NAMES.find(all)? {
        for (program, holder) in &mut holders {
            if let Some(name) = table.get(program.as_str())? {
                name.value().clone_into(&mut holder.name);
            }
        }
    }
    Ok(holders)
}

/// Sets what the user says, or with `None` forgets it; `name` is what the program is called.
pub fn write(
    all: &WriteTransaction,
    program: &str,
    name: &str,
    portal: &str,
    said: Option<Said>,
) -> Result<(), redb::Error> {
    let (mut grants, mut names) = (all.open_table(GRANTS)?, all.open_table(NAMES)?);
    match said {
        Some(Said { allowed, day }) => {
            grants.insert((program, portal), (allowed, day))?;
            names.insert(program, name)?;
        }
        None => {
            grants.remove((program, portal))?;
        }
    }
    grants.retain(|_, (allowed, day)| Said { allowed, day }.holds())?;
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

/// What is allowed is of use today.
pub fn touch(all: &WriteTransaction, program: &str, portal: &str) -> Result<(), redb::Error> {
    let mut grants = all.open_table(GRANTS)?;
    let allowed = grants.get((program, portal))?.is_some_and(|row| row.value().0);
    if allowed {
        grants.insert((program, portal), (true, today()))?;
    }
    Ok(())
}
