//! An author's first hour: a new project, built and run as it comes; a panic that says where it was; and the tutorial.
#![allow(clippy::unwrap_used, reason = "tests")]

use portico_tests::author::said;
use portico_tests::programs::{OnKey, still};
use portico_tests::shell::binary;
use portico_tests::{Author, Desktop, Picture, Running, Window, installed};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Runs a program without a window, with a script, and gives what it said and its last picture.
fn run(author: &Author, program: &Path, script: &str) -> (Output, Option<Picture>) {
    let directory = tempfile::tempdir().unwrap();
    let (events, frames) = (directory.path().join("events"), directory.path().join("frames"));
    fs::write(&events, script).unwrap();
    let mut command = author.portico();
    command.args(["run", "--headless", "--size", "640x400"]).arg(program);
    command.arg("--script").arg(events).arg("--frames").arg(&frames);
    let output = said(&mut command);
    let last = fs::read_dir(&frames)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .max();
    let picture = last.map(|path| Picture::decode(&fs::read(path).unwrap()).unwrap());
    (output, picture)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The colour of the middle after the action of the new program was chosen so often.
fn middle_after(author: &Author, program: &Path, choices: usize) -> [u8; 3] {
    let choose = "300 action Next colour\n".repeat(choices);
    let (output, picture) = run(author, program, &format!("{choose}700 close\n"));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let picture = picture.unwrap();
    assert_eq!((picture.width, picture.height), (640, 400));
    picture.at(320, 200).unwrap()
}

#[test]
fn a_new_program_in_rust_builds_and_runs() {
    let Some(author) = Author::new() else { return };
    let project = author.project("my-paint", &[]);
    let program = author.build(&project);
    assert_eq!(middle_after(&author, &program, 0), [80, 50, 160]);
    assert_eq!(middle_after(&author, &program, 1), [140, 50, 160]);
    let info = said(author.portico().arg("info").arg(&program));
    let info = text(&info.stdout);
    assert!(
        info.contains("My paint") && info.contains("icon") && info.contains("can run"),
        "{info}"
    );
    the_page_on_testing_is_right(&author, &program);
    // Nothing in it leads out of it.
    let manifest = fs::read_to_string(project.join("Cargo.toml")).unwrap();
    assert!(manifest.contains("path = \"vendor/portico-sdk\""), "{manifest}");
}

#[test]
fn a_new_program_in_c_builds_and_runs() {
    let Some(author) = Author::new() else { return };
    if !installed(&["clang-19", "wasm-ld-19", "make"]) {
        return;
    }
    let project = author.project("dots", &["--lang", "c"]);
    let strict = "CFLAGS=-std=c11 -O3 -Wall -Wextra -Werror";
    let output = said(Command::new("make").args(["CC=clang-19", strict]).current_dir(&project));
    assert!(output.status.success(), "{output:?}");
    let program = project.join("dots.wasm");
    assert_eq!(middle_after(&author, &program, 0), [80, 50, 160]);
    assert_eq!(middle_after(&author, &program, 1), [140, 50, 160]);
}

#[test]
fn what_can_t_be_made_is_said_in_a_sentence() {
    let Some(author) = Author::new() else { return };
    author.project("twice", &[]);
    for (name, word) in [
        ("twice", "exists already"),
        ("Two words", "can't be a program's name"),
        ("fn", "Rust"),
    ] {
        let output = said(author.portico().args(["new", name]));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains(word), "{output:?}");
    }
}

/// A program whose `main` is this.
fn program(main: &str) -> String {
    format!(
        "portico_sdk::program!(async {{ let numbers = vec![1]; deep(&numbers, portico_sdk::user::name().next().await) }});\n\
         #[inline(never)]\nfn deep<T>(numbers: &[i32], _: T) {{\n    {main}\n}}\n"
    )
}

