//! A program's words on the shell's own surfaces: whatever they are, nothing in them hides, turns what stands around it or takes more
//! room than it may.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_kernel::{ProgramText, escape_lines};

fuzz_target!(|data: (u8, &str)| {
    let (width, text) = data;
    let width = usize::from(width) + 1;
    let shown = ProgramText::cut(text, width);
    assert_eq!(ProgramText::cut(&shown, width), shown, "another look changes nothing");
    assert!(ProgramText::width(&shown) <= width);
    // What has no width of its own is bounded by what has one.
    assert!(shown.chars().count() <= 12 * width);
    assert_eq!(shown.trim(), &*shown);
    assert!(!shown.contains(turns_or_hides));
    let lines = ProgramText::lines(text);
    assert_eq!(ProgramText::lines(&lines), lines);
    assert!(!lines.replace('\n', "").contains(turns_or_hides));
    let escaped = escape_lines(text);
    assert_eq!(escape_lines(&escaped), escaped);
    assert!(!escaped.replace('\n', "").contains(turns_or_hides));
    // What can be seen in one is to be seen in the other.
    assert_eq!(text.split('\n').count(), escaped.split('\n').count());
    let _ = (shown.isolated(), shown.quoted());
});

fn turns_or_hides(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}
