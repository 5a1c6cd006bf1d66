//! A host of a few commands, and programs written as text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "tests; no binary uses all of it"
)]

use portico_kernel::{
    Buffer, Channel, Code, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, Grants, InProcess, Kernel, Limits,
    LoadOptions, Permission, PermissionStatus, Portal, Process, Reading, Received, Scope, Sent, Waker, why,
};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a test sees and does of a process.
#[derive(Clone, Default)]
pub struct Outside {
    /// Numbers that the program has noted (command 19).
    pub noted: Arc<Mutex<Vec<u32>>>,
    /// Bytes for the program (command 20), and who wants them.
    pub lines: Arc<Mutex<VecDeque<Vec<u8>>>>,
    pub wakers: Arc<Mutex<Vec<Waker>>>,
    /// Channels of command 20 that are open.
    pub open: Arc<Mutex<i32>>,
}

pub struct Host(pub Outside);

/// Notes the u32 of its message; ready at once.
struct Note(u32);
impl Channel<Host> for Note {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let number: zerocopy::little_endian::U32 = cx.memory.read(at, "number")?;
        self.0 = number.get();
        if self.0 == 0xBAD {
            Err(Fault::failure(Code::Invalid, "a bad number"))
        } else {
            Ok(())
        }
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        assert_ne!(self.0, 0xDEAD, "on purpose");
        cx.host.0.noted.lock().unwrap().push(self.0);
        Ok(Sent::Ready)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

/// Delivers lines as events.
#[derive(Default)]
struct Lines {
    outside: Option<Outside>,
    text: Buffer,
}
impl Channel<Host> for Lines {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.text = cx.memory.buffer::<u8>(at, "text")?;
        Ok(())
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let waker = cx.waker();
        let outside = self.outside.get_or_insert_with(|| {
            let outside = cx.host.0.clone();
            *outside.open.lock().unwrap() += 1;
            outside
        });
        outside.wakers.lock().unwrap().push(waker);
        Ok(if outside.lines.lock().unwrap().is_empty() {
            Sent::Waiting
        } else {
            Sent::Ready
        })
    }
    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(outside) = &self.outside else {
            return Ok(Received::Nothing);
        };
        let mut lines = outside.lines.lock().unwrap();
        let Some(line) = lines.front() else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.text, line)]) {
            return Ok(Received::TooSmall);
        }
        lines.pop_front();
        Ok(if lines.is_empty() {
            Received::Delivered
        } else {
            Received::More
        })
    }
}
impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(outside) = &self.outside {
            *outside.open.lock().unwrap() -= 1;
        }
    }
}

/// Ready after the milliseconds of its message.
struct Timer(u32, bool);
impl Channel<Host> for Timer {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.0 = cx.memory.read::<zerocopy::little_endian::U32>(at, "millis")?.get();
        Ok(())
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        cx.ready_at(Some(std::time::Instant::now() + Duration::from_millis(self.0.into())));
        self.1 = true;
        Ok(Sent::Waiting)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(if std::mem::take(&mut self.1) {
            Received::Delivered
        } else {
            Received::Nothing
        })
    }
}

fn note() -> Box<dyn Channel<Host>> {
    Box::new(Note(0))
}
fn lines() -> Box<dyn Channel<Host>> {
    Box::<Lines>::default()
}
fn timer() -> Box<dyn Channel<Host>> {
    Box::new(Timer(0, false))
}

pub static PORTALS: [Portal<Host>; 6] = [
    Portal {
        name: "note",
        summary: "",
        default: DefaultAccess::Open,
        watched: false,
        commands: &[CommandEntry {
            number: 19,
            name: "note",
            single: false,
            open: Some(note),
        }],
    },
    Portal {
        name: "lines",
        summary: "",
        default: DefaultAccess::Open,
        watched: false,
        commands: &[
            CommandEntry {
                number: 20,
                name: "lines",
                single: false,
                open: Some(lines),
            },
            CommandEntry {
                number: 27,
                name: "line",
                single: true,
                open: Some(lines),
            },
        ],
    },
    Portal {
        name: "time",
        summary: "",
        default: DefaultAccess::Open,
        watched: false,
        commands: &[
            CommandEntry {
                number: 45,
                name: "why",
                single: false,
                open: Some(why),
            },
            CommandEntry {
                number: 46,
                name: "timer",
                single: false,
                open: Some(timer),
            },
        ],
    },
    Portal {
        name: "camera",
        summary: "",
        default: DefaultAccess::Ask,
        watched: false,
        commands: &[CommandEntry {
            number: 34,
            name: "camera",
            single: false,
            open: Some(lines),
        }],
    },
    Portal {
        name: "late",
        summary: "",
        default: DefaultAccess::Ask,
        watched: true,
        commands: &[CommandEntry {
            number: 14,
            name: "late",
            single: false,
            open: Some(late),
        }],
    },
    Portal {
        name: "places",
        summary: "",
        default: DefaultAccess::Ask,
        watched: true,
        commands: &[CommandEntry {
            number: 15,
            name: "visit",
            single: false,
            open: Some(visit),
        }],
    },
];

