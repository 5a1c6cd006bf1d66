//! The broker without its sockets: bytes of clients go in, frames for clients come out.
//!
//! It decides everything and waits for nothing, so that a test can drive it a million times a second. The I/O
//! layer (`sockets.rs`) reads and writes, and does as the lists here say.

use super::peer::{BlockedOn, ClientId, Peer, Route, Step, Traffic};
use super::ports::Ports;
use super::queue::{BufferPool, Queue};
use super::registry::Registry;
use crate::wire::{self, Code, DeliverChunk, Fixed, Head, Kind, Malformed, WHOLE};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::IoSlice;
use std::mem;
use std::time::Instant;

/// Bytes that are read at once.
pub(crate) const READ: usize = 256 * 1024;
/// Bytes that are read before what is still lent of them is copied: many clients may have sent a little each.
const BUFFER: usize = 2 * READ;
/// Processors copy at a quarter of their speed to where lies a little behind the source in a page of its own, as they take it
/// for the same place; and the systems copy from and to the front of pages. So the buffer begins at one, and a connection
/// that meets such places nevertheless doesn't go on doing so, as what is read lies a little further on each time.
const PAGE: usize = 4096;
const SHIFT: usize = 64;

/// How much a client, or all of them, may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest message, in bytes.
    pub message: usize,
    /// Memory for long messages to clients that can't take pieces, in bytes; one always fits.
    pub gathered: usize,
    /// Open ports of one client.
    pub ports: usize,
    /// Unfinished streams of one client, and to one port.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 64 << 20,
            gathered: 64 << 20,
            ports: 65_536,
            streams: 4096,
        }
    }
}

/// See the module's description.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) limits: Limits,
    pub(crate) peers: slab::Slab<Peer>,
    pub(crate) ports: Ports,
    pub(crate) registry: Registry,
    pub(crate) pool: BufferPool,
    /// What was read since [`Self::settle`], as some of it may be lent; and how much that is.
    buffer: Box<[u8]>,
    filled: usize,
    /// Where its first page begins, and where in that what is read begins this time.
    page: usize,
    shift: usize,
    /// Clients whose queues have something lent.
    borrowers: Vec<ClientId>,
    /// Clients for whom something waits to be written.
    pub(crate) dirty: Vec<ClientId>,
    /// Clients that waited and may go on.
    runnable: VecDeque<ClientId>,
    /// Memory that gathered messages use or will use, in bytes.
    pub(crate) gathered: usize,
    memory_waiters: VecDeque<ClientId>,
    pub(crate) messages: u64,
    /// The time, as the I/O layer last told.
    pub(crate) now: Instant,
}

impl Router {
    pub(crate) fn new(limits: Limits, registry: Registry) -> Self {
        let buffer: Box<[u8]> = vec![0; BUFFER + 2 * PAGE].into();
        let page = buffer.as_ptr().align_offset(PAGE) % PAGE;
        Self {
            limits,
            peers: slab::Slab::new(),
            ports: Ports::default(),
            registry,
            pool: BufferPool::default(),
            buffer,
            filled: page,
            page,
            shift: 0,
            borrowers: Vec::new(),
            dirty: Vec::new(),
            runnable: VecDeque::new(),
            gathered: 0,
            memory_waiters: VecDeque::new(),
            messages: 0,
            now: Instant::now(),
        }
    }

    /// Adds a client.
    pub(crate) fn join(&mut self, name: String, process: Option<u32>) -> ClientId {
        self.peers.insert(Peer {
            name,
            process,
            label: String::new(),
            out: Queue::default(),
            took: self.now,
            pending: Vec::new(),
            body: None,
            blocked_on: BlockedOn::No,
            mute: false,
            waiters: VecDeque::new(),
            ports: HashSet::new(),
            route: None,
            streams: HashMap::new(),
            rights: HashMap::new(),
            services: Vec::new(),
            challenge: None,
            traffic: Traffic::default(),
        })
    }

