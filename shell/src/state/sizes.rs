//! Stored sizes of windows.

use super::database::{Table, now, surplus};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use std::collections::HashMap;

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

/// Stores the size of a program's windows.
pub(crate) fn write(all: &WriteTransaction, program: &str, (width, height): Size) -> Result<(), redb::Error> {
    let mut sizes = all.open_table(SIZES)?;
    sizes.insert(program, (width, height, now()))?;
    if let Some(oldest) = surplus(&sizes, MOST_SIZES, |size| size.2)? {
        sizes.retain(|_, size| size.2 > oldest)?;
    }
    Ok(())
}
