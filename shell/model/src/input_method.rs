//! Owner of the input method's text. The text belongs to the owner that the input method was turned on for: for another owner it is
//! turned off and on again, and text that comes in between is dropped.

use super::{Effect, Keyboard, Now, ProgramEffect, WindowEffect, WindowModel};
use std::time::{Duration, Instant};

/// How long a window system may take to confirm that the input method is on, if it confirms that at all.
const UNHEARD: Duration = Duration::from_millis(100);

/// Owner of composed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextOwner {
    /// The program.
    Program,
    /// The search field of the toolbar.
    Search,
    /// The query of the HUD.
    Hud,
    /// A text field of a built-in page, by the number of its widget.
    Field(u64),
}

/// Status of the input method, as the window system reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImeStatus {
    /// It is on: its text from here on is typed after this.
    Enabled,
    /// It is off, but earlier text may still come for the time `late`.
    Disabled {
        /// Time in which earlier text may still come.
        late: Duration,
    },
}

/// The input method of a window.
#[derive(Clone, Debug, Default)]
pub(super) struct InputMethod {
    /// The owner that it was last turned on for, or is about to be.
    owner: Option<TextOwner>,
    stage: Stage,
    /// The last status from the window system.
    enabled: bool,
    /// Until then, text of an earlier owner may come.
    drained: Option<Instant>,
    /// The owner has been shown a composition that has not ended.
    composing: bool,
}

/// Stage of turning it on or off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Off,
    /// The window system was told to turn it on, and has not said that it is.
    Starting,
    /// It is on, and what it says is the owner's.
    On,
    /// The window system was told to turn it off, and has not said that it is.
    Stopping,
}

impl WindowModel {
    /// The owner of composed text, if there is one.
    pub fn text_owner(&self) -> Option<TextOwner> {
        match self.keyboard() {
            _ if !self.is_focused() => None,
            Keyboard::Program => self.chrome().caret.map(|_| TextOwner::Program),
            Keyboard::Hud => Some(TextOwner::Hud),
            Keyboard::Search => Some(TextOwner::Search),
            Keyboard::Page if self.is_builtin() => self.field.map(TextOwner::Field),
            _ => None,
        }
    }

    /// Whether something of the chrome shows a composition that has not ended.
    pub fn is_chrome_composing(&self) -> bool {
        self.method.composing && self.method.owner != Some(TextOwner::Program)
    }

    /// The input method has committed a text.
    pub(super) fn committed(&mut self, now: Now, text: String, out: &mut Vec<Effect>) {
        if self.method.stage != Stage::On {
            return;
        }
        let composed = std::mem::take(&mut self.method.composing);
        if self.method.owner != Some(TextOwner::Program) {
            return out.push(Effect::Window(WindowEffect::Chrome));
        }
        if composed {
            out.push(Effect::Program(ProgramEffect::Preedit(String::new())));
        }
        let text = printable(&text);
        self.send(
            now,
            (!text.is_empty()).then_some(Effect::Program(ProgramEffect::Text(text))),
            out,
        );
    }

    /// The input method's composition in progress is this.
    pub(super) fn composed(&mut self, now: Now, text: String, out: &mut Vec<Effect>) {
        if self.method.stage != Stage::On {
            return;
        }
        if self.method.owner != Some(TextOwner::Program) {
            self.method.composing = !text.is_empty();
            return out.push(Effect::Window(WindowEffect::Chrome));
        }
        let text = printable(&text);
        let composed = std::mem::replace(&mut self.method.composing, !text.is_empty());
        self.send(
            now,
            (composed || self.method.composing).then_some(Effect::Program(ProgramEffect::Preedit(text))),
            out,
        );
    }

    /// Handles a status of the input method.
    pub(super) fn ime_status(&mut self, now: Now, status: ImeStatus, out: &mut Vec<Effect>) {
        match status {
            ImeStatus::Enabled => {
                self.method.enabled = true;
                if self.method.stage == Stage::Starting {
                    self.method.stage = Stage::On;
                }
            }
            ImeStatus::Disabled { late } => {
                self.end_composition(out);
                self.method.enabled = false;
                self.method.drained = Some(now.time + late);
                self.method.stage = match self.method.stage {
                    Stage::Off | Stage::Stopping => Stage::Off,
                    // Not at our wish: another window has it, and it comes back as it went.
                    Stage::Starting | Stage::On => Stage::Starting,
                };
            }
        }
    }

    /// A composition in a field of the chrome is left, by a press or a key that goes elsewhere.
    pub(super) fn leave_composition(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.is_chrome_composing() {
            self.stop_input_method(now, out);
        }
    }

    /// Turns the input method off if the text has another owner than it was turned on for, and on for the one that it has.
    pub(super) fn follow_text_owner(&mut self, now: Now, out: &mut Vec<Effect>) {
        let owner = self.text_owner();
        if owner != self.method.owner {
            self.stop_input_method(now, out);
            self.method.owner = owner;
        }
        if owner.is_some() && self.method.stage == Stage::Off && self.method.drained.is_none_or(|at| now.time >= at) {
            self.method.drained = None;
            self.method.stage = Stage::Starting;
            out.push(Effect::Window(WindowEffect::InputMethod(true)));
        }
    }

    fn stop_input_method(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.end_composition(out);
        if matches!(self.method.stage, Stage::Starting | Stage::On) {
            if self.method.enabled {
                self.method.stage = Stage::Stopping;
            } else {
                // What is not on yet may never say that it is off. Or it is on, which would be taken for the answer to the next.
                self.method.stage = Stage::Off;
                self.method.drained = Some(now.time + UNHEARD);
            }
            out.push(Effect::Window(WindowEffect::InputMethod(false)));
        }
    }

    /// The owner's composition is over, without text.
    fn end_composition(&mut self, out: &mut Vec<Effect>) {
        if std::mem::take(&mut self.method.composing) {
            out.push(match self.method.owner {
                Some(TextOwner::Program) => Effect::Program(ProgramEffect::Preedit(String::new())),
                _ => Effect::Window(WindowEffect::EndComposition),
            });
        }
    }

    /// Forgets the composition of a program that is gone.
    pub(super) fn forget_composition(&mut self) {
        if self.method.owner == Some(TextOwner::Program) {
            self.method.composing = false;
        }
    }

    /// When the input method is to be turned on, if that has to wait.
    pub(super) fn ime_wake_at(&self) -> Option<Instant> {
        self.method
            .drained
            .filter(|_| self.method.stage == Stage::Off && self.method.owner.is_some())
    }

    /// Panics if the state contradicts itself.
    pub(super) fn verify_input_method(&self) {
        assert!(
            self.method.owner == self.text_owner(),
            "the input method writes for somebody else"
        );
        assert!(
            !self.method.composing || self.method.stage == Stage::On,
            "a composition outlived its input method"
        );
        assert!(
            !self.method.composing || self.method.owner.is_some(),
            "a composition of nobody's"
        );
    }
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
