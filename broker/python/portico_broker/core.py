"""What both clients do, in terms of writing bytes and waiting for some."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from . import wire
from .wire import Code, Event, Kind, Message, Piece, Refused


@dataclass
class Broken:
    """What did not survive the end of a connection: ports, with why they could not be opened again, and streams."""

    ports: dict[int, int] = field(default_factory=dict)
    streams: set[tuple[int, int, int]] = field(default_factory=set)


class Core:
    """The protocol. Whatever comes while it waits for something else is kept for ``receive``, in order."""

    def __init__(self, address: wire.Address | None = None) -> None:
        self.address = wire.address_from_environment() if address is None else address
        self._inbox = wire.Inbox()
        self._request = self._tag = self._stream = 0
        self._label = ""
        self._ports: dict[int, int] = {}
        self._outgoing: set[tuple[int, int, int]] = set()
        # What the last connection has taken with it and nobody was told yet.
        self._broken = Broken()

    async def _write(self, data: bytes) -> None:
        raise NotImplementedError

    async def _more(self, until: float | None) -> bool:
        """Waits for bytes and feeds them to the inbox; False if the time is over first."""
        raise NotImplementedError

    async def _dial(self) -> None:
        raise NotImplementedError

    async def _ask(self, make: Callable[[int], bytes], *kinds: Kind) -> tuple[Kind, bytes]:
        self._request = (self._request + 1) & 0xFFFF_FFFF
        request = self._request
        await self._write(make(request))
        return await self._answer(request, *kinds)

    async def _answer(self, request: int, *kinds: Kind) -> tuple[Kind, bytes]:
        while True:
            if (answer := self._inbox.answer(kinds, request)) is not None:
                return answer
            await self._more(None)

    async def _take(self, until: float | None, wanted: Callable[[Event], bool]) -> Event | None:
        looked_at = 0
        while True:
            events = self._inbox.events
            for at in range(looked_at, len(events)):
                event = events[at]
                if wanted(event):
                    del events[at]
                    return event
            looked_at = len(events)
            if not await self._more(until):
                return None

    async def reconnect(self) -> Broken:
        """Connects again and opens the same ports again. Messages on their way at that time may be lost without a
        word."""
        await self._dial()
        events, self._inbox = self._inbox.events, wire.Inbox()
        self._inbox.events = events
        self._broken.streams |= self._outgoing
        self._outgoing = set()
        if self._label:
            await self.label(self._label)
        # If this fails, too, the next one knows all of it.
        for port, flags in list(self._ports.items()):
            try:
                await self._open(port, flags)
            except Refused as refused:
                del self._ports[port]
                self._broken.ports[port] = refused.code
        broken, self._broken = self._broken, Broken()
        return broken

    async def open(self, port: int = 0, *, private: bool = False) -> int:
        """Opens a port, 0 for one that the broker chooses, and returns its number. Only those can send to a private
        one who were handed the right."""
        return await self._open(port, wire.EXTENDED | (wire.PRIVATE if private else 0))

    async def _open(self, port: int, flags: int) -> int:
        _, body = await self._ask(lambda request: wire.open_port(request, port, flags), Kind.OPENED_PORT)
        _, code, opened = wire.OPENED.unpack(body)
        wire.check(code)
        self._ports[opened] = flags
        return int(opened)

    async def close_port(self, port: int) -> None:
        """Closes a port. Streams from and to it end."""
        _, body = await self._ask(lambda request: wire.close_port(request, port), Kind.CLOSED_PORT)
        wire.check(body[4])
        self._ports.pop(port, None)

    async def send(self, source: int, destination: int, data: bytes, *, right: int | None = None) -> int:
        """Sends a message, and hands over the right to send to a private port if one is named. Returns the tag that
        a ``Lost`` would have."""
        self._tag = (self._tag + 1) & 0xFFFF_FFFF
        if right is None:
            await self._write(wire.send_message(source, destination, self._tag, data))
        else:
            await self._write(wire.send_right(source, destination, self._tag, right, data))
        return self._tag

    async def receive(self, timeout: float | None = None) -> Event | None:
        """What comes next; None if the time, in seconds, is over first."""
        return await self._take(deadline(timeout), lambda _: True)

    async def request(self, source: int, destination: int, data: bytes, timeout: float | None = None) -> Message:
        """Sends a message and waits for the next one from there. Raises ``Refused`` if it was not delivered,
        ``TimeoutError`` if the time is over first."""
        until = deadline(timeout)
        tag = await self.send(source, destination, data)
        event = await self._take(until, lambda event: wire.answers_to(event, source, destination, tag))
        if isinstance(event, Message):
            return event
        if isinstance(event, wire.Lost):
            raise Refused(event.code)
        raise TimeoutError("no answer in time")

    async def send_stream(self, source: int, destination: int, data: bytes | memoryview) -> None:
        """Sends a stream that is all there already."""
        number = self.begin_stream()
        view, offset = memoryview(data), 0
        while True:
            piece = view[offset : offset + wire.PIECE]
            flags = (wire.FIRST if offset == 0 else 0) | (wire.LAST if offset + len(piece) == len(view) else 0)
            await self.send_piece((source, destination, number), offset, flags, bytes(piece))
            offset += len(piece)
            if flags & wire.LAST:
                return

    def begin_stream(self) -> int:
        """A number for a new stream."""
        self._stream += 1
        return self._stream

    async def send_piece(self, stream: tuple[int, int, int], offset: int, flags: int, data: bytes) -> None:
        """Sends a piece of a stream, with ``FIRST`` on the first one and ``LAST`` on the last; raises ``Refused`` if
        the broker has said that the stream has ended."""
        while await self._more(0):
            pass
        events = self._inbox.events
        for at, event in enumerate(events):
            if isinstance(event, wire.Lost) and (event.source, event.destination, event.stream) == stream:
                del events[at]
                self._outgoing.discard(stream)
                raise Refused(event.code)
        await self._write(wire.send_chunk(*stream, offset, flags, data))
        if flags & (wire.LAST | wire.ABORT):
            self._outgoing.discard(stream)
        else:
            self._outgoing.add(stream)

    async def pieces(self, first: Piece) -> AsyncIterator[bytes]:
        """The data of a stream, from a piece that has come on. Raises ``Refused`` if it ends and is not whole."""
        piece: Event | None = first
        while isinstance(piece, Piece):
            if piece.flags & wire.ABORT:
                raise Refused(Code.RECEIVER_GONE)
            if piece.data:
                yield piece.data
            if piece.flags & wire.LAST:
                return
            piece = await self._take(None, lambda event: isinstance(event, Piece) and event.id == first.id)

    async def read_stream(self, first: Piece) -> bytes:
        """All of a stream, from a piece that has come on."""
        return b"".join([data async for data in self.pieces(first)])

    async def authenticate(self, token: bytes | None = None) -> None:
        """Shows the token that the broker has put into this process's environment: the client is the service from
        now on."""
        shown = wire.token_from_environment() if token is None else token
        _, body = await self._ask(lambda request: wire.authenticate(request, shown), Kind.AUTHENTICATED)
        wire.check(body[4])

    async def prove(self, key: bytes) -> None:
        """Proves to hold a service's private key, 32 bytes of ed25519; this needs the package ``cryptography``."""
        public, _ = wire.sign(key, b"")
        kind, body = await self._ask(lambda request: wire.prove(request, public), Kind.CHALLENGE, Kind.AUTHENTICATED)
        if kind is Kind.AUTHENTICATED:
            raise Refused(body[4])
        _, signature = wire.sign(key, body[8:40])
        _, body = await self._ask(lambda request: wire.proof(request, signature), Kind.AUTHENTICATED)
        wire.check(body[4])

    async def serve(self, name: str, port: int) -> None:
        """Says that a port handles a type, or one object."""
        _, body = await self._ask(lambda request: wire.serve(request, port, name.encode()), Kind.SERVING)
        wire.check(body[4])

    async def resolve(self, name: str, timeout: float | None = None) -> int:
        """The port of what handles the object ``type:location:id``, which is started if need be."""
        patience = 0 if timeout is None else min(max(int(timeout * 1000), 1), 0xFFFF_FFFF)
        _, body = await self._ask(lambda request: wire.resolve(request, patience, name.encode()), Kind.RESOLVED)
        while body[4] == Code.STARTING:
            _, body = await self._answer(self._request, Kind.RESOLVED)
        _, code, port = wire.OPENED.unpack(body)
        wire.check(code)
        return int(port)

    async def label(self, text: str) -> None:
        """Says what this client calls itself, for people who look at the directory; nobody checks it."""
        self._label = text[:64]
        await self._write(wire.label(self._label.encode()))

    async def directory(self) -> Any:
        """Connections with their traffic, ports, services."""
        _, body = await self._ask(wire.list_all, Kind.LISTING)
        return json.loads(body[8:])


def deadline(timeout: float | None) -> float | None:
    """When a time that begins now is over."""
    return None if timeout is None else time.monotonic() + timeout
