//! The permission prompt, and the privacy indicators of the toolbar with their panel.

use super::keys::code;
use super::{Effect, Key, KeyState, Now, ShellEffect, WindowEffect, WindowModel};
use portico_kernel::{Permission, ProgramText};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a prompt has to be seen before it can be answered.
const ARMS_AFTER: Duration = Duration::from_millis(500);
/// Time for which a privacy indicator stays after the use has ended: long enough to be noticed.
const LINGERS: Duration = Duration::from_secs(3);

/// A permission request of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The permission.
    pub permission: Permission,
    /// Why, in the program's own words, if it gives a reason.
    pub reason: Option<ProgramText>,
}

/// The visible part of the prompt, as laid out for the window's present size and scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PromptView {
    /// Whether all of it is in the window: who asks, what for, and every button. If not, there are no buttons that answer.
    pub whole: bool,
    /// Its left edge, upper edge, width and height, in points.
    pub place: [f32; 4],
    /// Width and height, in points, of a window in which all of it would be.
    pub wants: (f32, f32),
}

/// The user's answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// No, for good.
    Never,
    /// Yes, until the program ends.
    Once,
    /// Yes, for good.
    Always,
    /// Not until the program starts again; nothing is remembered.
    NotNow,
}

impl Answer {
    /// Those that have a button, in reading order.
    pub const BUTTONS: [Self; 3] = [Self::Never, Self::Once, Self::Always];
}

/// A privacy indicator: a permission that a program uses or has just used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyIndicator {
    /// The permission.
    pub permission: Permission,
    /// Time at which the indicator goes; `None` while the permission is in use.
    pub until: Option<Instant>,
}

/// The pending requests of one program, and the state of the prompt for the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Questions {
    queue: VecDeque<Question>,
    /// The visible part of the prompt; `None` before it was drawn, and while it is covered.
    view: Option<PromptView>,
    /// Time from which the prompt can be answered; `None` before it was visible.
    arms: Option<Instant>,
    armed: bool,
    /// Which button the keyboard is on.
    selected: Option<Answer>,
}

/// The privacy indicators, and the one whose panel is open.
#[derive(Clone, Debug, Default)]
pub(super) struct PrivacyIndicators {
    shown: Vec<PrivacyIndicator>,
    open: Option<Permission>,
}

impl WindowModel {
    /// The question that the prompt shows, if there is one.
    pub fn question(&self) -> Option<&Question> {
        self.questions.queue.front().filter(|_| self.is_running())
    }

    /// How many questions wait behind it.
    pub fn waiting_questions(&self) -> usize {
        self.questions.queue.len().saturating_sub(1)
    }

    /// Whether the prompt can be answered: all of it has been seen where it is for half a second, without being disturbed, and
    /// can be seen now.
    pub fn is_prompt_armed(&self) -> bool {
        self.questions.armed && self.questions.view.is_some_and(|view| view.whole) && !self.is_prompt_covered()
    }

    /// Whether the prompt has no room in the window, and has said so for long enough that a press is meant for it.
    pub fn is_room_wanted(&self) -> bool {
        self.questions.armed && self.questions.view.is_some_and(|view| !view.whole) && !self.is_prompt_covered()
    }

    /// The last reported view of the prompt, if it is still valid.
    pub fn prompt_view(&self) -> Option<&PromptView> {
        self.questions.view.as_ref()
    }

    /// Whether the prompt is covered or its window hidden.
    pub fn is_prompt_covered(&self) -> bool {
        self.hud.is_some() || self.shortcuts_overlay().is_some() || !self.is_visible()
    }

    /// The button of the prompt that the keyboard is on.
    pub fn selected_answer(&self) -> Option<Answer> {
        self.questions.selected
    }

    /// The privacy indicators, in the order in which the uses began.
    pub fn privacy_indicators(&self) -> &[PrivacyIndicator] {
        &self.privacy_indicators.shown
    }

    /// The privacy indicator whose panel is open.
    pub fn open_indicator(&self) -> Option<&PrivacyIndicator> {
        self.privacy_indicators
            .shown
            .iter()
            .find(|shown| Some(&shown.permission) == self.privacy_indicators.open.as_ref())
    }

