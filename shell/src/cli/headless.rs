//! `portico run --headless FILE`: no window system.

use super::{NOT_LOADED, RunArguments, USAGE, fail, texts, trace, unknown};
use crate::app::{self, HeadlessOptions};
use crate::backend::{FrameWriter, Looks};
use crate::grants::RunGrants;
use crate::script::{Script, ScriptError};
use crate::source;
use clap::ValueEnum;
use portico_ipc::{Endpoint, IpcError, Listener, Role, Run, join};
use std::fmt::Display;
use std::path::Path;

/// Largest side of a window.
const LARGEST: u32 = 16_384;
/// Bytes of the longest script: hours of input.
const LONGEST_SCRIPT: u64 = 64 << 20;

/// Answer to the permission requests of a run.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Answer {
    /// Everything is denied
    Deny,
    /// Everything is allowed until the program ends
    Allow,
    /// The prompt stays until the script or `portico msg` answers it
    Ask,
}

/// Parses a size: `WxH`, or with the sign for multiplication.
pub(super) fn size(text: &str) -> Result<(u32, u32), String> {
    let sides = text
        .split_once(['x', '×', 'X'])
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides
        .filter(|(width, height)| (1..=LARGEST).contains(width) && (1..=LARGEST).contains(height))
        .ok_or_else(|| format!("a size is two numbers from 1 to {LARGEST}, for example 1280x720"))
}

pub(super) fn run(arguments: RunArguments) -> u8 {
    let RunArguments {
        program,
        grant,
        deny,
        compile_budget,
        frames,
        size,
        scale,
        script,
        answer,
        socket,
        arguments,
        ..
    } = arguments;
    trace();
    let arguments = match texts(arguments) {
        Ok(arguments) => arguments,
        Err(why) => return fail(USAGE, why),
    };
    if let Err(error) = RunGrants::new(grant.clone(), deny.clone()) {
        return unknown(&error);
    }
    if !(0.25..=8.0).contains(&scale) {
        return fail(USAGE, format!("{scale} is no scale: it goes from 0.25 to 8"));
    }
    let script = match script.as_deref().map_or(Ok(Script::default()), read) {
        Ok(script) => script,
        Err(why) => return fail(USAGE, why),
    };
    let run = match super::run::named(&program) {
        Ok(run) => run,
        Err(why) => return fail(NOT_LOADED, why),
    };
    let frames = match frames.map(|directory| FrameWriter::new(&directory)).transpose() {
        Ok(frames) => frames,
        Err(error) => return fail(USAGE, error),
    };
    let listener = match socket.as_deref().map(listen).transpose() {
        Ok(listener) => listener,
        Err(why) => return fail(USAGE, why),
    };
    let run = Run {
        arguments,
        grant,
        deny,
        compile_budget,
        ..run
    };
    let looks = Looks {
        area: size,
        scale: scale.into(),
    };
    let options = HeadlessOptions {
        looks,
        script,
        frames,
        answer: match answer {
            Answer::Deny => Some(false),
            Answer::Allow => Some(true),
            Answer::Ask => None,
        },
        listener,
    };
    app::run_headless(run, options).unwrap_or_else(|error| fail(NOT_LOADED, format!("{error:#}")))
}

/// Listens for clients under a name.
fn listen(name: &str) -> Result<Listener, String> {
    let failed = |error: IpcError| format!("clients can't be served: {error}");
    match Endpoint::headless(name)
        .and_then(|endpoint| join(&endpoint))
        .map_err(failed)?
    {
        Role::Shell(listener) => Ok(listener),
        Role::Client(_) => Err(format!("another run has the socket {name} already")),
    }
}

/// Reads the input of a script.
fn read(file: &Path) -> Result<Script, String> {
    let bytes = source::receive(file, LONGEST_SCRIPT).map_err(|error| error.to_string())?;
    let failed = |why: &dyn Display| format!("{}: {why}", file.display());
    String::from_utf8(bytes)
        .map_err(|error| failed(&error))?
        .parse()
        .map_err(|error: ScriptError| failed(&error))
}
