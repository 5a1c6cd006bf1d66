//! Keyboard, pointer and input method of a Wayland compositor: devices of our own, by the protocols that on-screen keyboards,
//! remote desktops and input methods use.

use anyhow::{Context, Result, ensure};
use std::io::Write;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;
use wayland_client::globals::{GlobalListContents, registry_queue_init};
use wayland_client::protocol::{wl_pointer, wl_registry, wl_seat};
use wayland_client::{Connection, Dispatch, EventQueue, QueueHandle, delegate_noop};
use wayland_protocols_misc::zwp_input_method_v2::client::zwp_input_method_manager_v2::ZwpInputMethodManagerV2;
use wayland_protocols_misc::zwp_input_method_v2::client::zwp_input_method_v2::{self, ZwpInputMethodV2};
use wayland_protocols_misc::zwp_virtual_keyboard_v1::client::zwp_virtual_keyboard_manager_v1::ZwpVirtualKeyboardManagerV1;
use wayland_protocols_misc::zwp_virtual_keyboard_v1::client::zwp_virtual_keyboard_v1::ZwpVirtualKeyboardV1;
use wayland_protocols_wlr::virtual_pointer::v1::client::zwlr_virtual_pointer_manager_v1::ZwlrVirtualPointerManagerV1;
use wayland_protocols_wlr::virtual_pointer::v1::client::zwlr_virtual_pointer_v1::ZwlrVirtualPointerV1;

