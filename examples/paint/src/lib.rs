//! Paint: brushes, colours and pages, to show what a window of a program has: toolbar, tabs, modes, search and HUD.

mod page;
mod palette;
mod state;
mod view;

use palette::COLOURS;
use portico_sdk::cursor::{self, Cursor, CursorKind, CursorShape, MouseButton, Shape};
use portico_sdk::frame::{Scale, Screen};
use portico_sdk::hud::{Action, Menu, Mode, key, modifier};
use portico_sdk::keys;
use portico_sdk::search::Search;
use portico_sdk::tabs::{Tab, Tabs};
use portico_sdk::toolbar::{Button, Pressed, Toolbar};
use portico_sdk::{anything, window};
use state::{BRUSHES, State};
use view::{Layout, Target};

portico_sdk::manifest!("../manifest.toml");
portico_sdk::icon!("../icon.svg");
portico_sdk::program!(paint());

/// Modes of the program.
const DRAWING: u32 = 0;
const CHOOSING: u32 = 1;

/// What an entry of the HUD does.
#[derive(Clone, Copy)]
enum Does {
    Undo,
    Redo,
    AddPage,
    RemovePage,
    RestorePage,
    Turn {
        back: bool,
    },
    Brush(usize),
    Erase,
    Clear,
    Choose,
    Colour(usize),
    /// The colour that the keyboard is at.
    Pick,
    Back,
}

/// The entries, with what they do.
fn actions(state: &State) -> Vec<(Action, Does)> {
    const CONTROL: u8 = modifier::CONTROL;
    const SHIFT: u8 = modifier::SHIFT;
    let undo = Action::new("Undo")
        .description("Take the last stroke back")
        .tags(["back", "revert"]);
    let redo = Action::new("Redo")
        .description("Draw again what was taken back")
        .tags(["again", "forward"]);
    let restore = Action::new("Bring back page")
        .description("The page that was removed last")
        .tags(["undo", "restore"]);
    let mut all = vec![
        (
            undo.shortcut(CONTROL, key::Z).disabled(!state.page().can_undo()),
            Does::Undo,
        ),
        (
            redo.shortcut(CONTROL | SHIFT, key::Z)
                .disabled(!state.page().can_redo()),
            Does::Redo,
        ),
        (
            Action::new("Choose colour")
                .description("All colours, by name")
                .tags(["palette", "ink"])
                .shortcut(0, key::C),
            Does::Choose,
        ),
        (
            Action::new("Eraser")
                .description("Rub out what is drawn")
                .tags(["rubber", "delete"])
                .shortcut(0, key::E),
            Does::Erase,
        ),
        (
            Action::new("New page")
                .description("An empty page after this one")
                .tags(["add"])
                .shortcut(CONTROL, key::N),
            Does::AddPage,
        ),
        (
            Action::new("Remove page")
                .description("It can be brought back")
                .tags(["delete", "close"])
                .shortcut(CONTROL, key::W),
            Does::RemovePage,
        ),
        (
            restore.shortcut(CONTROL | SHIFT, key::T).disabled(!state.can_restore()),
            Does::RestorePage,
        ),
        (
            Action::new("Next page")
                .tags(["turn", "tab"])
                .shortcut(CONTROL, key::PAGE_DOWN),
            Does::Turn { back: false },
        ),
        (
            Action::new("Previous page")
                .tags(["turn", "tab", "back"])
                .shortcut(CONTROL, key::PAGE_UP),
            Does::Turn { back: true },
        ),
        (
            Action::new("Clear page")
                .description("White again; undo brings it back")
                .tags(["empty", "delete"])
                .shortcut(CONTROL, key::DELETE),
            Does::Clear,
        ),
    ];
    for (index, brush) in BRUSHES.iter().enumerate() {
        let action = Action::new(format!("{} brush", brush.name))
            .description(format!("{} pixels wide", (brush.radius * 2.0).round()))
            .tags(["size", "thickness", "pen"])
            .shortcut(0, key::DIGIT_1 + index as u16);
        all.push((action, Does::Brush(index)));
    }
    for (index, colour) in COLOURS.iter().enumerate() {
        // An entry belongs to one mode, and colours are wanted in both.
        for mode in [DRAWING, CHOOSING] {
            let tags = ["colour", "color"].into_iter().chain(colour.family.split(' '));
            let action = Action::new(colour.name)
                .description("Draw with this colour")
                .tags(tags)
                .mode(mode);
            all.push((action, Does::Colour(index)));
        }
    }
    let back = Action::new("Back to the page")
        .description("Keep the colour")
        .tags(["close", "draw"]);
    all.push((back.shortcut(0, key::ESCAPE).mode(CHOOSING), Does::Back));
    all
}

