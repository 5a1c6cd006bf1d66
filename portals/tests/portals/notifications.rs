//! Notifications (51).

use crate::probe::{FREE, Probe, list};
use portico_abi::{CLOSED, Notification, which};
use portico_kernel::{Code, Failure, ProgramText};
use portico_portals::{Notification as Shown, Outcome};
use zerocopy::little_endian::U32;

const AT: u32 = 0x6000;

fn note(probe: &mut Probe, title: &str, text: &str, icon: u32) {
    let at = FREE + 0x1000;
    probe.put(FREE, title.as_bytes()).put(at, text.as_bytes());
    let (title, text) = (list(title.len() as u32, FREE), list(text.len() as u32, at));
    probe.put(
        AT,
        &Notification {
            title,
            text,
            icon: icon.into(),
        },
    );
}

#[test]
fn a_notification_tells_how_it_ended() {
    let mut probe = Probe::start();
    note(&mut probe, "Done\n", "All of\tit.\nNow.", 0x2713);
    assert_eq!(probe.open(1, which::NOTIFICATION, AT).go(), [0; 0]);
    let (first, shown, ended) = probe.fakes.notes.lock().remove(0);
    assert_eq!(
        shown,
        Shown {
            title: "✓ Done".into(),
            text: ProgramText::lines("All of it.\nNow.")
        }
    );
    ended.give(Ok(Outcome::Clicked));
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<U32>(AT).get(), 1);
    // The next on the channel is the same place on the screen; another channel has one of its own.
    note(&mut probe, "Again", "", 0);
    assert_eq!(probe.send(1, AT).open(2, which::NOTIFICATION, AT).go(), [0; 0]);
    let (second, shown, ended) = probe.fakes.notes.lock().remove(0);
    assert_eq!((second, &*shown.title), (first, "Again"));
    assert_ne!(probe.fakes.notes.lock()[0].0, first);
    ended.give(Ok(Outcome::Gone));
    assert_eq!(probe.wait(), [1]);
    assert_eq!(probe.get::<U32>(AT).get(), 0);
}

#[test]
fn a_notification_that_can_not_be_shown_says_why() {
    let mut probe = Probe::start();
    note(&mut probe, "a", "", 0);
    assert_eq!(
        probe
            .open(1, which::NOTIFICATION, AT)
            .open(2, which::NOTIFICATION, AT)
            .go(),
        [0; 0]
    );
    let (_, _, ended) = probe.fakes.notes.lock().remove(0);
    ended.give(Err(Failure::new(Code::Unavailable, "no service")));
    assert_eq!(probe.wait(), [1 | CLOSED]);
    assert_eq!(probe.why(1), Code::Unavailable);
    probe.fakes.notes.lock().clear();
    assert_eq!(probe.wait(), [2 | CLOSED]);
    assert_eq!(probe.why(2), Code::Unavailable);
    let mut shut = Probe::without(&["notifications"]);
    note(&mut shut, "a", "", 0);
    assert_eq!(shut.fails(which::NOTIFICATION, AT), Code::Denied);
    assert!(shut.fakes.notes.lock().is_empty());
}

#[test]
fn wrong_ones_and_too_many_are_refused() {
    let mut probe = Probe::start();
    note(&mut probe, "", "no title", 0);
    assert_eq!(probe.fails(which::NOTIFICATION, AT), Code::Invalid);
    note(&mut probe, &"t".repeat(257), "", 0);
    assert_eq!(probe.fails(which::NOTIFICATION, AT), Code::Invalid);
    note(&mut probe, "t", &"t".repeat(4097), 0);
    assert_eq!(probe.fails(which::NOTIFICATION, AT), Code::Invalid);
    note(&mut probe, "t", "", 0xD800);
    assert_eq!(probe.fails(which::NOTIFICATION, AT), Code::Invalid);
    note(&mut probe, "t", "", 0);
    for channel in 1..=20 {
        assert_eq!(probe.open(channel, which::NOTIFICATION, AT).go(), [0; 0]);
    }
    assert_eq!(probe.fails(which::NOTIFICATION, AT), Code::Limit);
    assert_eq!(probe.fakes.notes.lock().len(), 20);
}
