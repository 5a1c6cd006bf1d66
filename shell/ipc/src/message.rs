//! IPC messages: one JSON object a line, requests one way and responses the other.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Time limit of an accepted request, unless it is one that waits.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long news may take; the shell handles them sooner or later in any case.
const NEWS_TIMEOUT: Duration = Duration::from_secs(5);

/// A request of a client to a running shell. `window` is an id from [`Request::Windows`]; without one, the window that has
/// the focus is meant, else the only one.
///
/// ```
/// use portico_ipc::Request;
///
/// let line = r#"{"request":"type","text":"hello"}"#;
/// let request: Request = serde_json::from_str(line)?;
/// assert_eq!(request, Request::Type { window: None, text: "hello".into() });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Opens a program. Answered with [`Response::Started`], any number of [`Response::Log`], and, when the program has
    /// ended, [`Response::Exited`]. The program ends when the client goes away.
    Run(Run),
    /// Opens a built-in page, or brings its window to the front: [`Response::Done`].
    Open {
        /// Which, for example `settings`.
        page: String,
    },
    /// Permissions were changed in the database: they are applied, then [`Response::Done`] follows.
    Grants,
    /// Programs have been installed or removed: [`Response::Done`].
    LibraryChanged,
    /// Lists the windows: [`Response::Windows`].
    Windows,
    /// A picture of the whole window, toolbar included: [`Response::Screenshot`].
    Screenshot {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
    },
    /// A key goes down, up, or repeats.
    Key {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// USB HID usage id of page 7.
        code: u16,
        /// What the key does.
        #[serde(default)]
        state: Keystroke,
        /// Modifier bits: 1 shift, 2 control, 4 alt, 8 logo.
        #[serde(default)]
        modifiers: u8,
    },
    /// Text is typed, as from a keyboard layout or an input method.
    Type {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// The text.
        text: String,
    },
    /// The pointer moves to a place, and a button goes down and up there.
    Click {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// Display pixels from the left edge of the window.
        x: f32,
        /// Display pixels from the top edge of the window, toolbar included.
        y: f32,
        /// Left 0, right 1, middle 2, back 3, forward 4.
        #[serde(default)]
        button: u8,
    },
    /// The pointer moves.
    Move {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// Display pixels from the left edge of the window.
        x: f32,
        /// Display pixels from the top edge of the window, toolbar included.
        y: f32,
    },
    /// The wheel turns where the pointer is.
    Scroll {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// Lines to the right.
        #[serde(default)]
        dx: f32,
        /// Lines away from the user.
        #[serde(default)]
        dy: f32,
    },
    /// The window gets another size, toolbar included.
    Resize {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// Display pixels.
        width: u32,
        /// Display pixels.
        height: u32,
    },
    /// Waits until the program has shown `frames` more frames, or at most `timeout_ms`: [`Response::Frame`].
    WaitFrame {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// How many frames, from now.
        #[serde(default = "one")]
        frames: u64,
        /// Milliseconds.
        #[serde(default = "five_seconds")]
        timeout_ms: u64,
    },
    /// Lists the HUD actions that show now, or fires one by its name: [`Response::Actions`] or [`Response::Done`].
    Actions {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
        /// Name of the action to fire.
        #[serde(default)]
        fire: Option<String>,
    },
    /// Starts the file of a window again in it, as the file is by now. Answered as [`Request::Run`] is, but the window stays
    /// when the client goes away.
    Reload {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
    },
    /// Waits until a window is closed: [`Response::Done`]. The window is closed when the client goes away.
    Follow {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
    },
    /// Sets a preference of the user's: [`Response::Done`].
    Set {
        /// Which, for example `appearance`.
        key: String,
        /// What it becomes; `default`: what it was at first.
        value: String,
    },
    /// Closes a window as its user would: [`Response::Done`]. A program that saves first is given the time for it.
    Close {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
    },
    /// Ends the program of a window at once.
    End {
        /// Which window.
        #[serde(default)]
        window: Option<u64>,
    },
}

impl Request {
    /// What follows the line.
    pub(super) fn payload(&self) -> Option<&Payload> {
        match self {
            Self::Run(run) => run.payload.as_ref(),
            _ => None,
        }
    }

    /// Whether it reports what has happened already, so that it is handled also for a client that has left.
    pub fn is_news(&self) -> bool {
        matches!(self, Self::Grants | Self::LibraryChanged)
    }

    /// How long the shell may take after it has accepted this; `None` for no limit.
    pub(super) fn timeout(&self) -> Option<Duration> {
        match self {
            Self::Follow { .. } => None,
            Self::WaitFrame { timeout_ms, .. } => Some(TIMEOUT.saturating_add(Duration::from_millis(*timeout_ms))),
            news if news.is_news() => Some(NEWS_TIMEOUT),
            _ => Some(TIMEOUT),
        }
    }
}

