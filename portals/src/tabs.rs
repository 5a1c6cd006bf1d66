//! Tabs behind the hamburger menu: command 24.

use crate::Host;
use crate::channels::{Budget, choice, icon, subscribe};
use crate::window::{Choices, Tab, WindowSubscription};
use portico_abi::{Code, Tab as Entry, Tabs, which};
use portico_kernel::{Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent};
use std::mem::offset_of;
use std::sync::Arc;
use zerocopy::little_endian::U32;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "tabs",
    summary: "List tabs behind the hamburger button",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[CommandEntry {
        number: which::TABS,
        name: "tabs",
        single: true,
        open: Some(|| Box::<TabsChannel>::default()),
    }],
};

#[derive(Default)]
struct TabsChannel {
    chosen: Option<WindowSubscription<Choices>>,
    at: u32,
    /// The tabs that were posted last, and which of them is selected.
    posted: Option<(Arc<[Tab]>, Option<u32>)>,
}

impl Channel<Host> for TabsChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Tabs = cx.memory.read(at, "Tabs")?;
        let selected = Some(message.selected.get()).filter(|selected| *selected != Tabs::NONE);
        if selected.is_some_and(|selected| selected >= message.tabs.size.get()) {
            return Err(Fault::failure(
                Code::Invalid,
                format!("`selected` is {}, which is no tab", message.selected),
            ));
        }
        let entries = cx.memory.list::<Entry>(message.tabs, "tabs")?;
        let mut budget = Budget::new();
        budget.elements(message.tabs)?;
        let icons: Vec<_> = entries
            .iter()
            .map(|entry| {
                icon(entry.icon.get()).ok_or_else(|| {
                    Fault::failure(
                        Code::Invalid,
                        format!("icon {:#x} is no scalar value", entry.icon.get()),
                    )
                })
            })
            .collect::<Result<_, _>>()?;
        let tabs: Arc<[Tab]> = entries
            .iter()
            .zip(icons)
            .map(|(entry, icon)| {
                let title = budget.text(cx.memory, entry.title, "title")?;
                Ok(Tab {
                    icon,
                    title,
                    badge: entry.badge.get(),
                })
            })
            .collect::<Result<_, Fault>>()?;
        self.at = at;
        self.posted = Some((tabs, selected));
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let chosen = self
            .chosen
            .get_or_insert_with(|| subscribe(cx, |window| &window.chosen_tabs));
        chosen.window().change(|chrome| chrome.tabs = self.posted.take());
        Ok(if chosen.lock().is_empty() {
            Sent::Waiting
        } else {
            Sent::Ready
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let at = self.at.wrapping_add(offset_of!(Tabs, chosen) as u32);
        choice(self.chosen.as_ref(), |index| cx.memory.deliver(at, &U32::new(index)))
    }
}

impl Drop for TabsChannel {
    fn drop(&mut self) {
        if let Some(chosen) = &self.chosen {
            chosen.window().change(|chrome| chrome.tabs = None);
        }
    }
}
