//! Programs' icons. Their files come from strangers, so that they are decoded by a worker, with a deadline; what it does not
//! manage has no picture, and the default icon is shown.
//!
//! The pictures are kept in the user's cache by the hash of the icon's file: a program that was seen before costs a short read.

pub use crate::icon_decoder::Side;

use crate::folders::folders;
use crate::icon_decoder;
use crate::worker::{Limits, Task, WorkerError, Workers};
use crate::{source, whole};
use parking_lot::Mutex;
use portico_kernel::{Cancel, Hash};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

/// Entries of the cache; beyond it the oldest go.
const MOST_KEPT: usize = 500;
/// The entry of an icon that has no picture. An empty file is what a crash of the machine leaves.
const NO_PICTURE: &[u8] = b"no picture";

/// The pictures of an icon. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon(Arc<[u8]>);

impl Icon {
    /// The pictures that [`icon_decoder::pictures`](crate::icon_decoder::pictures) has made; `None` for anything else.
    fn new(pictures: Vec<u8>) -> Option<Self> {
        (pictures.len() == icon_decoder::BYTES).then(|| Self(pictures.into()))
    }

    /// The picture of one size: a square of RGBA pixels with straight alpha.
    pub fn rgba(&self, side: Side) -> &[u8] {
        let before: usize = Side::ALL
            .into_iter()
            .take_while(|other| *other != side)
            .map(Side::bytes)
            .sum();
        &self.0[before..before + side.bytes()]
    }
}

/// Reason why an icon has no picture.
#[derive(Debug, thiserror::Error)]
pub enum NotDecoded {
    /// The file is no icon that can be shown: so it stays.
    #[error("it is no picture")]
    NoPicture,
    /// It was not done in time or room, which may depend on what else the machine does.
    #[error("{0}")]
    NotNow(String),
}

/// Decodes an icon within bounded time.
pub type Decoder = fn(&[u8]) -> Result<Vec<u8>, NotDecoded>;

/// Decodes icons and caches their pictures. Cheap to clone; all clones share one cache.
#[derive(Clone)]
pub struct Icons(Arc<Inner>);

struct Inner {
    folder: Option<PathBuf>,
    decoder: Decoder,
    /// Icons that are being decoded, and those that could not be: each is tried once.
    tried: Mutex<HashMap<Hash, Arc<OnceLock<Option<Icon>>>>>,
}

impl Icons {
    /// Icons of this user's programs, decoded by a worker.
    pub fn of_user() -> Self {
        Self::new(
            folders().map(|directories| directories.cache_dir().join("icons")),
            |icon| decode_with(&Workers::shared(), icon),
        )
    }

    /// Icons that `decoder` decodes, kept in `folder`.
    pub fn new(folder: Option<PathBuf>, decoder: Decoder) -> Self {
        Self(Arc::new(Inner {
            folder,
            decoder,
            tried: Mutex::default(),
        }))
    }

    /// Finds an icon in the cache: its pictures, or that it has none. `None` when it was never decoded.
    pub fn kept(&self, icon: &[u8]) -> Option<Option<Icon>> {
        self.find(&Hash::of(icon))
    }

    /// The pictures of the icon of a program of this name, if it has any. Waits for a worker, up to its deadline: never call it on
    /// the event thread.
    pub fn of(&self, icon: &[u8], name: &str) -> Option<Icon> {
        let hash = Hash::of(icon);
        if let Some(found) = self.find(&hash) {
            return found;
        }
        let once = Arc::clone(self.0.tried.lock().entry(hash).or_default());
        let found = once.get_or_init(|| self.decode(icon, &hash, name)).clone();
        if found.is_some() {
            // It lies in the cache now, or can be had again.
            self.0.tried.lock().remove(&hash);
        }
        found
    }

    fn find(&self, hash: &Hash) -> Option<Option<Icon>> {
        let file = self.0.folder.as_ref().map(|folder| folder.join(hash.to_string()));
        match file.and_then(|file| source::read(&file, icon_decoder::BYTES as u64).ok()) {
            Some(bytes) if bytes == NO_PICTURE => Some(None),
            Some(bytes) => Icon::new(bytes).map(Some),
            None => self.0.tried.lock().get(hash).and_then(|once| once.get().cloned()),
        }
    }

    fn decode(&self, icon: &[u8], hash: &Hash, name: &str) -> Option<Icon> {
        let decoded = (self.0.decoder)(icon);
        let pictures = match decoded {
            Ok(pictures) => Icon::new(pictures),
            Err(NotDecoded::NoPicture) => None,
            Err(NotDecoded::NotNow(why)) => {
                tracing::info!("the icon of {name} is not shown: {why}");
                return None;
            }
        };
        if let Some(folder) = &self.0.folder {
            let bytes = pictures.as_ref().map_or(NO_PICTURE, |icon| &icon.0);
            if let Err(error) = keep(folder, hash, bytes) {
                tracing::debug!("an icon is not kept: {error}");
            }
        }
        pictures
    }
}

