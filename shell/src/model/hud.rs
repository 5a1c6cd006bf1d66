//! The HUD: what it lists for a query, in which order, and which entry is selected.

use super::{Shell, ShellAction, ShellShortcut, WindowId, WindowModel, keys::shortcut_text};
use crate::strings;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Fires the program's action with this index of its menu.
    Action(u32),
    /// An action of the shell.
    Shell(ShellAction),
    /// Brings a window to the front.
    Window(WindowId),
}

/// What an entry belongs to; the order is that of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Actions of the program.
    Program,
    /// Actions of the shell.
    Shell,
    /// Open windows.
    Windows,
}

/// A line of the HUD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub choice: Choice,
    /// What it is called.
    pub name: String,
    /// What it does, in words; may be empty.
    pub description: String,
    /// Its shortcut as people read it.
    pub shortcut: Option<String>,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// What it belongs to.
    pub group: Group,
    /// Words that find it.
    tags: Vec<String>,
    /// What it is called in [`super::Learned`].
    key: String,
}

/// The HUD while it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hud {
    query: String,
    entries: Vec<Entry>,
    selected: Option<usize>,
}

impl Hud {
    /// What is typed.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// What is listed.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Index of the entry that Enter would choose; never a disabled one.
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// A HUD with an empty query.
    pub(super) fn open(window: &WindowModel, shell: &Shell) -> Self {
        let mut hud = Self::default();
        hud.edit(String::new(), window, shell);
        hud
    }

    /// The query is now `query`: lists anew and selects the best.
    pub(super) fn edit(&mut self, query: String, window: &WindowModel, shell: &Shell) {
        self.entries = ranked(listed(window, shell), &query, shell);
        self.query = query;
        self.selected = self.entries.iter().position(|e| e.enabled);
    }

    /// What can be listed has changed: lists anew and keeps the selection on its entry if that is still there.
    pub(super) fn refresh(&mut self, window: &WindowModel, shell: &Shell) {
        let old = self.selected.and_then(|i| self.entries.get(i)).map(|e| e.key.clone());
        let at = self.selected.unwrap_or(0);
        let query = std::mem::take(&mut self.query);
        self.edit(query, window, shell);
        let same = old.and_then(|key| self.entries.iter().position(|e| e.enabled && e.key == key));
        let near = || (0..self.entries.len()).filter(|&i| self.entries[i].enabled).min_by_key(|i| i.abs_diff(at));
        self.selected = same.or_else(near);
    }

    /// Moves the selection by so many entries that can be chosen, stopping at the ends.
    pub(super) fn step(&mut self, by: isize) {
        let enabled: Vec<usize> = (0..self.entries.len()).filter(|&i| self.entries[i].enabled).collect();
        let Some(last) = enabled.len().checked_sub(1) else { return };
        let now = enabled.iter().position(|&i| Some(i) == self.selected).unwrap_or(0);
        self.selected = Some(enabled[now.saturating_add_signed(by).min(last)]);
    }

    /// Selects an entry if it can be chosen; says whether that changed anything.
    pub(super) fn select(&mut self, index: usize) -> bool {
        let changes = self.selected != Some(index) && self.entries.get(index).is_some_and(|e| e.enabled);
        if changes {
            self.selected = Some(index);
        }
        changes
    }

    /// What an entry does and what it is called in the table of choices, if it can be chosen.
    pub(super) fn choice(&self, index: usize) -> Option<(Choice, &str)> {
        self.entries.get(index).filter(|e| e.enabled).map(|e| (e.choice, e.key.as_str()))
    }

    /// Panics unless the selection is one that can be chosen, where there is any.
    pub(super) fn verify_invariants(&self) {
        match self.selected {
            Some(at) => assert!(self.entries[at].enabled, "a disabled entry is selected"),
            None => assert!(self.entries.iter().all(|e| !e.enabled), "nothing is selected although something could be"),
        }
        let groups: Vec<Group> = self.entries.iter().map(|e| e.group).collect();
        let mut runs = groups.clone();
        runs.dedup();
        let mut distinct = groups;
        distinct.sort();
        distinct.dedup();
        assert_eq!(runs.len(), distinct.len(), "a group is torn apart");
    }
}

