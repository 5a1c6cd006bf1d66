//! Programs for the tests, written as WebAssembly text: a common beginning, a body, and messages laid out as the ABI says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// An example, as `cargo xtask examples` builds it; `None`, with a word about it, where it is not built.
pub fn example(name: &str) -> Option<PathBuf> {
    // A test's executable is TARGET/PROFILE/deps/NAME.
    let test = std::env::current_exe().unwrap_or_default();
    let target = test.ancestors().nth(3).unwrap_or(Path::new("target"));
    let path = target.join("examples").join(name).with_extension("wasm");
    if !path.is_file() {
        eprintln!("skipped: no {} (`cargo xtask examples` builds it)", path.display());
        return None;
    }
    Some(path)
}

/// Width of the mirror's picture, in pixels.
pub const WIDTH: u32 = 320;
/// Height of the mirror's picture, in pixels.
pub const HEIGHT: u32 = 200;

/// What the mirror shows where nothing has been received yet.
pub const BACKGROUND: [u8; 3] = [0x40, 0x30, 0x20];

/// A cell of the mirror's picture: 40 × 40 pixels whose colour tells what was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The program's own colour.
    Marker = 0,
    /// Last key pressed: code, modifiers, 0x77.
    Pressed = 1,
    /// Last key released, alike.
    Released = 2,
    /// How many keys were pressed, released, repeated.
    KeyCounts = 3,
    /// Where the cursor was last: low bytes of x and y, then their next four bits.
    Position = 4,
    /// Last button + 1, how often one was pressed, released.
    Buttons = 5,
    /// Last scroll: dx + 128, dy + 128, how often.
    Scroll = 6,
    /// 1, 1, 1 after the cursor entered; 2, 2, 2 after it left.
    Inside = 7,
    /// First three bytes of the last text.
    Text = 8,
    /// Bytes of text so far, of the last one, of the last composition.
    TextCounts = 9,
    /// First three bytes of the last composition that was not empty.
    Preedit = 10,
    /// Width of the framebuffer (low byte, high byte) and the flags of command 47.
    WindowWidth = 11,
    /// Height (low byte, high byte) and the scale × 16.
    WindowHeight = 12,
    /// Window action + 1, how many so far, 0x66.
    Action = 13,
    /// Navigation action + 1, how many so far, 0x66.
    Navigation = 14,
    /// Menu action + 1, how many so far, 0x55.
    Menu = 15,
    /// Tab + 1, how many so far, 0x44.
    Tab = 16,
    /// First three bytes of the search.
    Query = 17,
    /// Length of the search, how often it came, 0x22.
    QueryCounts = 18,
    /// Mode + 1, 0x33, 0x33.
    Mode = 19,
    /// Last channel that the host closed, how many, 0x11.
    Closed = 20,
    /// Way of the cursor since it was locked: dx + 128, dy + 128, 0x99.
    Way = 21,
}

impl Cell {
    /// Middle of the cell, in pixels of the frame.
    pub fn middle(self) -> (i32, i32) {
        let index = self as i32;
        (index % 8 * 40 + 20, index / 8 * 40 + 20)
    }
}

/// Bytes for a program's memory.
#[derive(Default)]
struct Data(String);

impl Data {
    fn bytes(&mut self, at: u32, bytes: &[u8]) -> &mut Self {
        let _ = write!(self.0, "  (data (i32.const {at:#x}) \"");
        for byte in bytes {
            let _ = write!(self.0, "\\{byte:02x}");
        }
        self.0.push_str("\")\n");
        self
    }

    fn words(&mut self, at: u32, words: &[u32]) -> &mut Self {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.bytes(at, &bytes)
    }

    /// A `Text` at `at` whose bytes lie at `to`.
    fn text(&mut self, at: u32, to: u32, text: &str) -> &mut Self {
        let size = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.words(at, &[size, to]).bytes(to, text.as_bytes())
    }
}

fn colour(rgb: [u8; 3]) -> String {
    format!("0xff{:02x}{:02x}{:02x}", rgb[2], rgb[1], rgb[0])
}

