//! `portico run --headless FILE`: no window system.

use super::{NOT_LOADED, RunArguments, USAGE, fail, trace, unknown};
use crate::engine;
use crate::exchange::Exchange;
use crate::grants::RunGrants;
use crate::headless::{self, FrameWriter, Options};
use crate::report;
use crate::script::Script;
use crate::state::{self, Store};
use crate::strings::Language;
use portico_portals::Profile;
use std::fs;
use std::sync::Arc;

/// Largest side of a window.
const LARGEST: u32 = 16_384;

/// `WxH`, or with the sign for multiplication.
pub(super) fn size(text: &str) -> Result<(u32, u32), String> {
    let sides =
        text.split_once(['x', '×', 'X']).and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides
        .filter(|(width, height)| (1..=LARGEST).contains(width) && (1..=LARGEST).contains(height))
        .ok_or_else(|| format!("a size is two numbers from 1 to {LARGEST}, for example 1280x720"))
}

pub(super) fn run(arguments: RunArguments) -> u8 {
    let RunArguments { program, grant, deny, frames, size, scale, script, arguments, .. } = arguments;
    trace();
    let grants = match RunGrants::new(grant, deny) {
        Ok(grants) => grants,
        Err(error) => return unknown(&error),
    };
    if !(0.25..=8.0).contains(&scale) {
        return fail(USAGE, format!("{scale} is no scale: it goes from 0.25 to 8"));
    }
    let script = match script.map(|path| (fs::read_to_string(&path), path)) {
        None => Script::default(),
        Some((Err(error), path)) => return fail(USAGE, format!("{}: {error}", path.display())),
        Some((Ok(text), path)) => match text.parse() {
            Ok(script) => script,
            Err(error) => return fail(USAGE, format!("{}: {error}", path.display())),
        },
    };
    let order = match super::run::named(&program) {
        Ok(order) => order,
        Err(why) => return fail(NOT_LOADED, why),
    };
    let bytes = match order.read() {
        Ok(bytes) => bytes,
        Err(why) => return fail(NOT_LOADED, why),
    };
    let file = order.file;
    let kernel = match engine::kernel() {
        Ok(kernel) => kernel,
        Err(error) => return fail(NOT_LOADED, error),
    };
    let program = match kernel.load(&bytes) {
        Ok(program) => program,
        Err(error) => return fail(NOT_LOADED, format!("{}: {error}", file.display())),
    };
    let frames = match frames.map(|directory| FrameWriter::new(&directory)).transpose() {
        Ok(frames) => frames,
        Err(error) => return fail(USAGE, error),
    };
    let name = report::name(program.manifest().name.as_ref(), &file, Some(program.hash()));
    let (grants, profile) = (Arc::new(grants), profile());
    let exchange = Exchange::default();
    let options = Options {
        name: name.to_string(),
        arguments,
        grants,
        profile,
        exchange: exchange.clone(),
        size,
        scale,
        script,
        frames,
    };
    let ended = headless::run(&kernel, &program, options);
    exchange.stop();
    match ended {
        Ok(exit) => {
            if let Some(report) = report::report(&exit, &name, Some(program.hash())) {
                eprintln!("{report}");
            }
            exit.code()
        }
        Err(error) => fail(NOT_LOADED, error),
    }
}

/// What stands in the user's profile, which is read beside.
fn profile() -> Arc<Profile> {
    let store = Store::new(state::file());
    let profile = Profile::new(state::profile::Keeper::new(store.clone(), || ()));
    let fill = {
        let profile = Arc::clone(&profile);
        move || {
            let read = store.read(|all| Ok((state::profile::read(all)?, state::preferences::read(all)?)));
            let (person, preferences) = read.unwrap_or_default();
            profile.speak(preferences.language.map(Language::code));
            profile.fill(person);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("recall".into()).spawn(fill) {
        tracing::warn!("no thread to read the profile: {error}");
        profile.fill(<_>::default());
    }
    profile
}