/// An ordinary keyboard, American layout; the compositor's xkbcommon knows the rest.
const KEYMAP: &str = "xkb_keymap {
    xkb_keycodes { include \"evdev+aliases(qwerty)\" };
    xkb_types { include \"complete\" };
    xkb_compat { include \"complete\" };
    xkb_symbols { include \"pc+us+inet(evdev)\" };
};\0";
/// A format of `wl_keyboard`: text of xkbcommon.
const XKB_V1: u32 = 1;

/// Keys by their names, with their numbers in linux/input-event-codes.h.
const KEYS: &[(&str, u32)] = &[
    ("Escape", 1),
    ("BackSpace", 14),
    ("Tab", 15),
    ("Return", 28),
    ("ctrl", 29),
    ("shift", 42),
    ("alt", 56),
    ("space", 57),
    ("super", 125),
    ("F2", 60),
    ("F7", 65),
    ("F11", 87),
    ("Up", 103),
    ("Left", 105),
    ("Right", 106),
    ("Down", 108),
];
/// Rows of letters, with the number of the first of each.
const ROWS: &[(&str, u32)] = &[
    ("1234567890", 2),
    ("qwertyuiop", 16),
    ("asdfghjkl", 30),
    ("zxcvbnm", 44),
];
/// Modifiers, with their bits in the layout.
const MODIFIERS: &[(&str, u32)] = &[("shift", 1), ("ctrl", 4), ("alt", 8), ("super", 64)];

/// The devices of a seat.
pub(crate) struct Seat(Mutex<Devices>);

struct Devices {
    queue: EventQueue<State>,
    state: State,
    keyboard: ZwpVirtualKeyboardV1,
    pointer: ZwlrVirtualPointerV1,
    /// Made when it is first used: a seat has room for one, which may be a real one.
    methods: ZwpInputMethodManagerV2,
    seat: wl_seat::WlSeat,
    method: Option<ZwpInputMethodV2>,
    held: u32,
    began: Instant,
}

/// What the compositor tells the input method.
#[derive(Default)]
struct State {
    active: bool,
    /// How many times it has said that all is told: requests name the last one.
    told: u32,
}

impl Seat {
    /// Plugs them in.
    pub(crate) fn connect(socket: &Path) -> Result<Self> {
        let stream = std::os::unix::net::UnixStream::connect(socket)?;
        let connection = Connection::from_socket(stream)?;
        let (globals, mut queue) = registry_queue_init::<State>(&connection)?;
        let handle = queue.handle();
        let seat: wl_seat::WlSeat = globals.bind(&handle, 1..=1, ())?;
        let keyboards: ZwpVirtualKeyboardManagerV1 = globals.bind(&handle, 1..=1, ())?;
        let pointers: ZwlrVirtualPointerManagerV1 = globals.bind(&handle, 1..=1, ())?;
        let methods: ZwpInputMethodManagerV2 = globals.bind(&handle, 1..=1, ())?;
        let keyboard = keyboards.create_virtual_keyboard(&seat, &handle, ());
        let mut keymap = tempfile::tempfile()?;
        keymap.write_all(KEYMAP.as_bytes())?;
        keyboard.keymap(XKB_V1, keymap.as_fd(), u32::try_from(KEYMAP.len())?);
        let pointer = pointers.create_virtual_pointer(Some(&seat), &handle, ());
        let mut state = State::default();
        queue.roundtrip(&mut state)?;
        let (held, began) = (0, Instant::now());
        let devices = Devices {
            queue,
            state,
            keyboard,
            pointer,
            methods,
            seat,
            method: None,
            held,
            began,
        };
        Ok(Self(Mutex::new(devices)))
    }

    fn devices(&self) -> MutexGuard<'_, Devices> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Presses a key, or lets go of it.
    pub(crate) fn key(&self, name: &str, pressed: bool) -> Result<()> {
        self.devices().key(name, pressed)
    }

    /// Moves the pointer to a point of a screen of that size.
    pub(crate) fn point(&self, (x, y): (i32, i32), (width, height): (u32, u32)) -> Result<()> {
        let mut devices = self.devices();
        let time = devices.time();
        devices
            .pointer
            .motion_absolute(time, u32::try_from(x)?, u32::try_from(y)?, width, height);
        devices.pointer.frame();
        devices.settle()
    }

    /// Moves the pointer by so many pixels.
    pub(crate) fn shift(&self, (dx, dy): (i32, i32)) -> Result<()> {
        let mut devices = self.devices();
        devices.pointer.motion(devices.time(), f64::from(dx), f64::from(dy));
        devices.pointer.frame();
        devices.settle()
    }

    /// Presses a button of the pointer or lets go of it, by its number in linux/input-event-codes.h.
    pub(crate) fn button(&self, code: u32, pressed: bool) -> Result<()> {
        let mut devices = self.devices();
        let state = if pressed {
            wl_pointer::ButtonState::Pressed
        } else {
            wl_pointer::ButtonState::Released
        };
        devices.pointer.button(devices.time(), code, state);
        devices.pointer.frame();
        devices.settle()
    }

    /// Turns the wheel by that many clicks, towards the user if positive.
    pub(crate) fn wheel(&self, clicks: i32) -> Result<()> {
        let mut devices = self.devices();
        let (axis, time) = (wl_pointer::Axis::VerticalScroll, devices.time());
        devices.pointer.axis_source(wl_pointer::AxisSource::Wheel);
        devices
            .pointer
            .axis_discrete(time, axis, 15.0 * f64::from(clicks), clicks);
        devices.pointer.frame();
        devices.settle()
    }

    /// Whether the window with the focus wants an input method.
    pub(crate) fn composes(&self) -> bool {
        let mut devices = self.devices();
        devices.method();
        devices.settle().is_ok() && devices.state.active
    }

    /// Shows a text that is being composed.
    pub(crate) fn compose(&self, text: &str) -> Result<()> {
        let mut devices = self.devices();
        let end = i32::try_from(text.len())?;
        devices.method().set_preedit_string(text.to_owned(), end, end);
        devices.commit()
    }

    /// Gives a text that has been composed to the window.
    pub(crate) fn give(&self, text: &str) -> Result<()> {
        let mut devices = self.devices();
        devices.method().commit_string(text.to_owned());
        devices.commit()
    }

    /// The same, without having heard of anything since the last time.
    pub(crate) fn give_late(&self, text: &str) -> Result<()> {
        let mut devices = self.devices();
        devices.method().commit_string(text.to_owned());
        let told = devices.state.told;
        devices.method().commit(told);
        devices.settle()
    }
}

impl Devices {
    fn time(&self) -> u32 {
        // Wraps after weeks.
        self.began.elapsed().as_millis() as u32
    }

    fn key(&mut self, name: &str, pressed: bool) -> Result<()> {
        let named = KEYS.iter().find(|(key, _)| *key == name).map(|(_, code)| *code);
        let letter = || {
            ROWS.iter()
                .find_map(|(row, first)| Some(first + u32::try_from(row.find(name)?).ok()?))
        };
        let code = named
            .or_else(letter)
            .with_context(|| format!("no key {name:?} on this keyboard"))?;
        self.keyboard.key(self.time(), code, u32::from(pressed));
        if let Some((_, bit)) = MODIFIERS.iter().find(|(modifier, _)| *modifier == name) {
            self.held = if pressed { self.held | bit } else { self.held & !bit };
            self.keyboard.modifiers(self.held, 0, 0, 0);
        }
        self.settle()
    }

    fn method(&mut self) -> &ZwpInputMethodV2 {
        let (methods, seat, handle) = (&self.methods, &self.seat, self.queue.handle());
        self.method
            .get_or_insert_with(|| methods.get_input_method(seat, &handle, ()))
    }

    fn commit(&mut self) -> Result<()> {
        ensure!(self.state.active, "no window wants an input method");
        let told = self.state.told;
        self.method().commit(told);
        self.settle()
    }

    /// Waits until the compositor has handled everything.
    fn settle(&mut self) -> Result<()> {
        self.queue.roundtrip(&mut self.state)?;
        Ok(())
    }
}

impl Dispatch<wl_registry::WlRegistry, GlobalListContents> for State {
    fn event(
        _: &mut Self,
        _: &wl_registry::WlRegistry,
        _: wl_registry::Event,
        _: &GlobalListContents,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
    }
}

impl Dispatch<ZwpInputMethodV2, ()> for State {
    fn event(
        state: &mut Self,
        _: &ZwpInputMethodV2,
        event: zwp_input_method_v2::Event,
        (): &(),
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            zwp_input_method_v2::Event::Activate => state.active = true,
            zwp_input_method_v2::Event::Deactivate => state.active = false,
            zwp_input_method_v2::Event::Done => state.told += 1,
            _ => {}
        }
    }
}

delegate_noop!(State: ignore wl_seat::WlSeat);
delegate_noop!(State: ignore ZwpVirtualKeyboardManagerV1);
delegate_noop!(State: ignore ZwpVirtualKeyboardV1);
delegate_noop!(State: ignore ZwlrVirtualPointerManagerV1);
delegate_noop!(State: ignore ZwlrVirtualPointerV1);
delegate_noop!(State: ignore ZwpInputMethodManagerV2);
