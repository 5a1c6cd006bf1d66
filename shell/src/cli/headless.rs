//! `portico run --headless FILE`: no window system.

use super::{NOT_LOADED, RunArguments, USAGE, fail, texts, trace, unknown};
use crate::background;
use crate::broker::BrokerBridge;
use crate::engine;
use crate::grants::RunGrants;
use crate::headless::{self, FrameWriter, Options};
use crate::output;
use crate::report;
use crate::run_ext::RunExt as _;
use crate::script::{Script, ScriptError};
use crate::source;
use crate::state::{self, Database};
use portico_kernel::{Budget, LoadOptions};
use portico_model::Language;
use portico_portals::Profile;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

/// Largest side of a window.
const LARGEST: u32 = 16_384;
/// Bytes of the longest script: hours of input.
const LONGEST_SCRIPT: u64 = 64 << 20;

/// `WxH`, or with the sign for multiplication.
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
        arguments,
        ..
    } = arguments;
    trace();
    let arguments = match texts(arguments) {
        Ok(arguments) => arguments,
        Err(why) => return fail(USAGE, why),
    };
    let grants = match RunGrants::new(grant, deny) {
        Ok(grants) => grants,
        Err(error) => return unknown(&error),
    };
    if !(0.25..=8.0).contains(&scale) {
        return fail(USAGE, format!("{scale} is no scale: it goes from 0.25 to 8"));
    }
    let script = match script.as_deref().map_or(Ok(Script::default()), read) {
        Ok(script) => script,
        Err(why) => return fail(USAGE, why),
    };
    let order = match super::run::named(&program) {
        Ok(order) => order,
        Err(why) => return fail(NOT_LOADED, why),
    };
    let bytes = match order.read() {
        Ok(bytes) => bytes,
        Err(why) => return fail(NOT_LOADED, why),
    };
    let file = &order.file;
    let kernel = match engine::kernel() {
        Ok(kernel) => kernel,
        Err(error) => return fail(NOT_LOADED, error),
    };
    let budget = compile_budget.map(Budget).unwrap_or_default();
    let program = match kernel.load(
        &bytes,
        &LoadOptions {
            budget,
            ..LoadOptions::default()
        },
    ) {
        Ok(program) => program,
        Err(error) => {
            return fail(
                NOT_LOADED,
                format!("{}: {}", file.display(), report::not_loaded(&error)),
            );
        }
    };
    let frames = match frames.map(|directory| FrameWriter::new(&directory)).transpose() {
        Ok(frames) => frames,
        Err(error) => return fail(USAGE, error),
    };
    let name = order.called(Some(&program));
    let (grants, profile) = (Arc::new(grants), profile());
    let broker = BrokerBridge::default();
    let options = Options {
        name: name.to_string(),
        arguments,
        grants,
        profile,
        broker: broker.clone(),
        size,
        scale,
        script,
        frames,
    };
    let ended = headless::run(&kernel, &program, options);
    broker.stop();
    match ended {
        Ok(exit) => {
            if let Some(report) = report::report(&exit, &name, Some(program.hash())) {
                output::say(report);
            }
            exit.code()
        }
        Err(error) => fail(NOT_LOADED, error),
    }
}

/// The input in a script.
fn read(file: &Path) -> Result<Script, String> {
    let bytes = source::receive(file, LONGEST_SCRIPT).map_err(|error| error.to_string())?;
    let failed = |why: &dyn Display| format!("{}: {why}", file.display());
    String::from_utf8(bytes)
        .map_err(|error| failed(&error))?
        .parse()
        .map_err(|error: ScriptError| failed(&error))
}

/// What stands in the user's profile, which is read beside.
fn profile() -> Arc<Profile> {
    let database = Database::new(state::file());
    let profile = Profile::new(state::profile::ProfileDatabase::new(database.clone(), || ()));
    let fill = {
        let profile = Arc::clone(&profile);
        move || {
            let read = database.read(|all| Ok((state::profile::read(all)?, state::preferences::read(all)?)));
            let (person, preferences) = read.unwrap_or_default();
            profile.speak(preferences.language.map(Language::code));
            profile.fill(person);
        }
    };
    background::spawn(fill);
    profile
}
