//! Buttons of the toolbar and their names: commands 21, 22 and 61.

use crate::channel::{Channel, text};
use crate::error::Error;
use crate::events::{Source, next};
use crate::host;
use crate::runtime::{self, Message, Next, Queue};
use futures_core::Stream;
use portico_abi::{List, Text, ToolbarNames, WindowActions, which};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A button of the toolbar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button<'a> {
    /// Its symbol; `'\0'` for a gap that can't be pressed.
    pub icon: char,
    /// Its tooltip and accessible name.
    pub name: &'a str,
}

/// A press of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pressed {
    /// Of the buttons at the start, by index.
    Navigation(usize),
    /// Of the buttons at the end, by index.
    Action(usize),
}

struct Buttons {
    message: WindowActions,
    buttons: WindowActions,
    pressed: Queue<u32>,
}

impl Buttons {
    fn new(buttons: &[Button<'_>]) -> Self {
        Self {
            message: WindowActions::default(),
            buttons: packed(buttons),
            pressed: Queue::new(16),
        }
    }
}

fn packed(buttons: &[Button<'_>]) -> WindowActions {
    let mut message = WindowActions {
        len: (buttons.len() as u32).into(),
        ..WindowActions::default()
    };
    for (icon, button) in message.icons.iter_mut().zip(buttons) {
        *icon = u32::from(button.icon).into();
    }
    message
}

impl Message for Buttons {
    fn prepare(&mut self) -> u32 {
        // A press has been written over it.
        self.message = self.buttons;
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        self.pressed.push(self.message.len.get());
        Next::Ready
    }
}

impl Source<u32> for Buttons {
    fn pop(&mut self) -> Option<u32> {
        self.pressed.pop()
    }
}

#[derive(Default)]
struct Names {
    message: ToolbarNames,
    navigation: Vec<String>,
    actions: Vec<String>,
    navigation_texts: Vec<Text>,
    actions_texts: Vec<Text>,
}

impl Message for Names {
    fn prepare(&mut self) -> u32 {
        self.message = ToolbarNames {
            navigation: list(&self.navigation_texts),
            actions: list(&self.actions_texts),
        };
        host::address(&raw const self.message)
    }
}

fn list(texts: &[Text]) -> List {
    List {
        size: (texts.len() as u32).into(),
        data: host::address(texts.as_ptr()).into(),
    }
}

fn names(buttons: &[Button<'_>], names: &mut Vec<String>, texts: &mut Vec<Text>) {
    let new: Vec<String> = buttons.iter().map(|button| button.name.to_owned()).collect();
    let new_texts = new.iter().map(|name| text(name)).collect();
    // The host may not have read the old ones yet.
    runtime::keep((std::mem::replace(names, new), std::mem::replace(texts, new_texts)));
}

/// The toolbar's buttons, for as long as this is held. Also a [`Stream`] of presses.
#[derive(Default)]
pub struct Toolbar {
    navigation: Option<Channel<Buttons>>,
    actions: Option<Channel<Buttons>>,
    names: Option<Channel<Names>>,
    ended: bool,
}

impl Toolbar {
    /// No buttons yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the buttons at the start of the toolbar: at most 3.
    pub fn set_navigation(&mut self, buttons: &[Button<'_>]) {
        set(&mut self.navigation, which::NAVIGATION_ACTIONS, buttons);
        self.set_names(|message| names(buttons, &mut message.navigation, &mut message.navigation_texts));
    }

    /// Sets the buttons at the end of the toolbar: at most 3.
    pub fn set_actions(&mut self, buttons: &[Button<'_>]) {
        set(&mut self.actions, which::WINDOW_ACTIONS, buttons);
        self.set_names(|message| names(buttons, &mut message.actions, &mut message.actions_texts));
    }

    fn set_names(&mut self, change: impl FnOnce(&mut Names)) {
        match &mut self.names {
            Some(channel) => {
                channel.with(change);
                channel.send_or_open(which::TOOLBAR_NAMES);
            }
            None => {
                let mut message = Names::default();
                change(&mut message);
                self.names = Some(Channel::open(which::TOOLBAR_NAMES, message));
            }
        }
    }

    /// Waits for a press.
    ///
    /// # Errors
    /// Why the host closed a channel.
    pub async fn next(&mut self) -> Result<Pressed, Error> {
        poll_fn(|context| self.poll(context)).await
    }

    /// A press if there is one already; never waits.
    pub fn take(&mut self) -> Option<Pressed> {
        let pressed = |channel: &Option<Channel<Buttons>>| channel.as_ref()?.with(|message| message.pressed.pop());
        pressed(&self.navigation)
            .map(|index| Pressed::Navigation(index as usize))
            .or_else(|| pressed(&self.actions).map(|index| Pressed::Action(index as usize)))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Pressed, Error>> {
        if let Some(Poll::Ready(pressed)) = self.navigation.as_ref().map(|channel| next(channel, context)) {
            return Poll::Ready(pressed.map(|index| Pressed::Navigation(index as usize)));
        }
        match self.actions.as_ref().map(|channel| next(channel, context)) {
            Some(Poll::Ready(pressed)) => Poll::Ready(pressed.map(|index| Pressed::Action(index as usize))),
            _ => Poll::Pending,
        }
    }
}

fn set(channel: &mut Option<Channel<Buttons>>, which: u32, buttons: &[Button<'_>]) {
    match channel {
        Some(channel) => {
            channel.with(|message| {
                message.buttons = packed(buttons);
                message.pressed.clear();
            });
            channel.send_or_open(which);
        }
        None => *channel = Some(Channel::open(which, Buttons::new(buttons))),
    }
}

impl Stream for Toolbar {
    type Item = Result<Pressed, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let pressed = std::task::ready!(self.poll(context));
        self.ended = pressed.is_err();
        Poll::Ready(Some(pressed))
    }
}
