"""An installation with everything a backup must carry, and a look at every row of one."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from tests.factories.ningbo import NOW, plant_ningbo
from tests.factories.people import make_person
from tracker.cli.archive.columns import list_shapes, select_of, spell, writing_spells
from tracker.cli.archive.form import MANIFEST, Advance, Digesting, begin_archive
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.models.evidence import EvidenceBlob
from tracker.models.granting import LINK_PURPOSES, AccountLink
from tracker.models.job import Heartbeat
from tracker.models.org_unit import OrgUpload
from tracker.services.evidence_store import FolderBlobs, open_store
from tracker.services.ledger.settling import settle
from tracker.services.outbox import Letter, post
from tracker.services.sessions import begin_session

ODD = "引号\"'\\\t换行\n和零宽\u200b字"
DAY = timedelta(days=1)
Rows = dict[str, list[list[Any]]]


@dataclass
class Installation:
    """The half-year of 2018 with two photographs, a browser signed in, a link on its way, and odd values."""

    app: Flask
    database: Database
    evidence: Path
    files: dict[str, str]

    @property
    def runner(self) -> FlaskCliRunner:
        """Commands on it."""
        return self.app.test_cli_runner()

    def place_of(self, name: str) -> Path:
        """Where one of its stored files lies."""
        return self.evidence / self.files[name][:2] / self.files[name]


def plant_installation(app: Flask) -> Installation:
    """One with rows of every kind of column."""
    database: Database = app.extensions["database"]
    evidence = Path(app.config["EVIDENCE_URL"])
    store = FolderBlobs(evidence)
    files = {name: store.keep(name.encode() * 9) for name in ("picture", "cleaned", "small", "list")}
    with database.session() as session:
        plant_ningbo(session)
        session.add_all(
            [
                EvidenceBlob(sha256=files["picture"], media="jpg", size=63, cleaned=files["cleaned"], preview=files["small"], at=NOW),
                EvidenceBlob(sha256=files["list"], media="csv", size=36, row_count=3, at=NOW),
            ]
        )  # fmt: skip
        person = make_person(session, Role.REPORTER, "330203", name="样例 王芳")
        begin_session(
            session, account_id=person.account_id, now=NOW, length=DAY, address="192.0.2.1", browser=ODD
        )
        session.add(AccountLink(account_id=person.account_id, purpose=LINK_PURPOSES[0], created_at=NOW))
        post(session, Letter("account_link", "1", "sample@example.cn", "样例", "{link}"), now=NOW)
        session.add(
            OrgUpload(
                person_id=person.person_id, digest="0" * 64, name=ODD, content=bytes(range(256)), at=NOW
            )
        )
        session.add(Heartbeat(name="worker", at=NOW))
        settle(database, session, lambda: NOW)
    return Installation(app, database, evidence, files)


@contextmanager
def moved_to(made: Installation, database: Database, evidence: Path | str) -> Iterator[FlaskCliRunner]:
    """Commands of the same application on another database and another place for files, as on a new machine."""
    settings = dict(made.app.config)
    url = database.write.url.render_as_string(hide_password=False)
    made.app.config.update(DATABASE_URL=url, EVIDENCE_URL=str(evidence))
    made.app.extensions.update(database=database, evidence_store=open_store(str(evidence)))
    try:
        yield made.runner
    finally:
        made.app.config.update(settings)
        made.app.extensions.update(
            database=made.database, evidence_store=open_store(settings["EVIDENCE_URL"])
        )


@contextmanager
def unwatched(_label: str, _length: int) -> Iterator[Advance]:
    """Nothing is shown."""
    yield lambda _more: None


def every_row(database: Database) -> Rows:
    """All rows of all tables, spelt alike on both engines, in the order of their keys."""
    with database.read.connect() as connection:
        return {
            shape.name: [
                spell(writing_spells(shape), row)
                for row in connection.execute(text(select_of(connection, shape)))
            ]
            for shape in list_shapes(connection)
        }


Change = Callable[[str, bytes], bytes | None]


def forged(archive: bytes, change: Change, *, more: dict[str, bytes] | None = None) -> bytes:
    """The archive as somebody would make it who knows the format: members changed or left out, and sealed anew."""
    made = io.BytesIO()
    out = Digesting(made)
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        begin_archive(out) as target,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", UserWarning)  # of a name that comes twice
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
        for name, content in (more or {}).items():
            target.writestr(name, content)
    out.finish()
    return made.getvalue()


def retold(change: Callable[[Any], None]) -> Change:
    """A change of nothing but what the manifest says."""

    def changed(name: str, content: bytes) -> bytes:
        if name != MANIFEST:
            return content
        told = json.loads(content)
        change(told)
        return json.dumps(told).encode()

    return changed
