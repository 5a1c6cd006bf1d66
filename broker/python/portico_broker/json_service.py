"""Services that speak JSON as DarqOS's do: a request names its ``method`` and an ``xid``, both of which the answer
repeats."""

from __future__ import annotations

import json
from typing import Any

from .blocking import Client
from .wire import Event, Message


class JsonService:
    """A service whose methods are those of its class that don't begin with an underscore.

    Each takes the fields of the request and returns those of the answer. ``shutdown`` ends it.
    """

    def __init__(self, client: Client, port: int) -> None:
        self._client = client
        self._port = port
        self._ended = False

    def shutdown(self) -> dict[str, Any]:
        """Ends the service once this is answered."""
        self._ended = True
        return {"result": True}

    def run(self) -> None:
        """Answers requests until it is shut down."""
        self._client.run(self._event)

    def _event(self, event: Event) -> bool:
        if isinstance(event, Message) and event.destination == self._port:
            answer = json.dumps(self._answer(event.data)).encode()
            self._client.send(self._port, event.source, answer)
        return self._ended

    def _answer(self, data: bytes) -> dict[str, Any]:
        try:
            request = json.loads(data)
            fields = dict(request)
            method = fields.pop("method")
        except (ValueError, TypeError, KeyError) as error:
            return {"result": False, "description": f"no request: {error!r}"}
        echoed = {"method": method, "xid": fields.pop("xid", None)}
        own = isinstance(method, str) and not method.startswith("_") and method != "run"
        handler = getattr(self, method, None) if own else None
        if not callable(handler):
            return {**echoed, "result": False, "description": f"unknown method {method!r}"}
        try:
            return {**echoed, **handler(**fields)}
        except Exception as error:  # Whatever a request makes of it, the service goes on.
            return {**echoed, "result": False, "description": str(error) or repr(error)}


def call(client: Client, source: int, service: int, method: str, timeout: float | None = 30, **fields: Any) -> Any:
    """Asks a JSON service, and returns its answer."""
    text = json.dumps({"method": method, "xid": "xxx", **fields}).encode()
    return json.loads(client.request(source, service, text, timeout).data)
