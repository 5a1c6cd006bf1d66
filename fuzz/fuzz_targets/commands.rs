//! A program that hands anything at all to `ar()`: it ends or sleeps, and the host stays whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portico_abi::which;
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, Grants, InProcess, Kernel, Limits, LoadOptions,
    Permission, PermissionStatus, Portal, Program, Reading, Received, Sent, Waker,
};
use portico_portals::fakes::Fakes;
use portico_portals::{
    Cursor, CursorKind, Frame, Host, Key, KeyState, Level, Log, Presented, Screen, TABLE, Window, WindowState,
};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

/// The command that is kept for tests; here it fills the program's memory.
const FILL: u32 = which::TEST;
/// Bytes of the program's memory.
const MEMORY: usize = 0x2_0000;
/// Where the words of messages begin.
const MESSAGES: usize = 0x1000;
/// Most calls of `ar()` by one input.
const CALLS: usize = 6;
/// Pieces of input while a program runs.
const ROUNDS: u8 = 13;

/// Opens [`FILL`], which leaves the three arguments of each call at 0, then makes the calls.
const PROGRAM: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "run") (local $i i32)
    (i32.store (i32.const 4) (i32.const 0x7fffffff))
    (i32.store (i32.const 8) (i32.const FILL))
    (i32.store (i32.const 12) (i32.const 16))
    (i32.store (i32.const 16) (i32.const 0x7fffffff))
    (drop (call $ar (i32.const 2) (i32.const 0) (i32.const 0x100)))
    (loop $next
      (drop (call $ar (i32.load (local.get $i)) (i32.load offset=4 (local.get $i)) (i32.load offset=8 (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 72))))))"#;

/// A child, which is a module in its parent's memory: what its parent shares with it becomes its calls.
const CHILD: &str = r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0x10) "\00\01\00\00\00\80\00\00")
  (data (i32.const 0x100) "\00\00\00\00\01\00\00\00\12\00\00\00\10\00\00\00")
  (func (export "run") (local $rounds i32)
    (drop (call $ar (i32.const 1) (i32.const 0x100) (i32.const 0xf000)))
    (loop $next
      (drop (call $ar (i32.and (i32.load (i32.const 0x8000)) (i32.const 7)) (i32.const 0x8010) (i32.const 0xf000)))
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $rounds) (i32.const 8))))))"#;
/// Where a child's module is, and what is shared with it.
const MODULE: usize = 0x1_0000;
const SHARED: u32 = 0x1_8000;

/// What the next process finds in its memory.
static IMAGE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

static HOST: LazyLock<(Kernel<Host>, Program)> = LazyLock::new(|| {
    let rows = TABLE.iter().map(|row| Portal { ..*row }).chain([FILLING]).collect();
    let kernel = Kernel::new(Vec::leak(rows), None, InProcess).expect("there is an engine");
    let text = PROGRAM.replace("FILL", &FILL.to_string());
    let program = kernel
        .load(
            &wat::parse_str(text).expect("the program is sound"),
            &LoadOptions::default(),
        )
        .expect("it can run");
    (kernel, program)
});

const FILLING: Portal<Host> = Portal {
    name: "fill",
    summary: "",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: FILL,
        name: "fill",
        single: false,
        open: Some(|| Box::new(Fill)),
    }],
};

struct Fill;

