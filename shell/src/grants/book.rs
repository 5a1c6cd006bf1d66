//! What the user has said for good, in memory and in the database.

use crate::state::Store;
use crate::state::grants::{self as table, Holder, Holders, Said};
use parking_lot::{Condvar, Mutex};
use portico_kernel::ProgramText;
use std::sync::Arc;

/// A program, by what it is known by, and a portal about which the user has just said something else.
pub type Change = (String, String);

/// Hears of changes, on whatever thread they are made, and must not block. Told of none when the book is first read: nobody has
/// gone by anything else until then.
pub type Changed = Box<dyn Fn(Vec<Change>) + Send + Sync>;

/// What the user has said for good about every program. Cheap to clone; all clones are the same book.
#[derive(Clone)]
pub struct Book(Arc<Shared>);

struct Shared {
    store: Store,
    /// `None` until it has been read.
    holders: Mutex<Option<Holders>>,
    read: Condvar,
    /// Held while the book is changed, or read again.
    pen: Mutex<()>,
    changed: Changed,
}

impl Book {
    /// A book that has not been read yet: [`Book::fill`] or [`Book::reread`] is to follow.
    pub fn new(store: Store, changed: Changed) -> Self {
        Self(Arc::new(Shared { store, holders: Mutex::new(None), read: Condvar::new(), pen: Mutex::new(()), changed }))
    }

    /// What stands in the database has been read.
    pub fn fill(&self, read: Holders) {
        let mut holders = self.0.holders.lock();
        let before = holders.replace(read.clone());
        drop(holders);
        self.0.read.notify_all();
        (self.0.changed)(before.map(|before| differences(&before, &read)).unwrap_or_default());
    }

    /// Reads what others have written. Blocks on the disk.
    pub fn reread(&self) {
        let _pen = self.0.pen.lock();
        // What was said here counts among what is read.
        self.0.store.finish();
        match self.0.store.read(table::read) {
            Ok(read) => self.fill(read),
            // What is known is better than nothing; whoever waits must go on.
            Err(_) => self.fill(self.0.holders.lock().clone().unwrap_or_default()),
        }
    }

    /// Whether the user has allowed or denied this for good, as far as that has been read by now.
    pub fn known(&self, program: &str, portal: &str) -> Option<bool> {
        find(self.0.holders.lock().as_ref()?, program, portal).map(|said| said.allowed)
    }

    /// The same, once it has been read. What is allowed is of use today.
    pub fn look(&self, program: &str, portal: &str) -> Option<bool> {
        let mut holders = self.0.holders.lock();
        self.0.read.wait_while(&mut holders, |holders| holders.is_none());
        let said = holders.as_mut()?.get_mut(program)?.said.get_mut(portal).filter(|said| said.holds())?;
        let today = table::today();
        if said.allowed && said.day != today {
            said.day = today;
            let (program, portal) = (program.to_owned(), portal.to_owned());
            self.0.store.keep(move |all| table::touch(all, &program, &portal));
        }
        Some(said.allowed)
    }

    /// The user allows or denies something for good, or with `None` wants what was said forgotten. `name` is what the program is
    /// called. It holds at once and is on the disk soon.
    pub fn say(&self, program: &str, name: &ProgramText, portal: &str, allowed: Option<bool>) {
        let said = allowed.map(Said::today);
        let pen = self.0.pen.lock();
        let mut holders = self.0.holders.lock();
        self.0.read.wait_while(&mut holders, |holders| holders.is_none());
        let all = holders.get_or_insert_default();
        match said {
            Some(said) => {
                let holder = all.entry(program.to_owned()).or_default();
                holder.name = name.clone();
                holder.said.insert(portal.to_owned(), said);
            }
            None => {
                if let Some(holder) = all.get_mut(program) {
                    holder.said.remove(portal);
                    if holder.said.is_empty() {
                        all.remove(program);
                    }
                }
            }
        }
        drop(holders);
        let owned = (program.to_owned(), name.clone(), portal.to_owned());
        self.0.store.keep(move |all| table::write(all, &owned.0, &owned.1, &owned.2, said));
        drop(pen);
        (self.0.changed)(vec![(program.to_owned(), portal.to_owned())]);
    }

    /// Everything that the user has said, as far as it has been read.
    pub fn list(&self) -> Holders {
        self.0.holders.lock().clone().unwrap_or_default()
    }

    /// What the user has said about one program, as far as it has been read.
    pub fn holder(&self, program: &str) -> Option<Holder> {
        self.0.holders.lock().as_ref()?.get(program).cloned()
    }
}

fn find(holders: &Holders, program: &str, portal: &str) -> Option<Said> {
    // A shell may run for longer than what has been allowed counts without being of use.
    holders.get(program)?.said.get(portal).copied().filter(|said| said.holds())
}

/// Where two states of the book say something else.
fn differences(before: &Holders, after: &Holders) -> Vec<Change> {
    let mut changes = Vec::new();
    for (one, other) in [(before, after), (after, before)] {
        for (program, holder) in one {
            for (portal, said) in &holder.said {
                let change = (program.clone(), portal.clone());
                let same = find(other, program, portal).is_some_and(|there| there.allowed == said.allowed);
                if !same && !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }
    }
    changes
}