    /// Adds a request of the program.
    pub(super) fn asks(&mut self, question: Question, out: &mut Vec<Effect>) {
        if !self
            .questions
            .queue
            .iter()
            .any(|other| other.permission == question.permission)
        {
            self.questions.queue.push_back(question);
            out.push(Effect::Window(WindowEffect::Repaint));
        }
    }

    /// Removes a request that was answered elsewhere or withdrawn.
    pub(super) fn settle_question(&mut self, permission: &Permission, out: &mut Vec<Effect>) {
        let first = self
            .questions
            .queue
            .front()
            .is_some_and(|question| question.permission == *permission);
        self.questions
            .queue
            .retain(|question| question.permission != *permission);
        if first {
            self.next_question(out);
        }
    }

    fn next_question(&mut self, out: &mut Vec<Effect>) {
        self.questions = Questions {
            queue: std::mem::take(&mut self.questions.queue),
            ..Questions::default()
        };
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    /// The prompt has been laid out. Where it is not as it was, it takes as long again.
    pub(super) fn prompt_shown(&mut self, now: Now, view: PromptView, out: &mut Vec<Effect>) {
        if self.question().is_some() && !self.is_prompt_covered() && self.questions.view != Some(view) {
            self.prompt_moved(out);
            self.questions.view = Some(view);
            self.questions.arms = Some(now.time + ARMS_AFTER);
        }
    }

    /// Disarms the prompt after it has moved or changed its text.
    pub(super) fn prompt_moved(&mut self, out: &mut Vec<Effect>) {
        if self.questions.view.is_some() {
            let queue = std::mem::take(&mut self.questions.queue);
            self.questions = Questions {
                queue,
                ..Questions::default()
            };
            out.push(Effect::Window(WindowEffect::Repaint));
        }
    }

    /// Disarms the prompt while it is covered.
    pub(super) fn cover_prompt(&mut self, out: &mut Vec<Effect>) {
        if self.is_prompt_covered() {
            self.prompt_moved(out);
        }
    }

    /// Makes room for the prompt.
    pub(super) fn make_room(&mut self, out: &mut Vec<Effect>) {
        if let Some(PromptView {
            wants: (width, height), ..
        }) = self.questions.view.filter(|_| self.is_room_wanted())
        {
            out.push(Effect::Window(WindowEffect::MakeRoom { width, height }));
        }
    }

    /// A press while the prompt could not be answered was meant for something else: it takes as long again.
    pub(super) fn prompt_disturbed(&mut self, now: Now) {
        if !self.questions.armed && self.questions.arms.is_some() {
            self.questions.arms = Some(now.time + ARMS_AFTER);
        }
    }

    /// The user answers the first question.
    pub(super) fn answer(&mut self, answer: Answer, out: &mut Vec<Effect>) {
        // Not now is no answer: it is always there, and nothing of it is remembered.
        let armed = self.is_prompt_armed() || answer == Answer::NotNow;
        if let Some(permission) = self
            .question()
            .map(|question| question.permission.clone())
            .filter(|_| armed)
        {
            self.questions.queue.pop_front();
            self.next_question(out);
            out.push(Effect::Shell(ShellEffect::Answer { permission, answer }));
        }
    }

    /// A key for the prompt.
    pub(super) fn prompt_key(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) {
        let fresh = key.state == KeyState::Pressed;
        if fresh && key.code == code::ESCAPE {
            return self.answer(Answer::NotNow, out);
        }
        if !self.questions.armed {
            if fresh {
                self.prompt_disturbed(now);
            }
            return;
        }
        if !self.is_prompt_armed() {
            if fresh && matches!(key.code, code::ENTER | code::KEYPAD_ENTER | code::SPACE) {
                self.make_room(out);
            }
            return;
        }
        let step = match key.code {
            code::TAB if key.modifiers & super::keys::SHIFT != 0 => -1,
            code::LEFT | code::UP => -1,
            code::TAB | code::RIGHT | code::DOWN => 1,
            code::ENTER | code::KEYPAD_ENTER | code::SPACE if fresh => {
                if let Some(answer) = self.questions.selected {
                    self.answer(answer, out);
                }
                return;
            }
            _ => return,
        };
        let buttons = Answer::BUTTONS;
        let count = buttons.len() as isize;
        let at = self
            .questions
            .selected
            .and_then(|selected| buttons.iter().position(|button| *button == selected));
        let next = at.map_or(if step > 0 { 0 } else { count - 1 }, |at| {
            (at as isize + step).rem_euclid(count)
        });
        self.questions.selected = usize::try_from(next).ok().and_then(|next| buttons.get(next)).copied();
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    /// Notes that a number of channels use a permission.
    pub(super) fn used(&mut self, now: Now, permission: Permission, channels: u32, out: &mut Vec<Effect>) {
        let until = (channels == 0).then(|| now.time + LINGERS);
        match self
            .privacy_indicators
            .shown
            .iter_mut()
            .find(|shown| shown.permission == permission)
        {
            Some(shown) => shown.until = until,
            None if channels > 0 => self
                .privacy_indicators
                .shown
                .push(PrivacyIndicator { permission, until }),
            None => return,
        }
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    /// Opens or closes the panel of a privacy indicator.
    pub(super) fn press_indicator(&mut self, permission: Permission, out: &mut Vec<Effect>) {
        let shown = self
            .privacy_indicators
            .shown
            .iter()
            .any(|shown| shown.permission == permission);
        self.privacy_indicators.open =
            Some(permission).filter(|permission| shown && self.privacy_indicators.open.as_ref() != Some(permission));
        self.toolbar = false;
        out.push(Effect::Window(WindowEffect::Repaint));
    }

    /// Closes the panel of a privacy indicator; returns whether it was open.
    pub(super) fn close_indicator(&mut self, out: &mut Vec<Effect>) -> bool {
        let open = self.privacy_indicators.open.take().is_some();
        if open {
            out.push(Effect::Window(WindowEffect::Repaint));
        }
        open
    }

    /// Revokes the permission of the open panel.
    pub(super) fn take_back(&mut self, out: &mut Vec<Effect>) {
        if let Some(permission) = self.privacy_indicators.open.clone() {
            self.close_indicator(out);
            out.push(Effect::Shell(ShellEffect::TakeBack(permission)));
        }
    }

    /// Does what is due by now.
    pub(super) fn tick_prompt(&mut self, now: Now, out: &mut Vec<Effect>) {
        if !self.questions.armed && self.questions.arms.is_some_and(|at| now.time >= at) {
            self.questions.armed = true;
            out.push(Effect::Window(WindowEffect::Repaint));
        }
        let before = self.privacy_indicators.shown.len();
        self.privacy_indicators
            .shown
            .retain(|shown| shown.until.is_none_or(|until| now.time < until));
        if self.privacy_indicators.shown.len() != before {
            out.push(Effect::Window(WindowEffect::Repaint));
            if self.open_indicator().is_none() {
                self.privacy_indicators.open = None;
            }
        }
    }

    /// Time of the next [`Self::tick_prompt`]; `None` for none.
    pub(super) fn prompt_wake_at(&self) -> Option<Instant> {
        let arms = self.questions.arms.filter(|_| !self.questions.armed);
        self.privacy_indicators
            .shown
            .iter()
            .filter_map(|shown| shown.until)
            .chain(arms)
            .min()
    }

    /// Panics if what can be answered can't be seen. For tests.
    pub(super) fn verify_prompt(&self) {
        let Questions {
            queue,
            view,
            arms,
            armed,
            selected,
        } = &self.questions;
        assert!(
            !queue.is_empty() || view.is_none(),
            "a prompt without a question is seen"
        );
        assert!(
            view.is_none() || !self.is_prompt_covered(),
            "a prompt is seen through what lies over it"
        );
        assert!(view.is_some() == arms.is_some(), "a prompt arms that nobody sees");
        assert!(
            arms.is_some() || !armed,
            "a prompt can be answered that nobody has seen"
        );
        assert!(
            selected.is_none() || self.is_prompt_armed(),
            "the keyboard is on a button that can't be pressed"
        );
    }

    /// Forgets the requests of a program that is gone.
    pub(super) fn forget_questions(&mut self) {
        self.questions = Questions::default();
        self.privacy_indicators = PrivacyIndicators::default();
    }
}
