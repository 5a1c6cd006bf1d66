//! An X input method is another process, and Xlib waits without end for one that hangs: the shell asks first whether it answers.

use crate::environment;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::time::{Duration, Instant};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::{CURRENT_TIME, NONE};

/// How long an input method has to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sees to it that the window library does not wait for an input method that hangs: the shell goes without it then. To be called
/// before the window library connects.
#[allow(unsafe_code, reason = "the window library takes this from the environment alone")]
pub(super) fn avoid_hung() {
    if environment::x11_display().is_none() {
        return;
    }
    // Without modifiers the window library opens none.
    let Some(name) = environment::x11_modifiers().and_then(|modifiers| wanted(&modifiers)) else {
        return;
    };
    match answers(&name) {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!("the input method {name} does not answer: the shell goes without one until it starts again");
            // SAFETY: the environment is read elsewhere through std alone at this time, which locks it: the threads that run by
            // now are ours, and no library that reads it by itself has been called.
            unsafe { std::env::set_var("XMODIFIERS", "@im=none") };
        }
        // The window library will say it better.
        Err(error) => tracing::debug!("the input method can't be asked: {error:#}"),
    }
}

/// The input method that `XMODIFIERS` names: empty for any that is there, `None` for Xlib's own, which is part of it.
fn wanted(modifiers: &str) -> Option<String> {
    let name = modifiers
        .split('@')
        .find_map(|modifier| modifier.strip_prefix("im="))
        .unwrap_or_default();
    (!matches!(name, "none" | "local")).then(|| name.to_owned())
}

/// Whether the input methods of that name answer, if there are any.
fn answers(name: &str) -> anyhow::Result<bool> {
    let (connection, screen) = x11rb::connect(None)?;
    let root = connection.setup().roots[screen].root;
    let intern = |name: &str| connection.intern_atom(false, name.as_bytes());
    let (list, locales) = (intern("XIM_SERVERS")?, intern("LOCALES")?);
    let (list, locales) = (list.reply()?.atom, locales.reply()?.atom);
    let servers = connection
        .get_property(false, root, list, AtomEnum::ATOM, 0, 1024)?
        .reply()?;
    let servers: Vec<u32> = servers.value32().into_iter().flatten().collect();
    let window = connection.generate_id()?;
    let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
    connection.create_window(0, window, root, -1, -1, 1, 1, 0, class, 0, &aux)?;
    for server in servers {
        let called = connection.get_atom_name(server)?.reply()?.name;
        let called = called.strip_prefix(b"@server=".as_slice()).unwrap_or_default();
        let is_meant = name.is_empty() || called == name.as_bytes();
        if !is_meant || connection.get_selection_owner(server)?.reply()?.owner == NONE {
            continue;
        }
        // Xlib's first question. Who does not know an answer says that.
        connection.convert_selection(window, server, locales, locales, CURRENT_TIME)?;
        if !is_answered(&connection, server, Instant::now() + PATIENCE)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether an answer comes in time.
fn is_answered(connection: &RustConnection, server: u32, deadline: Instant) -> anyhow::Result<bool> {
    connection.flush()?;
    loop {
        while let Some(event) = connection.poll_for_event()? {
            if matches!(&event, Event::SelectionNotify(answer) if answer.selection == server) {
                return Ok(true);
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        let timeout = Timespec::try_from(left)?;
        match poll(&mut [PollFd::new(connection.stream(), PollFlags::IN)], Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_method_is_read_as_xlib_reads_it() {
        let named = |modifiers| wanted(modifiers).unwrap_or_else(|| "none".into());
        assert_eq!(named("@im=fcitx"), "fcitx");
        assert_eq!(named("@lang=ja@im=ibus@other"), "ibus");
        assert_eq!(named(""), "");
        assert_eq!(named("@im="), "");
        assert_eq!(wanted("@im=none"), None);
        assert_eq!(wanted("@im=local"), None);
    }
}
