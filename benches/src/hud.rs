//! A keystroke in the HUD of a program with 5,000 actions: ranking, layout and painting, as the shell does them in its own thread
//! between the key's event and the next picture.

use crate::Bench;
use crate::measure::median;
use crate::table::{Row, Target, Unit};
use anyhow::{Result, bail};
use egui::{Pos2, RawInput, ViewportId, ViewportInfo, vec2};
use portico::chrome::Look;
use portico::strings;
use portico::window::ChromeRenderer;
use portico_model::{Event, Now, Progress, Shell, WindowId, WindowModel};
use portico_portals::{Action, Chrome};
use portico_surface::Rect;
use std::time::Instant;

const ACTIONS: usize = 5_000;
const ROUNDS: usize = 21;
/// What is typed, letter by letter.
const QUERY: &str = "move layer 4710";
const SIZE: (u32, u32) = (1280, 760);

pub(crate) fn measure(_: &Bench) -> Result<Vec<Row>> {
    let mut window = Typing::new();
    let mut letters = vec![Vec::new(); QUERY.len()];
    for _ in 0..ROUNDS {
        for (end, figures) in (1..=QUERY.len()).zip(&mut letters) {
            figures.push(window.answer(Event::HudEdited(QUERY[..end].to_owned())));
        }
        let found = window
            .model
            .hud()
            .and_then(|hud| hud.entries().first().map(|entry| entry.name.clone()));
        if found.as_deref() != Some("Move layer 4710 up") {
            bail!("the HUD finds {found:?}");
        }
        window.answer(Event::HudEdited(String::new()));
    }
    // Every letter has to come in time, so the slowest counts.
    let slowest = letters.iter().map(|figures| median(figures)).fold(0.0, f64::max);
    Ok(vec![Row {
        what: "a keystroke in the HUD, 5,000 actions".to_owned(),
        unit: Unit::Seconds,
        portico: slowest,
        native: None,
        target: Target {
            most: Some(0.008),
            ..Target::default()
        },
    }])
}

/// A window with its HUD open.
struct Typing {
    model: WindowModel,
    shell: Shell,
    skin: ChromeRenderer,
    viewport: ViewportId,
    now: Now,
}

impl Typing {
    fn new() -> Self {
        let verbs = ["Move layer", "Copy layer", "Rotate path", "Blend colour", "Align text"];
        let ways = ["up", "down", "left", "right"];
        let actions = (0..ACTIONS).map(|index| Action {
            name: format!("{} {index} {}", verbs[index % 5], ways[(index / 5 + 2) % 4]).into(),
            description: format!("Changes what is chosen by step {}", index * 7 % 1_000).into(),
            tags: vec![format!("tool{}", index % 100).into(), "edit".into()],
            ..Action::default()
        });
        let menu = actions.collect::<Vec<_>>();
        let mut skin = ChromeRenderer::new(|| ());
        let mut window = Self {
            viewport: skin.take_viewport(),
            model: WindowModel::new(WindowId(1), "many", "Many"),
            shell: Shell::new(strings::WORDING),
            skin,
            now: Now {
                time: Instant::now(),
                progress: Progress::default(),
            },
        };
        let (width, height) = SIZE;
        for event in [
            Event::Resized {
                width,
                height,
                scale: 1.0,
            },
            Event::Focused(true),
            Event::Started,
            Event::Chrome(Chrome {
                menu: Some(menu.into()),
                ..Chrome::default()
            }),
            Event::HudToggled,
        ] {
            window.answer(event);
        }
        window
    }

    /// Seconds until an event's picture is painted.
    fn answer(&mut self, event: Event) -> f64 {
        let began = Instant::now();
        self.model.apply(self.now, event, &mut self.shell);
        let (width, height) = SIZE;
        let id = self.viewport;
        let input = RawInput {
            screen_rect: Some(egui::Rect::from_min_size(Pos2::ZERO, vec2(width as f32, height as f32))),
            viewport_id: id,
            viewports: std::iter::once((id, ViewportInfo::default())).collect(),
            ..RawInput::default()
        };
        let picture = Rect::new(0, 40, width, height - 40);
        let drawn = self.skin.draw(input, &self.model, &Look::default(), picture, None);
        let took = began.elapsed().as_secs_f64();
        drop(drawn);
        took
    }
}
