//! The search field: command 25.

use crate::Host;
use crate::channels::{Budget, subscribe};
use crate::window::{Query, Search, WindowSubscription};
use portico_abi::{Search as Message, which};
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};
use std::mem::offset_of;
use std::sync::Arc;
use zerocopy::little_endian::U32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "search",
    summary: "Show a search field in its toolbar",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::SEARCH,
        name: "search",
        single: true,
        open: Some(|| Box::<SearchChannel>::default()),
    }],
};

#[derive(Default)]
struct SearchChannel {
    query: Option<WindowSubscription<Query>>,
    buffer: Buffer,
    /// The field that was posted last.
    posted: Option<Search>,
}

impl Channel<Host> for SearchChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Search")?;
        let mut budget = Budget::new();
        budget.elements(message.modes)?;
        let modes = cx
            .memory
            .list::<U32>(message.modes, "modes")?
            .iter()
            .map(|mode| mode.get())
            .collect();
        let hint = budget.text(cx.memory, message.hint, "hint")?;
        self.repost(cx, at)?;
        self.posted = Some(Search { modes, hint });
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let query = self
            .query
            .get_or_insert_with(|| subscribe(cx, |window| &window.queries));
        query
            .window()
            .change(|chrome| chrome.search = self.posted.take().map(Arc::new));
        Ok(if query.lock().waiting().is_some() {
            Sent::Ready
        } else {
            Sent::Waiting
        })
    }

    fn repost(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        cx.memory.read::<Message>(at, "Search")?;
        self.buffer = cx
            .memory
            .buffer::<u8>(at.wrapping_add(offset_of!(Message, query) as u32), "query")?;
        Ok(())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(mut query) = self.query.as_ref().map(WindowSubscription::lock) else {
            return Ok(Received::Nothing);
        };
        let Some(text) = query.waiting() else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.buffer, text.as_bytes())]) {
            return Ok(Received::TooSmall);
        }
        query.delivered();
        Ok(Received::Delivered)
    }
}

impl Drop for SearchChannel {
    fn drop(&mut self) {
        if let Some(query) = &self.query {
            query.window().change(|chrome| chrome.search = None);
        }
    }
}
