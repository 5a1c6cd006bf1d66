//! A program that does what a test tells it: it writes the test's bytes into its memory, hands the test's commands to `ar()`
//! and shows what came back. Only the command that is kept for tests makes it special.

use portico_abi::{Command, List, Why, which};
use portico_kernel::{
    Channel, Code, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, Grants, InProcess, Kernel, Limits,
    LoadOptions, Permission, PermissionStatus, Portal, Process, Reading, Received, Report, Sent, Waker,
};
use portico_portals::fakes::Fakes;
use portico_portals::{Host, Log, Profile, Screen, Services, TABLE, Window};
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Bytes of the program's memory.
pub(crate) const MEMORY: u32 = 4 * 65536;
/// Where tests may put what they like.
pub(crate) const FREE: u32 = 0x1_0000;

const DRIVE: u32 = which::TEST;
const DRIVER: u32 = 0x7FFF_FFFF;
const READY: usize = 0x8000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Repeats for ever: re-posts the driver's message, adds as many commands as stand at 8, and keeps the length of the list.
fn program(id: usize) -> Vec<u8> {
    let text = format!(
        r#"(module
  (import "daku" "ar" (func $ar (param i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "run") (local $size i32)
    (i32.store (i32.const 0x20) (i32.const {id}))
    (i32.store (i32.const 0x104) (i32.const {DRIVER}))
    (i32.store (i32.const 0x108) (i32.const {DRIVE}))
    (i32.store (i32.const 0x10c) (i32.const 0x20))
    (loop $next
      (local.set $size (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (i32.store (i32.const 8) (i32.const 0))
      (i32.store (i32.const 4) (call $ar (local.get $size) (i32.const 0x100) (i32.const {READY})))
      (i32.store (i32.const 0x100) (i32.const {DRIVER}))
      (br $next))))"#
    );
    wat::parse_str(text).unwrap()
}

/// What the program does next.
#[derive(Default)]
struct Step {
    bytes: Vec<(u32, Vec<u8>)>,
    commands: Vec<Command>,
}

enum Seen {
    /// It calls `ar()`: what the last call listed, and its memory.
    Call(Vec<u32>, Vec<u8>),
    Exit(Exit),
}

struct Line {
    steps: VecDeque<Step>,
    waker: Option<Waker>,
    seen: Sender<Seen>,
}

/// The probes of all tests of this binary.
static LINES: Mutex<Vec<Arc<Mutex<Line>>>> = Mutex::new(Vec::new());

static KERNEL: LazyLock<Kernel<Host>> = LazyLock::new(|| {
    let rows = TABLE.iter().map(|row| Portal { ..*row }).chain([DRIVING]).collect();
    Kernel::new(Vec::leak(rows), None, InProcess).unwrap()
});

const DRIVING: Portal<Host> = Portal {
    name: "drive",
    summary: "",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: DRIVE,
        name: "drive",
        single: true,
        open: Some(|| Box::<Driver>::default()),
    }],
};

#[derive(Default)]
struct Driver {
    line: Option<Arc<Mutex<Line>>>,
    /// The program's memory when it called.
    memory: Vec<u8>,
}

impl Channel<Host> for Driver {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let id: U32 = cx.memory.read(at, "id")?;
        self.line = Some(Arc::clone(&LINES.lock().unwrap()[id.get() as usize]));
        self.memory = cx.memory.range(0, MEMORY.into(), "memory")?.to_vec();
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let line = self.line.as_ref().unwrap();
        let memory = std::mem::take(&mut self.memory);
        let length = u32_at(&memory, 4) as usize;
        let ready = (0..length).map(|index| u32_at(&memory, READY + index * 4)).collect();
        let mut line = line.lock().unwrap();
        line.waker = Some(cx.waker());
        // The test may be over.
        let _ = line.seen.send(Seen::Call(ready, memory));
        Ok(if line.steps.is_empty() {
            Sent::Waiting
        } else {
            Sent::Ready
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(step) = self
            .line
            .as_ref()
            .and_then(|line| line.lock().unwrap().steps.pop_front())
        else {
            return Ok(Received::Nothing);
        };
        for (at, bytes) in &step.bytes {
            cx.memory.deliver(*at, bytes.as_slice());
        }
        cx.memory.deliver(0x110, step.commands.as_slice());
        cx.memory.deliver(8, &U32::new(step.commands.len() as u32));
        Ok(Received::Delivered)
    }
}

fn u32_at(memory: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(memory[at..at + 4].try_into().unwrap())
}

/// Allows everything but the portals named, and what would change this machine.
struct AllBut(&'static [&'static str]);

