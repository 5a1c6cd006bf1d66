//! The clipboard for text fields of the chrome. Its owner is asked on another thread and may be slow: the field gets the text
//! later, if it still has the keyboard.

use super::{Context, ShellEvent, ShellWindow};
use crate::strings;
use egui::{Id, Key, Modifiers};
use portico_kernel::Failure;
use portico_model::{Event, ShellEffect};
use portico_portals::Reply;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest text that a field takes, in bytes: all of it is laid out at once.
const LONGEST: usize = 64 << 10;
/// Time after which a paste is given up.
const GIVEN_UP: Duration = Duration::from_secs(3);

/// A paste whose text is not there yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pasting {
    number: u64,
    /// The widget that had the keyboard.
    field: Option<Id>,
    asked: Instant,
}

/// A clipboard command of the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Cut,
    Copy,
    Paste,
}

/// The clipboard command of a key with modifiers.
fn wanted(key: Key, modifiers: Modifiers) -> Option<Wanted> {
    let windows = cfg!(windows);
    match key {
        Key::Cut => Some(Wanted::Cut),
        Key::Copy => Some(Wanted::Copy),
        Key::Paste => Some(Wanted::Paste),
        Key::X if modifiers.command_only() => Some(Wanted::Cut),
        Key::C if modifiers.command_only() => Some(Wanted::Copy),
        Key::V if modifiers.command_only() => Some(Wanted::Paste),
        Key::Delete if windows && modifiers.shift => Some(Wanted::Cut),
        Key::Insert if windows && modifiers.ctrl => Some(Wanted::Copy),
        Key::Insert if windows && modifiers.shift => Some(Wanted::Paste),
        _ => None,
    }
}

/// Has widgets cut and copy where keys among the events say so; says whether one pastes.
pub(super) fn translate(events: &mut Vec<egui::Event>) -> bool {
    let mut pastes = false;
    let mut at = 0;
    while let Some(event) = events.get_mut(at) {
        let wanted = match event {
            egui::Event::Key {
                key,
                modifiers,
                pressed: true,
                ..
            } => wanted(*key, *modifiers),
            _ => None,
        };
        match wanted {
            Some(Wanted::Cut) => *event = egui::Event::Cut,
            Some(Wanted::Copy) => *event = egui::Event::Copy,
            Some(Wanted::Paste) => {
                pastes = true;
                events.remove(at);
                continue;
            }
            None => {}
        }
        at += 1;
    }
    pastes
}

impl ShellWindow {
    /// Puts a text on the clipboard; only a failure is told.
    pub(super) fn copy(&self, cx: &Context<'_>, text: String) {
        let notify = Arc::clone(&self.notify);
        cx.clipboard.write(
            text,
            Reply::to(move |done| {
                if let Err(failure) = done {
                    notify(ShellEvent::NotCopied(strings::not_copied(&failure.text)));
                }
            }),
        );
    }

    /// The field that has the keyboard wants what is on the clipboard. While it waits, it asks no second time.
    pub(super) fn paste(&mut self, cx: &Context<'_>) {
        if self.pasting.is_some_and(|pasting| pasting.asked.elapsed() < GIVEN_UP) {
            return;
        }
        self.pastes += 1;
        let number = self.pastes;
        self.pasting = Some(Pasting {
            number,
            field: self.focus,
            asked: Instant::now(),
        });
        let notify = Arc::clone(&self.notify);
        cx.clipboard
            .read(Reply::to(move |text| notify(ShellEvent::Pasted(number, text))));
    }

    /// Notes which widget has the keyboard; a paste for another one is dropped.
    pub(super) fn set_focus(&mut self, focus: Option<Id>) {
        self.focus = focus;
        self.pasting = self.pasting.filter(|pasting| pasting.field == focus);
    }

    /// The text that a field has asked for is there, or the reason why not.
    pub fn pasted(&mut self, cx: &mut Context<'_>, number: u64, text: Result<String, Failure>) -> Vec<ShellEffect> {
        if self.pasting.take_if(|pasting| pasting.number == number).is_none() {
            return Vec::new();
        }
        let why = match text {
            Ok(text) if text.is_empty() => strings::nothing_to_paste().to_owned(),
            Ok(text) if text.len() > LONGEST => strings::too_long_to_paste().to_owned(),
            Ok(text) => {
                self.chrome_event(cx, egui::Event::Paste(text.replace("\r\n", "\n")));
                return Vec::new();
            }
            Err(failure) => {
                tracing::info!("nothing is pasted: {}", failure.text);
                strings::not_pasted().to_owned()
            }
        };
        self.apply(cx, Event::Notice(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: Key, modifiers: Modifiers, pressed: bool) -> egui::Event {
        egui::Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        }
    }

    #[test]
    fn keys_of_the_clipboard_are_told_from_others() {
        let mut events = vec![
            key(Key::C, Modifiers::COMMAND, true),
            key(Key::V, Modifiers::COMMAND, true),
            key(Key::V, Modifiers::COMMAND, false),
            key(Key::X, Modifiers::COMMAND, true),
            key(Key::V, Modifiers::NONE, true),
            key(Key::V, Modifiers::COMMAND | Modifiers::SHIFT, true),
        ];
        assert!(translate(&mut events));
        let rest = [
            egui::Event::Copy,
            key(Key::V, Modifiers::COMMAND, false),
            egui::Event::Cut,
            key(Key::V, Modifiers::NONE, true),
            key(Key::V, Modifiers::COMMAND | Modifiers::SHIFT, true),
        ];
        assert_eq!(events, rest);
        assert!(!translate(&mut events));
    }
}