#[test]
fn a_panic_says_what_and_where() {
    let Some(author) = Author::new() else { return };
    let project = author.project("panics", &[]);
    fs::write(
        project.join("src/lib.rs"),
        program("assert!(numbers.len() > 1, \"too few:\\u{1b} {numbers:?}\");"),
    )
    .unwrap();
    // A release has names and no lines.
    let (output, _) = run(&author, &author.build(&project), "");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(120), "{said}");
    assert!(
        said.contains("ERROR 0: panicked at src/lib.rs:4:5:"),
        "the log says so: {said}"
    );
    let report = said
        .split("panics stopped: ")
        .nth(1)
        .unwrap_or_else(|| panic!("no report in {said}"));
    assert!(
        report.starts_with("The program gave up: too few:\\u{1b} [1]\n"),
        "{report}"
    );
    assert!(
        report.contains("panicked at src/lib.rs:4:5:\ntoo few:\\u{1b} [1]\n"),
        "{report}"
    );
    assert!(
        report.contains("  0: panics::deep"),
        "the stack begins with the author's function: {report}"
    );
    assert!(!said.contains('\u{1b}'), "{said:?}");

    // What is built for mending it has lines, also of functions that were made part of others.
    let output = author.cargo(&project, &["build", "--target", "wasm32-unknown-unknown"]);
    assert!(output.status.success(), "{output:?}");
    let (output, _) = run(&author, &author.built("panics", "debug"), "");
    let said = text(&output.stderr);
    let deep = said
        .lines()
        .find(|line| line.contains("panics::deep"))
        .unwrap_or_else(|| panic!("{said}"));
    assert!(deep.contains("src/lib.rs:4:5"), "{said}");
}

/// The book's blocks of code of this kind, in order.
fn snippets(page: &str, kind: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src").join(page);
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.strip_prefix(kind)?.strip_prefix('\n').map(str::to_owned))
        .collect()
}

