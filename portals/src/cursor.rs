//! The cursor: its events (command 28) and its shape (49).

use crate::Host;
use crate::channels::RequestChannel;
use crate::events::{self, Packed};
use portico_abi::{Code, Cursor, CursorShape, which};
use portico_kernel::{CommandEntry, DefaultAccess, Fault, Portal, Reading};
use std::time::Instant;
use zerocopy::little_endian::U32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "cursor",
    summary: "Follow the cursor over its window, and change its shape there",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::CURSOR,
            name: "cursor",
            single: false,
            open: Some(|| events::open::<Cursor>(|window| &window.cursor)),
        },
        CommandEntry {
            number: which::CURSOR_SHAPE,
            name: "cursor shape",
            single: true,
            open: Some(|| {
                RequestChannel::open(shape, |cx, shape| {
                    cx.host.window.change(|chrome| chrome.cursor = shape);
                    Ok(())
                })
            }),
        },
    ],
};

fn shape(cx: &mut Reading<'_, Host>, at: u32) -> Result<CursorShape, Fault> {
    let number: U32 = cx.memory.read(at, "shape")?;
    CursorShape::from_number(number.get())
        .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no cursor shape {number}")))
}

impl Packed for Cursor {
    type Event = crate::window::Cursor;

    fn pack(started: Instant, event: Self::Event) -> Self {
        Self {
            micros: crate::channels::micros(started, event.time).into(),
            x: event.x.into(),
            y: event.y.into(),
            dx: event.dx.into(),
            dy: event.dy.into(),
            kind: event.kind.number(),
            button: event.button,
            pointer: event.pointer.into(),
        }
    }
}
