//! `cargo xtask run`: from a clone to a program in a window.

use crate::display::Display;
use crate::packages::{WINDOW, ensure};
use crate::services;
use crate::step::{cargo, say, step, target};
use crate::wasm::build_examples;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

/// Builds the shell and the examples, and opens home, or one of them.
pub(crate) fn run(example: Option<&str>) -> Result<()> {
    ensure("A window", WINDOW)?;
    let shell = build_shell()?;
    let examples = build_examples()?;
    let program = example.map(|name| choose(&examples, name)).transpose()?;
    if std::env::var_os("DISPLAY").is_some()
        || std::env::var_os("WAYLAND_DISPLAY").is_some()
        || !cfg!(target_os = "linux")
    {
        return match program {
            Some(program) => step(
                &format!("Opening {}", program.display()),
                Command::new(shell).arg("run").arg(program),
            ),
            None => step("Opening home", &mut Command::new(shell)),
        };
    }
    say("\nThere is no display here: a virtual one takes its place, and a picture of the window is saved.");
    let display = Display::start(1)?;
    let picture = target()
        .join("pictures")
        .join(example.unwrap_or("home"))
        .with_extension("png");
    std::fs::create_dir_all(target().join("pictures"))?;
    let mut process = match program {
        Some(program) => open(&display, &shell, program)?,
        None => open_home(&display, &shell)?,
    };
    let pictured = picture_of(&display, &shell, &mut process, &picture);
    let _ = process.kill();
    let _ = process.wait();
    pictured?;
    say(&format!("\nThe window is on {}", picture.display()));
    Ok(())
}

fn picture_of(display: &Display, shell: &Path, process: &mut Child, to: &Path) -> Result<()> {
    let window = display.first_frame(shell, process)?;
    // The examples and their icons, which home shows, are read beside.
    std::thread::sleep(Duration::from_secs(1));
    display.picture(&window, to)
}

/// Builds the shell, nearly as people use it. Unoptimised, it would be there sooner, and would show a stranger a slideshow.
pub(crate) fn build_shell() -> Result<PathBuf> {
    let build = [
        "build",
        "--profile",
        "quick",
        "--package",
        "portico",
        "--package",
        "portico-services",
        "--bins",
    ];
    step("Building the shell and the services", &mut cargo(&build))?;
    services::lay_out()?;
    Ok(target()
        .join("quick")
        .join(if cfg!(windows) { "portico.exe" } else { "portico" }))
}

/// Opens a program in a display that was started for it, so that the shell is a new one, and can be driven.
pub(crate) fn open(display: &Display, shell: &Path, program: &Path) -> Result<Child> {
    say(&format!("\n── Opening {}", program.display()));
    let mut command = display.command(shell);
    command.arg("run").arg(program);
    command
        .spawn()
        .with_context(|| format!("cannot start {}", shell.display()))
}

/// Opens home in a display that was started for it, as it is when nothing has been installed yet.
pub(crate) fn open_home(display: &Display, shell: &Path) -> Result<Child> {
    say("\n── Opening home");
    let mut command = display.command(shell);
    // What whoever builds this has installed is nobody's business.
    let home = target().join("pictures/home");
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    command
        .env("XDG_DATA_HOME", &home)
        .env("XDG_STATE_HOME", &home)
        .env("PORTICO_EXAMPLES", target().join("examples"));
    command
        .spawn()
        .with_context(|| format!("cannot start {}", shell.display()))
}

/// The example of that name.
pub(crate) fn choose<'a>(examples: &'a [PathBuf], name: &str) -> Result<&'a PathBuf> {
    examples
        .iter()
        .find(|path| path.file_stem().is_some_and(|stem| stem == name))
        .with_context(|| {
            let names: Vec<_> = examples.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
            format!("there is no example `{name}`; there are: {}", names.join(", "))
        })
}
