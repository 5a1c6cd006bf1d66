//! What the user has set: how windows look, which language they speak, and the shell's shortcuts.
//!
//! Kept as rows of two texts, so that a shell of another version reads what it knows and leaves the rest alone. What is as it
//! was at first has no row.

use super::{Language, ShellShortcut, ShellShortcuts};
use portico_portals::Shortcut;

/// A light look, a dark one, or that of the desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Appearance {
    /// As the desktop says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Whether things may move by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// As the desktop says.
    #[default]
    System,
    /// They may.
    Full,
    /// They should not.
    Reduced,
}

/// The sizes that can be chosen, in percent of the display's own.
pub const SCALES: [u16; 7] = [75, 90, 100, 110, 125, 150, 200];

/// What the user has set.
#[derive(Clone, Debug, PartialEq)]
pub struct Preferences {
    /// Light or dark.
    pub appearance: Appearance,
    /// Size of everything in percent of the display's own scale, one of [`SCALES`].
    pub scale: u16,
    /// Motion.
    pub motion: Motion,
    /// The language of the windows; `None`: that of the desktop.
    pub language: Option<Language>,
    /// Whether the message broker runs with the shell, rather than only when a program asks for it.
    pub broker: bool,
    /// The shell's shortcuts.
    pub shortcuts: ShellShortcuts,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            appearance: Appearance::default(),
            scale: 100,
            motion: Motion::default(),
            language: None,
            broker: false,
            shortcuts: ShellShortcuts::default(),
        }
    }
}

impl Preferences {
    /// Every row that there can be, with its value, or none where it is as at first.
    pub fn rows(&self) -> Vec<(String, Option<String>)> {
        let first = Self::default();
        let appearance = match self.appearance {
            Appearance::System => None,
            Appearance::Light => Some("light".into()),
            Appearance::Dark => Some("dark".into()),
        };
        let motion = match self.motion {
            Motion::System => None,
            Motion::Full => Some("full".into()),
            Motion::Reduced => Some("reduced".into()),
        };
        let mut rows = vec![
            ("appearance".into(), appearance),
            (
                "scale".into(),
                (self.scale != first.scale).then(|| self.scale.to_string()),
            ),
            ("motion".into(), motion),
            ("language".into(), self.language.map(|language| language.tag().into())),
            ("broker".into(), self.broker.then(|| "with-shell".into())),
        ];
        for own in ShellShortcut::ALL {
            let (now, at_first) = (self.shortcuts.get(own), first.shortcuts.get(own));
            rows.push((
                format!("shortcut {}", own.key()),
                (now != at_first).then(|| shortcut_row(now)),
            ));
        }
        rows
    }

    /// Takes in a row. One that makes no sense changes nothing; says whether it did.
    pub fn set(&mut self, key: &str, value: &str) -> bool {
        match (key, value) {
            ("appearance", "light") => self.appearance = Appearance::Light,
            ("appearance", "dark") => self.appearance = Appearance::Dark,
            ("motion", "full") => self.motion = Motion::Full,
            ("motion", "reduced") => self.motion = Motion::Reduced,
            ("broker", "with-shell") => self.broker = true,
            ("language", tag) => match Language::of_tag(tag) {
                Some(language) => self.language = Some(language),
                None => return false,
            },
            ("scale", percent) => match percent.parse().ok().filter(|percent| SCALES.contains(percent)) {
                Some(percent) => self.scale = percent,
                None => return false,
            },
            (key, value) => match (shortcut_of(key), read_shortcut(value)) {
                (Some(own), Some(shortcut)) => self.shortcuts.set(own, shortcut),
                _ => return false,
            },
        }
        true
    }

    /// Sets something by its name, or back to what it was at first with `default`; says whether there is such a thing.
    pub fn change(&mut self, key: &str, value: &str) -> bool {
        if value != "default" {
            return self.set(key, value);
        }
        let first = Self::default();
        match key {
            "appearance" => self.appearance = first.appearance,
            "scale" => self.scale = first.scale,
            "motion" => self.motion = first.motion,
            "language" => self.language = first.language,
            "broker" => self.broker = first.broker,
            key => match shortcut_of(key) {
                Some(own) => self.shortcuts.set(own, first.shortcuts.get(own)),
                None => return false,
            },
        }
        true
    }
}

fn shortcut_of(key: &str) -> Option<ShellShortcut> {
    let name = key.strip_prefix("shortcut ")?;
    ShellShortcut::ALL.into_iter().find(|own| own.key() == name)
}

/// A shortcut as modifiers and key, or `none`.
fn shortcut_row(shortcut: Option<Shortcut>) -> String {
    shortcut.map_or_else(
        || "none".into(),
        |shortcut| format!("{} {}", shortcut.modifiers, shortcut.key),
    )
}

fn read_shortcut(value: &str) -> Option<Option<Shortcut>> {
    if value == "none" {
        return Some(None);
    }
    let (modifiers, key) = value.split_once(' ')?;
    let shortcut = Shortcut {
        modifiers: modifiers.parse().ok()?,
        key: key.parse().ok()?,
        pressed: true,
    };
    (shortcut.modifiers < 16 && shortcut.key > 3).then_some(Some(shortcut))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(preferences: &Preferences) -> Preferences {
        let mut read = Preferences::default();
        for (key, value) in preferences.rows() {
            if let Some(value) = value {
                read.set(&key, &value);
            }
        }
        read
    }

    #[test]
    fn what_is_set_is_read_again_and_what_is_not_has_no_row() {
        let mut preferences = Preferences::default();
        assert!(preferences.rows().iter().all(|(_, value)| value.is_none()));
        preferences.appearance = Appearance::Dark;
        preferences.scale = 125;
        preferences.motion = Motion::Reduced;
        preferences.language = Some(Language::Esperanto);
        preferences.broker = true;
        preferences.shortcuts.set(
            ShellShortcut::Hud,
            Some(Shortcut {
                modifiers: 8,
                key: 44,
                pressed: true,
            }),
        );
        preferences.shortcuts.set(ShellShortcut::Search, None);
        assert_eq!(again(&preferences), preferences);
        preferences.appearance = Appearance::Light;
        preferences.motion = Motion::Full;
        assert_eq!(again(&preferences), preferences);
    }

    #[test]
    fn things_are_set_by_their_names() {
        let mut preferences = Preferences::default();
        assert!(preferences.change("appearance", "dark") && preferences.change("language", "eo"));
        assert!(preferences.change("shortcut search", "none") && preferences.change("scale", "150"));
        assert_eq!((preferences.appearance, preferences.scale), (Appearance::Dark, 150));
        assert!(!preferences.change("appearance", "pink") && !preferences.change("taste", "default"));
        assert_eq!(preferences.language, Some(Language::Esperanto));
        assert!(preferences.change("appearance", "default") && preferences.change("scale", "100"));
        assert!(preferences.change("language", "default") && preferences.change("shortcut search", "default"));
        assert_eq!(preferences, Preferences::default());
    }

    #[test]
    fn rows_that_make_no_sense_change_nothing() {
        let mut preferences = Preferences::default();
        for (key, value) in [
            ("appearance", "pink"),
            ("scale", "7"),
            ("scale", "a lot"),
            ("motion", ""),
            ("language", "xx"),
            ("shortcut hud", "2"),
            ("shortcut hud", "99 44"),
            ("shortcut hud", "2 0"),
            ("shortcut of tomorrow", "2 44"),
            ("of tomorrow", "1"),
            ("broker", "yes"),
        ] {
            assert!(!preferences.set(key, value), "{key} is {value}");
        }
        assert_eq!(preferences, Preferences::default());
    }
}
