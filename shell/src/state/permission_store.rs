//! The user's permanent permission decisions, in memory and in the database.

use super::Database;
use super::grants::{self as table, AllDecisions, Decision, ProgramDecisions};
use parking_lot::{Condvar, Mutex, MutexGuard};
use portico_kernel::{Permission, ProgramText};
use std::sync::Arc;

/// Identity of a program and a permission, as text, whose decision has changed.
pub type ChangedPermission = (String, String);

/// Called with changed decisions on the thread that changed them; must not block. The list is empty when the decisions were first
/// loaded.
pub type Changed = Box<dyn Fn(Vec<ChangedPermission>) + Send + Sync>;

/// The permanent decisions about all programs. Cheap to clone; clones share their content.
#[derive(Clone)]
pub struct PermissionStore(Arc<Shared>);

struct Shared {
    database: Database,
    inner: Mutex<Inner>,
    read: Condvar,
    /// Held while the decisions are read again. Taken before `inner`, and never on the event thread.
    reading: Mutex<()>,
    changed: Changed,
}

/// The lock around it is held for moments only: the event thread takes it.
#[derive(Default)]
struct Inner {
    /// `None` until they have been loaded.
    decisions: Option<AllDecisions>,
    /// Whether they are being read again.
    is_read: bool,
    /// Decisions made while the database is being read; newer than those that are read.
    meanwhile: Vec<UserDecision>,
}

/// A decision of the user.
struct UserDecision {
    program: String,
    name: ProgramText,
    permission: String,
    decision: Option<Decision>,
}

impl UserDecision {
    fn apply(&self, decisions: &mut AllDecisions) {
        match self.decision {
            Some(decision) => {
                let entry = decisions.entry(self.program.clone()).or_default();
                entry.name = self.name.clone();
                entry.decisions.insert(self.permission.clone(), decision);
            }
            None => {
                if let Some(entry) = decisions.get_mut(&self.program) {
                    entry.decisions.remove(&self.permission);
                    if entry.decisions.is_empty() {
                        decisions.remove(&self.program);
                    }
                }
            }
        }
    }
}

impl PermissionStore {
    /// A store without content until [`PermissionStore::set_loaded`] is called.
    pub fn new(database: Database, changed: Changed) -> Self {
        let (inner, read, reading) = (Mutex::default(), Condvar::new(), Mutex::new(()));
        Self(Arc::new(Shared {
            database,
            inner,
            read,
            reading,
            changed,
        }))
    }

    /// Sets the decisions that were read from the database.
    pub fn set_loaded(&self, read: AllDecisions) {
        self.apply_loaded(read, self.0.inner.lock());
    }

    fn apply_loaded(&self, mut read: AllDecisions, mut inner: MutexGuard<'_, Inner>) {
        inner.meanwhile.iter().for_each(|change| change.apply(&mut read));
        if !inner.is_read {
            inner.meanwhile.clear();
        }
        let before = inner.decisions.replace(read.clone());
        drop(inner);
        self.0.read.notify_all();
        (self.0.changed)(before.map(|before| differences(&before, &read)).unwrap_or_default());
    }

    /// Reads the decisions again, after another process has changed them. Blocks on the disk.
    pub fn reread(&self) {
        let _reading = self.0.reading.lock();
        self.0.inner.lock().is_read = true;
        // What was said here counts among what is read.
        self.0.database.finish();
        let read = self.0.database.read(table::read);
        // What is known is better than nothing; whoever waits must go on.
        let read = read.unwrap_or_else(|_| self.all());
        let mut inner = self.0.inner.lock();
        inner.is_read = false;
        self.apply_loaded(read, inner);
    }

    /// The permanent decision about a permission, if it has been loaded by now.
    pub fn decision(&self, program: &str, permission: &Permission) -> Option<bool> {
        let inner = self.0.inner.lock();
        let decisions = inner.decisions.as_ref()?;
        decision(permission, |permission| {
            find(decisions, program, &permission.to_string()).map(|decision| decision.allowed)
        })
    }

    /// Waits for the decisions to be loaded, and returns one. An allowed permission counts as used today.
    pub fn wait_for_decision(&self, program: &str, permission: &Permission) -> Option<bool> {
        let mut inner = self.0.inner.lock();
        self.0.read.wait_while(&mut inner, |inner| inner.decisions.is_none());
        let entry = inner.decisions.as_mut()?.get_mut(program)?;
        decision(permission, |permission| {
            let permission = permission.to_string();
            let decision = entry
                .decisions
                .get_mut(&permission)
                .filter(|decision| decision.is_current())?;
            let today = table::today();
            if decision.allowed && decision.day != today {
                decision.day = today;
                let program = program.to_owned();
                self.0
                    .database
                    .save(move |all| table::touch(all, &program, &permission));
            }
            Some(decision.allowed)
        })
    }

    /// Sets a permanent decision, or removes it with `None`. `name` is the program's name. It takes effect at once, or when the
    /// decisions have been loaded, and is saved on another thread. Does not block.
    pub fn set(&self, program: &str, name: &ProgramText, permission: &Permission, allowed: Option<bool>) {
        let written = permission.to_string();
        let decision = allowed.map(Decision::today);
        let change = UserDecision {
            program: program.into(),
            name: name.clone(),
            permission: written.clone(),
            decision,
        };
        let mut inner = self.0.inner.lock();
        let unread = inner.decisions.is_none();
        if let Some(decisions) = &mut inner.decisions {
            change.apply(decisions);
        }
        // Under the lock, so that the database hears of it in the same order.
        let owned = (program.to_owned(), name.clone(), written.clone());
        self.0
            .database
            .save(move |all| table::write(all, &owned.0, &owned.1, &owned.2, decision));
        if unread || inner.is_read {
            inner.meanwhile.push(change);
        }
        drop(inner);
        (self.0.changed)(vec![(program.to_owned(), written)]);
    }

    /// All decisions, as far as they have been loaded.
    pub fn all(&self) -> AllDecisions {
        self.0.inner.lock().decisions.clone().unwrap_or_default()
    }

    /// The decisions about one program, as far as they have been loaded.
    pub fn program(&self, program: &str) -> Option<ProgramDecisions> {
        self.0.inner.lock().decisions.as_ref()?.get(program).cloned()
    }
}

fn find(decisions: &AllDecisions, program: &str, permission: &str) -> Option<Decision> {
    // A shell may run for longer than what has been allowed counts without being of use.
    decisions
        .get(program)?
        .decisions
        .get(permission)
        .copied()
        .filter(|decision| decision.is_current())
}

/// The decisions that differ.
fn differences(before: &AllDecisions, after: &AllDecisions) -> Vec<ChangedPermission> {
    let mut changes = Vec::new();
    for (one, other) in [(before, after), (after, before)] {
        for (program, entry) in one {
            for (permission, decision) in &entry.decisions {
                let change = (program.clone(), permission.clone());
                let same = find(other, program, permission).is_some_and(|there| there.allowed == decision.allowed);
                if !same && !changes.contains(&change) {
                    changes.push(change);
                }
            }
        }
    }
    changes
}

/// Combines the decisions about a permission and about its whole portal: a denial of either is a denial.
pub(crate) fn decision(permission: &Permission, mut said: impl FnMut(&Permission) -> Option<bool>) -> Option<bool> {
    let one = said(permission);
    let whole = permission
        .scope
        .as_ref()
        .and_then(|_| said(&Permission::whole(permission.portal)));
    match (one, whole) {
        (Some(one), Some(whole)) => Some(one && whole),
        (one, whole) => one.or(whole),
    }
}
