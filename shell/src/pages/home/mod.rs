//! Home: programs to open. A search field, the installed programs as tiles, and what came with the shell as cards.

mod menu;
mod tile;

use super::widgets::{self, UNDO};
use crate::chrome::Page;
use crate::chrome::controls::{Canvas, scroll_area};
use crate::chrome::fonts;
use crate::chrome::glyph::{self, Glyph};
use crate::chrome::theme::{self, CONTROL_RADIUS, UNIT};
use crate::chrome::toolbar::field;
use crate::library::{Item, Library};
use crate::strings;
use egui::{
    CornerRadius, Id, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, TextureHandle, UiBuilder, pos2, vec2,
};
use menu::Menu;
use portico_kernel::Hash;
use portico_model::{Event, Installed, Query, ShellCommand, is_reference};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// Space around everything.
const MARGIN: f32 = 24.0;
/// Space between tiles.
const GAP: f32 = 8.0;
/// Height of the search field.
const FIELD: f32 = 40.0;

/// Called from any thread when there is something new to show.
type Notify = Arc<dyn Fn() + Send + Sync>;

/// The page.
pub struct Home {
    library: Library,
    news: Notify,
    query: String,
    icons: HashMap<Hash, TextureHandle>,
    menu: Option<Menu>,
    /// What was removed last, and until when that can be undone.
    removed: Option<(Installed, Instant)>,
    /// The target of the keyboard when the tiles are drawn next.
    focus_next: Option<FocusTarget>,
}

/// The tile that gets the keyboard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FocusTarget {
    First,
    One(Hash),
}

/// An action on a tile.
enum TileAction {
    Open,
    Menu(egui::Pos2),
    Remove,
}

