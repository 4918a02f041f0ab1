"""Where results are kept: a SQLite file of limited size that several processes may use at a time."""

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from summarizer.errors import CacheError

#: Seconds to wait for another process that writes.
PATIENCE: Final = 30.0
#: Files up to this many bytes are checked whole when they are opened; larger ones only where they are read.
CHECKED: Final = 1 << 28
#: What a result takes beside its value: its key, twice, and numbers.
ROW_BYTES: Final = 100
#: In the head of the file: "nwsc", and the version of the tables.
_APPLICATION: Final = 0x6E777363
_VERSION: Final = 1
_TABLES: Final = (
    "CREATE TABLE results (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL, size INTEGER NOT NULL)",
    "CREATE INDEX by_use ON results (used)",
    "CREATE TABLE total (size INTEGER NOT NULL)",
    "INSERT INTO total VALUES (0)",
    "CREATE TRIGGER added AFTER INSERT ON results BEGIN UPDATE total SET size = size + NEW.size; END",
    "CREATE TRIGGER removed AFTER DELETE ON results BEGIN UPDATE total SET size = size - OLD.size; END",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)
_NEXT: Final = "SELECT coalesce(max(used), 0) + 1 FROM results"
_OLDEST: Final = "SELECT rowid FROM results ORDER BY used, rowid LIMIT 1"

Result = dict[str, Any]


class CacheFile:
    """Results by key.

    :param path: The file; it is made if it is not there.
    :param most_bytes: Bytes of results to keep; those that were not used for longest go first.
    :raises CacheError: If the file is damaged, of another program or version, or cannot be opened; it stays as it is.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        try:
            self._database = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                _make_ready(self._database, path)
            except BaseException:
                self._database.close()
                raise
        except sqlite3.Error as error:
            raise CacheError(
                f"The cache {path} cannot be used ({error}). Name another file, or remove this one if it is a cache."
            ) from error

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def find(self, keys: Collection[bytes]) -> dict[bytes, Result]:
        """Return the results that are there, and note that they were used.

        :raises sqlite3.Error: If the file cannot be read or written.
        :raises ValueError: If a result is damaged.
        """
        found: dict[bytes, Result] = {}
        with self._transaction() as database:
            [now] = database.execute(_NEXT).fetchone()
            for key in keys:
                row = database.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    found[key] = _unpack(row[0])
                    database.execute("UPDATE results SET used = ? WHERE key = ?", (now, key))
        return found

    def store(self, results: Mapping[bytes, Result]) -> None:
        """Keep results, all or none; others go where there are too many.

        :raises sqlite3.Error: If the file cannot be written.
        """
        with self._transaction() as database:
            [now] = database.execute(_NEXT).fetchone()
            for key, result in results.items():
                value = _pack(result)
                row = (key, value, now, len(value) + ROW_BYTES)
                database.execute("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?)", row)
            while database.execute("SELECT size FROM total").fetchone()[0] > self._most_bytes:
                database.execute(f"DELETE FROM results WHERE rowid = ({_OLDEST})")  # noqa: S608

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the database for changes that are made all or not at all."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield self._database
        except BaseException:
            # SQLite may have rolled back by itself, as on a full disk.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _make_ready(database: sqlite3.Connection, path: Path) -> None:
    """Check that a file is a cache, or make it one if it is new."""
    if _is_new(database):
        database.execute("BEGIN IMMEDIATE")
        # Another process may have been faster.
        for statement in _TABLES if _is_new(database) else ():
            database.execute(statement)
        database.execute("COMMIT")
    application, version = _head(database)
    if application != _APPLICATION:
        raise CacheError(f"The file {path} is of another program and no cache. Name another file for the cache.")
    if version != _VERSION:
        raise CacheError(f"The cache {path} is of another version of this program. Name another file, or remove it.")
    if path.stat().st_size <= CHECKED:
        [said] = database.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)
    # While another process does the same the file is locked, and that process does it for all.
    with suppress(sqlite3.OperationalError):
        database.execute("PRAGMA journal_mode = WAL")
    # What the last seconds before a power cut brought may be lost: it is only a cache.
    database.execute("PRAGMA synchronous = NORMAL")


def _is_new(database: sqlite3.Connection) -> bool:
    [tables] = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables and not any(_head(database))


def _head(database: sqlite3.Connection) -> tuple[int, int]:
    [application] = database.execute("PRAGMA application_id").fetchone()
    [version] = database.execute("PRAGMA user_version").fetchone()
    return application, version


def _pack(result: Result) -> bytes:
    return zlib.compress(json.dumps(result).encode())


def _unpack(value: bytes) -> Result:
    try:
        result: Result = json.loads(zlib.decompress(value))
    except zlib.error as error:
        raise ValueError(f"a result is damaged: {error}") from error
    return result
