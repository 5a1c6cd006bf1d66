//! What can be opened: the programs that came with the shell. Read on a thread of its own, and never before it is asked for.

use crate::window::icon;
use egui::ColorImage;
use parking_lot::Mutex;
use portico_kernel::inspect;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Side of the icons, in pixels: sharp at twice their size in points.
const ICON: u32 = 96;

/// A program that can be opened.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is called.
    pub name: String,
    /// One sentence on what it does; may be empty.
    pub summary: String,
    /// Its icon.
    pub icon: Option<Arc<ColorImage>>,
    /// Where it is.
    pub file: PathBuf,
}

/// The programs that are known. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Library(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    items: Option<Arc<[Item]>>,
    wanted: bool,
}

impl Library {
    /// What is known by now; `None` while it is still being read.
    pub fn items(&self) -> Option<Arc<[Item]>> {
        self.0.lock().items.clone()
    }

    /// Begins to read, the first time it is called; `ready` hears when that is done.
    pub fn want(&self, ready: impl FnOnce() + Send + 'static) {
        if std::mem::replace(&mut self.0.lock().wanted, true) {
            return;
        }
        let this = self.clone();
        let read = move || {
            let items = bundled();
            this.0.lock().items = Some(items.into());
            ready();
        };
        if let Err(error) = std::thread::Builder::new().name("library".into()).spawn(read) {
            tracing::error!("no thread to look for programs: {error}");
        }
    }
}

/// The programs that came with the shell, by name.
fn bundled() -> Vec<Item> {
    let folders = folders();
    let Some(entries) = folders.iter().find_map(|folder| programs(folder)) else { return Vec::new() };
    let mut items: Vec<_> = entries.into_iter().filter_map(item).collect();
    items.sort_by_key(|item| item.name.to_lowercase());
    items
}

/// Where the programs that came with the shell may be: beside it, where `cargo xtask` builds them, or where systems keep
/// such things. `PORTICO_EXAMPLES` names another place, and no others count then.
fn folders() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os("PORTICO_EXAMPLES") {
        return vec![folder.into()];
    }
    let shell = std::env::current_exe().and_then(|shell| shell.canonicalize()).unwrap_or_default();
    let beside = shell.parent().unwrap_or(Path::new(""));
    ["examples", "../examples", "../share/portico/examples"].map(|folder| beside.join(folder)).into()
}

fn programs(folder: &Path) -> Option<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|extension| extension == "wasm")).collect();
    (!files.is_empty()).then_some(files)
}

fn item(file: PathBuf) -> Option<Item> {
    let info = inspect(&std::fs::read(&file).ok()?);
    if !info.refusals.is_empty() {
        return None;
    }
    let icon = info.icon.and_then(|bytes| icon::pixels(&bytes, ICON));
    let side = ICON as usize;
    Some(Item {
        name: crate::report::name(info.manifest.name.as_deref(), &file),
        summary: info.manifest.summary.unwrap_or_default(),
        icon: icon.map(|rgba| Arc::new(ColorImage::from_rgba_unmultiplied([side, side], &rgba))),
        file,
    })
}
