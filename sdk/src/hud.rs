//! Actions in the HUD, their shortcuts, and the mode that they go by: commands 23 and 44.

use crate::channel::{Channel, Fixed, text};
use crate::cursor::set_number;
use crate::error::Error;
use crate::events::{Choices, Source};
use crate::host;
use crate::runtime::{self, Message, Next, Queue};
use futures_core::Stream;
use portico_abi::{List, Number, Text, which};
pub use portico_abi::{key, modifier};
use std::pin::Pin;
use std::task::{Context, Poll};

/// An action that the user can find in the HUD, or fire with a shortcut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    name: String,
    description: String,
    tags: Vec<String>,
    modifiers: u8,
    key: u8,
    pressed: bool,
    disabled: bool,
    mode: u32,
}

impl Action {
    /// An action of mode 0, without a shortcut.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            tags: Vec::new(),
            modifiers: 0,
            key: portico_abi::Action::NONE,
            pressed: false,
            disabled: false,
            mode: 0,
        }
    }

    /// Says what it does.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Other words that find it.
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Its shortcut, which fires on press: bits of [`modifier`], and one of [`key`].
    pub fn shortcut(mut self, modifiers: u8, key: u16) -> Self {
        (self.modifiers, self.key, self.pressed) = (modifiers, key as u8, true);
        self
    }

    /// Its shortcut fires when the key is let go of.
    pub fn on_release(mut self) -> Self {
        self.pressed = false;
        self
    }

    /// Whether it shows greyed and never fires.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// The mode that it belongs to.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }
}

/// The actions as the host reads them: the strings in `actions`, and structs that point at them.
#[derive(Default)]
struct Packed {
    actions: Vec<Action>,
    tags: Vec<Text>,
    options: Vec<portico_abi::Action>,
}

impl Packed {
    fn new(actions: Vec<Action>) -> Self {
        let tags: Vec<Text> = actions
            .iter()
            .flat_map(|action| &action.tags)
            .map(|tag| text(tag))
            .collect();
        let mut rest = tags.as_slice();
        let options = actions
            .iter()
            .map(|action| {
                let (own, others) = rest.split_at(action.tags.len());
                rest = others;
                portico_abi::Action {
                    name: text(&action.name),
                    description: text(&action.description),
                    search_tags: list(own),
                    modifier: action.modifiers,
                    key: action.key,
                    pressed: action.pressed.into(),
                    disabled: action.disabled.into(),
                    mode: action.mode.into(),
                }
            })
            .collect();
        Self { actions, tags, options }
    }
}

fn list<T>(items: &[T]) -> List {
    List {
        size: (items.len() as u32).into(),
        data: host::address(items.as_ptr()).into(),
    }
}

struct Options {
    message: portico_abi::Menu,
    packed: Packed,
    chosen: Queue<u32>,
}

impl Message for Options {
    fn prepare(&mut self) -> u32 {
        self.message.options = list(&self.packed.options);
        host::address(&raw const self.message)
    }

    fn receive(&mut self) -> Next {
        self.chosen.push(self.message.options.size.get());
        Next::Ready
    }
}

impl Source<u32> for Options {
    fn pop(&mut self) -> Option<u32> {
        self.chosen.pop()
    }
}

/// The program's actions in the HUD, for as long as this is held. Also a [`Stream`] of the indices chosen.
pub struct Menu(Choices<Options>);

impl Menu {
    /// Offers actions.
    pub fn open(actions: Vec<Action>) -> Self {
        let message = Options {
            message: Default::default(),
            packed: Packed::new(actions),
            chosen: Queue::new(16),
        };
        Self(Choices::open(which::MENU, message))
    }

    /// Offers other actions. Choices among the old ones that nobody has looked at are dropped.
    pub fn set(&mut self, actions: Vec<Action>) {
        self.0.offer(which::MENU, |message| {
            message.chosen.clear();
            // The host may not have read the old ones yet.
            let old = std::mem::replace(&mut message.packed, Packed::new(actions));
            runtime::keep((old.actions, old.tags, old.options));
        });
    }

    /// Waits for a choice: the index of the action.
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

impl Stream for Menu {
    type Item = Result<usize, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(context)
    }
}

/// The mode that actions and the search field go by.
#[derive(Default)]
pub struct Mode {
    channel: Option<Channel<Fixed<Number>>>,
}

impl Mode {
    /// Mode 0, until it is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Switches to a mode.
    ///
    /// # Errors
    /// Why the host did not do it.
    pub async fn set(&mut self, mode: u32) -> Result<(), Error> {
        set_number(&mut self.channel, which::MODE, mode).await
    }
}
