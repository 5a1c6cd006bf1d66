//! The overlay with all shortcuts that work now, shown while the logo key is held.

use super::keys::{LOGO, own_bit};
use super::{Effect, Key, KeyState, Now, Shell, ShellShortcut, WindowEffect, WindowModel};
use portico_kernel::ProgramText;
use portico_portals::Shortcut;
use std::time::{Duration, Instant};

/// Time for which the logo key is held before the overlay shows.
const HOLD: Duration = Duration::from_secs(1);

/// Shortcuts with what they do: the program's, then the shell's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortcutsOverlay {
    /// Name and shortcut of each of the program's actions that can be chosen now.
    pub program: Vec<(ProgramText, Shortcut)>,
    /// The shell's shortcuts.
    pub shell: Vec<(ShellShortcut, Shortcut)>,
}

/// State of the logo key, held alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Logo {
    /// Time at which the overlay shows.
    pub(super) due: Option<Instant>,
    /// The overlay while it shows.
    pub(super) overlay: Option<ShortcutsOverlay>,
}

impl WindowModel {
    /// A key went down or up: held alone, the logo key shows the overlay; any other key or its release hides it.
    pub(super) fn watch_logo(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) {
        let is_logo = own_bit(key.code) == LOGO;
        match key.state {
            KeyState::Pressed if is_logo && key.modifiers & !LOGO == 0 => self.logo.due = Some(now.time + HOLD),
            // Some window systems repeat it, others don't.
            KeyState::Repeated if is_logo => {}
            KeyState::Released if !is_logo => {}
            _ => self.forget_logo(out),
        }
    }

    /// The logo key counts as up.
    pub(super) fn forget_logo(&mut self, out: &mut Vec<Effect>) {
        self.logo.due = None;
        if self.logo.overlay.take().is_some() {
            out.push(Effect::Window(WindowEffect::Repaint));
        }
    }

    /// Shows the overlay if it is due.
    pub(super) fn show_shortcuts_overlay(&mut self, now: Now, shell: &Shell, out: &mut Vec<Effect>) {
        if self.logo.due.is_some_and(|due| now.time >= due) {
            self.logo = Logo {
                due: None,
                overlay: Some(self.shortcuts(shell)),
            };
            out.push(Effect::Window(WindowEffect::Repaint));
        }
    }

    /// All shortcuts that work now.
    fn shortcuts(&self, shell: &Shell) -> ShortcutsOverlay {
        let chrome = self.chrome();
        let menu = chrome.menu.as_deref().filter(|_| self.is_running()).unwrap_or_default();
        let mut program: Vec<(ProgramText, Shortcut)> = Vec::new();
        for action in menu
            .iter()
            .filter(|action| action.mode == chrome.mode && !action.disabled)
        {
            let Some(keys) = action.shortcut else {
                continue;
            };
            // The first wins.
            if program
                .iter()
                .all(|(_, other)| (other.modifiers, other.key) != (keys.modifiers, keys.key))
            {
                program.push((action.name.clone(), keys));
            }
        }
        let works = |what: &ShellShortcut| *what != ShellShortcut::Search || self.shows_search();
        let shell = ShellShortcut::ALL
            .into_iter()
            .filter(works)
            .filter_map(|what| Some((what, shell.shortcuts.get(what)?)));
        ShortcutsOverlay {
            program,
            shell: shell.collect(),
        }
    }

    /// The shortcuts overlay while it shows.
    pub fn shortcuts_overlay(&self) -> Option<&ShortcutsOverlay> {
        self.logo.overlay.as_ref()
    }
}
