//! Programs that the user has installed: which, since when, and when they were last opened.

use super::database::{Database, DatabaseError, Table, now};
use portico_kernel::{Hash, ProgramText};
use portico_model::Installed;
use redb::{ReadableTable, TableDefinition, TableHandle, WriteTransaction};
use std::sync::Arc;

/// By hash: name, when it was installed, and when it was last opened, both in seconds since 1970 (0 for never).
const INSTALLED: TableDefinition<'_, &[u8; 32], (&str, u64, u64)> = TableDefinition::new("installed programs");

/// The list of installed programs. Cheap to clone.
///
/// It can be lost with the database while the program files are still there. So a database without a list, such as a new one, gets
/// a list of the files.
#[derive(Clone)]
pub struct InstalledList {
    database: Database,
    kept: ScanFiles,
}

/// Lists the programs whose files are there.
pub type ScanFiles = Arc<dyn Fn() -> Vec<Installed> + Send + Sync>;

impl InstalledList {
    /// The list in `database`; where there is none yet, it starts with the programs that `kept` finds.
    pub fn new(database: Database, kept: ScanFiles) -> Self {
        Self { database, kept }
    }

    /// All of them, those opened or installed last first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn all(&self) -> Result<Vec<Installed>, DatabaseError> {
        let listed = self.database.read(|all| {
            let Some(table) = INSTALLED.find(all)? else {
                return Ok(None);
            };
            let mut found = Vec::new();
            for row in table.iter()? {
                let (hash, value) = row?;
                let (name, added, used) = value.value();
                let used = (used > 0).then_some(used);
                let (hash, name) = (Hash::from_bytes(*hash.value()), ProgramText::name(name));
                found.push(Installed {
                    hash,
                    name,
                    added,
                    used,
                });
            }
            Ok(Some(found))
        })?;
        let mut all = listed.unwrap_or_else(|| self.begin());
        all.sort_by(|a, b| (b.used.max(Some(b.added)), &a.name).cmp(&(a.used.max(Some(a.added)), &b.name)));
        Ok(all)
    }

    /// Starts the list, where there is none yet.
    fn begin(&self) -> Vec<Installed> {
        let kept = (self.kept)();
        if !kept.is_empty() {
            let rows: ScanFiles = Arc::new({
                let kept = kept.clone();
                move || kept.clone()
            });
            // It is found again the next time where it can't be written.
            let _ = self.database.write(|all| open(all, &rows).map(drop));
        }
        kept
    }

    /// Adds a program; one that is listed already only gets its name.
    ///
    /// # Errors
    /// When nothing was written.
    pub fn add(&self, hash: &Hash, name: &str) -> Result<(), DatabaseError> {
        self.database.write(|all| {
            let mut table = open(all, &self.kept)?;
            let before = table.get(hash.as_bytes())?.map(|row| (row.value().1, row.value().2));
            let (added, used) = before.unwrap_or((now(), 0));
            table.insert(hash.as_bytes(), (name, added, used))?;
            Ok(())
        })
    }

    /// Adds or replaces a row.
    ///
    /// # Errors
    /// When nothing was written.
    pub fn put(&self, row: &Installed) -> Result<(), DatabaseError> {
        self.database.write(|all| put(&mut open(all, &self.kept)?, row))
    }

    /// Removes a program; returns whether it was listed.
    ///
    /// # Errors
    /// When nothing was written.
    pub fn remove(&self, hash: &Hash) -> Result<bool, DatabaseError> {
        self.database
            .write(|all| Ok(open(all, &self.kept)?.remove(hash.as_bytes())?.is_some()))
    }

    /// Notes that a program has been opened just now. Does nothing for one that is not listed.
    pub fn used(&self, hash: Hash) {
        let kept = Arc::clone(&self.kept);
        self.database.save(move |all| {
            let mut table = open(all, &kept)?;
            let before = table
                .get(hash.as_bytes())?
                .map(|row| (row.value().0.to_owned(), row.value().1));
            if let Some((name, added)) = before {
                table.insert(hash.as_bytes(), (name.as_str(), added, now()))?;
            }
            Ok(())
        });
    }

    /// Whether programs may be missing that a damaged database had listed.
    pub fn may_lack_some(&self) -> bool {
        !self.database.damaged().is_empty()
    }
}

