"""Frames, without any sockets: bytes in, events and answers out."""

from __future__ import annotations

import enum
import os
import re
import struct
import sys
from collections import deque
from dataclasses import dataclass
from typing import Union

PRIVATE, EXTENDED = 1, 2
FIRST, LAST, ABORT, MESSAGE = 1, 2, 4, 8
PIECE = 64 * 1024
# Where Windows has all pipes.
PIPES = "\\\\.\\pipe\\"
PORT = 11000
PROOF_CONTEXT = b"portico broker 1: this service's key answers\0"

Address = Union[str, "tuple[str, int]"]


class Kind(enum.IntEnum):
    """What a frame is."""

    OPEN_PORT = 1
    OPENED_PORT = 2
    CLOSE_PORT = 3
    CLOSED_PORT = 4
    SEND_MESSAGE = 5
    SEND_CHUNK = 6
    DELIVER_MESSAGE = 7
    DELIVER_CHUNK = 8
    FAILED = 16
    AUTHENTICATE = 17
    AUTHENTICATED = 18
    PROVE = 19
    CHALLENGE = 20
    PROOF = 21
    SERVE = 22
    SERVING = 23
    RESOLVE = 24
    RESOLVED = 25
    SEND_RIGHT = 26
    DELIVER_RIGHT = 27
    LIST = 28
    LISTING = 29
    LABEL = 30


class Code(enum.IntEnum):
    """What became of a request, or why something was not delivered."""

    DONE = 0
    NONE_LEFT = 1
    TAKEN = 2
    NOT_PERMITTED = 3
    TOO_MANY = 4
    NO_SUCH_PORT = 5
    NOT_YOURS = 6
    TOO_LARGE = 7
    RECEIVER_GONE = 8
    OUT_OF_ORDER = 9
    NOT_UNDERSTOOD = 10
    NOT_AN_ID = 11
    UNAVAILABLE = 12
    NO_HANDLER = 13
    STARTING = 14
    TIMED_OUT = 15
    START_FAILED = 16
    RESTING = 17


class BrokerError(Exception):
    """Something was not done."""


