//! Tabs behind the hamburger button: command 24.

use crate::channel::text;
use crate::error::Error;
use crate::events::{Choices, Source};
use crate::host;
use crate::runtime::{self, Message, Next, Queue};
use futures_core::Stream;
use portico_abi::which;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tab {
    /// Its symbol, if it has one.
    pub icon: Option<char>,
    /// Its title.
    pub title: String,
    /// Number shown beside it, 0 for none.
    pub badge: u32,
}

struct List {
    message: portico_abi::Tabs,
    tabs: Vec<Tab>,
    packed: Vec<portico_abi::Tab>,
    selected: u32,
    chosen: Queue<u32>,
}

fn packed(tabs: &[Tab]) -> Vec<portico_abi::Tab> {
    let pack = |tab: &Tab| portico_abi::Tab {
        icon: tab.icon.map_or(0, u32::from).into(),
        title: text(&tab.title),
        badge: tab.badge.into(),
    };
    tabs.iter().map(pack).collect()
}

fn number(selected: Option<usize>) -> u32 {
    selected.map_or(portico_abi::Tabs::NONE, |index| index as u32)
}

impl Message for List {
    fn prepare(&mut self) -> u32 {
        self.message.tabs.size = (self.packed.len() as u32).into();
        self.message.tabs.data = host::address(self.packed.as_ptr()).into();
        self.message.selected = self.selected.into();
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        self.chosen.push(self.message.chosen.get());
        Next::Ready
    }
}

impl Source<u32> for List {
    fn pop(&mut self) -> Option<u32> {
        self.chosen.pop()
    }
}

/// The program's tabs, for as long as this is held. Also a [`Stream`] of the indices chosen.
pub struct Tabs(Choices<List>);

impl Tabs {
    /// Shows tabs.
    pub fn open(tabs: Vec<Tab>, selected: Option<usize>) -> Self {
        let message = List {
            message: Default::default(),
            packed: packed(&tabs),
            tabs,
            selected: number(selected),
            chosen: Queue::new(16),
        };
        Self(Choices::open(which::TABS, message))
    }

    /// Shows other tabs. The program says which is selected, after a choice too.
    pub fn set(&mut self, tabs: Vec<Tab>, selected: Option<usize>) {
        self.0.offer(which::TABS, |message| {
            // The host may not have read the old ones yet.
            let packed = std::mem::replace(&mut message.packed, packed(&tabs));
            runtime::keep((std::mem::replace(&mut message.tabs, tabs), packed));
            message.selected = number(selected);
        });
    }

    /// Waits for a choice: the index of the tab.
    ///
    /// # Errors
    /// Why the host closed the channel.
    pub async fn next(&mut self) -> Result<usize, Error> {
        self.0.next().await
    }

    /// A choice if there is one already; never waits.
    pub fn take(&mut self) -> Option<usize> {
        self.0.take()
    }
}

impl Stream for Tabs {
    type Item = Result<usize, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(context)
    }
}
