//! The user's profile as programs are told it, one for all of them.

use parking_lot::Mutex;
use portico_abi::Language;
use portico_kernel::Waker;
use std::collections::HashMap;
use std::sync::Arc;

/// Fields of the profile; those that are set take the place of the system's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserInfo {
    /// The user's name.
    pub user_name: Option<String>,
    /// The user's full name.
    pub full_name: Option<String>,
    /// The user's languages, most preferred first.
    pub languages: Option<Vec<Language>>,
}

/// A field with its new value; `None` for the system's.
#[derive(Clone, Debug, PartialEq)]
pub enum UserInfoField {
    /// The user's name.
    UserName(Option<String>),
    /// The user's full name.
    FullName(Option<String>),
    /// The user's languages, most preferred first.
    Languages(Option<Vec<Language>>),
}

impl UserInfo {
    /// Sets a field.
    pub fn set(&mut self, detail: UserInfoField) {
        match detail {
            UserInfoField::UserName(name) => self.user_name = name,
            UserInfoField::FullName(name) => self.full_name = name,
            UserInfoField::Languages(languages) => self.languages = languages,
        }
    }

    /// Reads all fields from the system, which may have to ask others, so that this may take a while.
    pub fn of_system() -> Self {
        Self {
            user_name: whoami::username().ok(),
            full_name: whoami::realname().ok(),
            languages: Some(super::languages(sys_locale::get_locales())),
        }
    }
}

/// Stores fields that are set; implemented by the shell. Must not block: a program's thread may call it. The last value stays.
pub trait ProfileStore: Send + Sync {
    /// Stores a field so that it outlives the process, and answers `kept`.
    fn keep(&self, detail: UserInfoField, kept: SetReply);
}

/// Takes the answer to storing a field, from any thread. Dropped without one, the answer is that it could not be stored.
pub struct SetReply {
    profile: Arc<Profile>,
    detail: UserInfoField,
    told: Box<dyn FnOnce(Result<(), String>) + Send>,
}

impl SetReply {
    /// Answers that it is stored: from now on programs are told it.
    pub fn done(self) {
        self.profile.change(|known| known.person.set(self.detail));
        (self.told)(Ok(()));
    }

    /// Answers that it could not be stored; the text says why.
    pub fn failed(self, why: impl Into<String>) {
        (self.told)(Err(why.into()));
    }
}

/// The profile that programs are told.
pub struct Profile {
    known: Mutex<ProfileState>,
    keeper: Option<Box<dyn ProfileStore>>,
    channels: Mutex<Channels>,
}

/// State of a profile.
#[derive(Default)]
pub(super) struct ProfileState {
    /// Fields that are set.
    pub(super) person: UserInfo,
    /// The language that the user has set for the shell's own windows.
    pub(super) spoken: Option<Language>,
    /// Whether the fields that were stored have been read.
    read: bool,
}

/// Channels that are woken by changes.
#[derive(Default)]
struct Channels {
    next: u64,
    wakers: HashMap<u64, Waker>,
}

impl Profile {
    /// A profile that `keeper` stores, and that is yet to be read: programs wait for [`Profile::fill`].
    pub fn new(keeper: impl ProfileStore + 'static) -> Arc<Self> {
        Arc::new(Self {
            known: Mutex::default(),
            keeper: Some(Box::new(keeper)),
            channels: Mutex::default(),
        })
    }

    /// The system's profile, which can't be changed.
    pub fn of_system() -> Arc<Self> {
        let known = ProfileState {
            read: true,
            ..ProfileState::default()
        };
        Arc::new(Self {
            known: Mutex::new(known),
            keeper: None,
            channels: Mutex::default(),
        })
    }

    /// Takes in the fields that were stored, now that they have been read.
    pub fn fill(&self, before: UserInfo) {
        self.change(|known| {
            // What has been set since is newer.
            let since = std::mem::replace(&mut known.person, before);
            let person = &mut known.person;
            person.user_name = since.user_name.or(person.user_name.take());
            person.full_name = since.full_name.or(person.full_name.take());
            person.languages = since.languages.or(person.languages.take());
            known.read = true;
        });
    }

    fn change(&self, change: impl FnOnce(&mut ProfileState)) {
        change(&mut self.known.lock());
        let wakers: Vec<_> = self.channels.lock().wakers.values().cloned().collect();
        for waker in wakers {
            waker.ready();
        }
    }

    /// Sets the language of the shell's own windows, which comes before those of the system; `None` where it is the system's
    /// own.
    pub fn speak(&self, language: Option<Language>) {
        if self.known.lock().spoken != language {
            self.change(|known| known.spoken = language);
        }
    }

    /// The fields that are set; `None` while they have not been read.
    pub fn person(&self) -> Option<UserInfo> {
        self.look(|known| known.person.clone())
    }

    /// Calls `look` with the state; `None` while it has not been read.
    pub(super) fn look<T>(&self, look: impl FnOnce(&ProfileState) -> T) -> Option<T> {
        let known = self.known.lock();
        known.read.then(|| look(&known))
    }

    /// Sets a field: programs are told once it is stored. `told` is called then, from any thread, or with the reason why it could
    /// not be stored; it is dropped where nothing is stored.
    pub fn set(self: &Arc<Self>, detail: UserInfoField, told: impl FnOnce(Result<(), String>) + Send + 'static) {
        let kept = SetReply {
            profile: Arc::clone(self),
            detail: detail.clone(),
            told: Box::new(told),
        };
        if let Some(keeper) = &self.keeper {
            keeper.keep(detail, kept);
        }
    }

    /// Subscribes a channel: from now on every change wakes it.
    pub(super) fn watch(self: &Arc<Self>, waker: Waker) -> Subscription {
        let mut channels = self.channels.lock();
        let number = channels.next;
        channels.next += 1;
        channels.wakers.insert(number, waker);
        Subscription {
            profile: Arc::clone(self),
            number,
        }
    }
}

/// Subscription of a channel to a profile's changes, until it is dropped.
pub(super) struct Subscription {
    profile: Arc<Profile>,
    number: u64,
}

impl Subscription {
    /// The profile.
    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.profile.channels.lock().wakers.remove(&self.number);
    }
}
