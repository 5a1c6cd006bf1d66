//! Paths that are no UTF-8 and no files, disks that are full, and what else a user's folders hold.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::desktop::isolate;
use portico_tests::programs::{OnKey, dropped, save, script, script_with, still};
use portico_tests::shell::binary;
use portico_tests::{Desktop, PATIENCE, Running, TOOLBAR, installed, poll};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const BLUE: [u8; 3] = [0x20, 0x40, 0xC0];
const RED: [u8; 3] = [0xC0, 0x20, 0x20];

/// A folder of a test's own, with a home in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        isolate(&mut command, self.path());
        command.current_dir(self.path());
        command
    }

    /// What a command of the shell comes to, with nothing on its standard input.
    fn portico<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        ended(self.command(binary()).args(arguments).stdin(Stdio::null()))
    }
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    #[track_caller]
    fn is(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        assert!(
            self.out.contains(words) || self.err.contains(words),
            "no {words:?} in\n{}{}",
            self.out,
            self.err
        );
    }
}

/// Runs a command to its end, which has to come soon.
fn ended(command: &mut Command) -> Ended {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    end(child)
}

fn end(child: Child) -> Ended {
    let id = child.id();
    let (told, hear) = std::sync::mpsc::channel();
    let watch = std::thread::spawn(move || {
        if hear.recv_timeout(PATIENCE).is_err() {
            drop(Command::new("kill").args(["-9", &id.to_string()]).status());
        }
    });
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    told.send(()).unwrap_or_default();
    watch.join().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: status.code(),
        out: text(&stdout),
        err: text(&stderr),
    }
}

/// A program that ends with code 7.
fn seven() -> Vec<u8> {
    script("(call $exit (i32.const 7))")
}

/// A name that is no UTF-8.
fn cafe(ending: &str) -> PathBuf {
    OsStr::from_bytes(&[b"caf\xe9", ending.as_bytes()].concat()).into()
}

#[test]
fn a_program_comes_through_a_pipe() {
    let home = Home::new();
    let file = save(home.path(), "seven", &seven());
    for name in ["-", "/dev/stdin", "/dev/fd/0"] {
        let mut command = home.command(binary());
        command
            .args(["run", "--headless", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&seven()).unwrap();
        end(child).is(7, "");
        let redirected = File::open(&file).unwrap();
        ended(
            home.command(binary())
                .args(["run", "--headless", name])
                .stdin(redirected),
        )
        .is(7, "");
    }
    let pipe = home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let written = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, seven()).unwrap()
    });
    home.portico([OsStr::new("run"), OsStr::new("--headless"), pipe.as_os_str()])
        .is(7, "");
    written.join().unwrap();
    if installed(&["bash"]) {
        let mut bash = home.command("bash");
        bash.arg("-c")
            .arg("exec \"$0\" run --headless <(cat \"$1\")")
            .arg(binary())
            .arg(&file);
        ended(bash.stdin(Stdio::null())).is(7, "");
        let mut bash = home.command("bash");
        bash.arg("-c")
            .arg("exec \"$0\" install <(cat \"$1\")")
            .arg(binary())
            .arg(&file);
        ended(bash.stdin(Stdio::null())).is(0, "program");
    }
}

#[test]
fn what_is_no_file_is_called_what_it_is() {
    let home = Home::new();
    let socket = home.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let folder = home.path().join("folder.wasm");
    fs::create_dir(&folder).unwrap();
    let named = [
        (&*folder, "is a folder"),
        (Path::new("/dev/zero"), "is a device"),
        (&socket, "is a socket"),
    ];
    for (path, words) in named {
        home.portico([OsStr::new("run"), OsStr::new("--headless"), path.as_os_str()])
            .is(122, words);
        home.portico([OsStr::new("run"), path.as_os_str()]).is(122, words);
        home.portico([OsStr::new("info"), path.as_os_str()]).is(2, words);
        home.portico([OsStr::new("install"), path.as_os_str()]).is(2, words);
        home.portico([
            OsStr::new("grants"),
            OsStr::new("allow"),
            path.as_os_str(),
            OsStr::new("launch"),
        ])
        .is(2, words);
    }
    home.portico(["run", "--headless", "-"])
        .is(122, "standard input is closed or a device");
    home.portico(["run", "--headless", "--script", "/dev/zero", "x.wasm"])
        .is(2, "is a device");
    home.portico(["run", ""]).is(122, "no program is named");
}

