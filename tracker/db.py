"""Engines and session factories with the settings SQLite and PostgreSQL need; knows no model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
POSTGRESQL_DRIVER: Final = "postgresql+psycopg"

BUSY_TIMEOUT_MS: Final = 10_000
LOCK_TIMEOUT_MS: Final = 5_000
STATEMENT_TIMEOUT_MS: Final = 30_000
IDLE_IN_TRANSACTION_TIMEOUT_MS: Final = 60_000
CONNECT_TIMEOUT_S: Final = 5
POOL_SIZE: Final = 8
POOL_OVERFLOW: Final = 8
POOL_TIMEOUT_S: Final = 10
POOL_RECYCLE_S: Final = 1_800

SQLITE_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",  # first: switching to WAL may have to wait
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # otherwise OR REPLACE would delete past a BEFORE DELETE trigger
)
SQLITE_READ_ONLY: Final = "PRAGMA query_only = ON"
REQUEST_LIMITS_MS: Final = {
    "lock_timeout": LOCK_TIMEOUT_MS,
    "statement_timeout": STATEMENT_TIMEOUT_MS,
    "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_MS,
}
"""What holds for every transaction on PostgreSQL, unless it takes its time."""
POSTGRESQL_OPTIONS: Final = " ".join(
    f"-c {setting}"
    for setting in (*(f"{name}={most}" for name, most in REQUEST_LIMITS_MS.items()), "timezone=UTC")
)


class UnknownDatabase(ValueError):
    """The address names neither an SQLite file nor a PostgreSQL database."""


MOST_REMEMBERED: Final = 256
MOST_TABLES: Final = 16
"""Progress tables are megabytes each."""
MOST_PARTS: Final = 48
"""Parts of pages, ready to be printed: half a megabyte for ninety units and ten pledges."""

MOST_POSTINGS: Final = 64
"""Postings wait a moment for their fold."""


class Memory:
    """What a process remembers of one database, for sessions that only read: values by keys that hold their version.

    A key never names two values, so nothing here can be out of date; the longest unused goes first.
    """

    def __init__(self, size: int = MOST_REMEMBERED) -> None:
        self._size, self._lock = size, Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def find(self, key: Hashable) -> Any:
        """The value kept under this key, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def take(self, key: Hashable) -> Any:
        """The value kept under this key, which is kept no longer; or None."""
        with self._lock:
            return self._kept.pop(key, None)

    def keep(self, key: Hashable, value: object) -> None:
        """Keep a value nobody changes."""
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)


_MEMORY: Final = "memory"
_TABLES: Final = "tables"
_PARTS: Final = "parts"


def memory_of(session: Session) -> Memory | None:
    """What may be used of earlier reads; None for a session that writes, which may see what is not committed."""
    found: Memory | None = session.info.get(_MEMORY)
    return found


def tables_of(session: Session) -> Memory | None:
    """The same for the few large values."""
    found: Memory | None = session.info.get(_TABLES)
    return found


def parts_of(session: Session) -> Memory | None:
    """The same for parts of pages."""
    found: Memory | None = session.info.get(_PARTS)
    return found


@dataclass(frozen=True, slots=True)
class Database:
    """One database behind two engines: ``write`` takes its lock at BEGIN, ``read`` cannot write at all."""

    write: Engine
    read: Engine
    memory: Memory = field(default_factory=Memory, compare=False)
    tables: Memory = field(default_factory=lambda: Memory(MOST_TABLES), compare=False)
    postings: Memory = field(default_factory=lambda: Memory(MOST_POSTINGS), compare=False)
    parts: Memory = field(default_factory=lambda: Memory(MOST_PARTS), compare=False)

    def session(self) -> Session:
        """A session that may write. On SQLite its first statement waits for the only write lock."""
        return Session(self.write, expire_on_commit=False)

    def read_session(self) -> Session:
        """A session that sees one moment of the database and whose every write is refused by the engine."""
        info = {_MEMORY: self.memory, _TABLES: self.tables, _PARTS: self.parts}
        return Session(self.read, expire_on_commit=False, info=info)

    def dispose(self) -> None:
        """Close every pooled connection, for example before forking."""
        self.read.dispose()
        self.write.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether the engine behind is SQLite (else it is PostgreSQL)."""
        return is_sqlite(self.write)


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether this engine or connection speaks to SQLite (else it is PostgreSQL)."""
    return bind.dialect.name == SQLITE


def take_ones_time(connection: Connection) -> None:
    """Lift the limits of a request for this transaction (PostgreSQL; on SQLite there are none)."""
    if is_sqlite(connection):
        return
    for limit in REQUEST_LIMITS_MS:
        connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


@contextmanager
def proving_session(database: Database) -> Iterator[Session]:
    """A session that sees one moment, cannot write, and may read for as long as a proof of everything takes."""
    with database.read_session() as session:
        take_ones_time(session.connection())
        yield session


def normalised_url(url: str) -> URL:
    """The address with our driver named: ``postgres://`` and ``postgresql://`` mean psycopg.

    Raises :class:`UnknownDatabase` for any other engine and for SQLite in memory,
    where the two engines could not see the same rows.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", POSTGRESQL, POSTGRESQL_DRIVER}:
        return make_url(POSTGRESQL_DRIVER + separator + rest)
    address = make_url(url)
    if address.drivername != SQLITE:
        raise UnknownDatabase(f"neither SQLite nor PostgreSQL: {address.render_as_string()}")
    if address.database in {None, "", ":memory:"}:
        raise UnknownDatabase("SQLite needs a file: a database in memory cannot be shared by two engines")
    return address


def open_database(url: str) -> Database:
    """The database at ``url``; connects only when first used. An SQLite file's folder is made when missing."""
    address = normalised_url(url)
    if address.drivername != SQLITE:
        return Database(write=_postgresql_engine(address), read=_postgresql_read_engine(address))
    if address.database is not None:
        Path(address.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write = _sqlite_engine(address, begin="BEGIN IMMEDIATE", pragmas=SQLITE_PRAGMAS)
    read = _sqlite_engine(address, begin="BEGIN", pragmas=(*SQLITE_PRAGMAS, SQLITE_READ_ONLY))
    return Database(write=write, read=read)


def _sqlite_engine(address: URL, *, begin: str, pragmas: tuple[str, ...]) -> Engine:
    """An engine whose transactions begin with ``begin``; the driver itself begins none (isolation_level)."""
    engine = create_engine(
        address,
        hide_parameters=True,  # an error is logged without the values it was about
        connect_args={"isolation_level": None},
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(address: URL, *, isolation_level: str = "READ COMMITTED") -> Engine:
    return create_engine(
        address,
        hide_parameters=True,
        connect_args={
            "options": POSTGRESQL_OPTIONS,
            "connect_timeout": CONNECT_TIMEOUT_S,
        },
        isolation_level=isolation_level,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        pool_recycle=POOL_RECYCLE_S,
        pool_pre_ping=True,
    )


def _postgresql_read_engine(address: URL) -> Engine:
    """Every transaction is READ ONLY and, as on SQLite, all its statements see the same moment."""
    engine = _postgresql_engine(address, isolation_level="REPEATABLE READ")

    @event.listens_for(engine, "connect")
    def _read_only(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.read_only = True

    return engine