async fn paint() -> Result<(), portico_sdk::Error> {
    let mut window = window::state();
    let mut cursor = cursor::open();
    let mut keys = keys::open();
    let mut mode = Mode::new();
    let mut shape = Shape::new();
    let mut state = State::new();
    let (mut menu, mut does): (Menu, Vec<Does>) = {
        let (entries, does) = actions(&state).into_iter().unzip();
        (Menu::open(entries), does)
    };
    let mut tabs = Tabs::open(tabs_of(&state), Some(0));
    let mut search = Search::open(&[CHOOSING], "Find a colour");
    let mut toolbar = Toolbar::new();
    set_toolbar(&mut toolbar);
    let mut screen = Screen::new(1080, 680);
    screen.set_scale(Scale::None);
    let mut scale = 1.0;
    let mut shown = Shown::default();
    let mut dirty = Some(None);

    loop {
        while let Some(new) = window.take() {
            if new.width > 0 && new.height > 0 && (new.width, new.height) != (screen.width(), screen.height()) {
                // Before the first frame the window has no size of its own yet.
                if shown.frames > 0 {
                    screen.resize(new.width, new.height);
                }
            }
            if new.closing {
                return Ok(());
            }
            scale = new.scale;
            state.dark = new.dark;
            dirty = Some(None);
        }
        let layout = Layout::new(
            screen.width(),
            screen.height(),
            if shown.frames > 0 { scale } else { 1.0 },
        );
        while let Some(event) = cursor.take() {
            point(&mut state, &layout, &event, &mut shown, &mut dirty);
        }
        while let Some(event) = keys.take() {
            shown.straight = event.modifiers & modifier::SHIFT != 0;
            if state.choosing && event.is_down() {
                let across = layout.across(&state.query) as isize;
                match event.code {
                    key::LEFT => state.move_cursor(-1),
                    key::RIGHT => state.move_cursor(1),
                    key::UP => state.move_cursor(-across),
                    key::DOWN => state.move_cursor(across),
                    key::ENTER | key::SPACE => act(&mut state, Does::Pick),
                    _ => continue,
                }
                dirty = Some(None);
            }
        }
        while let Some(index) = menu.take() {
            act(&mut state, does[index]);
            dirty = Some(None);
        }
        while let Some(index) = tabs.take() {
            state.show_page(index);
            dirty = Some(None);
        }
        while let Some(pressed) = toolbar.take() {
            act(
                &mut state,
                TOOLBAR[match pressed {
                    Pressed::Navigation(index) => index,
                    Pressed::Action(index) => index + 2,
                }],
            );
            dirty = Some(None);
        }
        let query = search.take().map(str::to_owned);
        if let Some(query) = query {
            if query == state.query && !query.is_empty() {
                act(&mut state, Does::Pick);
            }
            state.search(&query);
            dirty = Some(None);
        }

        if shown.mode != state.choosing {
            shown.mode = state.choosing;
            mode.set(if state.choosing { CHOOSING } else { DRAWING }).await?;
        }
        let wanted = if state.choosing {
            CursorShape::Hand
        } else {
            CursorShape::Cross
        };
        if shown.shape != Some(wanted) {
            shown.shape = Some(wanted);
            shape.set(wanted).await?;
        }
        let now = (state.titles(), state.current());
        if shown.tabs != now {
            tabs.set(tabs_of(&state), Some(now.1));
            shown.tabs = now;
        }
        let now = (state.page().can_undo(), state.page().can_redo(), state.can_restore());
        if shown.menu != now {
            let entries;
            (entries, does) = actions(&state).into_iter().unzip();
            menu.set(entries);
            shown.menu = now;
        }
        match dirty.take() {
            None => anything().await,
            Some(part) => {
                let layout = Layout::new(
                    screen.width(),
                    screen.height(),
                    if shown.frames > 0 { scale } else { 1.0 },
                );
                match part {
                    None => layout.draw(screen.pixels(), &state),
                    Some(part) => layout.draw_page(screen.pixels(), state.page(), part),
                }
                screen.show().await?;
                shown.frames += 1;
            }
        }
    }
}

