//! Stored sizes of windows.

use super::database::{Database, Table, now, surplus};
use parking_lot::Mutex;
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use std::collections::HashMap;
use std::sync::Arc;

/// Width and height of a window in points.
pub type Size = (f64, f64);

/// By program: width and height in points, and seconds since 1970 when they were given.
const SIZES: TableDefinition<'_, &str, (f64, f64, u64)> = TableDefinition::new("window sizes");
/// How many programs' sizes are kept; those given longest ago go first.
const MOST_SIZES: u64 = 1024;

pub(super) fn read(all: &ReadTransaction) -> Result<HashMap<String, Size>, redb::Error> {
    let mut sizes = HashMap::new();
    let Some(table) = SIZES.find(all)? else {
        return Ok(sizes);
    };
    for row in table.iter()? {
        let (program, size) = row?;
        let (width, height, _) = size.value();
        sizes.insert(program.value().to_owned(), (width, height));
    }
    Ok(sizes)
}

/// Sizes that users have given windows and that may not stay, by the windows' identities. They are stored once they have stayed for a
/// moment, or when the process has to end. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct UnsavedSizes(Arc<Mutex<HashMap<String, Size>>>);

impl UnsavedSizes {
    /// Notes the size of a window; `None` where it has none that is to be stored.
    pub fn note(&self, identity: &str, size: Option<Size>) {
        let mut sizes = self.0.lock();
        match size {
            Some(size) => _ = sizes.insert(identity.to_owned(), size),
            None => _ = sizes.remove(identity),
        }
    }

    /// Stores them all.
    pub fn save(&self, database: &Database) {
        for (identity, size) in self.0.lock().drain() {
            database.save(move |all| write(all, &identity, size));
        }
    }
}

pub(super) fn write(all: &WriteTransaction, program: &str, (width, height): Size) -> Result<(), redb::Error> {
    let mut sizes = all.open_table(SIZES)?;
    sizes.insert(program, (width, height, now()))?;
    if let Some(oldest) = surplus(&sizes, MOST_SIZES, |size| size.2)? {
        sizes.retain(|_, size| size.2 > oldest)?;
    }
    Ok(())
}
