//! One folding for all that is searched: what people type is found in what others have written, whatever keyboard they have.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A text as it is searched: small letters without accents, one form for all ways to encode the same letters, and for letters
/// that are written with a stroke or joined to another what people type for them who do not have them. What is searched and what
/// it is searched for are folded alike.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    // Taken apart first, so that an accent is a character of its own; in the end Korean syllables are put together again.
    let letters = text
        .nfkd()
        .filter(|c| !is_accent(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(*c));
    let mut folded = String::with_capacity(text.len());
    for letter in letters {
        match typed_for(letter) {
            Some(typed) => folded.push_str(typed),
            None => folded.push(letter),
        }
    }
    Cow::Owned(folded.nfc().collect())
}

/// Whether two texts are equal after folding.
pub fn is_same(one: &str, other: &str) -> bool {
    fold(one.trim()) == fold(other.trim())
}

/// Whether people leave it out when they type: accents, the points of Hebrew and Arabic, and what nobody sees. The marks of other
/// writing tell words apart.
fn is_accent(character: char) -> bool {
    let optional = matches!(character,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}');
    (optional && is_combining_mark(character))
        || matches!(
            character,
            '\u{AD}' | '\u{640}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE0E}' | '\u{FE0F}'
        )
}

/// What people type who do not have a letter that no normalization takes apart.
fn typed_for(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ł' => "l",
        'ø' | 'ɔ' => "o",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ı' | 'ɨ' => "i",
        'ȷ' => "j",
        'ĸ' | 'ƙ' => "k",
        'ƒ' => "f",
        'ɓ' | 'ƀ' => "b",
        'ə' | 'ǝ' | 'ɛ' => "e",
        'ς' => "σ",
        'ґ' => "г",
        '\u{2018}' | '\u{2019}' | '\u{2BC}' | '\u{2BB}' => "'",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_is_what_others_have_written() {
        for (typed, written) in [
            ("lodz", "Łódź"),
            ("strasse", "Straße"),
            ("STRASSE", "STRAẞE"),
            ("елка", "Ёлка"),
            ("dat hang", "Đặt hàng"),
            ("francais", "Français"),
            ("generation", "Génération"),
            ("generation", "Ge\u{301}ne\u{301}ration"),
            ("oeuvre", "Œuvre"),
            ("smorrebrod", "Smørrebrød"),
            ("aegir", "Ægir"),
            ("thor", "Þór"),
            ("istanbul", "İstanbul"),
            ("diyarbakir", "Diyarbakır"),
            ("οδος", "ΟΔΌΣ"),
            ("οδοσ", "οδός"),
            ("full width 1", "Ｆｕｌｌ　ｗｉｄｔｈ　１"),
            ("office", "oﬃce"),
            ("ガラス", "ｶﾞﾗｽ"),
            ("한국어", "한국어"),
            ("שלום", "שָׁלוֹם"),
            ("محمد", "مُحَمَّد"),
            ("an", "a\u{ad}n\u{200B}"),
            ("qu'est-ce", "Qu’est‐ce"),
        ] {
            assert_eq!(fold(typed), fold(written), "{typed} finds {written}");
            assert!(is_same(typed, written));
        }
        assert!(!is_same("か", "が") && !is_same("कि", "क") && !is_same("a", "b"));
        assert!(
            matches!(fold("plain"), Cow::Borrowed(_)),
            "nothing is copied that need not be"
        );
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_so(text in "\\PC{0,20}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once), once.as_str());
            // However it is encoded, it is found.
            let composed: String = text.nfc().collect();
            let apart: String = text.nfd().collect();
            prop_assert_eq!(fold(&composed), fold(&apart));
        }
    }
}
