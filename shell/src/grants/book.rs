//! What the user has said for good, in memory and in the database.

use super::program::decision;
use crate::state::Store;
use crate::state::grants::{self as table, Holder, Holders, Said};
use parking_lot::{Condvar, Mutex, MutexGuard};
use portico_kernel::{Permission, ProgramText};
use std::sync::Arc;

/// A program, by what it is known by, and a permission, as it is written, about which the user has just said something else.
pub type Change = (String, String);

/// Hears of changes, on whatever thread they are made, and must not block. Told of none when the book is first read: nobody has
/// gone by anything else until then.
pub type Changed = Box<dyn Fn(Vec<Change>) + Send + Sync>;

/// What the user has said for good about every program. Cheap to clone; all clones are the same book.
#[derive(Clone)]
pub struct Book(Arc<Shared>);

struct Shared {
    store: Store,
    pages: Mutex<Pages>,
    read: Condvar,
    /// Held while the book is read again. Taken before `pages`, and never on the event thread.
    reading: Mutex<()>,
    changed: Changed,
}

/// The lock around it is held for moments only: the event thread takes it.
#[derive(Default)]
struct Pages {
    /// `None` until it has been read.
    holders: Option<Holders>,
    /// Whether it is being read again.
    is_read: bool,
    /// What was said while the database was being read: newer than what is found there.
    meanwhile: Vec<Saying>,
}

/// What the user says, and about what.
struct Saying {
    program: String,
    name: ProgramText,
    permission: String,
    said: Option<Said>,
}

impl Saying {
    fn enter(&self, holders: &mut Holders) {
        match self.said {
            Some(said) => {
                let holder = holders.entry(self.program.clone()).or_default();
                holder.name = self.name.clone();
                holder.said.insert(self.permission.clone(), said);
            }
            None => {
                if let Some(holder) = holders.get_mut(&self.program) {
                    holder.said.remove(&self.permission);
                    if holder.said.is_empty() {
                        holders.remove(&self.program);
                    }
                }
            }
        }
    }
}

impl Book {
    /// A book that has not been read yet: [`Book::fill`] is to follow.
    pub fn new(store: Store, changed: Changed) -> Self {
        let (pages, read, reading) = (Mutex::default(), Condvar::new(), Mutex::new(()));
        Self(Arc::new(Shared {
            store,
            pages,
            read,
            reading,
            changed,
        }))
    }

    /// What stands in the database has been read.
    pub fn fill(&self, read: Holders) {
        self.take_in(read, self.0.pages.lock());
    }

    fn take_in(&self, mut read: Holders, mut pages: MutexGuard<'_, Pages>) {
        pages.meanwhile.iter().for_each(|saying| saying.enter(&mut read));
        if !pages.is_read {
            pages.meanwhile.clear();
        }
        let before = pages.holders.replace(read.clone());
        drop(pages);
        self.0.read.notify_all();
        (self.0.changed)(before.map(|before| differences(&before, &read)).unwrap_or_default());
    }

    /// Reads what others have written. Blocks on the disk.
    pub fn reread(&self) {
        let _reading = self.0.reading.lock();
        self.0.pages.lock().is_read = true;
        // What was said here counts among what is read.
        self.0.store.finish();
        let read = self.0.store.read(table::read);
        // What is known is better than nothing; whoever waits must go on.
        let read = read.unwrap_or_else(|_| self.list());
        let mut pages = self.0.pages.lock();
        pages.is_read = false;
        self.take_in(read, pages);
    }

    /// Whether the user has allowed or denied this for good, as far as that has been read by now.
    pub fn known(&self, program: &str, permission: &Permission) -> Option<bool> {
        let pages = self.0.pages.lock();
        let holders = pages.holders.as_ref()?;
        decision(permission, |permission| {
            find(holders, program, &permission.to_string()).map(|said| said.allowed)
        })
    }

    /// The same, once it has been read, for which this waits. What is allowed is of use today.
    pub fn look(&self, program: &str, permission: &Permission) -> Option<bool> {
        let mut pages = self.0.pages.lock();
        self.0.read.wait_while(&mut pages, |pages| pages.holders.is_none());
        let holder = pages.holders.as_mut()?.get_mut(program)?;
        decision(permission, |permission| {
            let permission = permission.to_string();
            let said = holder.said.get_mut(&permission).filter(|said| said.holds())?;
            let today = table::today();
            if said.allowed && said.day != today {
                said.day = today;
                let program = program.to_owned();
                self.0.store.keep(move |all| table::touch(all, &program, &permission));
            }
            Some(said.allowed)
        })
    }

    /// The user allows or denies something for good, or with `None` wants what was said forgotten. `name` is what the program is
    /// called. It holds at once, or as soon as the book has been read, and is on the disk soon. Waits for nobody.
    pub fn say(&self, program: &str, name: &ProgramText, permission: &Permission, allowed: Option<bool>) {
        let written = permission.to_string();
        let said = allowed.map(Said::today);
        let saying = Saying {
            program: program.into(),
            name: name.clone(),
            permission: written.clone(),
            said,
        };
        let mut pages = self.0.pages.lock();
        let unread = pages.holders.is_none();
        if let Some(holders) = &mut pages.holders {
            saying.enter(holders);
        }
        // Under the lock, so that the database hears of it in the same order.
        let owned = (program.to_owned(), name.clone(), written.clone());
        self.0
            .store
            .keep(move |all| table::write(all, &owned.0, &owned.1, &owned.2, said));
        if unread || pages.is_read {
            pages.meanwhile.push(saying);
        }
        drop(pages);
        (self.0.changed)(vec![(program.to_owned(), written)]);
    }

    /// Everything that the user has said, as far as it has been read.
    pub fn list(&self) -> Holders {
        self.0.pages.lock().holders.clone().unwrap_or_default()
    }

    /// What the user has said about one program, as far as it has been read.
    pub fn holder(&self, program: &str) -> Option<Holder> {
        self.0.pages.lock().holders.as_ref()?.get(program).cloned()
    }
}

fn find(holders: &Holders, program: &str, permission: &str) -> Option<Said> {
    // A shell may run for longer than what has been allowed counts without being of use.
    holders
        .get(program)?
        .said
        .get(permission)
        .copied()
        .filter(|said| said.holds())
}

/// Where two states of the book say something else.
fn differences(before: &Holders, after: &Holders) -> Vec<Change> {
    let mut changes = Vec::new();
    for (one, other) in [(before, after), (after, before)] {
        for (program, holder) in one {
            for (permission, said) in &holder.said {
                let change = (program.clone(), permission.clone());
                let same = find(other, program, permission).is_some_and(|there| there.allowed == said.allowed);
                if !same && !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }
    }
    changes
}
