//! The rows: those that can be seen are read, and the scroll bar counts the rest.

use super::level_name;
use crate::chrome::controls::Canvas;
use crate::chrome::fonts;
use crate::chrome::theme::{self, UNIT};
use crate::strings;
use egui::{
    Color32, CornerRadius, EventFilter, Id, Key, Rect, Role, Sense, Stroke, StrokeKind, WidgetInfo, pos2, vec2,
};
use portico_logs::{Line, LogStore, Search, Source};
use portico_portals::Level;
use std::ops::Range;

/// Height of a row.
const ROW: f32 = 22.0;
/// Width of the scroll bar.
const BAR: f32 = 14.0;
/// Characters of a text that are laid out: more than any screen is wide.
const LONGEST: usize = 800;

/// Scroll position and selection.
#[derive(Debug)]
pub(super) struct List {
    /// The first row that is shown, and how much of it has been scrolled away.
    top: f64,
    follow: bool,
    /// The row where the selection began, and the one where it ends.
    selection: Option<(usize, usize)>,
    /// How many rows there were when it was last drawn, and whether all had been found.
    known: (usize, bool),
    /// The selection has moved: its end has to be seen.
    reveal: bool,
}

impl Default for List {
    fn default() -> Self {
        Self {
            top: 0.0,
            follow: true,
            selection: None,
            known: (0, true),
            reveal: false,
        }
    }
}

impl List {
    /// Other rows are shown from now on.
    pub(super) fn begin_again(&mut self) {
        *self = Self {
            follow: true,
            ..Self::default()
        };
    }

    pub(super) fn follows(&self) -> bool {
        self.follow
    }

    pub(super) fn follow(&mut self, follow: bool) {
        self.follow = follow;
    }

    /// The rows that are selected.
    pub(super) fn selected(&self) -> Option<Range<usize>> {
        self.selection.map(|(from, to)| from.min(to)..from.max(to) + 1)
    }

    pub(super) fn has_focus(&self, ctx: &egui::Context) -> bool {
        ctx.memory(|memory| memory.has_focus(Id::unique("log rows")))
    }

    /// Takes in how many rows there are. While older ones are still being found they come before those that are shown, which
    /// stay where they are.
    fn settle(&mut self, rows: usize, done: bool, visible: f64) {
        let (before, complete) = self.known;
        if !complete && rows > before {
            let more = rows - before;
            self.top += more as f64;
            self.selection = self.selection.map(|(from, to)| (from + more, to + more));
        }
        self.known = (rows, done);
        let last = (rows as f64 - visible).max(0.0);
        if self.follow {
            self.top = last;
        }
        self.top = self.top.clamp(0.0, last);
        self.selection = self.selection.filter(|(from, to)| *from < rows && *to < rows);
    }

    fn scroll(&mut self, by: f64, last: f64) {
        self.top = (self.top + by).clamp(0.0, last);
        self.follow = self.top >= last;
    }