/// Puts the common beginning and `data` into a template and fills its blanks.
fn assemble(template: &str, size: (u32, u32), data: &Data, blanks: &[(&str, &str)]) -> Vec<u8> {
    let pages = 1 + (size.0 * size.1 * 4).div_ceil(65_536).max(3);
    let prelude = format!("{}\n{}", include_str!("programs/prelude.wat"), data.0);
    let mut text = template.replace("{{PRELUDE}}", &prelude);
    for (name, value) in blanks {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    let text = text
        .replace("{{PAGES}}", &pages.to_string())
        .replace("{{WIDTH}}", &size.0.to_string())
        .replace("{{HEIGHT}}", &size.1.to_string());
    match wat::parse_str(&text) {
        Ok(bytes) => bytes,
        Err(error) => panic!("a test program is not WebAssembly: {error}"),
    }
}

fn base(size: (u32, u32), title: &str) -> Data {
    let mut data = Data::default();
    data.words(0x2000, &[size.0, size.1, size.0 * 4, 0, 0x10000]);
    data.words(0x2020, &[64, 0x8000]);
    data.text(0x20e0, 0x2100, title);
    data
}

/// Names of the mirror's window actions, left to right.
pub const ACTIONS: [&str; 3] = ["Save it", "Share it", "Burn it"];
/// Names of the mirror's navigation actions.
pub const NAVIGATION: [&str; 2] = ["Go back", "Go on"];
/// Titles of the mirror's tabs.
pub const TABS: [&str; 3] = ["First page", "Second page", "Third page"];
/// Hint of the mirror's search field, which shows in mode 1.
pub const SEARCH_HINT: &str = "Find a colour";

/// An entry of the mirror's menu.
#[derive(Clone, Copy, Debug)]
pub struct MenuEntry {
    /// What it is called.
    pub name: &'static str,
    description: &'static str,
    tag: &'static str,
    modifier: u8,
    key: u8,
    pressed: bool,
    disabled: bool,
    mode: u32,
}

/// The mirror's menu. 0 fires on the press of Ctrl+R, 1 on the release of Ctrl+E, 2 (F7) switches to mode 1, 3 (Ctrl+R in
/// mode 1) back; 4 is disabled; 5 is found by its tag.
pub const MENU: [MenuEntry; 7] = [
    MenuEntry {
        name: "Paint red",
        description: "Fill with red",
        tag: "colour",
        ..ENTRY
    },
    MenuEntry {
        name: "Paint on release",
        key: 8,
        pressed: false,
        ..ENTRY
    },
    MenuEntry {
        name: "Enter the other mode",
        modifier: 0,
        key: 64,
        ..ENTRY
    },
    MenuEntry {
        name: "Leave the other mode",
        mode: 1,
        ..ENTRY
    },
    MenuEntry {
        name: "Never to be done",
        key: 7,
        disabled: true,
        ..ENTRY
    },
    MenuEntry {
        name: "Draw an animal",
        tag: "zebra",
        modifier: 255,
        key: 255,
        ..ENTRY
    },
    MenuEntry {
        name: "Lock the cursor",
        key: 15,
        ..ENTRY
    },
];

const ENTRY: MenuEntry = MenuEntry {
    name: "",
    description: "",
    tag: "",
    modifier: 2,
    key: 21,
    pressed: true,
    disabled: false,
    mode: 0,
};

/// A program that opens everything a window can give and shows what it receives: see [`Cell`].
pub fn mirror(title: &str, marker: [u8; 3]) -> Vec<u8> {
    let mut data = base((WIDTH, HEIGHT), title);
    data.words(0x2040, &[256, 0x8400, 256, 0x8500])
        .words(0x2050, &[0x0010_0010, 0x0010_0002]);
    data.words(0x2060, &[64, 0x8600]);
    data.words(0x2080, &[3, 0x2713, 0x2605, 0x2716])
        .words(0x2090, &[2, 0x2190, 0x2192, 0]);
    let mut heap = 0x4000;
    let mut place = |data: &mut Data, at: u32, text: &str| {
        data.text(at, heap, text);
        heap += 64;
    };
    data.words(0x20a0, &[7, 0x3000]);
    for (entry, at) in MENU.iter().zip((0x3000..).step_by(32)) {
        place(&mut data, at, entry.name);
        place(&mut data, at + 8, entry.description);
        let tags = 0x3400 + (at - 0x3000) / 4;
        data.words(at + 16, &[u32::from(!entry.tag.is_empty()), tags]);
        place(&mut data, tags, entry.tag);
        data.bytes(
            at + 24,
            &[
                entry.modifier,
                entry.key,
                u8::from(entry.pressed),
                u8::from(entry.disabled),
            ],
        );
        data.words(at + 28, &[entry.mode]);
    }
    data.words(0x20b0, &[3, 0x3200, 0, 0]);
    for (title, at) in TABS.iter().zip((0x3200..).step_by(16)) {
        place(&mut data, at + 4, title);
    }
    data.words(0x20c0, &[1, 0x3300]).words(0x3300, &[1]);
    place(&mut data, 0x20c8, SEARCH_HINT);
    data.words(0x20d0, &[64, 0x8e00]);
    data.words(0x20f0, &[2, 0x3500, 3, 0x3510]).words(0x21f0, &[2]);
    for (name, at) in NAVIGATION.iter().chain(&ACTIONS).zip((0x3500..).step_by(8)) {
        place(&mut data, at, name);
    }
    let marker = colour(marker);
    assemble(
        include_str!("programs/mirror.wat"),
        (WIDTH, HEIGHT),
        &data,
        &[("COLOUR", &marker)],
    )
}

/// What a [`still`] program does at the first key that it gets.
#[derive(Clone, Copy, Debug)]
pub enum OnKey {
    /// Nothing.
    Nothing,
    /// Sends a frame whose pixels leave memory.
    Trap,
    /// Loops for ever without `ar()`.
    Loop,
    /// Ends with code 0.
    Exit,
}

/// A program that shows one colour and does one thing when a key is pressed.
pub fn still(title: &str, rgb: [u8; 3], size: (u32, u32), on_key: OnKey) -> Vec<u8> {
    let on_key = match on_key {
        OnKey::Nothing => "",
        OnKey::Trap => "(i32.store (i32.const 0x2010) (i32.const -16)) (call $send (i32.const 1) (i32.const 0x2000))",
        OnKey::Loop => "(loop $endless (br $endless))",
        OnKey::Exit => "(call $exit (i32.const 0))",
    };
    let rgb = colour(rgb);
    let template = include_str!("programs/still.wat");
    assemble(
        template,
        size,
        &base(size, title),
        &[("COLOUR", &rgb), ("ON_KEY", on_key)],
    )
}

/// What an [`asker`] uses, by its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// L: starts a program that nobody has, which fails with Unavailable when it is allowed.
    Launch = 0,
    /// C: reads the clipboard, whose first three bytes then show in the first cell of the second row; U: reads it as soon as
    /// another window has the focus.
    Read = 1,
    /// N: shows a notification.
    Notify = 2,
    /// W: puts [`WRITTEN`] on the clipboard.
    Write = 3,
}

