//! A host with three commands, for programs that do nothing but be measured.

use anyhow::{Context, Result, bail};
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Exit, Failure, Fault, Grants, InProcess, Kernel, Limits, Permission,
    PermissionStatus, Portal, Process, Program, Reading, Received, Sent, Waker,
};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use zerocopy::little_endian::U32;

/// How long anything may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// What a program tells its measurer.
pub(super) struct Host {
    laps: Sender<Instant>,
    wakers: Sender<Waker>,
}

/// 19: says when it was sent.
struct Lap;
impl Channel<Host> for Lap {
    fn post(&mut self, _cx: &mut Reading<'_, Host>, _at: u32) -> Result<(), Fault> {
        Ok(())
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        // Nobody listens any more when the measurement is over.
        let _ = cx.host.laps.send(Instant::now());
        Ok(Sent::Ready)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

/// 20: an answer of four bytes to a question of four bytes.
struct Answer {
    at: u32,
    number: u32,
}
impl Channel<Host> for Answer {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.at = at;
        self.number = cx.memory.read::<U32>(at, "number")?.get();
        Ok(())
    }
    fn begin(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        Ok(Sent::Ready)
    }
    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        cx.memory.deliver(self.at, &U32::new(self.number.wrapping_add(1)));
        Ok(Received::Delivered)
    }
}

/// 21: ready when its waker is rung.
struct Bell;
impl Channel<Host> for Bell {
    fn post(&mut self, _cx: &mut Reading<'_, Host>, _at: u32) -> Result<(), Fault> {
        Ok(())
    }
    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let waker = cx.waker();
        let _ = cx.host.wakers.send(waker);
        Ok(Sent::Waiting)
    }
    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        Ok(Received::Delivered)
    }
}

fn lap() -> Box<dyn Channel<Host>> {
    Box::new(Lap)
}
fn answer() -> Box<dyn Channel<Host>> {
    Box::new(Answer { at: 0, number: 0 })
}
fn bell() -> Box<dyn Channel<Host>> {
    Box::new(Bell)
}

static PORTALS: [Portal<Host>; 1] = [Portal {
    name: "bench",
    summary: "",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: 19,
            name: "lap",
            single: false,
            open: Some(lap),
        },
        CommandEntry {
            number: 20,
            name: "answer",
            single: false,
            open: Some(answer),
        },
        CommandEntry {
            number: 21,
            name: "bell",
            single: false,
            open: Some(bell),
        },
    ],
}];

struct All;
impl Grants for All {
    fn status(&self, _permission: &Permission, _default: DefaultAccess) -> PermissionStatus {
        PermissionStatus::Allowed
    }
}

/// A kernel that serves these commands; its cache lies in `cache`.
pub(super) fn kernel(cache: Option<&std::path::Path>) -> Result<Kernel<Host>> {
    Ok(Kernel::new(&PORTALS, cache.map(Into::into), InProcess)?)
}

/// A process and what it says.
pub(super) struct Running {
    pub(super) process: Process,
    pub(super) laps: Receiver<Instant>,
    pub(super) wakers: Receiver<Waker>,
    exit: Receiver<Exit>,
}

impl Running {
    pub(super) fn start(kernel: &Kernel<Host>, program: &Program) -> Result<Self> {
        let ((laps, lapped), (wakers, woken), (send, exit)) = (channel(), channel(), channel());
        let host = Host { laps, wakers };
        let process = kernel.start(program, host, Arc::new(All), Limits::default(), move |exit| {
            let _ = send.send(exit);
        })?;
        Ok(Self {
            process,
            laps: lapped,
            wakers: woken,
            exit,
        })
    }

    /// Waits until the program has ended by itself.
    pub(super) fn finish(self) -> Result<Vec<Instant>> {
        match self.exit.recv_timeout(PATIENCE).context("the program does not end")? {
            Exit::Code(0) => Ok(self.laps.try_iter().collect()),
            other => bail!("the program came to an end of another kind: {other:?}"),
        }
    }

    /// Ends the program, and waits until it is gone.
    pub(super) fn stop(self) -> Result<()> {
        self.process.end();
        self.exit.recv_timeout(PATIENCE).context("the program does not go")?;
        Ok(())
    }
}
