//! The chrome's painter: one egui context and one set of glyphs for all windows, run only when a window's chrome changes.

use super::fonts::SystemFonts;
use crate::chrome::{self, Look};
use crate::model::{Event, WindowId, WindowModel};
use crate::pages::Page;
use crate::paint::Painter;
use crate::surface::{Layer, Rect};
use egui::{ColorImage, Context, Id, PlatformOutput, RawInput, TextureHandle, TextureOptions, ViewportId};
use std::sync::Arc;
use std::time::Duration;

/// Draws the chrome of all windows.
pub struct Skin {
    context: Context,
    /// For writing that the shell's own fonts lack.
    system_fonts: Arc<SystemFonts>,
    painter: Painter,
}

/// Viewports of the context, one for each window. They are used again, since the context keeps something for each.
#[derive(Debug, Default)]
pub struct Viewports(Vec<bool>);

impl Viewports {
    /// One for a new window.
    pub fn take(&mut self) -> usize {
        let free = self.0.iter().position(|taken| !taken).unwrap_or_else(|| {
            self.0.push(false);
            self.0.len() - 1
        });
        self.0[free] = true;
        free
    }

    /// A window is gone.
    pub fn free(&mut self, viewport: usize) {
        if let Some(taken) = self.0.get_mut(viewport) {
            *taken = false;
        }
    }

    /// Its name in the context.
    pub fn id(viewport: usize) -> ViewportId {
        ViewportId::from_hash_of(("window", viewport))
    }
}

/// A window's chrome, drawn anew.
pub struct Drawn {
    /// The bitmaps, from the bottom.
    pub layers: Vec<Arc<Layer>>,
    /// Rectangles that are the chrome's and not the program's.
    pub areas: Vec<Rect>,
    /// What the user did to its controls.
    pub events: Vec<Event>,
    /// What of it has the keyboard.
    pub focus: Option<Id>,
    /// The text field that has the keyboard, by the number of its widget.
    pub field: Option<u64>,
    /// What egui wants of the window system.
    pub output: PlatformOutput,
    /// When it wants to be drawn again by itself.
    pub again: Option<Duration>,
}

impl Skin {
    /// Loads the fonts and draws the first glyphs, which takes some milliseconds. `found` is told, on another thread, of every
    /// font of the system that is found later, for writing that the shell's own fonts lack; [`Skin::use_found_fonts`] follows.
    pub fn new(found: impl Fn() + Send + Sync + 'static) -> Self {
        let context = Context::default();
        chrome::install(&context);
        let system_fonts = Arc::new(SystemFonts::new(Box::new(found)));
        let mut skin = Self { context, system_fonts, painter: Painter::new() };
        skin.use_found_fonts();
        // Draws a window that is never there, so that the commonest glyphs are at hand for the first that is.
        let model = WindowModel::new(WindowId(0), "", "Portico");
        let size = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(640.0, 440.0));
        let viewports = std::iter::once((Viewports::id(0), egui::ViewportInfo::default())).collect();
        let input =
            RawInput { screen_rect: Some(size), viewport_id: Viewports::id(0), viewports, ..RawInput::default() };
        skin.draw(input, &model, &Look::default(), Rect::default(), None);
        skin
    }

    /// The context, for the translation of input.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Draws with the fonts that have been found by now. All windows are to be drawn anew.
    pub fn use_found_fonts(&self) {
        // Else those that had no font when they were met would be without one for good.
        self.context.set_font_providers(vec![Arc::clone(&self.system_fonts) as _]);
    }

    /// Everything is to be so much larger than the display would have it.
    pub fn set_zoom(&self, zoom: f32) {
        self.context.set_zoom_factor(zoom);
    }

    /// Makes a picture for the chrome: `side` pixels a side, RGBA.
    pub fn texture(&self, side: usize, rgba: &[u8]) -> TextureHandle {
        let image = ColorImage::from_rgba_unmultiplied([side, side], rgba);
        self.context.load_texture("icon", image, TextureOptions::LINEAR)
    }

    /// Lays a window's chrome out and paints it, with the page in it where the window is the shell's own.
    pub fn draw(
        &mut self,
        input: RawInput,
        model: &WindowModel,
        look: &Look,
        picture: Rect,
        mut page: Option<&mut (dyn Page + '_)>,
    ) -> Drawn {
        let id = input.viewport_id;
        let (mut view, mut focus) = (None, None);
        let output = self.context.run_ui(input, |ui| {
            view = Some(chrome::view(ui, model, look, page.as_deref_mut().map(|page| page as &mut dyn Page)));
            focus = ui.memory(|memory| memory.focused());
        });
        self.painter.update(output.textures_delta);
        let again = output.viewport_output.get(&id).map(|viewport| viewport.repaint_delay);
        let again = again.filter(|delay| *delay < Duration::from_secs(3600));
        let scale = output.pixels_per_point;
        let primitives = self.context.tessellate(output.shapes, scale);
        let (width, height) = model.size();
        let window = Rect::new(0, 0, width, height);
        let (mut layers, mut areas, mut events) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(chrome::Output { events: done, areas: covered, .. }) = view {
            events = done;
            if let Some(colour) = covered.backdrop {
                let [red, green, blue, alpha] = colour.to_srgba_unmultiplied();
                layers.push(Arc::new(Layer::filled(picture, [red, green, blue], alpha)));
                areas.push(picture);
            }
            for rect in std::iter::once(covered.toolbar).chain(covered.overlays) {
                let rect = in_pixels(rect, scale).intersection(&window);
                if !rect.is_empty() {
                    layers.push(Arc::new(self.painter.paint(&primitives, scale, rect)));
                    areas.push(rect);
                }
            }
        }
        // Only a field for text wants an input method.
        let field = focus.filter(|_| output.platform_output.ime.is_some()).map(|id| id.value());
        Drawn { layers, areas, events, focus, field, output: output.platform_output, again }
    }
}

/// The whole pixels that a rectangle in points touches.
fn in_pixels(rect: egui::Rect, scale: f32) -> Rect {
    if !rect.is_positive() || !rect.is_finite() {
        return Rect::default();
    }
    let (left, top) = ((rect.min.x * scale).floor().max(0.0), (rect.min.y * scale).floor().max(0.0));
    let (right, bottom) = ((rect.max.x * scale).ceil(), (rect.max.y * scale).ceil());
    Rect::new(left as i32, top as i32, (right - left).max(0.0) as u32, (bottom - top).max(0.0) as u32)
}
