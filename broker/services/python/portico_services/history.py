"""What happened to which object, and when, for whoever asks on port 11002."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

from portico_broker import Client, JsonService

from . import base
from .base import text

Answer = dict[str, object]

# A time as RFC 3339 writes it; the offset may be missing.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Characters of the longest answer, about what the broker takes.
_MOST = 60 << 20


class History(JsonService):
    """Keeps what happened to which object: ``add_event``, ``get_events`` from a time on, ``get_events_for_period``."""

    def __init__(self, client: Client, port: int, file: Path) -> None:
        super().__init__(client, port)
        columns = "seconds integer not null, nanoseconds integer not null, timestamp text, subject text, event text"
        self._events = base.open_database(file, f"history ({columns})")
        self._events.execute("create index if not exists moments on history (seconds, nanoseconds)")

    def add_event(self, timestamp: object = None, subject: object = None, event: object = None, **_: object) -> Answer:
        """Keeps an event."""
        row = (*_moment(timestamp), timestamp, text(subject, "subject"), text(event, "event"))
        self._events.execute("insert into history values (?, ?, ?, ?, ?)", row)
        return {"result": True}

    def get_events(self, start_time: object = None, count: object = None, older: object = None, **_: object) -> Answer:
        """So many events from a time on, in either direction."""
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise TypeError("count is no number of events")
        if not isinstance(older, bool):
            raise TypeError("older is neither true nor false")
        compare, order = ("<=", "desc") if older else (">=", "asc")
        which = f"(seconds, nanoseconds) {compare} (?, ?)"
        return self._rows(which, order, min(count, 1 << 40), *_moment(start_time))

    def get_events_for_period(self, start_time: object = None, end_time: object = None, **_: object) -> Answer:
        """All events from a time on, up to but without another."""
        which = "(seconds, nanoseconds) >= (?, ?) and (seconds, nanoseconds) < (?, ?)"
        return self._rows(which, "asc", -1, *_moment(start_time), *_moment(end_time))

    def _rows(self, which: str, order: str, count: int, *moments: int) -> Answer:
        rows, size = [], 0
        for row in self._events.execute(
            f"select timestamp, subject, event from history where {which}"
            f" order by seconds {order}, nanoseconds {order}, rowid {order} limit ?",
            (*moments, count),
        ):
            size += 16 + sum(map(len, row))
            if size > _MOST:
                raise ValueError("the answer would be too long for a message; ask for less at once")
            rows.append(row)
        return {"result": True, "events": rows}


def _moment(value: object) -> tuple[int, int]:
    """Seconds since 1970 and nanoseconds. Without an offset it is UTC."""
    found = _TIME.fullmatch(text(value, "time"))
    if found is None:
        raise ValueError("no time")
    day, time, fraction, _, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if offset >= timedelta(days=1):
        raise ValueError("no time: its offset is a day or more")
    # A leap second counts as the one before it.
    at = datetime.fromisoformat(f"{day}T{time.removesuffix(':60') + ':59' if time.endswith(':60') else time}+00:00")
    away = at - _EPOCH + (offset if sign == "-" else -offset)
    return away.days * 86_400 + away.seconds, int((fraction or "").ljust(9, "0"))


def main() -> None:
    """Runs the service."""
    base.main("org.darqos.history", 11002, "history.sqlite", History)


if __name__ == "__main__":
    main()
