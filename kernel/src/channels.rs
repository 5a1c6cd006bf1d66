//! The channel table of one process: ids, what each channel is waiting for, and the list of those that are ready.

use crate::close_reasons::CloseReasons;
use crate::fault::{Code, Failure, Fault, Trap};
use crate::grants::{Grants, PermissionRequest};
use crate::ids::Ids;
use crate::mailbox::{Mailbox, Signal, SlotKey, WakerSlot};
use crate::memory::Memory;
use crate::permission::Permission;
use crate::portal::{Channel, CommandEntry, Cx, PermissionState, Portal, Reading, Received, Sent, denied};
use crate::process_group::ChildSpawner;
use portico_abi::{CLOSED, Command, MAX_CHANNEL_ID, MAX_CHANNELS, which};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use zerocopy::little_endian::U32;

/// The host's table, by command number: those of the ABI, and the one for tests.
pub(crate) type Commands<H> = [Option<(&'static Portal<H>, &'static CommandEntry<H>)>; which::TEST as usize + 1];

/// Whether the process goes on after a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    On,
    Exit(u32),
}

/// State of a process that its channels use.
pub(crate) struct ProcessCx<'a, H: 'static> {
    pub(crate) host: &'a mut H,
    pub(crate) mailbox: &'a Arc<Mailbox>,
    pub(crate) grants: &'a dyn Grants,
    pub(crate) commands: &'a Commands<H>,
    pub(crate) spawner: &'a dyn ChildSpawner<H>,
}

impl<H: 'static> ProcessCx<'_, H> {
    /// The context of one channel.
    #[inline]
    fn cx<'a>(
        &'a mut self,
        memory: &'a mut [u8],
        waker_slot: &'a mut WakerSlot,
        permission: &'a mut PermissionState<H>,
        close_reasons: &'a CloseReasons,
    ) -> Cx<'a, H> {
        let memory = Memory::new(memory);
        let Self {
            host,
            mailbox,
            grants,
            spawner,
            ..
        } = self;
        Cx {
            memory,
            host,
            waker_slot,
            mailbox,
            close_reasons,
            grants: *grants,
            permission,
            spawner: *spawner,
        }
    }
}

/// A broken message, with where it was: the kernel's part of a trap.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommandTrap {
    pub(crate) trap: Trap,
    pub(crate) channel: u32,
    pub(crate) command: Option<&'static str>,
}

struct Slot<H: 'static> {
    id: u32,
    generation: u32,
    /// Number of the command, `None` while the slot is free or when the number is unknown.
    served: Option<(&'static Portal<H>, &'static CommandEntry<H>)>,
    /// `None` when it could not be opened.
    channel: Option<Box<dyn Channel<H>>>,
    waker_slot: WakerSlot,
    permission: PermissionState<H>,
    /// Became ready while it had to wait for the user.
    rung: bool,
    /// Stands in the ready list.
    queued: bool,
    /// Why it closes, once what is queued has been delivered.
    closing: Option<Failure>,
    /// Nothing is left to deliver before it closes.
    drained: bool,
    /// Has this process's one channel of its command.
    single: bool,
    /// The use of its portal is shown.
    watched: bool,
    /// Elements that the posted buffers have room for.
    room: u64,
    /// What is queued did not fit: nothing is delivered before there is more room.
    starved: bool,
}

impl<H: 'static> Slot<H> {
    fn free(slot: u32, generation: u32) -> Self {
        Self {
            id: 0,
            generation,
            served: None,
            channel: None,
            waker_slot: WakerSlot::new(SlotKey { slot, generation }),
            permission: PermissionState::new(None),
            rung: false,
            queued: false,
            closing: None,
            drained: false,
            single: false,
            watched: false,
            room: 0,
            starved: false,
        }
    }

    /// Whether its channel is open and permitted.
    fn is_in_use(&self) -> bool {
        self.channel.is_some() && self.permission.stands()
    }

    /// Returns `true` if a change of it may concern the user: as a question, or as a use that is shown.
    #[inline]
    fn concerns_user(&self) -> bool {
        self.watched || !self.permission.stands() || !self.permission.required.is_empty()
    }
}

