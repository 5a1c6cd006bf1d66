//! Every command, with a standard output and a standard error that can't be written.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_ipc::{Endpoint, Reply, Request, Response, Role, join, serve};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");
const LIMIT: Duration = Duration::from_secs(30);
const NOT_WRITTEN: i32 = 123;

/// What a command is given: for every one that there is, by its words. `{n}` is another number each time.
const CASES: &[(&str, &[&str])] = &[
    ("", &[]),
    ("run", &["{program}"]),
    ("run", &["--headless", "{program}"]),
    ("run", &["--headless", "{nothing}"]),
    ("run", &["{nothing}"]),
    ("open", &["home"]),
    ("install", &["{program}"]),
    ("install", &["--json", "{program}", "{nothing}"]),
    ("list", &[]),
    ("list", &["--json"]),
    ("remove", &["--json", "nothing"]),
    ("clean", &[]),
    ("grants", &["--json"]),
    ("grants list", &["--json"]),
    ("grants allow", &["{program}", "notifications"]),
    ("grants deny", &["{program}", "launch"]),
    ("grants forget", &["{program}", "clipboard"]),
    ("info", &["{program}"]),
    ("info", &["--json", "{bad}"]),
    (
        "sign",
        &["{program}", "--key", "{key}", "--output", "{home}/signed{n}.wasm"],
    ),
    ("sign", &["--new-key", "{home}/new{n}.key"]),
    ("new", &["{home}/projects{n}/paint"]),
    ("dev", &["{project}"]),
    ("doctor", &["--json"]),
    ("completions", &["bash"]),
    ("man", &[]),
    ("broker", &["--port", "0", "--socket", "{program}/none/socket"]),
    ("broker status", &["--socket", "{home}/broker.socket"]),
    ("hold-clipboard", &[]),
    ("msg windows", &[]),
    ("msg screenshot", &["{home}/picture{n}.png"]),
    ("msg key", &["4"]),
    ("msg type", &["a"]),
    ("msg click", &["1", "1"]),
    ("msg move", &["1", "1"]),
    ("msg scroll", &["0", "1"]),
    ("msg resize", &["100", "100"]),
    ("msg wait-frame", &[]),
    ("msg actions", &[]),
    ("msg set", &["motion", "full"]),
    ("msg close", &[]),
    ("msg end", &[]),
    ("--help", &[]),
    ("--version", &[]),
    ("run --help", &[]),
    ("nonsense", &[]),
];

/// The words of all commands that can be given.
fn commands(of: &clap::Command, words: &str, all: &mut Vec<String>) {
    if !of.is_subcommand_required_set() {
        all.push(words.trim().to_owned());
    }
    for command in of.get_subcommands() {
        commands(command, &format!("{words} {}", command.get_name()), all);
    }
}

