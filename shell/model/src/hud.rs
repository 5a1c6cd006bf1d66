//! The HUD: what it lists for a query, in which order, and which entry is selected.

use super::fuzzy_match::{Query, Searchable};
use super::{PageKind, ProgramRef, Shell, ShellAction, ShellShortcut, WindowId, WindowModel, Wording, is_reference};
use portico_portals::Shortcut;
use std::sync::Arc;

/// The action of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Fires the program's action with this index of its menu.
    Action(u32),
    /// An action of the shell.
    Shell(ShellAction),
    /// Brings a window to the front.
    Window(WindowId),
    /// Opens a program.
    Program(ProgramRef),
    /// Opens the typed reference: a path, a link or a hash.
    Typed(String),
}

/// Group of an entry, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Actions of the program.
    Program,
    /// Actions of the shell.
    Shell,
    /// Open windows.
    Windows,
    /// Programs to open.
    Programs,
    /// The typed reference.
    Typed,
}

impl Group {
    const ALL: [Self; 5] = [Self::Program, Self::Shell, Self::Windows, Self::Programs, Self::Typed];
}

/// A line of the HUD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its action.
    pub choice: Choice,
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its shortcut.
    pub shortcut: Option<Shortcut>,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Its group.
    pub group: Group,
    /// The texts that it is found by.
    found_by: Searchable,
    /// Its key in [`super::Learned`].
    pub(super) key: String,
}

/// The HUD while it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hud {
    query: String,
    /// All that can be listed, in its natural order.
    all: Vec<Arc<Entry>>,
    entries: Vec<Arc<Entry>>,
    selected: Option<usize>,
}

impl Hud {
    /// The query.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The listed entries.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Index of the entry that Enter would choose; never a disabled one.
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// A HUD with an empty query.
    pub(super) fn open(window: &WindowModel, shell: &Shell) -> Self {
        let mut hud = Self {
            all: listed(window, shell),
            ..Self::default()
        };
        hud.edit(String::new(), shell);
        hud
    }

    /// The query is now `query`: ranks anew and selects the best.
    pub(super) fn edit(&mut self, query: String, shell: &Shell) {
        self.entries = ranked(&self.all, &query, shell);
        self.query = query;
        self.selected = self.entries.iter().position(|e| e.enabled);
    }

    /// What can be listed has changed: lists anew and keeps the selection on its entry if that is still there.
    pub(super) fn refresh(&mut self, window: &WindowModel, shell: &Shell) {
        let old = self.selected.and_then(|i| self.entries.get(i)).map(|e| e.key.clone());
        let at = self.selected.unwrap_or(0);
        let query = std::mem::take(&mut self.query);
        self.all = listed(window, shell);
        self.edit(query, shell);
        let same = old.and_then(|key| self.entries.iter().position(|e| e.enabled && e.key == key));
        let near = || {
            (0..self.entries.len())
                .filter(|&i| self.entries[i].enabled)
                .min_by_key(|i| i.abs_diff(at))
        };
        self.selected = same.or_else(near);
    }

