//! What programs have set of the user, with the user's word.

use super::store::{Store, Table};
use portico_portals::{Detail, Keep, Kept, Language, Person};
use redb::{ReadTransaction, TableDefinition, WriteTransaction};

/// By name of what is set: what it is. Languages stand after each other, with spaces between.
const PROFILE: TableDefinition<'_, &str, &str> = TableDefinition::new("profile");
const USER_NAME: &str = "user name";
const FULL_NAME: &str = "full name";
const LANGUAGES: &str = "languages";

/// What has been set.
pub fn read(all: &ReadTransaction) -> Result<Person, redb::Error> {
    let Some(table) = PROFILE.find(all)? else { return Ok(Person::default()) };
    let find = |name| Ok::<_, redb::Error>(table.get(name)?.map(|row| row.value().to_owned()));
    let languages = find(LANGUAGES)?.map(|text| {
        text.split(' ').filter_map(|code| Some(Language { code: code.as_bytes().try_into().ok()? })).collect()
    });
    Ok(Person { user_name: find(USER_NAME)?, full_name: find(FULL_NAME)?, languages })
}

/// Sets something.
pub fn write(all: &WriteTransaction, detail: &Detail) -> Result<(), redb::Error> {
    let joined: String;
    let (name, value) = match detail {
        Detail::UserName(value) => (USER_NAME, value.as_str()),
        Detail::FullName(value) => (FULL_NAME, value.as_str()),
        Detail::Languages(languages) => {
            joined = languages.iter().filter_map(Language::as_str).collect::<Vec<_>>().join(" ");
            (LANGUAGES, joined.as_str())
        }
    };
    all.open_table(PROFILE)?.insert(name, value)?;
    Ok(())
}

/// Programs are answered when what they set is on the disk.
impl Keep for Store {
    fn keep(&self, detail: Detail, kept: Kept) {
        let told = move |written: Result<(), String>| match written {
            Ok(()) => kept.done(),
            Err(why) => kept.failed(why),
        };
        self.keep_and_tell(move |all| write(all, &detail), told);
    }
}
