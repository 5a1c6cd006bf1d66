//! The HUD's menu and shortcuts (command 23), and the mode that it goes by (44).

use crate::Host;
use crate::channels::{Budget, RequestChannel, choice, subscribe};
use crate::window::{Action, Choices, Shortcut, WindowSubscription};
use portico_abi::{Action as Entry, Code, Menu, Text, modifier, which};
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Memory, Portal, Reading, Received, Sent,
};
use std::mem::offset_of;
use std::sync::Arc;
use zerocopy::little_endian::U32;

/// Every modifier bit.
const MODIFIERS: u8 = modifier::SHIFT | modifier::CONTROL | modifier::ALT | modifier::LOGO;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "menu",
    summary: "Offer actions in the HUD, with shortcuts",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::MENU,
            name: "menu",
            single: true,
            open: Some(|| Box::<MenuChannel>::default()),
        },
        CommandEntry {
            number: which::MODE,
            name: "switch mode",
            single: false,
            open: Some(|| {
                RequestChannel::open(mode, |cx, mode| {
                    cx.host.window.change(|chrome| chrome.mode = mode);
                    Ok(())
                })
            }),
        },
    ],
};

fn mode(cx: &mut Reading<'_, Host>, at: u32) -> Result<u32, Fault> {
    Ok(cx.memory.read::<U32>(at, "mode")?.get())
}

#[derive(Default)]
struct MenuChannel {
    fired: Option<WindowSubscription<Choices>>,
    at: u32,
    /// The menu that was posted last.
    posted: Arc<[Action]>,
}

impl Channel<Host> for MenuChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let menu: Menu = cx.memory.read(at, "Menu")?;
        self.posted = read(cx.memory, menu)?;
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let fired = self.fired.get_or_insert_with(|| subscribe(cx, |window| &window.fired));
        fired.window().change(|chrome| {
            chrome.menu = Some(std::mem::take(&mut self.posted));
            // Choices of the old menu would mean something else in the new one.
            fired.lock().clear();
        });
        Ok(Sent::Waiting)
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let at = self.at;
        choice(self.fired.as_ref(), |index| cx.memory.deliver(at, &U32::new(index)))
    }
}

impl Drop for MenuChannel {
    fn drop(&mut self) {
        if let Some(fired) = &self.fired {
            fired.window().change(|chrome| chrome.menu = None);
        }
    }
}

fn read(memory: &Memory<'_>, menu: Menu) -> Result<Arc<[Action]>, Fault> {
    let entries = memory.list::<Entry>(menu.options, "options")?;
    let mut budget = Budget::new();
    budget.elements(menu.options)?;
    let address = |index: usize, offset: usize| {
        menu.options
            .data
            .get()
            .wrapping_add((index * size_of::<Entry>() + offset) as u32)
    };
    // Values of all entries before texts of any.
    let mut shortcuts = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let pressed = memory.boolean(entry.pressed, address(index, offset_of!(Entry, pressed)), "pressed")?;
        let disabled = memory.boolean(entry.disabled, address(index, offset_of!(Entry, disabled)), "disabled")?;
        let modifiers = if entry.modifier == Entry::NONE {
            0
        } else {
            entry.modifier
        };
        if modifiers & !MODIFIERS != 0 {
            return Err(Fault::failure(
                Code::Unsupported,
                format!("action {index} has modifier bits {modifiers:#x}"),
            ));
        }
        let shortcut = (entry.key != Entry::NONE).then_some(Shortcut {
            modifiers,
            key: entry.key,
            pressed,
        });
        shortcuts.push((shortcut, disabled));
    }
    let actions: Result<Arc<[Action]>, Fault> = entries
        .iter()
        .zip(shortcuts)
        .map(|(entry, (shortcut, disabled))| {
            budget.elements(entry.search_tags)?;
            let name = budget.text(memory, entry.name, "name")?;
            let description = budget.text(memory, entry.description, "description")?;
            let tags = memory.list::<Text>(entry.search_tags, "search_tags")?;
            let tags = tags
                .iter()
                .map(|tag| budget.text(memory, *tag, "search_tags"))
                .collect::<Result<_, _>>()?;
            Ok(Action {
                name,
                description,
                tags,
                shortcut,
                disabled,
                mode: entry.mode.get(),
            })
        })
        .collect();
    actions
}
