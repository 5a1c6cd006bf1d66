//! The shell's own shortcuts: each can be recorded anew, taken away and set back, and says with what it gets in the way.

use super::{SettingsState, set};
use crate::chrome::fonts;
use crate::chrome::theme::{self, UNIT};
use crate::pages::widgets::{self, BUTTON, Column};
use crate::strings;
use egui::{Role, pos2};
use portico_model::{Event, ShellShortcut, ShellShortcuts, preferences::Preferences};
use portico_portals::Shortcut;

/// Up to this width, names and buttons stand below each other.
const NARROW: f32 = 400.0;

pub(super) fn show(column: &mut Column<'_, '_>, state: &SettingsState) {
    column.title(strings::settings_shortcuts());
    column.note(strings::shortcuts_about());
    column.gap(2.0 * UNIT);
    let first = ShellShortcuts::default();
    for what in ShellShortcut::ALL {
        let now = state.preferences.shortcuts.get(what);
        line(column, state, what, now, first.get(what));
        for conflict in conflicts(state, what, now) {
            column.note(&conflict);
        }
        column.gap(UNIT);
    }
    column.gap(UNIT);
    if state.preferences.shortcuts != first && column.button(strings::shortcuts_reset()) {
        set(
            column,
            Preferences {
                shortcuts: first,
                ..state.preferences.clone()
            },
        );
    }
}

fn line(
    column: &mut Column<'_, '_>,
    state: &SettingsState,
    what: ShellShortcut,
    now: Option<Shortcut>,
    first: Option<Shortcut>,
) {
    let name = strings::shell_shortcut(what);
    // Where there is little room the name has a line of its own.
    let narrow = column.canvas.ui.available_width() < NARROW;
    if narrow {
        column.text(name);
        column.gap(UNIT / 2.0);
    }
    let mut free = column.row(BUTTON);
    let canvas = &mut *column.canvas;
    let palette = canvas.palette;
    let recording = state.recording == Some(what);
    let value = match now {
        _ if recording => strings::shortcut_press().to_owned(),
        Some(shortcut) => strings::shortcut(shortcut),
        None => strings::shortcut_none().to_owned(),
    };
    canvas.heard(free, ("shortcut", what.key()), Role::Label, &format!("{name}: {value}"));
    let change = |shortcut| {
        let mut preferences = state.preferences.clone();
        preferences.shortcuts.set(what, shortcut);
        Event::Command(portico_model::ShellCommand::Set(Box::new(preferences)))
    };
    let said = |what: &str| format!("{what}: {name}");
    if recording {
        let text = strings::cancel();
        if widgets::button_at_right(canvas, &mut free, ("cancel", what.key()), &said(text), text) {
            canvas.events.push(Event::Record(None));
        }
    } else {
        if now != first {
            let text = strings::shortcut_reset();
            if widgets::button_at_right(canvas, &mut free, ("reset", what.key()), &said(text), text) {
                canvas.events.push(change(first));
            }
        } else if now.is_some() {
            let text = strings::shortcut_remove();
            if widgets::button_at_right(canvas, &mut free, ("remove", what.key()), &said(text), text) {
                canvas.events.push(change(None));
            }
        }
        let text = strings::shortcut_change();
        if widgets::button_at_right(canvas, &mut free, ("change", what.key()), &said(text), text) {
            canvas.events.push(Event::Record(Some(what)));
        }
    }
    let middle = free.center().y;
    let colour = if recording { palette.accent } else { palette.weak };
    let value = canvas.line(
        &value,
        fonts::strong(theme::BODY),
        colour,
        free.width() * if narrow { 1.0 } else { 0.55 },
    );
    let left = if narrow {
        free.left()
    } else {
        free.right() - value.size().x - UNIT
    };
    canvas
        .painter()
        .galley(pos2(left, middle - value.size().y / 2.0), value, colour);
    if !narrow {
        let name = canvas.line(name, fonts::text(theme::BODY), palette.text, left - free.left() - UNIT);
        canvas.put_line(free.left(), middle, name);
    }
}

/// What a shortcut gets in the way of.
fn conflicts(state: &SettingsState, what: ShellShortcut, now: Option<Shortcut>) -> Vec<String> {
    let Some(now) = now else { return Vec::new() };
    let same = |other: Shortcut| (other.key, other.modifiers) == (now.key, now.modifiers);
    let own = ShellShortcut::ALL.into_iter().filter(|other| *other != what);
    let own = own.filter(|other| state.preferences.shortcuts.get(*other).is_some_and(same));
    let own = own.map(|other| strings::shortcut_also(strings::shell_shortcut(other)));
    let others = state.others.iter().filter(|other| same(other.shortcut));
    own.chain(others.map(|other| strings::shortcut_hides(&other.action, &other.program)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::OtherShortcut;
    use super::*;

    #[test]
    fn a_shortcut_says_what_it_gets_in_the_way_of() {
        let mut state = SettingsState::default();
        let hud = state.preferences.shortcuts.get(ShellShortcut::Hud);
        assert!(
            ShellShortcut::ALL
                .iter()
                .all(|what| conflicts(&state, *what, state.preferences.shortcuts.get(*what)).is_empty())
        );
        state.preferences.shortcuts.set(ShellShortcut::Search, hud);
        state.others.extend(hud.map(|shortcut| OtherShortcut {
            program: "Paint".into(),
            action: "Undo".into(),
            shortcut: Shortcut {
                pressed: false,
                ..shortcut
            },
        }));
        let told = conflicts(&state, ShellShortcut::Hud, hud);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].contains("Undo") && told[1].contains("Paint"));
        assert!(conflicts(&state, ShellShortcut::Hud, None).is_empty());
    }
}
