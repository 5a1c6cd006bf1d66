//! The user: commands 11 to 16. What is set here is kept by the shell, and every program is told of it.

use crate::buffer::Buffer;
use crate::channel::{Channel, Received, Sent, Value, Watch};
use crate::error::Error;
use crate::host;
use crate::runtime::{Message, Next};
pub use portico_abi::Language;
use portico_abi::{Lang, List, which};

/// The user's name.
pub fn name() -> Watch<String> {
    Watch::open(which::USER_NAME, Received::new())
}

/// The user's full name.
pub fn full_name() -> Watch<String> {
    Watch::open(which::FULL_NAME, Received::new())
}

/// The user's languages, most preferred first.
pub fn languages() -> Watch<Vec<Language>> {
    Watch::open(
        which::LANGUAGE,
        Languages {
            message: Lang::default(),
            buffer: Buffer::new(8),
            value: Vec::new(),
        },
    )
}

/// Sets the user's name: 1 to 256 bytes without control characters. The user is asked. It is kept when this returns.
///
/// # Errors
/// Denied when the user says no, Invalid for what is no name, Failed when it could not be kept.
pub async fn set_name(name: &str) -> Result<(), Error> {
    Channel::open(which::SET_USER_NAME, Sent::new(name)).ready().await
}

/// Sets the user's full name, as [`set_name`] does.
///
/// # Errors
/// As [`set_name`].
pub async fn set_full_name(name: &str) -> Result<(), Error> {
    Channel::open(which::SET_FULL_NAME, Sent::new(name)).ready().await
}

/// Sets the user's languages, most preferred first: 1 to 64 of them, each two small letters for the language and two capital
/// ones for the region, `XX` for none. The user is asked. They are kept when this returns.
///
/// # Errors
/// As [`set_name`].
pub async fn set_languages(languages: &[Language]) -> Result<(), Error> {
    let message = SetLanguages {
        message: Lang::default(),
        value: languages.to_vec(),
    };
    Channel::open(which::SET_LANGUAGE, message).ready().await
}

struct SetLanguages {
    message: Lang,
    value: Vec<Language>,
}

impl Message for SetLanguages {
    fn prepare(&mut self) -> u32 {
        let data = host::address(self.value.as_ptr());
        self.message.list = List {
            size: (self.value.len() as u32).into(),
            data: data.into(),
        };
        host::address(&raw const self.message)
    }
}

struct Languages {
    message: Lang,
    buffer: Buffer<Language>,
    value: Vec<Language>,
}

impl Message for Languages {
    fn prepare(&mut self) -> u32 {
        self.message.list = self.buffer.list();
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        let Some(list) = self.buffer.received(self.message.list) else {
            return Next::Again;
        };
        self.value = list.to_vec();
        Next::Ready
    }
}

impl Value<Vec<Language>> for Languages {
    fn value(&self) -> Vec<Language> {
        self.value.clone()
    }
}