/// What an asker puts on the clipboard.
pub const WRITTEN: &str = "written by a program";
/// Title of an asker's notifications.
pub const NOTE: &str = "Hello";
/// Text of an asker's notifications.
pub const NOTE_TEXT: &str = "a < b & <i>c</i>";

/// A program that uses what the user is asked about, each on its key (B: a launch and a notification), and shows what came of
/// it: see [`Wish`].
pub fn asker(title: &str, rgb: [u8; 3]) -> Vec<u8> {
    asker_called(title, title, rgb)
}

/// As [`asker`], with a name that is not its title; it stands in TOML.
pub fn asker_called(name: &str, title: &str, rgb: [u8; 3]) -> Vec<u8> {
    let mut data = base((WIDTH, HEIGHT), title);
    data.words(0x3080, &[1]).text(0x3084, 0x3300, WRITTEN);
    data.text(0x3060, 0x3200, NOTE)
        .text(0x3068, 0x3240, NOTE_TEXT)
        .words(0x3070, &[0x2605]);
    data.words(0x3500, &[53, 0x3000, 50, 0x3040, 51, 0x3060, 50, 0x3080]);
    let rgb = colour(rgb);
    let bytes = assemble(
        include_str!("programs/asker.wat"),
        (WIDTH, HEIGHT),
        &data,
        &[("COLOUR", &rgb)],
    );
    let reason = "[portals]\nlaunch = \"To open the other one\"";
    with_manifest(bytes, &format!("name = \"{name}\"\n{reason}"))
}

/// A program that fills each frame with its number as a colour, as fast as it is paced.
pub fn animator(title: &str, size: (u32, u32)) -> Vec<u8> {
    assemble(include_str!("programs/animator.wat"), size, &base(size, title), &[])
}

/// A program from a few lines of WAT, with the prelude's functions, locals `$i` and `$n`, a frame message of 64 × 64 at
/// 0x2000, and `data` segments of its own.
pub fn script(body: &str) -> Vec<u8> {
    let data = base((64, 64), "script");
    assemble(include_str!("programs/script.wat"), (64, 64), &data, &[("BODY", body)])
}

