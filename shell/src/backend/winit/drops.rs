//! Files that are dropped on windows of an X server (XDND, version 5).
//!
//! The window library gives up on a whole drop where one of its entries can't be taken, or has a name that is no UTF-8. So the
//! drops do not reach it: each window names another one as its proxy, which belongs to a connection of its own, and a thread that
//! reads it. No other thread waits for the source of a drag.

use crate::backend::Dropped;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, Property, Window,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// The version that is spoken here, as by all others today.
const VERSION: u32 = 5;
/// Most bytes of a list of files: more than a hundred thousand of them.
const LONGEST: usize = 16 << 20;

x11rb::atom_manager! {
    Atoms:
    AtomsCookie {
        XdndAware,
        XdndProxy,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndSelection,
        XdndTypeList,
        XdndActionCopy,
        INCR,
        FILES: b"text/uri-list",
        LIST: b"PORTICO_DROPPED",
    }
}

/// The way of drops to the windows of this process.
pub(super) struct Drops {
    connection: RustConnection,
    atoms: Atoms,
    root: Window,
    proxy: Window,
}

/// What is being dragged over a window, or read of who has dropped it.
#[derive(Default)]
struct Drag {
    source: Window,
    target: Window,
    has_files: bool,
    /// Whether it has been dropped, so that its list has been asked for.
    dropped: bool,
    /// Where the pointer is, in pixels from the screen's corner.
    at: (i16, i16),
    /// A long list that comes in parts.
    parts: Option<Vec<u8>>,
}

impl Drops {
    /// Connects to the X server, and hears of drops on a thread of its own from then on: `dropped` gets the window and what it is.
    ///
    /// # Errors
    /// When there is no server.
    pub(super) fn hear(dropped: impl Fn(u64, Dropped) + Send + 'static) -> Result<Arc<Self>, String> {
        let drops = Self::connect().map(Arc::new).map_err(|error| error.to_string())?;
        let heard = Arc::clone(&drops);
        // It ends with its connection.
        let listen = move || {
            let mut drag = Drag::default();
            while let Ok(event) = heard.connection.wait_for_event() {
                match heard.handle(&mut drag, &event) {
                    Ok(Some(what)) => dropped(drag.target.into(), what),
                    Ok(None) => {}
                    Err(error) => tracing::debug!("something that was dragged is left: {error}"),
                }
            }
        };
        thread::Builder::new()
            .name("drops".into())
            .spawn(listen)
            .map_err(|error| error.to_string())?;
        Ok(drops)
    }

