//! What lies around and over a program's picture, drawn with egui from a [`WindowModel`].
//!
//! [`view`] only draws and says what was clicked: every decision is the model's. It need not run unless the model asks
//! for it ([`portico_model::Effect::Window(WindowEffect::Repaint)`]), the pointer is over one of its [`Areas`], or egui wants another pass. Nothing
//! is drawn outside of those areas, so that each can be painted into a bitmap of its own.

mod cards;
pub(crate) mod controls;
pub(crate) mod fonts;
pub(crate) mod glyph;
mod hud;
mod layout;
mod notice;
mod page;
mod privacy_indicators;
mod prompt;
mod shortcuts_overlay;
mod tabs;
pub(crate) mod theme;
pub(crate) mod toolbar;

pub use page::Page;
pub use theme::{Palette, palette};

use controls::Canvas;
use egui::{Color32, Id, Order, Rect, Sense, TextureId, Ui, UiBuilder, pos2};
use portico_model::{Event, Keyboard, WindowModel};

/// Parts of the chrome that are not in the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// The program's icon, square; a plain one is drawn without.
    pub icon: Option<TextureId>,
}

/// Result of drawing the chrome.
#[derive(Clone, Debug)]
pub struct Output {
    /// Events of its controls, for [`WindowModel::apply`].
    pub events: Vec<Event>,
    /// The areas that it covers.
    pub areas: Areas,
}

/// What the chrome covers, in points. The rectangles do not overlap.
#[derive(Clone, Debug, PartialEq)]
pub struct Areas {
    /// The toolbar, an opaque strip; empty where there is none.
    pub toolbar: Rect,
    /// Rectangles outside of the toolbar that hold everything else, translucent at their edges.
    pub overlays: Vec<Rect>,
    /// A colour to fill the picture's area with, below the overlays: opaque instead of the picture, translucent over it.
    pub backdrop: Option<Color32>,
    /// Where panels take the pointer: the overlays without their shadows.
    solid: Vec<Rect>,
}

impl Areas {
    /// Whether the pointer at a place belongs to the chrome rather than to the picture. When it leaves, egui is to be told
    /// that it has gone.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        let place = pos2(x, y);
        self.toolbar.contains(place) || self.solid.iter().any(|rect| rect.contains(place))
    }
}

/// Largest side of a texture that the chrome needs, for [`egui::RawInput::max_texture_side`]: the font atlas is always
/// this wide, so that a larger one would cost every window memory for nothing.
pub const MAX_TEXTURE_SIDE: usize = 1024;

/// Prepares a context for the chrome: fonts, style, and no more texture or memory than it needs. Once a window.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(egui::Theme::Light, theme::style(false));
    ctx.set_style_of(egui::Theme::Dark, theme::style(true));
    ctx.options_mut(|options| {
        options.zoom_with_keyboard = false;
        options.max_passes = std::num::NonZeroUsize::MIN;
    });
}

