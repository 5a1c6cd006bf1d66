//! Messages, pieces of streams, and frames that are too long to be kept.
//!
//! What is longer than 64 KiB is handed on while it comes, in pieces, so that memory doesn't grow with it, and so that a
//! sender that stops in the middle holds up nobody. A receiver that can't take pieces gets such a message in one frame, and
//! only once all of it is there: half a frame could neither be finished nor taken back if the sender went.

use super::peer::{BlockedOn, Body, ClientId, Peer, Pieces, Route, Step, Stream, StreamId};
use super::router::Router;
use crate::wire::{
    self, ABORT, Code, DeliverChunk, DeliverMessage, DeliverRight, FIRST, Failed, Fixed, Head, Kind, LAST, MESSAGE,
    Malformed, PIECE, SendChunk, SendMessage, SendRight,
};
use std::time::{Duration, Instant};
use zerocopy::{FromBytes, IntoBytes};

/// How long a client may hold memory for a long message, without sending or taking any of it, when another needs it.
const STALLED: Duration = Duration::from_secs(10);

impl Router {
    /// If the frame lies in the buffer, `lies` says where.
    pub(crate) fn message(
        &mut self,
        key: ClientId,
        head: Head,
        bytes: &mut [u8],
        lies: Option<usize>,
    ) -> Result<Step, Malformed> {
        let (message, _) = wire::whole::<SendMessage>(head, bytes)?;
        let route = match self.route(key, message.source.get(), message.destination.get()) {
            Ok(route) => route,
            Err(code) => {
                self.refuse(
                    key,
                    head.kind,
                    (message.source.get(), message.destination.get(), 0),
                    message.tag.get(),
                    code,
                );
                return Ok(Step::Done);
            }
        };
        if self.full(key, route.to) {
            return Ok(Step::Blocked);
        }
        // What is delivered differs in the header only.
        let header = DeliverMessage::default()
            .with_header(bytes.len() - size_of::<DeliverMessage>())
            .header;
        bytes[..size_of_val(&header)].copy_from_slice(header.as_bytes());
        match lies {
            Some(at) => self.lend(route.to, None, at, bytes),
            None => self.hand_over(route.to, bytes, &[]),
        }
        self.count(key, route.to, bytes.len());
        Ok(Step::Done)
    }

    pub(crate) fn right(&mut self, key: ClientId, head: Head, bytes: &[u8]) -> Result<Step, Malformed> {
        let (message, _) = wire::whole::<SendRight>(head, bytes)?;
        let (source, destination, right) = (message.source.get(), message.destination.get(), message.right.get());
        let allowed = self.route(key, source, destination).and_then(|route| {
            let port = self.ports.get(right).ok_or(Code::NoSuchPort)?;
            let holds = port.owner == key || self.peers[key].rights.contains_key(&port.serial);
            match (holds, route.extended) {
                (false, _) => Err(Code::NotPermitted),
                (_, false) => Err(Code::NotUnderstood),
                _ if self.peers[route.to].rights.len() >= self.limits.ports => Err(Code::TooMany),
                _ => Ok((route, port.serial)),
            }
        });
        let (route, serial) = match allowed {
            Ok(allowed) => allowed,
            Err(code) => {
                self.refuse(key, head.kind, (source, destination, 0), message.tag.get(), code);
                return Ok(Step::Done);
            }
        };
        if self.full(key, route.to) {
            return Ok(Step::Blocked);
        }
        let header = DeliverRight::default()
            .with_header(bytes.len() - size_of::<DeliverRight>())
            .header;
        self.hand_over(route.to, header.as_bytes(), &bytes[size_of_val(&header)..]);
        self.count(key, route.to, bytes.len());
        if self.peers[route.to].rights.insert(serial, right).is_none()
            && let Some(port) = self.ports.get_mut(right)
        {
            port.holders.push(route.to);
        }
        Ok(Step::Done)
    }

    /// As [`Self::message`].
    pub(crate) fn chunk(
        &mut self,
        key: ClientId,
        head: Head,
        bytes: &[u8],
        lies: Option<usize>,
    ) -> Result<Step, Malformed> {
        let (chunk, data) = wire::whole::<SendChunk>(head, bytes)?;
        match self.follow(key, chunk)? {
            Follow::Blocked => return Ok(Step::Blocked),
            Follow::Dropped => {}
            Follow::Goes(route) => {
                let flags = chunk.flags.get() & (FIRST | LAST | ABORT);
                let lies = lies.map(|at| at + size_of::<SendChunk>());
                self.piece(key, route, (chunk.stream.get(), chunk.offset.get()), flags, data, lies);
            }
        }
        Ok(Step::Done)
    }

