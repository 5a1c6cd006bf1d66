//! The stored profile of the user: set in the settings, or by programs with the permission.

use super::database::{Database, Table};
use portico_portals::{Language, ProfileStore, SetReply, UserInfo, UserInfoField};
use redb::{ReadTransaction, TableDefinition, WriteTransaction};
use std::sync::Arc;

/// Value by name of the detail. Languages are separated by spaces.
const PROFILE: TableDefinition<'_, &str, &str> = TableDefinition::new("profile");
const USER_NAME: &str = "user name";
const FULL_NAME: &str = "full name";
const LANGUAGES: &str = "languages";

/// Reads the stored details.
pub fn read(all: &ReadTransaction) -> Result<UserInfo, redb::Error> {
    let Some(table) = PROFILE.find(all)? else {
        return Ok(UserInfo::default());
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
    Ok(UserInfo {
        user_name: find(USER_NAME)?,
        full_name: find(FULL_NAME)?,
        languages,
    })
}

/// Stores a detail, or resets it to the system's.
pub fn write(all: &WriteTransaction, detail: &UserInfoField) -> Result<(), redb::Error> {
    let (name, value) = match detail {
        UserInfoField::UserName(value) => (USER_NAME, value.clone()),
        UserInfoField::FullName(value) => (FULL_NAME, value.clone()),
        UserInfoField::Languages(languages) => (LANGUAGES, languages.as_deref().map(joined)),
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

/// Stores the profile in the database, and reports when a detail is on the disk.
pub struct ProfileDatabase {
    database: Database,
    changed: Arc<dyn Fn() + Send + Sync>,
}

impl ProfileDatabase {
    /// Stores it in `database`; `changed` is called after each detail.
    pub fn new(database: Database, changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            database,
            changed: Arc::new(changed),
        }
    }
}

impl ProfileStore for ProfileDatabase {
    fn keep(&self, detail: UserInfoField, kept: SetReply) {
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
