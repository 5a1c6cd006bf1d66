//! Who the user is: user name (command 11), full name (12), languages (13).

use crate::Host;
use crate::message::{Kind, list, text};
use portico_abi::{Language, which};
use portico_kernel::{Default as Grant, Portal, Served};
use zerocopy::IntoBytes;

/// What may be read.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "profile",
    summary: "Know the user's name and languages",
    default: Grant::Open,
    watched: false,
    commands: &[
        Served {
            number: which::USER_NAME,
            name: "user name",
            single: false,
            open: Some(|_| text(Kind::State, whoami::username().unwrap_or_default())),
        },
        Served {
            number: which::FULL_NAME,
            name: "full name",
            single: false,
            open: Some(|_| text(Kind::State, whoami::realname().unwrap_or_default())),
        },
        Served {
            number: which::LANGUAGE,
            name: "language",
            single: false,
            open: Some(|_| {
                let languages = languages(sys_locale::get_locales());
                list(Kind::State, languages.as_bytes().to_vec(), size_of::<Language>())
            }),
        },
    ],
};

/// What may be changed.
pub(crate) const CHANGE: Portal<Host> = Portal {
    name: "change-profile",
    summary: "Change the user's name and languages",
    default: Grant::Ask,
    watched: false,
    commands: &[
        Served { number: which::SET_USER_NAME, name: "set user name", single: false, open: None },
        Served { number: which::SET_FULL_NAME, name: "set full name", single: false, open: None },
        Served { number: which::SET_LANGUAGE, name: "set language", single: false, open: None },
    ],
};

/// The languages of these locales (`de-AT`, `zh-Hans-CN`), each once. Those without a code of two letters can't be told in
/// the ABI; where nothing is left, English is what an unlocalised system speaks.
fn languages(locales: impl Iterator<Item = String>) -> Vec<Language> {
    let mut languages = Vec::new();
    for language in locales.filter_map(|locale| language(&locale)) {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    if languages.is_empty() {
        languages.push(Language { code: *b"enXX" });
    }
    languages
}

fn language(locale: &str) -> Option<Language> {
    let two_letters = |part: &str| -> Option<[u8; 2]> {
        part.as_bytes().try_into().ok().filter(|letters: &[u8; 2]| letters.iter().all(u8::is_ascii_alphabetic))
    };
    let mut parts = locale.split(['-', '_', '.', '@']);
    let [l0, l1] = two_letters(parts.next()?)?.map(|letter| letter.to_ascii_lowercase());
    let [r0, r1] =
        parts.find_map(two_letters).map_or(*b"XX", |region| region.map(|letter| letter.to_ascii_uppercase()));
    Some(Language { code: [l0, l1, r0, r1] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(locales: &[&str]) -> String {
        let languages = languages(locales.iter().map(ToString::to_string));
        languages.iter().filter_map(Language::as_str).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn locales_become_languages() {
        assert_eq!(codes(&["de-AT", "eo", "EN_us", "de-AT"]), "deAT eoXX enUS");
        assert_eq!(codes(&["zh-Hans-CN", "ast-ES"]), "zhCN");
        assert_eq!(codes(&["C", "POSIX", ""]), "enXX");
    }
}
