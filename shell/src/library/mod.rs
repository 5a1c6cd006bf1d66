//! Programs that can be opened: those that the user has installed, and those that came with the shell.
//!
//! An installed program is a file in the store, named by its hash, and a row in the state database; the host's desktop lists
//! it too ([`host`]). The files are read on a thread of their own, on first use.

pub mod file_store;
pub mod host;
mod program_ref;

pub use program_ref::ResolveError;

use crate::background;
use crate::environment;
use crate::executable;
use crate::folders::folders;
use crate::icons::{self, Icon, Icons, Side};
use crate::report;
use crate::source::{self, ReadError};
use crate::state::installed::InstalledList;
use crate::state::{Database, DatabaseError};
use egui::ColorImage;
use parking_lot::Mutex;
use portico_kernel::{Cleaned, Hash, Identity, Info, ProgramError, ProgramText, Programs, Publisher, inspect, reasons};
use portico_model::{Installed, ProgramRef, Searchable, fold::fold};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// A program that can be opened, with what there is to see of it.
#[derive(Clone, Debug)]
pub struct Item {
    /// Reference by which it is opened.
    pub program: ProgramRef,
    /// Its hash.
    pub hash: Hash,
    /// The identity that its storage and grants belong to.
    pub identity: Identity,
    /// Its publisher, if it is signed.
    pub publisher: Option<Publisher>,
    /// Its name.
    pub name: ProgramText,
    /// One sentence on what it does; may be empty.
    pub summary: ProgramText,
    /// The texts that it is found by.
    pub found_by: Arc<Searchable>,
    /// Its icon; without one, or until that is decoded, the default icon stands for it.
    pub icon: Option<Arc<ColorImage>>,
    /// The icon as its file has it, while it has not been decoded.
    undecoded: Option<Arc<[u8]>>,
    /// Size of its file in bytes.
    pub size: u64,
    /// Its row in the list of installed programs; `None` for one that came with the shell.
    pub installed: Option<Installed>,
}

impl Item {
    /// The same as it is installed.
    fn listed(mut self, row: Installed) -> Self {
        if self.name != row.name {
            self.found_by = Arc::new(Searchable::new(&row.name, [], &self.summary));
        }
        Self {
            name: row.name.clone(),
            installed: Some(row),
            ..self
        }
    }
}

/// The programs that are known. Cheap to clone.
#[derive(Clone)]
pub struct Library(Arc<Inner>);

struct Inner {
    programs: Option<Programs>,
    list: InstalledList,
    /// Folders that may hold what came with the shell.
    examples: Vec<PathBuf>,
    /// Whether programs are registered with the host's desktop.
    registers: bool,
    icons: Icons,
    cache: Mutex<Cache>,
}

/// An event of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LibraryEvent {
    /// The programs are listed, with the icons decoded before.
    Listed,
    /// An icon was decoded.
    Icon,
}

#[derive(Debug, Default)]
struct Cache {
    items: Option<Arc<[Item]>>,
    /// Counts the reads: an older one must not replace a newer one.
    generation: u64,
}

