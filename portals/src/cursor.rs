//! The cursor: its events (command 28) and its shape (49).

use crate::Host;
use crate::events::{self, Packed};
use crate::message::Setting;
use portico_abi::{Code, Cursor, CursorShape, which};
use portico_kernel::{Channel, Cx, Default as Grant, Failure, Fault, Portal, Served};
use std::time::Instant;
use zerocopy::little_endian::U32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "cursor",
    summary: "Follow the cursor over its window, and change its shape there",
    default: Grant::Open,
    watched: false,
    commands: &[
        Served { number: which::CURSOR, name: "cursor", single: false, open: Some(open) },
        Served {
            number: which::CURSOR_SHAPE,
            name: "cursor shape",
            single: true,
            open: Some(|_| Setting::open(shape)),
        },
    ],
};

fn shape(cx: &mut Cx<'_, Host>, at: u32) -> Result<(), Fault> {
    let number: U32 = cx.memory.read(at, "shape")?;
    let shape = CursorShape::from_number(number.get())
        .ok_or_else(|| Fault::failure(Code::Unsupported, format!("there is no cursor shape {number}")))?;
    cx.host.window.change(|chrome| chrome.cursor = shape);
    Ok(())
}

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    Ok(events::open::<Cursor, _>(cx, |window| &window.cursor))
}

impl Packed for Cursor {
    type Event = crate::window::Cursor;

    fn pack(started: Instant, event: Self::Event) -> Self {
        Self {
            micros: crate::message::micros(started, event.at).into(),
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