/// As [`script`], with more fields of the module (`data` segments, functions) before the entry.
pub fn script_with(fields: &str, body: &str) -> Vec<u8> {
    let mut data = base((64, 64), "script");
    data.0.push_str(fields);
    assemble(include_str!("programs/script.wat"), (64, 64), &data, &[("BODY", body)])
}

/// A program that logs the names of files that are dropped on its window; it says that it waits for them.
pub fn dropped() -> Vec<u8> {
    let mut data = Data::default();
    // Command 59 at 0x4000, command 19 at 0x4020; both have their text at 0x4100.
    data.words(0x4000, &[0, 0, 64, 0x4100])
        .words(0x4020, &[2 << 16, 7, 0x4100])
        .bytes(0x4100, b"waiting");
    script_with(
        &data.0,
        "(call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
         (call $open (i32.const 2) (i32.const 59) (i32.const 0x4000))
         (call $open (i32.const 3) (i32.const 19) (i32.const 0x4020))
         (loop $next
           (local.set $n (call $wait))
           (loop $each
             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
             (if (i32.eq (call $ready (local.get $n)) (i32.const 2)) (then
               (i32.store (i32.const 0x4024) (i32.load (i32.const 0x4008)))
               (call $send (i32.const 3) (i32.const 0x4020))))
             (br_if $each (local.get $n)))
           (br $next))",
    )
}

/// A program that logs what it is told about the user: the names in index 11 and 12, the codes of the languages in 13.
pub fn listener() -> Vec<u8> {
    let mut data = Data::default();
    // Commands 11, 12 and 13 at 0x4000, 0x4020 and 0x4040; after each, command 19 with what it told.
    for (at, index) in (0x4000..).step_by(0x20).zip([11, 12, 13]) {
        let text = 0x4000 + index * 0x100;
        data.words(at, &[if index == 13 { 64 } else { 256 }, text])
            .words(at + 0x10, &[2 << 16 | index, 0, text]);
    }
    data.words(0x4080, &[2 << 16, 9, 0x4100]).bytes(0x4100, b"listening");
    script_with(
        &data.0,
        "(call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
         (call $open (i32.const 3) (i32.const 19) (i32.const 0x4080))
         (call $open (i32.const 11) (i32.const 11) (i32.const 0x4000))
         (call $open (i32.const 12) (i32.const 12) (i32.const 0x4020))
         (call $open (i32.const 13) (i32.const 13) (i32.const 0x4040))
         (loop $next
           (local.set $n (call $wait))
           (loop $each
             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
             (local.set $i (call $ready (local.get $n)))
             (if (i32.and (i32.ge_u (local.get $i) (i32.const 11)) (i32.le_u (local.get $i) (i32.const 13))) (then
               (local.set $i (i32.add (i32.const 0x4000) (i32.shl (i32.sub (local.get $i) (i32.const 11)) (i32.const 5))))
               (i32.store offset=0x14 (local.get $i)
                 (i32.shl (i32.load (local.get $i)) (i32.shl (i32.eq (local.get $i) (i32.const 0x4040)) (i32.const 1))))
               (call $send (i32.const 3) (i32.add (local.get $i) (i32.const 0x10)))))
             (br_if $each (local.get $n)))
           (br $next))",
    )
}

/// A program that logs what its window is, whenever that changes: `focused` or `-`, and `visible` or `-`.
pub fn watcher() -> Vec<u8> {
    let mut data = Data::default();
    // Command 47 at 0x4000; command 19 at 0x4020, of two words of eight bytes each.
    data.words(0x4020, &[2 << 16 | 47, 8, 0x4100])
        .bytes(0x4100, b"watching");
    data.bytes(0x4200, b"-       ").bytes(0x4210, b"focused ");
    data.bytes(0x4220, b"-       ").bytes(0x4230, b"visible ");
    script_with(
        &data.0,
        "(call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
         (call $open (i32.const 3) (i32.const 19) (i32.const 0x4020))
         (drop (call $wait))
         (i32.store (i32.const 0x4024) (i32.const 16))
         (call $open (i32.const 2) (i32.const 47) (i32.const 0x4000))
         (loop $next
           (local.set $n (call $wait))
           (loop $each
             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
             (if (i32.eq (call $ready (local.get $n)) (i32.const 2)) (then
               (local.set $i (i32.load (i32.const 0x400c)))
               (i64.store (i32.const 0x4100) (i64.load (i32.add (i32.const 0x4200)
                 (i32.shl (i32.and (local.get $i) (i32.const 1)) (i32.const 4)))))
               (i64.store (i32.const 0x4108) (i64.load (i32.add (i32.const 0x4220)
                 (i32.shl (i32.and (local.get $i) (i32.const 2)) (i32.const 3)))))
               (call $send (i32.const 3) (i32.const 0x4020))))
             (br_if $each (local.get $n)))
           (br $next))",
    )
}

