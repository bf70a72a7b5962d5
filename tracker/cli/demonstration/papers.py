"""The half-year report: issued, corrected in one figure, and issued again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracker.cli.demonstration import proofs, sheets
from tracker.cli.demonstration.sheets import Place
from tracker.cli.demonstration.stage import NINGBO, Entry, Hour, Stage, entry, on
from tracker.domain.identity import Role, actor_of
from tracker.domain.periods import Period
from tracker.features.bulletins.commands import Doer, draft_issue
from tracker.features.bulletins.issuing import Seen, issue_bulletin
from tracker.features.bulletins.queries import find_draft
from tracker.features.reports.typed_lines import TypedLine

HALF: Final = Period.parse("2018-H1")
CORRECTED: Final = Place("330282", "2018-06")
REPEATED: Final = 36
"""How many Cixi counted twice in June."""
WHY_CORRECTED: Final = "样例：经审抽查发现 36 人在两家医院重复登记，按名册核减。"
WHY_AGAIN: Final = "样例：慈溪市更正六月“两癌”筛查人数，核减 36 人。"


def papers() -> Iterator[Entry]:
    """Both issues, and the correction between them."""
    yield entry(on(7, 12, 10, 0), _draft, "ningbo-reviewer", "")
    yield entry(on(7, 13, 9, 30), _issue, "ningbo-viewer")
    yield entry(on(7, 17, 9, 30), sheets.begin_correction, CORRECTED, "screenings", WHY_CORRECTED)
    yield entry(on(7, 17, 9, 50), _type_again)
    yield entry(on(7, 17, 11, 0), sheets.hand_in, CORRECTED)
    yield entry(on(7, 17, 16, 0), sheets.sign_off, CORRECTED)
    yield entry(on(7, 18, 9, 20), sheets.let_pass, CORRECTED)
    yield entry(on(7, 23, 10, 0), _draft, "ningbo-reviewer2", WHY_AGAIN)
    yield entry(on(7, 24, 9, 0), _issue, "ningbo-viewer")


def _type_again(stage: Stage, hour: Hour) -> None:
    """The right number, with the list of names that shows it."""
    before = sheets.row_of(CORRECTED.sheet(stage), "screenings").line.value or 0
    right = before - REPEATED
    sheets.type_lines(stage, hour, CORRECTED, {"screenings": TypedLine(value=str(right))})
    roster = proofs.roster("慈溪", right)
    sheets.attach(stage, hour, CORRECTED, "screenings", "六月筛查名册（样例）.xlsx", roster)


def _draft(stage: Stage, hour: Hour, login: str, reason: str) -> None:
    draft_issue(
        stage.session, stage.head(NINGBO), HALF, doer=_doer(stage, hour, login, Role.REVIEWER), reason=reason
    )


def _issue(stage: Stage, hour: Hour, login: str) -> None:
    """Countersigned as seen, with all its files."""
    head = stage.head(NINGBO)
    draft = find_draft(stage.session, head, HALF)
    if draft is None:
        raise LookupError(HALF.key)
    seen, doer = Seen(draft.id, draft.version, draft.digest), _doer(stage, hour, login, Role.VIEWER)
    issue_bulletin(stage.session, head, seen, doer=doer, press=stage.printer())


def _doer(stage: Stage, hour: Hour, login: str, role: Role) -> Doer:
    identity = stage.identity(login, hour, role)
    return Doer(identity, actor_of(identity), hour.now)
