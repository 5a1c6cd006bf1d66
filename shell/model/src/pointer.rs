//! Pointer events over the picture, and the pointer state that the program knows.

use super::{Cursor, CursorKind, Effect, Event, Now, ProgramEffect, Shell, WindowEffect, WindowModel};
use std::time::Instant;

/// The pointer state that the program knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Pointer {
    /// Bit for each button that the program has seen pressed.
    buttons: u32,
    /// Fingers whose beginning the program has seen.
    touches: Vec<u16>,
    /// Whether the program has been told that the pointer is there.
    inside: bool,
    /// Where it was last, in pixels of the frame.
    at: (f32, f32),
    /// When Esc will have been held long enough to free a locked cursor.
    pub(super) escape: Option<Instant>,
    /// The user has freed the cursor from the program's lock.
    pub(super) freed: bool,
}

impl Pointer {
    /// Whether the program believes that anything is held or there.
    pub(super) fn is_empty(&self) -> bool {
        self.buttons == 0 && self.touches.is_empty() && !self.inside
    }
}

impl WindowModel {
    pub(super) fn cursor(&mut self, now: Now, cursor: Cursor, shell: &mut Shell, out: &mut Vec<Effect>) {
        let begins = matches!(cursor.kind, CursorKind::Pressed | CursorKind::TouchBegan);
        if begins && self.leave_overlays(now, shell, out) {
            // The press that closes an overlay is not the program's; nor is its release, which it has not seen begin.
            return;
        }
        if !self.pointer_is_programs() {
            return;
        }
        let (pointer, bit) = (&mut self.pointer, 1_u32.checked_shl(cursor.button.into()).unwrap_or(0));
        let enter = |pointer: &mut Pointer, out: &mut Vec<Effect>| {
            if !std::mem::replace(&mut pointer.inside, true) {
                out.push(Effect::Program(ProgramEffect::Cursor(Cursor {
                    kind: CursorKind::Entered,
                    dx: 0.0,
                    dy: 0.0,
                    button: 0,
                    ..cursor
                })));
            }
        };
        match cursor.kind {
            CursorKind::Entered => return enter(pointer, out),
            CursorKind::Left if !std::mem::take(&mut pointer.inside) => return,
            CursorKind::Moved | CursorKind::Scrolled => enter(pointer, out),
            CursorKind::Pressed if bit == 0 || pointer.buttons & bit != 0 => return,
            CursorKind::Pressed => {
                enter(pointer, out);
                pointer.buttons |= bit;
                pointer.freed = false;
            }
            CursorKind::Released if pointer.buttons & bit == 0 => return,
            CursorKind::Released => pointer.buttons &= !bit,
            CursorKind::TouchBegan if pointer.touches.contains(&cursor.pointer) => return,
            CursorKind::TouchBegan => pointer.touches.push(cursor.pointer),
            CursorKind::TouchMoved if !pointer.touches.contains(&cursor.pointer) => return,
            CursorKind::TouchEnded | CursorKind::TouchCancelled => {
                let Some(at) = pointer.touches.iter().position(|&p| p == cursor.pointer) else {
                    return;
                };
                pointer.touches.remove(at);
            }
            _ => {}
        }
        pointer.at = (cursor.x, cursor.y);
        if begins || cursor.kind == CursorKind::Scrolled {
            self.start_watchdog(now);
        }
        out.push(Effect::Program(ProgramEffect::Cursor(cursor)));
    }

    /// A press on the picture leaves what lies above it; says whether that was all that the press is for.
    fn leave_overlays(&mut self, now: Now, shell: &mut Shell, out: &mut Vec<Effect>) -> bool {
        if self.hud.is_some() {
            self.handle(now, Event::HudClosed, shell, out);
            return true;
        }
        if self.question().is_some() {
            self.prompt_disturbed(now);
            return true;
        }
        if self.close_indicator(out) {
            return true;
        }
        if self.search.focused || self.toolbar || self.tabs.keyboard {
            (self.search.focused, self.toolbar, self.tabs.keyboard) = (false, false, false);
            out.push(Effect::Window(WindowEffect::Repaint));
        }
        if self.tabs.open && !self.tabs.pinned {
            self.tabs.open = false;
            out.push(Effect::Window(WindowEffect::Repaint));
            return true;
        }
        false
    }

    /// The program has lost the pointer: its buttons go up, its touches end, the pointer leaves.
    pub(super) fn release_pointer(&mut self, now: Now, leave: bool, out: &mut Vec<Effect>) {
        let pointer = &mut self.pointer;
        let (x, y) = pointer.at;
        let event = |kind, button, pointer| {
            Effect::Program(ProgramEffect::Cursor(Cursor {
                time: now.time,
                kind,
                x,
                y,
                dx: 0.0,
                dy: 0.0,
                button,
                pointer,
            }))
        };
        let buttons = std::mem::take(&mut pointer.buttons);
        out.extend(
            (0..32)
                .filter(|b| buttons & (1 << b) != 0)
                .map(|b| event(CursorKind::Released, b, 0)),
        );
        out.extend(
            std::mem::take(&mut pointer.touches)
                .into_iter()
                .map(|p| event(CursorKind::TouchCancelled, 0, p)),
        );
        if leave && std::mem::take(&mut pointer.inside) {
            out.push(event(CursorKind::Left, 0, 0));
        }
    }
}