#[test]
fn what_cannot_be_read_or_written_is_2_and_what_cannot_run_is_122() {
    let home = Home::new();
    let (text, seven) = (home.path().join("notes.txt"), save(home.path(), "seven", &seven()));
    fs::write(&text, "hello").unwrap();
    // Whoever has named a file knows that name.
    let words = format!("{} can't run: it is not a WebAssembly file", text.display());
    home.portico([OsStr::new("install"), text.as_os_str()]).is(122, &words);
    home.portico(["install", "/nowhere/at/all.wasm"])
        .is(2, "/nowhere/at/all.wasm: ");
    home.portico(["run", "/nowhere/at/all.wasm"])
        .is(122, "/nowhere/at/all.wasm");
    let unwritable = |words: &[&str]| {
        let mut command = home.command(binary());
        command
            .args(words)
            .arg(&seven)
            .env("XDG_DATA_HOME", "/dev/null")
            .env("XDG_STATE_HOME", "/dev/null");
        if words[0] == "grants" {
            command.arg("launch");
        }
        ended(command.stdin(Stdio::null())).is(2, "/dev/null");
    };
    unwritable(&["install"]);
    unwritable(&["grants", "allow"]);
    let (key, place) = (home.path().join("key"), Path::new("/dev/full"));
    home.portico([OsStr::new("sign"), OsStr::new("--new-key"), key.as_os_str()])
        .is(0, "publisher");
    let sign = |file: &Path| {
        home.portico([
            OsStr::new("sign"),
            file.as_os_str(),
            OsStr::new("--key"),
            key.as_os_str(),
            OsStr::new("-o"),
            place.as_os_str(),
        ])
    };
    sign(&seven).is(2, "/dev/full: ");
    sign(&text).is(122, "can't run");
}

#[test]
fn names_that_are_no_utf_8_are_taken_everywhere() {
    let home = Home::new();
    let folder = home.path().join(cafe(""));
    fs::create_dir(&folder).unwrap();
    let file = folder.join(cafe(".wasm"));
    fs::write(&file, seven()).unwrap();
    let portico = |words: &[&str], more: &[&OsStr]| {
        let mut command = home.command(binary());
        command
            .args(words)
            .args(more)
            .current_dir(&folder)
            .env("XDG_DATA_HOME", folder.join("data"));
        ended(command.stdin(Stdio::null()))
    };
    let file = file.as_os_str();
    portico(&["run", "--headless"], &[file]).is(7, "");
    portico(&["run", "--headless"], &[cafe(".wasm").as_os_str()]).is(7, "");
    portico(&["info"], &[file]).is(0, "can run");
    portico(&["grants", "allow"], &[file, OsStr::new("launch")]).is(0, "allowed");
    portico(&["grants", "forget"], &[file]).is(0, "");
    portico(&["install"], &[file]).is(0, "caf");
    let listed = portico(&["list", "--json"], &[]);
    let rows: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    assert!(rows[0]["file"]["base64"].is_string(), "{rows}");
    portico(&["remove"], &[file]).is(0, "caf");
    assert_eq!(portico(&["list"], &[]).out, "");
    portico(&["sign", "--new-key"], &[cafe(".key").as_os_str()]).is(0, "publisher");
    portico(&["sign", "--key"], &[cafe(".key").as_os_str(), file]).is(0, "publisher");
    portico(&["new"], &[cafe("/paint").as_os_str()]).is(0, "portico dev");
    // Programs take text.
    portico(&["run", "--headless"], &[file, OsStr::new("--"), cafe("").as_os_str()]).is(2, "is not UTF-8");
    portico(&["run"], &[file, OsStr::new("--"), cafe("").as_os_str()]).is(2, "is not UTF-8");
}

/// A window comes of a pipe and of a name that is no UTF-8, in the shell that a command is and in one that runs already.
#[test]
fn windows_open_from_pipes_and_odd_names() {
    let Some(desktop) = Desktop::x11() else { return };
    let folder = desktop.directory().join(cafe(""));
    fs::create_dir(&folder).unwrap();
    let odd = folder.join(cafe(".wasm"));
    fs::write(&odd, still("Odd", RED, (320, 200), OnKey::Nothing)).unwrap();
    let file = save(
        desktop.directory(),
        "piped",
        &still("Piped", BLUE, (320, 200), OnKey::Trap),
    );
    let piped = |log: &str| {
        let mut command = desktop.command("sh");
        command
            .arg("-c")
            .arg("cat \"$1\" | \"$0\" run -")
            .arg(binary())
            .arg(&file);
        Running::start(command, desktop.directory().join(log))
    };
    let _first = piped("first.log");
    let first = desktop.window("Piped");
    desktop.shows(&first, (20, TOOLBAR + 20), BLUE);
    let mut command = desktop.command(binary());
    command.arg("run").arg(cafe(".wasm")).current_dir(&folder);
    let _odd = Running::start(command, desktop.directory().join("odd.log"));
    let window = desktop.window("Odd");
    desktop.shows(&window, (20, TOOLBAR + 20), RED);
    // Both are in one shell, and so is a second one that comes through a pipe.
    assert_eq!(window.process, first.process);
    let _second = piped("second.log");
    let pipes = || {
        desktop
            .windows()
            .into_iter()
            .filter(|window| window.title.contains("Piped"))
            .collect::<Vec<_>>()
    };
    let second = poll(|| pipes().into_iter().find(|window| window.id != first.id)).unwrap();
    assert_eq!(second.process, first.process);
    desktop.shows(&second, (20, TOOLBAR + 20), BLUE);
    // It starts again from what was read.
    fs::remove_file(&file).unwrap();
    desktop.focus(&second);
    desktop.key("ctrl+space");
    desktop.type_text("restart");
    desktop.key("Return");
    let frames = || {
        let told = ended(desktop.command(binary()).args(["msg", "windows"]));
        let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
        let windows = told["windows"].as_array().unwrap().clone();
        windows
            .iter()
            .filter(|window| window["title"] == "Piped" && window["state"] == "running")
            .count()
    };
    assert!(poll(|| (frames() == 2).then_some(())).is_some());
    desktop.shows(&second, (20, TOOLBAR + 20), BLUE);
}