/// Draws the chrome of a window over the whole of `ui`, and the built-in `page` below it if there is one.
pub fn view(ui: &mut Ui, model: &WindowModel, look: &Look, page: Option<&mut (dyn Page + '_)>) -> Output {
    let theme = if model.is_dark() {
        egui::Theme::Dark
    } else {
        egui::Theme::Light
    };
    if ui.ctx().theme() != theme {
        ui.ctx().set_theme(theme);
    }
    ui.set_style(theme::style(model.is_dark()));
    ui.ctx()
        .accesskit_node_builder(egui::accesskit_root_id(), |node| node.set_label(&**model.title()));
    let window = ui.ctx().content_rect();
    ui.set_clip_rect(window);
    let mut canvas = Canvas::new(ui, palette(model.is_dark()));
    let has_page = page.is_some();
    let page_place = window.with_min_y(window.top() + model.toolbar_height());
    // At full screen the toolbar lies over the page; else it comes first, also for the keyboard.
    let mut page = page;
    if model.is_fullscreen()
        && let Some(page) = page.take()
    {
        show_page(&mut canvas, model, page, page_place);
    }
    let toolbar = if model.shows_toolbar() {
        toolbar::show(&mut canvas, model, look, window)
    } else {
        Rect::NOTHING
    };
    let below = if toolbar.is_positive() {
        toolbar.bottom()
    } else {
        window.top()
    };
    let picture = Rect::from_min_max(pos2(window.left(), below), window.max);

    if let Some(page) = page.take() {
        show_page(&mut canvas, model, page, page_place);
    }
    let mut overlays = Vec::new();
    overlays.extend(has_page.then_some(picture));
    overlays.extend(tabs::show(&mut canvas, model, picture));
    let (card, backdrop) = cards::show(&mut canvas, model, picture);
    overlays.extend(card);
    overlays.extend(notice::show(&mut canvas, model, picture));
    overlays.extend(privacy_indicators::show(&mut canvas, model, picture));
    overlays.extend(prompt::show(&mut canvas, model, look, picture));
    if has_page
        && model.hud().is_some()
        && canvas
            .ui
            .interact(picture, Id::unique("beside hud"), Sense::CLICK)
            .clicked()
    {
        canvas.events.push(Event::HudClosed);
    }
    overlays.extend(hud::show(&mut canvas, model, picture));
    overlays.extend(shortcuts_overlay::show(&mut canvas, model, picture));
    let events = canvas.events;
    settle_focus(ui, model);
    let solid = match has_page {
        true => vec![picture],
        false => overlays.iter().map(|rect| rect.shrink(theme::SHADOW)).collect(),
    };
    overlays.extend(tooltips(ui.ctx()));
    Output {
        events,
        areas: Areas {
            toolbar,
            overlays: disjoint(overlays, picture),
            backdrop,
            solid,
        },
    }
}

/// Key under which the focused control of a page is stored.
fn page_focus(ui: &Ui) -> Id {
    Id::unique(("page focus", ui.viewport_id()))
}

/// Forgets the state of a viewport whose window is closed.
pub fn forget(ui: &Ui) {
    let slot = page_focus(ui);
    ui.data_mut(|data| data.remove::<Kept>(slot));
}

/// Which control has the keyboard, or had it until something else took it.
#[derive(Clone, Copy, Default)]
struct Kept {
    id: Option<Id>,
    away: bool,
}

/// Draws a built-in page. The control that had the keyboard gets it back when an overlay has gone.
fn show_page(canvas: &mut Canvas<'_>, model: &WindowModel, page: &mut dyn Page, place: Rect) {
    let keyboard = model.keyboard() == Keyboard::Page;
    let slot = page_focus(canvas.ui);
    let mut kept: Kept = canvas.ui.data(|data| data.get_temp(slot)).unwrap_or_default();
    if keyboard && kept.away {
        kept.away = false;
        if let Some(id) = kept.id {
            canvas.ui.memory_mut(|memory| memory.request_focus(id));
        }
    }
    let palette = canvas.palette;
    canvas.painter().rect_filled(place, 0, palette.bar);
    let events = &mut canvas.events;
    canvas
        .ui
        .scope_builder(UiBuilder::new().max_rect(place).id_salt("page"), |ui| {
            ui.set_style(theme::page_style(model.is_dark()));
            ui.set_clip_rect(place);
            let mut inner = Canvas::new(ui, palette);
            page.view(&mut inner, place, keyboard);
            events.append(&mut inner.events);
        });
    match keyboard {
        true => kept.id = canvas.ui.memory(|memory| memory.focused()),
        false => kept.away = true,
    }
    canvas.ui.data_mut(|data| data.insert_temp(slot, kept));
}

/// While the program has the keyboard, no control of the chrome may believe that it does.
fn settle_focus(ui: &Ui, model: &WindowModel) {
    if matches!(model.keyboard(), Keyboard::Program | Keyboard::Nobody | Keyboard::Tabs) {
        ui.memory_mut(|memory| {
            if let Some(id) = memory.focused() {
                memory.surrender_focus(id);
            }
        });
    }
}

/// Where egui shows tooltips.
fn tooltips(ctx: &egui::Context) -> Vec<Rect> {
    let layers = ctx.memory(|memory| memory.areas().visible_layer_ids());
    let tips = layers.into_iter().filter(|layer| layer.order == Order::Tooltip);
    tips.filter_map(|layer| egui::AreaState::load(ctx, layer.id))
        .map(|area| area.rect().expand(theme::SHADOW))
        .collect()
}

/// Unites rectangles that touch until none do, cut to `within`.
fn disjoint(rects: Vec<Rect>, within: Rect) -> Vec<Rect> {
    let mut apart: Vec<Rect> = Vec::new();
    for rect in rects {
        let mut rect = rect.intersect(within);
        if !rect.is_positive() {
            continue;
        }
        while let Some(at) = apart.iter().position(|other| other.intersects(rect)) {
            rect = rect.union(apart.swap_remove(at));
        }
        apart.push(rect);
    }
    apart
}
