//! What the user has drawn and chosen.

use crate::page::Page;
use crate::palette::{COLOURS, find};
use draw::{Area, Colour};
use portico_sdk::frame::rgb;

/// A brush.
pub(crate) struct Brush {
    pub(crate) name: &'static str,
    /// In pixels of the page.
    pub(crate) radius: f32,
}

/// The brushes, thin to thick.
pub(crate) static BRUSHES: [Brush; 5] = [
    Brush {
        name: "Hair",
        radius: 1.2,
    },
    Brush {
        name: "Fine",
        radius: 3.0,
    },
    Brush {
        name: "Medium",
        radius: 7.0,
    },
    Brush {
        name: "Bold",
        radius: 15.0,
    },
    Brush {
        name: "Huge",
        radius: 34.0,
    },
];

/// A page with its number, which it keeps.
struct Numbered {
    number: u32,
    page: Page,
}

/// Everything that can change.
pub(crate) struct State {
    pages: Vec<Numbered>,
    current: usize,
    next_number: u32,
    /// Pages that were removed, with where they were.
    removed: Vec<(usize, Numbered)>,
    pub(crate) brush: usize,
    pub(crate) colour: usize,
    pub(crate) erasing: bool,
    /// The colour chooser shows.
    pub(crate) choosing: bool,
    pub(crate) query: String,
    /// Colour that the keyboard is at, in the chooser.
    pub(crate) cursor: usize,
    pub(crate) dark: bool,
    /// Where the stroke in progress began and where it is now, in pixels of the page.
    stroke: Option<((f32, f32), (f32, f32))>,
}

impl State {
    pub(crate) fn new() -> Self {
        let mut state = Self {
            pages: Vec::new(),
            current: 0,
            next_number: 1,
            removed: Vec::new(),
            brush: 2,
            colour: 32,
            erasing: false,
            choosing: false,
            query: String::new(),
            cursor: 32,
            dark: false,
            stroke: None,
        };
        state.add_page();
        state
    }

    pub(crate) fn page(&self) -> &Page {
        &self.pages[self.current].page
    }

    pub(crate) fn page_mut(&mut self) -> &mut Page {
        &mut self.pages[self.current].page
    }

    pub(crate) fn current(&self) -> usize {
        self.current
    }

    /// Titles of the pages.
    pub(crate) fn titles(&self) -> Vec<String> {
        self.pages.iter().map(|page| format!("Page {}", page.number)).collect()
    }

    pub(crate) fn add_page(&mut self) {
        let page = Numbered {
            number: self.next_number,
            page: Page::new(),
        };
        self.next_number += 1;
        self.current = (self.current + 1).min(self.pages.len());
        self.pages.insert(self.current, page);
    }

    /// Removes the page; the last one becomes empty instead.
    pub(crate) fn remove_page(&mut self) {
        if self.pages.len() == 1 {
            self.page_mut().clear();
            return;
        }
        let page = self.pages.remove(self.current);
        self.removed.push((self.current, page));
        self.current = self.current.min(self.pages.len() - 1);
    }

    pub(crate) fn can_restore(&self) -> bool {
        !self.removed.is_empty()
    }

    /// Brings back the page that was removed last.
    pub(crate) fn restore_page(&mut self) {
        if let Some((at, page)) = self.removed.pop() {
            self.current = at.min(self.pages.len());
            self.pages.insert(self.current, page);
        }
    }

    pub(crate) fn show_page(&mut self, index: usize) {
        self.current = index.min(self.pages.len() - 1);
    }

    /// The next page, or, with `back`, the one before; around the ends.
    pub(crate) fn turn(&mut self, back: bool) {
        let count = self.pages.len();
        self.current = (self.current + if back { count - 1 } else { 1 }) % count;
    }

    pub(crate) fn choose(&mut self, colour: usize) {
        self.colour = colour;
        self.cursor = colour;
        self.erasing = false;
    }

    /// Moves through what the chooser shows.
    pub(crate) fn move_cursor(&mut self, by: isize) {
        let found = find(&self.query);
        if let Some(last) = found.len().checked_sub(1) {
            let at = found.iter().position(|colour| *colour == self.cursor);
            let next = at.map_or(0, |at| at.saturating_add_signed(by).min(last));
            self.cursor = found[next];
        }
    }

    /// Takes a new query: the first colour found is at hand.
    pub(crate) fn search(&mut self, query: &str) {
        query.clone_into(&mut self.query);
        let found = find(query);
        if !found.contains(&self.cursor) {
            self.cursor = found.first().copied().unwrap_or(self.cursor);
        }
    }

    fn ink(&self) -> (f32, Colour) {
        let radius = BRUSHES[self.brush].radius;
        if self.erasing {
            (radius * 1.5, rgb(255, 255, 255))
        } else {
            (radius, COLOURS[self.colour].colour)
        }
    }

    /// Begins a stroke, and says what of the page has changed.
    pub(crate) fn press(&mut self, at: (f32, f32)) -> Area {
        let (radius, colour) = self.ink();
        self.stroke = Some((at, at));
        let page = self.page_mut();
        page.begin();
        page.line(at, at, radius, colour)
    }

    /// Goes on with a stroke. Along the nearer axis only when `straight`.
    pub(crate) fn drag(&mut self, to: (f32, f32), straight: bool) -> Option<Area> {
        let (begin, from) = self.stroke?;
        let (radius, colour) = self.ink();
        let to = match straight {
            true if (to.0 - begin.0).abs() >= (to.1 - begin.1).abs() => (to.0, begin.1),
            true => (begin.0, to.1),
            false => to,
        };
        self.stroke = Some((begin, to));
        Some(self.page_mut().line(from, to, radius, colour))
    }

    /// Ends the stroke in progress. Says whether there was one.
    pub(crate) fn release(&mut self) -> bool {
        let was = self.stroke.take().is_some();
        self.page_mut().end();
        was
    }
}