#[test]
fn a_time_zone_that_is_a_device_is_not_read() {
    let home = Home::new();
    // Command 6 at 0x4000, without buffers for changes.
    let program = script_with(
        "",
        "(call $open (i32.const 1) (i32.const 6) (i32.const 0x4000)) (drop (call $wait)) (call $exit (i32.const 40))",
    );
    let file = save(home.path(), "zone", &program);
    let pipe = home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for zone in [OsStr::new(":/dev/zero"), OsStr::new("/dev/tty"), pipe.as_os_str()] {
        let mut command = home.command(binary());
        command
            .args(["run", "--headless"])
            .arg(&file)
            .env("TZ", zone)
            .stdin(Stdio::null());
        ended(&mut command).is(40, "is not used");
    }
}

#[test]
fn a_damaged_database_is_told_in_the_window_and_by_commands() {
    let Some(desktop) = Desktop::x11() else { return };
    let accessible = desktop.accessible();
    let state = desktop.directory().join("state/portico");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join("state.redb"), b"not a database at all".repeat(100)).unwrap();
    let running = desktop.portico(&[]);
    desktop.window("Home");
    if accessible {
        desktop.node_with("What Portico remembered was damaged");
    }
    running.says("is set aside as");
    let kept = fs::read_dir(&state)
        .unwrap()
        .flatten()
        .find(|file| file.file_name().to_string_lossy().contains("damaged-"));
    let kept = kept.unwrap().path().display().to_string();
    for words in ["grants", "list"] {
        let told = ended(desktop.command(binary()).args([words, "--json"]));
        told.is(0, &format!("the damaged file is kept as {kept}"));
        serde_json::from_str::<serde_json::Value>(&told.out).unwrap();
    }
}

/// Runs a line of a shell on a disk of so many KiB, mounted at `$disk`; `None`, said aloud, where nobody may mount one.
fn on_a_disk(home: &Home, kibibytes: u32, line: &str) -> Option<Ended> {
    let mount = |flags: &[&str], line: &str| {
        let mount = format!("mount -t tmpfs -o size={kibibytes}k none \"$disk\" && {line}");
        let disk = home.path().join("disk");
        fs::create_dir_all(&disk).unwrap();
        let mut command = home.command("unshare");
        command
            .args(flags)
            .args(["sh", "-c", &mount])
            .env("disk", disk)
            .env("portico", binary());
        ended(command.stdin(Stdio::null()))
    };
    for flags in [&["--mount"][..], &["--user", "--map-root-user", "--mount"]] {
        if mount(flags, "true").code == Some(0) {
            return Some(mount(flags, line));
        }
    }
    eprintln!("skipped: nobody may mount a small disk here");
    None
}

