"""Tables of pages as files: which page offers which, and the page's own request worked through once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from flask import Flask, current_app, g, request
from werkzeug.exceptions import NotFound

from tracker.domain.identity import Identity
from tracker.domain.messages import Refusal
from tracker.domain.permissions import Permission, holds
from tracker.services.anchors import Place
from tracker.services.sessions import SignedIn
from tracker.services.tables.csv_writing import Cell
from tracker.web.current import Visitor, is_safe
from tracker.web.guard import permission_of
from tracker.web.i18n import CODES

LONGEST_ADDRESS: Final = 2_000
OFFERS: Final = "tables"


class UnreadableFilter(Refusal):
    """A filter in the page's address means nothing."""

    def __init__(self) -> None:
        super().__init__("筛选条件看不懂，请回到页面核对")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a page: what it is called, what it rests on, its rows and how many there are.

    ``seal`` is the one its figures were read by; None where it shows the present state. ``place`` is what the seal
    on top leaves the house in. A text column may be given a width in letters.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    count: int
    seal: int | None = None
    widths: Sequence[int] = ()
    place: Place = Place.TABLE_EXPORT


class Offer(NamedTuple):
    """What makes a page's table, called with the values in the page's address while ``request`` is that page's.

    ``needs`` is a permission beside the page's own.
    """

    make: Callable[..., Table]
    needs: Permission | None = None


Offers = Mapping[tuple[str, str], Offer]
"""Endpoint and name of the table → what makes it."""


class Found(NamedTuple):
    """An offer found by its page's address: what it needs and how to make it."""

    permissions: tuple[Permission, ...]
    make: Callable[[], Table]

    def refused_to(self, identity: Identity) -> Permission | None:
        """The first permission this person lacks; None when they may have it."""
        return next((one for one in self.permissions if not holds(identity, one)), None)


def init_tables(app: Flask, offers: Offers) -> None:
    """Keep what there is to take away, and let pages say which address they have."""
    app.extensions[OFFERS] = offers
    app.jinja_env.globals["page_address"] = page_address


def page_address() -> str | None:
    """This page's own address; None where it answers a form, and has none to come back to."""
    return request.full_path.rstrip("?") if is_safe() else None


@contextmanager
def looking_at(address: str, *, who: SignedIn, language: str, moment: datetime) -> Iterator[None]:
    """The request of a page: its address, on the read side, at this moment, as this person in this language."""
    if not _is_own_address(address):
        raise NotFound
    path, _mark, query = address.partition("?")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 (Flask's own way to the app itself)
    headers = {"Accept-Language": CODES[language]}
    with app.app_context(), app.test_request_context(path, query_string=query, headers=headers):
        g.now = moment
        g._login_user = Visitor("", who)  # noqa: SLF001 (where Flask-Login keeps whom it has found)
        yield


def find_offer(name: str) -> Found:
    """The table of this name on the page that is looked at; NotFound where it offers none."""
    offers: Offers = current_app.extensions[OFFERS]
    offer = offers.get((request.endpoint or "", name))
    if offer is None:
        raise NotFound
    own = permission_of(current_app, request.endpoint or "")
    values = dict(request.view_args or {})
    return Found((own, *([offer.needs] if offer.needs else [])), lambda: offer.make(**values))


def _is_own_address(address: str) -> bool:
    is_path = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return is_path and len(address) <= LONGEST_ADDRESS and all(ord(letter) >= 0x20 for letter in address)
