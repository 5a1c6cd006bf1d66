//! What programs are told about the user, one for all of them.

use crate::reply::Reply;
use parking_lot::Mutex;
use portico_abi::{Code, Language};
use portico_kernel::Waker;
use std::collections::HashMap;
use std::sync::Arc;

/// What has been set in the place of what the system says of its user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// The user's name.
    pub user_name: Option<String>,
    /// The user's full name.
    pub full_name: Option<String>,
    /// The user's languages, most preferred first.
    pub languages: Option<Vec<Language>>,
}

/// Something to be set.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// The user's name.
    UserName(String),
    /// The user's full name.
    FullName(String),
    /// The user's languages, most preferred first.
    Languages(Vec<Language>),
}

impl Person {
    /// Takes something over.
    pub fn set(&mut self, detail: Detail) {
        match detail {
            Detail::UserName(name) => self.user_name = Some(name),
            Detail::FullName(name) => self.full_name = Some(name),
            Detail::Languages(languages) => self.languages = Some(languages),
        }
    }
}

/// Keeps what programs set: the shell. Called on a program's thread; must not block. What is kept later stays.
pub trait Keep: Send + Sync {
    /// Keeps it, so that it survives whatever happens next, and says so to `kept`.
    fn keep(&self, detail: Detail, kept: Kept);
}

/// Hears of what became of something that was to be kept, from any thread. Dropped without a word, it could not be kept.
pub struct Kept {
    profile: Arc<Profile>,
    detail: Detail,
    reply: Reply,
}

impl Kept {
    /// It is kept: from now on programs are told so.
    pub fn done(self) {
        self.profile.change(|known| known.person.set(self.detail));
        self.reply.done();
    }

    /// It could not be kept; the text says why.
    pub fn failed(self, why: impl Into<String>) {
        self.reply.failed(Code::Failed, why);
    }
}

/// What programs are told about the user.
pub struct Profile {
    known: Mutex<Known>,
    keeper: Option<Box<dyn Keep>>,
    channels: Mutex<Channels>,
}

/// What is known of the user by now.
#[derive(Default)]
struct Known {
    person: Person,
    /// Whether what had been set before is among it.
    read: bool,
}

/// Channels that hear of changes.
#[derive(Default)]
struct Channels {
    next: u64,
    wakers: HashMap<u64, Waker>,
}

impl Profile {
    /// A profile that `keeper` keeps, and that is yet to be read: programs wait for [`Profile::fill`].
    pub fn new(keeper: impl Keep + 'static) -> Arc<Self> {
        Arc::new(Self { known: Mutex::default(), keeper: Some(Box::new(keeper)), channels: Mutex::default() })
    }

    /// What the system says, which can't be changed.
    pub fn of_system() -> Arc<Self> {
        let known = Known { person: Person::default(), read: true };
        Arc::new(Self { known: Mutex::new(known), keeper: None, channels: Mutex::default() })
    }

    /// What had been set before has been read.
    pub fn fill(&self, before: Person) {
        self.change(|known| {
            // What has been set since is newer.
            let since = std::mem::replace(&mut known.person, before);
            let names = [since.user_name.map(Detail::UserName), since.full_name.map(Detail::FullName)];
            let details = names.into_iter().chain([since.languages.map(Detail::Languages)]).flatten();
            details.for_each(|detail| known.person.set(detail));
            known.read = true;
        });
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock());
        let wakers: Vec<_> = self.channels.lock().wakers.values().cloned().collect();
        for waker in wakers {
            waker.ready();
        }
    }

    /// Looks at what has been set; `None` while that is not known.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Person) -> T) -> Option<T> {
        let known = self.known.lock();
        known.read.then(|| look(&known.person))
    }

    /// Has something set.
    pub(super) fn set(self: &Arc<Self>, detail: Detail, reply: Reply) {
        let kept = Kept { profile: Arc::clone(self), detail: detail.clone(), reply };
        // Without a keeper the answer is that nobody could do it.
        if let Some(keeper) = &self.keeper {
            keeper.keep(detail, kept);
        }
    }

    /// From now on every change wakes that channel.
    pub(super) fn watch(self: &Arc<Self>, waker: Waker) -> Watching {
        let mut channels = self.channels.lock();
        let number = channels.next;
        channels.next += 1;
        channels.wakers.insert(number, waker);
        Watching { profile: Arc::clone(self), number }
    }
}

/// A channel's hold on a profile.
pub(super) struct Watching {
    profile: Arc<Profile>,
    number: u64,
}

impl Watching {
    /// The profile.
    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.profile.channels.lock().wakers.remove(&self.number);
    }
}