impl Home {
    /// A page that shows what is in `library`; `news` is called on other threads when there is something new to show.
    pub fn new(library: Library, news: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            library,
            news: Arc::new(news),
            query: String::new(),
            icons: HashMap::new(),
            menu: None,
            removed: None,
            focus_next: None,
        }
    }

    /// What is listed now: the installed programs and the others, or all that match what is typed, the best first.
    fn listed(&self, items: &[Item]) -> Vec<Item> {
        let gone = self.removed.as_ref().map(|(row, _)| row.hash);
        let items = items
            .iter()
            .filter(|item| item.installed.is_none() || Some(item.hash) != gone);
        let query = self.query.trim();
        if query.is_empty() {
            return items.cloned().collect();
        }
        let mut words = Query::new(query);
        let mut found: Vec<_> = items
            .filter_map(|item| Some((words.score(&item.found_by)?, item)))
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, item)| item.clone()).collect()
    }

    fn open(&self, canvas: &mut Canvas<'_>, item: &Item) {
        canvas
            .events
            .push(Event::Command(ShellCommand::Run(item.program.clone())));
    }

    fn remove(&mut self, canvas: &mut Canvas<'_>, item: &Item) {
        let Some(row) = &item.installed else { return };
        self.removed = Some((row.clone(), Instant::now() + UNDO));
        canvas.events.push(Event::Command(ShellCommand::Remove(row.hash)));
        self.focus_next = Some(FocusTarget::First);
    }

    /// The search field. What is pasted or typed whole, and is no search, is opened.
    fn search(&mut self, canvas: &mut Canvas<'_>, place: Rect, keyboard: bool, first: Option<&Item>) {
        let palette = canvas.palette;
        let id = Id::unique("home search");
        let typing = |event: &egui::Event| matches!(event, egui::Event::Text(text) if text != " ");
        let (pasted, typed) = canvas.ui.input_mut(|input| {
            let pasted = input
                .events
                .iter()
                .position(|event| matches!(event, egui::Event::Paste(text) if is_reference(text)));
            let pasted = pasted.filter(|_| keyboard).map(|at| input.events.remove(at));
            (
                pasted,
                input
                    .events
                    .iter()
                    .any(|event| typing(event) || matches!(event, egui::Event::Paste(_))),
            )
        });
        if let Some(egui::Event::Paste(text)) = pasted {
            canvas.events.push(Event::Command(ShellCommand::Find(text)));
        }
        let focused = canvas.ui.memory(|memory| memory.focused());
        // Typing searches wherever the keyboard is, and it begins there.
        if keyboard && self.menu.is_none() && (focused.is_none() || (typed && focused != Some(id))) {
            canvas.ui.memory_mut(|memory| memory.request_focus(id));
        }
        let has_focus = keyboard && canvas.ui.memory(|memory| memory.has_focus(id));
        let stroke = match has_focus {
            true => Stroke::new(2.0, palette.accent),
            false => Stroke::new(1.0, palette.outline),
        };
        canvas.painter().rect(
            place,
            CornerRadius::same(CONTROL_RADIUS),
            palette.field,
            stroke,
            StrokeKind::Inside,
        );
        glyph::draw(
            canvas.painter(),
            Glyph::Search,
            pos2(place.left() + 20.0, place.center().y),
            palette.weak,
        );
        let text = Rect::from_min_max(place.min + vec2(40.0, 0.0), place.max - vec2(12.0, 0.0));
        let mut query = self.query.clone();
        field(canvas, text, id, &mut query, strings::home_search(), theme::BODY);
        self.query = query;
        if !has_focus {
            return;
        }
        let pressed = |key| canvas.ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            self.focus_next = Some(FocusTarget::First);
        } else if pressed(Key::Escape) {
            self.query.clear();
        } else if pressed(Key::Enter) {
            if is_reference(&self.query) {
                canvas
                    .events
                    .push(Event::Command(ShellCommand::Find(std::mem::take(&mut self.query))));
            } else if let Some(item) = first.filter(|_| !self.query.trim().is_empty()) {
                self.open(canvas, item);
            }
        }
    }

    /// A line of words in the scrolled part.
    fn words(canvas: &mut Canvas<'_>, text: &str, heading: bool) {
        let palette = canvas.palette;
        let width = canvas.ui.available_width();
        let (font, colour) = match heading {
            true => (fonts::strong(theme::LARGE), palette.text),
            false => (fonts::text(theme::BODY), palette.weak),
        };
        let galley = canvas.paragraph(text, font, colour, width);
        let place = canvas
            .ui
            .allocate_exact_size(vec2(width, galley.size().y), Sense::hover())
            .0;
        canvas.heard(
            place,
            ("home", text),
            if heading { Role::Heading } else { Role::Label },
            text,
        );
        canvas.painter().galley(place.min, galley, colour);
    }

    /// Draws tiles of one size in rows.
    fn grid(&mut self, canvas: &mut Canvas<'_>, items: &[Item], cards: bool) {
        let room = canvas.ui.available_width();
        let least = if cards { tile::CARD } else { tile::TILE };
        let columns = ((room + GAP) / (least.x + GAP)).floor().max(1.0);
        let width = ((room - (columns - 1.0) * GAP) / columns).floor();
        for row in items.chunks(columns as usize) {
            let line = canvas.ui.allocate_exact_size(vec2(room, least.y), Sense::hover()).0;
            for (index, item) in row.iter().enumerate() {
                let left = line.left() + index as f32 * (width + GAP);
                let place = Rect::from_min_size(pos2(left, line.top()), vec2(width, least.y));
                let focus_next = match self.focus_next {
                    Some(FocusTarget::First) => true,
                    Some(FocusTarget::One(hash)) => hash == item.hash,
                    None => false,
                };
                if focus_next {
                    self.focus_next = None;
                }
                match tile::show(canvas, &mut self.icons, item, place, cards, focus_next) {
                    Some(TileAction::Open) => self.open(canvas, item),
                    Some(TileAction::Menu(at)) => self.menu = Some(Menu::new(item, at, Arc::clone(&self.news))),
                    Some(TileAction::Remove) => self.remove(canvas, item),
                    None => {}
                }
            }
        }
    }

    fn tiles(&mut self, canvas: &mut Canvas<'_>, place: Rect, items: &[Item], keyboard: bool) {
        let (palette, events) = (canvas.palette, &mut canvas.events);
        let reads = self.library.items().is_none();
        canvas
            .ui
            .scope_builder(UiBuilder::new().max_rect(place).id_salt("programs"), |ui| {
                ui.spacing_mut().item_spacing = vec2(GAP, GAP);
                scroll_area().show(ui, |ui| {
                    // The scroll area reaches the window's edge, so that its bar lies there; what it holds does not.
                    let inner = ui
                        .available_rect_before_wrap()
                        .shrink2(vec2(MARGIN, 0.0))
                        .with_max_y(f32::INFINITY);
                    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
                        let mut inside = Canvas::new(ui, palette);
                        let split = items
                            .iter()
                            .position(|item| item.installed.is_none())
                            .unwrap_or(items.len());
                        if !self.query.trim().is_empty() {
                            match items {
                                [] => Self::words(&mut inside, strings::nothing_found(), false),
                                _ => self.grid(&mut inside, items, false),
                            }
                        } else if !reads {
                            let (installed, others) = items.split_at(split);
                            Self::words(&mut inside, strings::home_programs(), true);
                            match installed {
                                [] => Self::words(&mut inside, strings::home_empty(), false),
                                _ => self.grid(&mut inside, installed, false),
                            }
                            if !others.is_empty() {
                                inside.ui.add_space(UNIT);
                                Self::words(&mut inside, strings::home_examples(), true);
                                self.grid(&mut inside, others, true);
                            }
                        }
                        inside.ui.add_space(MARGIN);
                        events.append(&mut inside.events);
                    });
                });
            });
        // What was asked for is not there any more.
        if keyboard {
            self.focus_next = None;
        }
    }

    /// Says what was removed, for as long as it can be undone.
    fn undo(&mut self, canvas: &mut Canvas<'_>, place: Rect) {
        let now = Instant::now();
        let Some((row, until)) = self.removed.as_ref().filter(|(_, until)| now < *until) else {
            self.removed = None;
            return;
        };
        if widgets::undo(canvas, place, &strings::removed(&row.name), *until) {
            let hash = row.hash;
            canvas.events.push(Event::Command(ShellCommand::Restore(row.clone())));
            self.removed = None;
            self.focus_next = Some(FocusTarget::One(hash));
        }
    }
}

