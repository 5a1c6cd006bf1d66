//! The built shell without a window system: exit codes, pictures, scripts, grants, and `info`.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A directory with a program in it.
struct Fixture {
    directory: tempfile::TempDir,
}

impl Fixture {
    /// The program's `run` is `body`. `$open` opens a channel and returns the first ready entry, `$send` sends on one, `$next`
    /// waits. Messages have room from 0x1000 on.
    fn new(body: &str) -> Self {
        Self::with(body, "")
    }

    fn with(body: &str, fields: &str) -> Self {
        let text = format!(
            r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func $call (param i32 i32 i32 i32) (result i32)
    (i32.store (i32.const 0x100) (local.get 0))
    (i32.store (i32.const 0x104) (local.get 1))
    (i32.store (i32.const 0x108) (local.get 2))
    (i32.store (i32.const 0x10c) (local.get 3))
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0x200)))
    (i32.load (i32.const 0x200)))
  (func $open (param i32 i32 i32) (result i32)
    (call $call (i32.const 0) (local.get 0) (local.get 1) (local.get 2)))
  (func $send (param i32 i32) (result i32)
    (call $call (local.get 0) (local.get 0) (i32.const 0) (local.get 1)))
  (func $next (result i32)
    (drop (call $ar (i32.const 0) (i32.const 0x100) (i32.const 0x200)))
    (i32.load (i32.const 0x200)))
  (func $exit (param i32) (drop (call $call (i32.const 0) (i32.const 0) (local.get 0) (i32.const 0))))
  (func $list (param i32 i32 i32)
    (i32.store (local.get 0) (local.get 1))
    (i32.store offset=4 (local.get 0) (local.get 2)))
  {fields}
  (func (export "run") {body}))"#
        );
        Self::file(&wat::parse_str(text).unwrap())
    }

    fn file(bytes: &[u8]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("program.wasm"), bytes).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portico"));
        // Nothing of the user's is touched, and no window system is there.
        for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, Path::new(env!("CARGO_TARGET_TMPDIR")));
        }
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command.current_dir(self.directory.path());
        command
    }

    fn portico(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs it; returns its exit code and what it wrote to stderr.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let all = [&["run", "--headless", "program.wasm"], arguments].concat();
        let output = self.portico(&all);
        assert_eq!(output.stdout, b"", "stdout belongs to the program's user");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn run_script(&self, script: &str) -> (i32, String) {
        fs::write(self.path("script"), script).unwrap();
        self.run(&["--script", "script"])
    }
}

#[test]
fn codes_of_its_own_go_up_to_119() {
    for (code, expected) in [
        (0, 0),
        (1, 1),
        (118, 118),
        (119, 119),
        (120, 119),
        (121, 119),
        (256, 119),
        (-1, 119),
    ] {
        let (exit, stderr) = Fixture::new(&format!("(call $exit (i32.const {code}))")).run(&[]);
        assert_eq!((exit, stderr.as_str()), (expected, ""), "{code}");
    }
    assert_eq!(Fixture::new("").run(&[]).0, 0, "returning is code 0");
}

#[test]
fn a_trap_is_120_with_its_text() {
    let (exit, stderr) = Fixture::new("(drop (call $open (i32.const 5) (i32.const 8) (i32.const 0x1fffc)))").run(&[]);
    assert_eq!(exit, 120);
    for word in ["program stopped", "OS name", "channel 5", "0x1fffc", "leaves memory"] {
        assert!(stderr.contains(word), "no {word:?} in {stderr}");
    }
    let (exit, stderr) = Fixture::new("unreachable").run(&[]);
    assert_eq!(exit, 120);
    assert!(stderr.contains("unreachable"), "{stderr}");
}

#[test]
fn who_does_not_close_is_ended_with_121() {
    let begun = Instant::now();
    let (exit, stderr) = Fixture::new("(loop $l (br $l))").run_script("50 close\n");
    assert_eq!((exit, stderr.trim()), (121, "program was ended."));
    assert!(begun.elapsed() >= Duration::from_secs(2), "it has two seconds");
}

