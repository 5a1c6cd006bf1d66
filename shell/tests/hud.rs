//! The HUD over a long day: what it takes does not grow with how often it is opened.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use egui::{Pos2, RawInput, ViewportInfo, vec2};
use portico::chrome::Look;
use portico::strings;
use portico::window::ChromeRenderer;
use portico_model::{Event, Now, Progress, Shell, WindowId, WindowModel};
use portico_portals::{Action, Chrome};
use portico_surface::Rect;
use std::time::Instant;

const OPENINGS: usize = 100_000;
/// Every so many openings it is drawn as well.
const DRAWN: usize = 50;
/// What may come and go in the allocator; a leak of 12 bytes an opening, or of 600 a picture, is more.
const SLACK: u64 = 1 << 20;

/// Bytes of this process that are in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn memory_does_not_grow_over_a_hundred_thousand_openings() {
    let menu: Vec<_> = (0..40)
        .map(|index| Action {
            name: format!("Action number {index}").into(),
            ..Action::default()
        })
        .collect();
    let mut shell = Shell::new(strings::WORDING);
    for (id, title) in [(1, "Paint"), (2, "Life")] {
        shell.desktop.open(WindowId(id), title, None);
    }
    let mut model = WindowModel::new(WindowId(1), "paint", "Paint");
    let mut skin = ChromeRenderer::new(|| ());
    let now = Now {
        time: Instant::now(),
        progress: Progress::default(),
    };
    model.apply(
        now,
        Event::Resized {
            width: 900,
            height: 640,
            scale: 1.0,
        },
        &mut shell,
    );
    for event in [
        Event::Focused(true),
        Event::Started,
        Event::Chrome(Chrome {
            menu: Some(menu.into()),
            ..Chrome::default()
        }),
    ] {
        model.apply(now, event, &mut shell);
    }
    let id = skin.take_viewport();
    let draw = |model: &WindowModel, skin: &mut ChromeRenderer| {
        let input = RawInput {
            screen_rect: Some(egui::Rect::from_min_size(Pos2::ZERO, vec2(900.0, 640.0))),
            viewport_id: id,
            viewports: std::iter::once((id, ViewportInfo::default())).collect(),
            ..RawInput::default()
        };
        skin.draw(input, model, &Look::default(), Rect::new(0, 40, 900, 600), None)
            .layers
            .len()
    };
    let mut before = 0;
    for opening in 0..OPENINGS {
        model.apply(now, Event::HudToggled, &mut shell);
        // 560 pairs of letters and choices: more than are remembered.
        let (index, start) = (opening / 2 % 40, opening / 80 % 14);
        model.apply(
            now,
            Event::HudEdited(format!("{}{index}", &"action number "[start..])),
            &mut shell,
        );
        let drawn = opening % DRAWN == 0;
        let open = if drawn { draw(&model, &mut skin) } else { 0 };
        assert!(model.hud().unwrap().entries().iter().any(|entry| entry.enabled));
        match opening % 2 {
            0 => model.apply(now, Event::HudChosen(0), &mut shell),
            _ => model.apply(now, Event::HudClosed, &mut shell),
        };
        assert!(model.hud().is_none());
        if drawn {
            assert!(draw(&model, &mut skin) < open, "it is off the screen again");
        }
        // By then every glyph has been drawn and every table has its size.
        if opening == OPENINGS / 5 {
            before = resident();
        }
    }
    let after = resident();
    assert!(
        after < before + SLACK,
        "{} kB after {OPENINGS} openings",
        (after - before) / 1024
    );
}
