//! Renders the chrome: one egui context and one glyph atlas for all windows, run only when a window's chrome changes.

use super::fonts::SystemFonts;
use crate::chrome::Page;
use crate::chrome::{self, Look};
use egui::scroll_area::State as Scroll;
use egui::text_edit::TextEditState;
use egui::{
    ColorImage, Context, Id, InputState, PlatformOutput, RawInput, TextureHandle, TextureOptions, ViewportId,
    ViewportInfo,
};
use portico_model::{Event, WindowId, WindowModel};
use portico_surface::{Layer, Painter, Rect};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Draws the chrome of all windows.
pub struct ChromeRenderer {
    context: Context,
    /// System fonts for characters that the built-in fonts lack.
    system_fonts: Arc<SystemFonts>,
    painter: Painter,
    /// Free viewports of the context, which never forgets one: they are reused.
    free: Vec<ViewportId>,
    /// Number of viewports.
    viewports: usize,
    /// Start of the context's time, which is common to all viewports: they share animations.
    began: Instant,
}

/// The result of drawing a window's chrome.
pub struct Drawn {
    /// The bitmaps, from the bottom.
    pub layers: Vec<Arc<Layer>>,
    /// Rectangles that the chrome covers.
    pub areas: Vec<Rect>,
    /// Events of its controls.
    pub events: Vec<Event>,
    /// The widget that has the keyboard.
    pub focus: Option<Id>,
    /// The text field that has the keyboard, by the number of its widget.
    pub field: Option<u64>,
    /// egui's commands for the window system.
    pub output: PlatformOutput,
    /// Time of the next picture of an animation.
    pub again: Option<Duration>,
}

