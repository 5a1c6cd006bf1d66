//! The built shell, and a run of it.

use crate::{Desktop, PATIENCE, poll};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Where the shell's binary is: `PORTICO_BIN`, else the one of this build, brought up to date first.
///
/// # Panics
/// When it can't be built.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("PORTICO_BIN") {
            return path.into();
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--package", "portico"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the shell does not build");
        // A test's executable is TARGET/PROFILE/deps/NAME.
        let test = std::env::current_exe().unwrap_or_default();
        let profile = test.ancestors().nth(2).unwrap_or(Path::new("target/debug"));
        profile.join("portico")
    })
}

/// A run of the shell, ended when dropped.
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts `portico` with these arguments; what it says goes to a file.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start(mut command: Command, log: PathBuf) -> Self {
        let start = || -> std::io::Result<Child> {
            let file = File::create(&log)?;
            command
                .stdin(Stdio::null())
                .stdout(file.try_clone()?)
                .stderr(file)
                .spawn()
        };
        match { start }() {
            Ok(child) => Self { child, log },
            Err(error) => panic!("the shell can't be started: {error}"),
        }
    }

    /// What it has said so far, on standard output and error.
    pub fn said(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it ends, for at most `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                _ if Instant::now() > deadline => return None,
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Waits until it has said that.
    ///
    /// # Panics
    /// When it does not.
    pub fn says(&self, text: &str) {
        let said = poll(|| self.said().contains(text).then_some(()));
        assert!(said.is_some(), "the shell did not say {text:?} but\n{}", self.said());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = self.said();
            let start = said.len().saturating_sub(4000);
            eprintln!("--- the shell said:\n{}---", said.get(start..).unwrap_or(&said));
        }
    }
}

/// What a run without a window system came to.
#[derive(Debug)]
pub struct Headless {
    /// Exit code, `None` if it had to be killed.
    pub code: Option<i32>,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

/// Runs a program with `run --headless`, for at most `limit`.
pub fn headless(program: &[u8], arguments: &[&str], limit: Duration) -> Headless {
    let directory = match tempfile::tempdir() {
        Ok(directory) => directory,
        Err(error) => panic!("no temporary directory: {error}"),
    };
    let path = crate::programs::save(directory.path(), "program", program);
    let mut command = Command::new(binary());
    crate::desktop::isolate(&mut command, directory.path());
    command.args(["run", "--headless"]).args(arguments).arg(path);
    let started = Instant::now();
    let mut running = Running::start(command, directory.path().join("log"));
    let code = running.wait(limit).and_then(|status| status.code());
    let took = started.elapsed();
    Headless {
        code,
        stderr: running.said(),
        took,
    }
}

impl Desktop {
    /// Runs `portico` with these arguments on this desktop.
    pub fn portico(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(binary());
        command.args(arguments);
        Running::start(command, self.unused("portico.log"))
    }

    /// What `portico` says with these arguments.
    ///
    /// # Panics
    /// When it fails.
    pub fn done(&self, arguments: &[&str]) -> String {
        let mut running = self.portico(arguments);
        let status = running.wait(PATIENCE);
        assert!(
            status.is_some_and(|status| status.success()),
            "portico {arguments:?}: {}",
            running.said()
        );
        running.said()
    }

    /// Saves a program under `name` and runs it in a window.
    pub fn run(&self, name: &str, program: &[u8]) -> Running {
        let path = crate::programs::save(self.directory(), name, program);
        self.portico(&["run", &path.display().to_string()])
    }
}
