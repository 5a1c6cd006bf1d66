//! What programs are told of the user (11 to 13), and what they set (14 to 16).

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, Language, which};
use portico_kernel::Code;
use portico_portals::{Profile, ProfileStore, SetReply, UserInfo, UserInfoField};

/// Where a name is to be written, and where one to be set stands.
const TOLD: u32 = 0x6000;
const SET: u32 = 0x6100;

/// Opens one of 11 to 13; gives what is ready.
fn listen(probe: &mut Probe, channel: u32, number: u32) -> Vec<u32> {
    probe.put(TOLD, &list(64, FREE)).open(channel, number, TOLD).go()
}

/// Puts a name to be set into memory.
fn name(probe: &mut Probe, name: &str) {
    probe
        .put(FREE + 0x200, name.as_bytes())
        .put(SET, &list(name.len() as u32, FREE + 0x200));
}

/// What the program wants to be kept.
fn wanted(probe: &Probe) -> (UserInfoField, SetReply) {
    probe.fakes.fields.lock().remove(0)
}

#[test]
fn what_is_set_is_told_to_every_program_once_it_is_kept() {
    let mut probe = Probe::start();
    let mut other = probe.beside();
    assert_eq!(listen(&mut probe, 1, which::USER_NAME), [1]);
    assert_eq!(listen(&mut other, 1, which::USER_NAME), [1]);
    let before = other.text(TOLD);
    name(&mut probe, "Ŝtela");
    assert_eq!(
        probe.open(2, which::SET_USER_NAME, SET).go(),
        [0; 0],
        "nobody has kept it yet"
    );
    let (detail, kept) = wanted(&probe);
    assert_eq!(detail, UserInfoField::UserName(Some("Ŝtela".into())));
    assert_eq!(other.go(), [0; 0]);
    assert_eq!(other.text(TOLD), before);
    kept.done();
    let mut ready = probe.wait();
    if ready.len() == 1 {
        ready.extend(probe.wait());
    }
    ready.sort_unstable();
    assert_eq!(ready, [1, 2]);
    assert_eq!(probe.text(TOLD), "Ŝtela");
    assert_eq!(other.wait(), [1]);
    assert_eq!(other.text(TOLD), "Ŝtela");
    // The full name is another thing, and a program that comes later hears of both.
    name(&mut probe, "Stella Maris");
    assert_eq!(probe.open(3, which::SET_FULL_NAME, SET).go(), [0; 0]);
    wanted(&probe).1.done();
    assert_eq!(probe.wait(), [3]);
    let mut late = probe.beside();
    assert_eq!(listen(&mut late, 1, which::FULL_NAME), [1]);
    assert_eq!(late.text(TOLD), "Stella Maris");
    assert_eq!(other.go(), [0; 0], "the user name is what it was");
}

#[test]
fn languages_are_set_in_their_order() {
    let mut probe = Probe::start();
    assert_eq!(listen(&mut probe, 1, which::LANGUAGE), [1]);
    let languages = [Language { code: *b"eoXX" }, Language { code: *b"deAT" }];
    probe.put(FREE + 0x200, b"eoXXdeAT").put(SET, &list(2, FREE + 0x200));
    assert_eq!(probe.open(2, which::SET_LANGUAGE, SET).go(), [0; 0]);
    let (detail, kept) = wanted(&probe);
    assert_eq!(detail, UserInfoField::Languages(Some(languages.into())));
    kept.done();
    while probe.get::<portico_abi::List>(TOLD).size.get() != 2 {
        probe.wait();
    }
    assert_eq!(probe.get::<[u8; 8]>(FREE), *b"eoXXdeAT");
}

#[test]
fn programs_wait_until_the_profile_has_been_read() {
    let profile = Profile::new(Nobody);
    let mut probe = Probe::of_user(profile.clone());
    assert_eq!(listen(&mut probe, 1, which::USER_NAME), [0; 0]);
    profile.fill(UserInfo {
        user_name: Some("Ada".into()),
        ..UserInfo::default()
    });
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(TOLD), "Ada");
    // This store drops what it is given.
    name(&mut probe, "Eve");
    probe.open(2, which::SET_USER_NAME, SET).go();
    assert_eq!(probe.wait(), [2 | CLOSED]);
    assert_eq!(probe.why(2), Code::Unavailable);
    assert_eq!(probe.text(TOLD), "Ada");
}

/// A store that does nothing.
struct Nobody;

impl ProfileStore for Nobody {
    fn keep(&self, _detail: UserInfoField, _kept: SetReply) {}
}

#[test]
fn what_can_t_be_kept_fails_and_is_not_told() {
    let mut probe = Probe::start();
    assert_eq!(listen(&mut probe, 1, which::USER_NAME), [1]);
    let before = probe.text(TOLD);
    name(&mut probe, "Eve");
    assert_eq!(probe.open(2, which::SET_USER_NAME, SET).go(), [0; 0]);
    wanted(&probe).1.failed("the disk is full");
    assert_eq!(probe.wait(), [2 | CLOSED]);
    assert_eq!(probe.why(2), Code::Failed);
    assert_eq!(probe.text(TOLD), before);
}