impl ChromeRenderer {
    /// Loads the fonts and draws the first glyphs, which takes some milliseconds. `found` is called on another thread for every
    /// system font found later for characters that the built-in fonts lack; call [`ChromeRenderer::use_found_fonts`] then.
    pub fn new(found: impl Fn() + Send + Sync + 'static) -> Self {
        let context = Context::default();
        chrome::install(&context);
        let system_fonts = Arc::new(SystemFonts::new(Box::new(found)));
        let (painter, began) = (Painter::new(), Instant::now());
        let mut renderer = Self {
            context,
            system_fonts,
            painter,
            free: Vec::new(),
            viewports: 0,
            began,
        };
        renderer.use_found_fonts();
        // Draws a window that is never there, so that the commonest glyphs are at hand for the first that is.
        let model = WindowModel::new(WindowId(0), "", "Portico");
        let size = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(640.0, 440.0));
        let viewport = renderer.take_viewport();
        renderer.draw(
            input(viewport, Some(size)),
            &model,
            &Look::default(),
            Rect::default(),
            None,
        );
        renderer.free_viewport(viewport);
        renderer
    }

    /// A viewport for a new window.
    pub fn take_viewport(&mut self) -> ViewportId {
        self.free.pop().unwrap_or_else(|| {
            self.viewports += 1;
            ViewportId::from_hash_of(("window", self.viewports))
        })
    }

    /// Frees the viewport of a closed window and clears its state: pointer, keys, focus, texts.
    pub fn free_viewport(&mut self, viewport: ViewportId) {
        self.context
            .input_mut_for(viewport, |input| *input = InputState::default());
        let mut used = Vec::new();
        let output = self.context.run_ui(self.timed(input(viewport, None)), |ui| {
            // What was there, and in this picture is not any more, loses the focus by itself, but is dragged on.
            ui.stop_dragging();
            chrome::forget(ui);
            ui.viewport(|viewport| used.extend(viewport.prev_pass.used_ids.keys().copied()));
        });
        self.context.data_mut(|data| {
            for id in used {
                data.remove::<Scroll>(id);
                data.remove::<TextEditState>(id);
            }
        });
        self.painter.update(output.textures_delta);
        self.free.push(viewport);
    }

    /// Input with the time set to now.
    fn timed(&self, input: RawInput) -> RawInput {
        RawInput {
            time: Some(self.began.elapsed().as_secs_f64()),
            ..input
        }
    }

    /// The context, for the translation of input.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Uses the fonts found so far. All windows need a redraw.
    pub fn use_found_fonts(&self) {
        // Else those that had no font when they were met would be without one for good.
        self.context
            .set_font_providers(vec![Arc::clone(&self.system_fonts) as _]);
    }

    /// Sets the zoom, relative to the display's scale.
    pub fn set_zoom(&self, zoom: f32) {
        self.context.set_zoom_factor(zoom);
    }

    /// Makes a picture for the chrome: `side` pixels a side, RGBA.
    pub fn texture(&self, side: usize, rgba: &[u8]) -> TextureHandle {
        let image = ColorImage::from_rgba_unmultiplied([side, side], rgba);
        self.context.load_texture("icon", image, TextureOptions::LINEAR)
    }

    /// Lays a window's chrome out and paints it, with the built-in page if the window has one.
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
        let output = self.context.run_ui(self.timed(input), |ui| {
            view = Some(chrome::view(
                ui,
                model,
                look,
                page.as_deref_mut().map(|page| page as &mut dyn Page),
            ));
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
        if let Some(chrome::Output {
            events: done,
            areas: covered,
            ..
        }) = view
        {
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
        let field = focus
            .filter(|_| output.platform_output.ime.is_some())
            .map(|id| id.value());
        Drawn {
            layers,
            areas,
            events,
            focus,
            field,
            output: output.platform_output,
            again,
        }
    }
}

/// Input of a viewport without events.
fn input(viewport: ViewportId, screen: Option<egui::Rect>) -> RawInput {
    let viewports = std::iter::once((viewport, ViewportInfo::default())).collect();
    RawInput {
        screen_rect: screen,
        viewport_id: viewport,
        viewports,
        ..RawInput::default()
    }
}

/// The whole pixels that a rectangle in points touches.
fn in_pixels(rect: egui::Rect, scale: f32) -> Rect {
    if !rect.is_positive() || !rect.is_finite() {
        return Rect::default();
    }
    let (left, top) = (
        (rect.min.x * scale).floor().max(0.0),
        (rect.min.y * scale).floor().max(0.0),
    );
    let (right, bottom) = ((rect.max.x * scale).ceil(), (rect.max.y * scale).ceil());
    Rect::new(
        left as i32,
        top as i32,
        (right - left).max(0.0) as u32,
        (bottom - top).max(0.0) as u32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2, vec2};
    use portico_model::{Now, Progress, Shell};

    #[test]
    fn a_window_begins_with_nothing_of_the_one_that_had_its_viewport() {
        let mut renderer = ChromeRenderer::new(|| ());
        let (viewport, other) = (renderer.take_viewport(), renderer.take_viewport());
        assert_ne!(viewport, other);
        let screen = egui::Rect::from_min_size(Pos2::ZERO, vec2(640.0, 440.0));
        let draw = |renderer: &mut ChromeRenderer, model: &WindowModel, time: f64, events: Vec<Event>| {
            // A window's own clock counts for nothing: that of the next may lie before it.
            let input = RawInput {
                time: Some(time),
                events,
                focused: true,
                ..input(viewport, Some(screen))
            };
            renderer.draw(input, model, &Look::default(), Rect::default(), None)
        };
        let (mut model, mut shell) = (
            WindowModel::new(WindowId(1), "", "First"),
            Shell::new(crate::strings::WORDING),
        );
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        for event in [
            portico_model::Event::Resized {
                width: 640,
                height: 440,
                scale: 1.0,
            },
            portico_model::Event::Focused(true),
            portico_model::Event::Started,
            portico_model::Event::HudToggled,
        ] {
            model.apply(now, event, &mut shell);
        }
        let (at, modifiers) = (pos2(320.0, 200.0), Modifiers::default());
        draw(&mut renderer, &model, 1e6, vec![Event::PointerMoved(at)]);
        let down = [
            Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed: true,
                modifiers,
            },
            Event::Key {
                key: Key::A,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers,
            },
        ];
        assert!(draw(&mut renderer, &model, 1e6, down.into()).focus.is_some());
        let before = renderer
            .context
            .input_mut_for(viewport, |input| (input.time, input.pointer.latest_pos()));
        assert_eq!(before.1, Some(at));
        renderer.free_viewport(viewport);
        assert_eq!(
            renderer.take_viewport(),
            viewport,
            "no more of them are made than there are windows at a time"
        );
        let drawn = draw(
            &mut renderer,
            &WindowModel::new(WindowId(2), "", "Second"),
            0.0,
            Vec::new(),
        );
        assert_eq!((drawn.focus, drawn.field), (None, None));
        renderer.context.input_mut_for(viewport, |input| {
            assert_eq!(input.pointer.latest_pos(), None);
            assert!(!input.pointer.any_down() && input.keys_down.is_empty());
            assert!(input.time >= before.0, "{} and then {}", before.0, input.time);
        });
    }
}