    fn connect() -> Result<Self, Box<dyn std::error::Error>> {
        // winit, too, opens the display that the environment names.
        let (connection, screen) = RustConnection::connect(None)?;
        let atoms = Atoms::new(&connection)?.reply()?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .ok_or("the server has no screen")?
            .root;
        let proxy = connection.generate_id()?;
        let aux = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(0, proxy, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?;
        connection.change_property32(PropMode::REPLACE, proxy, atoms.XdndAware, AtomEnum::ATOM, &[VERSION])?;
        let drops = Self {
            connection,
            atoms,
            root,
            proxy,
        };
        // It shows by this that it is one, and no leftover of a process that has ended.
        drops.name_proxy(proxy)?;
        Ok(drops)
    }

    /// Takes over what is dropped on that window.
    pub(super) fn take(&self, window: u64) {
        // An X server's windows have numbers of 32 bits.
        let Ok(window) = Window::try_from(window) else { return };
        if let Err(error) = self.name_proxy(window) {
            tracing::debug!("what is dropped on a window goes another way: {error}");
        }
    }

    fn name_proxy(&self, window: Window) -> Result<(), ReplyOrIdError> {
        let property = self.atoms.XdndProxy;
        self.connection
            .change_property32(PropMode::REPLACE, window, property, AtomEnum::WINDOW, &[self.proxy])?;
        Ok(self.connection.flush()?)
    }

    fn handle(&self, drag: &mut Drag, event: &Event) -> Result<Option<Dropped>, ReplyOrIdError> {
        match event {
            Event::ClientMessage(message) => self.message(drag, message)?,
            Event::SelectionNotify(notice) if notice.selection == self.atoms.XdndSelection && drag.dropped => {
                if notice.property == x11rb::NONE {
                    self.finish(drag, false)?;
                    return Ok(None);
                }
                let (kind, list) = self.read()?;
                if kind == self.atoms.INCR {
                    drag.parts = Some(Vec::new());
                    return Ok(None);
                }
                return self.take_in(drag, &list).map(Some);
            }
            Event::PropertyNotify(notice) if notice.atom == self.atoms.LIST && notice.state == Property::NEW_VALUE => {
                let Some(mut parts) = drag.parts.take() else {
                    return Ok(None);
                };
                let (_, part) = self.read()?;
                if part.is_empty() {
                    return self.take_in(drag, &parts).map(Some);
                }
                parts.extend(part);
                if parts.len() > LONGEST {
                    self.finish(drag, false)?;
                } else {
                    drag.parts = Some(parts);
                }
            }
            _ => {}
        }
        Ok(None)
    }

    fn message(&self, drag: &mut Drag, message: &ClientMessageEvent) -> Result<(), ReplyOrIdError> {
        let (atoms, [source, flags, third, fourth, fifth]) = (&self.atoms, message.data.as_data32());
        if message.type_ == atoms.XdndEnter {
            let mut kinds = vec![third, fourth, fifth];
            if flags & 1 == 1 {
                let list = self
                    .connection
                    .get_property(false, source, atoms.XdndTypeList, AtomEnum::ATOM, 0, 1024)?;
                kinds = list.reply()?.value32().into_iter().flatten().collect();
            }
            let has_files = kinds.contains(&atoms.FILES);
            *drag = Drag {
                source,
                target: message.window,
                has_files,
                ..Drag::default()
            };
        } else if source != drag.source {
            // Left over from a drag that another one has replaced.
        } else if message.type_ == atoms.XdndPosition {
            // Both in one number, each of them signed.
            drag.at = ((third >> 16) as i16, third as i16);
            let accepted = u32::from(drag.has_files);
            let action = if drag.has_files {
                atoms.XdndActionCopy
            } else {
                x11rb::NONE
            };
            self.answer(drag, atoms.XdndStatus, [accepted, 0, 0, action])?;
        } else if message.type_ == atoms.XdndLeave {
            *drag = Drag::default();
        } else if message.type_ == atoms.XdndDrop && drag.has_files {
            drag.dropped = true;
            self.connection
                .convert_selection(self.proxy, atoms.XdndSelection, atoms.FILES, atoms.LIST, third)?;
            self.connection.flush()?;
        } else if message.type_ == atoms.XdndDrop {
            self.finish(drag, false)?;
        }
        Ok(())
    }

    /// The list of files, or the next part of one, and its type.
    fn read(&self) -> Result<(Atom, Vec<u8>), ReplyOrIdError> {
        let most = u32::try_from(LONGEST / 4).unwrap_or(u32::MAX);
        let list = self
            .connection
            .get_property(true, self.proxy, self.atoms.LIST, AtomEnum::ANY, 0, most)?
            .reply()?;
        Ok((list.type_, list.value))
    }

    fn take_in(&self, drag: &mut Drag, list: &[u8]) -> Result<Dropped, ReplyOrIdError> {
        self.finish(drag, true)?;
        let (x, y) = drag.at;
        let at = self
            .connection
            .translate_coordinates(self.root, drag.target, x, y)?
            .reply()?;
        Ok(Dropped {
            at: Some((at.dst_x.into(), at.dst_y.into())),
            ..parse(list)
        })
    }

    /// Tells the source of the drop whether it was accepted.
    fn finish(&self, drag: &mut Drag, taken: bool) -> Result<(), ReplyOrIdError> {
        let action = if taken { self.atoms.XdndActionCopy } else { x11rb::NONE };
        self.answer(drag, self.atoms.XdndFinished, [u32::from(taken), action, 0, 0])?;
        (drag.source, drag.dropped, drag.parts) = (x11rb::NONE, false, None);
        Ok(())
    }

    fn answer(&self, drag: &Drag, what: Atom, [first, second, third, fourth]: [u32; 4]) -> Result<(), ReplyOrIdError> {
        let data = [drag.target, first, second, third, fourth];
        let message = ClientMessageEvent::new(32, drag.source, what, data);
        self.connection
            .send_event(false, drag.source, EventMask::NO_EVENT, message)?;
        Ok(self.connection.flush()?)
    }
}

/// A list of addresses, one a line, as `text/uri-list` has it.
fn parse(list: &[u8]) -> Dropped {
    let mut dropped = Dropped::default();
    let lines = list.split(|byte| matches!(byte, b'\r' | b'\n' | 0));
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        match file(line) {
            Some(file) => dropped.files.push(file),
            None => dropped.others.push(String::from_utf8_lossy(line).into_owned()),
        }
    }
    dropped
}

/// The file of this machine that an address names.
fn file(address: &[u8]) -> Option<PathBuf> {
    let rest = address.strip_prefix(b"file:")?;
    let (host, path) = match rest.strip_prefix(b"//") {
        Some(rest) => rest.split_at(rest.iter().position(|byte| *byte == b'/')?),
        None => (&b""[..], rest),
    };
    let here = host.is_empty() || host == b"localhost" || is_this_host(host);
    let path = crate::source::unescaped(path);
    let sound = here && path.starts_with(b"/") && !path.contains(&0);
    sound
        .then(|| std::os::unix::ffi::OsStringExt::from_vec(path))
        .map(|path: std::ffi::OsString| path.into())
}

fn is_this_host(host: &[u8]) -> bool {
    rustix::system::uname().nodename().to_bytes() == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_takes_the_good_and_names_the_others() {
        let list = b"file:///a%20b/c.wasm\r\n# note\r\nhttps://example.org/d\r\nfile://elsewhere.example/e\r\n\
                     file://localhost/caf%E9\r\nfile:/f\r\nfile:///nul%00\r\nfile://\r\n\0";
        let Dropped { files, others, .. } = parse(list);
        let names: Vec<_> = files.iter().map(|file| file.as_os_str().as_encoded_bytes()).collect();
        assert_eq!(names, [&b"/a b/c.wasm"[..], b"/caf\xe9", b"/f"]);
        let refused = [
            "https://example.org/d",
            "file://elsewhere.example/e",
            "file:///nul%00",
            "file://",
        ];
        assert_eq!(others, refused);
    }
}
