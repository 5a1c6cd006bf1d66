"""The client that waits for what it asks."""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Any, TypeVar

from . import wire
from .core import Broken, Core
from .wire import ABORT, LAST, Code, Event, Message, Piece, Refused

T = TypeVar("T")


def _run(work: Coroutine[Any, Any, T]) -> T:
    # What these await waits within itself, so they come to their end at once.
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("it has not come to its end")


class _Blocking(Core):
    _socket: socket.socket

    async def _dial(self) -> None:
        if isinstance(self.address, str):
            if sys.platform == "win32":
                raise OSError("the blocking client knows no named pipes: use the broker's TCP address, or asyncio")
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(self.address)
        else:
            self._socket = socket.create_connection(self.address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)

    async def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                # While the broker waits for a slow receiver this goes on reading, or two that flood each other would
                # wait for ever.
                readable, _, _ = select.select([self._socket], [self._socket], [])
                if readable:
                    self._read()

    def _read(self) -> bool:
        try:
            new = self._socket.recv(wire.PIECE)
        except BlockingIOError:
            return False
        if not new:
            raise wire.Ended("the broker has closed the connection")
        self._inbox.feed(new)
        return True

    async def _more(self, until: float | None) -> bool:
        while not self._read():
            timeout = None if until is None else max(until - time.monotonic(), 0)
            readable, _, _ = select.select([self._socket], [], [], timeout)
            if not readable and timeout is not None:
                return False
        return True


class Client:
    """A connection to the broker. Whatever comes while it waits for something else is kept for ``receive``, in
    order."""

    def __init__(self, address: wire.Address | None = None) -> None:
        """Connects; without an address to the broker that the environment names, else to the original's."""
        self._core = _Blocking(address)
        _run(self._core._dial())

    def reconnect(self) -> Broken:
        """Connects again and opens the same ports again. Messages on their way at that time may be lost without a
        word."""
        self.close()
        return _run(self._core.reconnect())

    def open(self, port: int = 0, *, private: bool = False) -> int:
        """Opens a port, 0 for one that the broker chooses, and returns its number. Only those can send to a private
        one who were handed the right."""
        return _run(self._core.open(port, private=private))

    def close_port(self, port: int) -> None:
        """Closes a port. Streams from and to it end."""
        _run(self._core.close_port(port))

    def send(self, source: int, destination: int, data: bytes, *, right: int | None = None) -> int:
        """Sends a message, and hands over the right to send to a private port if one is named. Returns the tag that
        a ``Lost`` would have."""
        return _run(self._core.send(source, destination, data, right=right))

    def receive(self, timeout: float | None = None) -> Event | None:
        """What comes next; None if the time, in seconds, is over first."""
        return _run(self._core.receive(timeout))

    def poll(self) -> Event | None:
        """What has come already."""
        return self.receive(0)

    def request(self, source: int, destination: int, data: bytes, timeout: float | None = None) -> Message:
        """Sends a message and waits for the next one from there. Raises ``Refused`` if it was not delivered,
        ``TimeoutError`` if the time is over first."""
        return _run(self._core.request(source, destination, data, timeout))

    def run(self, handler: Callable[[Event], bool | None]) -> None:
        """Deals with everything that comes until the handler returns True."""
        while True:
            event = self.receive()
            if event is not None and handler(event):
                return

    def send_stream(self, source: int, destination: int, data: bytes | memoryview) -> None:
        """Sends a stream that is all there already."""
        _run(self._core.send_stream(source, destination, data))

    def begin_stream(self) -> int:
        """A number for a new stream."""
        return self._core.begin_stream()

    def send_piece(self, stream: tuple[int, int, int], offset: int, flags: int, data: bytes) -> None:
        """Sends a piece of a stream, with ``FIRST`` on the first one and ``LAST`` on the last; raises ``Refused`` if
        the broker has said that the stream has ended."""
        _run(self._core.send_piece(stream, offset, flags, data))

    def pieces(self, first: Piece) -> Iterator[bytes]:
        """The data of a stream, from a piece that has come on. Raises ``Refused`` if it ends and is not whole."""
        piece: Event | None = first
        while isinstance(piece, Piece):
            if piece.flags & ABORT:
                raise Refused(Code.RECEIVER_GONE)
            if piece.data:
                yield piece.data
            if piece.flags & LAST:
                return
            piece = _run(self._core._take(None, lambda event: isinstance(event, Piece) and event.id == first.id))

    def read_stream(self, first: Piece) -> bytes:
        """All of a stream, from a piece that has come on."""
        return b"".join(self.pieces(first))

    def authenticate(self, token: bytes | None = None) -> None:
        """Shows the token that the broker has put into this process's environment: the client is the service from
        now on."""
        _run(self._core.authenticate(token))

    def prove(self, key: bytes) -> None:
        """Proves to hold a service's private key, 32 bytes of ed25519; this needs the package ``cryptography``."""
        _run(self._core.prove(key))

    def serve(self, name: str, port: int) -> None:
        """Says that a port handles a type, or one object."""
        _run(self._core.serve(name, port))

    def resolve(self, name: str, timeout: float | None = None) -> int:
        """The port of what handles the object ``type:location:id``, which is started if need be."""
        return _run(self._core.resolve(name, timeout))

    def label(self, text: str) -> None:
        """Says what this client calls itself, for people who look at the directory; nobody checks it."""
        _run(self._core.label(text))

    def directory(self) -> Any:
        """Connections with their traffic, ports, services."""
        return _run(self._core.directory())

    def close(self) -> None:
        """Ends the connection; its ports are closed."""
        self._core._socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
