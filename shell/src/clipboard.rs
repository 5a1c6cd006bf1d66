//! What programs have put on the clipboard, after the shell has ended: X11 and Wayland know it only as long as a process holds it.

use crate::executable;
#[cfg(all(unix, not(target_vendor = "apple")))]
use portico_ipc::display::{self, Display};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

/// The command that holds it.
const HOLD: &str = "hold-clipboard";

/// Leaves a process behind that holds a text on the clipboard until something else is put there.
pub(crate) fn hand_over(text: &str) {
    if !cfg!(all(unix, not(target_vendor = "apple"))) {
        // The system itself keeps it.
        return;
    }
    let hold = || -> std::io::Result<()> {
        // Another version may lie in this one's place by now, which need not know this command.
        let mut command = Command::new(executable::running_file()?);
        command
            .arg(HOLD)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/");
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            command.arg0("portico").process_group(0);
        }
        let mut child = command.spawn()?;
        // It reads to the end, which comes when this is dropped; it goes on without its parent.
        child
            .stdin
            .take()
            .map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()))
    };
    if let Err(error) = hold() {
        tracing::warn!("what is on the clipboard goes with the shell: {error}");
    }
}

/// Holds the text of standard input; returns an exit code when something else is on the clipboard.
pub(crate) fn hold() -> u8 {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    #[cfg(all(unix, not(target_vendor = "apple")))]
    end_with_server();
    #[cfg(all(unix, not(target_vendor = "apple")))]
    let held = read
        .map_err(|error| error.to_string())
        .and_then(|_| portico_devices::SystemClipboard::hold(text));
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    let held = read.map(drop);
    u8::from(held.is_err())
}

/// Ends this process with the X server that it holds a text for: whoever waits for another owner waits for ever then. A Wayland
/// compositor that goes is told of by itself.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn end_with_server() {
    use x11rb::connection::Connection as _;
    if !matches!(display::current(), Ok(Display::X11 { .. })) {
        return;
    }
    let watch = || {
        let Ok((connection, _)) = x11rb::connect(None) else {
            return;
        };
        while connection.wait_for_event().is_ok() {}
        std::process::exit(0);
    };
    // Without a thread for it, the process stays.
    let _ = std::thread::Builder::new().name("server".into()).spawn(watch);
}