/// Why a program could not be installed, listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// This system has no place for programs.
    #[error("this system has no folder for programs")]
    Nowhere,
    /// It is no program that could run.
    #[error("{name} can't run: {why}")]
    Refused {
        /// What it is called.
        name: ProgramText,
        /// Why not.
        why: String,
    },
    /// The file can't be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// The store failed.
    #[error(transparent)]
    Programs(#[from] ProgramError),
    /// The list of installed programs failed.
    #[error(transparent)]
    List(#[from] DatabaseError),
}

impl Library {
    /// The programs of this user, listed in `database`.
    pub fn of_user(database: Database) -> Self {
        let folder = folders().map(|dirs| dirs.data_dir().join("programs"));
        Self::over(folder.map(Programs::new), database, examples(), true, Icons::of_user())
    }

    /// Programs in a folder, listed in `database` and not registered with the desktop. Examples are in the first of `examples` that has any.
    /// Icons are decoded in this process: there is no worker.
    pub fn new(programs: Programs, database: Database, examples: Vec<PathBuf>) -> Self {
        let icons = Icons::new(None, icons::in_this_process);
        Self::over(Some(programs), database, examples, false, icons)
    }

    fn over(
        programs: Option<Programs>,
        database: Database,
        examples: Vec<PathBuf>,
        registers: bool,
        icons: Icons,
    ) -> Self {
        let stored = programs.clone();
        let list = InstalledList::new(
            database,
            Arc::new(move || stored.as_ref().map(|p| kept(p, registers)).unwrap_or_default()),
        );
        Self(Arc::new(Inner {
            programs,
            list,
            examples,
            registers,
            icons,
            cache: Mutex::default(),
        }))
    }

    /// The icons of programs.
    pub fn icons(&self) -> &Icons {
        &self.0.icons
    }

    /// What can be opened: installed programs, those used last first, then those that came with the shell. `None` while
    /// they are still being read.
    pub fn items(&self) -> Option<Arc<[Item]>> {
        self.0.cache.lock().items.clone()
    }

    /// Begins to read, unless that was done before; `ready` is called when the list is there, and for every icon after it.
    pub fn want(&self, ready: impl Fn(LibraryEvent) + Send + 'static) {
        if self.0.cache.lock().generation == 0 {
            self.read_again(ready);
        }
    }

    /// Reads again, if it was read before, after a program was installed, used or removed.
    pub fn changed(&self, ready: impl Fn(LibraryEvent) + Send + 'static) {
        if self.0.cache.lock().generation > 0 {
            self.read_again(ready);
        }
    }

    fn read_again(&self, ready: impl Fn(LibraryEvent) + Send + 'static) {
        let generation = {
            let mut cache = self.0.cache.lock();
            cache.generation += 1;
            cache.generation
        };
        let this = self.clone();
        let read = move || {
            let before = this.items().unwrap_or_default();
            let items: Arc<[Item]> = this.read(&before).into();
            let mut cache = this.0.cache.lock();
            if cache.generation != generation {
                return;
            }
            cache.items = Some(Arc::clone(&items));
            drop(cache);
            ready(LibraryEvent::Listed);
            // Nobody waits for these, and a hostile one takes as long as it is let.
            for item in &*items {
                let Some(undecoded) = &item.undecoded else { continue };
                let icon = this.0.icons.of(undecoded, &item.name);
                if this.0.cache.lock().generation != generation {
                    // A later reading has its own list of them.
                    return;
                }
                let shown = icon.is_some();
                this.set_icon(&item.hash, icon.as_ref().map(tile));
                if shown {
                    ready(LibraryEvent::Icon);
                }
            }
        };
        background::spawn(read);
    }

    /// Sets the decoded icon of a program, or that it has none.
    fn set_icon(&self, hash: &Hash, icon: Option<Arc<ColorImage>>) {
        let mut cache = self.0.cache.lock();
        let Some(items) = &cache.items else { return };
        let set = |item: &Item| match item.hash == *hash {
            true => Item {
                icon: icon.clone(),
                undecoded: None,
                ..item.clone()
            },
            false => item.clone(),
        };
        cache.items = Some(items.iter().map(set).collect());
    }

    /// Reads the list, and the files that are not in `before`.
    fn read(&self, before: &[Item]) -> Vec<Item> {
        let mut items = Vec::new();
        let listed = self.installed().unwrap_or_default();
        for row in listed {
            let known = before
                .iter()
                .find(|item| item.installed.is_some() && item.hash == row.hash);
            let item = known.cloned().or_else(|| {
                let bytes = self.0.programs.as_ref()?.load(&row.hash);
                let bytes = bytes
                    .inspect_err(|error| tracing::warn!("{}: {error}", row.name))
                    .ok()?;
                Some(self.item(row.program_ref(), &bytes))
            });
            items.extend(item.map(|item| item.listed(row)));
        }
        let mut bundled: Vec<_> = (self.bundled().into_iter())
            .filter_map(|file| {
                let known = before
                    .iter()
                    .find(|item| matches!(&item.program, ProgramRef::File(known) if *known == file));
                let item = known.cloned().or_else(|| {
                    let bytes = source::read(&file, source::LARGEST).ok()?;
                    Some(self.item(ProgramRef::File(file), &bytes))
                });
                item.filter(|item| items.iter().all(|other: &Item| other.hash != item.hash))
            })
            .collect();
        bundled.sort_by_cached_key(|item| fold(&item.name).into_owned());
        items.extend(bundled);
        items
    }

    /// Files of the programs that came with the shell.
    fn bundled(&self) -> Vec<PathBuf> {
        let folders = self.0.examples.iter().map(|folder| programs_in(folder));
        folders.into_iter().find(|files| !files.is_empty()).unwrap_or_default()
    }

    /// Installs the program in a file. `listed` is called when it is on the list; it is registered with the host's
    /// desktop, which needs its icon, after that.
    ///
    /// # Errors
    /// When it can't run, or can't be kept.
    pub fn install(&self, file: &Path, listed: impl FnOnce()) -> Result<Installed, LibraryError> {
        self.add(file, &source::read(file, source::LARGEST)?, listed)
    }

    /// Installs a program that has been read of `file`.
    ///
    /// # Errors
    /// As [`Library::install`].
    pub fn add(&self, file: &Path, bytes: &[u8], listed: impl FnOnce()) -> Result<Installed, LibraryError> {
        let programs = self.0.programs.as_ref().ok_or(LibraryError::Nowhere)?;
        let info = inspect(bytes);
        let name = report::name(info.manifest.name.as_ref(), file, info.hash.as_ref());
        if !info.refusals.is_empty() {
            return Err(LibraryError::Refused {
                name,
                why: reasons(&info.refusals),
            });
        }
        // Nobody may clean it up between these two.
        let lock = programs.lock()?;
        let hash = programs.add(bytes)?;
        self.0.list.add(&hash, &name)?;
        drop(lock);
        listed();
        self.register(&hash, &name, &info);
        let row = self.installed()?.into_iter().find(|row| row.hash == hash);
        Ok(row.unwrap_or(Installed {
            hash,
            name,
            added: 0,
            used: None,
        }))
    }

    /// Registers a program with the host's desktop.
    fn register(&self, hash: &Hash, name: &ProgramText, info: &Info) {
        if !self.0.registers {
            return;
        }
        let icon = info.icon.as_ref().and_then(|icon| self.0.icons.of(icon, name));
        let entry = host::Entry {
            name,
            summary: info.manifest.summary.as_ref(),
            icon: icon.as_ref(),
        };
        if let Err(error) = host::register(hash, &entry) {
            tracing::warn!("the desktop is not told of {name}: {error}");
        }
    }

    /// The installed programs, those used last first.
    ///
    /// # Errors
    /// When the list can't be read.
    pub fn installed(&self) -> Result<Vec<Installed>, LibraryError> {
        Ok(self.0.list.all()?)
    }

    /// Takes a program off the list; its file stays until [`Library::forget`], so that [`Library::restore`] can bring it back.
    ///
    /// # Errors
    /// When the list can't be written.
    pub fn remove(&self, hash: &Hash) -> Result<(), LibraryError> {
        if let Some(programs) = &self.0.programs {
            programs.refresh(hash);
        }
        self.0.list.remove(hash)?;
        if self.0.registers {
            host::unregister(hash);
        }
        Ok(())
    }

    /// Puts a program back on the list as it was; `listed` is called as by [`Library::install`].
    ///
    /// # Errors
    /// When the list can't be written, or its file is gone.
    pub fn restore(&self, row: &Installed, listed: impl FnOnce()) -> Result<(), LibraryError> {
        let programs = self.0.programs.as_ref().ok_or(LibraryError::Nowhere)?;
        let lock = programs.lock()?;
        let bytes = programs.load(&row.hash)?;
        self.0.list.put(row)?;
        drop(lock);
        listed();
        self.register(&row.hash, &row.name, &inspect(&bytes));
        Ok(())
    }

    /// Deletes the file of a program that was removed, unless it has come back.
    ///
    /// # Errors
    /// When the list can't be read, or the file not be deleted.
    pub fn forget(&self, hash: &Hash) -> Result<(), LibraryError> {
        let programs = self.0.programs.as_ref().ok_or(LibraryError::Nowhere)?;
        let _lock = programs.lock()?;
        if self.installed()?.iter().all(|row| row.hash != *hash) {
            programs.remove(hash)?;
        }
        Ok(())
    }

    /// Deletes the files of programs that are not on the list, damaged ones, and what a crash left, but nothing that was written
    /// within the last minutes; and of those that are not on the list none where a damaged database may have listed them.
    ///
    /// # Errors
    /// When the list can't be read: then nothing is deleted.
    pub fn clean(&self) -> Result<Cleaned, LibraryError> {
        let programs = self.0.programs.as_ref().ok_or(LibraryError::Nowhere)?;
        let _lock = programs.lock()?;
        let (listed, all) = (self.installed()?, self.0.list.may_lack_some());
        Ok(programs.clean(|hash| all || listed.iter().any(|row| row.hash == *hash)))
    }

    /// Notes that an installed program has been opened just now.
    pub fn used(&self, hash: Hash) {
        self.0.list.used(hash);
        let mut cache = self.0.cache.lock();
        let Some(items) = &cache.items else { return };
        let Some(at) = items
            .iter()
            .position(|item| item.hash == hash && item.installed.is_some())
        else {
            return;
        };
        let mut items = items.to_vec();
        items[..=at].rotate_right(1);
        cache.items = Some(items.into());
    }

    /// The item of a program.
    fn item(&self, program: ProgramRef, bytes: &[u8]) -> Item {
        let info = inspect(bytes);
        let hash = info.hash.unwrap_or_else(|| Hash::of(bytes));
        let identity = info.identity().unwrap_or(Identity::Bytes(hash));
        let Info {
            manifest,
            icon,
            publisher,
            ..
        } = info;
        let kept = icon.as_ref().map(|icon| self.0.icons.kept(icon));
        let (kept, undecoded) = match kept {
            Some(None) => (None, icon.map(Arc::from)),
            kept => (kept.flatten().flatten(), None),
        };
        let file = match &program {
            ProgramRef::File(file) => file.clone(),
            ProgramRef::Installed { name, .. } => PathBuf::from(&**name),
        };
        let name = report::name(manifest.name.as_ref(), &file, Some(&hash));
        let summary = manifest.summary.unwrap_or_default();
        Item {
            program,
            hash,
            identity,
            publisher,
            found_by: Arc::new(Searchable::new(&name, [], &summary)),
            name,
            summary,
            icon: kept.as_ref().map(tile),
            undecoded,
            size: bytes.len() as u64,
            installed: None,
        }
    }

    /// Where an installed program is.
    pub fn path(&self, hash: &Hash) -> Option<PathBuf> {
        self.0.programs.as_ref().map(|programs| programs.path(hash))
    }

    /// The store of programs, where this system has a place for one.
    pub fn programs(&self) -> Option<&Programs> {
        self.0.programs.as_ref()
    }
}

/// The programs in a store as they are listed where no list is left. What has no name of its own is called as the desktop does.
fn kept(programs: &Programs, registers: bool) -> Vec<Installed> {
    let row = |hash: Hash| {
        let info = inspect(&programs.load(&hash).ok()?);
        let called = registers.then(|| host::called(&hash)).flatten().unwrap_or_default();
        let name = match info.manifest.name.as_ref().filter(|name| !name.is_empty()) {
            None if !called.is_empty() => called,
            manifest => report::name(manifest, Path::new(""), Some(&hash)),
        };
        let written = std::fs::metadata(programs.path(&hash))
            .and_then(|about| about.modified())
            .ok();
        let added = written.and_then(|written| written.duration_since(UNIX_EPOCH).ok());
        Some(Installed {
            hash,
            name,
            added: added.map_or(0, |added| added.as_secs()),
            used: None,
        })
    };
    programs.all().into_iter().filter_map(row).collect()
}

/// An icon as home and the settings show it.
fn tile(icon: &Icon) -> Arc<ColorImage> {
    let side = Side::Tile as usize;
    Arc::new(ColorImage::from_rgba_unmultiplied([side, side], icon.rgba(Side::Tile)))
}

/// Where the programs that came with the shell may be: beside it, where `cargo xtask` builds them, or where systems keep such
/// things. `PORTICO_EXAMPLES` names another folder, and no others count then.
fn examples() -> Vec<PathBuf> {
    if let Some(folder) = environment::examples() {
        return vec![folder];
    }
    let Ok(beside) = executable::folder() else {
        return Vec::new();
    };
    ["examples", "../examples", "../share/portico/examples"]
        .map(|folder| beside.join(folder))
        .into()
}

fn programs_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .collect()
}

#[cfg(test)]
mod tests;
