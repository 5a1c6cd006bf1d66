//! `portico msg`: drives the running shell.

use super::{USAGE, fail, fail_ipc};
use crate::whole;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Subcommand, ValueEnum};
use portico_ipc::{Client, Endpoint, IpcError, Keystroke, Request, Response, path};
use serde_json::json;
use std::path::PathBuf;

/// Exit code when the shell refused, or none runs.
const REFUSED: u8 = 1;

#[derive(Subcommand)]
pub(super) enum MsgRequest {
    /// List the windows
    Windows,
    /// Take a picture of a window, toolbar included, as PNG
    Screenshot {
        /// Where the picture goes
        file: PathBuf,
        #[command(flatten)]
        at: At,
    },
    /// Press a key
    Key {
        /// USB HID usage id of page 7 (A is 4, Enter 40)
        code: u16,
        /// Modifier bits: 1 shift, 2 control, 4 alt, 8 logo
        #[arg(default_value_t = 0)]
        modifiers: u8,
        /// What the key does
        #[arg(long, value_enum, default_value_t = KeyAction::Tap)]
        state: KeyAction,
        #[command(flatten)]
        at: At,
    },
    /// Type a text
    Type {
        /// The text
        text: String,
        #[command(flatten)]
        at: At,
    },
    /// Click at a place, in display pixels from the window's top left corner
    Click {
        /// From the left edge
        x: f32,
        /// From the top edge
        y: f32,
        /// Left 0, right 1, middle 2, back 3, forward 4
        #[arg(long, default_value_t = 0)]
        button: u8,
        #[command(flatten)]
        at: At,
    },
    /// Move the pointer to a place, in display pixels from the window's top left corner
    Move {
        /// From the left edge
        x: f32,
        /// From the top edge
        y: f32,
        #[command(flatten)]
        at: At,
    },
    /// Turn the wheel, in lines
    Scroll {
        /// To the right
        #[arg(allow_negative_numbers = true)]
        dx: f32,
        /// Away from you
        #[arg(allow_negative_numbers = true)]
        dy: f32,
        #[command(flatten)]
        at: At,
    },
    /// Give a window another size, in display pixels, toolbar included
    Resize {
        /// Width
        width: u32,
        /// Height
        height: u32,
        #[command(flatten)]
        at: At,
    },
    /// Wait until the program has shown more frames
    WaitFrame {
        /// How many
        #[arg(default_value_t = 1)]
        frames: u64,
        /// Milliseconds to wait at most
        #[arg(long, default_value_t = 5_000)]
        timeout: u64,
        #[command(flatten)]
        at: At,
    },
    /// List the actions that the HUD offers, or fire one
    Actions {
        /// Name of the action to fire
        #[arg(long, value_name = "NAME")]
        fire: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// Set a preference of the user's
    Set {
        /// Which: appearance, scale, motion, language, or "shortcut" and its name
        key: String,
        /// What it becomes; "default" for what it was at first
        value: String,
    },
    /// Close a window as its user would: its program may ask first, or save
    Close {
        #[command(flatten)]
        at: At,
    },
    /// End the program of a window
    End {
        #[command(flatten)]
        at: At,
    },
}

/// Which window.
#[derive(clap::Args)]
pub(super) struct At {
    /// Id of the window, from `portico msg windows` (the focused one unless told, or the only one)
    #[arg(long, value_name = "ID")]
    window: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum KeyAction {
    /// Goes down and up
    Tap,
    /// Goes down
    Press,
    /// Goes up
    Release,
    /// Repeats
    Repeat,
}

impl From<KeyAction> for Keystroke {
    fn from(does: KeyAction) -> Self {
        match does {
            KeyAction::Tap => Self::Tap,
            KeyAction::Press => Self::Press,
            KeyAction::Release => Self::Release,
            KeyAction::Repeat => Self::Repeat,
        }
    }
}

pub(super) fn run(socket: Option<&str>, ask: MsgRequest) -> u8 {
    let (request, file) = request(ask);
    let endpoint = socket.map_or_else(Endpoint::of_this_display, Endpoint::headless);
    let answer = endpoint
        .and_then(|endpoint| Client::connect(&endpoint))
        .and_then(|mut client| client.ask(&request, |_| {}));
    match (answer, file) {
        (Ok(Response::Error { error }), _) => fail(REFUSED, error),
        (Ok(Response::Screenshot { width, height, png }), Some(file)) => {
            let written = STANDARD
                .decode(png)
                .map_err(|error| error.to_string())
                .and_then(|bytes| whole::replace(&file, &bytes).map_err(|error| error.to_string()));
            match written {
                Ok(()) => print(
                    &json!({ "answer": "screenshot", "width": width, "height": height, "file": path::value(&file) }),
                ),
                Err(error) => fail(USAGE, format!("{}: {error}", file.display())),
            }
        }
        (Ok(answer), _) => print(&serde_json::to_value(answer).unwrap_or_default()),
        (Err(error), _) => match (error, socket) {
            (IpcError::NoShell, Some(name)) => fail(
                REFUSED,
                format!(
                    "no run without a window has the name {name}; start one with `portico run --headless --socket {name} FILE`"
                ),
            ),
            (error, _) => fail_ipc(REFUSED, &error),
        },
    }
}

fn print(answer: &serde_json::Value) -> u8 {
    super::print(format!("{answer}\n").as_bytes())
}

fn request(ask: MsgRequest) -> (Request, Option<PathBuf>) {
    let mut written = None;
    let request = match ask {
        MsgRequest::Windows => Request::Windows,
        MsgRequest::Screenshot { file, at } => {
            written = Some(file);
            Request::Screenshot { window: at.window }
        }
        MsgRequest::Key {
            code,
            modifiers,
            state,
            at,
        } => Request::Key {
            window: at.window,
            code,
            state: state.into(),
            modifiers,
        },
        MsgRequest::Type { text, at } => Request::Type {
            window: at.window,
            text,
        },
        MsgRequest::Click { x, y, button, at } => Request::Click {
            window: at.window,
            x,
            y,
            button,
        },
        MsgRequest::Move { x, y, at } => Request::Move {
            window: at.window,
            x,
            y,
        },
        MsgRequest::Scroll { dx, dy, at } => Request::Scroll {
            window: at.window,
            dx,
            dy,
        },
        MsgRequest::Resize { width, height, at } => Request::Resize {
            window: at.window,
            width,
            height,
        },
        MsgRequest::WaitFrame { frames, timeout, at } => Request::WaitFrame {
            window: at.window,
            frames,
            timeout_ms: timeout,
        },
        MsgRequest::Actions { fire, at } => Request::Actions {
            window: at.window,
            fire,
        },
        MsgRequest::Set { key, value } => Request::Set { key, value },
        MsgRequest::Close { at } => Request::Close { window: at.window },
        MsgRequest::End { at } => Request::End { window: at.window },
    };
    (request, written)
}
