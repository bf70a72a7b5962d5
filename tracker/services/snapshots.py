"""What a submission says: one revision as canonical JSON with its digest, made the same way by everybody."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical, digest, digest_of
from tracker.domain.figures import show_exact
from tracker.domain.kinds import Kind, target_decimals
from tracker.domain.workflow import State
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.models.report import Line, Report, Revision, Submission
from tracker.services.bulk import insert_returning, insert_rows
from tracker.services.chunks import chunked
from tracker.services.evidence import Proof, list_proofs
from tracker.services.ledger.verifying import Discrepancy

FORMAT = "submission/1"

UNCHANGED_SINCE = (State.SUBMITTED, State.SIGNED, State.ACCEPTED, State.SUPERSEDED, State.REVOKED)
"""States in which a revision still says what its submission says; in the others lines may change or have changed."""


class Snapshot(NamedTuple):
    """The canonical JSON of what is handed in, and its SHA-256."""

    content: str
    digest: str


class Submitted(NamedTuple):
    """A submission as it was written."""

    id: int
    number: int
    content: str
    digest: str


class ReportKey(NamedTuple):
    """Which account this is: ``330200-2018``, pledge 1, unit 330203, ``2018-06``."""

    programme: str
    pledge: int
    org_unit: str
    period: str


class Texts(NamedTuple):
    """The prose of a revision."""

    achievements: str = ""
    problems: str = ""
    next_steps: str = ""


class Counting(NamedTuple):
    """What it takes to spell an indicator's figures."""

    code: str
    kind: Kind
    decimals: int


class LineContent(NamedTuple):
    """The figure columns of a line (``models.report.Line``), scaled as stored, and its note."""

    value: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    rate: int | None = None
    done_on: date | None = None
    items_done: tuple[str, ...] | None = None
    judgement: str | None = None
    is_unknown: bool = False
    note: str = ""


def content_of(row: Any) -> LineContent:
    """The content of a line, from an entity or a Core row that holds its columns."""
    items = None if row.items_done is None else tuple(row.items_done)
    return LineContent(
        row.value, row.numerator, row.denominator, row.rate, row.done_on, items, row.judgement,
        bool(row.is_unknown), row.note,
    )  # fmt: skip


def make_snapshot(
    key: ReportKey,
    revision_number: int,
    texts: Texts,
    lines: Sequence[tuple[Counting, LineContent]],
    *,
    proofs: Sequence[Proof] = (),
) -> Snapshot:
    """The snapshot of a revision whose parts are at hand; evidence is listed by line and digest."""
    ordered = sorted(lines, key=_code)
    content = canonical(
        {
            "format": FORMAT,
            "report": key._asdict(),
            "revision": revision_number,
            "texts": texts._asdict(),
            "lines": [_spelled(counting, line) for counting, line in ordered],
            "evidence": [proof._asdict() for proof in proofs],
        }
    )
    return Snapshot(content, digest(content))


def _code(line: tuple[Counting, LineContent]) -> str:
    return line[0].code


def _spelled(counting: Counting, line: LineContent) -> dict[str, object]:
    """A line with every figure as exact text: parts with the indicator's places, the others with their own."""
    places = target_decimals(counting.kind, counting.decimals)
    value_places = counting.decimals if counting.kind.facts.is_rate else places
    return {
        "indicator": counting.code,
        "value": _exact(line.value, value_places),
        "numerator": _exact(line.numerator, counting.decimals),
        "denominator": _exact(line.denominator, counting.decimals),
        "rate": _exact(line.rate, places),
        "done_on": line.done_on,
        "items_done": line.items_done,
        "judgement": line.judgement,
        "is_unknown": line.is_unknown,
        "note": line.note,
    }


def _exact(value: int | None, decimals: int) -> str | None:
    return None if value is None else show_exact(value, decimals)


def lines_in(content: str) -> dict[str, LineContent]:
    """The lines of a submission's content by indicator code, figures scaled as they were."""
    return {line["indicator"]: _read_back(line) for line in json.loads(content)["lines"]}


def texts_in(content: str) -> Texts:
    """The prose of a submission's content."""
    return Texts(**json.loads(content)["texts"])


def files_in(content: str) -> frozenset[tuple[str, str]]:
    """The evidence of a submission's content: indicator code ("": the whole report) and digest of each file."""
    return frozenset((proof["indicator"] or "", proof["sha256"]) for proof in json.loads(content)["evidence"])


def _read_back(line: Mapping[str, Any]) -> LineContent:
    figures = {name: _scaled(line[name]) for name in ("value", "numerator", "denominator", "rate")}
    items, day = line["items_done"], line["done_on"]
    return LineContent(
        **figures,
        done_on=None if day is None else date.fromisoformat(day),
        items_done=None if items is None else tuple(items),
        judgement=line["judgement"],
        is_unknown=line["is_unknown"],
        note=line["note"],
    )


def _scaled(exact: str | None) -> int | None:
    """Exact text has all its places, so without the point it is the scaled figure."""
    return None if exact is None else int(exact.replace(".", ""))


def snapshot_of(session: Session, revision_id: int) -> Snapshot:
    """The snapshot of a stored revision, which must exist."""
    return snapshots_of(session, [revision_id])[revision_id]


