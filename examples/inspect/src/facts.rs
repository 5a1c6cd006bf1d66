//! Everything that the host answers, as lines of text.

use portico_sdk::clock::{DateTime, TimeZone};
use portico_sdk::{Error, arguments, cpu, random, system, user};
use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

/// What is known so far.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) computer: Vec<(&'static str, String)>,
    pub(crate) time: Option<DateTime>,
    pub(crate) zone: Option<TimeZone>,
    pub(crate) name: String,
    pub(crate) full_name: String,
    pub(crate) languages: String,
    pub(crate) changed: bool,
}

fn told<T: Debug>(answer: Result<T, Error>) -> String {
    answer.map_or_else(|error| error.to_string(), |value| format!("{value:?}"))
}

fn plain(answer: Result<String, Error>) -> String {
    match answer {
        Ok(text) if text.is_empty() => "none".to_owned(),
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

/// Asks for everything that is answered once.
pub(crate) async fn ask(facts: Rc<RefCell<Facts>>) {
    let set = cpu::set_overclock(cpu::Overclock::Off)
        .await
        .map_or_else(|error| error.to_string(), |()| "done".to_owned());
    let size = cpu::reference_size()
        .await
        .map(|size| size.map_or_else(|| "unknown".to_owned(), |size| format!("{size:?}")));
    let arguments = arguments::all().await.map(|all| all.join(" "));
    let computer = vec![
        ("Processor", told(cpu::architecture().await)),
        ("References", plain(size)),
        ("Extensions", plain(cpu::extensions().await)),
        (
            "Boost",
            told(
                cpu::overclock()
                    .await
                    .map(|setting| setting.unwrap_or(cpu::Overclock::Off)),
            ),
        ),
        ("Set boost", set),
        ("Kernel", told(system::kernel().await)),
        ("System", plain(system::os_name().await)),
        ("Desktop", told(system::desktop().await)),
        ("Runtime", told(system::runtime().await)),
        ("Arguments", plain(arguments)),
        (
            "Random",
            random::seed()
                .await
                .map_or_else(|error| error.to_string(), |seed| format!("{seed:016x}")),
        ),
    ];
    let mut facts = facts.borrow_mut();
    facts.computer = computer;
    facts.changed = true;
}

/// Follows the user's name.
pub(crate) async fn follow_user(facts: Rc<RefCell<Facts>>) -> Result<(), Error> {
    let mut name = user::name();
    let mut full_name = user::full_name();
    let mut languages = user::languages();
    loop {
        {
            let mut facts = facts.borrow_mut();
            let mut changed = false;
            while let Some(new) = name.take() {
                (facts.name, changed) = (new, true);
            }
            while let Some(new) = full_name.take() {
                (facts.full_name, changed) = (new, true);
            }
            while let Some(new) = languages.take() {
                let all: Vec<String> = new.iter().filter_map(tag).collect();
                (facts.languages, changed) = (all.join(", "), true);
            }
            facts.changed |= changed;
        }
        portico_sdk::anything().await;
    }
}

/// A language as people write it: `en-US`, or `en` without a region.
fn tag(language: &user::Language) -> Option<String> {
    let (language, region) = language.as_str()?.split_at(2);
    Some(if region == "XX" {
        language.to_owned()
    } else {
        format!("{language}-{region}")
    })
}

impl Facts {
    /// The card about time.
    pub(crate) fn time_lines(&self) -> Vec<(&'static str, String)> {
        const DAYS: [&str; 8] = [
            "",
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        let mut lines = Vec::new();
        if let Some(time) = &self.time {
            let day = DAYS.get(usize::from(time.weekday)).unwrap_or(&"");
            lines.push((
                "Date",
                format!("{day}, {:04}-{:02}-{:02}", time.year, time.month, time.day),
            ));
            lines.push(("UTC", format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second)));
        }
        if let Some(zone) = &self.zone {
            let (sign, minutes) = (if zone.offset < 0 { '-' } else { '+' }, zone.offset.abs() / 60);
            let name = if zone.designation.is_empty() {
                "UTC"
            } else {
                &zone.designation
            };
            let summer = if zone.daylight_saving { ", daylight saving" } else { "" };
            lines.push((
                "Zone",
                format!("{name} {sign}{:02}:{:02}{summer}", minutes / 60, minutes % 60),
            ));
            lines.push(("Changes", format!("{} of standard time since 1970", zone.changes.len())));
            lines.push(("Leap seconds", zone.leap_seconds.len().to_string()));
        }
        lines
    }

    /// The card about the user.
    pub(crate) fn user_lines(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Name", self.name.clone()),
            ("Full name", self.full_name.clone()),
            ("Languages", self.languages.clone()),
        ]
    }
}
