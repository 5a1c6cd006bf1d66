//! `cargo xtask bundle`: what people install. A .deb and a tarball of the shell with the examples and the broker's services,
//! made with the system's tools.

use crate::services::{SERVICES, service_files};
use crate::step::{cargo, installed, output, root, say, step, target};
use crate::wasm::build_examples;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds the shell for speed and the examples, and packs them into `target/bundle`.
pub(crate) fn run() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("bundles are made on Linux, for Linux");
    }
    let build = [
        "build",
        "--release",
        "--package",
        "portico",
        "--package",
        "portico-services",
        "--bins",
    ];
    step("Building the shell and the services", &mut cargo(&build))?;
    let shell = target().join("release/portico");
    for file in pack(&shell, &build_examples()?, &target().join("bundle"), Pace::Small)? {
        let size = fs::metadata(&file)?.len() as f64 / 1e6;
        say(&format!("{} ({size:.1} MB)", file.display()));
    }
    Ok(())
}

/// What matters more: how long packing takes, or how small the packages get.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Small,
    #[cfg(test)]
    Quick,
}

/// Packs a shell, the services beside it, and its examples; says which files there are now in `out`.
fn pack(shell: &Path, examples: &[PathBuf], out: &Path, pace: Pace) -> Result<Vec<PathBuf>> {
    // Packages are made beside their place: what is there is whole, also when the disk is full.
    let (stage, new) = (out.join("stage"), out.join("new"));
    for folder in [&stage, &new] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    fs::create_dir_all(&new)?;
    let usr = stage.join("usr");
    lay_out(shell, examples, &usr)?;
    let mut packed = vec![tarball(&usr, &new)?];
    if installed("dpkg-deb") {
        packed.push(deb(&stage, &new, pace)?);
    } else {
        say("There is no dpkg-deb here, so there is no .deb.");
    }
    let mut made = Vec::new();
    for file in packed {
        let place = out.join(file.file_name().context("a package without a name")?);
        fs::rename(&file, &place)?;
        made.push(place);
    }
    fs::remove_dir_all(&stage)?;
    fs::remove_dir_all(&new)?;
    Ok(made)
}

/// Puts every file where systems look for it, below `usr`.
fn lay_out(shell: &Path, examples: &[PathBuf], usr: &Path) -> Result<()> {
    let assets = root().join("assets");
    let program = usr.join("bin/portico");
    let share = usr.join("share");
    for name in [&["portico"], &SERVICES[..]].concat() {
        let to = usr.join("bin").join(name);
        copy(&shell.with_file_name(name), &to, 0o755)?;
        // A build for release has no symbols any more; another one has.
        if installed("strip") {
            step(&format!("Stripping {name}"), Command::new("strip").arg(&to))?;
        }
    }
    for file in service_files()? {
        let name = file.file_name().context("a service file without a name")?;
        copy(&file, &share.join("portico/services").join(name), 0o644)?;
    }
    for example in examples {
        let name = example.file_name().context("an example without a name")?;
        copy(example, &share.join("portico/examples").join(name), 0o644)?;
    }
    for (from, to) in [
        ("desktop/portico.desktop", "applications/portico.desktop"),
        ("desktop/portico-open.desktop", "applications/portico-open.desktop"),
        ("desktop/portico.xml", "mime/packages/portico.xml"),
        ("icons/portico.svg", "icons/hicolor/scalable/apps/portico.svg"),
    ] {
        copy(&assets.join(from), &share.join(to), 0o644)?;
    }
    let ask = |words: &[&str]| {
        let said = Command::new(&program)
            .args(words)
            .output()
            .context("the shell can't be run")?;
        if !said.status.success() {
            bail!("portico {}: {}", words.join(" "), String::from_utf8_lossy(&said.stderr));
        }
        Ok(said.stdout)
    };
    for (kind, to) in [
        ("bash", "bash-completion/completions/portico"),
        ("zsh", "zsh/vendor-completions/_portico"),
        ("fish", "fish/vendor_completions.d/portico.fish"),
    ] {
        write(&share.join(to), &ask(&["completions", kind])?)?;
    }
    let page = share.join("man/man1/portico.1");
    write(&page, &ask(&["man"])?)?;
    let changes = share.join("doc/portico/changelog");
    copy(&root().join("CHANGELOG.md"), &changes, 0o644)?;
    // Without a name and a time, so that the same files give the same packages.
    step(
        "Compressing the manual",
        Command::new("gzip").args(["-9", "-n"]).args([&page, &changes]),
    )?;
    write(&share.join("doc/portico/copyright"), copyright()?.as_bytes())
}

