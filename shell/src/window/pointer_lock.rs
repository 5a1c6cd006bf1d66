//! Pointer lock: the cursor stays in its place while the mouse moves on.
//!
//! Where the window system can't hold it still (X11, Windows) it is kept inside the window and put back to the middle after
//! every move; elsewhere the mouse tells of its moves itself.

use crate::backend::{Grab, NativeWindow, Refused};
use std::rc::Rc;

/// Locks the cursor of a window until it is dropped.
pub(super) struct PointerLock {
    window: Rc<dyn NativeWindow>,
    recentering: Option<Recentering>,
}

/// Keeps the cursor in the middle where the window system has no lock. Positions are in display pixels of the window.
struct Recentering {
    /// The position before the lock, restored after it.
    home: (f64, f64),
    /// The position that it is put back to.
    middle: (f64, f64),
    /// The last reported position.
    last: (f64, f64),
}

impl PointerLock {
    /// Locks the cursor, which is at `home`.
    ///
    /// # Errors
    /// When the window system refuses.
    pub(super) fn new(window: &Rc<dyn NativeWindow>, home: (f64, f64)) -> Result<Self, Refused> {
        let mut lock = Self {
            window: Rc::clone(window),
            recentering: None,
        };
        if window.grab_cursor(Grab::Locked).is_err() {
            window.grab_cursor(Grab::Confined)?;
            let size = window.size();
            let middle = (f64::from(size.width / 2), f64::from(size.height / 2));
            window.set_cursor_position(middle)?;
            lock.recentering = Some(Recentering {
                home,
                middle,
                last: middle,
            });
        }
        Ok(lock)
    }

    /// Whether moves are read from the mouse, not from the cursor.
    pub(super) fn hears_mouse(&self) -> bool {
        self.recentering.is_none()
    }

    /// Returns how far the cursor has moved, in display pixels; `None` if it was put back.
    pub(super) fn moved(&mut self, x: f64, y: f64) -> Option<(f64, f64)> {
        let recentering = self.recentering.as_mut()?;
        let (last_x, last_y) = std::mem::replace(&mut recentering.last, (x, y));
        if (x, y) == recentering.middle {
            return None;
        }
        if let Err(error) = self.window.set_cursor_position(recentering.middle) {
            tracing::debug!("the cursor can't be put back: {error}");
        }
        Some((x - last_x, y - last_y))
    }
}

impl Drop for PointerLock {
    fn drop(&mut self) {
        let home = self
            .recentering
            .as_ref()
            .map_or(Ok(()), |recentering| self.window.set_cursor_position(recentering.home));
        if let Err(error) = self.window.grab_cursor(Grab::None).and(home) {
            tracing::debug!("the cursor can't be let go of: {error}");
        }
    }
}
