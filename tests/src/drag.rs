//! A file manager's side of drag and drop on X11 (XDND, version 5): carries a file to a window and lets go of it there.

use crate::PATIENCE;
use anyhow::{Context, bail};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Version 5 of the protocol, in the place where a first message tells it.
const VERSION: u32 = 5 << 24;

struct Source<'a> {
    connection: &'a RustConnection,
    window: u32,
    /// What is carried, as a list of addresses.
    list: String,
}

/// Carries `file` to a point of the screen over the window `target`, and drops it.
pub(crate) fn drop_file(display: &str, target: u32, at: (i32, i32), file: &Path) -> anyhow::Result<()> {
    let (connection, screen) = RustConnection::connect(Some(display))?;
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id()?;
    let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
    connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux)?;
    let source = Source { connection: &connection, window, list: format!("{}\r\n", address(file)) };
    let (selection, kind) = (source.atom("XdndSelection")?, source.atom("text/uri-list")?);
    connection.set_selection_owner(window, selection, CURRENT_TIME)?;
    source.tell(target, "XdndEnter", [VERSION, kind, 0, 0])?;
    let place = u32::try_from(at.0)? << 16 | u32::try_from(at.1)?;
    source.tell(target, "XdndPosition", [0, place, CURRENT_TIME, source.atom("XdndActionCopy")?])?;
    let (mut taken, mut welcome) = (false, false);
    source.serve("the window does not look at what it is offered", |event| {
        match event {
            Event::SelectionRequest(_) => taken = true,
            Event::ClientMessage(message) if Some(message.type_) == source.atom("XdndStatus").ok() => {
                welcome = message.data.as_data32()[1] & 1 == 1;
            }
            _ => {}
        }
        taken && welcome
    })?;
    source.tell(target, "XdndDrop", [0, CURRENT_TIME, 0, 0])?;
    let finished = source.atom("XdndFinished")?;
    source.serve(
        "the window does not take it",
        |event| matches!(event, Event::ClientMessage(message) if message.type_ == finished),
    )
}

impl Source<'_> {
    fn atom(&self, name: &str) -> anyhow::Result<u32> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }

    fn tell(&self, target: u32, what: &str, data: [u32; 4]) -> anyhow::Result<()> {
        let [a, b, c, d] = data;
        let message = ClientMessageEvent::new(32, target, self.atom(what)?, [self.window, a, b, c, d]);
        self.connection.send_event(false, target, EventMask::NO_EVENT, message)?;
        Ok(self.connection.flush()?)
    }

    /// Answers whoever asks for the file, until `done` with an event.
    fn serve(&self, failure: &str, mut done: impl FnMut(&Event) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(event) = self.connection.poll_for_event()? else {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            if let Event::SelectionRequest(request) = &event {
                self.answer(request)?;
            }
            if done(&event) {
                return Ok(());
            }
        }
        bail!("{failure}")
    }

    fn answer(&self, request: &SelectionRequestEvent) -> anyhow::Result<()> {
        let SelectionRequestEvent { time, requestor, selection, target, property, .. } = *request;
        let list = self.list.as_bytes();
        self.connection.change_property8(PropMode::REPLACE, requestor, property, target, list)?;
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time,
            requestor,
            selection,
            target,
            property,
        };
        self.connection.send_event(false, requestor, EventMask::NO_EVENT, notice)?;
        self.connection.flush().context("the server is gone")
    }
}

/// A file's address, as file managers write it.
fn address(file: &Path) -> String {
    let mut address = String::from("file://");
    for byte in file.display().to_string().bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => address.push(byte.into()),
            // Writing to a String can't fail.
            _ => drop(write!(address, "%{byte:02X}")),
        }
    }
    address
}
