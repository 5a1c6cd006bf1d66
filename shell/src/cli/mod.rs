//! The command line.

mod broker;
mod dev;
mod doctor;
mod grants;
mod headless;
mod info;
mod library;
mod manual;
mod msg;
mod new;
mod run;
mod sign;
mod tools;

use crate::clipboard;
use crate::environment;
use crate::executable;
use crate::grants::UnknownPortal;
use crate::logs;
use crate::output;
use crate::state::{Database, DatabaseError};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use portico_ipc::{IpcError, Request, display, notify_all};
use portico_kernel::{Budget, escape_lines};
use portico_logs::{ShellLog, Terminal};
use portico_model::PageKind;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write as _};
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// Exit code for a command that was not understood.
const USAGE: u8 = 2;
/// Exit code for a file that can't be read or written.
const UNREADABLE: u8 = 2;
/// Exit code for a program that could not be loaded.
const NOT_LOADED: u8 = 122;
/// Name of a program that came through a pipe and has none of its own.
const NAMELESS: &str = "program";
/// Exit code when the shell itself has failed, so that the program was ended: a panic's own code would be a program's.
const FAILED: u8 = 121;
/// Exit code when what a command was asked for can't be written to standard output, whatever else it came to.
const NOT_WRITTEN: u8 = 123;

#[derive(Parser)]
#[command(
    name = "portico",
    version,
    about = "A desktop for sandboxed programs: each one a WebAssembly file, opened as a window",
    after_help = "Exit codes of a run: 0 to 119 are the program's own, 120 it trapped, 121 it was ended from outside, \
                  122 it could not be loaded. A command that is not understood ends with 2, and one whose output can't be \
                  written with 123."
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Subcommands>,
}

impl Cli {
    /// Whether this process may be the shell.
    fn opens_windows(&self) -> bool {
        match &self.command {
            Some(Subcommands::Run(arguments)) => !arguments.headless,
            Some(Subcommands::Open { .. } | Subcommands::Dev(_)) | None => true,
            _ => false,
        }
    }
}

/// The built-in pages, by their names.
fn pages() -> impl TypedValueParser<Value = PageKind> {
    let about = |page| match page {
        PageKind::Home => "Home: programs to open",
        PageKind::Settings => "Settings",
        PageKind::Tasks => "Task list: running programs and what they use",
        PageKind::Log => "Log of the programs and the shell",
    };
    let names = PageKind::ALL.map(|page| PossibleValue::new(page.name()).help(about(page)));
    PossibleValuesParser::new(names).try_map(|name| PageKind::named(&name).ok_or("there is no such page"))
}