#[test]
fn a_full_disk_leaves_nothing_half() {
    let home = Home::new();
    let fill = "dd if=/dev/zero of=\"$disk/filler\" bs=1k 2>/dev/null;";
    let key = format!(
        "{fill} \"$portico\" sign --new-key \"$disk/my.key\"; echo code $?; ls -A \"$disk\"; rm \"$disk/filler\";
         \"$portico\" sign --new-key \"$disk/my.key\"; echo again $?"
    );
    let Some(made) = on_a_disk(&home, 64, &key) else { return };
    made.is(0, "code 2\nfiller\npublisher");
    made.is(0, "again 0");
    // Signing needs room for another one beside the old.
    let large = script_with(&format!("(data (i32.const 0x8000) \"{}\")", "x".repeat(40_000)), "");
    save(home.path(), "large", &large);
    home.portico(["sign", "--new-key", "my.key"]).is(0, "publisher");
    let sign = "cp large.wasm \"$disk\"; \"$portico\" sign \"$disk/large.wasm\" --key my.key; echo code $?;
         cmp large.wasm \"$disk/large.wasm\" && echo same; ls -A \"$disk\" | wc -l";
    on_a_disk(&home, 64, sign).unwrap().is(0, "code 2\nsame\n1");
    let new = "\"$portico\" new \"$disk/paint\"; echo code $?; ls -A \"$disk\" | wc -l";
    on_a_disk(&home, 64, new).unwrap().is(0, "code 2\n0");
    let frames = format!(
        "{fill} truncate -s 8k \"$disk/filler\"; \"$portico\" run --headless --size 640x480 --frames \"$disk/frames\" \
         --script close animator.wasm; ls -A \"$disk/frames\""
    );
    let noise = portico_tests::programs::animator("Animator", (640, 480));
    save(home.path(), "animator", &noise);
    fs::write(home.path().join("close"), "900 close\n").unwrap();
    let filled = on_a_disk(&home, 64, &frames).unwrap();
    assert!(!filled.out.contains(".portico-"), "{}", filled.out);
}

/// Memory of a process in MiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[test]
fn a_window_that_was_huge_gives_its_memory_back() {
    let Some(desktop) = Desktop::x11() else { return };
    let _running = desktop.run("still", &still("Still", BLUE, (320, 200), OnKey::Nothing));
    let window = desktop.window("Still");
    desktop.shows(&window, (20, TOOLBAR + 20), BLUE);
    let before = resident(window.process);
    let resize = |width: i32, height: i32| {
        let size = [width.to_string(), height.to_string()];
        ended(desktop.command(binary()).args(["msg", "resize"]).args(size)).is(0, "done");
    };
    resize(9_000, 9_000);
    let grown = poll(|| Some(resident(window.process)).filter(|now| *now > before + 200));
    assert!(grown.is_some(), "{before} MiB, then {}", resident(window.process));
    resize(400, 300);
    let back = poll(|| Some(resident(window.process)).filter(|now| *now < before + 64));
    assert!(
        back.is_some(),
        "{before} MiB, {grown:?} when it was huge, then {}",
        resident(window.process)
    );
    desktop.shows(&desktop.window("Still"), (20, TOOLBAR + 20), BLUE);
}

#[test]
fn dev_looks_for_changes_where_the_system_tells_of_none() {
    let Some(desktop) = Desktop::x11() else { return };
    if !installed(&["make", "unshare"]) {
        return;
    }
    let project = desktop.directory().join("project");
    fs::create_dir(&project).unwrap();
    fs::write(project.join("Makefile"), "p.wasm: source\n\tcp source p.wasm\n").unwrap();
    fs::write(
        desktop.directory().join("elsewhere"),
        still("One", BLUE, (320, 200), OnKey::Nothing),
    )
    .unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.join("source")).unwrap();
    let mut command = desktop.command("unshare");
    let line = "echo 0 >/proc/sys/user/max_inotify_instances && exec \"$0\" dev \"$1\"";
    command
        .args(["--user", "--map-root-user", "sh", "-c", line])
        .arg(binary())
        .arg(&project);
    let mut running = Running::start(command, desktop.directory().join("dev.log"));
    let told = poll(|| {
        let said = running.said();
        (said.contains("looking for changes") || !running.runs()).then_some(said)
    });
    if !told.is_some_and(|said| said.contains("looking for changes twice a second")) {
        // Not every system lets its users do this.
        return eprintln!("skipped: the limit can't be set here: {}", running.said());
    }
    let window = desktop.window("One");
    desktop.shows(&window, (20, TOOLBAR + 20), BLUE);
    let begun = Instant::now();
    fs::write(
        desktop.directory().join("new"),
        still("Two", RED, (320, 200), OnKey::Nothing),
    )
    .unwrap();
    fs::rename(desktop.directory().join("new"), desktop.directory().join("elsewhere")).unwrap();
    let window = desktop.window("Two");
    desktop.shows(&window, (20, TOOLBAR + 20), RED);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn pipes_and_devices_that_are_dropped_hold_nobody_up() {
    let Some(desktop) = Desktop::x11() else { return };
    let running = desktop.run("catcher", &dropped());
    running.says("waiting");
    let window = desktop.window("catcher");
    let pipe = desktop.directory().join("pipe.png");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let file = desktop.directory().join("sun.png");
    fs::write(&file, "sun").unwrap();
    let middle = (window.x() + window.width() / 2, window.y() + window.height() / 2);
    let address = |file: &Path| format!("file://{}", file.display());
    desktop.drop_all(
        &window,
        middle,
        &[address(&pipe), address(Path::new("/dev/zero")), address(&file)],
    );
    running.says("sun.png");
}
