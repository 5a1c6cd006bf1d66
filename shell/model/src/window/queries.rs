//! Queries of a window's state, for the chrome and the shell.

use super::*;

impl WindowModel {
    /// Owner of the keyboard.
    pub fn keyboard(&self) -> Keyboard {
        match &self.phase {
            _ if self.hud.is_some() => Keyboard::Hud,
            _ if self.question().is_some() => Keyboard::Prompt,
            _ if self.open_indicator().is_some() => Keyboard::Indicator,
            _ if self.toolbar => Keyboard::Toolbar,
            Phase::Ended(_) | Phase::Builtin => Keyboard::Page,
            Phase::Opening | Phase::Loading(_) => Keyboard::Nobody,
            Phase::Running if self.unresponsive => Keyboard::Page,
            Phase::Running if self.search.focused => Keyboard::Search,
            Phase::Running if self.tabs.keyboard => Keyboard::Tabs,
            Phase::Running => Keyboard::Program,
        }
    }

    /// Whether what the pointer does over the picture goes to the program.
    pub(crate) fn pointer_is_programs(&self) -> bool {
        self.is_running() && self.visible && self.hud.is_none() && self.question().is_none() && !self.unresponsive
    }

    /// Whether the program holds the cursor locked.
    pub(crate) fn is_locked(&self) -> bool {
        self.cursor_shape() == CursorShape::Locked
    }

    /// The cursor's shape over the picture.
    pub fn cursor_shape(&self) -> CursorShape {
        let free = self.pointer.freed || !self.focused || self.keyboard() != Keyboard::Program;
        match self.chrome.cursor {
            _ if !self.pointer_is_programs() => CursorShape::Default,
            CursorShape::Locked if free => CursorShape::Default,
            shape => shape,
        }
    }

    /// Target of typed text: whether an input method is wanted, and where its window belongs.
    pub fn text_input(&self) -> TextInput {
        match self.text_owner() {
            None => TextInput::None,
            Some(TextOwner::Program) => self.chrome.caret.map_or(TextInput::None, TextInput::Program),
            Some(TextOwner::Hud | TextOwner::Search | TextOwner::Field(_)) => TextInput::Chrome,
        }
    }

    /// The text field of a page that has the keyboard, by the number of its widget.
    pub fn field(&self) -> Option<u64> {
        self.field
    }

    /// Time of the next [`Event::Tick`]; `None` for none.
    pub fn wake_at(&self) -> Option<Instant> {
        let say_closing = self
            .closing
            .filter(|_| !self.slow_to_close)
            .map(|at| at - CLOSE_WITHIN + SAY_CLOSING_AFTER);
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let due = [
            self.closing,
            say_closing,
            notice,
            self.watchdog.map(|u| u.look),
            self.pointer.escape,
            self.logo.due,
        ];
        due.into_iter()
            .flatten()
            .chain(self.prompt_wake_at())
            .chain(self.ime_wake_at())
            .min()
    }

    /// Height that the toolbar takes from the picture, in points: 0 in full screen.
    pub fn toolbar_height(&self) -> f32 {
        if self.fullscreen { 0.0 } else { TOOLBAR_HEIGHT }
    }

    /// Whether the toolbar is to be drawn: in full screen only while the pointer, the keyboard or the tab list needs it.
    pub fn shows_toolbar(&self) -> bool {
        !self.fullscreen
            || self.toolbar_revealed
            || self.toolbar
            || self.search.focused
            || self.tabs.keyboard
            || self.open_indicator().is_some()
    }

    /// Name of this window.
    pub fn id(&self) -> WindowId {
        self.id
    }

    /// Key of the program's choices in the HUD: its hash, or its file until that is known.
    pub fn program(&self) -> &str {
        self.program.as_deref().unwrap_or(&self.file)
    }

    /// The program's name, whatever title it sets.
    pub fn name(&self) -> &ProgramText {
        &self.name
    }

    /// Title as it stands in the toolbar.
    pub fn title(&self) -> &ProgramText {
        self.chrome
            .title
            .as_ref()
            .filter(|title| !title.is_empty())
            .unwrap_or(&self.name)
    }

    /// Phase of the program between its start and its end.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The program's chrome: title, menu, tabs, buttons.
    pub fn chrome(&self) -> &Chrome {
        &self.chrome
    }

    /// The HUD while it is open.
    pub fn hud(&self) -> Option<&Hud> {
        self.hud.as_ref()
    }

    /// The tab list.
    pub fn tabs(&self) -> TabList {
        self.tabs
    }

    /// Number of the program's tabs.
    pub(crate) fn tab_count(&self) -> usize {
        self.chrome.tabs.as_ref().map_or(0, |(tabs, _)| tabs.len())
    }

    /// Whether the program's present mode has a search field.
    pub fn shows_search(&self) -> bool {
        self.is_running()
            && self
                .chrome
                .search
                .as_ref()
                .is_some_and(|s| s.modes.contains(&self.chrome.mode))
    }

    /// Text of the search field.
    pub fn search_query(&self) -> &str {
        &self.search.query
    }

    /// Whether the program is unresponsive and covered by the overlay that says so.
    pub fn is_unresponsive(&self) -> bool {
        self.unresponsive
    }

    /// Whether the program runs.
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Whether the window shows a built-in page.
    pub fn is_builtin(&self) -> bool {
        self.phase == Phase::Builtin
    }

    pub(super) fn has_started(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Ended(_) | Phase::Builtin)
    }

    /// Whether the window is to close and the program has its last moments to save.
    pub fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// Whether the program takes so long to end that the window says it is closing.
    pub fn is_slow_to_close(&self) -> bool {
        self.slow_to_close
    }

    /// The notice that is shown.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|notice| notice.text.as_str())
    }

    /// Whether the window has the keyboard focus.
    pub fn is_focused(&self) -> bool {
        self.focused
    }

    /// Whether the window can be seen.
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// Whether the window is maximised.
    pub fn is_maximised(&self) -> bool {
        self.maximised
    }

    /// Whether the window fills the screen.
    pub fn is_fullscreen(&self) -> bool {
        self.fullscreen
    }

    /// Whether the look is dark.
    pub fn is_dark(&self) -> bool {
        self.dark
    }

    /// Whether the pointer has brought up the toolbar of a full screen.
    pub fn is_toolbar_revealed(&self) -> bool {
        self.toolbar_revealed
    }

    /// Whether motion is reduced.
    pub fn is_motion_reduced(&self) -> bool {
        self.reduced_motion
    }

    /// Size of the whole window in display pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Display pixels a point.
    pub fn scale(&self) -> f32 {
        self.scale
    }
}
