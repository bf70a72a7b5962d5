"""Repeated requests: the same key with the same body is done once and answered alike."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from flask import Response, current_app, request
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import Conflict

from tracker.domain.canonical import digest_of
from tracker.domain.messages import Refusal
from tracker.models.audit import IdempotentAnswer
from tracker.web.current import current_database, current_session, find_identity, now
from tracker.web.guard import is_public, permission_of
from tracker.web.i18n import gettext as _

FIELD: Final = "idempotency_key"
HEADER: Final = "Idempotency-Key"
UNDIGESTED: Final = frozenset({"csrf_token", FIELD})
LONGEST_LOCATION: Final = 400
CHUNK: Final = 1 << 16
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class KeyMissing(Refusal):
    """The request carries no key, or one that no form of ours makes."""


class KeyReused(Refusal):
    """The key was already used for something else."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A key taken by this request, or the answer it was given the first time."""

    account_id: int
    key: str
    answer: Response | None = None

    def keep(self, response: Response) -> None:
        """Store the answer beside what it answers, in the same transaction."""
        location = response.headers.get("Location", "")
        if len(location) > LONGEST_LOCATION:
            raise ValueError("an answer's address is too long to be kept")
        taken = update(IdempotentAnswer).where(
            IdempotentAnswer.account_id == self.account_id, IdempotentAnswer.key == self.key
        )
        current_session().execute(taken.values(status=response.status_code, location=location))


def new_key() -> str:
    """A key for one rendered form."""
    return secrets.token_urlsafe(18)


def claim_key() -> Claim | None:
    """Take the key of this unsafe request; None for visitors, whose requests need none.

    Two at once: the second waits for the first to end, then gets its answer, or takes the key when the
    first came to nothing. Raises KeyMissing and KeyReused (both 422).
    """
    if request.endpoint is None or is_public(permission_of(current_app, request.endpoint)):
        return None
    identity = find_identity()
    if identity is None:
        return None
    key = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not _KEY.fullmatch(key):
        raise KeyMissing("这张表单缺少防重复标记，请刷新页面后再试。")
    digest = _request_digest()
    if _insert(identity.account_id, key, digest):
        return Claim(identity.account_id, key)
    return Claim(identity.account_id, key, _stored_answer(identity.account_id, key, digest))


def _insert(account_id: int, key: str, digest: str) -> bool:
    """Whether the key was free; waits for whoever is just using it."""
    insert = sqlite.insert if current_database().is_sqlite else postgresql.insert
    row = {
        "account_id": account_id,
        "key": key,
        "body_digest": digest,
        "status": 0,
        "location": "",
        "at": now(),
    }
    taken = insert(IdempotentAnswer).values(row).on_conflict_do_nothing().returning(IdempotentAnswer.key)
    return current_session().scalar(taken) is not None


def _stored_answer(account_id: int, key: str, digest: str) -> Response:
    wanted = select(IdempotentAnswer.body_digest, IdempotentAnswer.status, IdempotentAnswer.location)
    row = (
        current_session()
        .execute(wanted.where(IdempotentAnswer.account_id == account_id, IdempotentAnswer.key == key))
        .one_or_none()
    )
    if row is None:  # swept away between the two statements
        raise Conflict
    if row.body_digest != digest:
        raise KeyReused("这张表单已经提交过别的内容，请刷新页面后再试。")
    response = Response(_("这一步已经办过，没有重复办理。"), status=row.status, mimetype="text/plain")
    if row.location:
        response.headers["Location"] = row.location
    return response


def _request_digest() -> str:
    """SHA-256 over method, address and body; of a form its fields and files, but not its tokens."""
    fields = [[name, values] for name, values in request.form.lists() if name not in UNDIGESTED]
    files = [[name, _file_digests(stored)] for name, stored in request.files.lists()]
    body = "" if fields or files else hashlib.sha256(_raw_body()).hexdigest()
    return digest_of([request.method, request.full_path, fields, files, body])


def _raw_body() -> bytes:
    return b"" if request.form else request.get_data()


def _file_digests(stored: list[FileStorage]) -> list[list[str]]:
    return [[file.filename or "", _file_digest(file)] for file in stored]


def _file_digest(file: FileStorage) -> str:
    digest = hashlib.sha256()
    while chunk := file.stream.read(CHUNK):
        digest.update(chunk)
    file.stream.seek(0)
    return digest.hexdigest()
