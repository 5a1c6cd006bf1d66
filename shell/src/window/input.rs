//! Hands events of the native window to the model, the program and the chrome's widgets.

use super::clipboard;
use super::native;
use super::pointer::Owner;
use super::{Composition, Context, ShellWindow};
use crate::backend::{Dropped, KeyEvent, Scroll, TouchPhase, WindowEvent, keys, typed_by};
use crate::strings;
use portico_model::{
    Cursor, CursorKind, Edge, Event, Key, KeyState, ShellEffect, TOOLBAR_HEIGHT, WindowModel, edge_at,
};
use std::time::Instant;

/// Points that a line of text takes, for wheels that tell pixels.
const LINE: f64 = 20.0;

impl ShellWindow {
    /// Handles an event of the native window; returns the effects that concern the shell.
    pub fn window_event(&mut self, cx: &mut Context<'_>, event: WindowEvent) -> Vec<ShellEffect> {
        let presses = match &event {
            WindowEvent::Key(key) => key.state != KeyState::Released,
            WindowEvent::Button { pressed, .. } => *pressed,
            _ => false,
        };
        if presses && !self.model.is_visible() && !self.model.is_focused() {
            // The window was to be put away, but its window system doesn't do such a thing.
            let mut rest = self.focus_changed(cx, true);
            if self.model.is_visible() {
                rest.extend(self.window_event(cx, event));
            }
            return rest;
        }
        match event {
            WindowEvent::Resized(size) => {
                if let Some(native) = &mut self.native {
                    native.note_size(size);
                }
                // Before it is seen: the display may break at any time.
                if let Some(identity) = cx.identity {
                    cx.unsaved_sizes.note(identity, self.unsaved_size());
                }
                self.resized(cx)
            }
            WindowEvent::Rescaled { scale, set_size } => {
                if let Some(native) = &mut self.native {
                    native.rescale(scale, &*set_size);
                }
                self.resized(cx)
            }
            WindowEvent::CloseRequested => self.apply(cx, Event::Close),
            WindowEvent::Focused(focused) => self.focus_changed(cx, focused),
            WindowEvent::Occluded(occluded) => {
                self.presenter.set_hidden(occluded);
                self.apply(cx, Event::Visible(!occluded))
            }
            WindowEvent::Dropped(dropped) => self.dropped(cx, dropped),
            WindowEvent::ThemeChanged => self.apply_settings(cx),
            WindowEvent::Modifiers(modifiers) => {
                self.modifiers = modifiers;
                if let Some(native) = &mut self.native {
                    native.tell_widgets(egui::Event::ModifiersChanged(keys::widget_modifiers(modifiers)));
                }
                Vec::new()
            }
            WindowEvent::Key(KeyEvent {
                code,
                state,
                text,
                widgets,
            }) => {
                let key = Key {
                    time: Instant::now(),
                    code,
                    state,
                    modifiers: self.modifiers,
                };
                self.apply_input(cx, Event::Key { key, text }, widgets)
            }
            WindowEvent::Ime(event) => self.ime(cx, event),
            WindowEvent::CursorEntered => {
                self.pointer.entered();
                Vec::new()
            }
            // X11 tells a window that gets the focus where the pointer is, wherever that is.
            WindowEvent::CursorMoved(..) if !self.pointer.is_followed() => Vec::new(),
            WindowEvent::CursorMoved(x, y) => self.pointer_moved(cx, x, y),
            WindowEvent::CursorLeft => self.pointer_gone(cx),
            WindowEvent::Button { button, pressed } => self.button(cx, button, pressed),
            WindowEvent::Scrolled(scroll) => {
                let (right, away) = match scroll {
                    Scroll::Lines(right, away) => (right, away),
                    Scroll::Pixels(right, away) => {
                        let line = LINE * f64::from(self.model.scale());
                        ((right / line) as f32, (away / line) as f32)
                    }
                };
                self.scroll(cx, right, away)
            }
            WindowEvent::Touch { phase, id, x, y } => self.touch(cx, phase, id, (x, y)),
            WindowEvent::Redraw => {
                if self.native.as_ref().is_some_and(native::Native::is_wayland) {
                    self.presenter.called_back();
                } else {
                    // The window system has lost the picture.
                    self.presenter.compose(Composition {
                        damaged: true,
                        at_once: true,
                        ..Composition::default()
                    });
                }
                Vec::new()
            }
            WindowEvent::Moved => {
                if let Some(native) = self
                    .native
                    .as_ref()
                    .filter(|native| native.shown && !native.is_wayland())
                {
                    self.presenter.set_clock(native.clock());
                }
                Vec::new()
            }
            WindowEvent::Access(event) => self.access(cx, event),
            WindowEvent::Script(input) => self.play(cx, &input),
            // The app closes it.
            WindowEvent::Destroyed => Vec::new(),
        }
    }

