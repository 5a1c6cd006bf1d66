//! The search field of the toolbar: command 25.

use crate::buffer::Buffer;
use crate::channel::{Channel, text};
use crate::error::Error;
use crate::host;
use crate::runtime::{self, Message, Next};
use portico_abi::{List, Number, which};
use std::task::{Context, Poll, Waker};

struct Field {
    message: portico_abi::Search,
    modes: Vec<Number>,
    hint: String,
    buffer: Buffer<u8>,
    query: String,
}

impl Message for Field {
    fn prepare(&mut self) -> u32 {
        let modes = host::address(self.modes.as_ptr());
        self.message.modes = List {
            size: (self.modes.len() as u32).into(),
            data: modes.into(),
        };
        self.message.hint = text(&self.hint);
        self.message.query = self.buffer.list();
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        let Some(query) = self.buffer.received(self.message.query) else {
            return Next::Again;
        };
        self.query.clear();
        self.query.push_str(&String::from_utf8_lossy(query));
        Next::Ready
    }
}

/// A search field in the toolbar, for as long as this is held. Nothing is allocated for a short query.
pub struct Search {
    channel: Channel<Field>,
    query: String,
}

fn numbers(modes: &[u32]) -> Vec<Number> {
    modes.iter().map(|mode| (*mode).into()).collect()
}

impl Search {
    /// Shows the field in some modes, with a hint while it is empty.
    pub fn open(modes: &[u32], hint: &str) -> Self {
        let message = Field {
            message: Default::default(),
            modes: numbers(modes),
            hint: hint.to_owned(),
            buffer: Buffer::new(256),
            query: String::with_capacity(256),
        };
        Self {
            channel: Channel::open(which::SEARCH, message),
            query: String::with_capacity(256),
        }
    }

    /// Shows it in other modes, with another hint.
    pub fn set(&mut self, modes: &[u32], hint: &str) {
        self.channel.with(|message| {
            let modes = std::mem::replace(&mut message.modes, numbers(modes));
            // The host may not have read the old ones yet.
            runtime::keep((modes, std::mem::replace(&mut message.hint, hint.to_owned())));
        });
        self.channel.send_or_open(which::SEARCH);
    }

    /// Waits until the query has changed, or Enter has been pressed: the whole query, which may be empty.
    ///
    /// # Errors
    /// Why the host closed the channel.
    pub async fn next(&mut self) -> Result<&str, Error> {
        self.channel.ready().await?;
        Ok(self.newest())
    }

    /// The query if there is news of it; never waits.
    pub fn take(&mut self) -> Option<&str> {
        let ready = self.channel.poll(&mut Context::from_waker(Waker::noop()));
        matches!(ready, Poll::Ready(Ok(()))).then(|| self.newest())
    }

    fn newest(&mut self) -> &str {
        self.channel.with(|message| self.query.clone_from(&message.query));
        &self.query
    }
}
