//! Notifications: command 51.

use crate::Host;
use crate::reply::{Pending, Reply};
use portico_abi::{Code, Notification as Message, which};
use portico_kernel::{
    Channel, CommandEntry, Cx, DefaultAccess, Failure, Fault, Portal, ProgramText, Reading, Received, Sent,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use zerocopy::little_endian::U32;

/// Longest title, in bytes.
const LONGEST_TITLE: usize = 256;
/// Longest text, in bytes.
const LONGEST_TEXT: usize = 4 << 10;

/// The portal.
pub(crate) const PORTAL: Portal<Host> = Portal {
    name: "notifications",
    summary: "Show notifications",
    default: DefaultAccess::Ask,
    watched: false,
    commands: &[CommandEntry {
        number: which::NOTIFICATION,
        name: "notification",
        single: false,
        open: Some(open),
    }],
};

/// Names a notification as long as this process lives. What is shown under the same name again replaces what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoteId(u64);

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Title, after its symbol if it has one; one line.
    pub title: ProgramText,
    /// Text, without markup.
    pub text: ProgramText,
}

/// How a notification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is gone: it expired, was dismissed, or whoever showed it is gone.
    Gone = 0,
    /// The user clicked it.
    Clicked = 1,
}

/// Shows notifications. Called on programs' threads; must not block.
pub trait Notifier: Send + Sync {
    /// Shows a notification and tells how it ended.
    fn show(&self, id: NoteId, note: Notification, ended: Reply<Outcome>);
}

/// How many notifications a program may show in how long a time: it should not bury what others have to say.
#[derive(Debug, Default)]
pub(crate) struct Quota(VecDeque<Instant>);

impl Quota {
    const MOST: usize = 20;
    const TIME: Duration = Duration::from_secs(60);

    /// Counts one more, unless there have been too many.
    fn take(&mut self, now: Instant) -> bool {
        while self
            .0
            .front()
            .is_some_and(|first| now.duration_since(*first) >= Self::TIME)
        {
            self.0.pop_front();
        }
        let free = self.0.len() < Self::MOST;
        if free {
            self.0.push_back(now);
        }
        free
    }
}

fn open() -> Box<dyn Channel<Host>> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = NoteId(NEXT.fetch_add(1, Ordering::Relaxed));
    Box::new(NotificationChannel {
        id,
        at: 0,
        posted: None,
        pending: Pending::default(),
    })
}

struct NotificationChannel {
    id: NoteId,
    at: u32,
    /// What the last message wants shown.
    posted: Option<Notification>,
    pending: Pending<Outcome>,
}

impl Channel<Host> for NotificationChannel {
    fn post(&mut self, cx: &mut Reading<'_, Host>, at: u32) -> Result<(), Fault> {
        let message: Message = cx.memory.read(at, "Notification")?;
        let invalid = |why: String| Fault::failure(Code::Invalid, why);
        let (title, text) = (message.title.size.get() as usize, message.text.size.get() as usize);
        if title == 0 || title > LONGEST_TITLE {
            return Err(invalid(format!("a title has 1 to {LONGEST_TITLE} bytes, not {title}")));
        }
        if text > LONGEST_TEXT {
            return Err(invalid(format!("a text has at most {LONGEST_TEXT} bytes, not {text}")));
        }
        let symbol = match message.icon.get() {
            0 => None,
            number => Some(char::from_u32(number).ok_or_else(|| invalid(format!("{number:#x} is no character")))?),
        };
        let title = cx.memory.text(message.title, "title")?;
        let title = match symbol {
            Some(symbol) => format!("{symbol} {title}").into(),
            None => title.into(),
        };
        let text = ProgramText::lines(cx.memory.text(message.text, "text")?);
        self.at = at;
        self.posted = Some(Notification { title, text });
        Ok(())
    }

    fn begin(&mut self, cx: &mut Cx<'_, Host>) -> Result<Sent, Failure> {
        let Some(note) = self.posted.take() else {
            return Ok(Sent::Waiting);
        };
        if !cx.host.quota.take(Instant::now()) {
            let (most, seconds) = (Quota::MOST, Quota::TIME.as_secs());
            return Err(Failure::new(
                Code::Limit,
                format!("at most {most} notifications in {seconds} seconds"),
            ));
        }
        // One ready comes, for the last message.
        let ended = self.pending.begin(cx.waker());
        cx.host.services.notifier.show(self.id, note, ended);
        Ok(self.pending.sent())
    }

    fn receive(&mut self, cx: &mut Cx<'_, Host>) -> Result<Received, Failure> {
        let Some(ended) = self.pending.take() else {
            return Ok(Received::Nothing);
        };
        cx.memory.deliver(self.at, &U32::new(ended? as u32));
        Ok(Received::Delivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_show_so_many_in_a_minute() {
        let (mut quota, start) = (Quota::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!((0..20).all(|second| quota.take(after(second))));
        assert!(!quota.take(after(59)));
        assert!(quota.take(after(60)), "the first is a minute ago");
        assert!(!quota.take(after(60)), "the second is not");
        assert!((61..80).all(|second| quota.take(after(second))));
    }
}
