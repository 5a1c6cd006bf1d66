//! The log viewer and the debug console.

use super::*;

#[test]
fn the_log_is_filtered_copied_and_cleared() {
    let _speaking = speaking(Language::English);
    let (page, store) = log(None, false);
    let mut harness = harness(page, "Log", false, (1000.0, 500.0), 1.0);
    until(&mut harness, |harness| harness.query_by_label("30 lines").is_some());
    harness.get_by_label("Find in the text").focus();
    harness.run();
    harness.get_by_label("Find in the text").type_text("LINE 2");
    until(&mut harness, |harness| harness.query_by_label("11 lines").is_some());
    harness.get_by_label("Index").focus();
    harness.run();
    harness.get_by_label("Index").type_text("board");
    until(&mut harness, |harness| harness.query_by_label("3 lines").is_some());
    harness.get_by_label("Copy").click();
    // The picture in which it is copied may not be the last.
    let copied = (0..5).find_map(|_| {
        harness.step();
        harness
            .output()
            .platform_output
            .commands
            .iter()
            .find_map(|command| match command {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            })
    });
    let copied = copied.unwrap();
    assert_eq!(copied.lines().count(), 3, "{copied}");
    assert!(
        copied
            .lines()
            .next()
            .unwrap()
            .ends_with("INFO Life board: line 21 with something to say, and a bit more")
    );
    store.push(SourceId::SHELL, Level::Error, "board", "line 2 again");
    until(&mut harness, |harness| harness.query_by_label("4 lines").is_some());
    click(&mut harness, "Clear");
    until(&mut harness, |harness| harness.query_by_label("0 lines").is_some());
    assert!(harness.query_by_label("Nothing has been printed that fits.").is_some());
}

#[test]
fn the_debug_console_is_the_chosen_programs() {
    let _speaking = speaking(Language::English);
    let (page, _) = log(None, false);
    let mut deaf = harness(page, "Log", false, (1000.0, 500.0), 1.0);
    assert!(deaf.get_by_label("Debug console").accesskit_node().is_disabled());
    deaf.run();
    let (page, _) = log(Some(SourceId::SHELL), true);
    let mut harness = harness(page, "Log", false, (1000.0, 500.0), 1.0);
    until(&mut harness, |harness| harness.query_by_label("20 lines").is_some());
    harness.get_by_label("Debug console").focus();
    harness.run();
    harness.get_by_label("Debug console").type_text("help");
    harness.run();
    harness.key_press(Pressed::Enter);
    harness.run();
    let asked = harness.state_mut().asked();
    assert!(
        matches!(&asked[..], [ShellCommand::Console(_, line)] if line == "help"),
        "{asked:?}"
    );
}
