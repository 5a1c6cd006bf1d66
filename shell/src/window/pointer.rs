//! The owner of the pointer: the chrome, the program, or an edge that resizes the window.

use portico_surface::Rect;

/// Owner of pointer events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The toolbar or something that lies over the picture.
    Chrome,
    /// The picture.
    Program,
}

/// The mouse over one window.
#[derive(Debug, Default)]
pub(super) struct Pointer {
    /// Whether it is over the window. Not every move that a window system tells of is one over the window.
    over_window: bool,
    /// Where it is, in display pixels of the window; `None` when it is elsewhere.
    at: Option<(f64, f64)>,
    /// Owner at the last move.
    over: Option<Owner>,
    /// Owner until all buttons are up.
    held_by: Option<Owner>,
    held: u32,
    /// Rectangles of the chrome.
    chrome: Vec<Rect>,
}

/// Result of a move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moved {
    /// The owner.
    pub owner: Owner,
    /// The previous owner, which has to be told that the pointer has left.
    pub left: Option<Owner>,
}

impl Pointer {
    /// Where it is, in display pixels; `None` when it is not in the window.
    pub(super) fn at(&self) -> Option<(f64, f64)> {
        self.at
    }

    /// The owner.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.held_by.or(self.over)
    }

    /// Whether a button is down.
    pub(super) fn is_held(&self) -> bool {
        self.held != 0
    }

    /// The chrome covers these rectangles now.
    pub(super) fn set_chrome(&mut self, rects: Vec<Rect>) {
        self.chrome = rects;
    }

    /// Whether the chrome covers a place.
    pub(super) fn covers(&self, x: f64, y: f64) -> bool {
        let inside = |rect: &Rect| {
            x >= f64::from(rect.x)
                && y >= f64::from(rect.y)
                && x < f64::from(rect.right())
                && y < f64::from(rect.bottom())
        };
        self.chrome.iter().any(inside)
    }

    /// Where it is, if the chrome has come or gone under it since it was last told.
    pub(super) fn overtaken(&self) -> Option<(f64, f64)> {
        let (x, y) = self.at.filter(|_| self.held == 0)?;
        let now = if self.covers(x, y) {
            Owner::Chrome
        } else {
            Owner::Program
        };
        (self.over != Some(now)).then_some((x, y))
    }

    /// It has come over the window.
    pub(super) fn entered(&mut self) {
        self.over_window = true;
    }

    /// Whether the window has to do with its moves: it is over the window, or was when the button that is held went down.
    pub(super) fn is_followed(&self) -> bool {
        self.over_window || self.held != 0
    }

    /// Whether it is out of sight: nothing is held any more that has kept it.
    pub(super) fn is_lost(&self) -> bool {
        !self.is_followed() && self.over.is_some()
    }

    /// It has moved.
    pub(super) fn moved(&mut self, x: f64, y: f64) -> Moved {
        self.at = Some((x, y));
        let owner = self.held_by.unwrap_or(if self.covers(x, y) {
            Owner::Chrome
        } else {
            Owner::Program
        });
        let left = self.over.filter(|over| *over != owner);
        self.over = Some(owner);
        Moved { owner, left }
    }

    /// It has left the window; says who has to be told. While a button is held it is only out of sight.
    pub(super) fn gone(&mut self) -> Option<Owner> {
        self.over_window = false;
        if self.held != 0 {
            return None;
        }
        self.at = None;
        self.over.take()
    }

    /// A button went down; says whose it is.
    pub(super) fn pressed(&mut self, button: u8) -> Owner {
        self.held |= 1 << (button & 31);
        *self.held_by.get_or_insert(self.over.unwrap_or(Owner::Program))
    }

    /// A button went up; says whose it was.
    pub(super) fn released(&mut self, button: u8) -> Owner {
        let owner = self.owner().unwrap_or(Owner::Program);
        self.held &= !(1 << (button & 31));
        if self.held == 0 {
            self.held_by = None;
        }
        owner
    }

    /// The window system took the pointer (a move or a resize of the window, a lost focus): nothing is held any more.
    pub(super) fn taken_away(&mut self) {
        self.held = 0;
        self.held_by = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_keeps_the_pointer_until_all_buttons_are_up() {
        let mut pointer = Pointer::default();
        pointer.set_chrome(vec![Rect::new(0, 0, 100, 40)]);
        assert_eq!(
            pointer.moved(10.0, 50.0),
            Moved {
                owner: Owner::Program,
                left: None
            }
        );
        assert_eq!(pointer.pressed(0), Owner::Program);
        assert_eq!(
            pointer.moved(10.0, 10.0),
            Moved {
                owner: Owner::Program,
                left: None
            }
        );
        assert_eq!(pointer.pressed(1), Owner::Program);
        assert_eq!(pointer.gone(), None);
        assert_eq!(pointer.released(0), Owner::Program);
        assert_eq!(pointer.moved(10.0, 11.0).owner, Owner::Program);
        assert_eq!(pointer.released(1), Owner::Program);
        assert_eq!(
            pointer.moved(10.0, 12.0),
            Moved {
                owner: Owner::Chrome,
                left: Some(Owner::Program)
            }
        );
        assert_eq!(pointer.gone(), Some(Owner::Chrome));
        assert_eq!(pointer.at(), None);
    }

    #[test]
    fn a_pointer_is_followed_only_over_the_window_or_while_it_is_held() {
        let mut pointer = Pointer::default();
        assert!(
            !pointer.is_followed(),
            "a window that gets the focus may be told of a move elsewhere"
        );
        pointer.entered();
        assert!(pointer.is_followed());
        pointer.moved(10.0, 50.0);
        pointer.pressed(0);
        assert_eq!(pointer.gone(), None);
        assert!(pointer.is_followed() && !pointer.is_lost());
        pointer.moved(-10.0, 50.0);
        pointer.released(0);
        assert!(!pointer.is_followed() && pointer.is_lost(), "it went while it was held");
        assert_eq!(pointer.gone(), Some(Owner::Program));
        assert!(!pointer.is_lost());
    }

    #[test]
    fn the_chrome_may_come_under_a_pointer_that_rests() {
        let mut pointer = Pointer::default();
        assert_eq!(pointer.overtaken(), None);
        pointer.moved(10.0, 50.0);
        assert_eq!(pointer.overtaken(), None);
        pointer.set_chrome(vec![Rect::new(0, 0, 100, 100)]);
        assert_eq!(pointer.overtaken(), Some((10.0, 50.0)));
        assert_eq!(
            pointer.moved(10.0, 50.0),
            Moved {
                owner: Owner::Chrome,
                left: Some(Owner::Program)
            }
        );
        assert_eq!(pointer.overtaken(), None);
        // While a button is held nothing changes hands.
        pointer.pressed(0);
        pointer.set_chrome(Vec::new());
        assert_eq!(pointer.overtaken(), None);
        pointer.released(0);
        assert_eq!(pointer.overtaken(), Some((10.0, 50.0)));
    }

    #[test]
    fn a_drag_by_the_window_system_lets_go() {
        let mut pointer = Pointer::default();
        pointer.set_chrome(vec![Rect::new(0, 0, 100, 40)]);
        pointer.moved(10.0, 10.0);
        assert_eq!(pointer.pressed(0), Owner::Chrome);
        pointer.taken_away();
        assert_eq!(
            pointer.moved(10.0, 50.0),
            Moved {
                owner: Owner::Program,
                left: Some(Owner::Chrome)
            }
        );
    }
}