impl Grants for AllBut {
    fn status(&self, permission: &Permission, _default: DefaultAccess) -> PermissionStatus {
        PermissionStatus::from(permission.portal != "overclock" && !self.0.contains(&permission.portal))
    }
}

/// The program, and everything around it.
pub(crate) struct Probe {
    pub(crate) window: Arc<Window>,
    pub(crate) fakes: Arc<Fakes>,
    pub(crate) process: Process,
    pub(crate) profile: Arc<Profile>,
    /// Its memory as it was when the last call came back.
    pub(crate) memory: Vec<u8>,
    line: Arc<Mutex<Line>>,
    seen: Receiver<Seen>,
    step: Step,
}

impl Probe {
    pub(crate) fn start() -> Self {
        Self::without(&[])
    }

    /// A probe that may not use these portals.
    pub(crate) fn without(portals: &'static [&'static str]) -> Self {
        let fakes = Arc::<Fakes>::default();
        let services = fakes.services();
        Self::with(fakes, services, portals)
    }

    /// A probe of the same user as this one.
    pub(crate) fn beside(&self) -> Self {
        Self::of_user(Arc::clone(&self.profile))
    }

    /// A probe of this user.
    pub(crate) fn of_user(profile: Arc<Profile>) -> Self {
        let fakes = Arc::<Fakes>::default();
        let services = Services {
            profile,
            ..fakes.services()
        };
        Self::with(fakes, services, &[])
    }

    fn with(fakes: Arc<Fakes>, services: Services, portals: &'static [&'static str]) -> Self {
        let (seen, receiver) = channel();
        let line = Arc::new(Mutex::new(Line {
            steps: VecDeque::new(),
            waker: None,
            seen: seen.clone(),
        }));
        let id = {
            let mut lines = LINES.lock().unwrap();
            lines.push(Arc::clone(&line));
            lines.len() - 1
        };
        let window = Window::new(Arc::clone(&fakes) as Arc<dyn Screen>);
        let arguments = vec!["first".to_owned(), "ĉu".to_owned()];
        let profile = Arc::clone(&services.profile);
        let host = Host::new(
            Arc::clone(&window),
            arguments,
            Arc::clone(&fakes) as Arc<dyn Log>,
            services,
        );
        let program = KERNEL.load(&program(id), &LoadOptions::default()).unwrap();
        let process = KERNEL
            .start(
                &program,
                host,
                Arc::new(AllBut(portals)),
                Limits::default(),
                move |exit| {
                    let _ = seen.send(Seen::Exit(exit));
                },
            )
            .unwrap();
        Self {
            window,
            fakes,
            process,
            profile,
            memory: Vec::new(),
            line,
            seen: receiver,
            step: Step::default(),
        }
    }

    /// Puts a value into its memory, before the next commands.
    pub(crate) fn put<T: IntoBytes + Immutable + ?Sized>(&mut self, at: u32, value: &T) -> &mut Self {
        self.step.bytes.push((at, value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn command(&mut self, channel: u32, new: u32, which: u32, data: u32) -> &mut Self {
        let command = Command {
            channel: channel.into(),
            new: new.into(),
            which: which.into(),
            data: data.into(),
        };
        self.step.commands.push(command);
        self
    }

    pub(crate) fn open(&mut self, channel: u32, which: u32, data: u32) -> &mut Self {
        self.command(0, channel, which, data)
    }

    pub(crate) fn send(&mut self, channel: u32, data: u32) -> &mut Self {
        self.command(channel, channel, 0, data)
    }

    pub(crate) fn discard(&mut self, channel: u32) -> &mut Self {
        self.command(channel, 0, 0, 0)
    }

    /// Has it make a call with the commands so far; returns what was ready in that very call.
    pub(crate) fn go(&mut self) -> Vec<u32> {
        self.push();
        // A second step makes the call with the commands come back.
        self.push();
        let mut ready = Vec::new();
        let mut steps = 0;
        while steps < 2 {
            let list = self.call();
            steps += list.iter().filter(|entry| **entry == DRIVER).count();
            ready.extend(list.into_iter().filter(|entry| *entry != DRIVER));
        }
        ready
    }

    /// Waits until something is ready by itself.
    pub(crate) fn wait(&mut self) -> Vec<u32> {
        loop {
            let mut list = self.call();
            list.retain(|entry| *entry != DRIVER);
            if !list.is_empty() {
                return list;
            }
        }
    }

    /// Has it make a call with the commands so far, which is its last.
    pub(crate) fn exit(&mut self) -> Exit {
        self.push();
        loop {
            if let Seen::Exit(exit) = self.seen.recv_timeout(PATIENCE).unwrap() {
                return exit;
            }
        }
    }

    /// Has it make a call with the commands so far, which traps.
    pub(crate) fn trap(&mut self) -> Report {
        match self.exit() {
            Exit::Trap(report) => *report,
            other => panic!("no trap: {other:?}"),
        }
    }

    /// The value at that address when the last call came back.
    pub(crate) fn get<T: FromBytes + KnownLayout + Immutable + Unaligned>(&self, at: u32) -> T {
        T::read_from_prefix(&self.memory[at as usize..]).unwrap().0
    }

    /// The text, or bytes, that the list at that address tells.
    pub(crate) fn text(&self, at: u32) -> String {
        let List { size, data } = self.get(at);
        let data = data.get() as usize;
        String::from_utf8(self.memory[data..data + size.get() as usize].to_vec()).unwrap()
    }

    /// Opens a channel that fails at once; returns the reason.
    pub(crate) fn fails(&mut self, which: u32, data: u32) -> Code {
        const CHANNEL: u32 = 0x100;
        let ready = self.open(CHANNEL, which, data).go();
        assert_eq!(ready, [CHANNEL | 1 << 31], "command {which} did not fail");
        self.why(CHANNEL)
    }

    /// Why the channel was closed; the sentence is never empty.
    pub(crate) fn why(&mut self, channel: u32) -> Code {
        const AT: u32 = 0x7000;
        const ASKING: u32 = 0x101;
        let text = list(1000, AT + 0x100);
        self.put(
            AT,
            &Why {
                channel: channel.into(),
                code: 0.into(),
                text,
            },
        );
        assert_eq!(self.open(ASKING, which::WHY, AT).go(), [ASKING]);
        let code = self.get::<Why>(AT).code.get();
        assert!(!self.text(AT + 8).is_empty());
        self.discard(ASKING).go();
        Code::from_number(code).unwrap()
    }

    fn push(&mut self) {
        let mut line = self.line.lock().unwrap();
        line.steps.push_back(std::mem::take(&mut self.step));
        if let Some(waker) = &line.waker {
            waker.ready();
        }
    }

    fn call(&mut self) -> Vec<u32> {
        match self.seen.recv_timeout(PATIENCE).unwrap() {
            Seen::Call(ready, memory) => {
                self.memory = memory;
                ready
            }
            Seen::Exit(exit) => panic!("it ended: {exit:?}"),
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.process.end();
    }
}

/// A list, or text, of that many elements at that address.
pub(crate) fn list(size: u32, data: u32) -> List {
    List {
        size: size.into(),
        data: data.into(),
    }
}
