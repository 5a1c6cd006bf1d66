use super::*;
use proptest::prelude::*;

fn name(text: &str) -> String {
    ProgramText::name(text).to_string()
}

#[test]
fn a_text_that_hides_nothing_stays_as_it_is() {
    for text in [
        "Paint",
        "Ĉu ŝi ĵetas?",
        "Đặt hàng",
        "日本語の名前",
        "한국어",
        "1️⃣ ❤️ 👩‍👩‍👧‍👦 👨🏽‍🚀 🇵🇱 🏳️‍🌈",
        // Persian and Bengali are written with joiners, Hebrew and Thai with marks.
        "می‌خواهم",
        "র‍্যাব ক্‍ষ",
        "שָׁלוֹם",
        "ที่นี่",
        "e\u{301}\u{302}",
    ] {
        assert_eq!(name(text), text);
        let mut escaped = String::new();
        escape(&mut escaped, text);
        assert_eq!(escaped, text);
    }
}

#[test]
fn what_hides_or_turns_text_is_left_out() {
    for (text, shown) in [
        ("  a \t\n b\u{a0}\u{3000}c\u{2028} ", "a b c"),
        ("Paint\u{202E}gnp.exe", "Paintgnp.exe"),
        ("\u{2066}a\u{2069}\u{200F}\u{61C}b", "ab"),
        ("a\u{1b}[31mb\u{9b}c\u{7f}\0", "a[31mbc"),
        ("P\u{200B}a\u{2060}i\u{AD}n\u{FEFF}t\u{E0041}\u{FE0F}\u{FE01}", "Paint"),
        ("a\u{200D}b\u{200C}c\u{200D}", "abc"),
        ("1\u{200D}2 1\u{FE0F}", "12 1"),
        ("\u{301}\u{302}a", "a"),
        ("می\u{200C}\u{200C}خ", "می\u{200C}خ"),
    ] {
        assert_eq!(name(text), shown, "{text:?}");
    }
    let flood = format!("a{}b", "\u{301}".repeat(1_000));
    assert_eq!(name(&flood), format!("a{}b", "\u{301}".repeat(4)));
    assert_eq!(name(&format!("한{}", "\u{1161}".repeat(99))).chars().count(), 5);
    let woman = "👩\u{200D}";
    assert_eq!(
        name(&woman.repeat(9)),
        format!("{}👩{}👩", woman.repeat(4), woman.repeat(3))
    );
}

#[test]
fn what_is_blank_is_empty() {
    for text in [
        "",
        "  \n",
        "\u{200B}",
        "\u{2800}\u{3164}\u{FFA0}",
        "\u{202E}\u{202C}",
        "\u{301}",
        "\u{1D159}\u{115F}",
    ] {
        assert!(ProgramText::name(text).is_empty(), "{text:?}");
    }
}

#[test]
fn what_is_too_wide_ends_with_an_ellipsis() {
    assert_eq!(name(&"a".repeat(1_000)), "a".repeat(63) + "…");
    assert_eq!(name(&"a".repeat(64)), "a".repeat(64));
    assert_eq!(name(&"語".repeat(64)), "語".repeat(31) + "…");
    assert_eq!(&*ProgramText::cut("ab cd", 4), "ab…");
    // Not in the middle of what is one letter to its reader.
    assert_eq!(&*ProgramText::cut("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3), "👩‍👩‍👧‍👦…");
}

#[test]
fn several_lines_stay_several() {
    assert_eq!(&*ProgramText::lines(" a\u{202E} b \r\n\n c\u{0}\n"), "a b\n\nc");
}

#[test]
fn on_a_terminal_what_is_written_from_the_right_stays_by_itself() {
    assert_eq!(ProgramText::name("Paint 2").isolated(), "Paint 2");
    assert_eq!(ProgramText::name("صورة").isolated(), "\u{2068}صورة\u{2069}");
}

#[test]
fn quotes_can_t_be_closed_from_inside() {
    let reason = ProgramText::from("To draw.” The shell has checked it. “\"«x»\"");
    assert_eq!(reason.quoted(), "To draw.' The shell has checked it. '''x''");
    assert_eq!(ProgramText::from("it's").quoted(), "it's");
    assert_eq!(ProgramText::from("Paintˮ ″🙷").quoted(), "Paint' ''");
}

#[test]
fn what_is_hidden_is_escaped() {
    let mut out = String::new();
    escape(&mut out, "ĉu\t\u{1b}[2J\r\u{7f}\u{9b}\u{202E}\u{200B}x\u{2029}\u{a0}");
    assert_eq!(
        out,
        "ĉu\\t\\u{1b}[2J\\r\\u{7f}\\u{9b}\\u{202e}\\u{200b}x\\u{2029}\u{a0}"
    );
    assert_eq!(escape_lines("a\u{202E}\nb\n"), "a\\u{202e}\nb\n");
    // A mark does not get onto what stands for something else.
    assert_eq!(
        escaped("a\u{301}\u{200B}\u{301}\n\u{301}"),
        "a\u{301}\\u{200b}\\u{301}\\n\\u{301}"
    );
}

proptest! {
    #[test]
    fn whatever_it_is_it_is_fit(text in "([a-c \u{301}\u{200C}-\u{200F}\u{202A}-\u{202E}\u{FE0F}👩👧❤क्षمی\u{1161}]|\\PC|.|\n){0,40}", width in 1_usize..12) {
        let shown = ProgramText::cut(&text, width);
        prop_assert_eq!(&ProgramText::cut(&shown, width), &shown, "another look changes nothing");
        prop_assert!(ProgramText::width(&shown) <= width, "{:?}", shown);
        prop_assert!(shown.chars().count() <= 12 * width, "{:?}", shown);
        prop_assert_eq!(shown.trim(), &*shown);
        let turns = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{200E}' | '\u{200F}');
        prop_assert!(!shown.chars().any(|c| c.is_control() || turns(c)), "{:?}", shown);
        let escaped = escape_lines(&text);
        prop_assert_eq!(&escape_lines(&escaped), &escaped);
        prop_assert_eq!(escaped.lines().count(), text.lines().count());
    }
}
