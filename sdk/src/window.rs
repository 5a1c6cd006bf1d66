//! The window around the picture: its state and its title, commands 47 and 48.

use crate::channel::{Channel, Fixed, Sent, Value, Watch};
use crate::error::Error;
use portico_abi::{Window, which};

/// State of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// Width of the picture's area in display pixels.
    pub width: u32,
    /// Height of the picture's area in display pixels.
    pub height: u32,
    /// Display pixels per point.
    pub scale: f32,
    /// It has the keyboard focus.
    pub focused: bool,
    /// Something of it can be seen.
    pub visible: bool,
    /// It fills the screen.
    pub full_screen: bool,
    /// The user wants dark colours.
    pub dark: bool,
    /// The user wants little motion.
    pub reduced_motion: bool,
    /// It closes: two seconds are left to save.
    pub closing: bool,
}

impl Value<State> for Fixed<Window> {
    fn value(&self) -> State {
        let flags = self.0.flags.get();
        State {
            width: self.0.width.get(),
            height: self.0.height.get(),
            scale: self.0.scale.get(),
            focused: flags & Window::FOCUSED != 0,
            visible: flags & Window::VISIBLE != 0,
            full_screen: flags & Window::FULL_SCREEN != 0,
            dark: flags & Window::DARK != 0,
            reduced_motion: flags & Window::REDUCED_MOTION != 0,
            closing: flags & Window::CLOSING != 0,
        }
    }
}

/// State of the window.
pub fn state() -> Watch<State> {
    Watch::open(which::WINDOW, Fixed(Window::default()))
}

/// Title of the window, for as long as this is held.
#[derive(Default)]
pub struct Title {
    channel: Option<Channel<Sent>>,
}

impl Title {
    /// The program's name, until it is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets it; up to 256 bytes.
    ///
    /// # Errors
    /// Why the host did not do it.
    pub async fn set(&mut self, title: &str) -> Result<(), Error> {
        match &mut self.channel {
            Some(channel) => {
                channel.with(|message| message.set(title));
                channel.send_or_open(which::TITLE);
                channel.ready().await
            }
            None => {
                self.channel
                    .insert(Channel::open(which::TITLE, Sent::new(title)))
                    .ready()
                    .await
            }
        }
    }
}