fn one() -> u64 {
    1
}

fn five_seconds() -> u64 {
    5_000
}

/// A program to open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Absolute path of the program, or what its bytes came from.
    #[serde(with = "super::path")]
    pub file: PathBuf,
    /// Its bytes, where they can't be read of the file again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// What followed `--`.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// The hash that the file has to have, in hex, where it is one of the installed programs.
    #[serde(default)]
    pub hash: Option<String>,
    /// Its name until its manifest is read; the file's name by default.
    #[serde(default)]
    pub name: Option<String>,
    /// Portals that are open to it, whatever their default.
    #[serde(default)]
    pub grant: Vec<String>,
    /// Portals that are shut to it; stronger than `grant`.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Factor by which the budget for compiling it is raised.
    #[serde(default)]
    pub compile_budget: Option<NonZeroU32>,
    /// The type or object to handle, if the message broker starts it.
    #[serde(default, rename = "serving")]
    pub activation: Option<Activation>,
}

/// Activation of a program by the broker: the token proves that the broker has started it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// Token from the broker, 32 hexadecimal digits.
    pub token: String,
    /// The type, or the one object, that its first port handles.
    pub name: String,
}

/// Bytes that follow the line of a request; the line has their number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub enum Payload {
    /// The number of bytes that are still to come.
    Announced(u64),
    /// The bytes.
    Here(Arc<[u8]>),
}

impl From<u64> for Payload {
    fn from(size: u64) -> Self {
        Self::Announced(size)
    }
}

impl From<Payload> for u64 {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Announced(size) => size,
            Payload::Here(bytes) => bytes.len() as u64,
        }
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", u64::from(self.clone()))
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keystroke {
    /// Goes down and up again.
    #[default]
    Tap,
    /// Goes down.
    Press,
    /// Goes up.
    Release,
    /// Is held so long that it repeats.
    Repeat,
}

/// A response of the shell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Response {
    /// The request has arrived, in a shell that runs. More follows.
    Accepted,
    /// The shell ended before it could answer.
    Ended,
    /// It was done.
    Done,
    /// It could not be done.
    Error {
        /// Why, in a sentence.
        error: String,
    },
    /// The program has a window. More follows.
    Started {
        /// Id of the window.
        window: u64,
    },
    /// The program logged something. More follows.
    Log {
        /// `LEVEL name: text`.
        line: String,
    },
    /// The program has ended.
    Exited {
        /// Exit code, 0 to 122.
        code: u8,
        /// What happened, when it was not the program's own wish.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<String>,
    },
    /// The windows, in the order in which they were opened.
    Windows {
        /// The windows.
        windows: Vec<WindowInfo>,
    },
    /// A picture.
    Screenshot {
        /// Display pixels.
        width: u32,
        /// Display pixels.
        height: u32,
        /// The PNG file in base64.
        png: String,
    },
    /// Frames were shown.
    Frame {
        /// Frames that the program has shown since it was started.
        frames: u64,
    },
    /// The HUD actions that show now.
    Actions {
        /// In the order of the program's menu.
        actions: Vec<ActionInfo>,
    },
}

impl Response {
    /// A refusal with its sentence.
    pub fn error(error: impl Into<String>) -> Self {
        Self::Error { error: error.into() }
    }

    /// Whether more responses to the same request follow.
    pub(super) fn more_follows(&self) -> bool {
        matches!(self, Self::Accepted | Self::Started { .. } | Self::Log { .. })
    }
}

/// A window, as a client sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WindowInfo {
    /// Id for the other requests.
    pub window: u64,
    /// Title.
    pub title: String,
    /// Hash of the program, in hex.
    pub program: String,
    /// Display pixels, toolbar included.
    pub width: u32,
    /// Display pixels, toolbar included.
    pub height: u32,
    /// Display pixels from the top edge to the framebuffer area.
    pub toolbar: u32,
    /// Display pixels a point.
    pub scale: f32,
    /// Whether it has the keyboard focus.
    pub focused: bool,
    /// Frames that the program has shown.
    pub frames: u64,
    /// State of its program.
    pub state: ProgramState,
}

/// State of the program in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProgramState {
    /// There is no program: the window shows a built-in page.
    None,
    /// The program is being compiled.
    Loading,
    /// The program runs.
    #[default]
    Running,
    /// It has not answered for five seconds.
    NotAnswering,
    /// It trapped, and its window shows the report.
    Trapped,
    /// It could not be started, and its window says why.
    Refused,
    /// It has ended, or was ended; its window says so.
    Ended,
}

/// A HUD action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionInfo {
    /// Name, for `fire`.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Greyed; can't be fired.
    pub disabled: bool,
    /// Shortcut as it is shown to the user, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortcut: Option<String>,
}
