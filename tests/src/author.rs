//! What an author has at hand: the toolchains for wasm32, as this machine offers them.

use crate::shell::binary;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Debian's cargo.
const DEBIAN: &str = "/usr/bin/cargo";

/// A wasm32 toolchain for Rust that this machine has.
#[derive(Clone, Copy)]
enum Toolchain {
    /// The one that runs this test.
    Own,
    /// Debian's, which builds the standard library from its sources.
    Debian,
}

/// A folder for projects, and the means to build what is in it.
pub struct Author {
    directory: tempfile::TempDir,
    toolchain: Toolchain,
}

impl Author {
    /// `None`, with a word about it, where this machine builds no programs in Rust.
    ///
    /// # Panics
    /// When there is no temporary directory.
    pub fn new() -> Option<Self> {
        let Some(toolchain) = toolchain() else {
            eprintln!("skipped: no toolchain for wasm32 (`cargo xtask examples` installs one)");
            return None;
        };
        let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary directory: {error}"));
        Some(Self { directory, toolchain })
    }

    /// Where projects are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// `portico` in the folder of the projects, knowing nothing of this user, with the toolchain for wasm32.
    pub fn portico(&self) -> Command {
        let mut command = Command::new(binary());
        crate::desktop::isolate(&mut command, self.directory());
        self.equip(&mut command);
        command.current_dir(self.directory());
        command
    }

    /// Makes a project and gives its folder. Projects share what they build, so each test needs names of its own.
    ///
    /// # Panics
    /// When that fails.
    pub fn project(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let output = said(self.portico().arg("new").arg(name).args(arguments));
        assert!(output.status.success(), "{output:?}");
        self.directory().join(name)
    }

    /// Builds a Rust project for release, and gives the program.
    ///
    /// # Panics
    /// When it does not build.
    pub fn build(&self, project: &Path) -> PathBuf {
        let output = self.cargo(project, &["build", "--release", "--target", "wasm32-unknown-unknown"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.built(&project.file_name().unwrap_or_default().to_string_lossy(), "release")
    }

    /// Runs cargo in a project.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn cargo(&self, project: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(match self.toolchain {
            Toolchain::Own => "cargo",
            Toolchain::Debian => DEBIAN,
        });
        self.equip(&mut command);
        said(command.args(arguments).current_dir(project))
    }

    /// Where the program of a project is after cargo has built it.
    pub fn built(&self, name: &str, profile: &str) -> PathBuf {
        target()
            .join("wasm32-unknown-unknown")
            .join(profile)
            .join(name.replace('-', "_"))
            .with_extension("wasm")
    }

    /// Points a command at the toolchain for wasm32. What it builds stays between runs, for the standard library's sake.
    pub fn equip(&self, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", target());
        // The user's: what has been downloaded, and which toolchains there are.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let known = std::env::var_os(name).map(PathBuf::from);
            if let Some(path) = known.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(folder))) {
                command.env(name, path);
            }
        }
        if let Toolchain::Debian = self.toolchain {
            for name in [
                "RUSTUP_TOOLCHAIN",
                "RUSTFLAGS",
                "CARGO_ENCODED_RUSTFLAGS",
                "RUSTC_WRAPPER",
                "LD_LIBRARY_PATH",
            ] {
                command.env_remove(name);
            }
            command
                .env("CARGO", DEBIAN)
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19");
        }
    }
}

/// Where programs are built: TARGET/wasm, as the examples are, so that what they share is built once.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    test.ancestors().nth(3).unwrap_or(Path::new("target")).join("wasm")
}

/// Runs a command and gives what it said.
///
/// # Panics
/// When it can't be started.
pub fn said(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display()))
}

fn toolchain() -> Option<Toolchain> {
    let printed = |rustc: &str, arguments: &[&str]| -> Option<PathBuf> {
        let output = Command::new(rustc)
            .env_remove("LD_LIBRARY_PATH")
            .args(arguments)
            .output()
            .ok()?;
        Some(String::from_utf8(output.stdout).ok()?.trim().into())
    };
    let own = printed(
        "rustc",
        &["--print", "target-libdir", "--target", "wasm32-unknown-unknown"],
    );
    if own.is_some_and(|directory| directory.is_dir()) {
        return Some(Toolchain::Own);
    }
    let sysroot = printed("/usr/bin/rustc", &["--print", "sysroot"])?;
    let sources = sysroot.join("lib/rustlib/src/rust/library/std").is_dir();
    (sources && Path::new(DEBIAN).is_file() && Path::new("/usr/bin/wasm-ld-19").is_file()).then_some(Toolchain::Debian)
}
