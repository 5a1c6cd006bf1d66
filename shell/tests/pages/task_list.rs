//! The task list.

use super::*;

#[test]
fn tasks_are_sorted_chosen_and_ended() {
    let _speaking = speaking(Language::English);
    let mut harness = harness(tasks(), "Task list", false, (760.0, 320.0), 1.0);
    assert!(harness.query_by_label("End").is_none(), "nothing is chosen");
    let first = |harness: &Harness<'_, Bench>| {
        let rows = harness.query_all_by_role(egui::Role::ListBoxOption);
        let mut rows: Vec<_> = rows
            .map(|row| (row.rect().top() as i32, row.accesskit_node().label().unwrap()))
            .collect();
        rows.sort();
        rows.remove(0).1
    };
    assert!(
        first(&harness).starts_with("Clock: CPU 0.0 %; Memory 5.2 MB; Frames/s 1"),
        "{}",
        first(&harness)
    );
    click(&mut harness, "Sort by CPU");
    assert!(first(&harness).starts_with("Life is not answering"));
    click(&mut harness, "Sort by CPU");
    assert!(first(&harness).starts_with("Clock"));
    harness.get_by_label_contains("Harbour").click();
    harness.run();
    for (name, ask) in [
        ("End", ShellCommand::End(WindowId(2))),
        ("Restart", ShellCommand::Restart(WindowId(2))),
        ("Log", ShellCommand::ShowLog(WindowId(2))),
        ("Show window", ShellCommand::Focus(WindowId(2))),
    ] {
        click(&mut harness, name);
        assert_eq!(harness.state_mut().asked(), [ask], "{name}");
    }
}
