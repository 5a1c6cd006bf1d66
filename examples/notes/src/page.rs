//! The notes, and the one that is seen.

use crate::look::{Looks, Shown};
use draw::{Area, Canvas};
use edit::{Editor, Go, Lines, find};
use std::ops::Range;

/// What stands in the first note.
const WELCOME: &str = "Welcome\n\nWrite here, in any script: Ĉu vi parolas Esperanton? Καλημέρα! Доброе утро! \
    日本語も書けます。\n\nThe hamburger button lists your notes, Ctrl+N begins another, and the field above finds words in \
    this one. Ctrl+Space or Ctrl+Shift+P shows everything else.\n\nNotes last until you close the window.\n";
/// Letters of a title.
const LONGEST_TITLE: usize = 40;

#[derive(Default)]
struct Note {
    editor: Editor,
    /// How far down it is scrolled, in pixels.
    scroll: f32,
}

/// All notes.
pub(crate) struct Notes {
    notes: Vec<Note>,
    current: usize,
    looks: Looks,
    /// What is being composed at the caret, and the text with it.
    preedit: String,
    composed: String,
    lines: Lines,
    /// Where the caret wants to be in a line that it comes to, in pixels.
    goal: Option<f32>,
    query: String,
    found: Vec<Range<usize>>,
    /// What could not be done.
    complaint: Option<String>,
    dark: bool,
    dirty: bool,
}

impl Notes {
    /// One that says what can be done.
    pub(crate) fn new(size: (u32, u32)) -> Self {
        let mut notes = Self {
            notes: vec![Note {
                editor: Editor::new(WELCOME),
                scroll: 0.0,
            }],
            current: 0,
            looks: Looks::new(1.0, size),
            preedit: String::new(),
            composed: String::new(),
            lines: Lines::default(),
            goal: None,
            query: String::new(),
            found: Vec::new(),
            complaint: None,
            dark: false,
            dirty: true,
        };
        notes.lay_out();
        notes
    }

    /// Whether something else is to be seen than at the last look.
    pub(crate) fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Follows the window.
    pub(crate) fn suit(&mut self, scale: f32, size: (u32, u32), dark: bool) {
        self.looks.suit(scale, size);
        self.dark = dark;
        self.lay_out();
    }

    /// Titles of all notes.
    pub(crate) fn titles(&self) -> Vec<String> {
        let title = |note: &Note| match note.editor.title() {
            "" => "Empty note".to_owned(),
            title => title.chars().take(LONGEST_TITLE).collect(),
        };
        self.notes.iter().map(title).collect()
    }

    /// Which one is seen.
    pub(crate) fn current(&self) -> usize {
        self.current
    }

    fn note(&self) -> &Note {
        &self.notes[self.current]
    }

    fn editor(&mut self) -> &mut Editor {
        &mut self.notes[self.current].editor
    }

    /// Puts the text into lines anew.
    fn lay_out(&mut self) {
        let editor = &self.notes[self.current].editor;
        self.composed.clear();
        self.composed.push_str(editor.text());
        self.composed.insert_str(editor.caret(), &self.preedit);
        self.lines = self.looks.lines(&self.composed);
        self.found = if self.preedit.is_empty() {
            find(editor.text(), &self.query)
        } else {
            Vec::new()
        };
        self.goal = None;
        self.scroll_by(0.0);
    }

    /// The caret has moved.
    fn reveal(&mut self) {
        let line = self.lines.of(self.caret_place());
        let note = &mut self.notes[self.current];
        note.scroll = self.looks.reveal(line, note.scroll);
        self.scroll_by(0.0);
    }

    /// Where the caret is in the text with what is being composed.
    fn caret_place(&self) -> usize {
        self.note().editor.caret() + self.preedit.len()
    }

    fn changed(&mut self) {
        self.complaint = None;
        self.lay_out();
        self.reveal();
    }

    fn moved(&mut self) {
        self.goal = None;
        self.reveal();
    }

    /// Takes text in.
    pub(crate) fn write(&mut self, text: &str) {
        if !text.is_empty() {
            self.preedit.clear();
            self.editor().insert(text);
            self.changed();
        }
    }

    /// Takes in what a key stands for, unless it belongs to the input method.
    pub(crate) fn write_key(&mut self, text: &str) {
        if self.preedit.is_empty() {
            self.write(text);
        }
    }

