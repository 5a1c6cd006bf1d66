//! What becomes of windows and their programs: traps, loops, ends, neighbours, many of them.

use portico_tests::desktop::SCREEN;
use portico_tests::programs::{Cell, OnKey, animator, save, script, still, watcher};
use portico_tests::{Desktop, PATIENCE, Running, Window, poll};
use std::time::Duration;

portico_tests::on_each_desktop!(
    a_trap_leaves_a_page_that_restarts,
    a_program_that_does_not_answer_is_covered_and_ended,
    a_program_that_ends_takes_its_window_with_it,
    closing_by_the_window_manager_ends_the_program,
    a_window_closes_over_the_shells_socket,
    a_window_is_as_large_as_its_user_last_made_it,
    two_programs_share_a_shell_and_nothing_else,
    full_screen_comes_and_goes,
    a_minimised_window_gives_up_the_keyboard_and_gets_it_back,
    twenty_windows_all_move,
    hostile_programs_do_not_slow_a_neighbour,
);

const RED: [u8; 3] = [220, 30, 30];
const SIZE: (u32, u32) = (640, 400);

fn start(desktop: &Desktop, on_key: OnKey) -> (Running, Window) {
    let running = desktop.run("still", &still("Still", RED, SIZE, on_key));
    let window = desktop.window("Still");
    let shown = || Some(desktop.window("Still")).filter(|window| desktop.pixel(window.frame((20, 20))) == Some(RED));
    let Some(window) = poll(shown) else {
        desktop.fail(&format!("{window:?} does not show its picture"))
    };
    desktop.focus(&window);
    (running, window)
}

fn a_trap_leaves_a_page_that_restarts(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, window) = start(desktop, OnKey::Trap);
    desktop.key("t");
    desktop.node("Copy report");
    desktop.node("Close window");
    let gone = poll(|| (desktop.picture().count((window.x(), window.y() + 40, 640, 400), RED) < 64_000).then_some(()));
    if gone.is_none() {
        desktop.fail("the trapped program's picture is still bare");
    }
    desktop.press("Copy report");
    let says = |words: &[&str]| {
        let text = desktop.clipboard()?;
        words.iter().all(|word| text.contains(word)).then_some(())
    };
    if desktop.clipboard().is_some() && poll(|| says(&["Still", "pixels", "channel 1"])).is_none() {
        desktop.fail(&format!("the clipboard holds {:?}", desktop.clipboard()));
    }
    desktop.press("Restart");
    desktop.shows(&window, (320, 200), RED);
    desktop.node_gone("Copy report");
}

fn a_program_that_does_not_answer_is_covered_and_ended(desktop: &Desktop) {
    if !desktop.accessible() {
        return;
    }
    let (_running, _) = start(desktop, OnKey::Loop);
    desktop.key("l");
    std::thread::sleep(Duration::from_secs(1));
    // Input that is waiting is what makes it not answer.
    desktop.key("l");
    desktop.node("Wait");
    // Waiting takes the overlay away, for a while.
    desktop.press("Wait");
    desktop.node_gone("Wait");
    desktop.node("Wait");
    desktop.press("End");
    let ended = poll(|| desktop.nodes().iter().all(|node| node.name != "Wait").then_some(()));
    if ended.is_none() {
        desktop.fail("the overlay stays after End");
    }
}

fn a_program_that_ends_takes_its_window_with_it(desktop: &Desktop) {
    let (mut running, _) = start(desktop, OnKey::Exit);
    desktop.key("x");
    desktop.window_gone("Still");
    assert_eq!(running.wait(PATIENCE).and_then(|status| status.code()), Some(0));
}

fn closing_by_the_window_manager_ends_the_program(desktop: &Desktop) {
    let (mut running, window) = start(desktop, OnKey::Nothing);
    desktop.close(&window);
    desktop.window_gone("Still");
    assert!(running.wait(PATIENCE).is_some(), "the shell stays without a window");
}

fn a_window_closes_over_the_shells_socket(desktop: &Desktop) {
    let (mut running, _) = start(desktop, OnKey::Nothing);
    let close = desktop
        .command(portico_tests::shell::binary())
        .args(["msg", "close"])
        .status();
    assert!(close.is_ok_and(|status| status.success()));
    assert!(
        running.wait(PATIENCE).is_some(),
        "the shell goes on: {}",
        running.said()
    );
    desktop.window_gone("Still");
}

