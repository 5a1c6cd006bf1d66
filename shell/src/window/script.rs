//! Carries out steps of a script as if a user did them.

use super::{Context, ShellWindow, native};
use crate::backend::PhysicalSize;
use crate::backend::TouchPhase;
use crate::script::Input;
use portico_model::{CursorKind, Event, ShellEffect};

impl ShellWindow {
    /// Carries out a step that concerns the window alone.
    pub(super) fn play(&mut self, cx: &mut Context<'_>, input: &Input) -> Vec<ShellEffect> {
        // A hand would act on what is seen by now.
        let mut rest = self.chrome_changed(cx);
        rest.extend(self.update(cx));
        rest.extend(match input {
            Input::Key { code, state, modifiers } => self.press(cx, *code, *state, *modifiers),
            Input::Text(text) => self.type_text(cx, text),
            Input::Cursor {
                x,
                y,
                kind,
                number,
                dx,
                dy,
            } => {
                let at = self.in_window((*x).into(), (*y).into());
                self.play_cursor(cx, at, *kind, *number, (*dx, *dy))
            }
            Input::Resize(width, height) => {
                // What the chrome has of the window it keeps.
                let chrome = self.model.size().1 - native::area(&self.model).height;
                self.ask_size(cx, PhysicalSize::new(*width, height.saturating_add(chrome)))
            }
            Input::Close => self.apply(cx, Event::Close),
            // The app's.
            Input::Action(_) | Input::Screenshot(_) => Vec::new(),
        });
        rest.extend(self.update(cx));
        rest
    }

    /// The pointer or a finger does something at a place in display pixels.
    fn play_cursor(
        &mut self,
        cx: &mut Context<'_>,
        (x, y): (f64, f64),
        kind: CursorKind,
        number: u16,
        (right, away): (f32, f32),
    ) -> Vec<ShellEffect> {
        let touch = match kind {
            CursorKind::Left => return self.pointer_gone(cx),
            CursorKind::TouchBegan => Some(TouchPhase::Began),
            CursorKind::TouchMoved => Some(TouchPhase::Moved),
            CursorKind::TouchEnded => Some(TouchPhase::Ended),
            CursorKind::TouchCancelled => Some(TouchPhase::Cancelled),
            _ => None,
        };
        if let Some(phase) = touch {
            // Window systems count from 0.
            return self.touch(cx, phase, u64::from(number).saturating_sub(1), (x, y));
        }
        let before = self.pointer.at().unwrap_or((x, y));
        let mut rest = if self.native.as_ref().is_some_and(native::Native::is_locked) {
            self.device_moved(cx, x - before.0, y - before.1)
        } else if self.pointer.at() == Some((x, y)) {
            Vec::new()
        } else {
            self.point(cx, x, y)
        };
        match kind {
            CursorKind::Pressed | CursorKind::Released => {
                let pressed = kind == CursorKind::Pressed;
                let button = u8::try_from(number).unwrap_or(0);
                rest.extend(self.button(cx, button, pressed));
            }
            CursorKind::Scrolled => rest.extend(self.scroll(cx, right, away)),
            _ => {}
        }
        rest
    }
}
