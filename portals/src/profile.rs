//! The user's profile: user name (command 11), full name (12), languages (13), and setting them (14 to 16).

mod user_info;

pub use user_info::{Profile, ProfileStore, SetReply, UserInfo, UserInfoField};

use crate::Host;
use crate::reply::Pending;
use portico_abi::{Code, Language, List, which};
use portico_kernel::{
    Buffer, Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, Reading, Received, Sent,
};
use user_info::{ProfileState, Subscription};
use zerocopy::IntoBytes;

/// Most bytes of what can be set of the user: of a name, and of all languages, which have four each.
pub const LONGEST: u32 = 256;

/// The portal for reading.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "profile",
    summary: "Know the user's name and languages",
    default: DefaultAccess::Open,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::USER_NAME,
            name: "user name",
            single: false,
            open: Some(|| read(1, |known| text(&known.person.user_name, whoami::username))),
        },
        CommandEntry {
            number: which::FULL_NAME,
            name: "full name",
            single: false,
            open: Some(|| read(1, |known| text(&known.person.full_name, whoami::realname))),
        },
        CommandEntry {
            number: which::LANGUAGE,
            name: "language",
            single: false,
            open: Some(|| {
                read(size_of::<Language>(), |known| {
                    let set = known.person.languages.clone();
                    let set = set.unwrap_or_else(|| spoken_first(known.spoken, languages(sys_locale::get_locales())));
                    set.as_bytes().to_vec()
                })
            }),
        },
    ],
};

/// The portal for changes.
pub(crate) const CHANGE: Portal<Host> = Portal {
    name: "change-profile",
    summary: "Change the user's name and languages",
    default: DefaultAccess::Ask,
    watched: false,
    commands: &[
        CommandEntry {
            number: which::SET_USER_NAME,
            name: "set user name",
            single: false,
            open: Some(|| change(|cx, at| Ok(UserInfoField::UserName(Some(name(cx, at)?))))),
        },
        CommandEntry {
            number: which::SET_FULL_NAME,
            name: "set full name",
            single: false,
            open: Some(|| change(|cx, at| Ok(UserInfoField::FullName(Some(name(cx, at)?))))),
        },
        CommandEntry {
            number: which::SET_LANGUAGE,
            name: "set language",
            single: false,
            open: Some(|| change(|cx, at| Ok(UserInfoField::Languages(Some(chosen(cx, at)?))))),
        },
    ],
};

/// A name as it was set, else the system's, else empty.
fn text<E>(set: &Option<String>, system: impl FnOnce() -> Result<String, E>) -> Vec<u8> {
    set.clone().unwrap_or_else(|| system().unwrap_or_default()).into_bytes()
}

/// Opens a command that tells something of the user, in elements of that many bytes.
fn read(element: usize, value: fn(&ProfileState) -> Vec<u8>) -> Box<dyn Channel<Host>> {
    Box::new(ProfileChannel {
        subscription: None,
        value,
        element,
        buffer: Buffer::default(),
        told: None,
    })
}

struct ProfileChannel {
    subscription: Option<Subscription>,
    value: fn(&ProfileState) -> Vec<u8>,
    element: usize,
    buffer: Buffer,
    /// The value that the program was told last.
    told: Option<Vec<u8>>,
}

impl ProfileChannel {
    /// The value, if the program has not been told it yet.
    fn news(&self) -> Option<Vec<u8>> {
        self.subscription
            .as_ref()?
            .profile()
            .look(self.value)
            .filter(|value| self.told.as_ref() != Some(value))
    }
}

impl Channel<Host> for ProfileChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.buffer = match self.element {
            1 => cx.memory.buffer::<u8>(at, "text")?,
            _ => cx.memory.buffer::<Language>(at, "list")?,
        };
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        self.subscription.get_or_insert_with(|| {
            let waker = cx.waker();
            cx.host.services.profile.watch(waker)
        });
        Ok(if self.news().is_some() {
            Sent::Ready
        } else {
            Sent::Waiting
        })
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(value) = self.news() else {
            return Ok(Received::Nothing);
        };
        if !cx.memory.fill(&[(self.buffer, &value)]) {
            return Ok(Received::TooSmall);
        }
        self.told = Some(value);
        Ok(Received::Delivered)
    }
}

