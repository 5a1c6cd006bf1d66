//! The window itself: its state (command 47), its title (48), and unsaved work (62).

use crate::Host;
use crate::channels::RequestChannel;
use crate::feed::Subscription;
use crate::queue::Newest;
use crate::window::WindowState;
use portico_abi::{Code, Text, Window as Message, which};
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, ProgramText, Reading, Received, Sent,
};

/// Bytes of a title.
const MAX_TITLE: u32 = 256;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "window",
    summary: "Know the size and state of its window, and set its title",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::WINDOW,
            name: "window state",
            single: false,
            open: Some(|| Box::<StateChannel>::default()),
        },
        CommandEntry {
            number: which::TITLE,
            name: "window title",
            single: true,
            open: Some(|| {
                RequestChannel::open(title, |cx, title| {
                    cx.host.window.change(|chrome| chrome.title = Some(title));
                    Ok(())
                })
            }),
        },
        // Not served yet.
        CommandEntry {
            number: which::UNSAVED,
            name: "unsaved work",
            single: true,
            open: None,
        },
    ],
};

fn title(cx: &mut Reading<'_, Host>, at: u32) -> Result<ProgramText, Fault> {
    let text: Text = cx.memory.read(at, "title")?;
    if text.size.get() > MAX_TITLE {
        return Err(Fault::failure(
            Code::Invalid,
            format!("a title may have {MAX_TITLE} bytes"),
        ));
    }
    Ok(cx.memory.text(text, "title")?.into())
}

#[derive(Default)]
struct StateChannel {
    state: Option<Subscription<Newest<WindowState>>>,
    at: u32,
}

impl Channel<Host> for StateChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Window")?;
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let state = self.state.get_or_insert_with(|| {
            let waker = cx.waker();
            cx.host.window.subscribe_state(waker)
        });
        Ok(if state.lock().is_waiting() {
            Sent::Ready
        } else {
            Sent::Waiting
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(state) = self.state.as_ref().and_then(|state| state.lock().take()) else {
            return Ok(Received::Nothing);
        };
        cx.memory.deliver(self.at, &message(&state));
        Ok(Received::Delivered)
    }
}

fn message(state: &WindowState) -> Message {
    let flags = [
        (state.focused, Message::FOCUSED),
        (state.visible, Message::VISIBLE),
        (state.fullscreen, Message::FULL_SCREEN),
        (state.dark, Message::DARK),
        (state.reduced_motion, Message::REDUCED_MOTION),
        (state.closing, Message::CLOSING),
    ];
    let flags = flags
        .iter()
        .filter(|(set, _)| *set)
        .fold(0, |flags, (_, bit)| flags | bit);
    Message {
        width: state.width.into(),
        height: state.height.into(),
        scale: state.scale.into(),
        flags: flags.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zerocopy::IntoBytes;

    #[test]
    fn a_window_without_a_window_system_is_focused_and_visible() {
        let bytes = [0, 5, 0, 0, 0xD0, 2, 0, 0, 0, 0, 0x80, 0x3F, 3, 0, 0, 0];
        assert_eq!(message(&WindowState::default()).as_bytes(), bytes);
        let closing = WindowState {
            focused: false,
            dark: true,
            closing: true,
            ..WindowState::default()
        };
        assert_eq!(message(&closing).flags.get(), 0b10_1010);
    }
}
