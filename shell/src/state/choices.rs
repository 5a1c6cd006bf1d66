//! Choices made in the HUD.

use super::database::{Table, surplus};
use portico_model::{Chosen, Learned};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

/// Count and last use, on the scale of [`Learned`], by letters and choice.
const CHOICES: TableDefinition<'_, (&str, &str), (u32, u64)> = TableDefinition::new("choices");

pub(super) fn read(all: &ReadTransaction) -> Result<Learned, redb::Error> {
    let mut choices = Vec::new();
    let Some(table) = CHOICES.find(all)? else {
        return Ok(Learned::default());
    };
    for row in table.iter()? {
        let (key, value) = row?;
        let ((letters, what), (times, last)) = (key.value(), value.value());
        choices.push(Chosen {
            letters: letters.to_owned(),
            what: what.to_owned(),
            times,
            last,
        });
    }
    Ok(choices.into_iter().collect())
}

pub(super) fn write(all: &WriteTransaction, choice: &Chosen) -> Result<(), redb::Error> {
    let mut choices = all.open_table(CHOICES)?;
    let Chosen {
        letters,
        what,
        times,
        last,
    } = choice;
    choices.insert((letters.as_str(), what.as_str()), (*times, *last))?;
    if let Some(oldest) = surplus(&choices, Learned::CAPACITY as u64, |choice| choice.1)? {
        choices.retain(|_, choice| choice.1 > oldest)?;
    }
    Ok(())
}