    /// The window has the keyboard, or has it no more.
    pub fn focus_changed(&mut self, cx: &mut Context<'_>, focused: bool) -> Vec<ShellEffect> {
        if let Some(native) = &mut self.native {
            native.set_focused(focused);
        }
        // A window manager may give the focus to a window that it is putting away.
        let minimised = self.native.as_ref().and_then(|native| native.window.is_minimised()) == Some(true);
        let seen = focused && !minimised;
        if seen || minimised {
            self.presenter.set_hidden(minimised);
        }
        if !focused {
            self.modifiers = 0;
            self.pointer.taken_away();
            self.pasting = None;
        }
        let mut rest = self.apply(cx, Event::Focused(seen));
        rest.extend(self.pointer_let_go(cx));
        if seen || minimised {
            // Some window systems do not say by themselves that it can't be seen any more.
            rest.extend(self.apply(cx, Event::Visible(!minimised)));
        }
        self.stale = true;
        rest
    }

    /// Something was dropped on the window.
    fn dropped(&mut self, cx: &mut Context<'_>, dropped: Dropped) -> Vec<ShellEffect> {
        let Dropped { files, others, at } = dropped;
        let mut rest = Vec::new();
        if let Some((x, y)) = at {
            // Whoever drags has had the pointer until now.
            rest.extend(self.point(cx, x, y));
        }
        if !files.is_empty() {
            rest.extend(self.apply(cx, Event::Dropped(files)));
        }
        if !others.is_empty() {
            let text = strings::no_local_file(&strings::together(others));
            rest.extend(self.apply(cx, Event::Notice(text)));
        }
        rest
    }

    /// Another process, or a script, presses a key.
    pub fn press(&mut self, cx: &mut Context<'_>, code: u16, state: KeyState, modifiers: u8) -> Vec<ShellEffect> {
        let key = Key {
            time: Instant::now(),
            code,
            state,
            modifiers,
        };
        self.apply_input(cx, Event::Key { key, text: None }, typed_by(key))
    }

    /// Another process, or a script, types a text.
    pub fn type_text(&mut self, cx: &mut Context<'_>, text: &str) -> Vec<ShellEffect> {
        let widgets = vec![egui::Event::Text(text.to_owned())];
        self.apply_input(cx, Event::Text(text.to_owned()), widgets)
    }

    /// Size or scale have changed: the old picture, scaled, and the chrome go onto the screen together, at once.
    pub fn resized(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let Some(native) = &self.native else { return Vec::new() };
        let (width, height, scale) = native.size();
        if width == 0 || height == 0 {
            return Vec::new();
        }
        let (maximised, fullscreen) = (native.window.is_maximised(), native.window.is_fullscreen());
        let mut rest = Vec::new();
        for event in [
            Event::Resized { width, height, scale },
            Event::Maximised(maximised),
            Event::Fullscreen(fullscreen),
        ] {
            rest.extend(self.apply(cx, event));
        }
        if cx.renderer.is_some() {
            for event in self.draw(cx, true) {
                rest.extend(self.apply(cx, event));
            }
        } else {
            self.presenter.compose(Composition {
                size: Some((width, height)),
                area: Some(native::area(&self.model)),
                at_once: true,
                ..Composition::default()
            });
        }
        rest
    }

    /// The mouse has moved, without a place: only while the cursor is held.
    pub fn device_moved(&mut self, cx: &mut Context<'_>, dx: f64, dy: f64) -> Vec<ShellEffect> {
        let lock = self.native.as_mut().and_then(native::Native::pointer_lock);
        if lock.is_some_and(|lock| lock.hears_mouse()) {
            self.gone_by(cx, dx, dy)
        } else {
            Vec::new()
        }
    }