#[derive(Subcommand)]
enum Subcommands {
    /// Open a program as a window
    Run(RunArguments),
    /// Open one of the shell's built-in pages
    Open {
        /// Which
        #[arg(value_parser = pages())]
        page: PageKind,
    },
    /// Install programs: they stay when their files go, and home and the desktop's menus list them
    Install {
        /// The programs, WebAssembly files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the installed programs, those opened last first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove installed programs
    Remove {
        /// Names, or beginnings of hashes, of eight digits at least, or files with the same bytes
        #[arg(required = true)]
        programs: Vec<OsString>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete files in the store of programs that belong to none that is installed
    Clean {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List and change what you have allowed and denied programs for good; a running shell goes by it at once
    Grants {
        #[command(subcommand)]
        what: Option<grants::Change>,
        /// Print JSON
        #[arg(long, global = true)]
        json: bool,
    },
    /// Show what a file is: hash, sections, imports, and what it would be refused for; how much work it is to compile, its first
    /// run tells
    Info {
        /// The program, a WebAssembly file
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Sign a program with your key, so that new versions of it keep what the user gave it
    Sign(sign::SignArguments),
    /// Make a project for a new program
    New(new::NewArguments),
    /// Build a project, open its program, and do both again whenever a file is saved
    Dev(dev::DevArguments),
    /// Say what this machine offers for every portal, what is missing, and how to get it
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the completions of a shell, for its own folder of them
    Completions {
        /// The shell that you type into
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Run the message broker of native processes alone, or ask the one that runs
    Broker(broker::BrokerArguments),
    /// Hold the text of standard input on the clipboard: what is left of a shell that has ended
    #[command(hide = true)]
    HoldClipboard,
    /// Drive the running shell, and get answers as JSON
    Msg {
        /// Drive a run without a window system, which was given this name with `--socket`
        #[arg(long, value_name = "NAME")]
        socket: Option<String>,
        #[command(subcommand)]
        request: msg::MsgRequest,
    },
}

/// Arguments of `run`.
#[derive(Args)]
struct RunArguments {
    /// The program: a WebAssembly file, `-` for standard input, or the name, link or hash (eight digits at least) of an
    /// installed one
    program: OsString,
    /// Open a portal to it, whatever the default (may be given several times)
    #[arg(long, value_name = "PORTAL")]
    grant: Vec<String>,
    /// Shut a portal to it (may be given several times; stronger than --grant)
    #[arg(long, value_name = "PORTAL")]
    deny: Vec<String>,
    /// Let compiling it take N times as much as usual, which is 96 MiB of memory and 48 times its size (896 MiB at most, or 30
    /// times its size), and 10 s of processor time and 10 s for each MiB of it
    #[arg(long, value_name = "N", value_parser = budget)]
    compile_budget: Option<NonZeroU32>,
    /// It is started by the message broker and handles this type, or the object in the environment
    #[arg(long, value_name = "TYPE", hide = true, conflicts_with = "headless")]
    serve: Option<String>,
    /// Don't join the shell that runs already
    #[arg(long, conflicts_with = "headless")]
    own_process: bool,
    /// Run without a window system
    #[arg(long)]
    headless: bool,
    /// Write every frame that is shown as a PNG file into this directory
    #[arg(long, value_name = "DIR", requires = "headless")]
    frames: Option<PathBuf>,
    /// Size of the framebuffer area in display pixels
    #[arg(long, value_name = "WxH", requires = "headless", default_value = "1280x720", value_parser = headless::size)]
    size: (u32, u32),
    /// Display pixels a point
    #[arg(long, value_name = "S", requires = "headless", default_value_t = 1.0)]
    scale: f32,
    /// Play input from a file, an event a line: `120 key 44 1 0`, `200 cursor 10.5 20 pressed 0`, `300 text hello`,
    /// `400 resize 640 480`, `500 action NAME`, `600 screenshot FILE`, `700 close`
    #[arg(long, value_name = "FILE", requires = "headless")]
    script: Option<PathBuf>,
    /// What is answered where the program asks for something
    #[arg(long, value_enum, requires = "headless", default_value_t = headless::Answer::Deny)]
    answer: headless::Answer,
    /// Let `portico msg --socket NAME` drive the run
    #[arg(long, value_name = "NAME", requires = "headless")]
    socket: Option<String>,
    /// Arguments of the program
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// The command line's own description.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses a compile budget: how many times as much as usual compiling may take.
fn budget(text: &str) -> Result<NonZeroU32, String> {
    let number = text.parse().ok().filter(|number| *number <= Budget::MOST);
    number.ok_or_else(|| format!("it is a whole number from 1 to {}", Budget::MOST))
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    output::tell_of_panics();
    executable::note();
    let code = match Cli::try_parse() {
        // The panic has been told where it happened.
        Ok(cli) => catch_unwind(AssertUnwindSafe(|| run(cli))).unwrap_or(FAILED),
        Err(error) => parsed(&error),
    };
    ExitCode::from(code)
}

/// Prints clap's own output in place of a command's: help and version, or what was not understood.
fn parsed(error: &clap::Error) -> u8 {
    let printed = error.print();
    if error.use_stderr() {
        return USAGE;
    }
    match printed.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        printed => written(printed),
    }
}

#[allow(unsafe_code, reason = "it writes to the environment")]
fn run(cli: Cli) -> u8 {
    if cli.opens_windows() {
        // SAFETY: this is the first thread, and nothing has started another.
        unsafe { display::settle() };
    }
    match cli.command {
        Some(Subcommands::Run(arguments)) if arguments.headless => headless::run(arguments),
        Some(Subcommands::Run(arguments)) => run::run(arguments),
        Some(Subcommands::Install { files, json }) => library::install(&files, json),
        Some(Subcommands::List { json }) => library::list(json),
        Some(Subcommands::Remove { programs, json }) => library::remove(&programs, json),
        Some(Subcommands::Clean { json }) => library::clean(json),
        Some(Subcommands::Grants { what, json }) => grants::run(what, json),
        Some(Subcommands::Info { file, json }) => info::run(&file, json),
        Some(Subcommands::Sign(arguments)) => sign::run(&arguments),
        Some(Subcommands::New(arguments)) => new::run(&arguments),
        Some(Subcommands::Dev(arguments)) => dev::run(arguments),
        Some(Subcommands::Doctor { json }) => doctor::run(json),
        Some(Subcommands::Completions { shell }) => manual::completions(shell),
        Some(Subcommands::Man) => manual::page(),
        Some(Subcommands::Broker(arguments)) => broker::run(arguments),
        Some(Subcommands::HoldClipboard) => clipboard::hold(),
        Some(Subcommands::Msg { socket, request }) => msg::run(socket.as_deref(), request),
        Some(Subcommands::Open { page }) => run::page(page),
        None => run::page(PageKind::Home),
    }
}

/// Writes the result of a command, and returns its exit code.
fn print(text: &[u8]) -> u8 {
    written(output::print(text))
}

fn written(written: io::Result<()>) -> u8 {
    match written {
        Ok(()) => 0,
        Err(error) => fail(NOT_WRITTEN, format!("standard output can't be written: {error}")),
    }
}

/// Prints an error, and returns the exit code.
fn fail(code: u8, what: impl Display) -> u8 {
    let (bold, plain) = if io::stderr().is_terminal() {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    // What it names may come from anybody: a file, a program, another process.
    output::say(format_args!(
        "{bold}portico:{plain} {}",
        escape_lines(&what.to_string())
    ));
    code
}

/// Prints why the running shell can't be asked and what can be done, and returns the exit code.
fn fail_ipc(code: u8, error: &IpcError) -> u8 {
    match error {
        IpcError::Silent { .. } | IpcError::Full => fail(code, format!("{error}; wait for it, or end that process")),
        _ => fail(code, error),
    }
}

/// Notifies the running shells of a change that was made without them, and prints which of them do not follow it yet.
fn tell_shells(news: &Request) -> u8 {
    let mut code = 0;
    for error in notify_all(news, None) {
        match error {
            // It lies in the socket.
            IpcError::Silent { .. } => {
                fail(0, format!("it is done; {error}, and will go by it as soon as it does"));
            }
            _ => {
                code = fail(
                    1,
                    format!("it is done, but a running shell has not heard of it: {error}"),
                )
            }
        }
    }
    code
}

/// Warnings and errors of the shell itself go to stderr; `PORTICO_LOG` chooses others, for example `debug`. The window
/// library warns of settings that are merely absent, which is nobody's concern, and calls the end of a display an error.
fn trace() {
    let filter = environment::log_filter()
        .and_then(|filter| EnvFilter::try_new(filter).ok())
        .unwrap_or_else(|| EnvFilter::new("warn,winit=off"));
    // Its log keeps more, for whoever looks into it later.
    let kept = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("winit", LevelFilter::ERROR)
        .with_targets(
            ["portico", "portico_broker", "portico_kernel", "portico_portals"].map(|own| (own, LevelFilter::INFO)),
        );
    let terminal = tracing_subscriber::fmt::layer();
    let terminal = terminal
        .with_writer(|| Terminal)
        .log_internal_errors(false)
        .without_time()
        .with_filter(filter);
    tracing_subscriber::registry()
        .with(terminal)
        .with(ShellLog(logs::store()).with_filter(kept))
        .init();
}

/// Converts arguments for a program to text.
fn texts(arguments: Vec<OsString>) -> Result<Vec<String>, String> {
    let text = |argument: OsString| {
        let refused = |argument: OsString| format!("programs take text, and the argument {argument:?} is not UTF-8");
        argument.into_string().map_err(refused)
    };
    arguments.into_iter().map(text).collect()
}

/// The exit code for what goes wrong with the list of programs, or the database.
fn code_of(error: &DatabaseError) -> u8 {
    match error {
        DatabaseError::Failed { .. } | DatabaseError::Nowhere => UNREADABLE,
        DatabaseError::Busy(_) => 1,
    }
}

/// Prints where the file of a damaged database is kept, for a user who misses what stood there.
fn tell_of_damage(database: &Database) {
    for file in database.damaged() {
        let file = file.display();
        let what = "what was remembered has been damaged, and begun anew; the damaged file is kept as";
        output::say(format_args!(
            "portico: {what} {file} (delete it when you no longer need it)"
        ));
    }
}

fn unknown(error: &UnknownPortal) -> u8 {
    fail(USAGE, error)
}
