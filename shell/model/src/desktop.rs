//! All windows of the shell: which there are, in what order, and which has the focus.

use super::{PageKind, WindowId};

/// A window that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenWindow {
    /// Its id.
    pub id: WindowId,
    /// Its title as people see it.
    pub title: String,
    /// The built-in page that it shows, if it shows one.
    pub page: Option<PageKind>,
}

/// The windows that are open. At most one of them has the focus.
#[derive(Clone, Debug, Default)]
pub struct Desktop {
    /// In the order of their opening.
    windows: Vec<OpenWindow>,
    /// The same, the one that had the focus last at the end.
    used: Vec<WindowId>,
    focused: Option<WindowId>,
    /// The id that was given out last.
    last: u64,
    changed: bool,
}

impl Desktop {
    /// An id that no window has had yet.
    pub fn new_id(&mut self) -> WindowId {
        self.last += 1;
        WindowId(self.last)
    }

    /// A window is there, without the focus; with the built-in page that it shows, if it shows one.
    pub fn open(&mut self, id: WindowId, title: &str, page: Option<PageKind>) {
        self.last = self.last.max(id.0);
        self.used.insert(0, id);
        self.windows.push(OpenWindow {
            id,
            title: title.to_owned(),
            page,
        });
        self.changed = true;
    }

    /// A window is closed.
    pub fn close(&mut self, id: WindowId) {
        self.windows.retain(|window| window.id != id);
        self.used.retain(|used| *used != id);
        self.focused.take_if(|focused| *focused == id);
        self.changed = true;
    }

    /// A window has another title.
    pub fn set_title(&mut self, id: WindowId, title: &str) {
        let window = self.windows.iter_mut().find(|window| window.id == id);
        if let Some(window) = window.filter(|window| window.title != title) {
            title.clone_into(&mut window.title);
            self.changed = true;
        }
    }

    /// Whether windows were opened, closed or renamed since this was asked last.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// The windows, in the order of their opening.
    pub fn windows(&self) -> &[OpenWindow] {
        &self.windows
    }

    /// The windows, the one that had the focus last first.
    pub fn used(&self) -> impl Iterator<Item = WindowId> {
        self.used.iter().rev().copied()
    }

    /// The window that has the focus.
    pub fn focused(&self) -> Option<WindowId> {
        self.focused
    }

    /// The window that has to give the focus up before `id` gets it: that it has lost it is not always told.
    pub fn gives_up_to(&self, id: WindowId) -> Option<WindowId> {
        self.focused.filter(|focused| *focused != id)
    }

    /// A window has the focus, or has it no more.
    pub fn set_focused(&mut self, id: WindowId, focused: bool) {
        if focused && self.used.contains(&id) {
            self.used.retain(|used| *used != id);
            self.used.push(id);
            self.focused = Some(id);
        } else if !focused {
            self.focused.take_if(|focused| *focused == id);
        }
    }

    /// The window of a built-in page.
    pub fn page(&self, kind: PageKind) -> Option<WindowId> {
        let window = self.windows.iter().find(|window| window.page == Some(kind));
        window.map(|window| window.id)
    }

    /// The window that somebody means: the one of that number, else the one that has the focus, else the only one.
    pub fn meant(&self, number: Option<u64>) -> Option<WindowId> {
        match (number, &*self.windows) {
            (Some(number), all) => all.iter().map(|window| window.id).find(|id| id.0 == number),
            (None, [only]) => Some(only.id),
            (None, _) => self.focused,
        }
    }
}
