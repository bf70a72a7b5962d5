"""What pages load beside their text. Its address changes with its content, so that a browser keeps it and never asks again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from flask import Flask, Response, current_app, make_response, request, send_from_directory
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from tracker.domain.permissions import Permission
from tracker.web.guard import requires

FOLDER: Final = Path(__file__).resolve().parents[1] / "static"
BUNDLE: Final = "css/pages.css"
"""The style sheets of every page as one file, which stands nowhere but in memory."""

STYLE_SHEETS: Final = (
    "tokens", "base", "top", "buttons", "forms", "lights", "charts", "cards", "band", "tables", "heatmap", "notes",
    "timeline", "evidence", "sheet", "filing", "targets", "review", "paper", "desk", "programmes", "boards", "login",
    "print",
)  # fmt: skip
"""In the order in which later ones override earlier ones."""

KEPT: Final = f"public, max-age={365 * 24 * 3600}, immutable"
ASKED: Final = "no-cache"
VERSION_LENGTH: Final = 12
Stamp = tuple[int, int]
EARLIER: Final = re.compile(rf"[0-9a-f]{{{VERSION_LENGTH}}}/")


def init_assets(app: Flask) -> None:
    """Serve the folder at ``/static/<version>/``; what is asked for by another version or by none gets what there is now.

    So a page drawn before an upgrade still finds its parts; nobody keeps those. Modules name each other by relative
    addresses, which the version in the path goes along with.
    """
    app.session_interface = _QuietSessions()
    # the first rule of an endpoint is the one addresses are made by
    app.add_url_rule(f"{_prefix()}<path:filename>", "static", send_asset)
    app.add_url_rule("/static/<path:filename>", "static", send_asset)


class _QuietSessions(SecureCookieSessionInterface):
    """A file is the same for everybody: its answer neither sets the session's cookie nor says that it depends on it."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """As always, but not beside a file, which browsers keep over sign-ins."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


class Known(NamedTuple):
    """The folder at one moment: a digest over all of it, the bundle, and what each file was like."""

    version: str
    bundle: bytes
    stamps: Mapping[str, Stamp | None]


def version() -> str:
    """The beginning of the SHA-256 over all files and their names, as they were when the process first looked."""
    return known().version


@cache
def known() -> Known:
    """The same as long as the process lives."""
    return look()


def look() -> Known:
    """What is there now."""
    found, stamps = sha256(), dict[str, Stamp | None]()
    for file in _files():
        name = file.relative_to(FOLDER).as_posix()
        stamps[name] = _stamp(file)
        found.update(f"{name}\0".encode())
        found.update(sha256(file.read_bytes()).digest())
    return Known(found.hexdigest()[:VERSION_LENGTH], _read_bundle(), stamps)


@requires(Permission.SEE_ASSET)
def send_asset(filename: str) -> Response:
    """One file, kept for a year by whoever asked by the version of this process, unless it has been changed since."""
    is_ours = request.path.startswith(_prefix()) and not current_app.debug
    name = filename if is_ours else EARLIER.sub("", filename, count=1)
    if name == BUNDLE:
        answer = make_response(known().bundle if is_ours else _read_bundle())
        answer.mimetype = "text/css"
        answer.add_etag()
        answer.make_conditional(request)
    else:
        is_ours = is_ours and known().stamps.get(name) == _stamp(FOLDER / name)
        answer = send_from_directory(FOLDER, name)
    answer.headers["Cache-Control"] = KEPT if is_ours else ASKED
    return answer


def _prefix() -> str:
    return f"/static/{version()}/"


def _files() -> list[Path]:
    """All of them in order, those in linked folders too."""
    walked = os.walk(FOLDER, followlinks=True)
    return sorted(Path(folder, name) for folder, _folders, names in walked for name in names)


def _stamp(file: Path) -> Stamp | None:
    """When and how long it was written; None: it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _read_bundle() -> bytes:
    """Addresses in it are relative to css/, where it seems to stand as well."""
    return b"".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in STYLE_SHEETS)
