//! One window: its phase, its overlays, and who has the keyboard and the pointer.

mod invariants;
mod queries;

use super::input_method::InputMethod;
use super::notice::Notice;
use super::pointer::Pointer;
use super::prompt::{PrivacyIndicators, Questions};
use super::shortcuts_overlay::Logo;
use super::state::{Keyboard, Keys, Page, Phase, SearchField, TabList, TextInput};
use super::watchdog::Watchdog;
use super::{
    Choice, Effect, EndReport, Event, Hud, Now, Outcome, ProgramEffect, ProgramRef, Shell, ShellAction, ShellCommand,
    ShellEffect, ShellShortcut, TextOwner, WindowEffect, WindowId,
};
use portico_kernel::ProgramText;
use portico_portals::{Chrome, CursorShape};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Height of the toolbar in points.
pub const TOOLBAR_HEIGHT: f32 = 40.0;
/// How long a program has to save once its window is to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// How soon a window says that it is closing: most programs are gone by then.
const SAY_CLOSING_AFTER: Duration = Duration::from_millis(250);
/// How long Esc is held to free a locked cursor.
pub(super) const FREE_AFTER: Duration = Duration::from_secs(1);

/// The state of one window. See the module's text for how to use it.
#[derive(Clone, Debug)]
pub struct WindowModel {
    id: WindowId,
    file: String,
    program: Option<String>,
    name: ProgramText,
    phase: Phase,
    chrome: Chrome,
    focused: bool,
    visible: bool,
    size: (u32, u32),
    scale: f32,
    maximised: bool,
    fullscreen: bool,
    dark: bool,
    reduced_motion: bool,
    /// In full screen: the pointer has revealed the toolbar and is still on it.
    toolbar_revealed: bool,
    /// When the window closes whether or not the program has ended.
    closing: Option<Instant>,
    /// Closing takes so long that the window says so.
    slow_to_close: bool,
    /// The notice that is shown.
    notice: Option<Notice>,
    /// The user ended the program: its window goes with it.
    ending: bool,
    pub(super) watchdog: Option<Watchdog>,
    pub(super) hud: Option<Hud>,
    pub(super) questions: Questions,
    pub(super) privacy_indicators: PrivacyIndicators,
    pub(super) tabs: TabList,
    pub(super) search: SearchField,
    /// Whether the keyboard moves over the toolbar's buttons.
    pub(super) toolbar: bool,
    pub(super) unresponsive: bool,
    pub(super) keys: Keys,
    pub(super) pointer: Pointer,
    /// The action that a shortcut is being recorded for.
    pub(super) recording: Option<ShellShortcut>,
    pub(super) method: InputMethod,
    /// The text field of the page that has the keyboard, by the number of its widget.
    pub(super) field: Option<u64>,
    pub(super) logo: Logo,
}

impl WindowModel {
    /// A window for a program that is about to start from `file`; `name` stands in the toolbar until it sets a title.
    pub fn new(id: WindowId, file: impl Into<String>, name: impl Into<ProgramText>) -> Self {
        Self {
            id,
            file: file.into(),
            program: None,
            name: name.into(),
            phase: Phase::Opening,
            chrome: Chrome::default(),
            focused: false,
            visible: true,
            size: (0, 0),
            scale: 1.0,
            maximised: false,
            fullscreen: false,
            dark: false,
            reduced_motion: false,
            toolbar_revealed: false,
            closing: None,
            slow_to_close: false,
            notice: None,
            ending: false,
            watchdog: None,
            hud: None,
            questions: Questions::default(),
            privacy_indicators: PrivacyIndicators::default(),
            tabs: TabList::default(),
            search: SearchField::default(),
            toolbar: false,
            unresponsive: false,
            keys: Keys::default(),
            pointer: Pointer::default(),
            recording: None,
            method: InputMethod::default(),
            field: None,
            logo: Logo::default(),
        }
    }

    /// A window with a built-in page.
    pub fn builtin(id: WindowId, title: impl Into<ProgramText>) -> Self {
        Self {
            phase: Phase::Builtin,
            ..Self::new(id, "", title)
        }
    }

