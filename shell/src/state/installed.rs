//! Programs that the user has installed: which, since when, and when they were last opened.

use super::store::{Store, StoreError, Table, now};
use crate::library::Meant;
use portico_kernel::{Hash, ProgramText};
use redb::{ReadableTable, TableDefinition};

/// By hash: name, when it was installed, and when it was last opened, both in seconds since 1970 (0 for never).
const INSTALLED: TableDefinition<'_, &[u8; 32], (&str, u64, u64)> = TableDefinition::new("installed programs");

/// A program that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its hash.
    pub hash: Hash,
    /// What it is called.
    pub name: ProgramText,
    /// When it was installed, in seconds since 1970.
    pub added: u64,
    /// When it was last opened, in seconds since 1970; `None` for never.
    pub used: Option<u64>,
}

impl Installed {
    /// How it is opened.
    pub fn meant(&self) -> Meant {
        Meant::Installed { hash: self.hash, name: self.name.clone() }
    }
}

/// All of them, those opened or installed last first.
///
/// # Errors
/// When the database can't be read.
pub fn all(store: &Store) -> Result<Vec<Installed>, StoreError> {
    let mut all = store.read(|all| {
        let Some(table) = INSTALLED.find(all)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for row in table.iter()? {
            let (hash, value) = row?;
            let (name, added, used) = value.value();
            let used = (used > 0).then_some(used);
            found.push(Installed { hash: Hash::from_bytes(*hash.value()), name: ProgramText::name(name), added, used });
        }
        Ok(found)
    })?;
    all.sort_by(|a, b| (b.used.max(Some(b.added)), &a.name).cmp(&(a.used.max(Some(a.added)), &b.name)));
    Ok(all)
}

/// A program is installed from now on; if it was before, it only gets its name.
///
/// # Errors
/// When nothing was written.
pub fn add(store: &Store, hash: &Hash, name: &str) -> Result<(), StoreError> {
    store.write(|all| {
        let mut table = all.open_table(INSTALLED)?;
        let before = table.get(hash.as_bytes())?.map(|row| (row.value().1, row.value().2));
        let (added, used) = before.unwrap_or((now(), 0));
        table.insert(hash.as_bytes(), (name, added, used))?;
        Ok(())
    })
}

/// A program is installed as this row says.
///
/// # Errors
/// When nothing was written.
pub fn put(store: &Store, row: &Installed) -> Result<(), StoreError> {
    store.write(|all| {
        let value = (&*row.name, row.added, row.used.unwrap_or(0));
        all.open_table(INSTALLED)?.insert(row.hash.as_bytes(), value)?;
        Ok(())
    })
}

/// A program is not installed any more; says whether it was.
///
/// # Errors
/// When nothing was written.
pub fn remove(store: &Store, hash: &Hash) -> Result<bool, StoreError> {
    store.write(|all| Ok(all.open_table(INSTALLED)?.remove(hash.as_bytes())?.is_some()))
}

/// A program has been opened just now. One that is not installed stays so.
pub fn used(store: &Store, hash: Hash) {
    store.keep(move |all| {
        let mut table = all.open_table(INSTALLED)?;
        let before = table.get(hash.as_bytes())?.map(|row| (row.value().0.to_owned(), row.value().1));
        if let Some((name, added)) = before {
            table.insert(hash.as_bytes(), (name.as_str(), added, now()))?;
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_installed_is_listed_with_its_last_use() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Some(folder.path().join("state.redb")));
        assert_eq!(all(&store).unwrap(), []);
        let [paint, life] = [b"paint", b"lifes"].map(|bytes| Hash::of(bytes));
        add(&store, &paint, "Paint").unwrap();
        add(&store, &life, "Life").unwrap();
        used(&store, paint);
        used(&store, Hash::of(b"another"));
        store.finish();
        let before = all(&store).unwrap();
        assert_eq!(before.len(), 2);
        let found = before.iter().find(|program| program.hash == paint).unwrap();
        assert!(found.name == "Paint" && found.used.unwrap() >= found.added && found.added > 0);
        assert_eq!(before.iter().find(|program| program.hash == life).unwrap().used, None);
        // Again: its use is not forgotten.
        add(&store, &paint, "Paint 2").unwrap();
        let again = all(&store).unwrap();
        let renamed = again.iter().find(|program| program.hash == paint).unwrap();
        assert_eq!((&*renamed.name, renamed.used), ("Paint 2", found.used));
        assert!(remove(&store, &life).unwrap() && !remove(&store, &life).unwrap());
        assert_eq!(all(&store).unwrap().len(), 1);
    }
}