/// Opens a command that sets what `read` finds in its message.
fn change(read: fn(&mut Reading<'_, Host>, u32) -> Result<UserInfoField, Fault>) -> Box<dyn Channel<Host>> {
    Box::new(Change {
        read,
        posted: None,
        answer: Pending::default(),
    })
}

struct Change {
    read: fn(&mut Reading<'_, Host>, u32) -> Result<UserInfoField, Fault>,
    /// What the last message sets.
    posted: Option<UserInfoField>,
    answer: Pending,
}

impl Channel<Host> for Change {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        self.posted = Some((self.read)(cx, at)?);
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        if let Some(detail) = self.posted.take() {
            let reply = self.answer.begin(cx.waker());
            cx.host.services.profile.set(detail, |kept| match kept {
                Ok(()) => reply.done(),
                Err(why) => reply.failed(Code::Failed, why),
            });
        }
        Ok(Sent::Waiting)
    }

    fn receive(&mut self, _cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        self.answer.receive()
    }
}

/// A name as it may be set.
fn name(cx: &mut Reading<'_, Host>, at: u32) -> Result<String, Fault> {
    let message: List = cx.memory.read(at, "text")?;
    if !(1..=LONGEST).contains(&message.size.get()) {
        return Err(Fault::failure(
            Code::Invalid,
            format!("a name has 1 to {LONGEST} bytes"),
        ));
    }
    let name = cx.memory.text(message, "text")?;
    if name.chars().any(char::is_control) {
        return Err(Fault::failure(Code::Invalid, "a name has no control characters"));
    }
    Ok(name.to_owned())
}

/// Languages as they may be set.
fn chosen(cx: &mut Reading<'_, Host>, at: u32) -> Result<Vec<Language>, Fault> {
    let message: List = cx.memory.read(at, "list")?;
    let most = LONGEST / size_of::<Language>() as u32;
    if !(1..=most).contains(&message.size.get()) {
        return Err(Fault::failure(
            Code::Invalid,
            format!("there are 1 to {most} languages"),
        ));
    }
    let languages = cx.memory.list::<Language>(message, "list")?;
    if !languages.iter().all(is_language) {
        return Err(Fault::failure(
            Code::Invalid,
            "a language has two small letters, and then two capital ones for the region",
        ));
    }
    Ok(languages.to_vec())
}

fn is_language(Language { code: [l0, l1, r0, r1] }: &Language) -> bool {
    [l0, l1].iter().all(|letter| letter.is_ascii_lowercase())
        && [r0, r1].iter().all(|letter| letter.is_ascii_uppercase())
}

/// The languages of these locales (`de-AT`, `zh-Hans-CN`), each once. Those without a code of two letters can't be told in
/// the ABI; where nothing is left, English is what an unlocalised system speaks.
fn languages(locales: impl Iterator<Item = String>) -> Vec<Language> {
    let mut languages = Vec::new();
    for language in locales.filter_map(|locale| language(&locale)) {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    if languages.is_empty() {
        languages.push(Language { code: *b"enXX" });
    }
    languages
}

/// The system's languages with the one first that the user has set for the shell, with its region where the system names one.
pub fn spoken_first(spoken: Option<Language>, mut system: Vec<Language>) -> Vec<Language> {
    if let Some(spoken) = spoken {
        let same = |language: &Language| language.code[..2] == spoken.code[..2];
        match system.iter().position(same) {
            Some(at) => system[..=at].rotate_right(1),
            None => system.insert(0, spoken),
        }
    }
    system
}

/// The language of a tag or locale (`eo`, `de-AT`, `pt_BR.UTF-8`); `None` for one without a code of two letters.
pub fn language(locale: &str) -> Option<Language> {
    let two_letters = |part: &str| -> Option<[u8; 2]> {
        part.as_bytes()
            .try_into()
            .ok()
            .filter(|letters: &[u8; 2]| letters.iter().all(u8::is_ascii_alphabetic))
    };
    let mut parts = locale.split(['-', '_', '.', '@']);
    let [l0, l1] = two_letters(parts.next()?)?.map(|letter| letter.to_ascii_lowercase());
    let [r0, r1] = parts
        .find_map(two_letters)
        .map_or(*b"XX", |region| region.map(|letter| letter.to_ascii_uppercase()));
    Some(Language { code: [l0, l1, r0, r1] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(locales: &[&str]) -> String {
        let languages = languages(locales.iter().map(ToString::to_string));
        languages
            .iter()
            .filter_map(Language::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn locales_become_languages() {
        assert_eq!(codes(&["de-AT", "eo", "EN_us", "de-AT"]), "deAT eoXX enUS");
        assert_eq!(codes(&["zh-Hans-CN", "ast-ES"]), "zhCN");
        assert_eq!(codes(&["C", "POSIX", ""]), "enXX");
    }

    #[test]
    fn the_language_of_the_shell_comes_before_those_of_the_system() {
        let told = |spoken: Option<&[u8; 4]>, system: &[&[u8; 4]]| {
            let spoken = spoken.map(|code| Language { code: *code });
            let told = spoken_first(spoken, system.iter().map(|code| Language { code: **code }).collect());
            told.iter().filter_map(Language::as_str).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(None, &[b"deDE", b"enGB"]), "deDE enGB");
        assert_eq!(told(Some(b"eoXX"), &[b"deDE", b"enGB"]), "eoXX deDE enGB");
        assert_eq!(
            told(Some(b"enXX"), &[b"deDE", b"frFR", b"enGB", b"eoXX"]),
            "enGB deDE frFR eoXX"
        );
    }
}