    /// Handles an event; returns the effects in order.
    pub fn apply(&mut self, now: Now, event: Event, shell: &mut Shell) -> Vec<Effect> {
        let modifiers = if let Event::Key { key, .. } = &event {
            key.modifiers
        } else {
            0
        };
        let (mut out, mut done) = (Vec::new(), Vec::new());
        let before = (self.keyboard(), self.pointer_is_programs());
        self.tick(now, &mut out);
        self.show_shortcuts_overlay(now, shell, &mut out);
        self.check_watchdog(now, &mut out);
        self.take_away(before, now, modifiers, &mut out);
        self.follow_text_owner(now, &mut out);
        let before = (self.keyboard(), self.pointer_is_programs());
        self.handle(now, event, shell, &mut done);
        self.cover_prompt(&mut done);
        // What ends for the program comes before what the event brings about.
        self.take_away(before, now, modifiers, &mut out);
        out.append(&mut done);
        self.follow_text_owner(now, &mut out);
        out
    }

    /// Takes keyboard and pointer from the program if it had them before and hasn't now.
    fn take_away(&mut self, before: (Keyboard, bool), now: Now, modifiers: u8, out: &mut Vec<Effect>) {
        if before.0 == Keyboard::Program && self.keyboard() != Keyboard::Program {
            self.release_keys(now, modifiers, out);
        }
        if before.1 && !self.pointer_is_programs() {
            self.release_pointer(now, true, out);
        }
    }