    /// Begins with a frame that is too long to be kept. Nothing if its fixed part isn't there yet.
    pub(crate) fn begin(
        &mut self,
        key: ClientId,
        head: Head,
        bytes: &[u8],
    ) -> Result<Option<(Step, usize)>, Malformed> {
        let fixed = head.kind.fixed();
        let left = head.length - fixed;
        let body = match head.kind {
            Kind::SendMessage => {
                let Some(message) = wire::fixed::<SendMessage>(head, bytes)? else {
                    return Ok(None);
                };
                match self.long_message(key, message, left) {
                    Some(body) => body,
                    None => return Ok(Some((Step::Blocked, 0))),
                }
            }
            Kind::SendChunk => {
                let Some(chunk) = wire::fixed::<SendChunk>(head, bytes)? else {
                    return Ok(None);
                };
                match self.follow(key, chunk)? {
                    Follow::Blocked => return Ok(Some((Step::Blocked, 0))),
                    Follow::Dropped => Body::Skip(left),
                    Follow::Goes(route) => {
                        let (stream, offset) = (chunk.stream.get(), chunk.offset.get());
                        let flags = chunk.flags.get();
                        let (first, last) = (flags & FIRST, flags & (LAST | ABORT));
                        Body::Pieces(Pieces {
                            route,
                            stream,
                            offset,
                            left,
                            first,
                            last,
                            message: None,
                        })
                    }
                }
            }
            // No other is that long, or a client doesn't send it.
            kind => return Err(Malformed::Direction(kind)),
        };
        self.peers[key].body = Some(body);
        Ok(Some((Step::Done, fixed)))
    }

    /// Decides how a long message is handed on; nothing if it has to wait.
    fn long_message(&mut self, key: ClientId, message: &SendMessage, left: usize) -> Option<Body> {
        let tag = message.tag.get();
        let (source, destination) = (message.source.get(), message.destination.get());
        let route = self.route(key, source, destination);
        let route = route.and_then(|route| {
            if left > self.limits.message {
                Err(Code::TooLarge)
            } else {
                Ok(route)
            }
        });
        let route = match route {
            Ok(route) => route,
            Err(code) => {
                self.refuse(key, Kind::SendMessage, (source, destination, 0), tag, code);
                return Some(Body::Skip(left));
            }
        };
        if self.full(key, route.to) {
            return None;
        }
        if route.extended {
            self.messages += 1;
            let stream = self.messages << 32 | u64::from(tag);
            return Some(Body::Pieces(Pieces {
                route,
                stream,
                offset: 0,
                left,
                first: FIRST,
                last: LAST,
                message: Some(tag),
            }));
        }
        let size = size_of::<DeliverMessage>() + left;
        if self.gathered > 0 && self.gathered + size > self.limits.gathered {
            self.block(key, BlockedOn::Memory);
            return None;
        }
        self.gathered += size;
        let mut frame = Vec::with_capacity(size);
        let fixed = DeliverMessage {
            source: source.into(),
            destination: destination.into(),
            size: (left as u32).into(),
            tag: tag.into(),
            ..Default::default()
        };
        frame.extend_from_slice(fixed.with_header(left).as_bytes());
        Some(Body::Gather {
            frame,
            left,
            route,
            tag,
            moved: self.now,
        })
    }

