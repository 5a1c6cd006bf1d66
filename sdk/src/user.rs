//! The user: commands 11 to 13.

use crate::buffer::Buffer;
use crate::channel::{Received, Value, Watch};
use crate::host;
use crate::runtime::{Message, Next};
pub use portico_abi::Language;
use portico_abi::{Lang, which};

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
    Watch::open(which::LANGUAGE, Languages { message: Lang::default(), buffer: Buffer::new(8), value: Vec::new() })
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
        let Some(list) = self.buffer.received(self.message.list) else { return Next::Again };
        self.value = list.to_vec();
        Next::Ready
    }
}

impl Value<Vec<Language>> for Languages {
    fn value(&self) -> Vec<Language> {
        self.value.clone()
    }
}
