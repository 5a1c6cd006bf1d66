//! Settings of the desktop: dark or light theme, and reduced motion.
//!
//! It is asked on a thread of its own. On Linux the thread stays and hears of changes; where there is no desktop to ask, it
//! ends at once. `PORTICO_THEME` (`dark`, `light`) and `PORTICO_REDUCED_MOTION` (`1`, `0`) in the environment win over all.

use crate::environment;
use portico_model::preferences::{Appearance, Motion, Preferences};

/// Settings that apply to every window, as far as they are known: the desktop's, and those set in the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemSettings {
    /// The desktop's theme: dark, or light.
    dark: Option<bool>,
    /// Reduced motion.
    reduced_motion: Option<bool>,
    /// A dark or a light theme set in the shell, which overrides the desktop's.
    set_dark: Option<bool>,
    /// Size of everything in percent of the display's own, if it is another.
    percent: Option<u16>,
}

impl SystemSettings {
    /// Adds the shell's preferences, which override the desktop's settings.
    pub fn with(self, preferences: &Preferences) -> Self {
        let set_dark = match preferences.appearance {
            Appearance::System => None,
            Appearance::Light => Some(false),
            Appearance::Dark => Some(true),
        };
        let reduced_motion = match preferences.motion {
            Motion::System => self.reduced_motion,
            Motion::Full => Some(false),
            Motion::Reduced => Some(true),
        };
        Self {
            dark: self.dark,
            reduced_motion,
            set_dark,
            percent: Some(preferences.scale),
        }
    }

    /// Zoom, relative to the display's scale.
    pub fn zoom(self) -> f32 {
        f32::from(self.percent.unwrap_or(100)) / 100.0
    }

    /// Whether a window has a dark theme; `theme` says so of its window system, where that tells.
    pub fn dark(self, theme: Option<bool>) -> bool {
        environment::dark_theme()
            .or(self.set_dark)
            .or(theme)
            .or(self.dark)
            .unwrap_or(false)
    }

    /// Whether motion is reduced.
    pub fn reduced_motion(self) -> bool {
        environment::reduced_motion().or(self.reduced_motion).unwrap_or(false)
    }
}

