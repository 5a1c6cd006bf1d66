//! A host of a few commands, and programs written as text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "tests; no binary uses all of it"
)]

use portico_kernel::{
    Buffer, Channel, Code, Cx, Default as Access, Exit, Failure, Fault, Grants, InProcess, Kernel, Limits, LoadOptions,
    Portal, Process, Received, Sent, Served, Standing, Waker, why,
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
struct Note;
impl Channel<Host> for Note {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let number: zerocopy::little_endian::U32 = cx.memory.read(at, "number")?;
        match number.get() {
            0xDEAD => panic!("on purpose"),
            0xBAD => return Err(Fault::failure(Code::Invalid, "a bad number")),
            number => cx.host.0.noted.lock().unwrap().push(number),
        }
        Ok(Sent::Ready)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

/// Delivers lines as events.
struct Lines {
    outside: Outside,
    text: Buffer,
}
impl Channel<Host> for Lines {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        self.text = cx.memory.buffer::<u8>(at, "text")?;
        let waker = cx.waker();
        self.outside.wakers.lock().unwrap().push(waker);
        Ok(if self.outside.lines.lock().unwrap().is_empty() { Sent::Waiting } else { Sent::Ready })
    }
    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let mut lines = self.outside.lines.lock().unwrap();
        let Some(line) = lines.front() else { return Ok(Received::Nothing) };
        if !cx.memory.fill(&[(self.text, line)]) {
            return Ok(Received::TooSmall);
        }
        lines.pop_front();
        Ok(if lines.is_empty() { Received::Delivered } else { Received::More })
    }
}
impl Drop for Lines {
    fn drop(&mut self) {
        *self.outside.open.lock().unwrap() -= 1;
    }
}

/// Ready after the milliseconds of its message.
struct Timer(bool);
impl Channel<Host> for Timer {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let millis: zerocopy::little_endian::U32 = cx.memory.read(at, "millis")?;
        cx.ready_at(Some(std::time::Instant::now() + Duration::from_millis(millis.get().into())));
        self.0 = true;
        Ok(Sent::Waiting)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(if std::mem::take(&mut self.0) { Received::Delivered } else { Received::Nothing })
    }
}

fn note(_: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    Ok(Box::new(Note))
}
fn lines(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let outside = cx.host.0.clone();
    *outside.open.lock().unwrap() += 1;
    Ok(Box::new(Lines { outside, text: Buffer::default() }))
}
fn timer(_: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    Ok(Box::new(Timer(false)))
}

pub static PORTALS: [Portal<Host>; 5] = [
    Portal {
        name: "note",
        summary: "",
        default: Access::Open,
        watched: false,
        commands: &[Served { number: 19, name: "note", single: false, open: Some(note) }],
    },
    Portal {
        name: "lines",
        summary: "",
        default: Access::Open,
        watched: false,
        commands: &[
            Served { number: 20, name: "lines", single: false, open: Some(lines) },
            Served { number: 27, name: "line", single: true, open: Some(lines) },
        ],
    },
    Portal {
        name: "time",
        summary: "",
        default: Access::Open,
        watched: false,
        commands: &[
            Served { number: 45, name: "why", single: false, open: Some(why) },
            Served { number: 46, name: "timer", single: false, open: Some(timer) },
        ],
    },
    Portal {
        name: "camera",
        summary: "",
        default: Access::Ask,
        watched: false,
        commands: &[Served { number: 34, name: "camera", single: false, open: Some(lines) }],
    },
    Portal {
        name: "late",
        summary: "",
        default: Access::Ask,
        watched: true,
        commands: &[Served { number: 14, name: "late", single: false, open: Some(late) }],
    },
];

/// Notes the u32 of its message once the user has said yes.
struct Late(Option<u32>);
impl Channel<Host> for Late {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let number: zerocopy::little_endian::U32 = cx.memory.read(at, "number")?;
        if number.get() == 0xBAD {
            return Err(Fault::failure(Code::Invalid, "a bad number"));
        }
        self.0 = Some(number.get());
        if cx.is_permitted() { Ok(self.granted(cx)?) } else { Ok(Sent::Waiting) }
    }
    fn granted(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        cx.host.0.noted.lock().unwrap().extend(self.0.take());
        Ok(Sent::Ready)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

fn late(_: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    Ok(Box::new(Late(None)))
}

/// What the table says.
pub struct Defaults;
impl Grants for Defaults {
    fn standing(&self, _portal: &'static str, default: Access) -> Standing {
        Standing::from(default == Access::Open)
    }
}

pub struct Running {
    pub process: Process,
    pub outside: Outside,
    pub exit: Receiver<Exit>,
}

impl Running {
    pub fn wait(&self) -> Exit {
        self.exit.recv_timeout(Duration::from_secs(20)).expect("the program should have ended")
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
            assert!(asked.elapsed() < Duration::from_secs(20), "the process holds on to something");
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