/// The licences of the shell and of the font that it carries.
fn copyright() -> Result<String> {
    let read = |name: &str| fs::read_to_string(root().join(name)).with_context(|| format!("there is no {name}"));
    let (mit, apache, font) = (
        read("LICENSE-MIT")?,
        read("LICENSE-APACHE")?,
        read("assets/fonts/OFL.txt")?,
    );
    let rule = "\n\n────────────────────────────────────────\n\n";
    Ok(format!(
        "Portico is licensed under the MIT License or the Apache License, Version 2.0, as you like.\n\
         The font Inter, which it carries, is licensed under the SIL Open Font License.{rule}{mit}{rule}{apache}{rule}{font}"
    ))
}

/// `portico-VERSION-ARCHITECTURE-linux.tar.gz`: a folder that can lie anywhere.
fn tarball(usr: &Path, out: &Path) -> Result<PathBuf> {
    let name = format!("portico-{VERSION}-{}-linux", std::env::consts::ARCH);
    let file = out.join(&name).with_added_extension("tar.gz");
    let mut command = Command::new("tar");
    command.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]);
    command
        .arg(format!("--transform=s,^\\.,{name},"))
        .arg("-czf")
        .arg(&file)
        .arg("-C")
        .arg(usr)
        .arg(".");
    step("Packing the tarball", &mut command)?;
    Ok(file)
}

/// `portico_VERSION_ARCHITECTURE.deb`.
fn deb(stage: &Path, out: &Path, pace: Pace) -> Result<PathBuf> {
    let architecture =
        output(Command::new("dpkg").arg("--print-architecture")).context("dpkg does not say its architecture")?;
    let usr = stage.join("usr");
    let mut programs = Vec::new();
    for program in fs::read_dir(usr.join("bin"))? {
        programs.extend(fs::read(program?.path())?);
    }
    let libc = libc_version(&programs).context("the shell is not linked to glibc")?;
    let size = bytes_in(&usr)?.div_ceil(1024);
    // The window system's libraries are opened when they are there: a shell without a window needs none of them.
    let control = format!(
        "Package: portico\n\
         Version: {VERSION}\n\
         Architecture: {architecture}\n\
         Maintainer: The Portico authors <portico@localhost>\n\
         Installed-Size: {size}\n\
         Depends: libc6 (>= {libc}), libgcc-s1\n\
         Recommends: {}\n\
         Suggests: libvulkan1, at-spi2-core\n\
         Section: utils\n\
         Priority: optional\n\
         Description: desktop shell for sandboxed programs in WebAssembly\n \
         Each program is one file, opened as a window of its own. What it may use\n \
         beyond its window is yours to allow, and can be taken back at any time.\n",
        crate::packages::WINDOW.join(", "),
    );
    write(&stage.join("DEBIAN/control"), control.as_bytes())?;
    let mut sums = Command::new("sh");
    sums.args(["-c", "find usr -type f | LC_ALL=C sort | xargs -d '\\n' md5sum"])
        .current_dir(stage);
    write(
        &stage.join("DEBIAN/md5sums"),
        &sums.output().context("md5sum can't be run")?.stdout,
    )?;
    let file = out.join(format!("portico_{VERSION}_{architecture}.deb"));
    let mut command = Command::new("dpkg-deb");
    match pace {
        Pace::Small => {}
        #[cfg(test)]
        Pace::Quick => drop(command.args(["-Zgzip", "-z1"])),
    }
    // The files belong to root there, whoever builds this.
    command.args(["--root-owner-group", "--build"]).arg(stage).arg(&file);
    step("Packing the .deb", &mut command)?;
    Ok(file)
}

