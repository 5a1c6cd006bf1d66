//! What is set of the user: in the settings, or by programs with the user's word.

use super::database::{Database, Table};
use portico_portals::{Detail, Keep, Kept, Language, Person};
use redb::{ReadTransaction, TableDefinition, WriteTransaction};
use std::sync::Arc;

/// By name of what is set: what it is. Languages stand after each other, with spaces between.
const PROFILE: TableDefinition<'_, &str, &str> = TableDefinition::new("profile");
const USER_NAME: &str = "user name";
const FULL_NAME: &str = "full name";
const LANGUAGES: &str = "languages";

/// What has been set.
pub fn read(all: &ReadTransaction) -> Result<Person, redb::Error> {
    let Some(table) = PROFILE.find(all)? else {
        return Ok(Person::default());
    };
    let find = |name| Ok::<_, redb::Error>(table.get(name)?.map(|row| row.value().to_owned()));
    let languages = find(LANGUAGES)?.map(|text| {
        text.split(' ')
            .filter_map(|code| {
                Some(Language {
                    code: code.as_bytes().try_into().ok()?,
                })
            })
            .collect()
    });
    Ok(Person {
        user_name: find(USER_NAME)?,
        full_name: find(FULL_NAME)?,
        languages,
    })
}

/// Sets something, or back to what the system says.
pub fn write(all: &WriteTransaction, detail: &Detail) -> Result<(), redb::Error> {
    let (name, value) = match detail {
        Detail::UserName(value) => (USER_NAME, value.clone()),
        Detail::FullName(value) => (FULL_NAME, value.clone()),
        Detail::Languages(languages) => (LANGUAGES, languages.as_deref().map(joined)),
    };
    let mut table = all.open_table(PROFILE)?;
    match value {
        Some(value) => table.insert(name, value.as_str())?,
        None => table.remove(name)?,
    };
    Ok(())
}

fn joined(languages: &[Language]) -> String {
    languages
        .iter()
        .filter_map(Language::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Keeps it in the database: whoever sets something is answered when it is on the disk.
pub struct ProfileDatabase {
    database: Database,
    changed: Arc<dyn Fn() + Send + Sync>,
}

impl ProfileDatabase {
    /// Keeps it in `store`; `changed` hears of everything that has been kept.
    pub fn new(database: Database, changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            database,
            changed: Arc::new(changed),
        }
    }
}

impl Keep for ProfileDatabase {
    fn keep(&self, detail: Detail, kept: Kept) {
        let changed = Arc::clone(&self.changed);
        let told = move |written: Result<(), String>| match written {
            Ok(()) => {
                kept.done();
                changed();
            }
            Err(why) => kept.failed(why),
        };
        self.database.save_and_notify(move |all| write(all, &detail), told);
    }
}
