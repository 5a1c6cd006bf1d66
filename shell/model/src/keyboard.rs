//! Where a keystroke goes: the shell's shortcuts, the overlay that has the keyboard, the program's shortcuts, the program.

use super::keys::{SHIFT, code, is_command, own_bit};
use super::state::{Keyboard, PendingFire};
use super::{
    Effect, Event, Key, KeyState, Now, PageKind, ProgramEffect, Shell, ShellCommand, ShellEffect, ShellShortcut,
    WindowEffect, WindowModel,
};
use portico_portals::Shortcut;

/// How far a page key moves the HUD's selection.
const PAGE: isize = 8;

impl WindowModel {
    pub(super) fn key(&mut self, now: Now, key: Key, text: Option<String>, shell: &mut Shell, out: &mut Vec<Effect>) {
        match key.state {
            KeyState::Released => self.key_released(now, key, out),
            KeyState::Repeated if self.keys.held.contains(&key.code) => self.key_to_program(now, key, text, out),
            KeyState::Repeated if self.keys.chrome.contains(&key.code) => self.key_to_overlay(now, key, shell, out),
            // The repeat of a key that fired, or that was pressed before it could count here.
            KeyState::Repeated => {}
            KeyState::Pressed => {
                // Twice pressed without a release between: the first press counts as over.
                self.key_released(
                    now,
                    Key {
                        state: KeyState::Released,
                        ..key
                    },
                    out,
                );
                if let Some(what) = self.recording {
                    return self.recorded(what, key, out);
                }
                if self.shell_shortcut(now, key, shell, out) {
                    return;
                }
                match self.keyboard() {
                    Keyboard::Nobody => {}
                    Keyboard::Program if self.program_shortcut(now, key, out) => {}
                    Keyboard::Program => {
                        self.keys.held.push(key.code);
                        if key.code == code::ESCAPE && self.is_locked() {
                            self.pointer.escape = Some(now.time + super::window::FREE_AFTER);
                        }
                        self.key_to_program(now, key, text, out);
                    }
                    _ => {
                        self.keys.chrome.push(key.code);
                        self.key_to_overlay(now, key, shell, out);
                    }
                }
            }
        }
    }

