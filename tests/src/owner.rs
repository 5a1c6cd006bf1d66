//! Owners of the clipboard who give nothing: programs that have stopped, or that stop in the middle of it.

use crate::Desktop;
use crate::desktop::Server;
use anyhow::{Context, Result};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread::{Builder, JoinHandle};
use wayland_client::globals::{GlobalListContents, registry_queue_init};
use wayland_client::protocol::{wl_registry, wl_seat};
use wayland_client::{Connection as Compositor, Dispatch, QueueHandle, delegate_noop, event_created_child};
use wayland_protocols_wlr::data_control::v1::client::zwlr_data_control_device_v1::{self, ZwlrDataControlDeviceV1};
use wayland_protocols_wlr::data_control::v1::client::zwlr_data_control_manager_v1::ZwlrDataControlManagerV1;
use wayland_protocols_wlr::data_control::v1::client::zwlr_data_control_offer_v1::ZwlrDataControlOfferV1;
use wayland_protocols_wlr::data_control::v1::client::zwlr_data_control_source_v1::{self, ZwlrDataControlSourceV1};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// What an owner does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nothing at all.
    Silent,
    /// It says that the text comes in pieces, and sends none (X11 only).
    Stalls,
}

impl Desktop {
    /// The clipboard belongs to somebody who gives nothing, until somebody else takes it.
    ///
    /// # Panics
    /// When it can't be taken.
    pub fn own_clipboard(&self, owner: Owner) {
        let owned = match &self.server {
            Server::X11(server) => own_selection(&server.display, owner).map(drop),
            Server::Wayland(_) => self
                .variable("WAYLAND_DISPLAY")
                .context("no display")
                .and_then(own_data)
                .map(drop),
        };
        if let Err(error) = owned {
            panic!("the clipboard can't be taken: {error:#}");
        }
    }
}

/// Takes the selection, and keeps a thread that ends with the server.
fn own_selection(display: &str, owner: Owner) -> Result<JoinHandle<Result<()>>> {
    let (connection, screen) = RustConnection::connect(Some(display))?;
    let root = connection.setup().roots[screen].root;
    let window = connection.generate_id()?;
    let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
    connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux)?;
    let atom = |name: &str| -> Result<u32> { Ok(connection.intern_atom(false, name.as_bytes())?.reply()?.atom) };
    let (clipboard, incr) = (atom("CLIPBOARD")?, atom("INCR")?);
    connection.set_selection_owner(window, clipboard, x11rb::CURRENT_TIME)?;
    connection.sync()?;
    let serve = move || -> Result<()> {
        loop {
            let Event::SelectionRequest(asked) = connection.wait_for_event()? else {
                continue;
            };
            if owner == Owner::Silent {
                continue;
            }
            // So many bytes are to come.
            let (mode, who) = (PropMode::REPLACE, asked.requestor);
            connection.change_property32(mode, who, asked.property, incr, &[1 << 20])?;
            let told = SelectionNotifyEvent {
                response_type: SELECTION_NOTIFY_EVENT,
                sequence: 0,
                time: asked.time,
                requestor: who,
                selection: asked.selection,
                target: asked.target,
                property: asked.property,
            };
            connection.send_event(false, who, EventMask::NO_EVENT, told)?;
            connection.flush()?;
        }
    };
    Ok(Builder::new().name("owner".into()).spawn(serve)?)
}

/// What has been asked for, and is never written.
#[derive(Default)]
struct Pipes(Vec<OwnedFd>);

/// The same on a Wayland compositor.
fn own_data(display: &str) -> Result<JoinHandle<Result<()>>> {
    let socket = std::os::unix::net::UnixStream::connect(Path::new(display))?;
    let compositor = Compositor::from_socket(socket)?;
    let (globals, mut queue) = registry_queue_init::<Pipes>(&compositor)?;
    let handle = queue.handle();
    let seat: wl_seat::WlSeat = globals.bind(&handle, 1..=1, ())?;
    let manager: ZwlrDataControlManagerV1 = globals.bind(&handle, 1..=1, ())?;
    let device = manager.get_data_device(&seat, &handle, ());
    let source = manager.create_data_source(&handle, ());
    for kind in ["text/plain;charset=utf-8", "text/plain", "UTF8_STRING"] {
        source.offer(kind.into());
    }
    device.set_selection(Some(&source));
    let mut pipes = Pipes::default();
    queue.roundtrip(&mut pipes)?;
    let serve = move || -> Result<()> {
        loop {
            queue.blocking_dispatch(&mut pipes)?;
        }
    };
    Ok(Builder::new().name("owner".into()).spawn(serve)?)
}

impl Dispatch<ZwlrDataControlSourceV1, ()> for Pipes {
    fn event(
        pipes: &mut Self,
        _: &ZwlrDataControlSourceV1,
        event: zwlr_data_control_source_v1::Event,
        (): &(),
        _: &Compositor,
        _: &QueueHandle<Self>,
    ) {
        if let zwlr_data_control_source_v1::Event::Send { fd, .. } = event {
            pipes.0.push(fd);
        }
    }
}

impl Dispatch<ZwlrDataControlDeviceV1, ()> for Pipes {
    fn event(
        _: &mut Self,
        _: &ZwlrDataControlDeviceV1,
        _: zwlr_data_control_device_v1::Event,
        (): &(),
        _: &Compositor,
        _: &QueueHandle<Self>,
    ) {
    }

    event_created_child!(Pipes, ZwlrDataControlDeviceV1, [
        zwlr_data_control_device_v1::EVT_DATA_OFFER_OPCODE => (ZwlrDataControlOfferV1, ()),
    ]);
}

impl Dispatch<wl_registry::WlRegistry, GlobalListContents> for Pipes {
    fn event(
        _: &mut Self,
        _: &wl_registry::WlRegistry,
        _: wl_registry::Event,
        _: &GlobalListContents,
        _: &Compositor,
        _: &QueueHandle<Self>,
    ) {
    }
}

delegate_noop!(Pipes: ignore wl_seat::WlSeat);
delegate_noop!(Pipes: ignore ZwlrDataControlManagerV1);
delegate_noop!(Pipes: ignore ZwlrDataControlOfferV1);