/// Runs the commands of the page, and the test that it has, beside the program that they are about.
fn the_page_on_testing_is_right(author: &Author, program: &Path) {
    let directory = author.directory().join("testing");
    fs::create_dir(&directory).unwrap();
    fs::copy(program, directory.join("my_paint.wasm")).unwrap();
    let beside = |program: &str| {
        let mut command = author.portico();
        let shell = command.get_program().to_owned();
        let mut path = Path::new(&shell).parent().unwrap().as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut with_path = Command::new(program);
        with_path.env("PATH", path).current_dir(&directory);
        for (name, value) in command
            .env("NO_COLOR", "1")
            .get_envs()
            .filter(|(name, _)| *name != "RUSTC")
        {
            value.map(|value| with_path.env(name, value));
        }
        with_path
    };
    let commands = snippets("testing.md", "sh");
    let output = said(beside("sh").args(["-ec", &commands[0]]));
    assert!(output.status.success(), "{output:?}");
    let last = fs::read_dir(directory.join("frames"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .max()
        .unwrap();
    let picture = Picture::decode(&fs::read(last).unwrap()).unwrap();
    assert_eq!(
        picture.at(320, 200),
        Some([200, 50, 160]),
        "an action and a shortcut, one after the other"
    );

    fs::write(directory.join("test.rs"), &snippets("testing.md", "rust,ignore")[0]).unwrap();
    let output = said(beside("rustc").args(["--edition", "2024", "--test", "-o", "colour", "test.rs"]));
    assert!(output.status.success(), "{output:?}");
    let output = said(&mut beside("./colour"));
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_tutorial_and_the_page_on_grants_do_what_they_say() {
    let Some(author) = Author::new() else { return };
    let project = author.project("lamp", &[]);
    let build = |code: &str| {
        fs::write(project.join("src/lib.rs"), code).unwrap();
        author.build(&project)
    };
    let steps = snippets("tutorial.md", "rust");
    assert_eq!(steps.len(), 3);
    let dark = [20, 24, 40];
    for step in &steps {
        let (output, picture) = run(&author, &build(step), "500 close\n");
        assert_eq!(
            (output.status.code(), picture.unwrap().at(100, 100)),
            (Some(0), Some(dark)),
            "{output:?}"
        );
    }
    // The last one is built.
    let lamp = author.built("lamp", "release");
    for (event, colour, state) in [
        ("action Cold light", [200, 225, 255], "on"),
        ("key 15 1 2", [255, 214, 90], "on"),
        ("action Red light\n350 action Switch", dark, "off"),
    ] {
        let (output, picture) = run(&author, &lamp, &format!("300 {event}\n600 close\n"));
        assert_eq!(picture.unwrap().at(100, 100), Some(colour), "{event}");
        assert!(
            text(&output.stderr).contains(&format!("INFO 0: The lamp was {state}.")),
            "{output:?}"
        );
    }

    let greeting = build(&snippets("grants.md", "rust")[0]);
    let greet = |arguments: &[&str]| {
        let output = said(
            author
                .portico()
                .args(["run", "--headless"])
                .args(arguments)
                .arg(&greeting),
        );
        assert!(output.status.success(), "{output:?}");
        text(&output.stderr)
    };
    assert!(greet(&["--deny", "profile"]).contains("Good day, stranger."));
    assert!(!greet(&[]).contains("stranger"));
}

/// How long a build may take where the machine is busy and the standard library is still to be built.
const BUILD: Duration = Duration::from_secs(600);

/// A program that shows one colour until its window is closed.
fn light(project: &Path, [red, green, blue]: [u8; 3]) {
    let code = format!(
        "use portico_sdk::{{Error, frame::{{Screen, rgb}}, window}};\n\
         portico_sdk::manifest!(\"../manifest.toml\");\n\
         portico_sdk::program!(async {{\n\
             let mut screen = Screen::new(320, 200);\n\
             screen.pixels().fill(rgb({red}, {green}, {blue}));\n\
             screen.show().await?;\n\
             let mut window = window::state();\n\
             while !window.next().await?.closing {{}}\n\
             Ok::<(), Error>(())\n\
         }});\n"
    );
    fs::write(project.join("src/lib.rs"), code).unwrap();
}

fn dev(author: &Author, desktop: &Desktop, project: &Path) -> Running {
    let mut command = desktop.command(binary());
    author.equip(&mut command);
    command.arg("dev").arg(project);
    Running::start(command, desktop.directory().join("dev.log"))
}

/// Waits for the end of a build.
fn until(desktop: &Desktop, what: &str, dev: &mut Running, mut is: impl FnMut(&Running) -> bool) {
    let deadline = Instant::now() + BUILD;
    while !is(dev) {
        if Instant::now() > deadline || !dev.runs() {
            desktop.fail(&format!("waited for {what} in vain:\n{}", dev.said()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn place(window: &Window) -> (i32, i32, i32, i32) {
    (window.x(), window.y(), window.width(), window.height())
}

#[test]
fn a_save_starts_the_program_again_where_its_window_is() {
    let (Some(author), Some(desktop)) = (Author::new(), Desktop::x11()) else {
        return;
    };
    let project = author.project("torch", &[]);
    light(&project, [200, 40, 40]);
    let mut dev = dev(&author, &desktop, &project);
    until(&desktop, "the first build", &mut dev, |dev| {
        dev.said().contains("watching")
    });
    let window = desktop.window("Torch");
    desktop.shows(&window, (160, 100), [200, 40, 40]);
    desktop.move_to(&window, (310, 170));
    desktop.resize(&window, 500, 360);
    let moved =
        portico_tests::poll(|| Some(desktop.window("Torch")).filter(|now| now.width() == 500 && now.x() == 310));
    let Some(window) = moved else {
        desktop.fail("the window does not move")
    };
    desktop.shows(&window, (160, 100), [200, 40, 40]);

    light(&project, [40, 200, 40]);
    until(&desktop, "the second build", &mut dev, |dev| {
        dev.said().matches("Finished").count() == 2
    });
    let compiled = Instant::now();
    desktop.shows(&window, (160, 100), [40, 200, 40]);
    let took = compiled.elapsed();
    eprintln!("shown {took:?} after the compiler");
    assert!(took < Duration::from_secs(3), "{took:?}");
    let same = desktop.window("Torch");
    assert_eq!((same.id, place(&same)), (window.id, place(&window)));

    fs::write(project.join("src/lib.rs"), "this is no program").unwrap();
    until(&desktop, "the compiler's error", &mut dev, |dev| {
        dev.said().contains("the program goes on as it was")
    });
    assert!(dev.said().contains("error: "), "{}", dev.said());
    desktop.shows(&window, (160, 100), [40, 200, 40]);

    fs::write(project.join("src/lib.rs"), program("panic!(\"{}\", numbers.len())")).unwrap();
    until(&desktop, "the panic", &mut dev, |dev| {
        dev.said().contains("torch::deep")
    });
    assert!(
        dev.said().contains("panicked at src/lib.rs:4:5:\n1\n"),
        "{}",
        dev.said()
    );

    light(&project, [40, 40, 200]);
    until(&desktop, "the last build", &mut dev, |dev| {
        dev.said().matches("Finished").count() == 4
    });
    desktop.shows(&window, (160, 100), [40, 40, 200]);
    assert_eq!(desktop.window("Torch").id, window.id);
    desktop.close(&window);
    let code = dev.wait(portico_tests::PATIENCE).and_then(|status| status.code());
    assert_eq!(code, Some(0), "{}", dev.said());
}

#[test]
fn in_a_shell_that_runs_already_the_window_goes_with_the_command() {
    let (Some(author), Some(desktop)) = (Author::new(), Desktop::x11()) else {
        return;
    };
    let other = [90, 20, 120];
    let _shell = desktop.run("still", &still("Still", other, (300, 200), OnKey::Nothing));
    desktop.window("Still");
    let project = author.project("lantern", &[]);
    light(&project, [200, 40, 40]);
    let mut dev = dev(&author, &desktop, &project);
    until(&desktop, "the first build", &mut dev, |dev| {
        dev.said().contains("watching")
    });
    let window = desktop.window("Lantern");
    desktop.shows(&window, (160, 100), [200, 40, 40]);
    light(&project, [40, 200, 40]);
    until(&desktop, "the second build", &mut dev, |dev| {
        dev.said().contains("started again")
    });
    desktop.shows(&window, (160, 100), [40, 200, 40]);
    drop(dev);
    desktop.window_gone("Lantern");
    desktop.window("Still");
}

#[test]
fn the_page_of_portals_is_what_the_doctor_says() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary());
    portico_tests::desktop::isolate(&mut command, directory.path());
    let output = said(command.args(["doctor", "--json"]));
    // No display is set: programs can't have windows, and that is the one thing that it is about.
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["shell"][1]["there"], false, "{told}");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/portals.md")).unwrap();
    let portals = told["portals"].as_array().unwrap();
    let is_row = |line: &&str| line.starts_with("| `") || line.starts_with("| [`");
    let rows: Vec<&str> = page
        .lines()
        .filter(is_row)
        .filter(|line| line.matches(" | ").count() > 2)
        .collect();
    assert_eq!(rows.len(), portals.len());
    for (row, portal) in rows.iter().zip(portals) {
        let name = portal["name"].as_str().unwrap();
        let summary = portal["summary"].as_str().unwrap();
        let begins = [format!("| `{name}` | "), format!("| [`{name}`](portals/{name}.md) | ")];
        assert!(
            begins.iter().any(|start| row.starts_with(start)) && row.contains(&summary[1..]),
            "{row}\n{portal}"
        );
        assert!(
            row.contains(&format!(" | {} | ", portal["default"].as_str().unwrap())),
            "{row}\n{portal}"
        );
        assert_eq!(row.contains("*later*"), portal["served"] == false, "{row}\n{portal}");
        for command in portal["commands"].as_array().unwrap() {
            assert!(row.contains(&format!("[{}](", command["number"])), "{row}\n{portal}");
        }
    }
}