type Rows<'a> = redb::Table<'a, &'static [u8; 32], (&'static str, u64, u64)>;

/// Opens the list for writing, and fills a new one with the programs whose files are there.
fn open<'a>(all: &'a WriteTransaction, kept: &ScanFiles) -> Result<Rows<'a>, redb::Error> {
    let is_new = all.list_tables()?.all(|table| table.name() != INSTALLED.name());
    let mut table = all.open_table(INSTALLED)?;
    if is_new {
        kept().iter().try_for_each(|row| put(&mut table, row))?;
    }
    Ok(table)
}

fn put(table: &mut Rows<'_>, row: &Installed) -> Result<(), redb::Error> {
    table.insert(row.hash.as_bytes(), (&*row.name, row.added, row.used.unwrap_or(0)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_is_installed_is_listed_with_its_last_use() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::new(Some(folder.path().join("state.redb")));
        let list = InstalledList::new(database.clone(), Arc::new(Vec::new));
        assert_eq!(list.all().unwrap(), []);
        let [paint, life] = [b"paint", b"lifes"].map(|bytes| Hash::of(bytes));
        list.add(&paint, "Paint").unwrap();
        list.add(&life, "Life").unwrap();
        list.used(paint);
        list.used(Hash::of(b"another"));
        database.finish();
        let before = list.all().unwrap();
        assert_eq!(before.len(), 2);
        let found = before.iter().find(|program| program.hash == paint).unwrap();
        assert!(found.name == "Paint" && found.used.unwrap() >= found.added && found.added > 0);
        assert_eq!(before.iter().find(|program| program.hash == life).unwrap().used, None);
        // Again: its use is not forgotten.
        list.add(&paint, "Paint 2").unwrap();
        let again = list.all().unwrap();
        let renamed = again.iter().find(|program| program.hash == paint).unwrap();
        assert_eq!((&*renamed.name, renamed.used), ("Paint 2", found.used));
        assert!(list.remove(&life).unwrap() && !list.remove(&life).unwrap());
        assert_eq!(list.all().unwrap().len(), 1);
    }

    #[test]
    fn a_new_database_lists_what_is_kept_whatever_is_done_first() {
        let [paint, life] = [("Paint", b"paint"), ("Life", b"lifes")].map(|(name, bytes)| Installed {
            hash: Hash::of(bytes),
            name: name.into(),
            added: 7,
            used: None,
        });
        let with = |act: &dyn Fn(&InstalledList)| {
            let folder = tempfile::tempdir().unwrap();
            let database = Database::new(Some(folder.path().join("state.redb")));
            let kept = vec![paint.clone()];
            let list = InstalledList::new(database.clone(), Arc::new(move || kept.clone()));
            act(&list);
            database.finish();
            let names: Vec<_> = list
                .all()
                .unwrap()
                .into_iter()
                .map(|row| row.name.to_string())
                .collect();
            // From then on the list counts, and not what is kept.
            assert_eq!(
                InstalledList::new(database, Arc::new(|| panic!("it has begun")))
                    .all()
                    .unwrap()
                    .len(),
                names.len()
            );
            names.join(" ")
        };
        assert_eq!(with(&|_| ()), "Paint");
        assert_eq!(with(&|list| list.used(life.hash)), "Paint");
        assert_eq!(with(&|list| list.add(&life.hash, "Life").unwrap()), "Life Paint");
        assert_eq!(with(&|list| list.put(&life).unwrap()), "Life Paint");
        assert_eq!(with(&|list| assert!(!list.remove(&life.hash).unwrap())), "Paint");
        assert_eq!(with(&|list| assert!(list.remove(&paint.hash).unwrap())), "");
    }
}
