"""What both services do: find their file and their broker, and answer until they are shut down."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from portico_broker import BrokerError, Client, Ended, JsonService, Refused


def place(name: str) -> Path:
    """The file of that name among what Portico's services keep for this user."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA", home / "AppData/Roaming"), "portico/data")
    elif sys.platform == "darwin":
        folder = home / "Library/Application Support/portico"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share", "portico")
    return folder / "services" / name


def open_database(file: Path, table: str) -> sqlite3.Connection:
    """Opens a database, and makes it and its table if there is none. Raises ``sqlite3.Error`` if it is damaged, which
    leaves it as it is, or open in another process."""
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file, timeout=1, isolation_level=None)
    database.execute("pragma locking_mode = exclusive")
    # What was committed stays, even if the power goes at once.
    database.execute("pragma synchronous = extra")
    # All of it is looked through: an answer must not come out of a damaged page.
    (whole,) = database.execute("pragma integrity_check(1)").fetchone()
    if whole != "ok":
        raise sqlite3.DatabaseError(whole)
    database.execute(f"create table if not exists {table}")
    return database


def text(value: object, name: str) -> str:
    """A field that has to be a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def main(kind: str, port: int, name: str, make: Callable[[Client, int, Path], JsonService]) -> None:
    """Runs a service as a process; says at its end what went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path, help="the file that it keeps everything in")
    file = parser.parse_args().file or place(name)
    # What the broker has started shows so, and may have what is reserved.
    started = "PORTICO_BROKER_TOKEN" in os.environ
    try:
        with Client() as client:
            if started:
                client.authenticate()
            service = make(client, port, file)
            client.label(f"portico-{Path(name).stem}")
            client.open(port)
            client.serve(kind, port)
            service.run()
            # When this is answered, the broker has the last answer too.
            client.close_port(port)
    except Ended:
        # What the broker has started ends with it.
        sys.exit(None if started else f"{kind}: the broker has closed the connection")
    except sqlite3.Error as error:
        sys.exit(f"{kind}: {file} is damaged, no database, or open in another process: {error}")
    except Refused as refused:
        sys.exit(f"{kind}: the broker doesn't let it have port {port}: {refused}")
    except (BrokerError, OSError) as error:
        sys.exit(f"{kind}: {error}")
