//! What languages are called by those who speak them.

use portico_model::fold::fold;
use portico_portals::Language;

/// A language that can be chosen by its name.
struct Named {
    /// Its code of two letters.
    code: [u8; 2],
    /// Name of the language in itself.
    own: &'static str,
    /// What it is found by where that can't be typed.
    english: &'static str,
}

const fn named(code: [u8; 2], own: &'static str, english: &'static str) -> Named {
    Named { code, own, english }
}

/// Those that are proposed first stand first, then all by their codes.
const NAMED: [Named; 50] = [
    named(*b"en", "English", "English"),
    named(*b"eo", "Esperanto", "Esperanto"),
    named(*b"zh", "中文", "Chinese"),
    named(*b"es", "Español", "Spanish"),
    named(*b"fr", "Français", "French"),
    named(*b"de", "Deutsch", "German"),
    named(*b"pt", "Português", "Portuguese"),
    named(*b"ru", "Русский", "Russian"),
    named(*b"ja", "日本語", "Japanese"),
    named(*b"ar", "العربية", "Arabic"),
    named(*b"it", "Italiano", "Italian"),
    named(*b"af", "Afrikaans", "Afrikaans"),
    named(*b"bg", "Български", "Bulgarian"),
    named(*b"bn", "বাংলা", "Bengali"),
    named(*b"ca", "Català", "Catalan"),
    named(*b"cs", "Čeština", "Czech"),
    named(*b"cy", "Cymraeg", "Welsh"),
    named(*b"da", "Dansk", "Danish"),
    named(*b"el", "Ελληνικά", "Greek"),
    named(*b"et", "Eesti", "Estonian"),
    named(*b"eu", "Euskara", "Basque"),
    named(*b"fa", "فارسی", "Persian"),
    named(*b"fi", "Suomi", "Finnish"),
    named(*b"ga", "Gaeilge", "Irish"),
    named(*b"gl", "Galego", "Galician"),
    named(*b"he", "עברית", "Hebrew"),
    named(*b"hi", "हिन्दी", "Hindi"),
    named(*b"hr", "Hrvatski", "Croatian"),
    named(*b"hu", "Magyar", "Hungarian"),
    named(*b"id", "Bahasa Indonesia", "Indonesian"),
    named(*b"is", "Íslenska", "Icelandic"),
    named(*b"ko", "한국어", "Korean"),
    named(*b"la", "Latina", "Latin"),
    named(*b"lt", "Lietuvių", "Lithuanian"),
    named(*b"lv", "Latviešu", "Latvian"),
    named(*b"nb", "Norsk bokmål", "Norwegian"),
    named(*b"nl", "Nederlands", "Dutch"),
    named(*b"nn", "Norsk nynorsk", "Norwegian"),
    named(*b"pl", "Polski", "Polish"),
    named(*b"ro", "Română", "Romanian"),
    named(*b"sk", "Slovenčina", "Slovak"),
    named(*b"sl", "Slovenščina", "Slovene"),
    named(*b"sq", "Shqip", "Albanian"),
    named(*b"sr", "Српски", "Serbian"),
    named(*b"sv", "Svenska", "Swedish"),
    named(*b"sw", "Kiswahili", "Swahili"),
    named(*b"th", "ไทย", "Thai"),
    named(*b"tr", "Türkçe", "Turkish"),
    named(*b"uk", "Українська", "Ukrainian"),
    named(*b"vi", "Tiếng Việt", "Vietnamese"),
];

/// A language's name in itself, if it is known, without its region.
pub fn own_name(language: Language) -> Option<&'static str> {
    NAMED
        .iter()
        .find(|named| named.code == language.code[..2])
        .map(|named| named.own)
}

/// A language as its tag: `pt-BR`, or `pt` for no region.
pub fn tag(language: Language) -> String {
    match language.as_str() {
        Some(code) if code.ends_with("XX") => code[..2].to_owned(),
        Some(code) => format!("{}-{}", &code[..2], &code[2..]),
        None => String::new(),
    }
}

/// Languages without a region whose name begins like what was typed, in themselves or in English, those proposed first
/// before the others; all of them where nothing was typed.
pub fn named_like(typed: &str) -> impl Iterator<Item = Language> {
    let typed = fold(typed.trim()).into_owned();
    let fits = move |named: &&Named| {
        [named.own, named.english]
            .iter()
            .any(|name| fold(name).starts_with(&typed))
    };
    NAMED.iter().filter(fits).map(|named| {
        let [first, second] = named.code;
        Language {
            code: [first, second, b'X', b'X'],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(typed: &str) -> Vec<String> {
        named_like(typed).map(tag).collect()
    }

    #[test]
    fn languages_are_found_by_their_names() {
        assert_eq!(tags("deut"), ["de"]);
        assert_eq!(tags(" JAPA"), ["ja"]);
        assert_eq!(tags("日本"), ["ja"]);
        assert_eq!(tags("RUS"), tags("рус"));
        assert_eq!(tags("francais"), ["fr"]);
        assert_eq!(tags("turkce"), ["tr"]);
        assert_eq!(tags("Tie\u{302}\u{301}ng vi"), ["vi"], "however it is encoded");
        assert_eq!(tags("e"), ["en", "eo", "es", "et", "eu"]);
        assert_eq!(tags("").len(), NAMED.len());
        assert!(tags("klingon").is_empty());
    }

    #[test]
    fn every_language_stands_once() {
        let mut codes: Vec<_> = NAMED.iter().map(|named| named.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), NAMED.len());
    }

    #[test]
    fn a_region_is_part_of_the_tag_and_not_of_the_name() {
        let austria = Language { code: *b"deAT" };
        assert_eq!((own_name(austria), tag(austria).as_str()), (Some("Deutsch"), "de-AT"));
        assert_eq!(own_name(Language { code: *b"qqXX" }), None);
    }
}
