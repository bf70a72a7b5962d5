"""The living year: Ningbo's ten pledges of 2018 up to 8 August, with the province and other cities around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from tracker.cli.demonstration import lists
from tracker.cli.demonstration.auditing import auditing
from tracker.cli.demonstration.elsewhere import elsewhere, provincial_list
from tracker.cli.demonstration.july import july
from tracker.cli.demonstration.june import JUNE, june
from tracker.cli.demonstration.papers import papers
from tracker.cli.demonstration.people import add_people, sample_accounts
from tracker.cli.demonstration.staffing import staffing
from tracker.cli.demonstration.stage import NINGBO, Entry, Stage, entry, offset_to, on, play, set_clock
from tracker.features.accounts.passwords import Passwords
from tracker.features.bulletins.issuing import Press

STANDS_AT: Final = date(2018, 8, 8)
"""The first day the calendar may show: everything told here has happened by then."""


def load_living_year(
    session: Session,
    *,
    today: date | None,
    now: datetime,
    passwords: Mapping[str, str],
    hasher: Passwords,
    press: Press,
) -> None:
    """Everything, in one transaction, sealed day by day. ``today``: what the calendar shows ``now``."""
    moved = offset_to(today, now)
    files = [lists.read_figures(f"ningbo-2018-{name}.csv") for name in ("figures", "samples", "july")]
    wuxing = lists.read_figures("wuxing-2018-july.csv")
    rows = [row for file in [*files, wuxing] for row in file.rows]
    stage = Stage(session, moved, press, lists.typed_figures(rows))
    first = stage.hour(on(1, 8, 9))
    set_clock(session, moved, first.now)
    lists.plant_tree(stage, first)
    add_people(stage, first, sample_accounts(), passwords, hasher)
    play(stage, [*staffing(passwords, hasher), *provincial_list(), *_spring(), *elsewhere(), *june(), *papers(),
                 *auditing(), *july()])  # fmt: skip


def _spring() -> Iterator[Entry]:
    """The list is announced; January to May come in month by month, as they were accepted then."""
    yield entry(on(1, 15), lists.draft_list, "ningbo-2018-ten.yaml")
    yield entry(on(1, 15, 14), lists.publish_list, NINGBO)
    for name in ("figures", "samples"):
        file = lists.read_figures(f"ningbo-2018-{name}.csv")
        for month in range(1, 6):
            rows = [row for row in file.rows if row.period == f"2018-{month:02d}" < JUNE]
            yield entry(on(month + 1, 6), lists.bring_in, NINGBO, rows, file.digest)