class Refused(BrokerError):
    """The broker says no; ``code`` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(Code(code).name.lower().replace("_", " ") if code in set(Code) else f"code {code}")
        self.code = code


class Ended(BrokerError):
    """The broker has closed the connection."""


class Malformed(BrokerError):
    """Whoever claims to be the broker sent no frames."""


@dataclass(frozen=True)
class Message:
    """A message that has come; ``right`` is a private port that may be sent to from now on."""

    source: int
    destination: int
    tag: int
    data: bytes
    right: int | None = None


@dataclass(frozen=True)
class Piece:
    """A piece of a stream, which is named by source, destination and number."""

    source: int
    destination: int
    stream: int
    offset: int
    flags: int
    data: bytes

    @property
    def id(self) -> tuple[int, int, int]:
        """What names its stream."""
        return (self.source, self.destination, self.stream)


@dataclass(frozen=True)
class Lost:
    """What was sent and did not arrive; ``stream`` is None for messages, of which ``count`` were lost from ``tag``
    on."""

    source: int
    destination: int
    stream: int | None
    tag: int
    count: int
    code: int


Event = Union[Message, Piece, Lost]

HEADER = struct.Struct(">BBBxI")
OPEN = struct.Struct(">IIQ")
OPENED = struct.Struct(">IB3xQ")
SEND = struct.Struct(">QQII")
RIGHT = struct.Struct(">QQIIQ")
CHUNK = struct.Struct(">QQQQII")
FAILED = struct.Struct(">QQQIIBB6x")


def frame(kind: Kind, body: bytes, data: bytes = b"") -> bytes:
    """A whole frame."""
    length = HEADER.size + len(body) + len(data)
    if length >= 1 << 32:
        raise ValueError("longer than a frame may be")
    return b"".join((HEADER.pack(0, 8, kind, length), body, data))


def open_port(request: int, port: int, flags: int) -> bytes:
    return frame(Kind.OPEN_PORT, OPEN.pack(request, flags, port))


def close_port(request: int, port: int) -> bytes:
    return frame(Kind.CLOSE_PORT, OPEN.pack(request, 0, port))


def send_message(source: int, destination: int, tag: int, data: bytes) -> bytes:
    return frame(Kind.SEND_MESSAGE, SEND.pack(source, destination, len(data), tag), data)


def send_right(source: int, destination: int, tag: int, right: int, data: bytes) -> bytes:
    return frame(Kind.SEND_RIGHT, RIGHT.pack(source, destination, len(data), tag, right), data)


def send_chunk(source: int, destination: int, stream: int, offset: int, flags: int, data: bytes) -> bytes:
    return frame(Kind.SEND_CHUNK, CHUNK.pack(source, destination, stream, offset, len(data), flags), data)


def authenticate(request: int, token: bytes) -> bytes:
    return frame(Kind.AUTHENTICATE, struct.pack(">I4x16s", request, token))


def prove(request: int, key: bytes) -> bytes:
    return frame(Kind.PROVE, struct.pack(">I4x32s", request, key))


def proof(request: int, signature: bytes) -> bytes:
    return frame(Kind.PROOF, struct.pack(">I4x64s", request, signature))


def serve(request: int, port: int, name: bytes) -> bytes:
    return frame(Kind.SERVE, struct.pack(">IIQ8x", request, len(name), port), name)


def resolve(request: int, patience: int, name: bytes) -> bytes:
    return frame(Kind.RESOLVE, struct.pack(">III4x", request, patience, len(name)), name)


def list_all(request: int) -> bytes:
    return frame(Kind.LIST, struct.pack(">I4x", request))


def label(text: bytes) -> bytes:
    return frame(Kind.LABEL, struct.pack(">I4x", len(text)), text)


ANSWERS = {
    Kind.OPENED_PORT,
    Kind.CLOSED_PORT,
    Kind.AUTHENTICATED,
    Kind.CHALLENGE,
    Kind.SERVING,
    Kind.RESOLVED,
    Kind.LISTING,
}


class Inbox:
    """What has come and was not asked for yet."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.events: deque[Event] = deque()
        self.answers: deque[tuple[Kind, int, bytes]] = deque()
        self._long: dict[tuple[int, int, int], bytearray] = {}

    def feed(self, new: bytes) -> None:
        """Takes in what was read."""
        self._bytes += new
        at = 0
        while len(self._bytes) - at >= HEADER.size:
            version, size, kind, length = HEADER.unpack_from(self._bytes, at)
            if version > 1 or size != 8 or length < 8:
                raise Malformed(f"version {version}, header of {size} bytes, frame of {length}")
            if len(self._bytes) - at < length:
                break
            self._frame(kind, bytes(self._bytes[at + 8 : at + length]))
            at += length
        del self._bytes[:at]

    def _frame(self, number: int, body: bytes) -> None:
        try:
            kind = Kind(number)
            if kind in ANSWERS:
                self.answers.append((kind, *struct.unpack_from(">I", body), body))
            elif kind is Kind.DELIVER_MESSAGE:
                source, destination, size, tag = SEND.unpack_from(body)
                self.events.append(Message(source, destination, tag, body[SEND.size : SEND.size + size]))
            elif kind is Kind.DELIVER_RIGHT:
                source, destination, size, tag, right = RIGHT.unpack_from(body)
                self.events.append(Message(source, destination, tag, body[RIGHT.size : RIGHT.size + size], right))
            elif kind is Kind.DELIVER_CHUNK:
                source, destination, stream, offset, _, flags = CHUNK.unpack_from(body)
                self._piece(Piece(source, destination, stream, offset, flags, body[CHUNK.size :]))
            elif kind is Kind.FAILED:
                source, destination, stream, tag, count, code, of = FAILED.unpack_from(body)
                self.events.append(
                    Lost(source, destination, stream if of == Kind.SEND_CHUNK else None, tag, count, code)
                )
            else:
                raise Malformed(f"type {number}")
        except (ValueError, struct.error) as error:
            raise Malformed(f"type {number}: {error}") from error

    def _piece(self, piece: Piece) -> None:
        if not piece.flags & MESSAGE:
            self.events.append(piece)
            return
        whole = self._long.setdefault(piece.id, bytearray())
        whole += piece.data
        if piece.flags & (LAST | ABORT):
            del self._long[piece.id]
        if piece.flags & LAST:
            # The tag is in the low half of a long message's number.
            self.events.append(Message(piece.source, piece.destination, piece.stream & 0xFFFF_FFFF, bytes(whole)))

    def answer(self, kinds: tuple[Kind, ...], request: int) -> tuple[Kind, bytes] | None:
        """The answer to a request, if it has come."""
        for at, (kind, number, body) in enumerate(self.answers):
            if kind in kinds and number == request:
                del self.answers[at]
                return kind, body
        return None


def check(code: int) -> None:
    """Raises unless it is done."""
    if code != Code.DONE:
        raise Refused(code)


def answers_to(event: Event, source: int, destination: int, tag: int) -> bool:
    """Whether an event is what becomes of a request."""
    if isinstance(event, Message):
        return (event.source, event.destination) == (destination, source)
    if isinstance(event, Lost):
        since = (tag - event.tag) & 0xFFFF_FFFF
        return (
            event.stream is None and (event.source, event.destination) == (source, destination) and since < event.count
        )
    return False


def sign(key: bytes, nonce: bytes) -> tuple[bytes, bytes]:
    """The public key to a private one of 32 bytes, and its signature of a challenge."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(key)
    return private.public_key().public_bytes_raw(), private.sign(PROOF_CONTEXT + nonce)


def address_from_environment() -> Address:
    """Where the broker is: as the environment says, as it does for services that the broker starts, else the
    original's."""
    # On Windows the socket is a named pipe, which the blocking client can't use.
    if (socket := os.environ.get("PORTICO_BROKER_SOCKET")) and sys.platform != "win32":
        return socket
    if tcp := os.environ.get("PORTICO_BROKER_ADDRESS"):
        host, _, port = tcp.rpartition(":")
        return (host.strip("[]"), int(port))
    return ("127.0.0.1", PORT)


def pipe_name(path: str) -> str:
    """The named pipe that a broker on Windows has for the path of a socket."""
    return path if path.startswith(PIPES) else PIPES + re.sub(r"[\\/:]", "-", path)


def token_from_environment() -> bytes:
    """What shows that the broker has started this process."""
    return bytes.fromhex(os.environ.get("PORTICO_BROKER_TOKEN", "00" * 16))