/// A question that waits for the user's answer.
struct Question {
    permission: Permission,
    number: u64,
}

pub(crate) struct Channels<H: 'static> {
    slots: Vec<Slot<H>>,
    free: Vec<u32>,
    ids: Ids,
    ready: VecDeque<SlotKey>,
    /// Entries of `ready` whose channel is gone.
    stale: usize,
    deadlines: BinaryHeap<Reverse<(Instant, SlotKey)>>,
    /// Bit N: a channel of the command N is open, which can be open once only.
    single: u64,
    close_reasons: CloseReasons,
    questions: Vec<Question>,
    /// Questions so far.
    asked: u64,
    /// Number of channels for each permission whose use is shown.
    uses: Vec<(Permission, u32)>,
    /// One of the two may have changed since [`Channels::settle`].
    unsettled: bool,
    /// Kept for its storage.
    signals: Vec<Signal>,
}

impl<H: 'static> Channels<H> {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            ids: Ids::default(),
            ready: VecDeque::new(),
            stale: 0,
            deadlines: BinaryHeap::new(),
            single: 0,
            close_reasons: CloseReasons::default(),
            questions: Vec::new(),
            asked: 0,
            uses: Vec::new(),
            unsettled: false,
            signals: Vec::new(),
        }
    }

    /// How many channels are open, those counted whose end the program has not been told.
    pub(crate) fn count(&self) -> u32 {
        self.ids.count()
    }

    /// Carries out one command of a list.
    ///
    /// # Errors
    /// When the command is broken: the program ends.
    pub(crate) fn carry_out(
        &mut self,
        command: Command,
        memory: &mut [u8],
        process: &mut ProcessCx<'_, H>,
    ) -> Result<Flow, CommandTrap> {
        let (channel, new, number, data) = (
            command.channel.get(),
            command.new.get(),
            command.which.get(),
            command.data.get(),
        );
        match (channel, new) {
            (0, 0) => return Ok(Flow::Exit(number)),
            (0, id) => self.open(id, number, data, memory, process)?,
            (id, 0) => {
                let slot = self.find(id, "channel")?;
                self.discard(slot);
            }
            (id, new) => {
                let slot = self.find(id, "channel")?;
                if new != id {
                    self.rename(slot, id, new)?;
                }
                self.send(slot, data, memory, process, new == id)?;
            }
        }
        Ok(Flow::On)
    }

    fn find(&self, id: u32, field: &'static str) -> Result<u32, CommandTrap> {
        self.ids.get(id).ok_or_else(|| broken(id, field, "is no open channel"))
    }

    fn check_new(&self, id: u32) -> Result<(), CommandTrap> {
        if id > MAX_CHANNEL_ID {
            return Err(broken(id, "new", "has bit 31 set, which no channel id may"));
        }
        if self.ids.get(id).is_some() {
            return Err(broken(id, "new", "is open already"));
        }
        Ok(())
    }

    fn rename(&mut self, slot: u32, id: u32, new: u32) -> Result<(), CommandTrap> {
        self.check_new(new)?;
        self.ids.remove(id);
        self.ids.insert(new, slot);
        self.slots[slot as usize].id = new;
        Ok(())
    }

    fn open(
        &mut self,
        id: u32,
        number: u32,
        data: u32,
        memory: &mut [u8],
        process: &mut ProcessCx<'_, H>,
    ) -> Result<(), CommandTrap> {
        self.check_new(id)?;
        if self.count() >= MAX_CHANNELS {
            return Err(broken(id, "new", "would be the 16,385th open channel"));
        }
        let served = process.commands.get(number as usize).copied().flatten();
        let slot = self.take_slot(id, served);
        self.ids.insert(id, slot);
        match self.connect(slot, data, process) {
            Ok(()) => self.send(slot, data, memory, process, false),
            Err(failure) => {
                self.close(slot, failure);
                Ok(())
            }
        }
    }

    /// Opens a channel; its message is read after this.
    fn connect(&mut self, at: u32, data: u32, process: &ProcessCx<'_, H>) -> Result<(), Failure> {
        let slot = &mut self.slots[at as usize];
        let known = slot.served.and_then(|(_, served)| Some((served, served.open?)));
        let Some((served, open)) = known else {
            return Err(Failure::new(Code::Unsupported, "this host does not serve the command"));
        };
        slot.permission.advance(process.grants)?;
        if data == 0 {
            return Err(Failure::new(
                Code::Invalid,
                format!("`{}` was opened without a message", served.name),
            ));
        }
        if served.single {
            let bit = 1u64 << served.number;
            if self.single & bit != 0 {
                return Err(Failure::new(Code::Limit, format!("`{}` is open already", served.name)));
            }
            self.single |= bit;
            slot.single = true;
        }
        slot.channel = Some(open());
        Ok(())
    }

    fn send(
        &mut self,
        at: u32,
        data: u32,
        memory: &mut [u8],
        process: &mut ProcessCx<'_, H>,
        nothing_counts: bool,
    ) -> Result<(), CommandTrap> {
        let slot = &mut self.slots[at as usize];
        if slot.closing.is_some() && !slot.starved {
            return Ok(());
        }
        if data == 0 && !nothing_counts {
            return Ok(());
        }
        self.unsettled |= slot.concerns_user();
        let sent = Self::take(slot, data, memory, process, &self.close_reasons);
        let moved = slot.waker_slot.moved();
        self.unsettled |= slot.concerns_user();
        match sent {
            Ok(sent) if slot.permission.stands() => {
                if std::mem::take(&mut slot.rung) || sent == Sent::Ready {
                    self.queue(at);
                }
            }
            Ok(_) => {}
            Err(Fault::Failure(failure)) => self.close(at, failure),
            Err(Fault::Trap(trap)) => {
                let command = slot.served.map(|(_, served)| served.name);
                return Err(CommandTrap {
                    trap,
                    channel: slot.id,
                    command,
                });
            }
        }
        if moved {
            self.remind(at);
        }
        Ok(())
    }

    /// Hands a channel its message, and begins it where its permissions stand.
    #[inline]
    fn take(
        slot: &mut Slot<H>,
        data: u32,
        memory: &mut [u8],
        process: &mut ProcessCx<'_, H>,
        close_reasons: &CloseReasons,
    ) -> Result<Sent, Fault> {
        let Slot {
            channel: Some(channel),
            waker_slot,
            permission,
            ..
        } = slot
        else {
            return Ok(Sent::Waiting);
        };
        if data == 0 {
            let permitted = permission.stands();
            let mut cx = process.cx(memory, waker_slot, permission, close_reasons);
            return Ok(if permitted {
                channel.send_nothing(&mut cx)?
            } else {
                Sent::Waiting
            });
        }
        if !slot.starved {
            permission.restart();
        }
        let posted = Memory::new(memory);
        let mut reading = Reading::new(&posted, process.host, process.spawner, &mut permission.required);
        if slot.starved {
            channel.repost(&mut reading, data)?;
            slot.starved = posted.room() <= slot.room;
            slot.room = posted.room();
            return Ok(if slot.starved { Sent::Waiting } else { Sent::Ready });
        }
        let result = channel.post(&mut reading, data);
        slot.room = posted.room();
        result?;
        if permission.advance(process.grants)? {
            Ok(channel.begin(&mut process.cx(memory, waker_slot, permission, close_reasons))?)
        } else {
            permission.begins = true;
            // What has come for the message before it is received from after that.
            slot.rung |= slot.queued;
            channel.hold(&mut Reading::new(
                &posted,
                process.host,
                process.spawner,
                &mut permission.required,
            ))?;
            Ok(Sent::Waiting)
        }
    }

    /// Takes the signals that were posted, and the deadlines that have come.
    #[inline]
    pub(crate) fn hear(&mut self, mailbox: &Mailbox) {
        if mailbox.has_signals() {
            self.hear_signals(mailbox);
        }
        if !self.deadlines.is_empty() {
            self.hear_deadlines();
        }
    }

    fn hear_signals(&mut self, mailbox: &Mailbox) {
        let mut signals = std::mem::take(&mut self.signals);
        mailbox.take(&mut signals);
        for signal in signals.drain(..) {
            match signal {
                Signal::Ready(key) => {
                    if let Some(slot) = self.at(key) {
                        slot.waker_slot.heard();
                        self.ring(key.slot);
                    }
                }
                Signal::Closed(key, failure) => {
                    if self.at(key).is_some() {
                        self.close(key.slot, failure);
                    }
                }
                Signal::Revoked(permission) => self.revoke(&permission),
                Signal::Answered { question, yes } => self.answer(question, yes),
            }
        }
        self.signals = signals;
    }

    fn hear_deadlines(&mut self) {
        let now = Instant::now();
        while let Some(when) = self.next_deadline().filter(|when| *when <= now) {
            let Some(Reverse((_, key))) = self.deadlines.pop() else {
                break;
            };
            if let Some(slot) = self.at(key).filter(|slot| slot.waker_slot.deadline == Some(when)) {
                slot.waker_slot.deadline = None;
                self.ring(key.slot);
            }
        }
    }

    /// Notes that a channel has become ready by itself. If it has to wait for the user, it is received from after that.
    fn ring(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        slot.rung |= !slot.permission.stands();
        self.queue(at);
    }

    /// When the next deadline comes that still holds.
    pub(crate) fn next_deadline(&mut self) -> Option<Instant> {
        while let Some(&Reverse((when, key))) = self.deadlines.peek() {
            if self.at(key).is_some_and(|slot| slot.waker_slot.deadline == Some(when)) {
                return Some(when);
            }
            self.deadlines.pop();
        }
        None
    }

    /// Receives from every channel that is ready, and adds their entries to `list`.
    pub(crate) fn deliver(&mut self, memory: &mut [u8], process: &mut ProcessCx<'_, H>, list: &mut Vec<U32>) {
        for _ in 0..self.ready.len() {
            let Some(key) = self.ready.pop_front() else { break };
            let Some(slot) = self.at(key) else {
                self.stale -= 1;
                continue;
            };
            slot.queued = false;
            let id = slot.id;
            match self.receive(key.slot, memory, process) {
                Received::TooSmall => list.push(id.into()),
                received @ (Received::Delivered | Received::More) => {
                    list.push(id.into());
                    let slot = &mut self.slots[key.slot as usize];
                    slot.drained = received == Received::Delivered && slot.closing.is_some();
                    if received == Received::More || slot.drained {
                        self.queue(key.slot);
                    }
                }
                Received::Nothing => {
                    let slot = &mut self.slots[key.slot as usize];
                    if let Some(failure) = slot.closing.take() {
                        self.close_reasons.remember(id, failure);
                        self.free(key.slot);
                        list.push((id | CLOSED).into());
                    }
                }
            }
        }
    }

    fn receive(&mut self, at: u32, memory: &mut [u8], process: &mut ProcessCx<'_, H>) -> Received {
        let slot = &mut self.slots[at as usize];
        let Slot {
            channel,
            waker_slot,
            permission,
            ..
        } = slot;
        let Some(channel) = channel.as_mut().filter(|_| !slot.drained) else {
            return Received::Nothing;
        };
        let stood = permission.stands();
        if !stood && !permission.answered {
            return Received::Nothing;
        }
        let received = match if stood {
            Ok(true)
        } else {
            permission.advance(process.grants)
        } {
            // Another permission is needed as well.
            Ok(false) => Ok(Received::Nothing),
            Ok(true) => {
                let rung = std::mem::take(&mut slot.rung);
                let begins = std::mem::take(&mut permission.begins);
                let mut cx = process.cx(memory, waker_slot, permission, &self.close_reasons);
                match if begins {
                    channel.begin(&mut cx)
                } else {
                    Ok(Sent::Ready)
                } {
                    Ok(Sent::Waiting) if !rung => Ok(Received::Nothing),
                    Ok(_) => channel.receive(&mut cx),
                    Err(failure) => Err(failure),
                }
            }
            Err(failure) => Err(failure),
        };
        self.unsettled |= slot.concerns_user();
        let moved = slot.waker_slot.moved();
        let received = match received {
            Ok(received) => {
                slot.starved = received == Received::TooSmall;
                received
            }
            Err(failure) => {
                slot.drained = true;
                self.close(at, failure);
                Received::Nothing
            }
        };
        if moved {
            self.remind(at);
        }
        received
    }

    fn revoke(&mut self, revoked: &Permission) {
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            if slot.channel.is_none() || !slot.permission.needs().any(|need| revoked.covers(&need.permission())) {
                continue;
            }
            let failure = if slot.permission.awaited().is_some() {
                denied(revoked)
            } else {
                Failure::new(Code::Revoked, format!("the user shut the portal `{revoked}`"))
            };
            if slot.starved {
                // The program could hold on to it as long as it makes no room.
                (slot.channel, slot.starved) = (None, false);
            }
            self.close(u32::try_from(at).unwrap_or(u32::MAX), failure);
        }
    }

    /// Takes the user's answer to a question, unless that has been withdrawn.
    fn answer(&mut self, number: u64, yes: bool) {
        let Some(found) = self.questions.iter().position(|question| question.number == number) else {
            return;
        };
        let permission = self.questions.swap_remove(found).permission;
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            if slot.permission.awaited().as_ref() != Some(&permission) {
                continue;
            }
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            if yes {
                slot.permission.allow();
                self.queue(at);
            } else {
                self.close(at, denied(&permission));
            }
        }
        self.unsettled = true;
    }

    /// Sends permission requests, withdraws those that no channel waits for, and reports uses. Called before a process sleeps
    /// or goes on.
    #[inline]
    pub(crate) fn settle(&mut self, process: &ProcessCx<'_, H>) {
        if self.unsettled {
            self.unsettled = false;
            self.ask_and_tell(process);
        }
    }

    #[cold]
    fn ask_and_tell(&mut self, process: &ProcessCx<'_, H>) {
        let (mut awaited, mut uses) = (Vec::new(), Vec::<(Permission, u32)>::new());
        for slot in self.slots.iter().filter(|slot| slot.id != 0) {
            if let Some(permission) = slot.permission.awaited().filter(|_| slot.closing.is_none())
                && !awaited.contains(&permission)
            {
                awaited.push(permission);
            }
            for need in slot
                .permission
                .needs()
                .filter(|need| need.portal.watched && slot.is_in_use())
            {
                let permission = need.permission();
                match uses.iter_mut().find(|(other, _)| *other == permission) {
                    Some((_, channels)) => *channels += 1,
                    None => uses.push((permission, 1)),
                }
            }
        }
        self.questions.retain(|question| {
            let wanted = awaited.contains(&question.permission);
            if !wanted {
                process.grants.withdraw(&question.permission);
            }
            wanted
        });
        for permission in awaited {
            if !self.questions.iter().any(|question| question.permission == permission) {
                self.asked += 1;
                self.questions.push(Question {
                    permission: permission.clone(),
                    number: self.asked,
                });
                process.grants.ask(PermissionRequest::new(
                    permission,
                    self.asked,
                    Arc::clone(process.mailbox),
                ));
            }
        }
        let gone = self
            .uses
            .iter()
            .filter(|(before, _)| uses.iter().all(|(now, _)| now != before));
        for (permission, channels) in gone
            .map(|(before, _)| (before, &0))
            .chain(uses.iter().map(|(now, count)| (now, count)))
        {
            if self
                .uses
                .iter()
                .find(|(other, _)| other == permission)
                .is_none_or(|(_, before)| before != channels)
            {
                process.grants.used(permission, *channels);
            }
        }
        self.uses = uses;
    }

    /// Closes a channel from the host's side: what is queued is delivered first, then the entry says so, once.
    fn close(&mut self, at: u32, failure: Failure) {
        let slot = &mut self.slots[at as usize];
        if slot.closing.is_none() {
            slot.closing = Some(failure);
        }
        slot.drained |= slot.channel.is_none() || !slot.permission.stands() || !(slot.queued || slot.starved);
        slot.waker_slot.deadline = None;
        self.unsettled |= slot.concerns_user();
        self.queue(at);
    }

    fn discard(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        let id = slot.id;
        if let Some(failure) = slot.closing.take() {
            self.close_reasons.remember(id, failure);
        }
        self.free(at);
    }

    fn queue(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        if !slot.queued && !slot.starved {
            slot.queued = true;
            self.ready.push_back(SlotKey {
                slot: at,
                generation: slot.generation,
            });
        }
    }

    fn remind(&mut self, at: u32) {
        let slot = &self.slots[at as usize];
        let (Some(when), generation) = (slot.waker_slot.deadline, slot.generation) else {
            return;
        };
        // Moved deadlines leave their old entry behind; a program that keeps moving them must not fill memory.
        if self.deadlines.len() > 2 * self.slots.len() + 16 {
            let slots = &self.slots;
            self.deadlines.retain(|Reverse((when, key))| {
                let slot = &slots[key.slot as usize];
                slot.generation == key.generation && slot.waker_slot.deadline == Some(*when)
            });
        }
        self.deadlines.push(Reverse((when, SlotKey { slot: at, generation })));
    }

    fn at(&mut self, key: SlotKey) -> Option<&mut Slot<H>> {
        self.slots
            .get_mut(key.slot as usize)
            .filter(|slot| slot.generation == key.generation && slot.id != 0)
    }

    fn take_slot(&mut self, id: u32, served: Option<(&'static Portal<H>, &'static CommandEntry<H>)>) -> u32 {
        let at = self.free.pop().unwrap_or_else(|| {
            let at = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
            self.slots.push(Slot::free(at, 0));
            at
        });
        let slot = &mut self.slots[at as usize];
        slot.id = id;
        slot.served = served;
        slot.permission.own = served.map(|(portal, _)| portal);
        slot.watched = served.is_some_and(|(portal, _)| portal.watched);
        at
    }

    fn free(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        self.ids.remove(slot.id);
        if let Some((_, served)) = slot.served.filter(|_| slot.single) {
            self.single &= !(1u64 << served.number);
        }
        self.unsettled |= slot.concerns_user();
        let generation = slot.generation.wrapping_add(1);
        self.stale += usize::from(slot.queued);
        *slot = Slot::free(at, generation);
        self.free.push(at);
        // A list that opens and discards without end must not fill memory.
        if self.stale > self.slots.len() + 64 {
            let slots = &self.slots;
            self.ready
                .retain(|key| slots[key.slot as usize].generation == key.generation);
            self.stale = 0;
        }
    }
}

fn broken(id: u32, field: &'static str, what: &'static str) -> CommandTrap {
    let trap = Trap {
        field,
        address: id,
        what: what.into(),
    };
    CommandTrap {
        trap,
        channel: id,
        command: None,
    }
}

#[cfg(test)]
#[path = "channels_tests.rs"]
mod tests;
