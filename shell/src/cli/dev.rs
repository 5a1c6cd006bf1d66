//! `portico dev`: builds a project, opens its program, and does both again whenever a file changes.
//!
//! The window stays where it is: the shell that shows it is told over IPC to start the file again in it. The first
//! start goes the way of `portico run`, so that shell may be this process or another.

mod files;
mod project;
mod watch;

use super::{NOT_LOADED, USAGE, fail, fail_ipc, texts, unknown};
use crate::app::InitialContent;
use crate::grants::RunGrants;
use crate::output;
use clap::Args;
use portico_ipc::{Client, Endpoint, IpcError, Request, Response, Role, Run, join};
use project::{Built, Project};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use watch::Watch;

/// Exit code of a program that was ended: here by the next version of itself, which is no news.
const ENDED: u8 = 121;

/// Arguments of `dev`.
#[derive(Args)]
pub(super) struct DevArguments {
    /// The project's folder, with a Cargo.toml or a Makefile
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Build with the release profile (Rust)
    #[arg(long)]
    release: bool,
    /// Open a portal to it, whatever the default (may be given several times)
    #[arg(long, value_name = "PORTAL")]
    grant: Vec<String>,
    /// Shut a portal to it (may be given several times; stronger than --grant)
    #[arg(long, value_name = "PORTAL")]
    deny: Vec<String>,
    /// Arguments of the program
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

pub(super) fn run(arguments: DevArguments) -> u8 {
    let DevArguments {
        directory,
        release,
        grant,
        deny,
        arguments,
    } = arguments;
    let arguments = match texts(arguments) {
        Ok(arguments) => arguments,
        Err(why) => return fail(USAGE, why),
    };
    if let Err(error) = RunGrants::new(grant.clone(), deny.clone()) {
        return unknown(&error);
    }
    let project = match Project::find(&directory, release) {
        Ok(project) => project,
        Err(why) => return fail(USAGE, why),
    };
    // Before the first build, so that nothing is missed that is saved meanwhile.
    let mut watch = Watch::new(project.directory(), say);
    let built = loop {
        match project.build() {
            Ok(built) => break built,
            Err(why) => say(&format!("{why}; waiting for a change")),
        }
        watch.wait();
    };
    say(&format!("watching {}", project.directory().display()));
    let order = Run {
        file: built.file.clone(),
        arguments,
        grant,
        deny,
        ..Run::default()
    };
    let session = Session { project, watch, built };
    let role = Endpoint::of_this_display().and_then(|endpoint| Ok((join(&endpoint)?, endpoint)));
    match role {
        Ok((Role::Shell(listener), endpoint)) => {
            if let Err(error) = session.go_on(endpoint, None) {
                return fail(NOT_LOADED, error);
            }
            // How the first version of the program ended is not what this command came to.
            match super::run::open(InitialContent::Program(order), Some(listener)) {
                Ok(_) => 0,
                Err(error) => fail(ENDED, format!("{error:#}")),
            }
        }
        Ok((Role::Client(client), endpoint)) => match guest(client, order, endpoint, session) {
            Ok(()) => 0,
            Err(error) => fail_ipc(ENDED, &error),
        },
        Err(error) => fail_ipc(ENDED, &error),
    }
}

/// Has a shell that runs already open the program. Returns when the window is closed.
fn guest(mut client: Client, order: Run, endpoint: Endpoint, session: Session) -> Result<(), IpcError> {
    let (tell, told) = mpsc::channel();
    on_a_thread(move || {
        let answer = client.ask(&Request::Run(order), |response| match response {
            Response::Started { window } => drop(tell.send(Ok(window))),
            other => print(other),
        });
        match answer {
            Err(error @ (IpcError::Silent { .. } | IpcError::Full)) => drop(tell.send(Err(error))),
            answer => finish(answer),
        }
    })?;
    let Ok(window) = told.recv() else { return Ok(()) };
    let window = window?;
    session.go_on(endpoint.clone(), Some(window))?;
    // The window goes when this process does, also while no program runs in it.
    Client::connect(&endpoint)?.ask(&Request::Follow { window: Some(window) }, print)?;
    Ok(())
}

/// A project whose program has a window.
struct Session {
    project: Project,
    watch: Watch,
    built: Built,
}

impl Session {
    /// Watches, builds and reloads on a thread of its own, until the window or the shell is gone. Without a window it is the
    /// first of the shell, which is this process.
    fn go_on(mut self, endpoint: Endpoint, window: Option<u64>) -> Result<(), IpcError> {
        on_a_thread(move || {
            loop {
                self.watch.wait();
                let begun = Instant::now();
                match self.project.build() {
                    Err(why) => say(&format!("{why}; the program goes on as it was")),
                    Ok(built) if built.hash == self.built.hash => {}
                    Ok(built) => {
                        self.built = built;
                        reload(&endpoint, window);
                        say(&format!(
                            "built and started again after {:.1} s",
                            begun.elapsed().as_secs_f32()
                        ));
                    }
                }
            }
        })
        .map(drop)
    }
}

/// Starts the file again in its window, and prints on another thread what it says from here on.
fn reload(endpoint: &Endpoint, window: Option<u64>) {
    let (tell, told) = mpsc::channel();
    let endpoint = endpoint.clone();
    let started = on_a_thread(move || {
        let answer = Client::connect(&endpoint).and_then(|mut client| {
            let window = match window {
                Some(window) => Some(window),
                None => first(&mut client)?,
            };
            client.ask(&Request::Reload { window }, |response| match response {
                Response::Started { .. } => drop(tell.send(())),
                other => print(other),
            })
        });
        finish(answer);
    });
    match started {
        // Also comes back when the shell has refused.
        Ok(_) => drop(told.recv_timeout(Duration::from_secs(10))),
        Err(error) => drop(fail(NOT_LOADED, error)),
    }
}

/// The oldest window of the shell.
fn first(client: &mut Client) -> Result<Option<u64>, IpcError> {
    match client.ask(&Request::Windows, print)? {
        Response::Windows { windows } => Ok(windows.iter().map(|window| window.window).min()),
        other => Err(IpcError::Garbage(format!("{other:?}"))),
    }
}

fn on_a_thread(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, IpcError> {
    let failed = |source: io::Error| IpcError::Io {
        what: "starting a thread".into(),
        source,
    };
    Builder::new().name("dev".into()).spawn(work).map_err(failed)
}

fn print(response: Response) {
    if let Response::Log { line } = response {
        output::say(line);
    }
}

/// Prints how the program ended, unless that is no news.
fn finish(answer: Result<Response, IpcError>) {
    match answer {
        Ok(Response::Exited { code: ENDED, .. }) | Err(IpcError::Gone | IpcError::NoShell) => {}
        Ok(Response::Exited {
            report: Some(report), ..
        }) => output::say(report),
        Ok(Response::Error { error }) => drop(fail(NOT_LOADED, error)),
        Ok(_) => {}
        Err(error) => drop(fail(NOT_LOADED, error)),
    }
}

fn say(what: &str) {
    output::say(format_args!("portico: {what}"));
}