    /// The cursor, which is held in its place, would have gone by so many display pixels.
    fn gone_by(&mut self, cx: &mut Context<'_>, dx: f64, dy: f64) -> Vec<ShellEffect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        let (dx, dy) = self.in_frame_lengths(dx, dy);
        let cursor = Cursor {
            dx,
            dy,
            ..self.cursor_at(CursorKind::Moved, x, y)
        };
        self.apply(cx, Event::Cursor(cursor))
    }

    /// An IPC client moves the pointer to a position in the window, in display pixels.
    pub fn point(&mut self, cx: &mut Context<'_>, x: f64, y: f64) -> Vec<ShellEffect> {
        self.pointer.entered();
        self.pointer_moved(cx, x, y)
    }

    /// The pointer is at a place of the window, in display pixels.
    fn pointer_moved(&mut self, cx: &mut Context<'_>, x: f64, y: f64) -> Vec<ShellEffect> {
        if let Some(native) = self.native.as_mut().filter(|native| native.is_locked()) {
            let gone = native.pointer_lock().and_then(|lock| lock.moved(x, y));
            return gone.map_or_else(Vec::new, |(dx, dy)| self.gone_by(cx, dx, dy));
        }
        let (old_x, old_y) = self.pointer.at().unwrap_or((x, y));
        let moved = self.pointer.moved(x, y);
        let mut rest = match moved.left {
            Some(owner) => self.pointer_left(cx, owner, x, y),
            None => Vec::new(),
        };
        if let Some(revealed) = reveals_toolbar(&self.model, y, self.pointer.is_held()) {
            rest.extend(self.apply(cx, Event::ToolbarRevealed(revealed)));
        }
        match moved.owner {
            Owner::Chrome => {
                let at = self.in_points(x, y);
                self.chrome_event(cx, egui::Event::PointerMoved(at));
                self.sync_native(cx);
            }
            Owner::Program => {
                let (dx, dy) = self.in_frame_lengths(x - old_x, y - old_y);
                let cursor = Cursor {
                    dx,
                    dy,
                    ..self.cursor_at(CursorKind::Moved, x, y)
                };
                rest.extend(self.apply(cx, Event::Cursor(cursor)));
            }
        }
        rest
    }

    pub(super) fn pointer_gone(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        let mut rest = match self.pointer.gone() {
            Some(owner) => self.pointer_left(cx, owner, x, y),
            None => Vec::new(),
        };
        if self.model.is_toolbar_revealed() {
            rest.extend(self.apply(cx, Event::ToolbarRevealed(false)));
        }
        rest
    }

    /// Nothing is held any more: a pointer that left the window meanwhile is gone now.
    fn pointer_let_go(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        if self.pointer.is_lost() {
            self.pointer_gone(cx)
        } else {
            Vec::new()
        }
    }

    fn pointer_left(&mut self, cx: &mut Context<'_>, owner: Owner, x: f64, y: f64) -> Vec<ShellEffect> {
        match owner {
            Owner::Chrome => {
                self.chrome_event(cx, egui::Event::PointerGone);
                Vec::new()
            }
            Owner::Program => {
                let cursor = self.cursor_at(CursorKind::Left, x, y);
                self.apply(cx, Event::Cursor(cursor))
            }
        }
    }

    /// A button goes down or up where the pointer is.
    pub fn button(&mut self, cx: &mut Context<'_>, button: u8, pressed: bool) -> Vec<ShellEffect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        if pressed
            && button == 0
            && !self.pointer.is_held()
            && let Some(edge) = self.pointer.at().and_then(|at| edge(&self.model, at))
        {
            return self.apply(cx, Event::EdgePressed(edge));
        }
        let mut rest = if pressed {
            self.pointer_overtaken(cx)
        } else {
            Vec::new()
        };
        let owner = if pressed {
            self.pointer.pressed(button)
        } else {
            self.pointer.released(button)
        };
        match owner {
            Owner::Chrome => {
                let Some(button) = egui_button(button) else { return rest };
                if pressed && self.model.is_chrome_composing() {
                    rest.extend(self.apply(cx, Event::CompositionLeft));
                }
                let (pos, modifiers) = (self.in_points(x, y), keys::widget_modifiers(self.modifiers));
                self.chrome_event(
                    cx,
                    egui::Event::PointerButton {
                        pos,
                        button,
                        pressed,
                        modifiers,
                    },
                );
                if !pressed {
                    // What a click does comes before what is typed after it, also in the same breath.
                    rest.extend(self.run_chrome(cx));
                }
            }
            Owner::Program => {
                let kind = if pressed {
                    CursorKind::Pressed
                } else {
                    CursorKind::Released
                };
                let cursor = Cursor {
                    button,
                    ..self.cursor_at(kind, x, y)
                };
                rest.extend(self.apply(cx, Event::Cursor(cursor)));
            }
        }
        rest.extend(self.pointer_let_go(cx));
        rest
    }

