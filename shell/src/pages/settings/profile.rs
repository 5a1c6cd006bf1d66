//! The user's profile: names, and languages in their order. Typed text is set with every letter.

use super::SettingsState;
use crate::chrome::controls::{ButtonContent, ButtonStyle, Canvas};
use crate::chrome::fonts;
use crate::chrome::theme::{self, UNIT};
use crate::pages::widgets::{self, BUTTON, Column};
use crate::strings::{self, languages};
use egui::{Id, Key, Modifiers, Rect, Role, pos2, vec2};
use portico_model::{Event, ShellCommand};
use portico_portals::{LONGEST, Language, UserInfo, UserInfoField, language, spoken_first};
use std::time::Instant;

/// Up to this width, a language and its buttons stand below each other.
const NARROW: f32 = 280.0;
/// Most languages that are proposed at once.
const PROPOSED: usize = 10;
/// Most languages that there can be.
const MOST: usize = LONGEST as usize / size_of::<Language>();

/// Profile of the user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    /// The details that are set.
    pub set: UserInfo,
    /// The system's details, for those that are not set.
    pub system: UserInfo,
}

/// The page and its state.
#[derive(Default)]
pub(super) struct ProfilePage {
    /// The two names as they are typed, while their fields have the keyboard.
    names: [Option<String>; 2],
    /// What is typed to find a language.
    typed: String,
    /// What was taken away, the last last: after a removal another language's button lies under the pointer, so that a double
    /// click takes two.
    gone: Vec<Gone>,
    /// The language whose button is to have the keyboard.
    wanted: Option<Language>,
}

/// A removal that can be undone.
struct Gone {
    text: String,
    before: Option<Vec<Language>>,
    until: Instant,
}

/// An action on a language of the list.
enum LanguageAction {
    Up,
    Remove,
}

impl ProfilePage {
    pub(super) fn show(&mut self, column: &mut Column<'_, '_>, state: &SettingsState) {
        column.title(strings::settings_profile());
        column.note(strings::profile_about());
        column.gap(2.0 * UNIT);
        // Nothing is said before it is known.
        let Some(user) = &state.user else { return };
        let User { set, system } = user;
        self.name(
            column,
            0,
            strings::profile_user_name(),
            &set.user_name,
            &system.user_name,
            UserInfoField::UserName,
        );
        self.name(
            column,
            1,
            strings::profile_full_name(),
            &set.full_name,
            &system.full_name,
            UserInfoField::FullName,
        );
        self.languages(column, state, user);
    }

    /// A name: what has been set, with what the system says as a hint.
    fn name(
        &mut self,
        column: &mut Column<'_, '_>,
        which: usize,
        label: &str,
        set: &Option<String>,
        system: &Option<String>,
        detail: fn(Option<String>) -> UserInfoField,
    ) {
        let mut text = self.names[which].clone().or_else(|| set.clone()).unwrap_or_default();
        let hint = system.as_deref().unwrap_or_default();
        let response = column.field(Id::unique(("name", which)), label, hint, &mut text);
        if response.changed() {
            text.retain(|letter| !letter.is_control());
            text.truncate(text.floor_char_boundary(LONGEST as usize));
            let name = Some(text.trim().to_owned()).filter(|name| !name.is_empty());
            if name != *set {
                tell(column, detail(name));
            }
        }
        // Spaces at its end are not set, and stay while more may follow.
        self.names[which] = response.has_focus().then_some(text);
        column.gap(3.0 * UNIT);
    }