/// Reads the desktop's settings and watches them; `changed` is called with the first ones and after each change.
pub fn watch(changed: impl Fn(SystemSettings) + Send + 'static) {
    let thread = std::thread::Builder::new().name("desktop".into()).stack_size(256 << 10);
    if let Err(error) = thread.spawn(move || system::watch(&changed)) {
        tracing::warn!("no thread to ask the desktop with: {error}");
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
mod system {
    use super::SystemSettings;
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::{OwnedValue, Value};

    const APPEARANCE: &str = "org.freedesktop.appearance";
    const GNOME: &str = "org.gnome.desktop.interface";

    /// Through the settings portal of freedesktop.org.
    pub(super) fn watch(changed: &dyn Fn(SystemSettings)) {
        if let Err(error) = follow(changed) {
            tracing::debug!("the desktop can't be asked for its settings: {error}");
        }
    }

    fn follow(changed: &dyn Fn(SystemSettings)) -> zbus::Result<()> {
        let connection = Connection::session()?;
        let portal = Proxy::new(
            &connection,
            "org.freedesktop.portal.Desktop",
            "/org/freedesktop/portal/desktop",
            "org.freedesktop.portal.Settings",
        )?;
        // Before anything is read, so that no change is missed.
        let changes = portal.receive_signal("SettingChanged")?;
        let read = |space: &str, key: &str| portal.call::<_, _, OwnedValue>("ReadOne", &(space, key));
        let mut settings = SystemSettings::default();
        match read(APPEARANCE, "color-scheme") {
            Ok(value) => settings.apply(APPEARANCE, "color-scheme", &value),
            // It knows these settings or none.
            Err(error) => return Err(error),
        }
        // The newer key first; not every desktop has it.
        for (space, key) in [(APPEARANCE, "reduced-motion"), (GNOME, "enable-animations")] {
            if let Ok(value) = read(space, key) {
                settings.apply(space, key, &value);
                break;
            }
        }
        changed(settings);
        for change in changes {
            let body = change.body();
            let (space, key, value): (&str, &str, Value<'_>) = body.deserialize()?;
            let before = settings;
            settings.apply(space, key, &value);
            if settings != before {
                changed(settings);
            }
        }
        Ok(())
    }

    impl SystemSettings {
        /// Takes in a setting; others than the three that count are passed over.
        pub(super) fn apply(&mut self, space: &str, key: &str, value: &Value<'_>) {
            match (space, key, value) {
                (_, _, Value::Value(inner)) => self.apply(space, key, inner),
                (APPEARANCE, "color-scheme", Value::U32(scheme)) => {
                    self.dark = match scheme {
                        1 => Some(true),
                        2 => Some(false),
                        _ => None,
                    };
                }
                (APPEARANCE, "reduced-motion", Value::U32(reduced)) => self.reduced_motion = Some(*reduced == 1),
                (GNOME, "enable-animations", Value::Bool(moves)) => self.reduced_motion = Some(!moves),
                _ => {}
            }
        }
    }
}

#[cfg(windows)]
mod system {
    use super::SystemSettings;
    use windows_sys::Win32::UI::WindowsAndMessaging::{SPI_GETCLIENTAREAANIMATION, SystemParametersInfoW};

    #[allow(unsafe_code, reason = "only a call of the system tells")]
    pub(super) fn watch(changed: &dyn Fn(SystemSettings)) {
        let mut moves: i32 = 1;
        // SAFETY: this setting is written as one BOOL to the address given.
        let told = unsafe { SystemParametersInfoW(SPI_GETCLIENTAREAANIMATION, 0, (&raw mut moves).cast(), 0) };
        changed(SystemSettings {
            reduced_motion: (told != 0).then_some(moves == 0),
            ..SystemSettings::default()
        });
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::SystemSettings;
    use objc2_app_kit::NSWorkspace;

    pub(super) fn watch(changed: &dyn Fn(SystemSettings)) {
        let reduced = NSWorkspace::sharedWorkspace().accessibilityDisplayShouldReduceMotion();
        changed(SystemSettings {
            reduced_motion: Some(reduced),
            ..SystemSettings::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_systems_word_on_the_look_counts_more_than_the_desktops() {
        let settings = SystemSettings {
            dark: Some(true),
            ..SystemSettings::default()
        };
        assert!(settings.dark(None) && settings.dark(Some(true)) && !settings.dark(Some(false)));
        assert!(!SystemSettings::default().dark(None) && !SystemSettings::default().reduced_motion());
    }

    #[test]
    fn what_is_set_in_the_shell_counts_more_than_what_the_desktop_says() {
        let desktop = SystemSettings {
            dark: Some(true),
            reduced_motion: Some(true),
            ..SystemSettings::default()
        };
        assert_eq!(desktop.with(&Preferences::default()).zoom(), 1.0);
        let set = Preferences {
            appearance: Appearance::Light,
            motion: Motion::Full,
            scale: 150,
            ..Preferences::default()
        };
        let settings = desktop.with(&set);
        assert!(!settings.dark(Some(true)) && !settings.reduced_motion());
        assert_eq!(settings.zoom(), 1.5);
        let unset = desktop.with(&Preferences::default());
        assert!(unset.dark(None) && !unset.dark(Some(false)) && unset.reduced_motion());
    }

    #[cfg(all(unix, not(target_vendor = "apple")))]
    #[test]
    fn settings_of_the_portal_are_understood() {
        use zbus::zvariant::Value;
        let mut settings = SystemSettings::default();
        settings.apply("org.freedesktop.appearance", "color-scheme", &Value::U32(1));
        settings.apply(
            "org.gnome.desktop.interface",
            "enable-animations",
            &Value::Value(Box::new(Value::Bool(false))),
        );
        assert_eq!((settings.dark, settings.reduced_motion), (Some(true), Some(true)));
        settings.apply("org.freedesktop.appearance", "reduced-motion", &Value::U32(0));
        settings.apply("org.freedesktop.appearance", "color-scheme", &Value::U32(0));
        settings.apply("org.freedesktop.appearance", "accent-color", &Value::U32(7));
        settings.apply("org.freedesktop.appearance", "reduced-motion", &Value::Bool(true));
        assert_eq!((settings.dark, settings.reduced_motion), (None, Some(false)));
    }
}