    /// Takes in what stood on the clipboard: lines may end in any way there.
    pub(crate) fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.write(&text.replace(
            |letter: char| letter.is_control() && letter != '\n' && letter != '\t',
            "",
        ));
    }

    /// Tells the user of what could not be done.
    pub(crate) fn say(&mut self, complaint: String) {
        (self.complaint, self.dirty) = (Some(complaint), true);
    }

    /// Something else is being composed.
    pub(crate) fn compose(&mut self, preedit: &str) {
        if preedit == self.preedit {
            return;
        }
        if self.preedit.is_empty() {
            // It takes the place of what is selected.
            self.editor().insert("");
        }
        preedit.clone_into(&mut self.preedit);
        self.changed();
    }

    /// Deletes what is selected, or to where the caret would go.
    pub(crate) fn delete(&mut self, go: Go) {
        if self.preedit.is_empty() {
            self.editor().delete(go);
            self.changed();
        }
    }

    /// Moves the caret.
    pub(crate) fn go(&mut self, go: Go, select: bool) {
        if self.preedit.is_empty() {
            self.editor().go(go, select);
            self.moved();
        }
    }

    /// Moves the caret up or down.
    pub(crate) fn go_lines(&mut self, by: isize, select: bool) {
        if !self.preedit.is_empty() {
            return;
        }
        let caret = self.note().editor.caret();
        let goal = self
            .goal
            .unwrap_or_else(|| self.looks.x(&self.composed, &self.lines, caret));
        let to = match self.lines.of(caret).checked_add_signed(by) {
            None => 0,
            Some(line) if line >= self.lines.len() => self.composed.len(),
            Some(line) => self
                .lines
                .nearest(&self.composed, line, goal, |letter| self.looks.advance(letter)),
        };
        self.editor().to(to, select);
        self.moved();
        self.goal = Some(goal);
    }

    /// Moves the caret by whole pages.
    pub(crate) fn go_pages(&mut self, by: isize, select: bool) {
        let lines = isize::try_from(self.looks.page())
            .unwrap_or(1)
            .min(self.lines.len() as isize);
        self.go_lines(by * lines, select);
    }

    /// Moves the caret to the start or the end of its line.
    pub(crate) fn go_in_line(&mut self, end: bool, select: bool) {
        if self.preedit.is_empty() {
            let line = self.lines.of(self.note().editor.caret());
            let to = if end {
                self.lines.end(&self.composed, line)
            } else {
                self.lines.range(line).start
            };
            self.editor().to(to, select);
            self.moved();
        }
    }

    fn place(&self, x: f32, y: f32) -> usize {
        self.looks.place(&self.composed, &self.lines, self.note().scroll, x, y)
    }

    /// Moves the caret to a point of the picture.
    pub(crate) fn point(&mut self, x: f32, y: f32, select: bool) {
        if self.preedit.is_empty() {
            let place = self.place(x, y);
            self.editor().to(place, select);
            self.moved();
        }
    }

    /// Selects the word under a point of the picture.
    pub(crate) fn select_word(&mut self, x: f32, y: f32) {
        if self.preedit.is_empty() {
            let place = self.place(x, y);
            self.editor().select_word(place);
            self.moved();
        }
    }

    /// Selects all of it.
    pub(crate) fn select_all(&mut self) {
        let end = self.note().editor.text().len();
        self.editor().select(0..end);
        self.dirty = true;
    }

    /// What is selected.
    pub(crate) fn selected(&self) -> &str {
        self.note().editor.selected()
    }

    /// Takes the last change back.
    pub(crate) fn undo(&mut self) {
        self.editor().undo();
        self.changed();
    }

    /// Makes it again.
    pub(crate) fn redo(&mut self) {
        self.editor().redo();
        self.changed();
    }

    /// Scrolls by lines of the wheel, positive towards the start.
    pub(crate) fn scroll(&mut self, lines: f32) {
        self.scroll_by(-3.0 * lines * self.looks.line());
    }

    fn scroll_by(&mut self, pixels: f32) {
        let most = self.looks.most_scroll(self.lines.len());
        let note = &mut self.notes[self.current];
        note.scroll = (note.scroll + pixels).clamp(0.0, most).round();
        self.dirty = true;
    }

    /// Begins another note.
    pub(crate) fn add(&mut self) {
        self.notes.push(Note::default());
        self.show(self.notes.len() - 1);
    }

    /// Throws the note that is seen away.
    pub(crate) fn close(&mut self) {
        self.notes.remove(self.current);
        if self.notes.is_empty() {
            self.notes.push(Note::default());
        }
        self.show(self.current.min(self.notes.len() - 1));
    }

    /// Shows another one.
    pub(crate) fn show(&mut self, index: usize) {
        if index < self.notes.len() {
            self.current = index;
            self.preedit.clear();
            self.lay_out();
        }
    }

    /// Shows the next one or the one before, round and round.
    pub(crate) fn turn(&mut self, by: isize) {
        let count = self.notes.len() as isize;
        self.show((self.current as isize + by).rem_euclid(count) as usize);
    }

    /// Looks for something else; or, where that is what was looked for, for the next one.
    pub(crate) fn search(&mut self, query: &str) {
        if query == self.query {
            return self.find_next();
        }
        query.clone_into(&mut self.query);
        self.lay_out();
        let from = self.note().editor.selection().start;
        self.find_from(from);
    }

    /// Goes to the next place where it was found.
    pub(crate) fn find_next(&mut self) {
        let from = self.note().editor.selection().end;
        self.find_from(from);
    }

    fn find_from(&mut self, place: usize) {
        let next = self
            .found
            .iter()
            .find(|found| found.start >= place)
            .or(self.found.first())
            .cloned();
        if let Some(found) = next {
            self.editor().select(found);
            self.moved();
        }
    }

    /// Where the caret is in the picture.
    pub(crate) fn caret(&self) -> Area {
        self.looks
            .caret(&self.composed, &self.lines, self.note().scroll, self.caret_place())
    }

    fn status(&self) -> String {
        let editor = &self.note().editor;
        if let Some(complaint) = &self.complaint {
            return complaint.clone();
        }
        if !self.query.is_empty() {
            let here = self.found.iter().position(|found| *found == editor.selection());
            return match (here, self.found.len()) {
                (_, 0) => "not found".to_owned(),
                (Some(here), all) => format!("{} of {all} found", here + 1),
                (None, all) => format!("{all} found"),
            };
        }
        match editor.text().split_whitespace().count() {
            1 => "1 word".to_owned(),
            words => format!("{words} words"),
        }
    }

    /// Draws the one that is seen.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>) {
        let editor = &self.note().editor;
        let shown = Shown {
            text: &self.composed,
            lines: &self.lines,
            caret: self.caret_place(),
            selection: editor.selection(),
            composing: editor.caret()..editor.caret() + self.preedit.len(),
            found: &self.found,
            status: &self.status(),
            scroll: self.note().scroll,
            dark: self.dark,
        };
        self.looks.draw(canvas, &shown);
    }
}