/// Everything that could be listed, in its natural order.
fn listed(window: &WindowModel, shell: &Shell) -> Vec<Entry> {
    let mut entries = Vec::new();
    let menu = window.chrome().menu.as_deref().filter(|_| window.is_running()).unwrap_or_default();
    for (index, action) in menu.iter().enumerate().filter(|(_, a)| a.mode == window.chrome().mode) {
        entries.push(Entry {
            choice: Choice::Action(index as u32),
            name: action.name.clone(),
            description: action.description.clone(),
            shortcut: action.shortcut.map(shortcut_text),
            enabled: !action.disabled,
            group: Group::Program,
            tags: action.tags.clone(),
            key: format!("{}/{}", window.program(), action.name),
        });
    }
    let fits = |action: &ShellAction| !(window.is_own() && action.needs_program());
    for action in ShellAction::ALL.into_iter().filter(fits) {
        let text = strings::shell_action(action, window);
        entries.push(Entry {
            choice: Choice::Shell(action),
            name: text.name.into(),
            description: text.description.into(),
            shortcut: own_shortcut(action).and_then(|own| shell.shortcuts.get(own)).map(shortcut_text),
            enabled: action != ShellAction::End || window.is_running(),
            group: Group::Shell,
            tags: text.tags().map(Into::into).collect(),
            key: format!("/{action:?}"),
        });
    }
    for other in shell.windows.iter().filter(|w| w.id != window.id()) {
        entries.push(Entry {
            choice: Choice::Window(other.id),
            name: other.title.clone(),
            description: strings::switch_to().into(),
            shortcut: None,
            enabled: true,
            group: Group::Windows,
            tags: Vec::new(),
            key: format!("//{}", other.title),
        });
    }
    entries
}

/// The shortcut of the shell that does the same.
fn own_shortcut(action: ShellAction) -> Option<ShellShortcut> {
    (action == ShellAction::Fullscreen).then_some(ShellShortcut::Fullscreen)
}

/// Those that match, best first within their group, the group of the best match first.
fn ranked(entries: Vec<Entry>, query: &str, shell: &Shell) -> Vec<Entry> {
    let query = query.trim();
    if query.is_empty() {
        let mut entries = entries;
        // A stable sort: what was never chosen stays in its natural order, after what was.
        entries.sort_by_key(|e| (e.group, std::cmp::Reverse(if e.enabled { shell.learned.last(&e.key) } else { 0 })));
        return entries;
    }
    let words = Words::new(query);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut found: Vec<(u32, Entry)> = entries
        .into_iter()
        .filter_map(|entry| {
            let score = words.score(&entry, &mut matcher)?;
            // What can't be chosen must not stand above what can.
            let score = if entry.enabled { score + shell.learned.bonus(query, &entry.key) } else { 0 };
            Some((score, entry))
        })
        .collect();
    let best = |group: Group, found: &[(u32, Entry)]| {
        found.iter().filter(|(_, e)| e.group == group).map(|(score, _)| *score).max().unwrap_or(0)
    };
    let top = [Group::Program, Group::Shell, Group::Windows].into_iter().rev().max_by_key(|g| best(*g, &found));
    found.sort_by_key(|(score, entry)| (Some(entry.group) != top, entry.group, std::cmp::Reverse(*score)));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// The words of a query, ready to match; an entry must match each of them somewhere.
struct Words(Vec<(Atom, String)>);

impl Words {
    fn new(query: &str) -> Self {
        let atom = |word| Atom::new(word, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
        Self(query.split_whitespace().map(|word| (atom(word), word.to_lowercase())).collect())
    }

    /// How well an entry matches, `None` if it does not. Names count in full, tags less, descriptions least, and those
    /// only where a word of them begins so: letters scattered over a sentence are no match.
    fn score(&self, entry: &Entry, matcher: &mut Matcher) -> Option<u32> {
        let mut buffer = Vec::new();
        let mut score = |atom: &Atom, text: &str| atom.score(Utf32Str::new(text, &mut buffer), matcher).map(u32::from);
        self.0.iter().try_fold(1, |sum, (fuzzy, word)| {
            let name = score(fuzzy, &entry.name).map(|s| s * 4);
            let tag = entry.tags.iter().filter_map(|tag| score(fuzzy, tag)).max().map(|s| s * 3);
            let begins = entry.description.split_whitespace().any(|w| w.to_lowercase().starts_with(word));
            let description = begins.then(|| word.chars().count() as u32 * 16);
            Some(sum + name.max(tag).max(description)?)
        })
    }
}
