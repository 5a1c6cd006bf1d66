//! Buttons of the toolbar: window actions (command 21), navigation actions (22), and their names (61).

use crate::Host;
use crate::message::{Budget, Setting, choice, icon};
use crate::window::{Button, Choices, Feeds, Subscription, Window};
use portico_abi::{Code, List, Text, ToolbarNames, WindowActionEvent, WindowActions, which};
use portico_kernel::{Channel, Cx, Default as Grant, Failure, Fault, Portal, ProgramText, Received, Sent, Served};
use std::sync::Arc;

/// Most buttons at either end.
const MAX_BUTTONS: u32 = 3;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "toolbar",
    summary: "Put buttons into the toolbar of its window",
    default: Grant::Open,
    watched: false,
    commands: &[
        Served {
            number: which::WINDOW_ACTIONS,
            name: "window actions",
            single: true,
            open: Some(|cx| open(cx, End::Actions)),
        },
        Served {
            number: which::NAVIGATION_ACTIONS,
            name: "navigation actions",
            single: true,
            open: Some(|cx| open(cx, End::Navigation)),
        },
        Served {
            number: which::TOOLBAR_NAMES,
            name: "toolbar names",
            single: true,
            open: Some(|_| Setting::open(names)),
        },
    ],
};

#[derive(Clone, Copy)]
enum End {
    Navigation,
    Actions,
}

fn open(cx: &mut Cx<'_, Host>, end: End) -> Result<Box<dyn Channel<Host>>, Failure> {
    let of: fn(&Window) -> &Feeds<Choices> = match end {
        End::Navigation => |window| &window.pressed_navigation,
        End::Actions => |window| &window.pressed_actions,
    };
    let pressed = Subscription::new(&cx.host.window.clone(), of, Choices::default(), cx.waker());
    Ok(Box::new(Buttons { end, pressed, at: 0 }))
}

struct Buttons {
    end: End,
    pressed: Subscription<Choices>,
    at: u32,
}

impl Buttons {
    fn show(&self, buttons: Option<Arc<[Button]>>) {
        self.pressed.window().change(|chrome| match self.end {
            End::Navigation => chrome.navigation = buttons,
            End::Actions => chrome.actions = buttons,
        });
    }
}

impl Channel<Host> for Buttons {
    fn send(&mut self, cx: &mut Cx<'_, Host>, at: u32) -> Result<Sent, Fault> {
        let message: WindowActions = cx.memory.read(at, "actions")?;
        if message.len.get() > MAX_BUTTONS {
            return Err(Fault::failure(Code::Invalid, format!("`len` is {}, more than {MAX_BUTTONS}", message.len)));
        }
        let names = match self.end {
            End::Navigation => &cx.host.navigation_names,
            End::Actions => &cx.host.action_names,
        };
        let icons = message.icons.iter().take(message.len.get() as usize).enumerate();
        let buttons: Result<Arc<[Button]>, Fault> = icons
            .map(|(index, number)| {
                let name = names.get(index).cloned().unwrap_or_default();
                icon(number.get()).map(|icon| Button { icon, name }).ok_or_else(|| {
                    Fault::failure(Code::Invalid, format!("icon {index} is {number:#x}, which is no scalar value"))
                })
            })
            .collect();
        self.show(Some(buttons?));
        self.at = at;
        Ok(if self.pressed.lock().is_empty() { Sent::Waiting } else { Sent::Ready })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let at = self.at;
        choice(&self.pressed, |action| {
            cx.memory.deliver(at, &WindowActionEvent { action: action.into(), ..WindowActionEvent::default() });
        })
    }
}

impl Drop for Buttons {
    fn drop(&mut self) {
        self.show(None);
    }
}

fn names(cx: &mut Cx<'_, Host>, at: u32) -> Result<(), Fault> {
    let message: ToolbarNames = cx.memory.read(at, "ToolbarNames")?;
    let read = |list: List, field| -> Result<Vec<ProgramText>, Fault> {
        if list.size.get() > MAX_BUTTONS {
            return Err(Fault::failure(Code::Invalid, format!("`{field}` has more than {MAX_BUTTONS} names")));
        }
        let mut budget = Budget::new();
        let texts = cx.memory.list::<Text>(list, field)?;
        texts.iter().map(|text| budget.text(&cx.memory, *text, field)).collect()
    };
    let (navigation, actions) = (read(message.navigation, "navigation")?, read(message.actions, "actions")?);
    cx.host.window.change(|chrome| {
        rename(&mut chrome.navigation, &navigation);
        rename(&mut chrome.actions, &actions);
    });
    (cx.host.navigation_names, cx.host.action_names) = (navigation, actions);
    Ok(())
}

fn rename(buttons: &mut Option<Arc<[Button]>>, names: &[ProgramText]) {
    for (index, button) in buttons.iter_mut().flat_map(|buttons| Arc::make_mut(buttons).iter_mut()).enumerate() {
        button.name = names.get(index).cloned().unwrap_or_default();
    }
}