    /// Updates the owner of a resting pointer after a part of the chrome, such as a prompt, has come or gone under it.
    fn pointer_overtaken(&mut self, cx: &mut Context<'_>) -> Vec<ShellEffect> {
        self.pointer
            .overtaken()
            .map_or_else(Vec::new, |(x, y)| self.pointer_moved(cx, x, y))
    }

    /// The wheel turns: lines to the right, and away from the user.
    pub fn scroll(&mut self, cx: &mut Context<'_>, right: f32, away: f32) -> Vec<ShellEffect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        let mut rest = self.pointer_overtaken(cx);
        if self.pointer.owner() == Some(Owner::Chrome) {
            let event = egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Line,
                delta: egui::vec2(-right, away),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: keys::widget_modifiers(self.modifiers),
            };
            self.chrome_event(cx, event);
            return rest;
        }
        let cursor = Cursor {
            dx: right,
            dy: away,
            ..self.cursor_at(CursorKind::Scrolled, x, y)
        };
        rest.extend(self.apply(cx, Event::Cursor(cursor)));
        rest
    }

    /// A finger does something at a place in display pixels; `id` tells it from others that are down.
    pub(super) fn touch(
        &mut self,
        cx: &mut Context<'_>,
        phase: TouchPhase,
        id: u64,
        (x, y): (f64, f64),
    ) -> Vec<ShellEffect> {
        // On the chrome a finger is a mouse; elsewhere the program hears of fingers. The model remembers which began where.
        if phase == TouchPhase::Began && self.pointer.covers(x, y)
            || self.pointer.owner() == Some(Owner::Chrome) && self.pointer.is_held()
        {
            let mut rest = self.pointer_moved(cx, x, y);
            match phase {
                TouchPhase::Began => rest.extend(self.button(cx, 0, true)),
                TouchPhase::Moved => {}
                TouchPhase::Ended | TouchPhase::Cancelled => {
                    rest.extend(self.button(cx, 0, false));
                    rest.extend(self.pointer_gone(cx));
                }
            }
            return rest;
        }
        let kind = match phase {
            TouchPhase::Began => CursorKind::TouchBegan,
            TouchPhase::Moved => CursorKind::TouchMoved,
            TouchPhase::Ended => CursorKind::TouchEnded,
            TouchPhase::Cancelled => CursorKind::TouchCancelled,
        };
        // Fingers count from 1; the mouse is 0. Window systems number them from small numbers.
        let pointer = (id % 0xFFFF) as u16 + 1;
        let cursor = Cursor {
            pointer,
            ..self.cursor_at(kind, x, y)
        };
        self.apply(cx, Event::Cursor(cursor))
    }

    /// Gives the event that is being handled to the chrome's widgets.
    pub(super) fn give_to_chrome(&mut self, cx: &mut Context<'_>, mut widgets: Vec<egui::Event>) {
        let Some(native) = self.native.as_mut().filter(|_| cx.renderer.is_some()) else {
            return;
        };
        let pastes = clipboard::translate(&mut widgets);
        native.widget_events().append(&mut widgets);
        (self.stale, self.unheard) = (true, true);
        if pastes {
            self.paste(cx);
        }
    }

    pub(super) fn chrome_event(&mut self, cx: &mut Context<'_>, event: egui::Event) {
        if let Some(native) = self.native.as_mut().filter(|_| cx.renderer.is_some()) {
            native.tell_widgets(event);
            self.stale = true;
        }
    }

    fn in_points(&self, x: f64, y: f64) -> egui::Pos2 {
        let scale = f64::from(self.model.scale());
        egui::pos2((x / scale) as f32, (y / scale) as f32)
    }

    /// A cursor event at a place of the window, in pixels of the frame.
    fn cursor_at(&self, kind: CursorKind, x: f64, y: f64) -> Cursor {
        let (x, y) = self.in_frame(x, y);
        Cursor {
            time: Instant::now(),
            kind,
            x,
            y,
            dx: 0.0,
            dy: 0.0,
            button: 0,
            pointer: 0,
        }
    }

    /// A place of the window, in pixels of the frame.
    pub(super) fn in_frame(&self, x: f64, y: f64) -> (f32, f32) {
        let (x, y) = match self.presenter.placement() {
            Some(placement) => placement.map_to_frame(x, y),
            None => {
                let area = native::area(&self.model);
                (x - f64::from(area.x), y - f64::from(area.y))
            }
        };
        (x as f32, y as f32)
    }

    /// A place of the frame, in display pixels of the window.
    pub(super) fn in_window(&self, x: f64, y: f64) -> (f64, f64) {
        match self.presenter.placement() {
            Some(placement) => placement.map_to_window(x, y),
            None => {
                let area = native::area(&self.model);
                (x + f64::from(area.x), y + f64::from(area.y))
            }
        }
    }

    fn in_frame_lengths(&self, dx: f64, dy: f64) -> (f32, f32) {
        let Some(placement) = self.presenter.placement() else {
            return (dx as f32, dy as f32);
        };
        let (zero, one) = (placement.map_to_frame(0.0, 0.0), placement.map_to_frame(dx, dy));
        ((one.0 - zero.0) as f32, (one.1 - zero.1) as f32)
    }
}

