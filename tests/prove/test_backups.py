"""Backups taken at random moments while reviewers go on: each restores to what it holds, whole, with nothing answered missing.

``ROUNDS`` in the environment sets how many; a hundred by default.
"""

from __future__ import annotations

import io
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from tests.factories.crowds import Crowd
from tests.factories.installation import unwatched
from tests.factories.rows import NOW
from tests.support.counted_acts import CountedActs
from tests.support.databases import Copies
from tests.support.kept_results import kept_result
from tracker.cli.archive.checking import Unusable, open_archive
from tracker.cli.archive.form import Digesting, Manifest
from tracker.cli.archive.restoring import prove, restore_backup
from tracker.cli.archive.taking import take_backup
from tracker.db import SQLITE, Database
from tracker.models.audit import AuditEntry
from tracker.models.evidence import EvidenceBlob
from tracker.services.evidence_store import FolderBlobs
from tracker.services.ledger.settling import settle
from tracker.services.revising import Verdict, undo, verdict_of
from tracker.services.standings import Doer, Seen, list_standings
from tracker.services.transitions import accept
from tracker.worker import fold_leftovers

ROUNDS: Final = int(os.environ.get("ROUNDS", "100"))
SEED: Final = 20180716
WRITERS: Final = 3
EACH: Final = 4
LONGEST_LEAD_S: Final = 0.3


class Load:
    """Reviewers who accept and take back, one act after the other, each with a new file of evidence; they can be told to wait.

    ``begun`` and ``acts.done`` count their acts; each act leaves one entry in the trail.
    """

    def __init__(self, database: Database, store: FolderBlobs, crowd: Crowd) -> None:
        self._database, self._store, self._crowd = database, store, crowd
        self._may_go, self._is_over, self._begins = threading.Event(), threading.Event(), threading.Lock()
        self.begun, self.acts = 0, CountedActs()
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(WRITERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._is_over.set()
        self._may_go.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """They work for the length of the block."""
        self._may_go.set()
        yield
        self._may_go.clear()

    def _go_on(self, number: int) -> None:
        work = [seen for [seen] in list(self._crowd.seen.values())[number::WRITERS]]
        given = dict[int, Verdict]()
        act = 0
        try:
            while self._may_go.wait() and not self._is_over.is_set():
                with self._begins:
                    self.begun += 1
                self._act(work[act % len(work)], given, f"{number}-{act}")
                act += 1
                self.acts.count()
        except Exception as error:  # noqa: BLE001  (told by the test, whatever it was)
            self.acts.failures.append(repr(error))

    def _act(self, first: Seen, given: dict[int, Verdict], name: str) -> None:
        doer = Doer(self._crowd.reviewer, NOW)
        content = name.encode() * 64
        sha256 = self._store.keep(content)  # before the row, as an upload does
        with self._database.session() as session:
            session.add(EvidenceBlob(sha256=sha256, media="csv", size=len(content), row_count=1, at=NOW))
            if first.revision_id in given:
                undo(session, given.pop(first.revision_id), doer)
            else:
                [standing] = list_standings(session, [first.revision_id])
                seen = Seen(first.revision_id, standing.version_id, first.digest)
                given[first.revision_id] = verdict_of(accept(session, [seen], doer))
            settle(self._database, session, lambda: NOW)


def test_each_backup_of_a_hundred_restores_whole(
    fresh_database: Database, database_copies: Copies, engine_name: str, tmp_path: Path
) -> None:
    chance, store = random.Random(SEED), FolderBlobs(tmp_path / "evidence")
    with kept_result(f"backups-under-load-{engine_name}", seed=SEED, rounds=ROUNDS) as noted:
        crowd, entries = planted(fresh_database)
        noted.update(restored=0, flipped_bits_found=0, acts_before=0, acts_meanwhile=0)
        with Load(fresh_database, store, crowd) as load:
            for number in range(ROUNDS):
                file = tmp_path / f"{number}.backup"
                with load.going_on():
                    time.sleep(chance.random() * LONGEST_LEAD_S)
                    answered = load.acts.done
                    with file.open("wb") as out:
                        taken = take_backup(
                            fresh_database, store, Digesting(out), keys={}, watch=unwatched
                        ).manifest
                    begun = load.begun
                assert load.acts.failures == []
                with database_copies() as place:
                    bring_back(place, FolderBlobs(tmp_path / f"{number}"), file, taken)
                    held = acts_of(place) - entries
                assert answered <= held <= begun, "an answered act is missing, or one nobody began is there"
                noted["restored"] += 1
                noted["flipped_bits_found"] += int(is_flipped_bit_found(file.read_bytes(), chance))
                noted["acts_before"], noted["acts_meanwhile"] = (
                    answered,
                    noted["acts_meanwhile"] + begun - answered,
                )
                file.unlink()
        assert load.acts.failures == []
        assert noted["flipped_bits_found"] == ROUNDS
        assert noted["acts_meanwhile"] >= ROUNDS, "they stood still while backups were taken"


def test_notices_a_backup_of_several_moments(
    fresh_database: Database, database_copies: Copies, engine_name: str, tmp_path: Path
) -> None:
    """The planted fault: every table is read as it is at its own moment."""
    store, file = FolderBlobs(tmp_path / "evidence"), tmp_path / "torn"
    crowd, _entries = planted(fresh_database)
    level = "AUTOCOMMIT" if engine_name == SQLITE else "READ COMMITTED"
    hasty = create_engine(fresh_database.read.url, isolation_level=level)
    with Load(fresh_database, store, crowd) as load, load.going_on(), file.open("wb") as out:
        load.acts.wait_for_more()
        torn = Database(write=fresh_database.write, read=hasty)
        taken = take_backup(torn, store, Digesting(out), keys={}, watch=load.acts.between_tables).manifest
    hasty.dispose()
    with database_copies() as place, pytest.raises((AssertionError, Unusable, SQLAlchemyError)):
        bring_back(place, FolderBlobs(tmp_path / "new"), file, taken)


def planted(database: Database) -> tuple[Crowd, int]:
    """A crowd of signed reports, committed, and how many entries the trail has so far."""
    with database.session() as session:
        crowd = Crowd(session, units=WRITERS * EACH)
        session.commit()
    while fold_leftovers(database, NOW) is not None:
        pass
    return crowd, acts_of(database)


def acts_of(database: Database) -> int:
    """Entries of the trail."""
    with database.read_session() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def bring_back(place: Database, store: FolderBlobs, file: Path, taken: Manifest) -> None:
    """Restore; what ``flask db check``, ``totals verify`` and ``audit verify`` look at holds, and a backup of it is the same."""
    with file.open("rb") as source:
        restore_backup(place, store, source, now=NOW, watch=unwatched)
    assert prove(place, store, unwatched) == []
    again = take_backup(place, store, Digesting(io.BytesIO()), keys={}, watch=unwatched).manifest
    assert told(again) == told(taken)


def told(manifest: Manifest) -> dict[str, Any]:
    """Every table's rows and digest, every file, and the end of the chain."""
    tables = {table.name: (table.rows, table.sha256) for table in manifest.tables}
    return {"tables": tables, "files": sorted(manifest.files), "seal": manifest.seal}


def is_flipped_bit_found(content: bytes, chance: random.Random) -> bool:
    """Whether an archive with one bit turned over anywhere is refused."""
    changed = bytearray(content)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    try:
        open_archive(io.BytesIO(bytes(changed)), unwatched)
    except Unusable:
        return True
    return False
