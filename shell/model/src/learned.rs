//! Earlier choices of the user in the HUD, by the letters that were typed.

use super::fold::fold;
use std::collections::HashMap;

/// A bounded table of choices made in the HUD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Counts choices; the largest is the latest.
    clock: u64,
    choices: Vec<Chosen>,
}

/// Typed letters and what was chosen for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// What was typed, folded.
    pub letters: String,
    /// What was chosen.
    pub what: String,
    /// Number of times.
    pub times: u32,
    /// The last time, as a count of all choices.
    pub last: u64,
}

/// A table from its stored rows.
impl FromIterator<Chosen> for Learned {
    fn from_iter<T: IntoIterator<Item = Chosen>>(choices: T) -> Self {
        // An older shell folded less.
        let folded = |chosen: Chosen| Chosen {
            letters: letters(&chosen.letters),
            ..chosen
        };
        let mut choices: Vec<_> = choices.into_iter().map(folded).collect();
        choices.sort_unstable_by_key(|c| std::cmp::Reverse(c.last));
        choices.truncate(Self::CAPACITY);
        choices.reverse();
        Self {
            clock: choices.last().map_or(0, |c| c.last),
            choices,
        }
    }
}

impl Learned {
    /// How many choices are remembered; the ones used longest ago go first.
    pub const CAPACITY: usize = 512;

    /// Remembers that `what` was chosen when `query` had been typed.
    pub fn choose(&mut self, query: &str, what: &str) {
        self.clock = self.clock.saturating_add(1);
        let letters = letters(query);
        if let Some(known) = self.choices.iter_mut().find(|c| c.letters == letters && c.what == what) {
            known.times = known.times.saturating_add(1);
            known.last = self.clock;
            return;
        }
        if self.choices.len() >= Self::CAPACITY {
            let oldest = self
                .choices
                .iter()
                .enumerate()
                .min_by_key(|(_, c)| c.last)
                .map(|(i, _)| i);
            if let Some(oldest) = oldest {
                self.choices.swap_remove(oldest);
            }
        }
        self.choices.push(Chosen {
            letters,
            what: what.into(),
            times: 1,
            last: self.clock,
        });
    }

    /// How strongly the past speaks for `what` now that `query` is typed: much if it was chosen for these very letters, a
    /// little if for letters that begin so, otherwise 0.
    pub fn bonus(&self, query: &str, what: &str) -> u32 {
        let typed = letters(query);
        self.choices
            .iter()
            .filter(|c| c.what == what)
            .map(|chosen| weight(chosen, &typed))
            .max()
            .unwrap_or(0)
    }

    /// When `what` was last chosen, on a scale of its own; 0 for never.
    pub fn last(&self, what: &str) -> u64 {
        self.choices
            .iter()
            .filter(|c| c.what == what)
            .map(|c| c.last)
            .max()
            .unwrap_or(0)
    }

    /// [`Learned::bonus`] of everything that has one for `query`.
    pub(super) fn bonuses(&self, query: &str) -> HashMap<&str, u32> {
        let typed = letters(query);
        let mut bonuses = HashMap::new();
        for chosen in self.choices.iter().filter(|chosen| chosen.letters.starts_with(&typed)) {
            let bonus = bonuses.entry(chosen.what.as_str()).or_insert(0);
            *bonus = weight(chosen, &typed).max(*bonus);
        }
        bonuses
    }

    /// [`Learned::last`] of everything that was chosen.
    pub(super) fn latest_of_each(&self) -> HashMap<&str, u64> {
        let mut latest = HashMap::new();
        for chosen in &self.choices {
            let last = latest.entry(chosen.what.as_str()).or_insert(0);
            *last = chosen.last.max(*last);
        }
        latest
    }

    /// The choice made last.
    pub fn latest(&self) -> Option<&Chosen> {
        self.choices.iter().max_by_key(|c| c.last)
    }

    /// How many pairs are remembered.
    pub fn len(&self) -> usize {
        self.choices.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }
}

/// How strongly one choice speaks for itself when this is typed.
fn weight(chosen: &Chosen, typed: &str) -> u32 {
    match (chosen.letters == typed, chosen.letters.starts_with(typed)) {
        (true, _) => 1000 + chosen.times.min(100),
        (false, true) => 20 + chosen.times.min(20),
        _ => 0,
    }
}

/// The letters that count: as everything that is searched, without spaces around them.
fn letters(query: &str) -> String {
    fold(query.trim()).into_owned()
}