impl Page for Home {
    fn view(&mut self, canvas: &mut Canvas<'_>, place: Rect, keyboard: bool) {
        let items = self.library.items().unwrap_or_else(|| Arc::from([]));
        let mut listed = self.listed(&items);
        let width = (place.width() - 2.0 * MARGIN).max(FIELD);
        let search = Rect::from_min_size(place.min + vec2(MARGIN, 2.0 * UNIT), vec2(width, FIELD));
        let before = self.query.clone();
        self.search(canvas, search, keyboard, listed.first());
        if before != self.query {
            listed = self.listed(&items);
        }
        let tiles = place.with_min_y(search.bottom() + 2.0 * UNIT);
        self.tiles(canvas, tiles, &listed, keyboard);
        self.undo(canvas, place);
        if let Some(mut menu) = self.menu.take() {
            let item = items.iter().find(|item| item.hash == menu.hash());
            let chosen = item.map_or(menu::Chosen::Closed, |item| menu.show(canvas, item, place, keyboard));
            match (chosen, item) {
                (menu::Chosen::Open, Some(item)) => self.open(canvas, item),
                (menu::Chosen::Remove, Some(item)) => self.remove(canvas, item),
                (menu::Chosen::Nothing, _) => self.menu = Some(menu),
                (_, Some(item)) => self.focus_next = Some(FocusTarget::One(item.hash)),
                _ => {}
            }
            if self.menu.is_none() {
                canvas.ui.ctx().request_repaint();
            }
        }
        self.icons.retain(|hash, _| items.iter().any(|item| item.hash == *hash));
    }
}
