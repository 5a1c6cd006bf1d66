//! How windows look, and what they speak.

use super::set;
use crate::chrome::theme::UNIT;
use crate::pages::widgets::Column;
use crate::strings::{self, Language};
use portico_model::preferences::{Appearance, Motion, Preferences, SCALES};

const APPEARANCES: [Appearance; 3] = [Appearance::System, Appearance::Light, Appearance::Dark];
const MOTIONS: [Motion; 3] = [Motion::System, Motion::Full, Motion::Reduced];

pub(super) fn show(column: &mut Column<'_, '_>, now: &Preferences) {
    column.title(strings::settings_look());

    column.heading(strings::look_appearance());
    column.gap(UNIT / 2.0);
    let names = APPEARANCES.map(|appearance| match appearance {
        Appearance::System => strings::as_desktop(),
        Appearance::Light => strings::look_light(),
        Appearance::Dark => strings::look_dark(),
    });
    let choices = std::array::from_fn::<_, 3, _>(|index| (names[index], APPEARANCES[index] == now.appearance));
    if let Some(index) = column.choices(strings::look_appearance(), &choices) {
        set(
            column,
            Preferences {
                appearance: APPEARANCES[index],
                ..now.clone()
            },
        );
    }
    column.gap(3.0 * UNIT);

    column.heading(strings::look_scale());
    column.gap(UNIT / 2.0);
    let names = SCALES.map(|percent| strings::percent(percent.into()));
    let choices: Vec<_> = names
        .iter()
        .zip(SCALES)
        .map(|(name, scale)| (name.as_str(), scale == now.scale))
        .collect();
    if let Some(index) = column.choices(strings::look_scale(), &choices) {
        set(
            column,
            Preferences {
                scale: SCALES[index],
                ..now.clone()
            },
        );
    }
    column.gap(UNIT / 2.0);
    column.note(strings::look_scale_about());
    column.gap(3.0 * UNIT);

    column.heading(strings::look_motion());
    column.gap(UNIT / 2.0);
    let names = MOTIONS.map(|motion| match motion {
        Motion::System => strings::as_desktop(),
        Motion::Full => strings::motion_full(),
        Motion::Reduced => strings::motion_reduced(),
    });
    let choices = std::array::from_fn::<_, 3, _>(|index| (names[index], MOTIONS[index] == now.motion));
    if let Some(index) = column.choices(strings::look_motion(), &choices) {
        set(
            column,
            Preferences {
                motion: MOTIONS[index],
                ..now.clone()
            },
        );
    }
    column.gap(UNIT / 2.0);
    column.note(strings::look_motion_about());
    column.gap(3.0 * UNIT);

    column.heading(strings::look_language());
    column.gap(UNIT / 2.0);
    let mut choices = vec![(strings::as_desktop(), now.language.is_none())];
    choices.extend(Language::ALL.map(|language| (language.own_name(), now.language == Some(language))));
    if let Some(index) = column.choices(strings::look_language(), &choices) {
        let language = index.checked_sub(1).and_then(|index| Language::ALL.get(index).copied());
        set(
            column,
            Preferences {
                language,
                ..now.clone()
            },
        );
    }
}