#[test]
fn who_closes_in_time_has_its_own_code() {
    // Waits for the closing bit of the window's state.
    let fixture = Fixture::new(
        "(drop (call $open (i32.const 1) (i32.const 47) (i32.const 0x1000)))
         (loop $wait
           (if (i32.and (i32.load (i32.const 0x100c)) (i32.const 32)) (then (call $exit (i32.const 33))))
           (drop (call $next))
           (br $wait))",
    );
    let begun = Instant::now();
    assert_eq!(fixture.run_script("50 close\n"), (33, String::new()));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn what_can_not_be_loaded_is_122() {
    let cases: [(&[u8], &str); 3] = [
        (b"hello", "not a WebAssembly file"),
        (b"\0asm\x01\0\0\0", "memory"),
        (b"", "not a WebAssembly file"),
    ];
    for (bytes, word) in cases {
        let (exit, stderr) = Fixture::file(bytes).run(&[]);
        assert_eq!(exit, 122, "{stderr}");
        assert!(stderr.contains(word), "{stderr}");
    }
    let fixture = Fixture::new("");
    fs::remove_file(fixture.path("program.wasm")).unwrap();
    assert_eq!(fixture.run(&[]).0, 122);
}

#[test]
fn what_is_not_understood_is_2() {
    let fixture = Fixture::new("");
    fs::write(fixture.path("bad"), "5 fly away\n").unwrap();
    for arguments in [
        &["--grant", "nothing"] as &[_],
        &["--deny", "nothing"],
        &["--size", "0x5"],
        &["--size", "99999x5"],
        &["--scale", "99"],
        &["--script", "bad"],
        &["--script", "missing"],
        &["--unknown"],
    ] {
        let (exit, stderr) = fixture.run(arguments);
        assert_eq!(exit, 2, "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty());
    }
}

#[test]
fn frames_become_pictures() {
    // 2 × 2 pixels with a stride of 12 bytes; then one of 1 × 3; alpha does not count.
    let fixture = Fixture::with(
        "(i32.store (i32.const 0x1000) (i32.const 2)) (i32.store (i32.const 0x1004) (i32.const 2))
         (i32.store (i32.const 0x1008) (i32.const 12)) (i32.store (i32.const 0x1010) (i32.const 0x2000))
         (drop (call $open (i32.const 1) (i32.const 35) (i32.const 0x1000)))
         (i32.store (i32.const 0x1000) (i32.const 1)) (i32.store (i32.const 0x1004) (i32.const 3))
         (i32.store (i32.const 0x1008) (i32.const 4))
         (drop (call $send (i32.const 1) (i32.const 0x1000)))",
        r#"(data (i32.const 0x2000) "\01\02\03\00\04\05\06\ffxxxx\07\08\09\80\0a\0b\0c\ff")"#,
    );
    let (exit, stderr) = fixture.run(&["--frames", "pictures/here"]);
    assert_eq!((exit, stderr.as_str()), (0, ""));
    let mut names: Vec<_> = fs::read_dir(fixture.path("pictures/here"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["000001.png", "000002.png"]);
    let picture = |name: &str| {
        image::open(fixture.path("pictures/here").join(name))
            .unwrap()
            .into_rgb8()
    };
    let first = picture("000001.png");
    assert_eq!(first.dimensions(), (2, 2));
    assert_eq!(first.into_raw(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let second = picture("000002.png");
    assert_eq!(second.dimensions(), (1, 3));
    assert_eq!(second.into_raw(), [1, 2, 3, 4, 5, 6, 120, 120, 120]);
}

#[test]
fn frames_are_paced_at_60_a_second() {
    let fixture = Fixture::new(
        "(local $i i32)
         (i32.store (i32.const 0x1000) (i32.const 1)) (i32.store (i32.const 0x1004) (i32.const 1))
         (i32.store (i32.const 0x1008) (i32.const 4)) (i32.store (i32.const 0x1010) (i32.const 0x2000))
         (drop (call $open (i32.const 1) (i32.const 35) (i32.const 0x1000)))
         (loop $next
           (drop (call $send (i32.const 1) (i32.const 0x1000)))
           (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60))))",
    );
    let begun = Instant::now();
    assert_eq!(fixture.run(&[]).0, 0);
    assert!(begun.elapsed() >= Duration::from_millis(990), "{:?}", begun.elapsed());
}

#[test]
fn scripted_keys_cursor_and_text_reach_the_program() {
    // Each exits with something of the first event.
    let exits = |which: u32, code: &str| {
        Fixture::new(&format!(
            "(call $list (i32.const 0x1000) (i32.const 8) (i32.const 0x2000))
             (call $list (i32.const 0x1008) (i32.const 8) (i32.const 0x3000))
             (drop (call $open (i32.const 1) (i32.const {which}) (i32.const 0x1000)))
             (call $exit ({code}))"
        ))
    };
    let key = "300 key 44 1 3\n350 key 44 0 0\n";
    assert_eq!(exits(26, "i32.load16_u (i32.const 0x2008)").run_script(key).0, 44);
    assert_eq!(exits(26, "i32.load8_u (i32.const 0x200a)").run_script(key).0, 1);
    assert_eq!(exits(26, "i32.load8_u (i32.const 0x200b)").run_script(key).0, 3);
    // The cursor comes over the picture first, then the button goes down.
    let cursor = "# a comment\n\n300 cursor 10.5 20 pressed 2\n";
    assert_eq!(exits(28, "i32.load8_u (i32.const 0x2018)").run_script(cursor).0, 4);
    let pressed = Fixture::new(
        "(call $list (i32.const 0x1000) (i32.const 1) (i32.const 0x2000))
         (drop (call $open (i32.const 1) (i32.const 28) (i32.const 0x1000)))
         (loop $each
           (if (i32.eq (i32.load8_u (i32.const 0x2018)) (i32.const 1))
             (then
               (call $exit
                 (i32.add (i32.load8_u (i32.const 0x2019)) (i32.trunc_f32_s (f32.load (i32.const 0x200c)))))))
           (drop (call $next))
           (br $each))",
    );
    assert_eq!(pressed.run_script(cursor).0, 22, "button 2 at row 20");
    assert_eq!(
        exits(27, "i32.load8_u (i32.const 0x2000)")
            .run_script("300 text Ab\n")
            .0,
        65
    );
    assert_eq!(
        exits(27, "i32.load8_u (i32.const 0x1000)")
            .run_script("300 text Saluton, mondo\n")
            .0,
        14,
        "what would have been needed"
    );
}

#[test]
fn scripted_actions_and_sizes_reach_the_program() {
    let fixture = Fixture::with(
        "(call $list (i32.const 0x1000) (i32.const 2) (i32.const 0x2000))
         (drop (call $open (i32.const 1) (i32.const 23) (i32.const 0x1000)))
         (call $exit (i32.add (i32.const 10) (i32.load (i32.const 0x1000))))",
        r#"(data (i32.const 0x2000) "\04\00\00\00\00\30\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\ff\00\00\00\00\00\00")
           (data (i32.const 0x2020) "\04\00\00\00\04\30\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\02\16\01\00\00\00\00\00")
           (data (i32.const 0x3000) "OpenSave")"#,
    );
    assert_eq!(fixture.run_script("300 action Nothing\n350 action Save\n").0, 11);
    assert_eq!(fixture.run_script("300 action Open\n").0, 10);
    // The shortcut of the second: Ctrl+S.
    assert_eq!(fixture.run_script("300 key 4 1 2\n350 key 22 1 2\n").0, 11);

    let resized = Fixture::new(
        "(drop (call $open (i32.const 1) (i32.const 47) (i32.const 0x1000)))
         (loop $again
           (br_if $again (i32.ne (call $next) (i32.const 1))))
         (call $exit (i32.div_u (i32.load (i32.const 0x1004)) (i32.const 10)))",
    );
    assert_eq!(resized.run_script("300 resize 640 480\n").0, 48);
}

#[test]
fn size_and_scale_set_the_window() {
    let window = |code: &str| {
        let body = format!("(drop (call $open (i32.const 1) (i32.const 47) (i32.const 0x1000))) (call $exit {code})");
        Fixture::new(&body)
    };
    let arguments = ["--size", "64x48", "--scale", "2.5"];
    assert_eq!(window("(i32.load (i32.const 0x1000))").run(&arguments).0, 64);
    assert_eq!(window("(i32.load (i32.const 0x1004))").run(&arguments).0, 48);
    let scale = "(i32.trunc_f32_s (f32.mul (f32.load (i32.const 0x1008)) (f32.const 10)))";
    assert_eq!(window(scale).run(&arguments).0, 25);
    assert_eq!(window(scale).run(&["--size", "64×48"]).0, 10);
}

#[test]
fn grants_and_denials_hold() {
    // Exits with 0, or with why the channel was closed.
    let opens = |which: u32| {
        Fixture::new(&format!(
            "(call $list (i32.const 0x1000) (i32.const 400) (i32.const 0x2000))
             (i32.store (i32.const 0x4000) (i32.const 1))
             (call $list (i32.const 0x4008) (i32.const 500) (i32.const 0x5000))
             (if (i32.eq (call $open (i32.const 1) (i32.const {which}) (i32.const 0x1000)) (i32.const 0x80000001))
               (then
                 (drop (call $open (i32.const 2) (i32.const 45) (i32.const 0x4000)))
                 (call $exit (i32.load (i32.const 0x4004)))))"
        ))
    };
    assert_eq!(opens(8).run(&[]).0, 0);
    assert_eq!(opens(8).run(&["--deny", "system"]).0, 2);
    assert_eq!(opens(8).run(&["--grant", "system", "--deny", "system"]).0, 2);
    assert_eq!(opens(8).run(&["--deny", "keys"]).0, 0);
    // What nobody serves yet is Unsupported, granted or not.
    assert_eq!(opens(32).run(&["--grant", "microphone"]).0, 1);
    assert_eq!(opens(32).run(&[]).0, 1);
}

#[test]
fn arguments_arrive_and_the_log_is_written_to_stderr() {
    // Logs its arguments, at level Warning.
    let fixture = Fixture::new(
        "(call $list (i32.const 0x1004) (i32.const 500) (i32.const 0x2000))
         (drop (call $open (i32.const 1) (i32.const 60) (i32.const 0x1004)))
         (i32.store (i32.const 0x1000) (i32.const 0x00040003))
         (drop (call $open (i32.const 2) (i32.const 19) (i32.const 0x1000)))",
    );
    let (exit, stderr) = fixture.run(&["--", "one", "--two", "t\u{1b}hree"]);
    assert_eq!(
        (exit, stderr.as_str()),
        (0, "WARNING 3: one\nWARNING 3: --two\nWARNING 3: t\\u{1b}hree\n")
    );
}

#[test]
fn info_tells_what_a_file_is() {
    let text = r#"(module
        (import "daku" "ar" (func (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "run"))
        (@custom "portico" "name = \"Paint\"\nsummary = \"Draws\"\n[portals]\nkeys = \"for shortcuts\"\n"))"#;
    let fixture = Fixture::file(&wat::parse_str(text).unwrap());
    let output = fixture.portico(&["info", "program.wasm"]);
    assert_eq!(output.status.code(), Some(0));
    let people = String::from_utf8(output.stdout).unwrap();
    let hash = blake3::hash(&fs::read(fixture.path("program.wasm")).unwrap()).to_hex();
    for word in [
        hash.as_str(),
        "Paint",
        "Draws",
        "keys: for shortcuts",
        "daku.ar (function)",
        "can run",
    ] {
        assert!(people.contains(word), "no {word:?} in\n{people}");
    }

    let output = fixture.portico(&["info", "--json", "program.wasm"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["hash"], hash.as_str());
    assert_eq!(json["name"], "Paint");
    assert_eq!(json["portals"]["keys"], "for shortcuts");
    assert_eq!(json["entry"], "run");
    assert_eq!(json["imports"][0]["name"], "daku.ar");
    assert_eq!(json["refusals"], serde_json::json!([]));
    assert!(
        json["sections"]
            .as_array()
            .unwrap()
            .iter()
            .any(|section| section["name"] == "portico")
    );
}

#[test]
fn info_tells_every_reason_to_refuse_a_file() {
    let text = r#"(module (import "wasi" "exit" (func)) (import "daku" "ar" (func)))"#;
    let fixture = Fixture::file(&wat::parse_str(text).unwrap());
    let output = fixture.portico(&["info", "--json", "program.wasm"]);
    assert_eq!(output.status.code(), Some(122));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let refusals = json["refusals"].to_string();
    for word in ["wasi.exit", "daku.ar", "memory", "run"] {
        assert!(refusals.contains(word), "no {word:?} in {refusals}");
    }
    assert_eq!(json["refusals"].as_array().unwrap().len(), 4, "{refusals}");
    // And a run says the same.
    let (exit, stderr) = fixture.run(&[]);
    assert_eq!(exit, 122);
    assert!(stderr.contains("wasi.exit") && stderr.contains("memory"), "{stderr}");
    assert_eq!(fixture.portico(&["info", "missing.wasm"]).status.code(), Some(2));
}

/// Asks to set the user's name; exits with 0, or with why it may not.
fn asks() -> Fixture {
    Fixture::with(
        "(call $list (i32.const 0x1000) (i32.const 4) (i32.const 0x2000))
         (i32.store (i32.const 0x4000) (i32.const 1))
         (call $list (i32.const 0x4008) (i32.const 500) (i32.const 0x5000))
         (if (i32.eq (call $open (i32.const 1) (i32.const 14) (i32.const 0x1000)) (i32.const 0x80000001))
           (then
             (drop (call $open (i32.const 2) (i32.const 45) (i32.const 0x4000)))
             (call $exit (i32.load (i32.const 0x4004)))))",
        r#"(data (i32.const 0x2000) "Anna")"#,
    )
}

#[test]
fn answer_stands_in_for_the_user() {
    assert_eq!(asks().run(&[]).0, 2);
    assert_eq!(asks().run(&["--answer", "deny"]).0, 2);
    assert_eq!(asks().run(&["--answer", "allow"]).0, 0);
    assert_eq!(asks().run(&["--answer", "allow", "--deny", "change-profile"]).0, 2);
    assert_eq!(asks().run(&["--grant", "change-profile"]).0, 0);
}

#[test]
fn prompt_is_answered_by_the_script_and_for_this_run_alone() {
    let fixture = asks();
    // Once it can be answered, Tab goes to "Always" in three steps.
    let tab = |at: u32| format!("{at} key 43 1 0\n{} key 43 0 0\n", at + 10);
    let script = [1500, 1600, 1700].map(tab).concat() + "1900 key 40 1 0\n1910 key 40 0 0\n";
    fs::write(fixture.path("script"), script).unwrap();
    assert_eq!(fixture.run(&["--answer", "ask", "--script", "script"]).0, 0);
    assert_eq!(fixture.run(&[]).0, 2, "nothing is remembered");
}

#[test]
fn log_tells_what_a_run_did() {
    let fixture = asks();
    let mut command = fixture.command();
    let output = command
        .env("PORTICO_LOG", "portico=info")
        .args(["run", "--headless", "--answer", "allow", "program.wasm"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let told = [
        "has started",
        "asks for change-profile",
        "change-profile: Once",
        "has ended with code 0",
    ];
    let places: Vec<_> = told.map(|what| stderr.find(what)).into();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?} in {stderr}"
    );
}

/// Exits with 7 once a key goes down.
fn waits_for_a_key() -> Fixture {
    Fixture::new(
        "(call $list (i32.const 0x1000) (i32.const 8) (i32.const 0x2000))
         (drop (call $open (i32.const 1) (i32.const 26) (i32.const 0x1000)))
         (call $exit (i32.const 7))",
    )
}

#[test]
fn restarted_program_is_what_the_run_goes_by() {
    let script = "1000 key 44 1 2\n1010 key 44 0 2\n1200 text restart program\n1500 key 40 1 0\n1510 key 40 0 0\n\
                  2500 key 4 1 0\n2510 key 4 0 0\n4000 close\n";
    let (exit, stderr) = waits_for_a_key().run_script(script);
    assert_eq!((exit, stderr.as_str()), (7, ""));
}

#[test]
fn screenshot_has_the_whole_window() {
    let fixture = waits_for_a_key();
    let script = "1000 screenshot plain.png\n1100 key 44 1 2\n1110 key 44 0 2\n1400 screenshot hud.png\n1500 close\n";
    fs::write(fixture.path("script"), script).unwrap();
    let (_, stderr) = fixture.run(&["--size", "320x200", "--script", "script"]);
    assert_eq!(stderr.trim(), "program was ended.");
    let picture = |name: &str| image::open(fixture.path(name)).unwrap().into_rgb8();
    let (plain, hud) = (picture("plain.png"), picture("hud.png"));
    assert_eq!(plain.dimensions(), hud.dimensions());
    assert_eq!(plain.width(), 320);
    assert!(plain.height() > 200, "the toolbar is in it");
    assert_ne!(plain, hud);
}

#[test]
fn window_that_was_put_away_is_driven_all_the_same() {
    let script = "1000 key 44 1 2\n1010 key 44 0 2\n1200 text minimise\n1500 key 40 1 0\n1510 key 40 0 0\n\
                  2500 key 4 1 0\n2510 key 4 0 0\n4000 close\n";
    assert_eq!(waits_for_a_key().run_script(script).0, 7);
}

#[test]
fn run_with_a_name_is_driven_from_outside() {
    let fixture = waits_for_a_key();
    let name = format!("test {}", std::process::id());
    let msg = |arguments: &[&str]| fixture.portico(&[&["msg", "--socket", &name], arguments].concat());
    let nobody = msg(&["windows"]);
    let stderr = String::from_utf8(nobody.stderr).unwrap();
    assert!(
        stderr.contains(&format!("no run without a window has the name {name}")),
        "{stderr}"
    );
    std::thread::scope(|scope| {
        let run = scope.spawn(|| fixture.run(&["--socket", &name]));
        let end = Instant::now() + Duration::from_secs(20);
        while !msg(&["windows"]).status.success() {
            assert!(Instant::now() < end, "nobody listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        let second = fixture.run(&["--socket", &name]);
        assert_eq!(second.0, 2, "{}", second.1);
        assert!(msg(&["screenshot", "window.png"]).status.success());
        assert!(fixture.path("window.png").is_file());
        assert!(msg(&["key", "4"]).status.success());
        assert_eq!(run.join().unwrap(), (7, String::new()));
    });
}