    /// Takes bytes of a long frame. Returns how many; none if it has to wait, or there are none. If they lie in the buffer,
    /// `lies` says where.
    pub(crate) fn body(&mut self, key: ClientId, bytes: &[u8], lies: Option<usize>) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        match self.peers[key].body.take() {
            None => 0,
            Some(Body::Skip(left)) => {
                let taken = left.min(bytes.len());
                self.peers[key].body = (taken < left).then(|| Body::Skip(left - taken));
                taken
            }
            Some(Body::Gather {
                mut frame,
                mut left,
                route,
                tag,
                ..
            }) => {
                let taken = left.min(bytes.len());
                frame.extend_from_slice(&bytes[..taken]);
                left -= taken;
                if left > 0 {
                    self.peers[key].body = Some(Body::Gather {
                        frame,
                        left,
                        route,
                        tag,
                        moved: self.now,
                    });
                } else if self.ports.same(route.destination, route.serial).is_some() && !self.peers[route.to].mute {
                    self.count(key, route.to, frame.len());
                    let receiver = &mut self.peers[route.to];
                    if receiver.out.waiting() == 0 {
                        receiver.took = self.now;
                    }
                    receiver.out.push_own(frame, true);
                    self.list(route.to);
                } else {
                    self.release(frame.len());
                    let between = (route.source, route.destination, 0);
                    self.refuse(key, Kind::SendMessage, between, tag, Code::ReceiverGone);
                }
                taken
            }
            Some(Body::Pieces(pieces)) => self.pieces(key, pieces, bytes, lies),
        }
    }

    fn pieces(&mut self, key: ClientId, mut pieces: Pieces, bytes: &[u8], lies: Option<usize>) -> usize {
        let route = pieces.route;
        if self.ports.same(route.destination, route.serial).is_none() || self.peers[route.to].mute {
            let between = (route.source, route.destination);
            match pieces.message {
                Some(tag) => self.refuse(
                    key,
                    Kind::SendMessage,
                    (between.0, between.1, 0),
                    tag,
                    Code::ReceiverGone,
                ),
                // Its note went when its last piece began; of other streams the sender was told when the port closed.
                None if pieces.last != 0 => {
                    self.refuse(
                        key,
                        Kind::SendChunk,
                        (between.0, between.1, pieces.stream),
                        0,
                        Code::ReceiverGone,
                    );
                }
                None => {}
            }
            self.peers[key].body = Some(Body::Skip(pieces.left));
            return self.body(key, bytes, lies);
        }
        if self.full(key, route.to) {
            self.peers[key].body = Some(Body::Pieces(pieces));
            return 0;
        }
        let taken = pieces.left.min(bytes.len()).min(PIECE);
        pieces.left -= taken;
        let mut flags = std::mem::take(&mut pieces.first);
        if pieces.message.is_some() {
            flags |= MESSAGE;
        }
        if pieces.left == 0 {
            flags |= pieces.last;
        }
        self.piece(key, route, (pieces.stream, pieces.offset), flags, &bytes[..taken], lies);
        pieces.offset += taken as u64;
        self.peers[key].body = (pieces.left > 0).then_some(Body::Pieces(pieces));
        taken
    }

    /// Checks that a piece follows on what was sent of its stream, and notes it.
    fn follow(&mut self, key: ClientId, chunk: &SendChunk) -> Result<Follow, Malformed> {
        let id: StreamId = (chunk.source.get(), chunk.destination.get(), chunk.stream.get());
        let (offset, size, flags) = (chunk.offset.get(), u64::from(chunk.size.get()), chunk.flags.get());
        let ends = flags & (LAST | ABORT) != 0;
        let known = self.peers[key].streams.get(&id).copied();
        if known.is_some_and(|stream| stream.failed) && flags & FIRST == 0 {
            if ends {
                self.peers[key].streams.remove(&id);
            }
            return Ok(Follow::Dropped);
        }
        let known = known.filter(|stream| !stream.failed);
        let checked = self.route(key, id.0, id.1).and_then(|route| {
            let inbound = self.ports.get(id.1).map_or(0, |port| port.streams);
            match known {
                _ if !route.extended => Err(Code::NotUnderstood),
                Some(stream) if stream.serial != route.serial => Err(Code::ReceiverGone),
                Some(stream) if stream.next != offset || flags & FIRST != 0 => Err(Code::OutOfOrder),
                Some(_) => Ok(route),
                None if offset != 0 || flags & FIRST == 0 => Err(Code::OutOfOrder),
                None if self.peers[key].streams.len() >= self.limits.streams || inbound >= self.limits.streams => {
                    Err(Code::TooMany)
                }
                None => Ok(route),
            }
        });
        let checked = checked.and_then(|route| Ok((route, offset.checked_add(size).ok_or(Code::TooLarge)?)));
        let (route, next) = match checked {
            Ok(checked) => checked,
            Err(code) => {
                if let Some(stream) = known {
                    self.abort(key, id, stream);
                }
                self.refuse(key, Kind::SendChunk, id, 0, code);
                let room = self.peers[key].streams.len() < self.limits.streams;
                if ends {
                    self.peers[key].streams.remove(&id);
                } else if room || known.is_some() {
                    self.peers[key].streams.insert(
                        id,
                        Stream {
                            next: 0,
                            serial: 0,
                            failed: true,
                        },
                    );
                }
                return Ok(Follow::Dropped);
            }
        };
        if self.full(key, route.to) {
            return Ok(Follow::Blocked);
        }
        match (known.is_some(), ends) {
            (true, true) => {
                self.peers[key].streams.remove(&id);
                self.inbound(id.1, route.serial, -1);
            }
            (false, true) => {
                self.peers[key].streams.remove(&id);
            }
            (known, false) => {
                self.peers[key].streams.insert(
                    id,
                    Stream {
                        next,
                        serial: route.serial,
                        failed: false,
                    },
                );
                if !known {
                    self.inbound(id.1, route.serial, 1);
                }
            }
        }
        Ok(Follow::Goes(route))
    }

    fn inbound(&mut self, number: u64, serial: u64, change: isize) {
        if let Some(port) = self.ports.same_mut(number, serial) {
            port.streams = port.streams.saturating_add_signed(change);
        }
    }

    /// Tells the receiver of a stream that no more comes. The sender's note of it stays.
    fn abort(&mut self, key: ClientId, id: StreamId, stream: Stream) {
        if let Some(port) = self.ports.same(id.1, stream.serial) {
            let route = Route {
                source: id.0,
                destination: id.1,
                to: port.owner,
                serial: stream.serial,
                extended: true,
            };
            self.inbound(id.1, stream.serial, -1);
            self.piece(key, route, (id.2, stream.next), ABORT, &[], None);
        }
    }

    fn piece(
        &mut self,
        key: ClientId,
        route: Route,
        (stream, offset): (u64, u64),
        flags: u32,
        data: &[u8],
        lies: Option<usize>,
    ) {
        let piece = DeliverChunk {
            source: route.source.into(),
            destination: route.destination.into(),
            stream: stream.into(),
            offset: offset.into(),
            size: (data.len() as u32).into(),
            flags: flags.into(),
            ..Default::default()
        };
        let piece = piece.with_header(data.len());
        match lies {
            Some(at) => self.lend(route.to, Some(piece), at, data),
            None => self.hand_over(route.to, piece.as_bytes(), data),
        }
        self.count(key, route.to, size_of::<DeliverChunk>() + data.len());
    }

    /// Whether a receiver has no room; the sender then waits for it.
    fn full(&mut self, key: ClientId, to: ClientId) -> bool {
        let full = self.peers[to].out.is_full();
        if full {
            self.block(key, BlockedOn::Room(to));
        }
        full
    }

    fn hand_over(&mut self, to: ClientId, first: &[u8], second: &[u8]) {
        let receiver = &mut self.peers[to];
        if !receiver.mute {
            receiver.out.push(&mut self.pool, first, second);
            self.list(to);
        }
    }

    fn count(&mut self, from: ClientId, to: ClientId, bytes: usize) {
        let sent = &mut self.peers[from].traffic;
        sent.messages_sent += 1;
        sent.bytes_sent += bytes as u64;
        let received = &mut self.peers[to].traffic;
        received.messages_received += 1;
        received.bytes_received += bytes as u64;
    }

    /// Tells a sender that something was not delivered.
    pub(crate) fn refuse(&mut self, key: ClientId, kind: Kind, id: StreamId, tag: u32, code: Code) {
        self.lost(key, kind, id, tag, 1, code);
    }

    fn lost(
        &mut self,
        key: ClientId,
        kind: Kind,
        (source, destination, stream): StreamId,
        tag: u32,
        count: u32,
        code: Code,
    ) {
        let failed = Failed {
            source: source.into(),
            destination: destination.into(),
            stream: stream.into(),
            tag: tag.into(),
            count: count.into(),
            code: code as u8,
            kind: kind as u8,
            ..Default::default()
        };
        self.tell(key, failed, &[]);
    }

    /// Cuts the streams from a port that is about to close, and tells senders of streams to it.
    pub(crate) fn end_streams(&mut self, key: ClientId, number: u64, serial: u64, inbound: usize) {
        let from: Vec<_> = (self.peers[key].streams.iter())
            .filter(|(id, _)| id.0 == number)
            .map(|(id, stream)| (*id, *stream))
            .collect();
        for (id, stream) in from {
            self.peers[key].streams.remove(&id);
            if !stream.failed {
                self.abort(key, id, stream);
            }
        }
        if inbound == 0 {
            return;
        }
        let mut told = Vec::new();
        for (sender, peer) in &mut self.peers {
            for (id, stream) in &mut peer.streams {
                if id.1 == number && stream.serial == serial && !stream.failed {
                    stream.failed = true;
                    told.push((sender, *id));
                }
            }
        }
        for (sender, id) in told {
            self.refuse(sender, Kind::SendChunk, id, 0, Code::ReceiverGone);
        }
    }

    /// Cuts what a client that is about to go has sent half of.
    pub(crate) fn end_all_of(&mut self, key: ClientId) {
        match self.peers[key].body.take() {
            Some(Body::Pieces(Pieces {
                route,
                stream,
                offset,
                last: 0,
                message: None,
                ..
            })) => {
                // It is cut with its port, where it has come to.
                if let Some(noted) = self.peers[key]
                    .streams
                    .get_mut(&(route.source, route.destination, stream))
                {
                    noted.next = offset;
                }
            }
            Some(Body::Pieces(Pieces {
                route,
                stream,
                offset,
                first,
                message,
                ..
            })) => {
                let begun = first == 0 || message.is_none();
                if begun && self.ports.same(route.destination, route.serial).is_some() {
                    let of = if message.is_some() { MESSAGE } else { 0 };
                    self.piece(key, route, (stream, offset), of | ABORT, &[], None);
                }
            }
            Some(Body::Gather { frame, left, .. }) => self.release(frame.len() + left),
            Some(Body::Skip(_)) | None => {}
        }
    }

    /// Tells the senders of what a client has not been handed, and throws that away: nothing can be handed to it any more.
    pub(crate) fn report_lost(&mut self, key: ClientId) {
        let mut lost: Vec<(StreamId, Kind, u32, u32)> = Vec::new();
        for frame in self.unfinished(key) {
            let Some((id, kind, tag)) = sent_by(frame) else {
                continue;
            };
            match lost.iter_mut().find(|(other, of, ..)| *other == id && *of == kind) {
                Some((.., count)) => *count += 1,
                None => lost.push((id, kind, tag, 1)),
            }
        }
        for (id, kind, tag, count) in lost {
            if let Some(sender) = self
                .ports
                .get(id.0)
                .map(|port| port.owner)
                .filter(|owner| *owner != key)
            {
                self.lost(sender, kind, id, tag, count, Code::ReceiverGone);
            }
        }
        let gathered = self.peers[key].out.gathered();
        self.peers[key].out.clear();
        self.release(gathered);
    }

    /// Clients that hold memory which others need, and have sent or taken nothing for too long.
    pub(crate) fn stalled(&self) -> Vec<ClientId> {
        if !self.wants_memory() {
            return Vec::new();
        }
        let long_ago = |since: Instant| self.now.duration_since(since) > STALLED;
        let stalled = |peer: &Peer| match &peer.body {
            Some(Body::Gather { moved, .. }) if long_ago(*moved) => true,
            _ => long_ago(peer.took) && peer.out.gathered() > 0,
        };
        self.peers
            .iter()
            .filter(|(_, peer)| stalled(peer))
            .map(|(key, _)| key)
            .collect()
    }
}

