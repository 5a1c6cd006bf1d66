//! The table of portals: the single place that lists them.

use crate::{
    Host, arguments, clipboard, clock, console, cursor, dropped, frame, keys, launch, log, menu, notifications, ports,
    profile, random, search, state, system, tabs, tasks, text, toolbar, unsupported, why,
};
use portico_kernel::Portal;

/// Every portal of this host. Each command stands in exactly one of them.
pub static TABLE: &[Portal<Host>] = &[
    system::PORTAL,
    system::BOOST,
    clock::PORTAL,
    profile::PORTAL,
    profile::CHANGE,
    arguments::PORTAL,
    random::PORTAL,
    why::PORTAL,
    log::PORTAL,
    console::PORTAL,
    state::PORTAL,
    frame::PORTAL,
    toolbar::PORTAL,
    menu::PORTAL,
    tabs::PORTAL,
    search::PORTAL,
    keys::PORTAL,
    text::PORTAL,
    cursor::PORTAL,
    tasks::PORTAL,
    unsupported::CONTROLLERS,
    unsupported::GPIO,
    unsupported::MICROPHONE,
    unsupported::SPEAKERS,
    unsupported::CAMERA,
    unsupported::HTTP,
    unsupported::BLUETOOTH,
    unsupported::STORAGE,
    unsupported::SHARING,
    unsupported::GPU,
    clipboard::PORTAL,
    clipboard::UNFOCUSED,
    notifications::PORTAL,
    launch::PORTAL,
    unsupported::INTERFACES,
    ports::PORTAL,
    dropped::PORTAL,
];

#[cfg(test)]
mod tests {
    use super::*;
    use portico_abi::which;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_stands_in_exactly_one_row() {
        let mut numbers: Vec<_> = TABLE
            .iter()
            .flat_map(|portal| portal.commands)
            .map(|row| row.number)
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..which::COUNT).collect::<Vec<_>>());
    }

    #[test]
    fn the_commands_of_this_version_are_served() {
        let served: BTreeSet<_> = TABLE
            .iter()
            .flat_map(|portal| portal.commands)
            .filter(|row| row.open.is_some())
            .map(|row| row.number)
            .collect();
        let expected = (0..=28)
            .chain([35])
            .chain(44..=53)
            .chain(57..=61)
            .collect::<BTreeSet<_>>();
        assert_eq!(served, expected);
    }

    #[test]
    fn permissions_have_names_of_their_own() {
        let names: BTreeSet<_> = TABLE.iter().map(|portal| portal.name).collect();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.iter().all(|portal| !portal.summary.is_empty()));
        let without: Vec<_> = TABLE
            .iter()
            .filter(|portal| portal.commands.is_empty())
            .map(|row| row.name)
            .collect();
        assert_eq!(
            without,
            ["clipboard-unfocused"],
            "those that channels of others ask for"
        );
    }

    #[test]
    fn those_that_are_one_per_program_are_marked() {
        let single: BTreeSet<_> = TABLE
            .iter()
            .flat_map(|portal| portal.commands)
            .filter(|row| row.single && row.open.is_some())
            .map(|row| row.number)
            .collect();
        assert_eq!(single, BTreeSet::from([18, 21, 22, 23, 24, 25, 27, 35, 48, 49, 61]));
    }
}
