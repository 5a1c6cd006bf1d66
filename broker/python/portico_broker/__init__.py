"""Client of the Portico message broker, which speaks the protocol of DarqOS's p-kernel.

Blocking::

    from portico_broker import Client

    with Client() as client:
        own = client.open()
        answer = client.request(own, 2917, b"hello", timeout=5)

With asyncio, the same with ``await``::

    from portico_broker import AsyncClient

    async with await AsyncClient.connect() as client:
        own = await client.open()
        answer = await client.request(own, 2917, b"hello", timeout=5)

A service that speaks JSON, as DarqOS's do::

    from portico_broker import Client, JsonService

    class Echo(JsonService):
        def say(self, text):
            return {"result": True, "text": text}

    with Client() as client:
        Echo(client, client.open(2917)).run()
"""

from .asynchronous import AsyncClient
from .blocking import Client
from .json_service import JsonService, call
from .wire import (
    ABORT,
    EXTENDED,
    FIRST,
    LAST,
    MESSAGE,
    PRIVATE,
    BrokerError,
    Code,
    Ended,
    Event,
    Lost,
    Malformed,
    Message,
    Piece,
    Refused,
    address_from_environment,
)

__all__ = [
    "ABORT",
    "EXTENDED",
    "FIRST",
    "LAST",
    "MESSAGE",
    "PRIVATE",
    "AsyncClient",
    "BrokerError",
    "Client",
    "Code",
    "Ended",
    "Event",
    "JsonService",
    "Lost",
    "Malformed",
    "Message",
    "Piece",
    "Refused",
    "address_from_environment",
    "call",
]
