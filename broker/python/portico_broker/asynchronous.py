"""The client for asyncio."""

from __future__ import annotations

import asyncio
import sys
import time
from types import TracebackType
from typing import Any

from . import wire
from .core import Broken, Core


class AsyncClient(Core):
    """A connection to the broker. One task at a time may wait for something of it; others may send meanwhile."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _reading = False

    @classmethod
    async def connect(cls, address: wire.Address | None = None) -> AsyncClient:
        """Connects to a broker; without an address to the one that the environment names, else the original's."""
        client = cls(address)
        await client._dial()
        return client

    async def _dial(self) -> None:
        if isinstance(self.address, str):
            self._reader, self._writer = await _open_local(self.address)
        else:
            self._reader, self._writer = await asyncio.open_connection(*self.address)

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        draining = asyncio.ensure_future(self._writer.drain())
        await asyncio.sleep(0)
        # While the broker waits for a slow receiver this goes on reading, or two that flood each other would wait
        # for ever.
        while not draining.done() and not self._reading:
            await self._read(None, draining)
        await draining

    async def _more(self, until: float | None) -> bool:
        return await self._read(None if until is None else max(until - time.monotonic(), 0))

    async def _read(self, timeout: float | None, *others: asyncio.Future[Any]) -> bool:
        """Reads once, unless the time is over or something else is done first."""
        reading = asyncio.ensure_future(self._reader.read(wire.PIECE))
        waited: set[asyncio.Future[Any]] = {reading, *others}
        self._reading = True
        try:
            await asyncio.wait(waited, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._reading = False
            # What was read stays read, also if nobody waits for it any more.
            read = not reading.cancel()
            if read:
                self._fed(reading.result())
        if not read:
            await asyncio.wait((reading,))
        return read

    def _fed(self, new: bytes) -> None:
        if not new:
            raise wire.Ended("the broker has closed the connection")
        self._inbox.feed(new)

    async def reconnect(self) -> Broken:
        """Connects again and opens the same ports again. Messages on their way at that time may be lost without a
        word."""
        await self.close()
        return await super().reconnect()

    async def close(self) -> None:
        """Ends the connection; its ports are closed."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            # It was closed already.
            pass

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _open_local(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Opens a Unix socket, or on Windows the named pipe that the broker has in its place."""
    if sys.platform != "win32":
        return await asyncio.open_unix_connection(path)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    # The usual one there.
    if not isinstance(loop, asyncio.ProactorEventLoop):
        raise OSError("only asyncio's ProactorEventLoop knows named pipes")
    transport, _ = await loop.create_pipe_connection(lambda: protocol, wire.pipe_name(path))
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
