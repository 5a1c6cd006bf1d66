//! The picture in the window: command 35.

use crate::Host;
use crate::window::{Frame, Presented};
use portico_abi::{Code, Frame as Message, Scale, which};
use portico_kernel::{Bulk, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent};
use std::time::Instant;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "framebuffer",
    summary: "Show pictures in its window",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::FRAME,
        name: "play video",
        single: true,
        open: Some(|| Box::<FrameChannel>::default()),
    }],
};

#[derive(Default)]
struct FrameChannel {
    /// The message that was posted last, and its pixels.
    posted: Message,
    scale: Scale,
    pixels: Bulk,
    /// When the last frame will have been shown; `None` when the screen says it.
    due: Option<Instant>,
}

impl Channel<Host> for FrameChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Frame")?;
        let (width, height, stride) = (message.width.get(), message.height.get(), message.stride.get());
        let sides = 1..=Message::MAX_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(Fault::failure(
                Code::Invalid,
                format!("a frame can't be {width} × {height} pixels"),
            ));
        }
        if stride < 4 * width {
            return Err(Fault::failure(
                Code::Invalid,
                format!("`stride` is {stride}, less than 4 × {width}"),
            ));
        }
        self.scale = Scale::from_number(message.scale.get())
            .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no scale {}", message.scale)))?;
        if message.pixels.get() == 0 {
            return Err(Fault::failure(Code::Invalid, "`pixels` is null"));
        }
        let size = u64::from(stride) * u64::from(height - 1) + u64::from(width) * 4;
        self.pixels = Bulk::new(cx.memory, message.pixels.get(), size, "pixels")?;
        self.posted = message;
        Ok(())
    }

    fn hold(&mut self, cx: &mut Reading<'_, Host>) -> Result<(), Failure> {
        self.pixels.hold(cx)
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let waker = cx.waker();
        let Message {
            width, height, stride, ..
        } = self.posted;
        let pixels = self.pixels.bytes(&cx.memory);
        let frame = Frame {
            width: width.get(),
            height: height.get(),
            stride: stride.get(),
            scale: self.scale,
            pixels,
        };
        let shown = cx.host.window.screen().show(&frame, &waker);
        self.due = if let Presented::At(when) = shown {
            Some(when)
        } else {
            None
        };
        cx.ready_at(self.due);
        Ok(if shown == Presented::Now {
            Sent::Ready
        } else {
            Sent::Waiting
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        // The waker may still ring for a frame that this one has replaced.
        if let Some(due) = self.due.filter(|due| *due > Instant::now()) {
            cx.ready_at(Some(due));
            return Ok(Received::Nothing);
        }
        self.due = None;
        cx.ready_at(None);
        Ok(Received::Delivered)
    }
}
