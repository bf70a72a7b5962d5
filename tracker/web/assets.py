"""What pages load beside their text. Its address changes with its content, so that a browser keeps it and never asks again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from flask import Flask, Response, current_app, make_response, request, send_from_directory

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
EARLIER: Final = re.compile(rf"[0-9a-f]{{{VERSION_LENGTH}}}/")


def init_assets(app: Flask) -> None:
    """Serve the folder at ``/static/<version>/``; what is asked for by another version or by none gets what there is now.

    So a page drawn before an upgrade, or by a host that is ahead of this one, still finds its parts; nobody keeps those.
    Modules name each other by relative addresses, which the version in the path goes along with.
    """
    # the first rule of an endpoint is the one addresses are made by
    app.add_url_rule(f"{_prefix()}<path:filename>", "static", send_asset)
    app.add_url_rule("/static/<path:filename>", "static", send_asset)


@cache
def version() -> str:
    """The beginning of the SHA-256 over all files and their names; as long as the process lives."""
    found = sha256()
    for file in _files():
        found.update(f"{file.relative_to(FOLDER).as_posix()}\0".encode())
        found.update(sha256(file.read_bytes()).digest())
    return found.hexdigest()[:VERSION_LENGTH]


@requires(Permission.SEE_ASSET)
def send_asset(filename: str) -> Response:
    """One file, kept for a year by whoever asked by the version of this process."""
    is_ours = request.path.startswith(_prefix()) and not current_app.debug
    name = filename if is_ours else EARLIER.sub("", filename, count=1)
    if name == BUNDLE:
        answer = make_response(_bundle() if is_ours else _read_bundle())
        answer.mimetype = "text/css"
        answer.add_etag()
        answer.make_conditional(request)
    else:
        answer = send_from_directory(FOLDER, name)
    answer.headers["Cache-Control"] = KEPT if is_ours else ASKED
    return answer


def _prefix() -> str:
    return f"/static/{version()}/"


def _files() -> Iterator[Path]:
    return iter(sorted(path for path in FOLDER.rglob("*") if path.is_file()))


@cache
def _bundle() -> bytes:
    return _read_bundle()


def _read_bundle() -> bytes:
    """Addresses in it are relative to css/, where it seems to stand as well."""
    return b"".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in STYLE_SHEETS)
