//! What one start of a program may do.

use super::{Book, RunGrants, names};
use parking_lot::Mutex;
use portico_kernel::{Asked, Default, Grants, Program, ProgramText, Standing};
use std::collections::{BTreeMap, HashMap};

/// What a process has for the desk where the user is asked.
#[derive(Debug)]
pub enum Desk {
    /// A question, and the program's reason for it.
    Asked(Asked, Option<ProgramText>),
    /// Nobody wants to know any more.
    Withdrawn(&'static str),
    /// It uses a portal whose use is shown, through so many channels.
    Used(&'static str, u32),
}

/// Takes it to that desk, from the process's thread, without blocking.
type ToDesk = Box<dyn Fn(Desk) + Send + Sync>;

/// Grants of one start of a program.
pub struct ProgramGrants {
    program: String,
    reasons: BTreeMap<String, ProgramText>,
    book: Book,
    /// What was said until the program ends, on its command line or by the user: once, or not now.
    answers: Mutex<HashMap<&'static str, bool>>,
    desk: ToDesk,
}

impl ProgramGrants {
    /// Grants of `program`, started as `run` says.
    pub fn new(run: &RunGrants, program: &Program, book: Book, desk: impl Fn(Desk) + Send + Sync + 'static) -> Self {
        let (reasons, program) = (program.manifest().portals.clone(), program.identity().to_string());
        let said = names().into_iter().filter_map(|portal| Some((portal, run.said(portal)?)));
        Self { program, reasons, book, answers: Mutex::new(said.collect()), desk: Box::new(desk) }
    }

    /// What the program is known by.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The user says yes or no until the program ends.
    pub fn answer(&self, portal: &'static str, yes: bool) {
        self.answers.lock().insert(portal, yes);
    }

    /// What was said until the program ends.
    pub fn answered(&self, portal: &str) -> Option<bool> {
        self.answers.lock().get(portal).copied()
    }

    /// Whatever was said until the program ends is over.
    pub fn forget_answer(&self, portal: &str) {
        self.answers.lock().remove(portal);
    }

    /// Something else was said for good, which is newer than what was said until the program ends. Where it is that nothing is
    /// to be remembered, a no until the program ends stays.
    pub fn said_for_good(&self, portal: &str) {
        let said = self.book.known(&self.program, portal).is_some();
        self.answers.lock().retain(|name, yes| *name != portal || !(said || *yes));
    }

    /// As [`Grants::standing`], without waiting for what the user said for good to be read.
    pub fn standing_now(&self, portal: &'static str, default: Default) -> Standing {
        stands(self.answered(portal).or_else(|| self.book.known(&self.program, portal)), default)
    }
}

fn stands(said: Option<bool>, default: Default) -> Standing {
    match (said, default) {
        (Some(yes), _) => Standing::from(yes),
        (None, Default::Open) => Standing::Allowed,
        (None, Default::Ask) => Standing::Ask,
    }
}

impl Grants for ProgramGrants {
    fn standing(&self, portal: &'static str, default: Default) -> Standing {
        // Waits until the database has been read, once for all programs: what the user has shut must not be open for a
        // moment. The window is being made meanwhile, which takes longer.
        stands(self.answered(portal).or_else(|| self.book.look(&self.program, portal)), default)
    }

    fn ask(&self, portal: &'static str, asked: Asked) {
        // It may have been answered since the channel was opened.
        match self.standing(portal, Default::Ask) {
            Standing::Allowed => asked.allow(),
            Standing::Denied => drop(asked),
            Standing::Ask => {
                let reason = self.reasons.get(portal).filter(|reason| !reason.is_empty());
                (self.desk)(Desk::Asked(asked, reason.cloned()));
            }
        }
    }

    fn withdraw(&self, portal: &'static str) {
        (self.desk)(Desk::Withdrawn(portal));
    }

    fn used(&self, portal: &'static str, channels: u32) {
        (self.desk)(Desk::Used(portal, channels));
    }
}
