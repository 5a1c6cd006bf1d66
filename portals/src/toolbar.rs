//! Buttons of the toolbar: window actions (command 21), navigation actions (22), and their names (61).

use crate::Host;
use crate::channels::{Budget, RequestChannel, choice, icon, subscribe};
use crate::feed::Feeds;
use crate::window::{Button, Choices, Window, WindowSubscription};
use portico_abi::{Code, List, Text, ToolbarNames, WindowActionEvent, WindowActions, which};
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, ProgramText, Reading, Received, Sent,
};
use std::sync::Arc;

/// Most buttons at either end.
const MAX_BUTTONS: u32 = 3;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "toolbar",
    summary: "Put buttons into the toolbar of its window",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::WINDOW_ACTIONS,
            name: "window actions",
            single: true,
            open: Some(|| Box::new(Buttons::new(End::Actions))),
        },
        CommandEntry {
            number: which::NAVIGATION_ACTIONS,
            name: "navigation actions",
            single: true,
            open: Some(|| Box::new(Buttons::new(End::Navigation))),
        },
        CommandEntry {
            number: which::TOOLBAR_NAMES,
            name: "toolbar names",
            single: true,
            open: Some(|| RequestChannel::open(names, rename_buttons)),
        },
    ],
};

#[derive(Clone, Copy)]
enum End {
    Navigation,
    Actions,
}

struct Buttons {
    end: End,
    pressed: Option<WindowSubscription<Choices>>,
    at: u32,
    /// Icons of the buttons that were posted last.
    icons: Vec<Option<char>>,
}

impl Buttons {
    fn new(end: End) -> Self {
        Self {
            end,
            pressed: None,
            at: 0,
            icons: Vec::new(),
        }
    }

    fn show(&self, buttons: Option<Arc<[Button]>>) {
        let Some(pressed) = &self.pressed else { return };
        pressed.window().change(|chrome| match self.end {
            End::Navigation => chrome.navigation = buttons,
            End::Actions => chrome.actions = buttons,
        });
    }
}

impl Channel<Host> for Buttons {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: WindowActions = cx.memory.read(at, "actions")?;
        if message.len.get() > MAX_BUTTONS {
            return Err(Fault::failure(
                Code::Invalid,
                format!("`len` is {}, more than {MAX_BUTTONS}", message.len),
            ));
        }
        let icons = message.icons.iter().take(message.len.get() as usize).enumerate();
        let icons: Result<_, Fault> = icons
            .map(|(index, number)| {
                icon(number.get()).ok_or_else(|| {
                    Fault::failure(
                        Code::Invalid,
                        format!("icon {index} is {number:#x}, which is no scalar value"),
                    )
                })
            })
            .collect();
        self.icons = icons?;
        self.at = at;
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let (feeds, names): (fn(&Window) -> &Feeds<Choices>, _) = match self.end {
            End::Navigation => (|window| &window.pressed_navigation, &cx.host.navigation_names),
            End::Actions => (|window| &window.pressed_actions, &cx.host.action_names),
        };
        let buttons = self.icons.iter().enumerate();
        let name = |index: usize| names.get(index).cloned().unwrap_or_default();
        let buttons = buttons
            .map(|(index, icon)| Button {
                icon: *icon,
                name: name(index),
            })
            .collect();
        let pressed = self.pressed.get_or_insert_with(|| subscribe(cx, feeds));
        let waiting = !pressed.lock().is_empty();
        self.show(Some(buttons));
        Ok(if waiting { Sent::Ready } else { Sent::Waiting })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let at = self.at;
        choice(self.pressed.as_ref(), |action| {
            cx.memory.deliver(
                at,
                &WindowActionEvent {
                    action: action.into(),
                    ..WindowActionEvent::default()
                },
            );
        })
    }
}

impl Drop for Buttons {
    fn drop(&mut self) {
        self.show(None);
    }
}

/// Names of the buttons at both ends: navigation, then actions.
type Names = (Vec<ProgramText>, Vec<ProgramText>);

fn names(cx: &mut Reading<'_, Host>, at: u32) -> Result<Names, Fault> {
    let message: ToolbarNames = cx.memory.read(at, "ToolbarNames")?;
    let read = |list: List, field| -> Result<Vec<ProgramText>, Fault> {
        if list.size.get() > MAX_BUTTONS {
            return Err(Fault::failure(
                Code::Invalid,
                format!("`{field}` has more than {MAX_BUTTONS} names"),
            ));
        }
        let mut budget = Budget::new();
        let texts = cx.memory.list::<Text>(list, field)?;
        texts.iter().map(|text| budget.text(cx.memory, *text, field)).collect()
    };
    Ok((
        read(message.navigation, "navigation")?,
        read(message.actions, "actions")?,
    ))
}

fn rename_buttons(cx: &mut Cx<'_, Host>, (navigation, actions): Names) -> Result<(), Failure> {
    cx.host.window.change(|chrome| {
        rename(&mut chrome.navigation, &navigation);
        rename(&mut chrome.actions, &actions);
    });
    (cx.host.navigation_names, cx.host.action_names) = (navigation, actions);
    Ok(())
}

fn rename(buttons: &mut Option<Arc<[Button]>>, names: &[ProgramText]) {
    for (index, button) in buttons
        .iter_mut()
        .flat_map(|buttons| Arc::make_mut(buttons).iter_mut())
        .enumerate()
    {
        button.name = names.get(index).cloned().unwrap_or_default();
    }
}