def snapshots_of(session: Session, revision_ids: Sequence[int]) -> dict[int, Snapshot]:
    """Revision id → snapshot, three statements for each 900 revisions."""
    found: dict[int, Snapshot] = {}
    for part in chunked(revision_ids):
        lines, proofs = _read_lines(session, part), list_proofs(session, part)
        for row in session.execute(_HEADS.where(Revision.id.in_(part))):
            key = ReportKey(row.programme, row.pledge, row.org_unit, row.period)
            texts = Texts(row.achievements, row.problems, row.next_steps)
            found[row.id] = make_snapshot(
                key, row.number, texts, lines.get(row.id, []), proofs=proofs.get(row.id, ())
            )
    return found


_HEADS = (
    select(
        Revision.id, Revision.number, Revision.achievements, Revision.problems, Revision.next_steps,
        Programme.key.label("programme"), Pledge.number.label("pledge"), OrgUnit.code.label("org_unit"),
        Report.period,
    )
    .join(Report, Report.id == Revision.report_id)
    .join(Pledge, Pledge.id == Report.pledge_id)
    .join(Programme, Programme.id == Report.programme_id)
    .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
)  # fmt: skip


def _read_lines(
    session: Session, revision_ids: Sequence[int]
) -> Mapping[int, list[tuple[Counting, LineContent]]]:
    wanted = (
        select(*Line.__table__.columns, Indicator.code, Indicator.kind, Indicator.decimals)
        .join(Indicator, Indicator.id == Line.indicator_id)
        .where(Line.revision_id.in_(revision_ids))
    )
    found: dict[int, list[tuple[Counting, LineContent]]] = defaultdict(list)
    for row in session.execute(wanted):
        counting = Counting(row.code, Kind(row.kind), row.decimals)
        found[row.revision_id].append((counting, content_of(row)))
    return found


def write_submission(session: Session, revision_id: int, *, by_id: int | None, at: datetime) -> Submitted:
    """Write down what one revision says now; see ``write_submissions``."""
    return write_submissions(session, [revision_id], by_id=by_id, at=at)[revision_id]


def write_submissions(
    session: Session, revision_ids: Sequence[int], *, by_id: int | None, at: datetime
) -> dict[int, Submitted]:
    """Write down what revisions say now, each as its next submission (第n次提交), by revision id.

    The caller's transition puts the numbers into ``revision.submission_number``.
    """
    session.flush()
    last = _hold_revisions(session, revision_ids)
    snapshots = snapshots_of(session, revision_ids)
    rows = [
        (key, last.get(key, 0) + 1, snapshots[key].content, snapshots[key].digest, by_id, at)
        for key in sorted(revision_ids)
    ]
    made = insert_returning(session, Submission, _SUBMISSION, rows, returning=("revision_id", "id"))
    ids = dict(made)
    return {row[0]: Submitted(ids[row[0]], row[1], row[2], row[3]) for row in rows}


_SUBMISSION = ("revision_id", "number", "content", "digest", "by_id", "at")


def _hold_revisions(session: Session, revision_ids: Sequence[int]) -> dict[int, int]:
    """Keep others from changing these revisions' lines and files until this transaction ends; their last numbers."""
    newest = (
        select(func.max(Submission.number)).where(Submission.revision_id == Revision.id).scalar_subquery()
    )
    found: dict[int, int] = {}
    for part in chunked(sorted(revision_ids)):
        wanted = select(Revision.id, newest).where(Revision.id.in_(part)).order_by(Revision.id)
        found |= {key: number or 0 for key, number in session.execute(wanted.with_for_update(of=Revision))}
    return found


def write_first_submissions(
    session: Session, snapshots: Mapping[int, Snapshot], *, by_id: int | None, at: datetime
) -> None:
    """The first submissions of many new revisions at once, without reading anything back."""
    rows = ((key, 1, made.content, made.digest, by_id, at) for key, made in snapshots.items())
    insert_rows(session, Submission, _SUBMISSION, rows)


def content_digest(digests: Iterable[str]) -> str:
    """What a posting's digest covers of the submissions it counts in, in whatever order they were judged."""
    return digest_of(sorted(digests))


def verify_submissions(session: Session) -> Iterator[Discrepancy]:
    """Submissions whose digest is not that of their content, or whose revision no longer says the same."""
    wanted = select(Submission.id, Submission.content, Submission.digest).order_by(Submission.id)
    for row in session.execute(wanted.execution_options(yield_per=500)):
        computed = digest(row.content)
        if computed != row.digest:
            yield Discrepancy(f"submission {row.id}", computed, row.digest)
    yield from _verify_revisions(session)


def _verify_revisions(session: Session) -> Iterator[Discrepancy]:
    current = and_(Submission.revision_id == Revision.id, Submission.number == Revision.submission_number)
    wanted = (
        select(Revision.id, Submission.id.label("submission_id"), Submission.digest)
        .join(Submission, current)
        .where(Revision.state.in_(UNCHANGED_SINCE))
        .order_by(Revision.id)
    )
    for part in chunked(session.execute(wanted).all()):
        now = snapshots_of(session, [row.id for row in part])
        for row in part:
            if now[row.id].digest != row.digest:
                yield Discrepancy(f"revision {row.id}", row.digest, now[row.id].digest)
