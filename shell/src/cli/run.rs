//! `portico run FILE`: a window, in the shell that runs already or in one of its own.

use super::{NAMELESS, NOT_LOADED, RunArguments, USAGE, fail, fail_ipc, library, texts, trace, unknown};
use crate::app::{self, InitialContent};
use crate::environment;
use crate::grants::RunGrants;
use crate::output;
use crate::run_ext::RunExt as _;
use crate::source;
use portico_ipc::{
    Activation, Client, Endpoint, IpcError, Listener, Payload, Request, Response, Role, Run,
    display::{self, Display},
    join,
};
use portico_model::PageKind;
use std::ffi::OsStr;
use std::path::Path;

/// Exit code when there is no window, or none any more.
const NO_WINDOW: u8 = 121;

/// How often a shell that is ending may leave its client behind before that is an error.
const TRIES: usize = 3;

pub(super) fn run(arguments: RunArguments) -> u8 {
    let RunArguments {
        program,
        grant,
        deny,
        compile_budget,
        own_process,
        arguments,
        serve,
        ..
    } = arguments;
    let mut arguments = match texts(arguments) {
        Ok(arguments) => arguments,
        Err(why) => return fail(USAGE, why),
    };
    if let Err(error) = RunGrants::new(grant.clone(), deny.clone()) {
        return unknown(&error);
    }
    let run = match named(&program) {
        Ok(run) => run,
        Err(why) => return fail(NOT_LOADED, why),
    };
    let activation = serve.map(activation);
    // A program that is for one object is told which.
    arguments.extend(activation.as_ref().and_then(|_| environment::service_object()));
    let run = Run {
        arguments,
        grant,
        deny,
        compile_budget,
        activation,
        ..run
    };
    let order = InitialContent::Program(run);
    if own_process {
        shell(order, None)
    } else {
        join_or_be(&order)
    }
}

/// The activation by the message broker that has started this process: what it is to handle.
fn activation(kind: String) -> Activation {
    Activation {
        token: environment::service_token().unwrap_or_default(),
        name: environment::service_object().unwrap_or(kind),
    }
}

/// The program that somebody names at the command line.
pub(super) fn named(program: &OsStr) -> Result<Run, String> {
    let path = Path::new(program);
    if source::is_stream(path) {
        // Only this process has it, and only once: it is handed over as it was read.
        let bytes = source::receive(path, source::LARGEST).map_err(|error| error.to_string())?;
        let payload = Some(Payload::Here(bytes.into()));
        return Ok(Run {
            file: path.to_owned(),
            payload,
            name: Some(NAMELESS.to_owned()),
            ..Run::default()
        });
    }
    // A file needs no list of installed programs, which is a file to be read.
    if path.is_file() {
        let file = path
            .canonicalize()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok(Run { file, ..Run::default() });
    }
    let library = library::library();
    let program = library.resolve(program).map_err(|error| error.to_string())?;
    Run::of(&program, &library).ok_or_else(|| format!("{} can't be opened", path.display()))
}

/// Opens a built-in page.
pub(super) fn page(kind: PageKind) -> u8 {
    join_or_be(&InitialContent::Page(kind))
}

/// Opens a window in the shell that runs already, or in this process, which is the shell then.
fn join_or_be(order: &InitialContent) -> u8 {
    if let Err(error) = display::current() {
        return fail(NO_WINDOW, error);
    }
    let mut error = IpcError::Gone;
    for _ in 0..TRIES {
        match Endpoint::of_this_display().and_then(|endpoint| join(&endpoint)) {
            Ok(Role::Shell(listener)) => return shell(order.clone(), Some(listener)),
            Ok(Role::Client(client)) => match guest(client, order.clone()) {
                Ok(code) => return code,
                // It was on its way out: try again, perhaps as the shell.
                Err(IpcError::Gone) => {}
                Err(other) => return refuse(&other, order),
            },
            // It is there, but can't be talked to.
            Err(full @ IpcError::Full) => return refuse(&full, order),
            Err(other) => {
                error = other;
                break;
            }
        }
    }
    // The window matters more than being found by others.
    fail(0, format!("{error}; the window opens in a shell of its own"));
    shell(order.clone(), None)
}

/// Prints why the shell that runs already does not open a window, and how else it can be opened.
fn refuse(error: &IpcError, order: &InitialContent) -> u8 {
    match (error, order) {
        (IpcError::Silent { .. } | IpcError::Full, InitialContent::Program(_)) => fail(
            NO_WINDOW,
            format!(
                "{error}; wait for it, end that process, or open the window without it: `portico run --own-process`"
            ),
        ),
        _ => fail_ipc(NO_WINDOW, error),
    }
}

/// Runs the shell of a display, or one beside it.
fn shell(order: InitialContent, listener: Option<Listener>) -> u8 {
    match open(order, listener) {
        Ok(code) => code,
        Err(error) => fail(NO_WINDOW, format!("{error:#}")),
    }
}

/// Opens a window in this process, and returns with the exit code of its program when the last window is closed.
pub(super) fn open(order: InitialContent, listener: Option<Listener>) -> anyhow::Result<u8> {
    let display = display::current()?;
    trace();
    if let Display::X11 {
        name,
        stale: Some(stale),
    } = display
    {
        tracing::warn!("no compositor listens at WAYLAND_DISPLAY={stale}: windows open on the X server {name}");
    }
    app::run(order, listener)
}

/// Has the running shell open the program, and waits for its end. `Gone` only when it did not even start.
fn guest(mut client: Client, order: InitialContent) -> Result<u8, IpcError> {
    let request = match order {
        InitialContent::Program(run) => Request::Run(run),
        InitialContent::Page(page) => Request::Open {
            page: page.name().into(),
        },
    };
    let mut started = false;
    let answer = client.ask(&request, |response| match response {
        Response::Started { .. } => started = true,
        Response::Log { line } => output::say(line),
        _ => {}
    });
    match answer {
        Ok(Response::Exited { code, report }) => {
            if let Some(report) = report {
                output::say(report);
            }
            Ok(code)
        }
        Ok(Response::Done) => Ok(0),
        Ok(Response::Error { error }) => Ok(fail(NOT_LOADED, error)),
        Ok(other) => Err(IpcError::Garbage(format!("{other:?}"))),
        Err(IpcError::Gone) if started => Ok(fail(NO_WINDOW, IpcError::Gone)),
        Err(error) => Err(error),
    }
}