impl Channel<Host> for Fill {
    fn post(&mut self, _cx: &mut Reading<'_, Host>, _at: u32) -> Result<(), Fault> {
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        // Once a process: what the program opens later does nothing.
        let image = std::mem::take(&mut *IMAGE.lock().expect("nobody panics"));
        cx.memory.deliver(0, image.as_slice());
        Ok(Sent::Ready)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

/// Allows everything, so that everything is reached, but what would change this machine.
struct All;

impl Grants for All {
    fn status(&self, permission: &Permission, _default: DefaultAccess) -> PermissionStatus {
        PermissionStatus::from(permission.portal != "overclock")
    }
}

/// Reads every byte of each frame.
struct Eyes;

impl Screen for Eyes {
    fn show(&self, frame: &Frame<'_>, shown: &Waker) -> Presented {
        let sum = frame.pixels.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        match sum % 3 {
            0 => Presented::Now,
            1 => Presented::At(Instant::now()),
            _ => {
                shown.ready();
                Presented::Later
            }
        }
    }

    fn chrome_changed(&self) {}
}

impl Log for Eyes {
    fn line(&self, _level: Level, name: &str, text: &str) {
        assert!(
            !name.contains(char::is_control) && !text.contains(char::is_control),
            "{name:?}: {text:?}"
        );
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((how, data)) = data.split_first() else { return };
    *IMAGE.lock().expect("nobody panics") = if how % 8 == 0 { raw(data) } else { likely(data) };

    let (kernel, program) = &*HOST;
    let window = Window::new(Arc::new(Eyes));
    let services = Arc::<Fakes>::default().services();
    let host = Host::new(
        Arc::clone(&window),
        vec!["an argument".into()],
        Arc::new(Eyes),
        services,
    );
    let (tell, told) = channel();
    let process = kernel
        .start(program, host, Arc::new(All), Limits::default(), move |exit| {
            let _ = tell.send(exit);
        })
        .expect("there is a thread");
    // It gets some input while it runs, and then no more time.
    let mut exit = Err(RecvTimeoutError::Timeout);
    for round in 0..ROUNDS {
        exit = told.recv_timeout(Duration::from_micros(300));
        match exit {
            Ok(_) => break,
            Err(_) if round == ROUNDS - 1 => process.revoke(&Permission::whole("keys")),
            Err(_) => input(&window, how.wrapping_add(round)),
        }
    }
    process.end();
    let exit = exit
        .or_else(|_| told.recv_timeout(Duration::from_secs(10)))
        .expect("the process ends");
    assert!(!matches!(exit, Exit::Refused(_)), "{exit:?}");
    if let Exit::Trap(report) = &exit {
        assert!(!report.summary.contains("fault of the shell"), "{report:?}");
    }
});

/// The input as it is.
fn raw(data: &[u8]) -> Vec<u8> {
    let mut image = data.to_vec();
    image.resize(MEMORY, 0);
    image
}

/// Calls, commands and messages out of values that a program could mean, and some that it could not.
fn likely(data: &[u8]) -> Vec<u8> {
    let mut image = vec![0; MEMORY];
    let mut bytes = data.iter().copied();
    let mut put = |at: usize, word: u32| image[at..at + 4].copy_from_slice(&word.to_le_bytes());
    let mut list = 0x100;
    for call in 0..CALLS {
        let count = usize::from(bytes.next().unwrap_or(0) % 8);
        for (field, word) in [count as u32, list as u32, 0x1_f000].into_iter().enumerate() {
            put(call * 12 + field * 4, word);
        }
        for _ in 0..count {
            let mut next = || u32::from(bytes.next().unwrap_or(0));
            let (ids, which, message) = (next(), next() % 64, next());
            for (field, word) in [ids % 8, ids / 8 % 8, which, place(message)].into_iter().enumerate() {
                put(list + field * 4, word);
            }
            list += 16;
        }
    }
    let mut at = MESSAGES;
    while let (Some(low), Some(high), true) = (bytes.next(), bytes.next(), at < MEMORY) {
        let word = u32::from(u16::from_le_bytes([low, high]));
        let value = word & 0x1FFF;
        put(
            at,
            match word >> 13 {
                0 | 1 => value,
                // Few things have more elements than this.
                2 => value % 12,
                3 | 4 => MESSAGES as u32 + value,
                5 => value << 19 | value,
                6 => MEMORY as u32 - value % 256,
                _ => u32::MAX - value,
            },
        );
        at += 4;
    }
    // The first message that is one starts a child.
    let task = [CHILD_BYTES.len() as u32, MODULE as u32, 0x100, SHARED];
    for (field, word) in task.into_iter().enumerate() {
        put(MESSAGES + 4 + field * 4, word);
    }
    image[MODULE..MODULE + CHILD_BYTES.len()].copy_from_slice(&CHILD_BYTES);
    let shared = SHARED as usize;
    image[shared..shared + data.len().min(0x100)].copy_from_slice(&data[..data.len().min(0x100)]);
    image
}

static CHILD_BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| wat::parse_str(CHILD).expect("the child is sound"));

/// Where a message is: mostly where words were put, sometimes nowhere.
fn place(message: u32) -> u32 {
    match message {
        0 => 0,
        255 => MEMORY as u32 - 3,
        at => MESSAGES as u32 + at * 4,
    }
}

/// Something that a user does.
fn input(window: &Window, what: u8) {
    let at = Instant::now();
    let number = f32::from(what);
    match what % 12 {
        0 => window.key(Key {
            at,
            code: what.into(),
            state: KeyState::Pressed,
            modifiers: what & 15,
        }),
        1 => window.text("ĉ\u{7}ar"),
        2 => window.preedit("にほ"),
        3 => {
            let kind = CursorKind::Pressed;
            window.cursor(Cursor {
                at,
                x: number,
                y: f32::NAN,
                dx: 0.0,
                dy: 0.0,
                kind,
                button: what,
                pointer: 0,
            });
        }
        4 => window.fire(u32::from(what / 12)),
        5 => window.press_action(u32::from(what / 12)),
        6 => window.press_navigation(u32::from(what / 12)),
        7 => window.choose_tab(u32::from(what / 12)),
        8 => window.search("query", what & 16 != 0),
        9 => window.console_line("line"),
        10 => window.state(WindowState {
            width: what.into(),
            ..WindowState::default()
        }),
        _ => {
            for code in 0..1500 {
                window.key(Key {
                    at,
                    code,
                    state: KeyState::Repeated,
                    modifiers: 0,
                });
            }
        }
    }
}
