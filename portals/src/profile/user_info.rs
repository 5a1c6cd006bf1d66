//! What programs are told about the user, one for all of them.

use parking_lot::Mutex;
use portico_abi::Language;
use portico_kernel::Waker;
use std::collections::HashMap;
use std::sync::Arc;

/// What has been set in the place of what the system says of its user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserInfo {
    /// The user's name.
    pub user_name: Option<String>,
    /// The user's full name.
    pub full_name: Option<String>,
    /// The user's languages, most preferred first.
    pub languages: Option<Vec<Language>>,
}

/// Something to be set; `None` is what the system says.
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
    /// Takes something over.
    pub fn set(&mut self, detail: UserInfoField) {
        match detail {
            UserInfoField::UserName(name) => self.user_name = name,
            UserInfoField::FullName(name) => self.full_name = name,
            UserInfoField::Languages(languages) => self.languages = languages,
        }
    }

    /// What the system says of its user. It may have to ask others, so this may take a while.
    pub fn of_system() -> Self {
        Self {
            user_name: whoami::username().ok(),
            full_name: whoami::realname().ok(),
            languages: Some(super::languages(sys_locale::get_locales())),
        }
    }
}

/// Keeps what is set: the shell. Must not block: a program's thread may call it. What is kept later stays.
pub trait ProfileStore: Send + Sync {
    /// Keeps it, so that it survives whatever happens next, and says so to `kept`.
    fn keep(&self, detail: UserInfoField, kept: SetReply);
}

/// Hears of what became of something that was to be kept, from any thread. Dropped without a word, it could not be kept.
pub struct SetReply {
    profile: Arc<Profile>,
    detail: UserInfoField,
    told: Box<dyn FnOnce(Result<(), String>) + Send>,
}

impl SetReply {
    /// It is kept: from now on programs are told so.
    pub fn done(self) {
        self.profile.change(|known| known.person.set(self.detail));
        (self.told)(Ok(()));
    }

    /// It could not be kept; the text says why.
    pub fn failed(self, why: impl Into<String>) {
        (self.told)(Err(why.into()));
    }
}

/// What programs are told about the user.
pub struct Profile {
    known: Mutex<ProfileState>,
    keeper: Option<Box<dyn ProfileStore>>,
    channels: Mutex<Channels>,
}

/// What is known of the user by now.
#[derive(Default)]
pub(super) struct ProfileState {
    /// What has been set.
    pub(super) person: UserInfo,
    /// The language that the user has set for the shell's own windows.
    pub(super) spoken: Option<Language>,
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
    pub fn new(keeper: impl ProfileStore + 'static) -> Arc<Self> {
        Arc::new(Self {
            known: Mutex::default(),
            keeper: Some(Box::new(keeper)),
            channels: Mutex::default(),
        })
    }

    /// What the system says, which can't be changed.
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

    /// What had been set before has been read.
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

    /// The language that the user has set for the shell's own windows, which comes before those of the system; `None` where
    /// it is the system's own.
    pub fn speak(&self, language: Option<Language>) {
        if self.known.lock().spoken != language {
            self.change(|known| known.spoken = language);
        }
    }

    /// What has been set; `None` while that is not known.
    pub fn person(&self) -> Option<UserInfo> {
        self.look(|known| known.person.clone())
    }

    /// Looks at what is known; `None` while what has been set is not.
    pub(super) fn look<T>(&self, look: impl FnOnce(&ProfileState) -> T) -> Option<T> {
        let known = self.known.lock();
        known.read.then(|| look(&known))
    }

    /// Has something set: programs are told once it is kept. `told` hears of that then, from any thread, or why it could not
    /// be kept; it is dropped where nobody keeps anything.
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

    /// From now on every change wakes that channel.
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

/// A channel's hold on a profile.
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
