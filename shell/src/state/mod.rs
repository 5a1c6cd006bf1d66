//! State that the shell keeps from one run to the next, in one small database; each table has its file here.
//!
//! [`Database`] opens and guards the file. [`State`] has what every shell needs from its start: it is read once, on a thread of its
//! own, while the first window is created, which does not wait for it. Other tables are read when they are needed.

mod choices;
mod database;
pub mod grants;
pub mod installed;
mod permission_store;
pub mod preferences;
pub mod profile;
mod sizes;

pub use database::{Database, DatabaseError, Table, file};
pub(crate) use permission_store::decision;
pub use permission_store::{Changed, ChangedPermission, PermissionStore};
pub use sizes::{Size, UnsavedSizes};

use parking_lot::Mutex;
use portico_model::{Chosen, Language, Learned, preferences::Preferences};
use portico_portals::Profile;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

/// Why stored state was lost or is not available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The database was damaged, and is kept under this path.
    SetAside(PathBuf),
    /// The database can't be read.
    Unread(String),
}

/// State that every shell needs from its start.
pub struct State {
    database: Database,
    sizes: Arc<Mutex<HashMap<String, Size>>>,
    preferences: Arc<OnceLock<Preferences>>,
    permissions: PermissionStore,
    profile: Arc<Profile>,
    reader: Option<JoinHandle<()>>,
}

impl State {
    /// Starts to read `file`; without one nothing is stored. `recalled` is called with the HUD choices when all is read, `changed`
    /// when permission decisions have been read or changed, `known` when the user's profile has been read or changed. A damaged
    /// file is replaced by a new one and kept; `trouble` is called then, and at each later start while that file is there.
    pub fn load(
        file: Option<PathBuf>,
        recalled: impl FnOnce(Learned) + Send + 'static,
        changed: Changed,
        known: impl Fn() + Send + Sync + Clone + 'static,
        trouble: impl Fn(Trouble) + Send + Sync + Clone + 'static,
    ) -> Self {
        let told = trouble.clone();
        let database = Database::with_observer(file, Arc::new(move |kept| told(Trouble::SetAside(kept))));
        let permissions = PermissionStore::new(database.clone(), changed);
        let profile = Profile::new(profile::ProfileDatabase::new(database.clone(), known.clone()));
        let sizes: Arc<Mutex<HashMap<String, Size>>> = Arc::default();
        let preferences: Arc<OnceLock<Preferences>> = Arc::default();
        let read = {
            let (database, sizes, set) = (database.clone(), Arc::clone(&sizes), Arc::clone(&preferences));
            let (permissions, profile) = (permissions.clone(), Arc::clone(&profile));
            move || {
                let read = database.read(|all| {
                    let said = (grants::read(all)?, profile::read(all)?);
                    Ok((sizes::read(all)?, choices::read(all)?, preferences::read(all)?, said))
                });
                // It may have been another process that met the damage.
                database
                    .damaged()
                    .pop()
                    .into_iter()
                    .for_each(|kept| trouble(Trouble::SetAside(kept)));
                let (before, choices, preferences, (decisions, person)) = match read {
                    Ok(read) => read,
                    Err(error) => {
                        trouble(Trouble::Unread(error.to_string()));
                        profile.fill(<_>::default());
                        known();
                        return permissions.set_loaded(<_>::default());
                    }
                };
                permissions.set_loaded(decisions);
                profile.speak(preferences.language.map(Language::code));
                profile.fill(person);
                known();
                set.get_or_init(|| preferences);
                let mut sizes = sizes.lock();
                for (program, size) in before {
                    sizes.entry(program).or_insert(size);
                }
                drop(sizes);
                recalled(choices);
            }
        };
        let reader = std::thread::Builder::new().name("load state".into()).spawn(read).ok();
        if reader.is_none() {
            permissions.set_loaded(<_>::default());
            profile.fill(<_>::default());
        }
        Self {
            database,
            sizes,
            preferences,
            permissions,
            profile,
            reader,
        }
    }

    /// The database, for other tables.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The stored preferences, once they have been read.
    pub fn preferences(&self) -> Option<&Preferences> {
        self.preferences.get()
    }

    /// Stores preferences.
    pub fn save_preferences(&mut self, preferences: &Preferences) {
        let preferences = preferences.clone();
        self.database.save(move |all| preferences::write(all, &preferences));
    }

    /// The permanent permission decisions.
    pub fn permissions(&self) -> &PermissionStore {
        &self.permissions
    }

    /// The user's profile.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// The stored size of a program's window, in points, if it has been read by now.
    pub fn size(&self, program: &str) -> Option<Size> {
        self.sizes.lock().get(program).copied()
    }

    /// Stores the size of a program's window, in points.
    pub fn save_size(&mut self, program: &str, size: Size) {
        self.sizes.lock().insert(program.to_owned(), size);
        let program = program.to_owned();
        self.database.save(move |all| sizes::write(all, &program, size));
    }

    /// Stores a choice made in the HUD.
    pub fn save_choice(&mut self, choice: &Chosen) {
        let choice = choice.clone();
        self.database.save(move |all| choices::write(all, &choice));
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(thread) = self.reader.take() {
            // A panic in it has been told where it happened.
            let _ = thread.join();
        }
        self.database.finish();
    }
}

#[cfg(test)]
mod tests;
