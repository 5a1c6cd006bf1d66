//! What is on the page: the field, the memos, what happened, and what is chosen.

use crate::look::{Looks, Shown, Spot};
use crate::worker::{Job, Known, Worker};
use draw::{Area, Canvas};
use edit::{Editor, Go};

/// The page of a window.
pub(crate) struct Page {
    looks: Looks,
    worker: Worker,
    known: Known,
    field: Editor,
    /// What is being composed at the caret.
    preedit: String,
    /// The id of the memo that is chosen, and whether the field has it.
    chosen: Option<String>,
    changes: bool,
    /// What was sent away and may come back.
    sent: Option<String>,
    /// How far down the memos and the history are scrolled, in pixels.
    scroll: (f32, f32),
    /// What the pointer is on.
    hover: Option<Spot>,
    /// Local time minus UTC, in seconds.
    pub(crate) offset: i32,
    dark: bool,
    dirty: bool,
}

impl Page {
    pub(crate) fn new(size: (u32, u32)) -> Self {
        Self {
            looks: Looks::new(1.0, size),
            worker: Worker::begin(),
            known: Known::default(),
            field: Editor::default(),
            preedit: String::new(),
            chosen: None,
            changes: false,
            sent: None,
            scroll: (0.0, 0.0),
            hover: None,
            offset: 0,
            dark: false,
            dirty: true,
        }
    }

    /// Whether something else is to be seen than at the last look.
    pub(crate) fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Waits until something may have changed.
    pub(crate) async fn anything(&self) {
        self.worker.anything().await;
    }

    /// Follows the window.
    pub(crate) fn suit(&mut self, scale: f32, size: (u32, u32), dark: bool) {
        self.looks.suit(scale, size);
        (self.dark, self.dirty) = (dark, true);
        self.scroll_by(0.0, false);
        self.scroll_by(0.0, true);
    }

    /// Takes what the services have said.
    pub(crate) fn look(&mut self) {
        let Some(known) = self.worker.take() else { return };
        self.known = known;
        // What could not be kept is not lost, unless something else is being written by now.
        if let Some(sent) = self.sent.take_if(|_| !self.worker.is_busy())
            && self.known.trouble.is_some()
            && self.field.text().is_empty()
        {
            self.field = Editor::new(&sent);
            self.field.go(Go::End, false);
        }
        if self
            .chosen
            .as_ref()
            .is_some_and(|id| self.known.memos.iter().all(|memo| memo.id != *id))
        {
            self.leave();
        }
        self.suit_lists();
    }

    fn suit_lists(&mut self) {
        self.scroll_by(0.0, false);
        self.scroll_by(0.0, true);
        self.dirty = true;
    }

    fn give(&mut self, job: Job) {
        self.worker.add(job);
        self.dirty = true;
    }

    /// Looks again what the services have.
    pub(crate) fn refresh(&mut self) {
        self.give(Job::Look);
    }

    /// Takes text in; a memo has no lines.
    pub(crate) fn write(&mut self, text: &str) {
        if !text.is_empty() {
            self.preedit.clear();
            self.field.insert(&text.replace(char::is_control, " "));
            self.dirty = true;
        }
    }

    /// Something else is being composed.
    pub(crate) fn compose(&mut self, preedit: &str) {
        if preedit != self.preedit {
            preedit.clone_into(&mut self.preedit);
            self.dirty = true;
        }
    }

    /// Moves the caret.
    pub(crate) fn go(&mut self, go: Go, select: bool) {
        if self.preedit.is_empty() {
            self.field.go(go, select);
            self.dirty = true;
        }
    }

    /// Deletes in the field; where that is empty, the memo that is chosen.
    pub(crate) fn delete(&mut self, go: Go) {
        if !self.preedit.is_empty() {
            return;
        }
        if self.field.text().is_empty() && go == Go::Right {
            return self.delete_chosen();
        }
        self.field.delete(go);
        self.dirty = true;
    }

    /// Selects all of the field.
    pub(crate) fn select_all(&mut self) {
        self.field.select(0..self.field.text().len());
        self.dirty = true;
    }

    /// Takes the last change of the field back.
    pub(crate) fn undo(&mut self) {
        self.field.undo();
        self.dirty = true;
    }

