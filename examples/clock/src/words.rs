//! What is written, in the languages that the program knows.

use portico_sdk::clock::DateTime;
use portico_sdk::user::Language;

/// The words of a language.
pub(crate) struct Words {
    code: [u8; 2],
    days: [&'static str; 7],
    months: [&'static str; 12],
    /// How a date is put together.
    date: &'static str,
    /// Daylight saving time.
    pub(crate) summer: &'static str,
    /// What the timer is called.
    pub(crate) timer: &'static str,
    /// The timer has come to its end.
    pub(crate) up: &'static str,
    /// So many minutes; the number stands before it.
    pub(crate) minutes: &'static str,
    /// What can be done: go on or hold on, stop, a minute more, how hours are counted, another language.
    pub(crate) deeds: [&'static str; 5],
    /// There is no time to be had.
    pub(crate) shut: &'static str,
}

const ENGLISH: Words = Words {
    code: *b"en",
    days: [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: "{weekday}, {day} {month} {year}",
    summer: "daylight saving time",
    timer: "Timer",
    up: "Time is up",
    minutes: "min",
    deeds: [
        "Pause or go on",
        "Stop the timer",
        "A minute more",
        "24 or 12 hours",
        "Another language",
    ],
    shut: "The clock is shut to this program",
};

const ESPERANTO: Words = Words {
    code: *b"eo",
    days: ["lundo", "mardo", "merkredo", "ĵaŭdo", "vendredo", "sabato", "dimanĉo"],
    months: [
        "januaro",
        "februaro",
        "marto",
        "aprilo",
        "majo",
        "junio",
        "julio",
        "aŭgusto",
        "septembro",
        "oktobro",
        "novembro",
        "decembro",
    ],
    date: "{weekday}, la {day}-a de {month} {year}",
    summer: "somera tempo",
    timer: "Tempomezurilo",
    up: "La tempo finiĝis",
    minutes: "min",
    deeds: [
        "Paŭzi aŭ daŭrigi",
        "Haltigi la mezurilon",
        "Plian minuton",
        "24 aŭ 12 horoj",
        "Alia lingvo",
    ],
    shut: "La horloĝo estas fermita al ĉi tiu programo",
};

const GERMAN: Words = Words {
    code: *b"de",
    days: [
        "Montag",
        "Dienstag",
        "Mittwoch",
        "Donnerstag",
        "Freitag",
        "Samstag",
        "Sonntag",
    ],
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: "{weekday}, {day}. {month} {year}",
    summer: "Sommerzeit",
    timer: "Wecker",
    up: "Die Zeit ist um",
    minutes: "min",
    deeds: [
        "Anhalten oder weiter",
        "Wecker aus",
        "Eine Minute mehr",
        "24 oder 12 Stunden",
        "Andere Sprache",
    ],
    shut: "Die Uhr ist diesem Programm verschlossen",
};

const SPANISH: Words = Words {
    code: *b"es",
    days: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    date: "{weekday}, {day} de {month} de {year}",
    summer: "horario de verano",
    timer: "Temporizador",
    up: "Se acabó el tiempo",
    minutes: "min",
    deeds: [
        "Pausar o seguir",
        "Parar el temporizador",
        "Un minuto más",
        "24 o 12 horas",
        "Otro idioma",
    ],
    shut: "El reloj está cerrado para este programa",
};

/// All of them.
pub(crate) const ALL: [&Words; 4] = [&ENGLISH, &ESPERANTO, &GERMAN, &SPANISH];

/// Which of [`ALL`] suits a user best: the first of the user's languages that there is.
pub(crate) fn suit(languages: &[Language]) -> usize {
    let known = |language: &Language| ALL.iter().position(|words| words.code == language.code[..2]);
    languages.iter().find_map(known).unwrap_or(0)
}

/// Whether hours are counted to twelve where the user is.
pub(crate) fn twelve_hours(languages: &[Language]) -> bool {
    languages
        .first()
        .is_some_and(|language| [*b"enUS", *b"enCA", *b"enAU", *b"enIN"].contains(&language.code))
}

impl Words {
    /// A date.
    pub(crate) fn date(&self, moment: &DateTime) -> String {
        let name = |names: &[&'static str], number: u8| names.get(usize::from(number.max(1)) - 1).copied();
        self.date
            .replace("{weekday}", name(&self.days, moment.weekday).unwrap_or_default())
            .replace("{day}", &moment.day.to_string())
            .replace("{month}", name(&self.months, moment.month).unwrap_or_default())
            .replace("{year}", &moment.year.to_string())
    }
}
