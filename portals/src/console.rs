//! The debug console: command 20.

use crate::Host;
use crate::channels::subscribe;
use crate::queue::Queue;
use crate::window::WindowSubscription;
use portico_abi::which;
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "console",
    summary: "Read what is typed into its debug console",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::CONSOLE,
        name: "debug console",
        single: false,
        open: Some(|| Box::<Console>::default()),
    }],
};

#[derive(Default)]
struct Console {
    lines: Option<WindowSubscription<Queue<String>>>,
    buffer: Buffer,
}

impl Channel<Host> for Console {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.buffer = cx.memory.buffer::<u8>(at, "line")?;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let lines = self.lines.get_or_insert_with(|| {
            cx.host.window.change(|chrome| chrome.console = true);
            subscribe(cx, |window| &window.lines)
        });
        Ok(if lines.lock().is_empty() {
            Sent::Waiting
        } else {
            Sent::Ready
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(mut lines) = self.lines.as_ref().map(WindowSubscription::lock) else {
            return Ok(Received::Nothing);
        };
        let Some(line) = lines.first() else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.buffer, line.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        lines.pop();
        Ok(if lines.is_empty() {
            Received::Delivered
        } else {
            Received::More
        })
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let Some(lines) = self.lines.take() else { return };
        let window = lines.leave();
        if window.lines.is_empty() {
            window.change(|chrome| chrome.console = false);
        }
    }
}