/// What the host was told last.
#[derive(Default)]
struct Shown {
    frames: u32,
    mode: bool,
    shape: Option<CursorShape>,
    tabs: (Vec<String>, usize),
    menu: (bool, bool, bool),
    /// Shift is held.
    straight: bool,
}

/// What is to be drawn anew: nothing, all (`None` inside), or a part of the page.
type Dirty = Option<Option<draw::Area>>;

fn point(state: &mut State, layout: &Layout, event: &Cursor, shown: &mut Shown, dirty: &mut Dirty) {
    let target = layout.target(state, event.x, event.y);
    let changed = match (event.kind, target) {
        (CursorKind::Pressed, _) if event.button != MouseButton::Left => return,
        (CursorKind::Pressed | CursorKind::TouchBegan, Target::Page(x, y)) => Some(state.press((x, y))),
        (CursorKind::Pressed | CursorKind::TouchBegan, target) => {
            match target {
                Target::Brush(index) => act(state, Does::Brush(index)),
                Target::Eraser => act(state, Does::Erase),
                Target::Colour(index) => act(state, Does::Colour(index)),
                Target::Nothing | Target::Page(..) => return,
            }
            *dirty = Some(None);
            return;
        }
        (CursorKind::Moved | CursorKind::TouchMoved, Target::Page(x, y)) => state.drag((x, y), shown.straight),
        (CursorKind::Released | CursorKind::TouchEnded | CursorKind::TouchCancelled, _) => {
            state.release();
            return;
        }
        _ => None,
    };
    if let Some(area) = changed {
        *dirty = match dirty.take() {
            Some(None) => Some(None),
            Some(Some(old)) => Some(Some(old.union(area))),
            None => Some(Some(area)),
        };
    }
}

/// What the buttons of the toolbar do: the first two stand at its start.
const TOOLBAR: [Does; 5] = [Does::Undo, Does::Redo, Does::Choose, Does::AddPage, Does::Clear];

fn set_toolbar(toolbar: &mut Toolbar) {
    toolbar.set_navigation(&[
        Button {
            icon: '⟲',
            name: "Undo",
        },
        Button {
            icon: '⟳',
            name: "Redo",
        },
    ]);
    toolbar.set_actions(&[
        Button {
            icon: '🎨',
            name: "Choose colour",
        },
        Button {
            icon: '➕',
            name: "New page",
        },
        Button {
            icon: '🗑',
            name: "Clear page",
        },
    ]);
}

fn tabs_of(state: &State) -> Vec<Tab> {
    state
        .titles()
        .into_iter()
        .map(|title| Tab {
            icon: Some('🗋'),
            title,
            badge: 0,
        })
        .collect()
}

fn act(state: &mut State, does: Does) {
    state.release();
    match does {
        Does::Undo => state.page_mut().undo(),
        Does::Redo => state.page_mut().redo(),
        Does::AddPage => state.add_page(),
        Does::RemovePage => state.remove_page(),
        Does::RestorePage => state.restore_page(),
        Does::Turn { back } => state.turn(back),
        Does::Brush(index) => {
            state.brush = index;
            state.erasing = false;
        }
        Does::Erase => state.erasing = !state.erasing,
        Does::Clear => state.page_mut().clear(),
        Does::Choose => {
            state.choosing = !state.choosing;
            state.search("");
            state.cursor = state.colour;
        }
        Does::Colour(index) => {
            state.choose(index);
            state.choosing = false;
        }
        Does::Pick => {
            state.choose(state.cursor);
            state.choosing = false;
        }
        Does::Back => state.choosing = false,
    }
}