fn a_window_is_as_large_as_its_user_last_made_it(desktop: &Desktop) {
    let (mut running, window) = start(desktop, OnKey::Exit);
    assert_eq!((window.width(), window.height()), (640, 440));
    desktop.resize(&window, 700, 520);
    let sized = || {
        poll(|| {
            desktop
                .windows()
                .iter()
                .find(|w| (w.width(), w.height()) == (700, 520))
                .cloned()
        })
    };
    let window = sized().unwrap_or_else(|| desktop.fail("the window can't be resized"));
    desktop.shows(&window, (320, 200), RED);
    desktop.key("x");
    desktop.window_gone("Still");
    assert!(running.wait(PATIENCE).is_some());
    // Another program has a window of its own size, the same one again that of the user.
    let other = desktop.run("other", &still("Other", [30, 30, 220], SIZE, OnKey::Nothing));
    let window = desktop.window("Other");
    desktop.shows(&window, (20, 20), [30, 30, 220]);
    assert_eq!((window.width(), window.height()), (640, 440));
    drop(other);
    let _again = desktop.run("still", &still("Still", RED, SIZE, OnKey::Exit));
    let window = sized().unwrap_or_else(|| desktop.fail("the window has forgotten its size"));
    desktop.shows(&window, (320, 200), RED);
}

fn two_programs_share_a_shell_and_nothing_else(desktop: &Desktop) {
    let (first, _) = start(desktop, OnKey::Trap);
    let _second = desktop.run("other", &still("Other", [30, 30, 220], SIZE, OnKey::Nothing));
    let other = desktop.window("Other");
    desktop.shows(&other, (20, 20), [30, 30, 220]);
    // One process has both windows.
    let still = desktop.window("Still");
    assert_eq!((still.process, other.process), (first.id(), first.id()));
    // One traps; the other does not notice.
    desktop.focus(&still);
    desktop.key("t");
    std::thread::sleep(Duration::from_millis(500));
    let other = desktop.window("Other");
    desktop.focus(&other);
    desktop.shows(&other, (20, 20), [30, 30, 220]);
}

fn full_screen_comes_and_goes(desktop: &Desktop) {
    let (_running, window) = start(desktop, OnKey::Nothing);
    desktop.key("F11");
    let (width, height) = SCREEN;
    let whole =
        || Some(desktop.window("Still")).filter(|now| (now.width(), now.height()) == (width as i32, height as i32));
    if poll(whole).is_none() {
        desktop.fail("not as large as the screen");
    }
    // 640 × 400 pixels on 1,600 × 1,000: 2.5 times as large, from edge to edge.
    let corners = [(1, 1), (1598, 1), (1, 998), (1598, 998)];
    if poll(|| {
        corners
            .iter()
            .all(|point| desktop.pixel(*point) == Some(RED))
            .then_some(())
    })
    .is_none()
    {
        desktop.fail("the picture does not fill the screen");
    }
    desktop.key("F11");
    let before =
        || Some(desktop.window("Still")).filter(|now| (now.width(), now.height()) == (window.width(), window.height()));
    if poll(before).is_none() {
        desktop.fail("not as large as before");
    }
    desktop.shows(&desktop.window("Still"), (20, 20), RED);
}

fn a_minimised_window_gives_up_the_keyboard_and_gets_it_back(desktop: &Desktop) {
    let running = desktop.run("watcher", &watcher());
    running.says("watching");
    let window = desktop.window("watcher");
    desktop.focus(&window);
    running.says("47: focused visible");
    if !desktop.minimise(&window) {
        return eprintln!("skipped: this compositor minimises nothing");
    }
    // What its window is tells a program that it need not draw.
    running.says("47: -       -");
    desktop.focus(&window);
    let back = || (running.said().trim_end().ends_with("47: focused visible")).then_some(());
    if poll(back).is_none() {
        desktop.fail(&format!("it is not told that it is back: {}", running.said()));
    }
    drop(running);
    desktop.window_gone("watcher");

    // A key that is held meanwhile is let go of; afterwards keys and text come again, and the picture is there.
    let (_running, window) = desktop.mirror(RED);
    desktop.key("a");
    desktop.cell(&window, Cell::KeyCounts, [1, 1, 0]);
    desktop.key_down("shift");
    desktop.minimise(&window);
    let gone = || (desktop.pixel(window.frame(Cell::Marker.middle())) != Some(RED)).then_some(());
    if poll(gone).is_none() {
        desktop.fail("it is still on the screen");
    }
    // Nobody hears this one.
    desktop.key("b");
    desktop.key_up("shift");
    desktop.focus(&window);
    desktop.cell(&window, Cell::Marker, RED);
    desktop.cell(&window, Cell::KeyCounts, [2, 2, 0]);
    desktop.key("c");
    desktop.cell(&window, Cell::Pressed, [6, 0, 0x77]);
    desktop.cell(&window, Cell::KeyCounts, [3, 3, 0]);
    desktop.cell(&window, Cell::Text, *b"c\0\0");
}