    fn languages(&mut self, column: &mut Column<'_, '_>, state: &SettingsState, user: &User) {
        column.heading(strings::profile_languages());
        column.gap(UNIT / 2.0);
        let own = user.set.languages.clone();
        let told = own.clone().unwrap_or_else(|| {
            let spoken = state.preferences.language.map(strings::Language::code);
            spoken_first(spoken, user.system.languages.clone().unwrap_or_default())
        });
        column.note(if own.is_some() {
            strings::profile_languages_about()
        } else {
            strings::profile_languages_desktop()
        });
        column.gap(UNIT);
        for (index, language) in told.iter().enumerate() {
            let action = self.row(column, index, *language, told.len());
            let mut list = told.clone();
            match action {
                Some(LanguageAction::Up) => {
                    list.swap(index - 1, index);
                    self.gone.clear();
                }
                Some(LanguageAction::Remove) => {
                    list.remove(index);
                    let text = strings::removed(&name(column.canvas, *language));
                    self.gone.push(Gone {
                        text,
                        before: own.clone(),
                        until: Instant::now() + widgets::UNDO,
                    });
                    self.wanted = list.get(index).or(list.last()).copied();
                }
                None => continue,
            }
            tell(column, UserInfoField::Languages(Some(list)));
        }
        if own.is_some() {
            column.gap(UNIT / 2.0);
            if column.button(strings::as_desktop()) {
                let text = strings::profile_list_removed().to_owned();
                self.gone.push(Gone {
                    text,
                    before: own,
                    until: Instant::now() + widgets::UNDO,
                });
                tell(column, UserInfoField::Languages(None));
            }
        }
        if told.len() < MOST {
            column.gap(2.0 * UNIT);
            self.add(column, &told);
        }
    }

    /// A language of the list; says what was done to it.
    fn row(
        &mut self,
        column: &mut Column<'_, '_>,
        index: usize,
        language: Language,
        count: usize,
    ) -> Option<LanguageAction> {
        let (own, tag) = (name(column.canvas, language), languages::tag(language));
        let narrow = column.canvas.ui.available_width() < NARROW;
        let mut line = column.row(BUTTON);
        let heard = format!("{}: {own}, {tag}", index + 1);
        column
            .canvas
            .heard(line, ("language", tag.as_str()), Role::Label, &heard);
        let buttons = [
            (index > 0).then(|| (LanguageAction::Up, strings::profile_up(), "up")),
            (count > 1).then(|| (LanguageAction::Remove, strings::remove(), "remove")),
        ];
        let buttons: Vec<_> = buttons.into_iter().flatten().collect();
        let widths: Vec<_> = buttons
            .iter()
            .map(|(_, text, _)| widgets::button_width(column.canvas, text))
            .collect();
        let all = widths.iter().sum::<f32>() + widths.len() as f32 * UNIT / 2.0;
        let free = if narrow {
            line
        } else {
            line.with_max_x(line.right() - all - UNIT)
        };
        let palette = column.canvas.palette;
        let wide = free.width().max(0.0);
        let text = column.canvas.line(&own, fonts::text(theme::BODY), palette.text, wide);
        let right = free.left() + text.size().x + UNIT;
        column.canvas.put_line(free.left(), free.center().y, text);
        if own != tag {
            let room = (free.right() - right).max(0.0);
            let text = column.canvas.line(&tag, fonts::text(theme::SMALL), palette.weak, room);
            column.canvas.put_line(right, free.center().y, text);
        }
        let mut left = line.right() - all + UNIT / 2.0;
        if narrow && !buttons.is_empty() {
            line = column.row(BUTTON);
            left = line.left();
        }
        let mut done = None;
        let wanted = self.wanted == Some(language);
        for ((action, text, id), width) in buttons.into_iter().zip(widths) {
            let place = Rect::from_min_size(pos2(left, line.top()), vec2(width, BUTTON));
            left = place.right() + UNIT / 2.0;
            let said = format!("{text}: {own}");
            let response = column.canvas.button(
                place,
                (id, tag.as_str()),
                &said,
                ButtonContent::Text(text),
                ButtonStyle::default(),
            );
            if wanted && matches!(action, LanguageAction::Remove) {
                self.wanted = None;
                response.request_focus();
            }
            if response.clicked() {
                // What has the keyboard goes; where it goes to, pressing again does no harm.
                if index == 1 && matches!(action, LanguageAction::Up) && response.has_focus() {
                    column.canvas.ui.memory_mut(|memory| memory.request_focus(adding()));
                }
                done = Some(action);
            }
        }
        column.gap(UNIT / 2.0);
        // Only a keyboard that was here is to stay here.
        let had_keyboard = column.canvas.ui.memory(|memory| memory.focused().is_some());
        if !had_keyboard {
            self.wanted = None;
        }
        done
    }

