//! Every text that the windows show or a screen reader speaks, in the language of the user. What the command line says is
//! English.
//!
//! A text is a message in `assets/locales/*/portico.ftl` and a function of its name here: `not-answering` is
//! `not_answering(title)`, an attribute `.about` of `restart` is `restart_about()`. They are made by `shell/build/texts.rs`;
//! a message that a language lacks does not compile, and one that nobody shows is a warning. Asking for a text costs a load
//! and a comparison; those without values are not copied.

mod action;
pub mod languages;
mod number;
// Each text is shown somewhere on Linux, where all of them are looked for.
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "some texts are about one system")
)]
mod texts;

pub use action::{WORDING, end_report, outcome, page, page_title, shell_shortcut, shortcut, tab};
pub use number::{bytes, decimal};
pub(crate) use texts::*;
pub use texts::{device, key, portal};

pub use portico_model::Language;

use portico_kernel::{Bound, Budget, Permission, ProgramText};
use portico_model::preferences::Preferences;
use std::sync::atomic::{AtomicU8, Ordering};

/// The present language: its index in [`Language::ALL`] plus one, or 0 before it was first requested.
static CURRENT: AtomicU8 = AtomicU8::new(0);

/// The first language of the desktop's user that is spoken here, else English.
pub fn language_of_desktop() -> Language {
    sys_locale::get_locales()
        .find_map(|tag| Language::of_tag(&tag))
        .unwrap_or(Language::English)
}

/// The language to speak, as the user has set it.
pub fn spoken(preferences: &Preferences) -> Language {
    preferences.language.unwrap_or_else(language_of_desktop)
}

/// The language that is spoken now: the desktop's, until [`set_language`] says otherwise.
pub fn language() -> Language {
    let spoken = usize::from(CURRENT.load(Ordering::Relaxed));
    match spoken.checked_sub(1).and_then(|index| Language::ALL.get(index)) {
        Some(language) => *language,
        None => {
            let language = language_of_desktop();
            set_language(language);
            language
        }
    }
}

/// What a permission is for, with the one thing behind the portal where it is for no more.
pub(crate) fn permission(permission: &Permission) -> String {
    let what = portal(permission.portal).unwrap_or(permission.portal);
    match &permission.scope {
        None => what.to_owned(),
        Some(scope) => format!("{what}: {}", ProgramText::name(scope.as_str()).isolated()),
    }
}

/// Why a program is not compiled: it takes more than it may.
pub(crate) fn over_budget(bound: Bound, budget: Budget) -> String {
    let what = match bound {
        Bound::Memory(bytes) => over_memory(bytes >> 20),
        Bound::Time(time) => over_time(time.as_secs()),
    };
    let usual = usual_budget(budget.0.get().into());
    let more = budget
        .larger()
        .map_or_else(|| most_budget().to_owned(), |more| more_budget(more.0.get().into()));
    format!("{what} {usual} {more}")
}

/// Sets the language. Callers redraw what is shown.
pub fn set_language(language: Language) {
    let index = Language::ALL.iter().position(|known| *known == language).unwrap_or(0);
    CURRENT.store(index as u8 + 1, Ordering::Relaxed);
}

/// Number of errors that one notice names.
const SAID: usize = 3;

/// Joins the first errors, and says how many more there are.
pub fn together(mut all: Vec<String>) -> String {
    let more = all.len().saturating_sub(SAID);
    all.truncate(SAID);
    let all = all.join("; ");
    if more == 0 { all } else { and_more(more as u64, &all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_portal_is_told_in_words() {
        for row in portico_portals::TABLE {
            assert!(portal(row.name).is_some(), "{} has no text", row.name);
        }
    }
}