fn twenty_windows_all_move(desktop: &Desktop) {
    let path = save(desktop.directory(), "animator", &animator("Animator", (160, 100)));
    let mut running = vec![desktop.portico(&["run", &path.display().to_string()])];
    desktop.window("Animator");
    running.extend((1..20).map(|_| desktop.portico(&["run", &path.display().to_string()])));
    let all = poll(|| (desktop.windows().len() == 20).then(|| desktop.windows()));
    let all = all.unwrap_or_else(|| desktop.fail(&format!("{} windows", desktop.windows().len())));
    // Side by side, so that each can be seen.
    for (index, window) in (0..).zip(&all) {
        desktop.move_to(window, (index % 5 * 300, index / 5 * 200));
    }
    std::thread::sleep(Duration::from_millis(500));
    let windows = desktop.windows();
    let read = || {
        let count = |window: &Window| {
            let [low, middle, high] = desktop.pixel(window.frame((80, 50))).unwrap_or_default();
            u32::from_le_bytes([low, middle, high, 0])
        };
        windows.iter().map(count).collect::<Vec<_>>()
    };
    let first = read();
    std::thread::sleep(Duration::from_secs(3));
    let frames: Vec<_> = read()
        .iter()
        .zip(first)
        .map(|(last, first)| last.saturating_sub(first))
        .collect();
    let (least, most) = (
        frames.iter().min().copied().unwrap_or(0),
        frames.iter().max().copied().unwrap_or(0),
    );
    assert!(least > 20, "a window stands nearly still: {frames:?}");
    assert!(
        f64::from(most) < f64::from(least) * 2.0,
        "not evenly shared: {frames:?}"
    );
}

/// A program that, once its window is there, does `body`.
fn hostile(body: &str) -> Vec<u8> {
    script(&format!(
        "(call $open (i32.const 1) (i32.const 35) (i32.const 0x2000)) (drop (call $wait)) {body}"
    ))
}

fn hostile_programs_do_not_slow_a_neighbour(desktop: &Desktop) {
    let path = save(desktop.directory(), "animator", &animator("Animator", (160, 100)));
    let _shell = desktop.portico(&["run", &path.display().to_string()]);
    let window = desktop.window("Animator");
    desktop.move_to(&window, (1200, 700));
    std::thread::sleep(Duration::from_millis(700));
    let window = desktop.window("Animator");
    let alone = desktop.rate(&window, Duration::from_secs(2));
    assert!(alone > 20.0, "{alone} frames a second without a neighbour");
    let fill = "(loop $list
        (i32.store (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const {id}))
        (i32.store offset=4 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const {id}))
        (i32.store offset=12 (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 4))) (i32.const {data}))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $list (i32.lt_u (local.get $i) (i32.const 1000))))
        (loop $flood (drop (call $ar (i32.const 1000) (i32.const 0x10000) (i32.const 0x1000))) (br $flood))";
    let log = "(i32.store (i32.const 0x2300) (i32.const 0x00020000)) (i32.store (i32.const 0x2304) (i32.const 4))
        (i32.store (i32.const 0x2308) (i32.const 0x3000)) (i32.store (i32.const 0x3000) (i32.const 0x21212121))
        (call $open (i32.const 2) (i32.const 19) (i32.const 0x2300)) (drop (call $wait))";
    let programs = [
        ("loop", "(loop $l (br $l))".to_owned()),
        (
            "calls",
            "(call $post (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)) (drop (call $wait))
            (loop $l (drop (call $ar (i32.const 0) (i32.const 0) (i32.const 0))) (br $l))"
                .to_owned(),
        ),
        (
            "memory",
            "(loop $l (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then
            (i32.store8 (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 9)) (i32.const 1)))) (br $l))"
                .to_owned(),
        ),
        ("frames", fill.replace("{id}", "1").replace("{data}", "0x2000")),
        (
            "log",
            format!("{log} {}", fill.replace("{id}", "2").replace("{data}", "0x2300")),
        ),
    ];
    for (name, body) in programs {
        let mut running = desktop.run(name, &hostile(&body));
        if poll(|| (desktop.windows().len() == 2).then_some(())).is_none() {
            desktop.fail(&format!("{name} has no window: {}", running.said()));
        }
        std::thread::sleep(Duration::from_millis(500));
        let beside = desktop.rate(&window, Duration::from_secs(2));
        // Two cores: the hostile program has one of them, the display server and all else share the other.
        assert!(
            beside > alone * 0.6,
            "{name}: {beside:.1} frames a second, {alone:.1} without it"
        );
        // Closing gives it two seconds; then it is ended.
        let victim = desktop.windows().into_iter().find(|other| other.id != window.id);
        let victim = victim.unwrap_or_else(|| desktop.fail(&format!("{name} has lost its window")));
        desktop.close(&victim);
        if poll(|| (desktop.windows().len() == 1).then_some(())).is_none() {
            desktop.fail(&format!("{name} can't be closed"));
        }
        assert!(running.wait(PATIENCE).is_some(), "{name}: its run does not end");
    }
}
