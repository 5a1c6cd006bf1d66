//! Compiled modules of recent programs, so that a second start in the same shell finds them in memory.

use crate::hash::Hash;
use parking_lot::Mutex;

/// A least-recently-used cache, bounded in bytes and in number: each module holds a file open, and more memory than its code.
pub(crate) struct ModuleLru<T> {
    most_bytes: usize,
    most: usize,
    /// Oldest first.
    kept: Mutex<Vec<Entry<T>>>,
}

struct Entry<T> {
    hash: Hash,
    thing: T,
    size: usize,
}

impl<T: Clone> ModuleLru<T> {
    /// A cache of `most` programs, and of `most_bytes` in all.
    pub(crate) fn new(most_bytes: usize, most: usize) -> Self {
        Self {
            most_bytes,
            most,
            kept: Mutex::default(),
        }
    }

    /// Finds what is kept of a program, and makes it the newest.
    pub(crate) fn find(&self, hash: &Hash) -> Option<T> {
        let mut kept = self.kept.lock();
        let at = kept.iter().position(|kept| kept.hash == *hash)?;
        kept[at..].rotate_left(1);
        kept.last().map(|kept| kept.thing.clone())
    }

    /// Adds a program as the newest; the oldest go when there is too much. One that is too large by itself is not kept.
    pub(crate) fn keep(&self, hash: Hash, thing: T, size: usize) {
        if size > self.most_bytes {
            return;
        }
        let mut kept = self.kept.lock();
        kept.retain(|kept| kept.hash != hash);
        kept.push(Entry { hash, thing, size });
        while kept.len() > self.most || kept.iter().map(|kept| kept.size).sum::<usize>() > self.most_bytes {
            kept.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u8) -> Hash {
        Hash::of(&[number])
    }

    #[test]
    fn the_oldest_go_and_a_find_makes_young() {
        let recent = ModuleLru::new(30, 8);
        for number in 0..3 {
            recent.keep(hash(number), number, 10);
        }
        assert_eq!(recent.find(&hash(0)), Some(0));
        recent.keep(hash(3), 3, 10);
        assert_eq!(
            [0, 1, 2, 3].map(|number| recent.find(&hash(number))),
            [Some(0), None, Some(2), Some(3)]
        );
        recent.keep(hash(4), 4, 25);
        assert_eq!(
            [0, 2, 3, 4].map(|number| recent.find(&hash(number))),
            [None, None, None, Some(4)]
        );
    }

    #[test]
    fn what_is_too_large_is_not_kept_and_pushes_nothing_out() {
        let recent = ModuleLru::new(30, 8);
        recent.keep(hash(0), 0, 10);
        recent.keep(hash(1), 1, 31);
        assert_eq!((recent.find(&hash(0)), recent.find(&hash(1))), (Some(0), None));
    }

    #[test]
    fn many_small_ones_push_each_other_out() {
        let recent = ModuleLru::new(30, 2);
        for number in 0..3 {
            recent.keep(hash(number), number, 1);
        }
        assert_eq!(
            [0, 1, 2].map(|number| recent.find(&hash(number))),
            [None, Some(1), Some(2)]
        );
    }

    #[test]
    fn the_same_again_counts_once() {
        let recent = ModuleLru::new(30, 8);
        recent.keep(hash(0), 0, 15);
        recent.keep(hash(1), 1, 15);
        recent.keep(hash(1), 2, 15);
        assert_eq!((recent.find(&hash(0)), recent.find(&hash(1))), (Some(0), Some(2)));
    }
}
