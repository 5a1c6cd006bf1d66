//! The stored preferences.

use super::database::Table;
use portico_model::preferences::Preferences;
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

/// Value by name of the preference.
const PREFERENCES: TableDefinition<'_, &str, &str> = TableDefinition::new("preferences");

/// Reads the stored preferences.
///
/// # Errors
/// When the file is damaged or can't be read.
pub fn read(all: &ReadTransaction) -> Result<Preferences, redb::Error> {
    let mut preferences = Preferences::default();
    let Some(table) = PREFERENCES.find(all)? else {
        return Ok(preferences);
    };
    for row in table.iter()? {
        let (key, value) = row?;
        preferences.set(key.value(), value.value());
    }
    Ok(preferences)
}

pub(super) fn write(all: &WriteTransaction, preferences: &Preferences) -> Result<(), redb::Error> {
    let mut table = all.open_table(PREFERENCES)?;
    for (key, value) in preferences.rows() {
        match value {
            Some(value) => table.insert(key.as_str(), value.as_str())?,
            None => table.remove(key.as_str())?,
        };
    }
    Ok(())
}