    /// Returns `true` for a client that must not be read now.
    pub(crate) fn is_blocked(&self, key: ClientId) -> bool {
        self.peers.get(key).is_none_or(|peer| peer.blocked_on != BlockedOn::No)
    }

    /// The buffer to read to, of [`READ`] bytes. Nothing if [`Self::settle`] has to be called before.
    pub(crate) fn room(&mut self) -> Option<&mut [u8]> {
        self.buffer.get_mut(self.filled..self.filled + READ)
    }

    /// Has the whole buffer to read to again. What is still lent is copied: it should have been written before, if it can be.
    pub(crate) fn settle(&mut self) {
        for key in self.borrowers.drain(..) {
            if let Some(peer) = self.peers.get_mut(key) {
                peer.out.settle(&mut self.pool, &self.buffer);
            }
        }
        self.shift = (self.shift + SHIFT) % PAGE;
        self.filled = self.page + self.shift;
    }

    /// What to write next to a client, in as many slices as there are. Returns how many.
    pub(crate) fn slices<'a>(&'a self, key: ClientId, slices: &mut [IoSlice<'a>]) -> usize {
        self.peers[key].out.slices(&self.buffer, slices)
    }

    /// The fronts of the frames that wait for a client or are partly written.
    pub(crate) fn unfinished(&self, key: ClientId) -> impl Iterator<Item = &[u8]> {
        self.peers[key].out.unfinished(&self.buffer)
    }

    /// Takes in the bytes of a client that were read to [`Self::room`], all of them; what can't be dealt with now is kept.
    /// Without new bytes, goes on with those.
    ///
    /// # Errors
    /// If they are no frames: the client has to go.
    pub(crate) fn feed(&mut self, key: ClientId, count: usize) -> Result<(), Malformed> {
        let mut buffer = mem::take(&mut self.buffer);
        let at = self.filled;
        self.filled += count;
        let fed = self.take_in(key, &mut buffer[at..at + count], at);
        self.buffer = buffer;
        fed
    }