    pub(super) fn handle(&mut self, now: Now, event: Event, shell: &mut Shell, out: &mut Vec<Effect>) {
        match event {
            Event::Key { key, text } => {
                self.watch_logo(now, key, out);
                self.key(now, key, text, shell, out);
            }
            Event::Text(text) => self.typed(now, text, out),
            Event::Commit(text) => self.committed(now, text, out),
            Event::Preedit(text) => self.composed(now, text, out),
            Event::Ime(status) => self.ime_status(now, status, out),
            Event::FieldFocused(field) => self.field = field,
            Event::CompositionLeft => self.leave_composition(now, out),
            Event::Cursor(cursor) => self.cursor(now, cursor, shell, out),
            Event::Focused(focused) => self.set_focused(now, focused, out),
            Event::Visible(visible) => set(
                &mut self.visible,
                visible,
                &[Effect::Program(ProgramEffect::State)],
                out,
            ),
            Event::Resized { width, height, scale } => {
                if (self.size, self.scale) != ((width, height), scale) {
                    self.prompt_moved(out);
                }
                set(
                    &mut self.size,
                    (width, height),
                    &[
                        Effect::Program(ProgramEffect::State),
                        Effect::Window(WindowEffect::Repaint),
                    ],
                    out,
                );
                if scale.is_finite() && scale > 0.0 {
                    set(
                        &mut self.scale,
                        scale,
                        &[
                            Effect::Program(ProgramEffect::State),
                            Effect::Window(WindowEffect::Repaint),
                        ],
                        out,
                    );
                }
            }
            Event::Maximised(maximised) => self.shape(maximised, self.fullscreen, shell, out),
            Event::Fullscreen(fullscreen) => self.shape(self.maximised, fullscreen, shell, out),
            Event::Dark(dark) => set(
                &mut self.dark,
                dark,
                &[
                    Effect::Program(ProgramEffect::State),
                    Effect::Window(WindowEffect::Repaint),
                ],
                out,
            ),
            Event::ReducedMotion(reduced) => set(
                &mut self.reduced_motion,
                reduced,
                &[Effect::Program(ProgramEffect::State)],
                out,
            ),
            Event::ToolbarRevealed(toolbar_revealed) => set(
                &mut self.toolbar_revealed,
                toolbar_revealed && self.fullscreen,
                &[Effect::Window(WindowEffect::Repaint)],
                out,
            ),
            Event::EdgePressed(edge) if !self.maximised && !self.fullscreen => {
                out.push(Effect::Window(WindowEffect::StartResize(edge)))
            }
            Event::EdgePressed(_) => {}
            // What is due is done before every event.
            Event::Tick => {}

            Event::Loading(done) if !self.has_started() => {
                let done = done.filter(|d| d.is_finite()).map(|d| d.clamp(0.0, 1.0));
                set(
                    &mut self.phase,
                    Phase::Loading(done),
                    &[Effect::Window(WindowEffect::Repaint)],
                    out,
                );
            }
            Event::Started if !self.has_started() => {
                self.phase = Phase::Running;
                // It may never come to its first call.
                self.start_watchdog(now);
                self.refresh_hud(shell);
                out.push(Effect::Window(WindowEffect::Repaint));
            }
            Event::Loading(_) | Event::Started => {}
            Event::Notice(text) => {
                self.notice = Some(Notice::new(text, now.time, self.notice.take()));
                out.push(Effect::Window(WindowEffect::Repaint));
            }
            Event::Chrome(chrome) => self.set_chrome(chrome, shell, out),
            Event::Ended(outcome) => self.ended(outcome, shell, out),

            Event::Navigation(index) => {
                let pressed = pressable(self.chrome.navigation.as_deref(), index);
                self.send(
                    now,
                    pressed.then_some(Effect::Program(ProgramEffect::PressNavigation(index))),
                    out,
                );
            }
            Event::Action(index) => {
                let pressed = pressable(self.chrome.actions.as_deref(), index);
                self.send(
                    now,
                    pressed.then_some(Effect::Program(ProgramEffect::PressAction(index))),
                    out,
                );
            }
            Event::TabsToggled => self.toggle_tabs(out),
            Event::PinToggled => {
                self.tabs.pinned = !self.tabs.pinned;
                out.push(Effect::Window(WindowEffect::Repaint));
            }
            Event::TabChosen(index) => self.choose_tab(now, index, out),
            Event::SearchFocused(focused) => {
                self.search.focused = focused && self.shows_search();
                self.toolbar = false;
                out.push(Effect::Window(WindowEffect::Repaint));
            }
            Event::SearchEdited(query) => {
                if self.shows_search() && query != self.search.query {
                    self.search.query.clone_from(&query);
                    out.push(Effect::Window(WindowEffect::Repaint));
                    self.send(
                        now,
                        Some(Effect::Program(ProgramEffect::Search { query, entered: false })),
                        out,
                    );
                }
            }
            Event::HudToggled => {
                self.hud = if self.hud.is_some() {
                    None
                } else {
                    Some(Hud::open(self, shell))
                };
                self.toolbar = false;
                if !self.tabs.pinned {
                    self.tabs.open = false;
                }
                self.tabs.keyboard = false;
                out.push(Effect::Window(WindowEffect::Repaint));
            }
            Event::HudEdited(query) => {
                if let Some(mut hud) = self.hud.take() {
                    hud.edit(query, shell);
                    self.hud = Some(hud);
                    out.push(Effect::Window(WindowEffect::Repaint));
                }
            }
            Event::HudHovered(index) => {
                if self.hud.as_mut().is_some_and(|hud| hud.select(index)) {
                    out.push(Effect::Window(WindowEffect::Repaint));
                }
            }
            Event::HudChosen(index) => self.choose(now, index, shell, out),
            Event::HudClosed => {
                if self.hud.take().is_some() {
                    out.push(Effect::Window(WindowEffect::Repaint));
                }
            }
            Event::UnresponsiveWait => {
                if std::mem::take(&mut self.unresponsive) {
                    self.watchdog = None;
                    self.start_watchdog(now);
                    out.push(Effect::Window(WindowEffect::Repaint));
                }
            }
            Event::UnresponsiveEnd => self.end(out),
            Event::Asked(question) => self.asks(question, out),
            Event::Settled(permission) => self.settle_question(&permission, out),
            Event::PromptShown(view) => self.prompt_shown(now, view, out),
            Event::RoomWanted => self.make_room(out),
            Event::PromptDisturbed => self.prompt_disturbed(now),
            Event::Answered(answer) => self.answer(answer, out),
            Event::Used { permission, channels } => self.used(now, permission, channels, out),
            Event::IndicatorPressed(permission) => self.press_indicator(permission, out),
            Event::IndicatorClosed => drop(self.close_indicator(out)),
            Event::TakenBack => self.take_back(out),
            Event::DetailsToggled => {
                if let Phase::Ended(page) = &mut self.phase {
                    page.details = !page.details;
                    out.push(Effect::Window(WindowEffect::Repaint));
                }
            }
            Event::CopyReport => {
                if let Phase::Ended(page) = &self.phase {
                    out.push(Effect::Window(WindowEffect::CopyReport(Box::new(EndReport {
                        outcome: page.outcome.clone(),
                        name: self.name.clone(),
                        file: self.file.clone(),
                        program: self.program.clone(),
                    }))));
                }
            }
            Event::Restart => self.restart(out),
            Event::Minimise => out.push(Effect::Window(WindowEffect::Minimise)),
            Event::Maximise if self.fullscreen => out.push(Effect::Window(WindowEffect::ToggleFullscreen)),
            Event::Maximise => out.push(Effect::Window(WindowEffect::ToggleMaximise)),
            Event::Close => self.close(now, out),
            Event::DragStarted if !self.fullscreen => out.push(Effect::Window(WindowEffect::StartMove)),
            Event::DragStarted => {}
            Event::Dropped(files) => self.dropped(files, out),
            Event::Command(command) => out.push(Effect::Shell(ShellEffect::Command(command))),
            Event::Record(what) => self.record(what, out),
            Event::WindowsChanged => {
                if self.hud.is_some() {
                    self.refresh_hud(shell);
                    out.push(Effect::Window(WindowEffect::Repaint));
                }
            }
        }
    }