    /// Draws the rows.
    pub(super) fn show(&mut self, canvas: &mut Canvas<'_>, place: Rect, search: &Search, store: &LogStore, all: bool) {
        let (rows, done) = search.progress();
        let visible = f64::from((place.height() / ROW).max(1.0));
        self.settle(rows, done, visible);
        let last = (rows as f64 - visible).max(0.0);
        let id = Id::unique("log rows");
        let response = canvas
            .ui
            .interact(place.with_max_x(place.right() - BAR), id, Sense::click_and_drag());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ListBox, true, strings::log_rows(rows as u64));
            info.value = Some(rows as f64);
            info
        });
        if response.contains_pointer() {
            let delta = canvas.ui.input(|input| input.smooth_scroll_delta().y);
            if delta != 0.0 {
                self.scroll(f64::from(-delta / ROW), last);
                canvas.ui.ctx().request_repaint();
            }
        }
        if response.clicked() || response.dragged() {
            response.request_focus();
            if let Some(at) = response.interact_pointer_pos() {
                let row = self.top + f64::from((at.y - place.top()) / ROW);
                let row = (row.max(0.0) as usize).min(rows.saturating_sub(1));
                let extends = response.dragged() || canvas.ui.input(|input| input.modifiers.shift);
                self.select(row, extends && !response.drag_started(), rows);
                canvas.ui.ctx().request_repaint();
            }
        }
        if response.has_focus() {
            canvas.ui.memory_mut(|memory| {
                let filter = EventFilter {
                    vertical_arrows: true,
                    ..EventFilter::default()
                };
                memory.set_focus_lock_filter(id, filter);
            });
            self.keys(canvas, rows, visible, last);
        }
        if std::mem::take(&mut self.reveal)
            && let Some((_, end)) = self.selection
        {
            self.top = self.top.clamp((end as f64 + 1.0 - visible).max(0.0), end as f64);
        }
        self.rows(canvas, place, search, &store.sources(), all);
        if response.has_focus() {
            let stroke = Stroke::new(2.0, canvas.palette.accent);
            canvas
                .painter()
                .rect_stroke(place, CornerRadius::ZERO, stroke, StrokeKind::Inside);
        }
        self.bar(canvas, place.with_min_x(place.right() - BAR), rows, visible, last);
    }

    fn select(&mut self, row: usize, extend: bool, rows: usize) {
        if rows == 0 {
            return;
        }
        let from = if extend {
            self.selection.map_or(row, |(from, _)| from)
        } else {
            row
        };
        self.selection = Some((from, row));
        self.follow &= row + 1 == rows;
        self.reveal = true;
    }

    fn keys(&mut self, canvas: &Canvas<'_>, rows: usize, visible: f64, last: f64) {
        let page = visible.max(2.0) as isize - 1;
        let moves = [
            (Key::ArrowUp, -1),
            (Key::ArrowDown, 1),
            (Key::PageUp, -page),
            (Key::PageDown, page),
            (Key::Home, isize::MIN),
            (Key::End, isize::MAX),
        ];
        for (key, by) in moves {
            let pressed = canvas.ui.input(|input| input.key_pressed(key));
            if !pressed {
                continue;
            }
            let shift = canvas.ui.input(|input| input.modifiers.shift);
            let now = self
                .selection
                .map_or_else(|| (self.top + visible) as usize, |(_, end)| end);
            self.select(now.saturating_add_signed(by).min(rows.saturating_sub(1)), shift, rows);
            if key == Key::End {
                self.follow = true;
                self.top = last;
            }
            canvas.ui.ctx().request_repaint();
        }
    }

    fn rows(&self, canvas: &mut Canvas<'_>, place: Rect, search: &Search, sources: &[Source], all: bool) {
        let first = self.top as usize;
        let count = (place.height() / ROW) as usize + 2;
        let selected = self.selected();
        let clip = canvas.ui.clip_rect();
        canvas.ui.set_clip_rect(place.intersect(clip));
        for (offset, line) in search.rows(first..first + count).into_iter().enumerate() {
            let top = place.top() + ((first + offset) as f64 - self.top) as f32 * ROW;
            let row = Rect::from_min_size(pos2(place.left(), top), vec2(place.width() - BAR, ROW));
            let chosen = selected.as_ref().is_some_and(|rows| rows.contains(&(first + offset)));
            if let Some(line) = line {
                draw(canvas, row, &line, sources, chosen, all);
            }
        }
        canvas.ui.set_clip_rect(clip);
    }

    fn bar(&mut self, canvas: &mut Canvas<'_>, place: Rect, rows: usize, visible: f64, last: f64) {
        let palette = canvas.palette;
        if last <= 0.0 {
            return;
        }
        let response = canvas
            .ui
            .interact(place, Id::unique("log scroll"), Sense::DRAG | Sense::CLICK);
        let length = (place.height() * (visible / rows as f64) as f32).max(28.0);
        let way = f64::from(place.height() - length);
        if let Some(at) = response.interact_pointer_pos() {
            let to = f64::from(at.y - place.top() - length / 2.0) / way * last;
            self.scroll(to - self.top, last);
            canvas.ui.ctx().request_repaint();
        }
        let top = place.top() + (self.top / last * way) as f32;
        let handle = Rect::from_min_size(pos2(place.left() + 3.0, top), vec2(BAR - 6.0, length));
        let fill = if response.hovered() || response.dragged() {
            palette.weak
        } else {
            palette.outline
        };
        canvas.painter().rect_filled(handle, CornerRadius::same(4), fill);
    }
}

