//! A program that does what a test tells it: it writes the test's bytes into its memory, hands the test's commands to `ar()`
//! and shows what came back. Only the command that is kept for tests makes it special.

use portico_abi::{Command, List, Why, which};
use portico_kernel::{
    Channel, Code, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, Grants, InProcess, Kernel, Limits,
    LoadOptions, Permission, PermissionStatus, Portal, Process, Reading, Received, Report, Sent, Waker,
};
use portico_portals::{
    Broker, Frame, Host, Launched, Launcher, Level, Log, MemoryClipboard, NoteId, Notification, Notifier, Outcome,
    Part, Port, PortEvent, Presented, Profile, ProfileStore, Reply, Scale, Screen, Services, SetReply, TABLE, UserInfo,
    UserInfoField, Window,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// A frame as it reached the screen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) stride: u32,
    pub(crate) scale: Scale,
    pub(crate) pixels: Vec<u8>,
}

/// A screen that keeps what it is shown, and a log that keeps its lines.
#[derive(Default)]
pub(crate) struct Keeper {
    pub(crate) frames: Mutex<Vec<Picture>>,
    pub(crate) lines: Mutex<Vec<(Level, String, String)>>,
    pub(crate) changes: AtomicUsize,
    /// Frames are shown when these are rung; at once if `None`.
    pub(crate) later: Mutex<Option<Vec<Waker>>>,
    /// Programs that were to be started, with their arguments, until somebody answers.
    pub(crate) launches: Mutex<Vec<Launch>>,
    /// What was to be kept of the user, until somebody answers.
    pub(crate) details: Mutex<Vec<(UserInfoField, SetReply)>>,
    /// Notifications that were shown, until somebody says how they ended.
    pub(crate) notes: Mutex<Vec<(NoteId, Notification, Reply<Outcome>)>>,
    /// Ports that were opened.
    pub(crate) ports: Mutex<Vec<Arc<Mutex<Mail>>>>,
    /// Objects that were to be resolved, until somebody answers.
    pub(crate) objects: Mutex<Vec<(String, Reply<u64>)>>,
}

/// A port, with what goes through it.
pub(crate) struct Mail {
    pub(crate) wanted: u64,
    pub(crate) waker: Waker,
    pub(crate) sent: Vec<(u64, Option<Part>, Vec<u8>)>,
    pub(crate) room: bool,
    pub(crate) events: VecDeque<PortEvent>,
    /// Why it is closed.
    pub(crate) failure: Option<Failure>,
    /// Whether the program has closed it.
    pub(crate) closed: bool,
}

impl Mail {
    /// Something has come.
    pub(crate) fn push(&mut self, event: PortEvent) {
        self.events.push_back(event);
        self.waker.ready();
    }
}

impl Broker for Keeper {
    fn open(&self, wanted: u64, waker: Waker) -> Box<dyn Port> {
        let (sent, events) = (Vec::new(), VecDeque::new());
        let mail = Mail {
            wanted,
            waker,
            sent,
            room: true,
            events,
            failure: None,
            closed: false,
        };
        let mail = Arc::new(Mutex::new(mail));
        self.ports.lock().unwrap().push(Arc::clone(&mail));
        Box::new(Connected(mail))
    }

    fn resolve(&self, object: &str, told: Reply<u64>) {
        self.objects.lock().unwrap().push((object.to_owned(), told));
    }
}

struct Connected(Arc<Mutex<Mail>>);

impl Port for Connected {
    fn send(&mut self, peer: u64, part: Option<Part>, body: &[u8]) -> Result<(), Failure> {
        self.0.lock().unwrap().sent.push((peer, part, body.to_vec()));
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.0.lock().unwrap().room
    }

    fn take(&mut self) -> Result<Option<PortEvent>, Failure> {
        let mut mail = self.0.lock().unwrap();
        match mail.events.pop_front() {
            Some(event) => Ok(Some(event)),
            None => mail.failure.clone().map_or(Ok(None), Err),
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.lock().unwrap().closed = true;
    }
}

/// A program that was to be started.
pub(crate) type Launch = ([u8; 32], Vec<String>, Launched);

/// A keeper of what is set of the user.
struct Registrar(Arc<Keeper>);

impl ProfileStore for Registrar {
    fn keep(&self, detail: UserInfoField, kept: SetReply) {
        self.0.details.lock().unwrap().push((detail, kept));
    }
}

impl Launcher for Keeper {
    fn launch(&self, hash: [u8; 32], arguments: Vec<String>, launched: Launched) {
        self.launches.lock().unwrap().push((hash, arguments, launched));
    }
}

impl Notifier for Keeper {
    fn show(&self, id: NoteId, note: Notification, ended: Reply<Outcome>) {
        self.notes.lock().unwrap().push((id, note, ended));
    }
}

impl Screen for Keeper {
    fn show(&self, frame: &Frame<'_>, shown: &Waker) -> Presented {
        let Frame {
            width,
            height,
            stride,
            scale,
            pixels,
        } = *frame;
        self.frames.lock().unwrap().push(Picture {
            width,
            height,
            stride,
            scale,
            pixels: pixels.to_vec(),
        });
        match &mut *self.later.lock().unwrap() {
            None => Presented::Now,
            Some(wakers) => {
                wakers.push(shown.clone());
                Presented::Later
            }
        }
    }

    fn chrome_changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

impl Log for Keeper {
    fn line(&self, level: Level, name: &str, text: &str) {
        self.lines
            .lock()
            .unwrap()
            .push((level, name.to_owned(), text.to_owned()));
    }
}

/// The program, and everything around it.
pub(crate) struct Probe {
    pub(crate) window: Arc<Window>,
    pub(crate) keeper: Arc<Keeper>,
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
        let keeper = Arc::new(Keeper::default());
        let profile = Profile::new(Registrar(Arc::clone(&keeper)));
        profile.fill(UserInfo::default());
        Self::with(keeper, profile, portals)
    }

    /// A probe of the same user as this one.
    pub(crate) fn beside(&self) -> Self {
        Self::of_user(Arc::clone(&self.profile))
    }

    /// A probe of this user.
    pub(crate) fn of_user(profile: Arc<Profile>) -> Self {
        Self::with(Arc::default(), profile, &[])
    }

    fn with(keeper: Arc<Keeper>, profile: Arc<Profile>, portals: &'static [&'static str]) -> Self {
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
        let window = Window::new(Arc::clone(&keeper) as Arc<dyn Screen>);
        let arguments = vec!["first".to_owned(), "ĉu".to_owned()];
        let services = Services {
            launcher: Arc::clone(&keeper) as _,
            profile: Arc::clone(&profile),
            clipboard: Arc::new(MemoryClipboard::default()),
            notifier: Arc::clone(&keeper) as _,
            broker: Arc::clone(&keeper) as _,
        };
        let host = Host::new(
            Arc::clone(&window),
            arguments,
            Arc::clone(&keeper) as Arc<dyn Log>,
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
            keeper,
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