    fn typed(&mut self, now: Now, text: String, out: &mut Vec<Effect>) {
        match self.keyboard() {
            Keyboard::Program => {
                let text: String = text.chars().filter(|c| !c.is_control()).collect();
                self.send(
                    now,
                    (!text.is_empty()).then_some(Effect::Program(ProgramEffect::Text(text))),
                    out,
                );
            }
            Keyboard::Nobody => {}
            _ => out.push(Effect::Window(WindowEffect::Chrome)),
        }
    }

    fn set_focused(&mut self, now: Now, focused: bool, out: &mut Vec<Effect>) {
        if !focused {
            self.record(None, out);
            self.release_keys(now, 0, out);
            self.release_pointer(now, false, out);
            self.keys.chrome.clear();
            self.forget_logo(out);
        }
        set(
            &mut self.focused,
            focused,
            &[
                Effect::Program(ProgramEffect::State),
                Effect::Window(WindowEffect::Repaint),
            ],
            out,
        );
    }

    fn shape(&mut self, maximised: bool, fullscreen: bool, shell: &Shell, out: &mut Vec<Effect>) {
        set(
            &mut self.maximised,
            maximised,
            &[Effect::Window(WindowEffect::Repaint)],
            out,
        );
        set(
            &mut self.fullscreen,
            fullscreen,
            &[
                Effect::Program(ProgramEffect::State),
                Effect::Window(WindowEffect::Repaint),
            ],
            out,
        );
        self.toolbar_revealed &= fullscreen;
        // Two actions of the shell are named after it.
        self.refresh_hud(shell);
    }

    /// Does what is due by now.
    fn tick(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.tick_prompt(now, out);
        if self.closing.is_some_and(|at| now.time >= at) {
            self.closing = None;
            out.push(Effect::Shell(ShellEffect::Close));
        }
        if !self.slow_to_close
            && self
                .closing
                .is_some_and(|at| now.time + CLOSE_WITHIN >= at + SAY_CLOSING_AFTER)
        {
            self.slow_to_close = true;
            out.push(Effect::Window(WindowEffect::Repaint));
        }
        if self.notice.as_ref().is_some_and(|notice| now.time >= notice.until) {
            self.notice = None;
            out.push(Effect::Window(WindowEffect::Repaint));
        }
        if self.pointer.escape.is_some_and(|at| now.time >= at) {
            self.pointer.escape = None;
            self.pointer.freed = true;
        }
    }

    /// Sends something to a program that runs.
    pub(super) fn send(&mut self, now: Now, effect: Option<Effect>, out: &mut Vec<Effect>) {
        if let Some(effect) = effect.filter(|_| self.is_running()) {
            out.push(effect);
            self.start_watchdog(now);
        }
    }