    /// As [`Self::feed`], of bytes that come from elsewhere.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn feed_copy(&mut self, key: ClientId, bytes: &[u8]) -> Result<(), Malformed> {
        for bytes in bytes.chunks(READ) {
            if self.room().is_none() {
                self.settle();
            }
            if let Some(room) = self.room() {
                room[..bytes.len()].copy_from_slice(bytes);
            }
            self.feed(key, bytes.len())?;
        }
        Ok(())
    }

    /// As [`Self::feed`]; the bytes lie in the buffer from `start` on.
    fn take_in(&mut self, key: ClientId, new: &mut [u8], start: usize) -> Result<(), Malformed> {
        let mut pending = mem::take(&mut self.peers[key].pending);
        let (mut at, mut used) = (0, 0);
        while !pending.is_empty() {
            at += self.parse(key, &mut pending[at..], None)?;
            if self.peers[key].blocked_on != BlockedOn::No {
                break;
            }
            if at == pending.len() {
                pending.clear();
                at = 0;
                break;
            }
            // Only what completes the frame is copied to it; the frames behind are dealt with where they lie.
            let wanted = needed(&pending[at..])? - (pending.len() - at);
            let more = wanted.min(new.len() - used);
            if more == 0 {
                break;
            }
            pending.extend_from_slice(&new[used..used + more]);
            used += more;
        }
        if pending.is_empty() && used < new.len() && self.peers[key].blocked_on == BlockedOn::No {
            used += self.parse(key, &mut new[used..], Some(start + used))?;
        }
        if at == pending.len() {
            pending = new[used..].to_vec();
        } else {
            pending.drain(..at);
            pending.extend_from_slice(&new[used..]);
        }
        self.peers[key].pending = pending;
        Ok(())
    }

    /// Deals with the frames at the front of `bytes`, and returns their length. Stops at an incomplete one, and when blocked.
    /// If they lie in the buffer, they do from `start` on.
    fn parse(&mut self, key: ClientId, bytes: &mut [u8], start: Option<usize>) -> Result<usize, Malformed> {
        let mut at = 0;
        loop {
            let rest = &mut bytes[at..];
            let lies = start.map(|start| start + at);
            if self.peers[key].body.is_some() {
                let taken = self.body(key, rest, lies);
                at += taken;
                if taken == 0 {
                    return Ok(at);
                }
                continue;
            }
            let Some(head) = wire::head(rest)? else { return Ok(at) };
            // Who doesn't read the answers gets no more of them.
            if self.peers[key].out.is_full() && !self.peers[key].mute {
                self.block(key, BlockedOn::Room(key));
                return Ok(at);
            }
            let step = if head.length > WHOLE {
                self.begin(key, head, rest)?
            } else if rest.len() >= head.length {
                self.frame(key, head, &mut rest[..head.length], lies)?
                    .map(|step| (step, head.length))
            } else {
                None
            };
            match step {
                Some((Step::Done, taken)) => at += taken,
                Some((Step::Blocked, _)) | None => return Ok(at),
            }
        }
    }

    fn frame(
        &mut self,
        key: ClientId,
        head: Head,
        bytes: &mut [u8],
        lies: Option<usize>,
    ) -> Result<Option<Step>, Malformed> {
        let step = match head.kind {
            Kind::SendMessage => self.message(key, head, bytes, lies)?,
            Kind::SendChunk => self.chunk(key, head, bytes, lies)?,
            Kind::SendRight => self.right(key, head, bytes)?,
            _ => {
                self.control(key, head, bytes)?;
                Step::Done
            }
        };
        Ok(Some(step))
    }

    /// Adds a client to the list of those who wait.
    pub(crate) fn block(&mut self, key: ClientId, cause: BlockedOn) {
        self.peers[key].blocked_on = cause;
        match cause {
            BlockedOn::Room(of) => self.peers[of].waiters.push_back(key),
            BlockedOn::Memory => self.memory_waiters.push_back(key),
            BlockedOn::Turn | BlockedOn::No => {}
        }
    }

    /// Finds the route of a message, if it may go there.
    #[inline]
    pub(crate) fn route(&mut self, key: ClientId, source: u64, destination: u64) -> Result<Route, Code> {
        if let Some((epoch, route)) = self.peers[key].route
            && epoch == self.ports.epoch
            && route.source == source
            && route.destination == destination
        {
            return Ok(route);
        }
        let peer = &self.peers[key];
        if !peer.ports.contains(&source) {
            return Err(Code::NotYours);
        }
        let port = self.ports.get(destination).ok_or(Code::NoSuchPort)?;
        if port.private && port.owner != key && !peer.rights.contains_key(&port.serial) {
            return Err(Code::NotPermitted);
        }
        if self.peers[port.owner].mute {
            return Err(Code::ReceiverGone);
        }
        let route = Route {
            source,
            destination,
            to: port.owner,
            serial: port.serial,
            extended: port.extended,
        };
        self.peers[key].route = Some((self.ports.epoch, route));
        Ok(route)
    }

    /// Sends a client a frame of the broker's own.
    pub(crate) fn tell<T: Fixed>(&mut self, key: ClientId, frame: T, data: &[u8]) {
        let frame = frame.with_header(data.len());
        if self.peers[key].mute {
            return;
        }
        if size_of::<T>() + data.len() > WHOLE {
            self.peers[key].out.push_own([frame.as_bytes(), data].concat(), false);
        } else {
            self.peers[key].out.push(&mut self.pool, frame.as_bytes(), data);
        }
        self.list(key);
    }

    /// Hands on what lies in the buffer from `at` on: whole frames, or the data of a piece.
    #[inline]
    pub(crate) fn lend(&mut self, to: ClientId, piece: Option<DeliverChunk>, at: usize, bytes: &[u8]) {
        let receiver = &mut self.peers[to];
        if receiver.mute {
            return;
        }
        let out = &mut receiver.out;
        if out.lend(&mut self.pool, piece, at, bytes) && !mem::replace(&mut out.borrows, true) {
            self.borrowers.push(to);
        }
        self.list(to);
    }

    /// Notes that something waits for a client.
    #[inline]
    pub(crate) fn list(&mut self, key: ClientId) {
        let out = &mut self.peers[key].out;
        if !out.listed {
            out.listed = true;
            self.dirty.push(key);
        }
    }

    /// Notes how many bytes were written to a client.
    pub(crate) fn written(&mut self, key: ClientId, count: usize) {
        let Self { peers, pool, now, .. } = self;
        let peer = &mut peers[key];
        peer.took = *now;
        let freed = peer.out.written(pool, count);
        if peer.out.has_room() && !peer.waiters.is_empty() {
            for waiter in mem::take(&mut peer.waiters) {
                self.resume(waiter);
            }
        }
        self.release(freed);
    }

    /// Notes that nothing can be written to a client any more. What it has sent is dealt with until its end comes.
    pub(crate) fn mute(&mut self, key: ClientId) {
        self.peers[key].mute = true;
        self.ports.epoch += 1;
        for waiter in mem::take(&mut self.peers[key].waiters) {
            self.resume(waiter);
        }
        self.report_lost(key);
    }

    fn resume(&mut self, key: ClientId) {
        self.peers[key].blocked_on = BlockedOn::Turn;
        self.runnable.push_back(key);
    }

    /// The next client that has waited and may go on, with what is left of it first.
    pub(crate) fn next_runnable(&mut self) -> Option<ClientId> {
        loop {
            let key = self.runnable.pop_front()?;
            // It may have gone, and another one have its number.
            if let Some(peer) = self.peers.get_mut(key)
                && peer.blocked_on == BlockedOn::Turn
            {
                peer.blocked_on = BlockedOn::No;
                return Some(key);
            }
        }
    }

    /// Gives back memory of gathered messages.
    pub(crate) fn release(&mut self, bytes: usize) {
        if bytes > 0 {
            self.gathered -= bytes;
            for waiter in mem::take(&mut self.memory_waiters) {
                self.resume(waiter);
            }
        }
    }

    /// Whether [`Self::next_runnable`] has any.
    pub(crate) fn has_runnable(&self) -> bool {
        !self.runnable.is_empty()
    }

    /// Whether somebody waits for memory that others have.
    pub(crate) fn wants_memory(&self) -> bool {
        !self.memory_waiters.is_empty()
    }

    /// Removes a client that has gone: its ports are free, and everybody concerned is told.
    pub(crate) fn leave(&mut self, key: ClientId) {
        self.end_all_of(key);
        let ports = self.peers[key].ports.clone();
        for port in ports {
            self.close(key, port);
        }
        self.report_lost(key);
        let mut peer = self.peers.remove(key);
        match peer.blocked_on {
            BlockedOn::Room(of) if of != key => self.peers[of].waiters.retain(|waiter| *waiter != key),
            BlockedOn::Memory => self.memory_waiters.retain(|waiter| *waiter != key),
            BlockedOn::Room(_) | BlockedOn::Turn | BlockedOn::No => {}
        }
        for waiter in mem::take(&mut peer.waiters).into_iter().filter(|waiter| *waiter != key) {
            self.resume(waiter);
        }
        for (serial, number) in peer.rights {
            if self.ports.same(number, serial).is_some()
                && let Some(port) = self.ports.get_mut(number)
            {
                port.holders.retain(|holder| *holder != key);
            }
        }
        self.registry.left(key);
    }
}

/// How many bytes there have to be before anything can be done with these, which are the front of a frame.
fn needed(bytes: &[u8]) -> Result<usize, Malformed> {
    Ok(match wire::head(bytes)? {
        None => 8,
        Some(head) if head.length > WHOLE => head.kind.fixed(),
        Some(head) => head.length,
    })
}