fn draw(canvas: &mut Canvas<'_>, row: Rect, line: &Line, sources: &[Source], chosen: bool, all: bool) {
    let palette = canvas.palette;
    let title = sources
        .iter()
        .find(|source| source.id == line.source)
        .map_or("", |source| source.title.as_str());
    if chosen {
        canvas.painter().rect_filled(row, 0, palette.selected);
    }
    let level = level_name(line.level);
    let strong = matches!(line.level, Level::Warning | Level::Error);
    if strong {
        let fill = if line.level == Level::Error {
            palette.danger
        } else {
            palette.accent
        };
        canvas.painter().rect_filled(row.with_max_x(row.left() + 3.0), 0, fill);
    }
    let wide = row.width() > 720.0;
    let mut left = row.left() + UNIT;
    let mut put = |canvas: &Canvas<'_>, text: &str, width: f32, colour: Color32, fixed: bool| {
        let font = if fixed {
            fonts::fixed(theme::SMALL)
        } else {
            fonts::text(theme::SMALL)
        };
        let width = if width > 0.0 { width } else { row.right() - left };
        let galley = canvas.line(text, font, colour, width - UNIT);
        canvas.put_line(left, row.center().y, galley);
        left += width;
    };
    if wide {
        put(canvas, &time(line.time, false), 104.0, palette.weak, true);
    }
    let emphasis = if strong { palette.text } else { palette.weak };
    put(
        canvas,
        if wide {
            level
        } else {
            &level[..level.chars().next().map_or(0, char::len_utf8)]
        },
        if wide { 72.0 } else { 20.0 },
        emphasis,
        false,
    );
    if all {
        put(canvas, title, if wide { 104.0 } else { 72.0 }, palette.weak, false);
    }
    put(canvas, &line.name, if wide { 120.0 } else { 72.0 }, palette.weak, false);
    let text = &line.text[..line
        .text
        .char_indices()
        .nth(LONGEST)
        .map_or(line.text.len(), |(at, _)| at)];
    put(canvas, text, 0.0, palette.text, true);
    canvas.heard(
        row,
        ("log row", row.top() as i32),
        Role::ListBoxOption,
        &format!("{level}, {title}, {}: {text}", line.name),
    );
}

/// The user's time of day, to the millisecond; with its date for other times than today's.
pub(super) fn time(milliseconds: u64, dated: bool) -> String {
    let at = i64::try_from(milliseconds)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let at = at.unwrap_or_default().to_zoned(portico_portals::system_zone());
    let form = if dated { "%Y-%m-%d %H:%M:%S%.3f" } else { "%H:%M:%S%.3f" };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_found_before_others_move_nothing() {
        let mut list = List::default();
        list.settle(100, false, 10.0);
        assert_eq!(list.top, 90.0, "the newest are shown");
        list.scroll(-20.0, 90.0);
        list.selection = Some((75, 76));
        assert!(!list.follows());
        list.settle(1000, false, 10.0);
        assert_eq!((list.top, list.selected()), (970.0, Some(975..977)));
        list.settle(1010, true, 10.0);
        assert_eq!(list.top, 980.0);
        list.settle(1020, true, 10.0);
        assert_eq!(list.top, 980.0, "what is added comes after them");
        list.scroll(f64::MAX, 1010.0);
        assert!(list.follows());
        list.settle(2000, true, 10.0);
        assert_eq!(list.top, 1990.0);
        list.settle(5, true, 10.0);
        assert_eq!((list.top, list.selected()), (0.0, None), "cleared");
    }

    #[test]
    fn a_selection_begins_somewhere_and_is_extended() {
        let mut list = List::default();
        list.select(5, false, 10);
        assert_eq!(list.selected(), Some(5..6));
        list.select(2, true, 10);
        assert_eq!(list.selected(), Some(2..6));
        list.select(7, false, 10);
        assert_eq!(list.selected(), Some(7..8));
        list.select(0, false, 0);
        assert_eq!(list.selected(), Some(7..8), "there is nothing to select");
    }
}
