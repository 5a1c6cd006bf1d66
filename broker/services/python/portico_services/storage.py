"""Values by key, for whoever asks on port 11001."""

from __future__ import annotations

import base64
import sqlite3
from pathlib import Path

from portico_broker import Client, JsonService

from . import base
from .base import text

Answer = dict[str, object]


class Storage(JsonService):
    """Keeps values by key: ``set`` a new one, ``update`` one that is there, ``get``, ``exists``, ``delete``."""

    def __init__(self, client: Client, port: int, file: Path) -> None:
        super().__init__(client, port)
        self._values = base.open_database(file, "storage (key text not null primary key, value blob not null)")

    def set(self, key: object = None, value: object = None, **_: object) -> Answer:
        """Keeps a value under a key that has none yet."""
        try:
            self._values.execute("insert into storage values (?, ?)", (text(key, "key"), _bytes(value)))
        except sqlite3.IntegrityError:
            raise ValueError("the key is set already: an update changes it") from None
        return {"result": True}

    def update(self, key: object = None, value: object = None, **_: object) -> Answer:
        """Changes the value of a key. As in the original nothing is kept, and nothing wrong with it, if the key isn't
        there."""
        self._values.execute("update storage set value = ? where key = ?", (_bytes(value), text(key, "key")))
        return {"result": True}

    def exists(self, key: object = None, **_: object) -> Answer:
        """Whether a key has a value."""
        return {"result": self._value(key) is not None}

    def get(self, key: object = None, **_: object) -> Answer:
        """The value of a key."""
        value = self._value(key)
        return {"result": value is not None, "value": base64.b64encode(value or b"").decode()}

    def delete(self, key: object = None, **_: object) -> Answer:
        """Forgets a key."""
        self._values.execute("delete from storage where key = ?", (text(key, "key"),))
        return {"result": True}

    def _value(self, key: object) -> bytes | None:
        row = self._values.execute("select value from storage where key = ?", (text(key, "key"),)).fetchone()
        return None if row is None else row[0]


def _bytes(value: object) -> bytes:
    return base64.b64decode(text(value, "value"), validate=True)


def main() -> None:
    """Runs the service."""
    base.main("org.darqos.storage", 11001, "storage.sqlite", Storage)


if __name__ == "__main__":
    main()
