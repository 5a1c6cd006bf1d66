//! Room for what the host writes.

use crate::host;
use portico_abi::List;

/// A list that the host fills; it grows when the host says that it is too small, and never shrinks.
pub(crate) struct Buffer<T>(Vec<T>);

impl<T: Copy + Default> Buffer<T> {
    /// Room for `capacity` elements, at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        Self(vec![T::default(); capacity.max(1)])
    }

    /// The list to post.
    pub(crate) fn list(&mut self) -> List {
        List {
            size: (self.0.len() as u32).into(),
            data: host::address(self.0.as_mut_ptr()).into(),
        }
    }

    /// What the host has written, given the list as it has left it; `None` where it was too small: then it has room now.
    pub(crate) fn received(&mut self, list: List) -> Option<&[T]> {
        let size = list.size.get() as usize;
        if size > self.0.len() {
            self.0.resize(size.next_power_of_two(), T::default());
            return None;
        }
        Some(&self.0[..size])
    }
}