    /// Keeps what stands in the field; where that is empty, takes the memo that is chosen into it.
    pub(crate) fn enter(&mut self) {
        if !self.preedit.is_empty() {
            return;
        }
        let text = self.field.text().trim().to_owned();
        if text.is_empty() {
            return self.change_chosen();
        }
        let job = match self.chosen.take_if(|_| self.changes) {
            Some(id) => Job::Change(id, text.clone()),
            None => Job::Keep(text.clone()),
        };
        self.give(job);
        (self.field, self.changes, self.sent) = (Editor::default(), false, Some(text));
        self.scroll.0 = 0.0;
        self.dirty = true;
    }

    /// Takes the memo that is chosen into the field.
    pub(crate) fn change_chosen(&mut self) {
        let memo = self
            .known
            .memos
            .iter()
            .find(|memo| Some(&memo.id) == self.chosen.as_ref());
        let Some(memo) = memo.cloned() else { return };
        self.field = Editor::new(&memo.text);
        self.field.go(Go::End, false);
        self.changes = true;
        self.give(Job::Open(memo.id));
    }

    /// Forgets the memo that is chosen.
    pub(crate) fn delete_chosen(&mut self) {
        if let Some(id) = self.chosen.clone() {
            // The one below is next.
            let next = self
                .place(&id)
                .and_then(|at| self.known.memos.get(at + 1))
                .map(|memo| memo.id.clone());
            self.leave();
            self.chosen = next;
            self.give(Job::Delete(id));
        }
    }

    /// Chooses nothing, and leaves the field.
    pub(crate) fn leave(&mut self) {
        if std::mem::take(&mut self.changes) {
            self.field = Editor::default();
        }
        (self.chosen, self.dirty) = (None, true);
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.known.memos.iter().position(|memo| memo.id == id)
    }

    /// Chooses the memo that is so many further down.
    pub(crate) fn choose_next(&mut self, by: isize) {
        let last = self.known.memos.len().saturating_sub(1);
        let at = match self.chosen.as_ref().and_then(|id| self.place(id)) {
            Some(at) => at.saturating_add_signed(by).min(last),
            None => 0,
        };
        self.choose(at);
        self.scroll.0 = self.looks.reveal(at, self.scroll.0);
    }

    fn choose(&mut self, at: usize) {
        if let Some(memo) = self.known.memos.get(at).map(|memo| memo.id.clone()) {
            if self.chosen.as_ref() != Some(&memo) {
                self.leave();
            }
            (self.chosen, self.dirty) = (Some(memo), true);
        }
    }

    fn spot(&self, x: f32, y: f32) -> Option<Spot> {
        self.looks.spot(x, y, self.scroll.0, &self.known)
    }

    /// The pointer has moved.
    pub(crate) fn hover(&mut self, at: Option<(f32, f32)>) {
        let spot = at.and_then(|(x, y)| self.spot(x, y));
        self.dirty |= spot != self.hover;
        self.hover = spot;
    }

    /// The pointer was pressed there, for the second time in a row or not.
    pub(crate) fn press(&mut self, x: f32, y: f32, twice: bool) {
        match self.spot(x, y) {
            Some(Spot::Memo(at)) => {
                self.choose(at);
                if twice {
                    self.change_chosen();
                }
            }
            Some(Spot::Delete(at)) => {
                self.choose(at);
                self.delete_chosen();
            }
            Some(Spot::Again) => self.refresh(),
            Some(Spot::History) | None => {}
        }
    }

    /// The wheel was turned there, by lines, positive towards the start.
    pub(crate) fn scroll(&mut self, x: f32, y: f32, lines: f32) {
        let history = self.spot(x, y) == Some(Spot::History);
        self.scroll_by(-lines * 3.0 * self.looks.line(), history);
        self.hover = self.spot(x, y);
        self.dirty = true;
    }

    fn scroll_by(&mut self, pixels: f32, history: bool) {
        let most = self.looks.most_scroll(self.known.memos.len(), self.known.deeds.len());
        let (scroll, most) = if history {
            (&mut self.scroll.1, most.1)
        } else {
            (&mut self.scroll.0, most.0)
        };
        *scroll = (*scroll + pixels).clamp(0.0, most).round();
    }

    /// Where the caret is in the picture.
    pub(crate) fn caret(&self) -> Area {
        self.looks.caret(&self.field, &self.preedit)
    }

    /// Draws it.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>) {
        let shown = Shown {
            known: &self.known,
            field: &self.field,
            preedit: &self.preedit,
            chosen: self.chosen.as_deref(),
            changes: self.changes,
            busy: self.worker.is_busy(),
            scroll: self.scroll,
            hover: self.hover,
            offset: self.offset,
            dark: self.dark,
        };
        self.looks.draw(canvas, &shown);
    }
}