enum Follow {
    Goes(Route),
    /// It was refused, and the sender was told.
    Dropped,
    Blocked,
}

/// Names the message or stream of a frame that waits for a receiver, if its sender is to be told of its loss.
fn sent_by(frame: &[u8]) -> Option<(StreamId, Kind, u32)> {
    let head = wire::head(frame).ok()??;
    match head.kind {
        Kind::DeliverMessage | Kind::DeliverRight => {
            let (message, _) = DeliverMessage::ref_from_prefix(frame).ok()?;
            let kind = if head.kind == Kind::DeliverRight {
                Kind::SendRight
            } else {
                Kind::SendMessage
            };
            Some((
                (message.source.get(), message.destination.get(), 0),
                kind,
                message.tag.get(),
            ))
        }
        Kind::DeliverChunk => {
            let (piece, _) = DeliverChunk::ref_from_prefix(frame).ok()?;
            let (source, destination, stream) = (piece.source.get(), piece.destination.get(), piece.stream.get());
            // Of what isn't at its end, the sender hears when it goes on.
            if piece.flags.get() & LAST == 0 {
                None
            } else if piece.flags.get() & MESSAGE != 0 {
                Some(((source, destination, 0), Kind::SendMessage, stream as u32))
            } else {
                Some(((source, destination, stream), Kind::SendChunk, 0))
            }
        }
        _ => None,
    }
}