    /// Starts or stops the recording of a shortcut.
    pub(super) fn record(&mut self, what: Option<ShellShortcut>, out: &mut Vec<Effect>) {
        if self.recording != what {
            self.recording = what;
            out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Recording(what))));
        }
    }

    /// Handles a key while a shortcut is recorded: Esc cancels, and keys that type text are refused.
    fn recorded(&mut self, what: ShellShortcut, key: Key, out: &mut Vec<Effect>) {
        let modifiers = key.modifiers & !own_bit(key.code);
        let function = matches!(key.code, code::F1..=code::F12);
        if key.code == code::ESCAPE && modifiers == 0 {
            return self.record(None, out);
        }
        let Ok(code) = u8::try_from(key.code) else { return };
        if own_bit(key.code) == 0 && (function || modifiers & !SHIFT != 0) {
            out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Recorded(
                what,
                Shortcut {
                    modifiers,
                    key: code,
                    pressed: true,
                },
            ))));
            self.record(None, out);
        }
    }

    fn key_released(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) {
        if key.code == code::ESCAPE {
            self.pointer.escape = None;
        }
        if let Some(at) = self.keys.held.iter().position(|&k| k == key.code) {
            self.keys.held.remove(at);
            out.push(Effect::Program(ProgramEffect::Key(key)));
        } else if let Some(at) = self.keys.pending.iter().position(|p| p.key == key.code) {
            let pending = self.keys.pending.remove(at);
            // The menu may have changed while the key was down.
            if self.fits(pending.index, pending.shortcut) {
                self.fire(now, pending.index, out);
            }
        } else if let Some(at) = self.keys.chrome.iter().position(|&k| k == key.code) {
            self.keys.chrome.remove(at);
            out.push(Effect::Window(WindowEffect::Chrome));
        }
    }

    fn key_to_program(&mut self, now: Now, key: Key, text: Option<String>, out: &mut Vec<Effect>) {
        out.push(Effect::Program(ProgramEffect::Key(key)));
        self.start_watchdog(now);
        let types = |text: &String| !text.is_empty() && !text.chars().any(char::is_control);
        if let Some(text) = text.filter(types).filter(|_| !is_command(key.modifiers)) {
            out.push(Effect::Program(ProgramEffect::Text(text)));
        }
    }

    /// Carries out a shortcut of the shell; says whether there was one.
    fn shell_shortcut(&mut self, now: Now, key: Key, shell: &mut Shell, out: &mut Vec<Effect>) -> bool {
        match shell.shortcuts.find(|shortcut| matches(shortcut, key)) {
            Some(ShellShortcut::Hud | ShellShortcut::HudAlso) => self.handle(now, Event::HudToggled, shell, out),
            Some(ShellShortcut::Fullscreen) => out.push(Effect::Window(WindowEffect::ToggleFullscreen)),
            Some(ShellShortcut::Search) if self.can_search() => {
                self.handle(now, Event::SearchFocused(true), shell, out);
            }
            Some(ShellShortcut::Toolbar) if self.hud.is_none() && self.question().is_none() => {
                self.close_indicator(out);
                self.toolbar = !self.toolbar;
                out.push(Effect::Window(WindowEffect::Repaint));
            }
            Some(ShellShortcut::Settings) => out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Open(
                PageKind::Settings,
            )))),
            Some(ShellShortcut::Tasks) => {
                out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Open(PageKind::Tasks))))
            }
            Some(ShellShortcut::Log) => {
                out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Open(PageKind::Log))))
            }
            _ => return false,
        }
        true
    }

    /// Whether the search field can take the keyboard.
    fn can_search(&self) -> bool {
        self.shows_search() && self.hud.is_none() && self.question().is_none() && !self.unresponsive
    }

    /// Takes a key for the program's first shortcut that it matches, if any.
    fn program_shortcut(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        let mode = self.chrome().mode;
        let menu = self.chrome().menu.as_deref().unwrap_or_default();
        let found = menu.iter().enumerate().find_map(|(index, action)| {
            let shortcut = action.shortcut.filter(|s| matches(*s, key))?;
            (action.mode == mode && !action.disabled).then_some((index as u32, shortcut))
        });
        let Some((index, shortcut)) = found else { return false };
        if shortcut.pressed {
            self.fire(now, index, out);
        } else {
            self.keys.pending.push(PendingFire {
                key: key.code,
                index,
                shortcut,
            });
        }
        true
    }

    /// Whether the action with this index still has this shortcut and may fire.
    fn fits(&self, index: u32, shortcut: Shortcut) -> bool {
        let menu = self.chrome().menu.as_deref().unwrap_or_default();
        menu.get(index as usize)
            .is_some_and(|a| a.shortcut == Some(shortcut) && a.mode == self.chrome().mode && !a.disabled)
    }

    /// A press or repeat, while something of the chrome has the keyboard.
    fn key_to_overlay(&mut self, now: Now, key: Key, shell: &mut Shell, out: &mut Vec<Effect>) {
        let enter = matches!(key.code, code::ENTER | code::KEYPAD_ENTER);
        let event = match (self.keyboard(), key.code) {
            (Keyboard::Prompt, _) => return self.prompt_key(now, key, out),
            (Keyboard::Indicator, code::ESCAPE) => Event::IndicatorClosed,
            (Keyboard::Hud, code::ESCAPE) => Event::HudClosed,
            (Keyboard::Hud, code::UP | code::DOWN | code::PAGE_UP | code::PAGE_DOWN | code::HOME | code::END) => {
                return self.hud_step(key.code, out);
            }
            (Keyboard::Hud, _) if enter => {
                // A held key must not choose: only a fresh press does.
                match self.hud.as_ref().and_then(|h| h.selected()) {
                    Some(index) if key.state == KeyState::Pressed => Event::HudChosen(index),
                    _ => return,
                }
            }
            (Keyboard::Tabs, code::ESCAPE) => Event::TabsToggled,
            (Keyboard::Tabs, code::UP | code::DOWN | code::HOME | code::END) => return self.tab_step(key.code, out),
            (Keyboard::Tabs, _) if enter => Event::TabChosen(self.tabs.selected),
            (Keyboard::Search, code::ESCAPE) => Event::SearchFocused(false),
            (Keyboard::Search, _) if enter => {
                out.push(Effect::Program(ProgramEffect::Search {
                    query: self.search.query.clone(),
                    entered: true,
                }));
                return self.start_watchdog(now);
            }
            (Keyboard::Toolbar, code::ESCAPE) => {
                self.toolbar = false;
                return out.push(Effect::Window(WindowEffect::Repaint));
            }
            (_, key) => {
                if key == code::TAB {
                    self.leave_composition(now, out);
                }
                return out.push(Effect::Window(WindowEffect::Chrome));
            }
        };
        self.handle(now, event, shell, out);
    }

    fn hud_step(&mut self, key: u16, out: &mut Vec<Effect>) {
        let Some(hud) = &mut self.hud else { return };
        hud.step(match key {
            code::UP => -1,
            code::DOWN => 1,
            code::PAGE_UP => -PAGE,
            code::PAGE_DOWN => PAGE,
            code::HOME => isize::MIN,
            _ => isize::MAX,
        });
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    fn tab_step(&mut self, key: u16, out: &mut Vec<Effect>) {
        let last = (self.tab_count() as u32).saturating_sub(1);
        let now = self.tabs.selected;
        self.tabs.selected = match key {
            code::UP => now.saturating_sub(1),
            code::DOWN => now.saturating_add(1).min(last),
            code::HOME => 0,
            _ => last,
        };
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    /// The program has lost the keyboard: its keys go up.
    pub(super) fn release_keys(&mut self, now: Now, modifiers: u8, out: &mut Vec<Effect>) {
        self.keys.pending.clear();
        self.pointer.escape = None;
        for code in std::mem::take(&mut self.keys.held) {
            out.push(Effect::Program(ProgramEffect::Key(Key {
                time: now.time,
                code,
                state: KeyState::Released,
                modifiers,
            })));
        }
    }
}

/// Whether a press is that of a shortcut. A modifier key's own bit doesn't count: systems disagree on whether it is set.
fn matches(shortcut: Shortcut, key: Key) -> bool {
    u16::from(shortcut.key) == key.code && shortcut.modifiers == key.modifiers & !own_bit(key.code)
}
