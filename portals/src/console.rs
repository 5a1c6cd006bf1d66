//! The debug console: command 20.

use crate::Host;
use crate::window::{ConsoleLines, Subscription};
use portico_abi::which;
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};
use std::sync::Arc;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "console",
    summary: "Read what is typed into its debug console",
    default: Grant::Open,
    watched: false,
    commands: &[Served { number: which::CONSOLE, name: "debug console", single: false, open: Some(open) }],
};

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let window = Arc::clone(&cx.host.window);
    let lines = Subscription::new(&window, |window| &window.lines, ConsoleLines::default(), cx.waker());
    window.change(|chrome| chrome.console = true);
    Ok(Box::new(Console { lines: Some(lines), buffer: Buffer::default(), window }))
}

struct Console {
    /// Gone only while the channel is dropped.
    lines: Option<Subscription<ConsoleLines>>,
    buffer: Buffer,
    window: Arc<crate::Window>,
}

impl Channel<Host> for Console {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        self.buffer = cx.memory.buffer::<u8>(at, "line")?;
        let empty = self.lines.as_ref().is_none_or(|lines| lines.lock().is_empty());
        Ok(if empty { Sent::Waiting } else { Sent::Ready })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(mut lines) = self.lines.as_ref().map(Subscription::lock) else { return Ok(Received::Nothing) };
        let Some(line) = lines.first() else { return Ok(Received::Nothing) };
        if !cx.memory.fill(&[(self.buffer, line.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        lines.drop_first();
        Ok(if lines.is_empty() { Received::Delivered } else { Received::More })
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.lines = None;
        if self.window.lines.is_empty() {
            self.window.change(|chrome| chrome.console = false);
        }
    }
}