/// Limits of a worker for an icon. The two times differ, since an error names only one: an icon that computes for too long has
/// no picture, but one that only waits for too long may have one on another day.
pub const LIMITS: Limits = Limits {
    memory: 64 << 20,
    processor: Duration::from_secs(2),
    deadline: Duration::from_secs(5),
    answer: icon_decoder::BYTES as u64,
    threads: 1,
};

/// Has one of these workers decode an icon.
///
/// # Errors
/// When it has no picture, or none in time.
pub fn decode_with(workers: &Workers, icon: &[u8]) -> Result<Vec<u8>, NotDecoded> {
    workers
        .run(Task::Icon, icon, &LIMITS, &Cancel::default())
        .map_err(|error| match error {
            WorkerError::Refused(_) | WorkerError::Memory(_) => NotDecoded::NoPicture,
            WorkerError::Time(limit) if limit == LIMITS.processor => NotDecoded::NoPicture,
            WorkerError::Failed(why) => {
                tracing::debug!("an icon was not decoded: {why}");
                NotDecoded::NotNow("it can't be decoded".into())
            }
            error => NotDecoded::NotNow(error.to_string()),
        })
}

/// Decodes an icon in this process.
pub fn in_this_process(icon: &[u8]) -> Result<Vec<u8>, NotDecoded> {
    icon_decoder::pictures(icon).ok_or(NotDecoded::NoPicture)
}

/// Puts an icon into the cache.
fn keep(folder: &Path, hash: &Hash, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    whole::replace_soon(&folder.join(hash.to_string()), bytes)?;
    let entries = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let mut entries: Vec<_> = entries.map(|entry| (modified(&entry), entry.path())).collect();
    if entries.len() > MOST_KEPT {
        entries.sort_unstable();
        for (_, oldest) in &entries[..entries.len() - MOST_KEPT] {
            std::fs::remove_file(oldest)?;
        }
    }
    Ok(())
}

fn modified(entry: &std::fs::DirEntry) -> Option<SystemTime> {
    entry.metadata().and_then(|found| found.modified()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const RED: &[u8] =
        br##"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="#f00"/></svg>"##;

    #[test]
    fn an_icon_has_a_picture_of_each_size_and_is_decoded_once_for_all_shells() {
        static TIMES: AtomicUsize = AtomicUsize::new(0);
        let decoder: Decoder = |icon| {
            TIMES.fetch_add(1, Ordering::Relaxed);
            in_this_process(icon)
        };
        let folder = tempfile::tempdir().unwrap();
        let icons = Icons::new(Some(folder.path().join("icons")), decoder);
        assert_eq!((icons.kept(RED), icons.kept(b"none")), (None, None));
        let red = icons.of(RED, "Red").unwrap();
        for side in Side::ALL {
            assert_eq!(red.rgba(side), [255, 0, 0, 255].repeat(side.bytes() / 4), "{side:?}");
        }
        assert_eq!(icons.of(b"none", "None"), None);
        let other = Icons::new(Some(folder.path().join("icons")), decoder);
        assert_eq!(
            (other.kept(RED), other.kept(b"none")),
            (Some(Some(red.clone())), Some(None))
        );
        assert_eq!((other.of(RED, "Red"), other.of(b"none", "None")), (Some(red), None));
        assert_eq!(TIMES.load(Ordering::Relaxed), 2);
        // A file that was cut off is made again.
        std::fs::write(folder.path().join("icons").join(Hash::of(RED).to_string()), [0; 99]).unwrap();
        assert!(other.kept(RED).is_none() && other.of(RED, "Red").is_some());
    }

    #[test]
    fn one_that_was_not_done_in_time_is_tried_once_in_a_shell() {
        static TIMES: AtomicUsize = AtomicUsize::new(0);
        let decoder: Decoder = |_| {
            TIMES.fetch_add(1, Ordering::Relaxed);
            Err(NotDecoded::NotNow("too slow".into()))
        };
        let folder = tempfile::tempdir().unwrap();
        let icons = Icons::new(Some(folder.path().into()), decoder);
        assert_eq!(
            (icons.of(RED, "Red"), icons.of(RED, "Red"), icons.kept(RED)),
            (None, None, Some(None))
        );
        assert_eq!(TIMES.load(Ordering::Relaxed), 1);
        // The next shell, on a machine with more time, tries again.
        assert_eq!(
            Icons::new(Some(folder.path().into()), in_this_process)
                .of(RED, "Red")
                .map(|_| ()),
            Some(())
        );
    }

    #[test]
    fn the_cache_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MOST_KEPT + 3 {
            keep(folder.path(), &Hash::of(&number.to_le_bytes()), b"").unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), MOST_KEPT);
    }
}
