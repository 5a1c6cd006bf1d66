//! Notifications: command 51.

use crate::channel::{Channel, text};
use crate::error::Error;
use crate::host;
use crate::runtime::Message;
use portico_abi::{Notification as Packed, which};

/// How a notification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is gone, and nobody has clicked it.
    Gone,
    /// The user has clicked it.
    Clicked,
}

struct Note {
    packed: Packed,
    title: String,
    text: String,
    icon: u32,
}

impl Message for Note {
    fn prepare(&mut self) -> u32 {
        self.packed = Packed {
            title: text(&self.title),
            text: text(&self.text),
            icon: self.icon.into(),
        };
        host::address(&raw const self.packed)
    }
}

/// Shows a notification: a title of 1 to 256 bytes, a text of up to 4,096, and a symbol before the title. Returns when it has ended,
/// which may take long: drop what this returns, or spawn it, to go on. The user is asked the first time.
///
/// # Errors
/// Denied when the user says no, Unavailable where nothing shows notifications, Limit after 20 in a minute.
pub async fn show(title: &str, text: &str, icon: Option<char>) -> Result<Ended, Error> {
    let (title, text) = (title.to_owned(), text.to_owned());
    let channel = Channel::open(
        which::NOTIFICATION,
        Note {
            packed: Packed::default(),
            title,
            text,
            icon: icon.map_or(0, u32::from),
        },
    );
    channel.ready().await?;
    // How it ended stands over the first field.
    let ended = channel.with(|message| message.packed.title.size.get());
    Ok(if ended == 1 { Ended::Clicked } else { Ended::Gone })
}