#[test]
fn what_is_no_name_and_no_language_is_invalid() {
    let mut probe = Probe::start();
    for (number, bytes) in [
        (which::SET_USER_NAME, &b""[..]),
        (which::SET_USER_NAME, b"two\nlines"),
        (which::SET_FULL_NAME, "bell\u{7}".as_bytes()),
        (which::SET_FULL_NAME, "\u{85}".as_bytes()),
        (which::SET_LANGUAGE, b""),
        (which::SET_LANGUAGE, b"EOxx"),
        (which::SET_LANGUAGE, b"eo--"),
        (which::SET_LANGUAGE, b"eoXXd\xFFAT"),
    ] {
        let size = if number == which::SET_LANGUAGE {
            bytes.len() / 4
        } else {
            bytes.len()
        };
        probe
            .put(FREE + 0x200, bytes)
            .put(SET, &list(size as u32, FREE + 0x200));
        assert_eq!(probe.fails(number, SET), Code::Invalid, "{bytes:?}");
    }
    for (number, size) in [(which::SET_USER_NAME, 257), (which::SET_LANGUAGE, 65)] {
        probe.put(SET, &list(size, FREE + 0x200));
        assert_eq!(probe.fails(number, SET), Code::Invalid);
    }
    name(&mut probe, &"é".repeat(128));
    assert_eq!(
        probe.open(1, which::SET_USER_NAME, SET).go(),
        [0; 0],
        "256 bytes are enough for everybody"
    );
    assert_eq!(probe.fakes.fields.lock().len(), 1);
    probe.put(FREE + 0x200, b"\xFF\xFE").put(SET, &list(2, FREE + 0x200));
    assert!(
        probe
            .open(2, which::SET_FULL_NAME, SET)
            .trap()
            .details
            .contains("UTF-8")
    );
}

#[test]
fn without_a_word_of_the_user_nothing_is_set() {
    let mut probe = Probe::without(&["change-profile"]);
    name(&mut probe, "Eve");
    for number in [which::SET_USER_NAME, which::SET_FULL_NAME] {
        assert_eq!(probe.fails(number, SET), Code::Denied);
    }
    assert!(probe.fakes.fields.lock().is_empty());
    assert_eq!(
        listen(&mut probe, 1, which::USER_NAME),
        [1],
        "reading is another portal"
    );
}

#[test]
fn of_two_messages_the_last_counts() {
    let mut probe = Probe::start();
    name(&mut probe, "first");
    assert_eq!(probe.open(1, which::SET_USER_NAME, SET).go(), [0; 0]);
    name(&mut probe, "second");
    assert_eq!(probe.send(1, SET).go(), [0; 0]);
    wanted(&probe).1.done();
    assert_eq!(probe.go(), [0; 0], "the answer to the first is none to the second");
    wanted(&probe).1.done();
    assert_eq!(probe.wait(), [1]);
    assert_eq!(listen(&mut probe, 2, which::USER_NAME), [2]);
    assert_eq!(probe.text(TOLD), "second");
}

#[test]
fn what_the_user_sets_in_the_shell_is_told_and_taken_back() {
    let mut probe = Probe::start();
    let system = {
        assert_eq!(listen(&mut probe, 1, which::USER_NAME), [1]);
        probe.text(TOLD)
    };
    let profile = probe.profile.clone();
    let set = |name: Option<&str>| {
        let (sender, told) = std::sync::mpsc::channel();
        profile.set(UserInfoField::UserName(name.map(str::to_owned)), move |kept| {
            drop(sender.send(kept))
        });
        told
    };
    let told = set(Some("Ŝtela"));
    assert!(told.try_recv().is_err(), "nobody has kept it yet");
    wanted(&probe).1.done();
    assert_eq!(told.recv(), Ok(Ok(())));
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(TOLD), "Ŝtela");
    assert_eq!(profile.person().unwrap().user_name.as_deref(), Some("Ŝtela"));
    let told = set(None);
    wanted(&probe).1.failed("the disk is full");
    assert_eq!(told.recv(), Ok(Err("the disk is full".into())));
    assert_eq!(probe.go(), [0; 0], "it is what it was");
    set(None);
    wanted(&probe).1.done();
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.text(TOLD), system);
}

#[test]
fn the_shell_s_own_language_is_told_first_unless_the_user_has_a_list() {
    let mut probe = Probe::start();
    let first = |probe: &Probe| probe.get::<[u8; 4]>(FREE);
    assert_eq!(listen(&mut probe, 1, which::LANGUAGE), [1]);
    let system = first(&probe);
    let profile = probe.profile.clone();
    profile.speak(Some(Language { code: *b"eoXX" }));
    while first(&probe)[..2] != *b"eo" {
        probe.wait();
    }
    assert_eq!(&probe.get::<[u8; 8]>(FREE)[4..], system, "then what the system speaks");
    profile.speak(Some(Language { code: *b"eoXX" }));
    assert_eq!(probe.go(), [0; 0], "nothing is told twice");
    profile.set(
        UserInfoField::Languages(Some(vec![Language { code: *b"deAT" }])),
        |_| (),
    );
    wanted(&probe).1.done();
    while first(&probe) != *b"deAT" {
        probe.wait();
    }
    assert_eq!(probe.get::<portico_abi::List>(TOLD).size.get(), 1);
    profile.speak(None);
    assert_eq!(probe.go(), [0; 0], "the list is the user's own");
}
