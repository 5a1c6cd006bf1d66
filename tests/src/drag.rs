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
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    Property, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Version 5 of the protocol, in the place where a first message tells it.
const VERSION: u32 = 5 << 24;
/// Bytes of a part of a list: no address comes whole.
const PART: usize = 10;

struct Source<'a> {
    connection: &'a RustConnection,
    window: u32,
    /// What it is carried over, and who takes it there.
    target: (u32, u32),
    /// What is carried, as a list of addresses.
    list: String,
    /// Whether the list is handed over in parts, as long ones are.
    in_parts: bool,
    /// The type of a list that is being handed over in parts, and how much of it has been.
    handed: Option<(u32, usize)>,
}

/// Carries what these addresses name to a point of the screen over the window `target`, and drops it. The list of several comes in
/// parts.
pub(crate) fn drop_all(display: &str, target: u32, at: (i32, i32), addresses: &[String]) -> anyhow::Result<()> {
    let (connection, screen) = RustConnection::connect(Some(display))?;
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id()?;
    let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
    connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux)?;
    let list = addresses.iter().map(|address| format!("{address}\r\n")).collect();
    let in_parts = addresses.len() > 1;
    let mut source = Source {
        connection: &connection,
        window,
        target: (target, target),
        list,
        in_parts,
        handed: None,
    };
    let (selection, kind) = (source.atom("XdndSelection")?, source.atom("text/uri-list")?);
    // A window may name another one that takes drops for it.
    let proxy = connection
        .get_property(false, target, source.atom("XdndProxy")?, AtomEnum::WINDOW, 0, 1)?
        .reply()?;
    source.target.1 = proxy.value32().and_then(|mut all| all.next()).unwrap_or(target);
    connection.set_selection_owner(window, selection, CURRENT_TIME)?;
    source.tell("XdndEnter", [VERSION, kind, 0, 0])?;
    let place = u32::try_from(at.0)? << 16 | u32::try_from(at.1)?;
    source.tell("XdndPosition", [0, place, CURRENT_TIME, source.atom("XdndActionCopy")?])?;
    let status = source.atom("XdndStatus")?;
    source.serve("the window does not want what it is offered", |event| match event {
        Event::ClientMessage(message) => message.type_ == status && message.data.as_data32()[1] & 1 == 1,
        _ => false,
    })?;
    source.tell("XdndDrop", [0, CURRENT_TIME, 0, 0])?;
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

    fn tell(&self, what: &str, data: [u32; 4]) -> anyhow::Result<()> {
        let ([a, b, c, d], (target, taker)) = (data, self.target);
        let message = ClientMessageEvent::new(32, target, self.atom(what)?, [self.window, a, b, c, d]);
        self.connection.send_event(false, taker, EventMask::NO_EVENT, message)?;
        Ok(self.connection.flush()?)
    }

    /// Answers whoever asks for the file, until `done` with an event.
    fn serve(&mut self, failure: &str, mut done: impl FnMut(&Event) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(event) = self.connection.poll_for_event()? else {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            match &event {
                Event::SelectionRequest(request) => self.answer(request)?,
                Event::PropertyNotify(notice) if notice.state == Property::DELETE => {
                    self.hand_over(notice.window, notice.atom)?;
                }
                _ => {}
            }
            if done(&event) {
                return Ok(());
            }
        }
        bail!("{failure}")
    }

    fn answer(&mut self, request: &SelectionRequestEvent) -> anyhow::Result<()> {
        let SelectionRequestEvent {
            time,
            requestor,
            selection,
            target,
            property,
            ..
        } = *request;
        if self.in_parts {
            let (taken, length) = (EventMask::PROPERTY_CHANGE, u32::try_from(self.list.len())?);
            self.connection
                .change_window_attributes(requestor, &ChangeWindowAttributesAux::new().event_mask(taken))?;
            let incr = self.atom("INCR")?;
            self.connection
                .change_property32(PropMode::REPLACE, requestor, property, incr, &[length])?;
            self.handed = Some((target, 0));
        } else {
            let list = self.list.as_bytes();
            self.connection
                .change_property8(PropMode::REPLACE, requestor, property, target, list)?;
        }
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time,
            requestor,
            selection,
            target,
            property,
        };
        self.connection
            .send_event(false, requestor, EventMask::NO_EVENT, notice)?;
        self.connection.flush().context("the server is gone")
    }

    /// Hands over the next part of a list; an empty one is its end.
    fn hand_over(&mut self, requestor: u32, property: u32) -> anyhow::Result<()> {
        let Some((kind, from)) = self.handed.take() else {
            return Ok(());
        };
        let rest = &self.list.as_bytes()[from..];
        let part = &rest[..rest.len().min(PART)];
        self.connection
            .change_property8(PropMode::REPLACE, requestor, property, kind, part)?;
        self.connection.flush()?;
        if !part.is_empty() {
            self.handed = Some((kind, from + part.len()));
        }
        Ok(())
    }
}

/// A file's address, as file managers write it.
pub(crate) fn address(file: &Path) -> String {
    let mut address = String::from("file://");
    for byte in file.as_os_str().as_encoded_bytes() {
        match *byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => address.push((*byte).into()),
            // Writing to a String can't fail.
            _ => drop(write!(address, "%{byte:02X}")),
        }
    }
    address
}
