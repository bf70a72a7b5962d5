"""Browsers of reviewers and others on the real lists of tests/cases, and forms sent as a page draws them."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories.lists import NOW, import_list, import_text, import_tree
from tests.factories.people import make_person, signed_in_client
from tests.support.filled_forms import form_fields
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.features.programmes.commands import publish_programme
from tracker.features.programmes.queries import get_document
from tracker.models.audit import AuditEntry
from tracker.models.programme import ProgrammeVersion
from tracker.services.programme_documents.document import Document


class Desk:
    """A database with the tree and some lists, and whoever sits before it."""

    def __init__(self, app: Flask, *lists: str, publish: bool = True) -> None:
        self.app = app
        self.database: Database = app.extensions["database"]
        with self.database.session() as session:
            import_tree(session)
            for name in lists:
                import_list(session, name, publish=publish)
            session.commit()

    def bring(self, text: str, *, publish: bool = False) -> None:
        """Import a list from a text."""
        with self.database.session() as session:
            key = import_text(session, text).document.key
            if publish:
                publish_programme(session, key, actor=OPERATOR, now=NOW)
            session.commit()

    def sign_in(self, role: str, unit: str) -> StrictClient:
        """A browser of somebody at a unit."""
        with self.database.session() as session:
            person = make_person(session, role, unit)
            session.commit()
        return signed_in_client(self.app, person.account_id)

    def document(self, key: str) -> Document:
        """The list as it stands."""
        with self.database.read_session() as session:
            return get_document(session, key)

    def actions(self) -> list[str]:
        """What the audit trail says people did, oldest first."""
        with self.database.read_session() as session:
            wanted = select(AuditEntry.action).where(AuditEntry.actor_id.is_not(None)).order_by(AuditEntry.id)
            return list(session.scalars(wanted))

    def versions(self) -> list[tuple[int, str]]:
        """Numbers and reasons of all versions."""
        with self.database.read_session() as session:
            wanted = select(ProgrammeVersion.number, ProgrammeVersion.reason).order_by(
                ProgrammeVersion.number
            )
            return [(row[0], row[1]) for row in session.execute(wanted)]


def text_of(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def resend(browser: StrictClient, path: str, *, page: str | None = None, **typed: Any) -> TestResponse:
    """Send the form at ``path`` as it is drawn but for what is typed; ``__`` in a name stands for a dash."""
    drawn = form_fields(browser.get(page or path).text)
    fields = drawn | {name.replace("__", "-"): value for name, value in typed.items()}
    return browser.submit(path, {name: value for name, value in fields.items() if value is not None})
