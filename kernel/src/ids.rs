//! Map from channel ids to slots of the channel table. Programs number their channels from 1 up, so low ids are found without hashing.

use rustc_hash::FxHashMap;

/// Ids below this have a place of their own.
const NEAR: usize = 2048;
const NONE: u32 = u32::MAX;

/// Slots by id.
#[derive(Default)]
pub(crate) struct Ids {
    /// Grows with the highest id that was used.
    near: Vec<u32>,
    far: FxHashMap<u32, u32>,
    count: u32,
}

impl Ids {
    /// How many there are.
    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// The slot of an id.
    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<u32> {
        match self.near.get(id as usize) {
            Some(slot) => (*slot != NONE).then_some(*slot),
            None => self.far.get(&id).copied(),
        }
    }

    /// Adds an id that is not there.
    pub(crate) fn insert(&mut self, id: u32, slot: u32) {
        debug_assert!(self.get(id).is_none(), "{id} is there already");
        let at = id as usize;
        if at < NEAR {
            if self.near.len() <= at {
                self.near.resize(at + 1, NONE);
            }
            self.near[at] = slot;
        } else {
            self.far.insert(id, slot);
        }
        self.count += 1;
    }

    /// Removes an id that is there.
    pub(crate) fn remove(&mut self, id: u32) {
        let was = match self.near.get_mut(id as usize) {
            Some(slot) => std::mem::replace(slot, NONE) != NONE,
            None => self.far.remove(&id).is_some(),
        };
        self.count -= u32::from(was);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((prop_oneof![1u32..20, 2040u32..2056, any::<u32>()], 0u32..1000), 0..200)) {
            let (mut ids, mut model) = (Ids::default(), HashMap::new());
            for (id, slot) in steps {
                prop_assert_eq!(ids.get(id), model.get(&id).copied());
                if model.remove(&id).is_some() {
                    ids.remove(id);
                } else {
                    ids.insert(id, slot);
                    model.insert(id, slot);
                }
                prop_assert_eq!(ids.get(id), model.get(&id).copied());
                prop_assert_eq!(ids.count() as usize, model.len());
            }
            for (id, slot) in model {
                prop_assert_eq!(ids.get(id), Some(slot));
            }
        }
    }
}
