//! Checks that the state of a window does not contradict itself.

use super::{Keyboard, WindowModel};

impl WindowModel {
    /// Panics if the state contradicts itself. For tests.
    pub fn verify_invariants(&self) {
        let running = self.is_running();
        assert!(
            self.keyboard() == Keyboard::Program || self.keys.held.is_empty(),
            "the program holds keys it lost"
        );
        assert!(
            self.keyboard() == Keyboard::Program || self.keys.pending.is_empty(),
            "a shortcut waits without a keyboard"
        );
        self.verify_input_method();
        assert!(
            self.pointer_is_programs() || self.pointer.is_empty(),
            "the program holds a pointer it lost"
        );
        assert!(
            self.keys.held.iter().all(|k| !self.keys.chrome.contains(k)),
            "a key is down in two places"
        );
        assert!(running || !self.unresponsive, "an overlay over nothing");
        assert!(running || self.watchdog.is_none(), "nobody can answer");
        assert!(
            !self.unresponsive || self.watchdog.is_some(),
            "nobody would notice an answer"
        );
        assert!(
            running || self.closing.is_none(),
            "a window waits for a program that is gone"
        );
        assert!(!self.tabs.open || self.chrome.tabs.is_some(), "a list of no tabs");
        assert!(
            !self.tabs.keyboard || self.tabs.open,
            "the keyboard is in a list that isn't there"
        );
        assert!(
            self.tab_count() == 0 || (self.tabs.selected as usize) < self.tab_count(),
            "a tab that isn't there"
        );
        assert!(
            !self.toolbar_revealed || self.fullscreen,
            "a toolbar that is there anyway is brought up"
        );
        assert!(
            !self.search.focused || self.shows_search(),
            "the keyboard is in a field that isn't there"
        );
        self.verify_prompt();
        if let Some(hud) = &self.hud {
            hud.verify_invariants();
        }
    }
}