    /// A field for a name or a tag, and languages that fit what is in it.
    fn add(&mut self, column: &mut Column<'_, '_>, told: &[Language]) {
        let response = column.field(
            adding(),
            strings::profile_add(),
            strings::profile_add_hint(),
            &mut self.typed,
        );
        column.gap(UNIT);
        let fits = proposed(&self.typed, told);
        let enter = response.has_focus()
            && column
                .canvas
                .ui
                .input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let names: Vec<String> = fits.iter().map(|language| called(column.canvas, *language)).collect();
        let chosen = column.buttons(strings::profile_add(), &names);
        let typed = !self.typed.trim().is_empty();
        if typed && fits.is_empty() {
            column.note(strings::profile_no_language());
        }
        if let Some(language) = chosen
            .or((enter && typed).then_some(0))
            .and_then(|index| fits.get(index))
        {
            self.typed.clear();
            self.gone.clear();
            column.canvas.ui.memory_mut(|memory| memory.request_focus(adding()));
            tell(
                column,
                UserInfoField::Languages(Some(told.iter().chain([language]).copied().collect())),
            );
        }
    }

    /// Says what was removed, for as long as that can be undone.
    pub(super) fn undo(&mut self, canvas: &mut Canvas<'_>, place: Rect) {
        let now = Instant::now();
        self.gone.retain(|gone| now < gone.until);
        if let Some(gone) = self
            .gone
            .pop_if(|gone| widgets::undo(canvas, place, &gone.text, gone.until))
        {
            canvas
                .events
                .push(Event::Command(ShellCommand::SetUserInfo(UserInfoField::Languages(
                    gone.before,
                ))));
        }
    }
}

/// The field in which languages are found.
fn adding() -> Id {
    Id::unique("add a language")
}

fn tell(column: &mut Column<'_, '_>, detail: UserInfoField) {
    column
        .canvas
        .events
        .push(Event::Command(ShellCommand::SetUserInfo(detail)));
}

/// Languages that fit what was typed and are not in the list: that of a tag first, then by their names.
fn proposed(typed: &str, told: &[Language]) -> Vec<Language> {
    let there = |proposed: &Language| match &proposed.code {
        // A name alone proposes no language that is there with a region.
        [first, second, b'X', b'X'] => told.iter().any(|told| told.code[..2] == [*first, *second]),
        _ => told.contains(proposed),
    };
    let mut fits: Vec<Language> = language(typed.trim())
        .into_iter()
        .chain(languages::named_like(typed))
        .collect();
    fits.retain(|language| !there(language));
    let mut seen = Vec::new();
    fits.retain(|language| {
        !seen.contains(language) && {
            seen.push(*language);
            true
        }
    });
    fits.truncate(PROPOSED);
    fits
}

/// Name of a language: its name in itself, or its tag where that name is not known or no font has its letters.
fn name(canvas: &Canvas<'_>, language: Language) -> String {
    let drawn = |name: &&str| {
        canvas
            .ui
            .ctx()
            .fonts_mut(|fonts| fonts.has_glyphs(&fonts::strong(theme::BODY), name))
    };
    languages::own_name(language)
        .filter(drawn)
        .map_or_else(|| languages::tag(language), str::to_owned)
}

/// The same with the region.
fn called(canvas: &Canvas<'_>, language: Language) -> String {
    let (name, tag) = (name(canvas, language), languages::tag(language));
    match tag.split_once('-') {
        Some((_, region)) if name != tag => format!("{name} ({region})"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(typed: &str, told: &[&[u8; 4]]) -> String {
        let told: Vec<_> = told.iter().map(|code| Language { code: **code }).collect();
        proposed(typed, &told)
            .into_iter()
            .map(languages::tag)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn what_is_typed_proposes_what_is_not_in_the_list() {
        assert_eq!(tags("de", &[]), "de");
        assert_eq!(tags("es", &[]), "es eo et", "a tag, then names");
        assert_eq!(tags("pt_BR", &[]), "pt-BR");
        assert_eq!(tags("xy", &[]), "xy", "a tag need not be known");
        assert_eq!(tags("deut", &[b"deAT"]), "");
        assert_eq!(tags("de-CH", &[b"deAT"]), "de-CH");
        assert_eq!(tags("de-at", &[b"deAT"]), "");
        assert_eq!(tags("klingon", &[]), "");
        assert_eq!(tags("", &[b"enGB"]), "eo zh es fr de pt ru ja ar it");
    }
}