/// A program that starts the one with this hash, and logs what came of it.
pub fn launcher(hash: &[u8; 32]) -> Vec<u8> {
    let mut data = Data::default();
    data.bytes(0x4000, hash).words(0x4020, &[0, 0]);
    data.words(0x4040, &[2 << 16, 7, 0x4100]).bytes(0x4100, b"started");
    data.words(0x4060, &[2 << 16, 7, 0x4110]).bytes(0x4110, b"refused");
    script_with(
        &data.0,
        "(call $open (i32.const 1) (i32.const 53) (i32.const 0x4000))
         (drop (call $wait))
         (call $open (i32.const 2) (i32.const 19)
           (select (i32.const 0x4040) (i32.const 0x4060) (i32.eq (call $ready (i32.const 0)) (i32.const 1))))
         (drop (call $wait))",
    )
}

/// A program that opens this port and sends back every message that comes there; it ends with why its channel was closed.
pub fn answerer(port: u64) -> Vec<u8> {
    let mut data = Data::default();
    // Command 57 at 0x4000, with room for what comes at 0x5000, and at 0x4040 for what is sent; command 45 at 0x4080.
    data.words(0x4000, &[0])
        .bytes(0x4004, &port.to_le_bytes())
        .words(0x4020, &[4096, 0x5000]);
    data.words(0x4080, &[2, 0, 1000, 0x6000]);
    script_with(
        &data.0,
        "(call $open (i32.const 1) (i32.const 35) (i32.const 0x2000))
         (call $open (i32.const 2) (i32.const 57) (i32.const 0x4000))
         (loop $next
           (local.set $n (call $wait))
           (loop $each
             (local.set $n (i32.sub (local.get $n) (i32.const 1)))
             (if (i32.eq (call $ready (local.get $n)) (i32.const 0x80000002)) (then
               (call $open (i32.const 3) (i32.const 45) (i32.const 0x4080))
               (drop (call $wait))
               (call $exit (i32.load (i32.const 0x4084)))))
             (if (i32.eq (call $ready (local.get $n)) (i32.const 2)) (then
               (if (i32.eq (i32.load (i32.const 0x4000)) (i32.const 3)) (then
                 (memory.copy (i32.const 0x4040) (i32.const 0x4000) (i32.const 40))
                 (i32.store (i32.const 0x4040) (i32.const 1))
                 (call $send (i32.const 2) (i32.const 0x4040))))
               (i32.store (i32.const 0x4000) (i32.const 3))
               (i32.store (i32.const 0x4020) (i32.const 4096))
               (i32.store (i32.const 0x4024) (i32.const 0x5000))
               (call $send (i32.const 2) (i32.const 0x4000))))
             (br_if $each (local.get $n)))
           (br $next))",
    )
}

/// A program with a manifest that gives it a name, which stands in TOML.
pub fn named(program: Vec<u8>, name: &str) -> Vec<u8> {
    with_manifest(program, &format!("name = \"{name}\""))
}

fn with_manifest(mut program: Vec<u8>, manifest: &str) -> Vec<u8> {
    let mut size = 8 + manifest.len();
    program.push(0);
    while size >= 0x80 {
        program.push(0x80 | (size & 0x7f) as u8);
        size >>= 7;
    }
    program.extend([size as u8, 7]);
    program.extend(b"portico");
    program.extend(manifest.as_bytes());
    program
}

/// A program with an icon, of at most some thousand bytes.
pub fn with_icon(mut program: Vec<u8>, icon: &str) -> Vec<u8> {
    let name = b"portico.icon";
    let length = 1 + name.len() + icon.len();
    // Two bytes of a length: seven bits in each.
    program.extend([0, (length & 0x7F) as u8 | 0x80, (length >> 7) as u8, name.len() as u8]);
    program.extend(name);
    program.extend(icon.as_bytes());
    program
}

/// Writes a program as `NAME.wasm`.
///
/// # Panics
/// When the file can't be written.
pub fn save(directory: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.join(format!("{name}.wasm"));
    if let Err(error) = std::fs::write(&path, bytes) {
        panic!("can't write {}: {error}", path.display());
    }
    path
}