/// The edge by which the window can be resized at a place in display pixels.
pub(super) fn edge(model: &WindowModel, (x, y): (f64, f64)) -> Option<Edge> {
    if model.is_maximised() || model.is_fullscreen() {
        return None;
    }
    let (width, height) = model.size();
    let scale = model.scale();
    edge_at(
        x as f32 / scale,
        y as f32 / scale,
        width as f32 / scale,
        height as f32 / scale,
    )
}

/// Whether the pointer at this height, in display pixels, shows the toolbar of a window in full screen (`true`) or has left it
/// (`false`). While a button is held nothing changes.
fn reveals_toolbar(model: &WindowModel, y: f64, held: bool) -> Option<bool> {
    if !model.is_fullscreen() || held {
        return None;
    }
    let toolbar = f64::from(native::toolbar_pixels(TOOLBAR_HEIGHT, model.scale().into()));
    let revealed = match y {
        _ if y < 2.0 => true,
        _ if y >= toolbar => false,
        _ => return None,
    };
    (revealed != model.is_toolbar_revealed()).then_some(revealed)
}

fn egui_button(button: u8) -> Option<egui::PointerButton> {
    match button {
        0 => Some(egui::PointerButton::Primary),
        1 => Some(egui::PointerButton::Secondary),
        2 => Some(egui::PointerButton::Middle),
        3 => Some(egui::PointerButton::Extra1),
        4 => Some(egui::PointerButton::Extra2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portico_model::{Now, Progress, Shell, WindowId};

    #[test]
    fn the_upper_edge_shows_the_toolbar_of_a_full_screen() {
        let mut model = WindowModel::new(WindowId(1), "p", "P");
        let now = Now {
            time: Instant::now(),
            progress: Progress::default(),
        };
        let apply = |model: &mut WindowModel, event| model.apply(now, event, &mut Shell::new(crate::strings::WORDING));
        apply(
            &mut model,
            Event::Resized {
                width: 3840,
                height: 2160,
                scale: 2.0,
            },
        );
        assert_eq!(
            reveals_toolbar(&model, 0.0, false),
            None,
            "a window's toolbar is there anyway"
        );
        apply(&mut model, Event::Fullscreen(true));
        assert!(!model.shows_toolbar());
        assert_eq!(
            reveals_toolbar(&model, 40.0, false),
            None,
            "neither at the edge nor off the toolbar"
        );
        assert_eq!(
            reveals_toolbar(&model, 0.0, true),
            None,
            "a stroke of the program may end at the edge"
        );
        assert_eq!(reveals_toolbar(&model, 500.0, false), None, "there is nothing to hide");
        assert_eq!(reveals_toolbar(&model, 0.0, false), Some(true));
        apply(&mut model, Event::ToolbarRevealed(true));
        assert!(model.shows_toolbar());
        assert_eq!(reveals_toolbar(&model, 79.0, false), None);
        assert_eq!(reveals_toolbar(&model, 80.0, false), Some(false));
        apply(&mut model, Event::Fullscreen(false));
        apply(&mut model, Event::Fullscreen(true));
        assert!(!model.shows_toolbar(), "it does not come back by itself");
    }
}
