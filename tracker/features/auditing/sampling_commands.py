"""Drawing samples and marking their figures; neither changes a figure."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.figures import show_grouped
from tracker.domain.identity import actor_of
from tracker.domain.kinds import Kind, target_decimals
from tracker.domain.messages import Conflict, Fault, Faults, Message
from tracker.domain.periods import Period
from tracker.domain.sampling import Method, Verdict, draw, population_digest
from tracker.features.auditing.population import Accepted, read_population
from tracker.features.auditing.sampling_queries import FigureRow, SampleRow
from tracker.models.auditing import AuditSample, FigureMark, SampledFigure
from tracker.services.anchors import find_newest_seal
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head
from tracker.services.standings import Doer

LONGEST_NOTE = 1000
LONGEST_SHOWN = 80


class NothingToDraw(Conflict):
    """There is no accepted figure of that kind in reach."""


class Order(NamedTuple):
    """What is to be drawn. ``period`` None: of the whole year; ``seed``: the start number of a random draw."""

    period: Period | None
    method: Method
    figures: int
    seed: str


def draw_sample(session: Session, head: Head, order: Order, doer: Doer, *, moved: timedelta) -> int:
    """Draw and keep a sample of the accepted figures in reach; its id. ``moved``: calendar minus real time.

    Raises NothingToDraw.
    """
    population = read_population(session, head, order.period, seen_by=doer.identity, moved=moved)
    seed = order.seed if order.method is Method.RANDOM else ""
    drawn = draw([one.candidate for one in population], order.method, count=order.figures, seed=seed)
    seal = find_newest_seal(session)
    if not drawn or seal is None:
        raise NothingToDraw("您的范围内没有可抽的数据：这一期还没有已通过的数据，或没有一项有风险。")
    sample = AuditSample(
        programme_id=head.id,
        org_unit_id=doer.identity.place.org_unit_id,
        period="" if order.period is None else order.period.key,
        method=order.method,
        seed=seed,
        wanted=order.figures,
        population=len(population),
        population_digest=population_digest([one.candidate.key for one in population]),
        seal=seal.number,
        drawn_by_id=doer.identity.person_id,
        at=doer.now,
    )
    session.add(sample)
    session.flush()
    rows = {one.candidate.key: one for one in population}
    figures = [_figure(sample.id, at, rows[one.key]) for at, one in enumerate(drawn, 1)]
    session.add_all(figures)
    session.flush()
    _tell_drawn(session, head, sample, [one.key for one in figures], doer)
    return sample.id


def _figure(sample_id: int, position: int, found: Accepted) -> SampledFigure:
    return SampledFigure(
        sample_id=sample_id,
        position=position,
        key=found.candidate.key,
        revision_id=found.row.revision_id,
        indicator_id=found.row.indicator_id,
        org_unit_id=found.row.unit_id,
        shown=shown_figure(found)[:LONGEST_SHOWN],
        risks=[str(risk) for risk in found.candidate.risks],
    )


def shown_figure(found: Accepted) -> str:
    """The figure as it is printed; words of ours are left to the page (``unknown``, a judgement)."""
    row = found.row
    kind = Kind(row.kind)
    places = target_decimals(kind, row.decimals)
    if row.is_unknown:
        return "unknown"
    if row.numerator is not None:
        parts = [part for part in (row.numerator, row.denominator) if part is not None]
        return " / ".join(show_grouped(part, row.decimals) for part in parts)
    if row.rate is not None:
        return show_grouped(row.rate, places) + "%"
    if row.value is not None:
        return f"{show_grouped(row.value, places)} {row.measure}"
    return str(row.done_on or row.judgement)


def _tell_drawn(session: Session, head: Head, sample: AuditSample, keys: list[str], doer: Doer) -> None:
    told = {
        "programme": head.key, "period": sample.period, "method": sample.method, "seed": sample.seed,
        "wanted": sample.wanted, "population": sample.population,
        "population_digest": sample.population_digest, "seal": sample.seal, "figures": keys,
    }  # fmt: skip
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action="sample.drawn",
        subject=Subject("sample", str(sample.id), sample.org_unit_id),
        after=told,
    )


def mark_figure(
    session: Session, sample: SampleRow, figure: FigureRow, doer: Doer, *, verdict: Verdict, note: str
) -> None:
    """Say that a sampled figure is verified or doubtful; the newest mark holds. Raises Faults for the note."""
    if verdict is Verdict.DOUBTFUL and not note.strip():
        raise Faults([Fault("note", Message("存疑请写明理由"))])
    session.add(
        FigureMark(
            figure_id=figure.id,
            verdict=verdict,
            note=note.strip(),
            by_id=doer.identity.person_id,
            at=doer.now,
        )
    )
    session.flush()
    before = None if figure.verdict is None else {"verdict": figure.verdict, "note": figure.note}
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action="figure.marked",
        subject=Subject("sampled_figure", f"{sample.id}/{figure.position}", figure.unit_id),
        before=before,
        after={"verdict": verdict, "note": note.strip()},
    )
