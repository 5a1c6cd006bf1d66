//! Translates winit's events for the model, the program and the chrome's widgets.

use super::clipboard;
use super::native;
use super::pointer::Owner;
use super::{Composition, Context, ShellWindow, keys};
use portico_model::{Cursor, CursorKind, Edge, Effect, Event, Key, KeyState, TOOLBAR_HEIGHT, WindowModel, edge_at};
use portico_portals as portals;
use std::time::Instant;
use winit::event::{ElementState, MouseButton, MouseScrollDelta, Touch, TouchPhase, WindowEvent};

/// Points that a line of text takes, for wheels that tell pixels.
const LINE: f64 = 20.0;

/// The original event, for the chrome's widgets.
#[derive(Debug)]
pub enum Raw<'a> {
    /// From the window system.
    Winit(&'a WindowEvent),
    /// A key from an IPC client.
    Key(Press),
    /// Text from an IPC client.
    Text(&'a str),
}

/// A key from an IPC client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    /// USB HID usage id of page 7.
    pub code: u16,
    /// Which way.
    pub state: KeyState,
    /// Modifier bits that are down.
    pub modifiers: u8,
}

impl ShellWindow {
    /// Handles an event of the window system; returns the effects that concern the shell.
    pub fn window_event(&mut self, cx: &mut Context<'_>, event: &WindowEvent) -> Vec<Effect> {
        match event {
            WindowEvent::CursorMoved { .. }
            | WindowEvent::CursorEntered { .. }
            | WindowEvent::CursorLeft { .. }
            | WindowEvent::MouseInput { .. }
            | WindowEvent::MouseWheel { .. }
            | WindowEvent::Touch(_)
            | WindowEvent::KeyboardInput { .. }
            | WindowEvent::Ime(_) => {}
            other => {
                if let Some(native) = &mut self.native {
                    native.tell_widgets(other);
                }
            }
        }
        let pressed = match event {
            WindowEvent::KeyboardInput {
                event, is_synthetic, ..
            } => !is_synthetic && event.state.is_pressed(),
            WindowEvent::MouseInput { state, .. } => state.is_pressed(),
            _ => false,
        };
        if pressed && !self.model.is_visible() && !self.model.is_focused() {
            // The window was to be put away, but its window system doesn't do such a thing.
            let mut rest = self.window_event(cx, &WindowEvent::Focused(true));
            if self.model.is_visible() {
                rest.extend(self.window_event(cx, event));
            }
            return rest;
        }
        match event {
            WindowEvent::Resized(size) => {
                if let Some(native) = &mut self.native {
                    native.note_size(*size);
                }
                // Before it is seen: the display may break at any time.
                if let Some(identity) = cx.identity {
                    cx.unsaved_sizes.note(identity, self.unsaved_size());
                }
                self.resized(cx)
            }
            WindowEvent::ScaleFactorChanged {
                scale_factor,
                inner_size_writer,
            } => {
                if let Some(native) = &mut self.native {
                    native.rescale(*scale_factor, inner_size_writer);
                }
                self.resized(cx)
            }
            WindowEvent::CloseRequested => self.apply(cx, Event::Close, None),
            WindowEvent::Focused(focused) => {
                // A window manager may give the focus to a window that it is putting away.
                let minimised = self.native.as_ref().and_then(|native| native.window.is_minimized()) == Some(true);
                let seen = *focused && !minimised;
                if seen || minimised {
                    self.presenter.set_hidden(minimised);
                }
                if !*focused {
                    self.modifiers = 0;
                    self.pressed_keys.clear();
                    self.pointer.taken_away();
                    self.pasting = None;
                }
                let mut rest = self.apply(cx, Event::Focused(seen), None);
                rest.extend(self.pointer_let_go(cx));
                if seen || minimised {
                    // Some window systems do not say by themselves that it can't be seen any more.
                    rest.extend(self.apply(cx, Event::Visible(!minimised), None));
                }
                self.stale = true;
                rest
            }
            WindowEvent::Occluded(occluded) => {
                self.presenter.set_hidden(*occluded);
                self.apply(cx, Event::Visible(!occluded), None)
            }
            WindowEvent::DroppedFile(file) => self.apply(cx, Event::Dropped(vec![file.clone()]), None),
            WindowEvent::ThemeChanged(_) => self.apply_settings(cx),
            WindowEvent::ModifiersChanged(modifiers) => {
                self.modifiers = keys::modifiers(modifiers.state());
                Vec::new()
            }
            WindowEvent::KeyboardInput {
                event: key,
                is_synthetic,
                ..
            } => {
                if *is_synthetic && key.state == ElementState::Pressed {
                    return Vec::new();
                }
                let pressed = key.state == ElementState::Pressed;
                let code = self
                    .pressed_keys
                    .code(key.physical_key, &key.logical_key, pressed, key.repeat);
                let Some(code) = code else { return Vec::new() };
                let state = match key.state {
                    ElementState::Released => KeyState::Released,
                    ElementState::Pressed if key.repeat => KeyState::Repeated,
                    ElementState::Pressed => KeyState::Pressed,
                };
                let text = key
                    .text
                    .as_ref()
                    .filter(|_| state != KeyState::Released)
                    .map(ToString::to_string);
                let key = Key {
                    time: Instant::now(),
                    code,
                    state,
                    modifiers: self.modifiers,
                };
                self.apply(cx, Event::Key { key, text }, Some(&Raw::Winit(event)))
            }
            WindowEvent::Ime(ime) => self.ime(cx, ime, event),
            WindowEvent::CursorEntered { .. } => {
                self.pointer.entered();
                Vec::new()
            }
            // X11 tells a window that gets the focus where the pointer is, wherever that is.
            WindowEvent::CursorMoved { .. } if !self.pointer.is_followed() => Vec::new(),
            WindowEvent::CursorMoved { position, .. } => self.pointer_moved(cx, position.x, position.y),
            WindowEvent::CursorLeft { .. } => self.pointer_gone(cx),
            WindowEvent::MouseInput { state, button, .. } => {
                let Some(button) = button_number(*button) else {
                    return Vec::new();
                };
                self.button(cx, button, *state == ElementState::Pressed)
            }
            WindowEvent::MouseWheel { delta, .. } => {
                let (right, away) = match delta {
                    // winit tells how the content moves.
                    MouseScrollDelta::LineDelta(x, y) => (-x, *y),
                    MouseScrollDelta::PixelDelta(delta) => {
                        let line = LINE * f64::from(self.model.scale());
                        ((-delta.x / line) as f32, (delta.y / line) as f32)
                    }
                };
                self.scroll(cx, right, away)
            }
            WindowEvent::Touch(touch) => self.touch(cx, touch),
            WindowEvent::RedrawRequested => {
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
            WindowEvent::Moved(_) => {
                if let Some(native) = self
                    .native
                    .as_ref()
                    .filter(|native| native.shown && !native.is_wayland())
                {
                    self.presenter.set_clock(super::Clock::Grid(native.period()));
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Size or scale have changed: the old picture, scaled, and the chrome go onto the screen together, at once.
    pub fn resized(&mut self, cx: &mut Context<'_>) -> Vec<Effect> {
        let Some(native) = &self.native else { return Vec::new() };
        let (width, height, scale) = native.size();
        if width == 0 || height == 0 {
            return Vec::new();
        }
        let (maximised, fullscreen) = (native.window.is_maximized(), native.window.fullscreen().is_some());
        let mut rest = Vec::new();
        for event in [
            Event::Resized { width, height, scale },
            Event::Maximised(maximised),
            Event::Fullscreen(fullscreen),
        ] {
            rest.extend(self.apply(cx, event, None));
        }
        if cx.renderer.is_some() {
            for event in self.draw(cx, true) {
                rest.extend(self.apply(cx, event, None));
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
    pub fn device_moved(&mut self, cx: &mut Context<'_>, dx: f64, dy: f64) -> Vec<Effect> {
        let lock = self.native.as_mut().and_then(native::Native::pointer_lock);
        if lock.is_some_and(|lock| lock.hears_mouse()) {
            self.gone_by(cx, dx, dy)
        } else {
            Vec::new()
        }
    }

    /// The cursor, which is held in its place, would have gone by so many display pixels.
    fn gone_by(&mut self, cx: &mut Context<'_>, dx: f64, dy: f64) -> Vec<Effect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        let (dx, dy) = self.in_frame_lengths(dx, dy);
        let cursor = Cursor {
            dx,
            dy,
            ..self.cursor_at(CursorKind::Moved, x, y)
        };
        self.apply(cx, Event::Cursor(cursor), None)
    }

    /// An IPC client moves the pointer to a position in the window, in display pixels.
    pub fn point(&mut self, cx: &mut Context<'_>, x: f64, y: f64) -> Vec<Effect> {
        self.pointer.entered();
        self.pointer_moved(cx, x, y)
    }

    /// The pointer is at a place of the window, in display pixels.
    fn pointer_moved(&mut self, cx: &mut Context<'_>, x: f64, y: f64) -> Vec<Effect> {
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
            rest.extend(self.apply(cx, Event::ToolbarRevealed(revealed), None));
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
                rest.extend(self.apply(cx, Event::Cursor(cursor), None));
            }
        }
        rest
    }

    fn pointer_gone(&mut self, cx: &mut Context<'_>) -> Vec<Effect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        let mut rest = match self.pointer.gone() {
            Some(owner) => self.pointer_left(cx, owner, x, y),
            None => Vec::new(),
        };
        if self.model.is_toolbar_revealed() {
            rest.extend(self.apply(cx, Event::ToolbarRevealed(false), None));
        }
        rest
    }

    /// Nothing is held any more: a pointer that left the window meanwhile is gone now.
    fn pointer_let_go(&mut self, cx: &mut Context<'_>) -> Vec<Effect> {
        if self.pointer.is_lost() {
            self.pointer_gone(cx)
        } else {
            Vec::new()
        }
    }

    fn pointer_left(&mut self, cx: &mut Context<'_>, owner: Owner, x: f64, y: f64) -> Vec<Effect> {
        match owner {
            Owner::Chrome => {
                self.chrome_event(cx, egui::Event::PointerGone);
                Vec::new()
            }
            Owner::Program => {
                let cursor = self.cursor_at(CursorKind::Left, x, y);
                self.apply(cx, Event::Cursor(cursor), None)
            }
        }
    }

    /// A button goes down or up where the pointer is.
    pub fn button(&mut self, cx: &mut Context<'_>, button: u8, pressed: bool) -> Vec<Effect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        if pressed
            && button == 0
            && !self.pointer.is_held()
            && let Some(edge) = self.pointer.at().and_then(|at| edge(&self.model, at))
        {
            return self.apply(cx, Event::EdgePressed(edge), None);
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
                    rest.extend(self.apply(cx, Event::CompositionLeft, None));
                }
                let (pos, modifiers) = (self.in_points(x, y), egui_modifiers(self.modifiers));
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
                rest.extend(self.apply(cx, Event::Cursor(cursor), None));
            }
        }
        rest.extend(self.pointer_let_go(cx));
        rest
    }

    /// Updates the owner of a resting pointer after a part of the chrome, such as a prompt, has come or gone under it.
    fn pointer_overtaken(&mut self, cx: &mut Context<'_>) -> Vec<Effect> {
        self.pointer
            .overtaken()
            .map_or_else(Vec::new, |(x, y)| self.pointer_moved(cx, x, y))
    }

    /// The wheel turns: lines to the right, and away from the user.
    pub fn scroll(&mut self, cx: &mut Context<'_>, right: f32, away: f32) -> Vec<Effect> {
        let (x, y) = self.pointer.at().unwrap_or_default();
        let mut rest = self.pointer_overtaken(cx);
        if self.pointer.owner() == Some(Owner::Chrome) {
            let event = egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Line,
                delta: egui::vec2(-right, away),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: egui_modifiers(self.modifiers),
            };
            self.chrome_event(cx, event);
            return rest;
        }
        let cursor = Cursor {
            dx: right,
            dy: away,
            ..self.cursor_at(CursorKind::Scrolled, x, y)
        };
        rest.extend(self.apply(cx, Event::Cursor(cursor), None));
        rest
    }

    fn touch(&mut self, cx: &mut Context<'_>, touch: &Touch) -> Vec<Effect> {
        let (x, y) = (touch.location.x, touch.location.y);
        // On the chrome a finger is a mouse; elsewhere the program hears of fingers. The model remembers which began where.
        if touch.phase == TouchPhase::Started && self.pointer.covers(x, y)
            || self.pointer.owner() == Some(Owner::Chrome) && self.pointer.is_held()
        {
            let mut rest = self.pointer_moved(cx, x, y);
            match touch.phase {
                TouchPhase::Started => rest.extend(self.button(cx, 0, true)),
                TouchPhase::Moved => {}
                TouchPhase::Ended | TouchPhase::Cancelled => {
                    rest.extend(self.button(cx, 0, false));
                    rest.extend(self.pointer_gone(cx));
                }
            }
            return rest;
        }
        let kind = match touch.phase {
            TouchPhase::Started => CursorKind::TouchBegan,
            TouchPhase::Moved => CursorKind::TouchMoved,
            TouchPhase::Ended => CursorKind::TouchEnded,
            TouchPhase::Cancelled => CursorKind::TouchCancelled,
        };
        // Fingers count from 1; the mouse is 0. Window systems number them from small numbers.
        let pointer = (touch.id % 0xFFFF) as u16 + 1;
        let cursor = Cursor {
            pointer,
            ..self.cursor_at(kind, x, y)
        };
        self.apply(cx, Event::Cursor(cursor), None)
    }

    /// Gives the event that is being handled to the chrome's widgets.
    pub(super) fn give_to_chrome(&mut self, cx: &mut Context<'_>, raw: Option<&Raw<'_>>) {
        let (Some(native), Some(renderer), Some(raw)) = (&mut self.native, cx.renderer.as_deref_mut(), raw) else {
            return;
        };
        let window = std::sync::Arc::clone(&native.window);
        let widgets = native.widgets(renderer, cx.target);
        let before = widgets.egui_input().events.len();
        match raw {
            Raw::Winit(event) => {
                let _ = widgets.on_window_event(&window, event);
            }
            Raw::Key(press) => {
                let modifiers = egui_modifiers(press.modifiers);
                if let Some(key) = egui_key(press.code) {
                    let (pressed, repeat) = (press.state != KeyState::Released, press.state == KeyState::Repeated);
                    let event = egui::Event::Key {
                        key,
                        physical_key: Some(key),
                        pressed,
                        repeat,
                        modifiers,
                    };
                    widgets.egui_input_mut().events.push(event);
                }
            }
            Raw::Text(text) => widgets
                .egui_input_mut()
                .events
                .push(egui::Event::Text((*text).to_owned())),
        }
        let pastes = clipboard::translate(&mut widgets.egui_input_mut().events, before);
        (self.stale, self.unheard) = (true, true);
        if pastes {
            self.paste(cx);
        }
    }

    pub(super) fn chrome_event(&mut self, cx: &mut Context<'_>, event: egui::Event) {
        if let (Some(native), Some(renderer)) = (&mut self.native, cx.renderer.as_deref_mut()) {
            native.widgets(renderer, cx.target).egui_input_mut().events.push(event);
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

fn button_number(button: MouseButton) -> Option<u8> {
    match button {
        MouseButton::Left => Some(0),
        MouseButton::Right => Some(1),
        MouseButton::Middle => Some(2),
        MouseButton::Back => Some(3),
        MouseButton::Forward => Some(4),
        MouseButton::Other(_) => None,
    }
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

fn egui_modifiers(bits: u8) -> egui::Modifiers {
    let [shift, ctrl, alt, logo] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
    let mac = cfg!(target_os = "macos");
    egui::Modifiers {
        alt,
        ctrl,
        shift,
        mac_cmd: mac && logo,
        command: if mac { logo } else { ctrl },
    }
}

/// egui's name of a key.
fn egui_key(usage: u16) -> Option<egui::Key> {
    let name = format!("{:?}", keys::code(usage)?);
    let name = ["Key", "Digit", "Numpad"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(&name);
    egui::Key::from_name(name)
}

/// A key as the portals want it.
pub(super) fn portal_key(key: Key) -> portals::Key {
    use portico_abi::KeyState as Abi;
    let state = match key.state {
        KeyState::Released => Abi::Released,
        KeyState::Pressed => Abi::Pressed,
        KeyState::Repeated => Abi::Repeated,
    };
    portals::Key {
        at: key.time,
        code: key.code,
        state,
        modifiers: key.modifiers,
    }
}

/// A cursor event as the portals want it.
pub(super) fn portal_cursor(cursor: Cursor) -> portals::Cursor {
    use portico_abi::CursorKind as Abi;
    let Cursor {
        time: at,
        x,
        y,
        dx,
        dy,
        button,
        pointer,
        ..
    } = cursor;
    let kind = match cursor.kind {
        CursorKind::Moved => Abi::Moved,
        CursorKind::Pressed => Abi::Pressed,
        CursorKind::Released => Abi::Released,
        CursorKind::Scrolled => Abi::Scrolled,
        CursorKind::Entered => Abi::Entered,
        CursorKind::Left => Abi::Left,
        CursorKind::TouchBegan => Abi::TouchBegan,
        CursorKind::TouchMoved => Abi::TouchMoved,
        CursorKind::TouchEnded => Abi::TouchEnded,
        CursorKind::TouchCancelled => Abi::TouchCancelled,
    };
    portals::Cursor {
        at,
        x,
        y,
        dx,
        dy,
        kind,
        button,
        pointer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portico_model::{Now, Progress, Shell, WindowId};

    #[test]
    fn widgets_know_the_keys_that_they_use() {
        for (usage, key) in [
            (4, egui::Key::A),
            (0x1E, egui::Key::Num1),
            (0x28, egui::Key::Enter),
            (0x29, egui::Key::Escape),
            (0x2A, egui::Key::Backspace),
            (0x2B, egui::Key::Tab),
            (0x2C, egui::Key::Space),
            (0x4C, egui::Key::Delete),
            (0x50, egui::Key::ArrowLeft),
            (0x58, egui::Key::Enter),
        ] {
            assert_eq!(egui_key(usage), Some(key));
        }
    }

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

    #[test]
    fn modifiers_are_egui_modifiers() {
        assert!(egui_modifiers(0).is_none());
        let both = egui_modifiers(0b0011);
        assert!(both.shift && both.ctrl && !both.alt);
    }
}
