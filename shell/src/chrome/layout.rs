//! Where everything of the toolbar goes, from 320 to 3,840 points.

use egui::{Pos2, Rect, pos2, vec2};
use portico_model::TOOLBAR_HEIGHT;

/// Height of the toolbar's controls.
const CONTROL: f32 = 32.0;
/// Width of buttons where there is room, and where there isn't.
const WIDE: f32 = 32.0;
const NARROW: f32 = 28.0;
/// Space at both ends, and between groups.
const MARGIN: f32 = 4.0;
const GAP: f32 = 8.0;
/// Width of a search field that is no mere button, and the widest that it gets.
const SEARCH_LEAST: f32 = 120.0;
const SEARCH_MOST: f32 = 280.0;
/// Space that a title should have before the search field gets any more.
const TITLE_LEAST: f32 = 120.0;

/// The items to place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ToolbarItems {
    pub(super) navigation: usize,
    pub(super) tabs: bool,
    pub(super) search: bool,
    /// The search field has the keyboard, so it may push others aside.
    pub(super) searching: bool,
    pub(super) actions: usize,
    /// Number of privacy indicators.
    pub(super) indicators: usize,
}

/// Positions of the items. Those that do not fit have none.
#[derive(Clone, Debug)]
pub(super) struct ToolbarLayout {
    pub(super) navigation: Vec<Rect>,
    pub(super) tabs: Option<Rect>,
    /// Icon and title; narrow or empty where there is no room.
    pub(super) title: Rect,
    pub(super) search: Option<Rect>,
    /// The search field is only a button.
    pub(super) search_folded: bool,
    pub(super) actions: Vec<Rect>,
    /// Privacy indicators, which take precedence over the program's items.
    pub(super) indicators: Vec<Rect>,
    /// Minimise, maximise, close.
    pub(super) window: [Rect; 3],
}

/// Lays out a toolbar of a width in points with its top left corner at `at`.
pub(super) fn places(at: Pos2, width: f32, mut items: ToolbarItems) -> ToolbarLayout {
    let buttons = |items: &ToolbarItems| {
        items.navigation + usize::from(items.tabs) + usize::from(items.search) + items.actions + items.indicators + 3
    };
    if items.indicators > 0 {
        let fits = |items: &ToolbarItems| buttons(items) as f32 * NARROW + 2.0 * MARGIN <= width;
        if !fits(&items) {
            items.actions = 0;
        }
        if !fits(&items) {
            items.navigation = 0;
        }
        if !fits(&items) {
            items.tabs = false;
        }
        if !fits(&items) {
            items.search = items.searching;
        }
    }
    let buttons = buttons(&items);
    let roomy = buttons as f32 * WIDE + 5.0 * GAP + WIDE <= width;
    let button = if roomy { WIDE } else { NARROW };
    let row = |x: f32, width: f32| {
        Rect::from_min_size(
            pos2(at.x + x, at.y + (TOOLBAR_HEIGHT - CONTROL) / 2.0),
            vec2(width, CONTROL),
        )
    };
    let mut left = MARGIN;
    let mut from_left = |count: usize| -> Vec<Rect> {
        let first = left;
        left += count as f32 * button;
        (0..count).map(|i| row(first + i as f32 * button, button)).collect()
    };
    let mut navigation = from_left(items.navigation);
    let mut tabs = from_left(usize::from(items.tabs)).pop();
    let gap = if roomy { GAP } else { 0.0 };
    let row_of = |first: f32, count: usize| -> Vec<Rect> {
        (0..count).map(|i| row(first + i as f32 * button, button)).collect()
    };
    let window_left = width - MARGIN - 3.0 * button;
    let window = row_of(window_left, 3);
    let indicators_left = window_left - items.indicators as f32 * button;
    let indicators = row_of(indicators_left, items.indicators);
    let window_left = if items.indicators > 0 {
        indicators_left - gap
    } else {
        window_left
    };
    let right = window_left - gap - items.actions as f32 * button;
    let mut actions = row_of(right, items.actions);
    let mut room = (left + gap, if items.actions > 0 { right - gap } else { right });
    let mut search_folded = false;
    let search = items.search.then(|| {
        let free = room.1 - room.0;
        if items.searching && free < SEARCH_LEAST + gap {
            // What is typed must be seen: actions and title make way, and if need be everything at the left.
            actions.clear();
            room.1 = window_left - gap;
            if room.1 - room.0 < SEARCH_LEAST {
                navigation.clear();
                tabs = None;
                room.0 = MARGIN;
            }
            let field = row(room.0, (room.1 - room.0).max(NARROW));
            room.1 = room.0;
            return field;
        }
        let mut size = (free - TITLE_LEAST - gap).min(SEARCH_MOST).min(free * 0.5);
        search_folded = size < SEARCH_LEAST;
        if search_folded && !items.searching {
            size = button;
        } else {
            search_folded = false;
            size = size.max(SEARCH_LEAST);
        }
        room.1 -= size;
        let field = row(room.1, size);
        room.1 -= gap;
        field
    });
    let title = row(room.0, (room.1 - room.0).max(0.0));
    let [a, b, c] = [0, 1, 2].map(|i| window[i]);
    ToolbarLayout {
        navigation,
        tabs,
        title,
        search,
        search_folded,
        actions,
        indicators,
        window: [a, b, c],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_or_leaves_the_bar_at_any_width() {
        for width in (320..=3840).step_by(7) {
            for bits in 0..512 {
                let items = ToolbarItems {
                    navigation: bits & 3,
                    tabs: bits & 4 != 0,
                    search: bits & 8 != 0,
                    searching: bits & 8 != 0 && bits & 16 != 0,
                    actions: (bits >> 5) & 3,
                    indicators: [0, 1, 3, 7][bits >> 7],
                };
                let places = places(Pos2::ZERO, width as f32, items);
                let mut all: Vec<Rect> = places.navigation.clone();
                all.extend(places.tabs);
                all.push(places.title);
                all.extend(places.search);
                all.extend(&places.actions);
                all.extend(&places.indicators);
                all.extend(places.window);
                for pair in all.windows(2) {
                    assert!(pair[0].right() <= pair[1].left() + 0.01, "{width}, {items:?}: {pair:?}");
                }
                let (first, last) = (all[0], all[all.len() - 1]);
                assert!(
                    first.left() >= 0.0 && last.right() <= width as f32,
                    "{width}, {items:?}"
                );
                assert!(all.iter().all(|r| r.top() >= 0.0 && r.bottom() <= TOOLBAR_HEIGHT));
                assert_eq!(
                    places.indicators.len(),
                    items.indicators,
                    "a privacy indicator is always visible"
                );
                if items.searching && items.indicators <= 3 {
                    let field = places.search.map_or(0.0, |r| r.width());
                    assert!(field >= 100.0, "{width}, {items:?}: a field of {field} points");
                }
            }
        }
    }
}