    /// Files were dropped on the window: they are the program's that wants such files; else programs among them are opened,
    /// and at home they are also installed.
    fn dropped(&self, files: Vec<PathBuf>, out: &mut Vec<Effect>) {
        let is_program = |file: &PathBuf| {
            file.extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("wasm"))
        };
        if self.is_running() && self.chrome.drops {
            out.push(Effect::Shell(ShellEffect::Drop(files)));
        } else if self.is_builtin() {
            out.push(Effect::Shell(ShellEffect::Command(ShellCommand::InstallAndRun(files))));
        } else {
            let programs = files.into_iter().filter(is_program);
            out.extend(
                programs.map(|file| Effect::Shell(ShellEffect::Command(ShellCommand::Run(ProgramRef::File(file))))),
            );
        }
    }

    /// Fires an action of the program.
    pub(super) fn fire(&mut self, now: Now, index: u32, out: &mut Vec<Effect>) {
        self.send(now, Some(Effect::Program(ProgramEffect::Fire(index))), out);
    }

    fn set_chrome(&mut self, chrome: Chrome, shell: &Shell, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Ended(_)) {
            return;
        }
        let old = std::mem::replace(&mut self.chrome, chrome);
        let new = &self.chrome;
        let same = old.title == new.title
            && (old.mode == new.mode || new.search.is_none())
            && old.navigation == new.navigation
            && old.actions == new.actions
            && old.tabs == new.tabs
            && old.search == new.search;
        if old.cursor != new.cursor {
            self.pointer.freed = false;
        }
        match (&old.tabs, &new.tabs) {
            (Some(_), None) => (self.tabs.open, self.tabs.keyboard) = (false, false),
            (None, Some(_)) => self.tabs.open = self.tabs.pinned,
            _ => {}
        }
        self.tabs.selected = self.tabs.selected.min((self.tab_count() as u32).saturating_sub(1));
        if self.chrome.search.is_none() {
            self.search = SearchField::default();
        }
        self.search.focused &= self.shows_search();
        self.refresh_hud(shell);
        if !same || self.hud.is_some() {
            out.push(Effect::Window(WindowEffect::Repaint));
        }
    }

    fn refresh_hud(&mut self, shell: &Shell) {
        if let Some(mut hud) = self.hud.take() {
            hud.refresh(self, shell);
            self.hud = Some(hud);
        }
    }

    /// Forgets the state that belonged to the program.
    fn forget_program(&mut self) {
        self.chrome = Chrome::default();
        self.search = SearchField::default();
        self.tabs = TabList {
            pinned: self.tabs.pinned,
            ..TabList::default()
        };
        self.keys.held.clear();
        self.keys.pending.clear();
        self.pointer = Pointer::default();
        self.forget_composition();
        self.forget_questions();
        self.unresponsive = false;
        self.watchdog = None;
        self.closing = None;
        self.slow_to_close = false;
        self.ending = false;
    }

    fn ended(&mut self, outcome: Outcome, shell: &Shell, out: &mut Vec<Effect>) {
        let over = self.closing.is_some() || self.ending || outcome == Outcome::Code(0);
        // A title that the program gave itself is how the user knows it.
        self.name = self.title().clone();
        self.forget_program();
        if over {
            out.push(Effect::Shell(ShellEffect::Close));
        }
        self.phase = Phase::Ended(Page {
            outcome,
            details: false,
        });
        self.refresh_hud(shell);
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    fn end(&mut self, out: &mut Vec<Effect>) {
        if self.phase.can_end() && !self.ending {
            self.ending = true;
            self.unresponsive = false;
            self.watchdog = None;
            out.push(Effect::Shell(ShellEffect::End));
            out.push(Effect::Window(WindowEffect::Repaint));
        }
    }

    fn restart(&mut self, out: &mut Vec<Effect>) {
        self.forget_program();
        self.hud = None;
        self.toolbar = false;
        self.phase = Phase::Opening;
        out.push(Effect::Shell(ShellEffect::Restart));
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    fn close(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.is_running() && self.closing.is_none() && !self.ending {
            self.closing = Some(now.time + CLOSE_WITHIN);
            out.push(Effect::Program(ProgramEffect::State));
        } else {
            // Asked twice, or there is nobody to ask.
            out.push(Effect::Shell(ShellEffect::Close));
        }
    }

    fn toggle_tabs(&mut self, out: &mut Vec<Effect>) {
        let Some((_, selected)) = self.chrome.tabs else { return };
        let open = !self.tabs.open;
        let selected = selected.unwrap_or(0).min((self.tab_count() as u32).saturating_sub(1));
        self.tabs = TabList {
            open,
            keyboard: open,
            selected,
            ..self.tabs
        };
        if open {
            self.toolbar = false;
            self.search.focused = false;
        }
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    fn choose_tab(&mut self, now: Now, index: u32, out: &mut Vec<Effect>) {
        if index as usize >= self.tab_count() {
            return;
        }
        self.tabs.open &= self.tabs.pinned;
        self.tabs.keyboard = false;
        self.tabs.selected = index;
        out.push(Effect::Window(WindowEffect::Repaint));
        self.send(now, Some(Effect::Program(ProgramEffect::ChooseTab(index))), out);
    }

    fn choose(&mut self, now: Now, index: usize, shell: &mut Shell, out: &mut Vec<Effect>) {
        let Some(hud) = &self.hud else { return };
        let Some(entry) = hud.choice(index) else { return };
        // What was typed whole is typed whole again the next time.
        if !matches!(entry.choice, Choice::Typed(_)) {
            shell.learned.choose(hud.query(), &entry.key);
            out.push(Effect::Shell(ShellEffect::Learned));
        }
        self.hud = None;
        out.push(Effect::Window(WindowEffect::Repaint));
        match &entry.choice {
            Choice::Action(index) => self.fire(now, *index, out),
            Choice::Window(id) => out.push(Effect::Shell(ShellEffect::FocusWindow(*id))),
            Choice::Program(program) => {
                out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Run(program.clone()))))
            }
            Choice::Typed(text) => out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Find(text.clone())))),
            Choice::Shell(action) => match *action {
                ShellAction::Open(page) => out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Open(page)))),
                ShellAction::Fullscreen => out.push(Effect::Window(WindowEffect::ToggleFullscreen)),
                ShellAction::Screenshot => out.push(Effect::Shell(ShellEffect::Screenshot)),
                ShellAction::Minimise => out.push(Effect::Window(WindowEffect::Minimise)),
                ShellAction::Maximise => self.handle(now, Event::Maximise, shell, out),
                ShellAction::Permissions => out.push(Effect::Shell(ShellEffect::Command(ShellCommand::Permissions(
                    self.program().to_owned(),
                )))),
                ShellAction::ShowLog => out.push(Effect::Shell(ShellEffect::Command(ShellCommand::ShowLog(self.id)))),
                ShellAction::SaveLog => out.push(Effect::Shell(ShellEffect::SaveLog)),
                ShellAction::Restart => self.restart(out),
                ShellAction::End => self.end(out),
                ShellAction::Close => self.close(now, out),
            },
        }
    }

    /// The program's file has been read: this is its hash.
    pub fn set_program(&mut self, hash: impl Into<String>) {
        self.program = Some(hash.into());
    }

    /// What the program calls itself is known: it stands in the toolbar until the program sets a title.
    pub fn set_name(&mut self, name: impl Into<ProgramText>) {
        self.name = name.into();
        self.prompt_moved(&mut Vec::new());
    }
}

/// Sets a value, with effects if that changes it.
fn set<T: PartialEq>(place: &mut T, value: T, effects: &[Effect], out: &mut Vec<Effect>) {
    if *place != value {
        *place = value;
        out.extend(effects.iter().filter(|e| !out.contains(e)).cloned().collect::<Vec<_>>());
    }
}

/// Whether there is such a button and it is no gap.
fn pressable(buttons: Option<&[portico_portals::Button]>, index: u32) -> bool {
    buttons
        .and_then(|b| b.get(index as usize))
        .is_some_and(|b| b.icon.is_some())
}