    /// Moves the selection by a number of enabled entries, stopping at the ends.
    pub(super) fn step(&mut self, by: isize) {
        let enabled: Vec<usize> = (0..self.entries.len()).filter(|&i| self.entries[i].enabled).collect();
        let Some(last) = enabled.len().checked_sub(1) else {
            return;
        };
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

    /// An entry, if it can be chosen.
    pub(super) fn choice(&self, index: usize) -> Option<Arc<Entry>> {
        self.entries.get(index).filter(|e| e.enabled).cloned()
    }

    /// Panics unless the selection is one that can be chosen, where there is any.
    pub(super) fn verify_invariants(&self) {
        match self.selected {
            Some(at) => assert!(self.entries[at].enabled, "a disabled entry is selected"),
            None => assert!(
                self.entries.iter().all(|e| !e.enabled),
                "nothing is selected although something could be"
            ),
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
fn listed(window: &WindowModel, shell: &Shell) -> Vec<Arc<Entry>> {
    let mut entries = Vec::new();
    let menu = window
        .chrome()
        .menu
        .as_deref()
        .filter(|_| window.is_running())
        .unwrap_or_default();
    for (index, action) in menu.iter().enumerate().filter(|(_, a)| a.mode == window.chrome().mode) {
        entries.push(Entry {
            choice: Choice::Action(index as u32),
            name: action.name.to_string(),
            description: action.description.to_string(),
            shortcut: action.shortcut,
            enabled: !action.disabled,
            group: Group::Program,
            found_by: Searchable::new(&action.name, action.tags.iter().map(|tag| &**tag), &action.description),
            key: format!("{}/{}", window.program(), action.name),
        });
    }
    let fits = |action: &ShellAction| !(window.is_builtin() && action.needs_program());
    for action in ShellAction::ALL.into_iter().filter(fits) {
        let text = (shell.wording.shell_action)(action, window);
        entries.push(Entry {
            choice: Choice::Shell(action),
            name: text.name.into(),
            description: text.description.into(),
            shortcut: own_shortcut(action).and_then(|own| shell.shortcuts.get(own)),
            enabled: action != ShellAction::End || window.phase().can_end(),
            group: Group::Shell,
            found_by: Searchable::new(text.name, text.tags(), text.description),
            key: format!("/{action:?}"),
        });
    }
    let switch_to = (shell.wording.switch_to)();
    for other in shell.desktop.windows().iter().filter(|w| w.id != window.id()) {
        entries.push(Entry {
            choice: Choice::Window(other.id),
            name: other.title.clone(),
            description: switch_to.into(),
            shortcut: None,
            enabled: true,
            group: Group::Windows,
            found_by: Searchable::new(&other.title, [], switch_to),
            key: format!("//{}", other.title),
        });
    }
    for program in shell.programs.iter().flat_map(|programs| programs.iter()) {
        entries.push(Entry {
            choice: Choice::Program(program.program.clone()),
            name: program.name.to_string(),
            description: program.summary.to_string(),
            shortcut: None,
            enabled: true,
            group: Group::Programs,
            found_by: Searchable::new(&program.name, [], &program.summary),
            key: format!("///{}", program.identity),
        });
    }
    entries.into_iter().map(Arc::new).collect()
}

/// The entry for a path, a link or a hash that was typed whole.
fn typed(query: &str, wording: &Wording) -> Option<Entry> {
    is_reference(query).then(|| Entry {
        choice: Choice::Typed(query.to_owned()),
        name: (wording.open_typed)(query),
        description: String::new(),
        shortcut: None,
        enabled: true,
        group: Group::Typed,
        found_by: Searchable::default(),
        key: String::new(),
    })
}

/// The shortcut of the shell that does the same.
fn own_shortcut(action: ShellAction) -> Option<ShellShortcut> {
    match action {
        ShellAction::Fullscreen => Some(ShellShortcut::Fullscreen),
        ShellAction::Open(PageKind::Settings) => Some(ShellShortcut::Settings),
        ShellAction::Open(PageKind::Tasks) => Some(ShellShortcut::Tasks),
        ShellAction::Open(PageKind::Log) => Some(ShellShortcut::Log),
        _ => None,
    }
}

/// Those that match, best first within their group, the group of the best match first.
fn ranked(all: &[Arc<Entry>], query: &str, shell: &Shell) -> Vec<Arc<Entry>> {
    let query = query.trim();
    if query.is_empty() {
        let last = shell.learned.latest_of_each();
        let last = |e: &Entry| {
            if e.enabled {
                last.get(e.key.as_str()).copied().unwrap_or(0)
            } else {
                0
            }
        };
        let mut entries = all.to_vec();
        // A stable sort: what was never chosen stays in its natural order, after what was.
        entries.sort_by_cached_key(|e| (e.group, std::cmp::Reverse(last(e))));
        return entries;
    }
    let mut words = Query::new(query);
    let bonus = shell.learned.bonuses(query);
    let scored = all.iter().filter_map(|entry| {
        let score = words.score(&entry.found_by)?;
        // What can't be chosen must not stand above what can.
        let score = if entry.enabled {
            score + bonus.get(entry.key.as_str()).unwrap_or(&0)
        } else {
            0
        };
        Some((score, Arc::clone(entry)))
    });
    let mut found: Vec<(u32, Arc<Entry>)> = scored.collect();
    found.extend(typed(query, &shell.wording).map(|entry| (0, Arc::new(entry))));
    let best = |group: Group| {
        found
            .iter()
            .filter(|(_, e)| e.group == group)
            .map(|(score, _)| *score)
            .max()
            .unwrap_or(0)
    };
    let top = Group::ALL.into_iter().rev().max_by_key(|group| best(*group));
    found.sort_by_key(|(score, entry)| (Some(entry.group) != top, entry.group, std::cmp::Reverse(*score)));
    found.into_iter().map(|(_, entry)| entry).collect()
}