/// The oldest glibc that has all that programs use: each symbol says in which it came.
fn libc_version(programs: &[u8]) -> Option<String> {
    const MARK: &[u8] = b"GLIBC_2.";
    let minor = |at: usize| {
        let digits = programs[at + MARK.len()..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .take(3);
        digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let found = programs
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK);
    found.map(|(at, _)| minor(at)).max().map(|minor| format!("2.{minor}"))
}

fn bytes_in(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() {
            bytes_in(&entry.path())?
        } else {
            about.len()
        };
    }
    Ok(bytes)
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<()> {
    make_room(to)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    set_mode(to, mode)
}

fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    make_room(to)?;
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    set_mode(to, 0o644)
}

/// Makes the folders around a file, as everybody may read them whatever this user's habits are.
fn make_room(file: &Path) -> Result<()> {
    let missing: Vec<_> = file.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        set_mode(folder, 0o755)?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(file: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn set_mode(_file: &Path, _mode: u32) -> Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Output, Stdio};

    /// A program that returns at once.
    const PROGRAM: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x05\x03\x01\0\x01\
        \x07\x10\x02\x06memory\x02\0\x03run\0\0\x0a\x04\x01\x02\0\x0b";

    /// The shell that was built for the tests.
    fn shell() -> Option<PathBuf> {
        let shell = std::env::var_os("PORTICO_BIN").map_or_else(|| target().join("debug/portico"), PathBuf::from);
        let there = shell.is_file() && SERVICES.iter().all(|name| shell.with_file_name(name).is_file());
        if !there {
            eprintln!("skipped: the shell and the services are not built");
        }
        there.then_some(shell)
    }

    fn said(command: &mut Command) -> Output {
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
        output
    }

    /// The installed shell, in a home of its own.
    fn portico(program: &Path, home: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command
            .args(words)
            .env_clear()
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home);
        said(&mut command)
    }

    /// dpkg for a system of its own below `root`; nothing of this machine's is read or written.
    fn dpkg(root: &Path, words: &[&str]) -> Output {
        let mut command = Command::new("dpkg");
        command
            .arg(format!("--root={}", root.display()))
            .arg(format!("--log={}", root.join("log").display()));
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
        said(
            command
                .args(["--force-not-root", "--force-depends"])
                .args(words)
                .env("PATH", path),
        )
    }

    fn files(folder: &Path) -> Vec<String> {
        let listed = said(Command::new("find").args([".", "-type", "f"]).current_dir(folder));
        let mut files: Vec<_> = String::from_utf8(listed.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        files.sort();
        files
    }

    #[test]
    fn the_package_is_installed_runs_and_goes_without_a_trace() {
        let Some(shell) = shell() else { return };
        if !["dpkg", "dpkg-deb", "tar", "gzip"].iter().all(|tool| installed(tool)) {
            return eprintln!("skipped: this system has no dpkg");
        }
        let place = tempfile::tempdir().unwrap();
        let (example, out, system) = (
            place.path().join("Harbour.wasm"),
            place.path().join("out"),
            place.path().join("system"),
        );
        fs::write(&example, PROGRAM).unwrap();
        let made = pack(&shell, &[example], &out, Pace::Quick).unwrap();
        let [tarball, deb] = &*made else { panic!("{made:?}") };

        fs::create_dir_all(system.join("var/lib/dpkg/info")).unwrap();
        fs::create_dir_all(system.join("var/lib/dpkg/updates")).unwrap();
        fs::write(system.join("var/lib/dpkg/status"), "").unwrap();
        dpkg(&system, &["--install", deb.to_str().unwrap()]);
        let state = dpkg(&system, &["--status", "portico"]);
        let state = String::from_utf8(state.stdout).unwrap();
        assert!(
            state.contains("Status: install ok installed") && state.contains(VERSION),
            "{state}"
        );
        let libc = state
            .lines()
            .find(|line| line.starts_with("Depends: libc6 (>= 2."))
            .unwrap();
        assert!(libc.contains("libgcc-s1"), "{libc}");

        let usr = system.join("usr");
        let share = usr.join("share");
        for file in [
            "applications/portico.desktop",
            "applications/portico-open.desktop",
            "bash-completion/completions/portico",
            "doc/portico/changelog.gz",
            "doc/portico/copyright",
            "fish/vendor_completions.d/portico.fish",
            "icons/hicolor/scalable/apps/portico.svg",
            "man/man1/portico.1.gz",
            "mime/packages/portico.xml",
            "portico/examples/Harbour.wasm",
            "portico/services/history.toml",
            "portico/services/storage.toml",
            "zsh/vendor-completions/_portico",
        ] {
            assert!(
                fs::metadata(share.join(file)).unwrap().len() > 100 || file.ends_with(".wasm"),
                "{file} is empty"
            );
        }
        said(
            Command::new("bash")
                .arg("-n")
                .arg(share.join("bash-completion/completions/portico")),
        );
        if installed("update-mime-database") {
            said(Command::new("update-mime-database").arg(share.join("mime")));
            let globs = fs::read_to_string(share.join("mime/globs2")).unwrap();
            assert!(globs.contains("application/wasm:*.wasm"), "{globs}");
            fs::remove_dir_all(share.join("mime/application")).unwrap();
        }
        if installed("desktop-file-validate") {
            let entries = ["portico", "portico-open"].map(|name| share.join(format!("applications/{name}.desktop")));
            said(Command::new("desktop-file-validate").args(entries));
        }

        let (program, home) = (usr.join("bin/portico"), place.path().join("home"));
        fs::create_dir(&home).unwrap();
        let version = portico(&program, &home, &["--version"]);
        assert_eq!(
            String::from_utf8(version.stdout).unwrap(),
            format!("portico {VERSION}\n")
        );
        for name in SERVICES {
            let version = said(Command::new(usr.join("bin").join(name)).arg("--version"));
            assert_eq!(
                String::from_utf8(version.stdout).unwrap(),
                format!("{name} {VERSION}\n")
            );
        }
        let harbour = share.join("portico/examples/Harbour.wasm");
        portico(&program, &home, &["run", "--headless", harbour.to_str().unwrap()]);
        assert_eq!(portico(&program, &home, &["list", "--json"]).stdout, b"[]\n");

        // Its broker knows the services that came with it.
        let socket = home.join("broker");
        let mut broker = Command::new(&program);
        broker
            .args(["broker", "--port", "0", "--socket"])
            .arg(&socket)
            .env_clear()
            .env("HOME", &home);
        let mut broker = broker.stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(broker.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        let status = portico(
            &program,
            &home,
            &["broker", "status", "--socket", socket.to_str().unwrap()],
        );
        broker.kill().unwrap();
        broker.wait().unwrap();
        let status = String::from_utf8(status.stdout).unwrap();
        for name in ["org.darqos.history", "org.darqos.storage"] {
            assert!(status.contains(&format!("service {name} ")), "{ready}{status}");
        }

        dpkg(&system, &["--purge", "portico"]);
        assert!(!program.exists() && !share.join("portico").exists() && !share.join("applications").exists());
        let left = files(&usr);
        assert!(
            left.iter().all(|file| file.starts_with("./share/mime/")),
            "dpkg leaves {left:?}"
        );

        // The tarball has the same, in a folder that can lie anywhere.
        let anywhere = place.path().join("any where");
        fs::create_dir(&anywhere).unwrap();
        said(Command::new("tar").arg("-xzf").arg(tarball).arg("-C").arg(&anywhere));
        let folder = anywhere.join(
            tarball
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .strip_suffix(".tar.gz")
                .unwrap(),
        );
        assert_eq!(files(&folder).len(), 16, "{:?}", files(&folder));
        portico(&folder.join("bin/portico"), &home, &["--version"]);
    }

    #[test]
    fn the_newest_symbol_says_which_glibc_it_takes() {
        assert_eq!(
            libc_version(b"..GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.2.5\0").as_deref(),
            Some("2.34")
        );
        assert_eq!(libc_version(b"GLIBC_PRIVATE"), None);
    }
}
