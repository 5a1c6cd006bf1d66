//! The search field: command 25.

use crate::Host;
use crate::message::Budget;
use crate::window::{Query, Search, Subscription};
use portico_abi::{Search as Message, which};
use portico_kernel::{Buffer, Channel, Cx, Default as Grant, Failure, Fault, Portal, Received, Sent, Served};
use std::mem::offset_of;
use std::sync::Arc;
use zerocopy::little_endian::U32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "search",
    summary: "Show a search field in its toolbar",
    default: Grant::Open,
    watched: false,
    commands: &[Served { number: which::SEARCH, name: "search", single: true, open: Some(open) }],
};

fn open(cx: &mut Cx<'_, Host>) -> Result<Box<dyn Channel<Host>>, Failure> {
    let query = Subscription::new(&cx.host.window.clone(), |window| &window.queries, Query::default(), cx.waker());
    Ok(Box::new(SearchChannel { query, buffer: Buffer::default() }))
}

struct SearchChannel {
    query: Subscription<Query>,
    buffer: Buffer,
}

impl Channel<Host> for SearchChannel {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let message: Message = cx.memory.read(at, "Search")?;
        let mut budget = Budget::new();
        budget.elements(message.modes)?;
        let modes = cx.memory.list::<U32>(message.modes, "modes")?.iter().map(|mode| mode.get()).collect();
        let hint = budget.text(&cx.memory, message.hint, "hint")?;
        self.repost(cx, at)?;
        self.query.window().change(|chrome| chrome.search = Some(Arc::new(Search { modes, hint })));
        Ok(if self.query.lock().waiting().is_some() { Sent::Ready } else { Sent::Waiting })
    }

    fn repost(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Search")?;
        self.buffer = cx.memory.buffer::<u8>(at.wrapping_add(offset_of!(Message, query) as u32), "query")?;
        Ok(())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let mut query = self.query.lock();
        let Some(text) = query.waiting() else { return Ok(Received::Nothing) };
        if !cx.memory.fill(&[(self.buffer, text.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        query.delivered();
        Ok(Received::Delivered)
    }
}

impl Drop for SearchChannel {
    fn drop(&mut self) {
        self.query.window().change(|chrome| chrome.search = None);
    }
}