struct Home {
    folder: tempfile::TempDir,
    counter: AtomicUsize,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let trap = r#"(module (memory (export "memory") 1) (func (export "run") unreachable))"#;
        fs::write(path.join("program.wasm"), wat::parse_str(trap).unwrap()).unwrap();
        fs::write(path.join("bad.wasm"), "bad").unwrap();
        fs::write(path.join("my.key"), format!("{}\n", "07".repeat(32))).unwrap();
        fs::set_permissions(path.join("my.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let project = path.join("project");
        fs::create_dir(&project).unwrap();
        fs::copy(path.join("program.wasm"), project.join("program.wasm")).unwrap();
        fs::write(project.join("Makefile"), "all:\n\t@true\n").unwrap();
        Self {
            folder,
            counter: AtomicUsize::new(0),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command as a user gives it, through a shell that opens its output as `how` says.
    fn command(&self, words: &str, arguments: &[&str], how: &str) -> Command {
        let home = self.path().display().to_string();
        let number = self.counter.fetch_add(1, Ordering::Relaxed).to_string();
        let fill = |text: &&str| {
            text.replace("{program}", &format!("{home}/program.wasm"))
                .replace("{bad}", &format!("{home}/bad.wasm"))
                .replace("{key}", &format!("{home}/my.key"))
                .replace("{project}", &format!("{home}/project"))
                .replace("{nothing}", &format!("{home}/nothing.wasm"))
                .replace("{home}", &home)
                .replace("{n}", &number)
        };
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("exec \"$0\" \"$@\" {how}")).arg(PORTICO);
        command.args(words.split_whitespace()).args(arguments.iter().map(fill));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", &home)
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1");
        command.env("XDG_RUNTIME_DIR", self.path()).current_dir(self.path());
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, words: &str, arguments: &[&str], how: &str) -> Ended {
        let mut command = self.command(words, arguments, how);
        let what = format!("portico {words} {arguments:?} {how}");
        let (out, err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        command
            .stdout(out.try_clone().unwrap())
            .stderr(err.try_clone().unwrap());
        let code = wait(command.spawn().unwrap(), &what);
        Ended {
            what,
            code,
            out: text(out),
            err: text(err),
        }
    }
}

struct Ended {
    what: String,
    code: i32,
    out: String,
    err: String,
}

impl Ended {
    fn is(&self, code: i32) {
        assert_eq!(self.code, code, "{}\n{}\n{}", self.what, self.out, self.err);
    }
}

fn wait(mut child: Child, what: &str) -> i32 {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or_else(|| panic!("{what}: {status}"));
        }
        if begun.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{what} does not end");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn text(mut file: File) -> String {
    use std::io::{Read, Seek};
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A shell that runs, as far as a client can tell. Its programs trap.
fn shell(request: Request, reply: Reply) {
    match request {
        Request::Run(_) => {
            reply.started(1);
            reply.log_lines().line("INFO program: here".into());
            reply.finish(Response::Exited {
                code: 120,
                report: Some("it trapped".into()),
            });
        }
        Request::Windows => reply.finish(Response::Windows { windows: Vec::new() }),
        Request::Screenshot { .. } => {
            reply.finish(Response::Screenshot {
                width: 1,
                height: 1,
                png: "AAAA".into(),
            });
        }
        _ => reply.finish(Response::Done),
    }
}

#[test]
fn every_command_has_a_case() {
    let mut all = Vec::new();
    commands(&portico::cli::command(), "", &mut all);
    let missing: Vec<_> = all
        .iter()
        .filter(|words| CASES.iter().all(|(known, _)| known != words))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    assert!(all.len() > 25, "{all:?}");
}

#[test]
fn output_that_cannot_be_written_is_told_and_changes_no_other_code() {
    let home = Home::new();
    let Role::Shell(listener) = join(&Endpoint::new(home.path().join("portico"), "desktop").unwrap()).unwrap() else {
        panic!("somebody listens already")
    };
    let _server = serve(listener, Arc::new(shell)).unwrap();
    let mut broker = home.command("broker", &["--port", "0", "--socket", "{home}/broker.socket"], "");
    let mut broker = broker.stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(broker.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    assert!(ready.starts_with("Ready on "), "{ready}");

    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some((words, arguments)) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    case(&home, words, arguments);
                }
            });
        }
    });
    broker.kill().unwrap();
    broker.wait().unwrap();
}

fn case(home: &Home, words: &str, arguments: &[&str]) {
    let run = |how| home.run(words, arguments, how);
    let usual = run("");
    assert_ne!(usual.code, 101, "{}: {}", usual.what, usual.err);
    let full = run(">/dev/full");
    if usual.out.is_empty() {
        full.is(usual.code);
    } else {
        full.is(NOT_WRITTEN);
        let told = "portico: standard output can't be written: No space left on device";
        assert_eq!(
            full.err.lines().filter(|line| line.contains(told)).count(),
            1,
            "{}: {}",
            full.what,
            full.err
        );
    }
    // Whoever has seen enough is told nothing.
    let closed = run("| true");
    assert!(
        !closed.err.contains("written") && !closed.err.contains("panicked"),
        "{}: {}",
        closed.what,
        closed.err
    );
    run(">&-").is(usual.code);
    for how in ["2>/dev/full", "2>&-", ">/dev/null 2>&-"] {
        let ended = run(how);
        ended.is(usual.code);
        assert_eq!(
            ended.out.is_empty(),
            usual.out.is_empty() || how.starts_with('>'),
            "{}: {}",
            ended.what,
            ended.out
        );
    }
}

#[test]
fn a_pipe_that_nobody_reads_leaves_the_code_as_it_is() {
    let home = Home::new();
    for (words, arguments, code) in [("list", &["--json"][..], 0), ("info", &["{bad}"], 122), ("man", &[], 0)] {
        let mut command = home.command(words, arguments, "");
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        let output = command.stdout(write).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(
            (output.status.code(), &*output.stderr),
            (Some(code), &b""[..]),
            "{words}"
        );
    }
}

#[test]
fn a_broker_that_cannot_say_where_it_is_ends() {
    let home = Home::new();
    let arguments = &["--port", "0", "--socket", "{home}/socket"];
    home.run("broker", arguments, ">/dev/full").is(NOT_WRITTEN);
    let mut silent = home
        .command("broker", arguments, "2>&-")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(silent.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    assert!(ready.starts_with("Ready on "), "{ready}");
    silent.kill().unwrap();
    silent.wait().unwrap();
}