/// Visits the place of its message, a text: notes its length when it is let in there, and again when it is let into the place
/// that it is sent on to.
#[derive(Default)]
struct Visit {
    place: Vec<u8>,
    visited: bool,
}
impl Visit {
    fn scope(name: &[u8]) -> Option<Scope> {
        Scope::new(std::str::from_utf8(name).unwrap())
    }
}
impl Channel<Host> for Visit {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.place = cx.memory.list::<u8>(cx.memory.read(at, "place")?, "place")?.to_vec();
        self.visited = false;
        cx.require(&PORTALS[5], Self::scope(&self.place));
        Ok(())
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        cx.host.0.noted.lock().unwrap().push(self.place.len() as u32);
        Ok(Sent::Ready)
    }
    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        if self.visited || !cx.require(&PORTALS[5], Self::scope(b"elsewhere"))? {
            return Ok(Received::Nothing);
        }
        cx.host.0.noted.lock().unwrap().push(9);
        self.visited = true;
        Ok(Received::Delivered)
    }
}

fn visit() -> Box<dyn Channel<Host>> {
    Box::<Visit>::default()
}

/// Notes the u32 of its message once the user has said yes.
struct Late(Option<u32>);
impl Channel<Host> for Late {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let number: zerocopy::little_endian::U32 = cx.memory.read(at, "number")?;
        if number.get() == 0xBAD {
            return Err(Fault::failure(Code::Invalid, "a bad number"));
        }
        self.0 = Some(number.get());
        Ok(())
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        cx.host.0.noted.lock().unwrap().extend(self.0.take());
        Ok(Sent::Ready)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

fn late() -> Box<dyn Channel<Host>> {
    Box::new(Late(None))
}

/// What the table says.
pub struct Defaults;
impl Grants for Defaults {
    fn status(&self, _permission: &Permission, default: DefaultAccess) -> PermissionStatus {
        PermissionStatus::from(default == DefaultAccess::Open)
    }
}

pub struct Running {
    pub process: Process,
    pub outside: Outside,
    pub exit: Receiver<Exit>,
}

impl Running {
    pub fn wait(&self) -> Exit {
        self.exit
            .recv_timeout(Duration::from_secs(20))
            .expect("the program should have ended")
    }
    /// Waits until the program sleeps in `ar()`.
    pub fn parked(&self) -> &Self {
        for _ in 0..2000 {
            if self.process.parked() {
                return self;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("the program does not sleep");
    }
    /// Waits until everything that the process held has been let go of.
    pub fn gone(&self) {
        let asked = std::time::Instant::now();
        while Arc::strong_count(&self.outside.noted) > 1 {
            assert!(
                asked.elapsed() < Duration::from_secs(20),
                "the process holds on to something"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    pub fn noted(&self) -> Vec<u32> {
        self.outside.noted.lock().unwrap().clone()
    }
    pub fn line(&self, line: &[u8]) {
        self.outside.lines.lock().unwrap().push_back(line.to_vec());
        for waker in self.outside.wakers.lock().unwrap().iter() {
            waker.ready();
        }
    }
}

pub fn kernel() -> Kernel<Host> {
    Kernel::new(&PORTALS, None, InProcess).unwrap()
}

pub fn start_bytes(kernel: &Kernel<Host>, bytes: &[u8], limits: Limits) -> Running {
    start_with(kernel, bytes, limits, Arc::new(Defaults))
}

pub fn start_with(kernel: &Kernel<Host>, bytes: &[u8], limits: Limits, grants: Arc<dyn Grants>) -> Running {
    let program = kernel.load(bytes, &LoadOptions::default()).unwrap();
    let outside = Outside::default();
    let (send, exit) = channel();
    let process = kernel
        .start(&program, Host(outside.clone()), grants, limits, move |exit| {
            let _ = send.send(exit);
        })
        .unwrap();
    Running { process, outside, exit }
}

pub fn start(text: &str) -> Running {
    start_bytes(&kernel(), &wat::parse_str(text).unwrap(), Limits::default())
}

/// A program with helpers: `$cmd` writes a command at index i of the list at 0x1000, `$ar` calls with n of them and `done`
/// at 0x8000, `$entry` reads the ready list, `$note` and `$exit`. Memory has two pages.
pub fn program(body: &str) -> String {
    format!(
        r#"(module
  (import "daku" "ar" (func $raw (param i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func $cmd (param $i i32) (param $channel i32) (param $new i32) (param $which i32) (param $data i32)
    (local $at i32)
    (local.set $at (i32.add (i32.const 0x1000) (i32.mul (local.get $i) (i32.const 16))))
    (i32.store (local.get $at) (local.get $channel))
    (i32.store offset=4 (local.get $at) (local.get $new))
    (i32.store offset=8 (local.get $at) (local.get $which))
    (i32.store offset=12 (local.get $at) (local.get $data)))
  (func $ar (param $n i32) (result i32) (call $raw (local.get $n) (i32.const 0x1000) (i32.const 0x8000)))
  (func $entry (param $i i32) (result i32) (i32.load (i32.add (i32.const 0x8000) (i32.mul (local.get $i) (i32.const 4)))))
  (func $exit (param $code i32)
    (call $cmd (i32.const 0) (i32.const 0) (i32.const 0) (local.get $code) (i32.const 0))
    (drop (call $ar (i32.const 1))))
  ;; exits with $code unless the two are the same
  (func $same (param $a i32) (param $b i32) (param $code i32)
    (if (i32.ne (local.get $a) (local.get $b)) (then (call $exit (local.get $code)))))
  {body})"#
    )
}
