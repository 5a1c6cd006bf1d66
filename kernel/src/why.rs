//! Command 45: tells a program why a channel of its was closed.

use crate::fault::{Code, Failure, Fault};
use crate::memory::Buffer;
use crate::portal::{Channel, Cx, Reading, Received, Sent};
use portico_abi::Why;
use std::mem::offset_of;
use zerocopy::little_endian::U32;

/// Opens command 45, which the kernel itself serves: it alone knows why a channel was closed.
pub fn why<H: 'static>() -> Box<dyn Channel<H>> {
    Box::new(CloseReason {
        at: 0,
        channel: 0,
        text: Buffer::default(),
        found: None,
    })
}

struct CloseReason {
    at: u32,
    channel: u32,
    text: Buffer,
    /// Taken when asked, so that a text that did not fit can't be pushed out before it is delivered.
    found: Option<Failure>,
}

impl<H: 'static> Channel<H> for CloseReason {
    fn post(&mut self, cx: &mut Reading<'_, H>, at: u32) -> Result<(), Fault> {
        let why: Why = cx.memory.read(at, "Why")?;
        self.text = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(Why, text) as u32), "text")?;
        (self.at, self.channel) = (at, why.channel.get());
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, H>) -> Result<Sent, Failure> {
        let unknown = || Failure::new(Code::Unavailable, "no closed channel is remembered under that id");
        self.found = Some(cx.close_reasons.find(self.channel).cloned().ok_or_else(unknown)?);
        Ok(Sent::Ready)
    }

    fn receive(&mut self, cx: &mut Cx<'_, H>) -> Result<Received, Failure> {
        let Some(found) = self.found.take() else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.text, found.text.as_bytes())]) {
            self.found = Some(found);
            return Ok(Received::TooSmall);
        }
        cx.memory.deliver(
            self.at.wrapping_add(offset_of!(Why, code) as u32),
            &U32::new(found.code as u32),
        );
        Ok(Received::Delivered)
    }
}
