"""Samples on pages: drawn from a list, shown with how to repeat them, each figure marked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from tracker.domain.kinds import Judgement
from tracker.domain.messages import Faults
from tracker.domain.periods import Period, periods_of
from tracker.domain.permissions import Permission
from tracker.domain.sampling import Method, Risk, Verdict, lot
from tracker.features.auditing.blueprint import Context, blueprint, trail_of
from tracker.features.auditing.forms import DrawForm, MarkForm
from tracker.features.auditing.sampling_commands import NothingToDraw, Order, draw_sample, mark_figure
from tracker.features.auditing.sampling_queries import (
    FigureRow,
    SampleRow,
    get_figure,
    get_sample,
    list_figures,
    list_samples,
)
from tracker.features.auditing.words import METHODS, RISKS
from tracker.services.programme_heads import Head
from tracker.services.standings import Doer
from tracker.services.visibility import find_visible_head
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.figure_words import judgement_word
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

LARGEST_SEED: Final = 10**6


def current_doer() -> Doer:
    """The signed-in person, now."""
    return Doer(current_identity(), now(), request_id())


@blueprint.get("/auditing/programmes/<key:key>/samples")
@requires(Permission.SEE_SAMPLE)
def samples(key: str) -> ResponseReturnValue:
    """The samples of one list, and the form to draw another."""
    head = _head(key)
    return _samples_page(head, _draw_form(head, fresh=True))


@blueprint.post("/auditing/programmes/<key:key>/samples")
@requires(Permission.DRAW_SAMPLE)
def draw(key: str) -> ResponseReturnValue:
    """Draw a sample and keep it; without a start number one is thrown and printed."""
    head = _head(key)
    form = _draw_form(head)
    if not form.validate():
        return _samples_page(head, form, status=422)
    period = Period.parse(form.period.data) if form.period.data else None
    seed = form.seed.data or str(secrets.randbelow(LARGEST_SEED))
    order = Order(period, Method(form.method.data), form.count.data or 1, seed)
    try:
        number = draw_sample(current_session(), head, order, current_doer(), moved=calendar_now() - now())
    except NothingToDraw as refusal:
        form.period.errors = [translate(refusal.message)]
        return _samples_page(head, form, status=422)
    return redirect(url_for("auditing.sample", number=number), 303)


@blueprint.get("/auditing/samples/<int:number>")
@requires(Permission.SEE_SAMPLE)
def sample(number: int) -> ResponseReturnValue:
    """One sample: how it was drawn, its figures, what was found about each."""
    return _sample_page(get_sample(current_session(), number, seen_by=current_identity()))


@blueprint.post("/auditing/samples/<int:number>/figures/<int:position>")
@requires(Permission.MARK_FIGURE)
def mark(number: int, position: int) -> ResponseReturnValue:
    """Mark one figure as verified or doubtful."""
    session = current_session()
    found = get_sample(session, number, seen_by=current_identity())
    figure, form = get_figure(session, found, position), MarkForm()
    if not form.validate():
        return _sample_page(found, marking=(position, form), status=422)
    try:
        mark_figure(
            session,
            found,
            figure,
            current_doer(),
            verdict=Verdict(form.verdict.data or ""),
            note=form.note.data or "",
        )
    except Faults as wrong:
        form.note.errors = [translate(fault.message) for fault in wrong.faults]
        return _sample_page(found, marking=(position, form), status=422)
    flash(_("已记下第 %(position)s 项的核验结论。", position=position), "success")
    return redirect(url_for("auditing.sample", number=number, _anchor=f"figure-{position}"), 303)


def _head(key: str) -> Head:
    return find_visible_head(current_session(), key, seen_by=current_identity())


def _draw_form(head: Head, *, fresh: bool = False) -> DrawForm:
    form = DrawForm(formdata=None) if fresh else DrawForm()
    form.period.choices = [
        SelectChoice("", _("全年")),
        *(SelectChoice(one.key, translate(one.title)) for one in periods_of(head.year, head.rhythm)),
    ]
    return form


def _samples_page(head: Head, form: DrawForm, *, status: int = 200) -> Response:
    found = list_samples(current_session(), seen_by=current_identity(), programme_id=head.id)
    page = render_template(
        "auditing/samples.html",
        heading=_("抽样 · %(title)s", title=head.title),
        trail=trail_of((_("抽样"), None)),
        form=form,
        draw_url=url_for("auditing.draw", key=head.key),
        samples=sample_rows(found),
    )
    return make_response(page, status)


def sample_rows(found: Sequence[SampleRow]) -> list[Context]:
    """Samples as lists show them."""
    return [
        {
            "url": url_for("auditing.sample", number=one.id),
            "title": sample_title(one),
            "programme": one.programme,
            "text": _("%(name)s %(at)s，从 %(population)s 项里抽 %(figures)s 项，第 %(seal)s 号封存",
                      name=one.drawn_by, at=moment(one.at, with_year=True), population=one.population,
                      figures=one.figures, seal=one.seal),
            "progress": progress_text(one),
        }
        for one in found
    ]  # fmt: skip


def sample_title(one: SampleRow) -> str:
    """Which period, and how."""
    period = translate(Period.parse(one.period).title) if one.period else _("全年")
    method = str(METHODS[Method(one.method)])
    return f"{period} · {method}" + (_("，起始号 %(seed)s", seed=one.seed) if one.seed else "")


def progress_text(one: SampleRow) -> str:
    """How far the marking is."""
    waiting = one.figures - one.verified - one.doubtful
    return _("已核 %(verified)s，存疑 %(doubtful)s，待核 %(waiting)s",
             verified=one.verified, doubtful=one.doubtful, waiting=waiting)  # fmt: skip


def _sample_page(
    found: SampleRow, *, marking: tuple[int, MarkForm] | None = None, status: int = 200
) -> Response:
    figures = list_figures(current_session(), found)
    page = render_template(
        "auditing/sample.html",
        heading=sample_title(found),
        trail=trail_of((_("抽样"), url_for("auditing.samples", key=found.key)), (str(found.id), None)),
        facts=_facts(found),
        how=_how(found),
        progress=progress_text(found),
        figures=[_figure(found, one, marking) for one in figures],
    )
    return make_response(page, status)


def _facts(found: SampleRow) -> list[Context]:
    facts = [
        (_("清单"), found.programme, False),
        (_("范围"), found.unit, False),
        (_("抽样"), _("%(name)s，%(at)s", name=found.drawn_by, at=moment(found.at, with_year=True)), False),
        (_("总体"), _("%(count)s 项已通过的数据", count=found.population), False),
        (_("总体校验码"), found.population_digest, True),
        (_("封存号"), str(found.seal), False),
        (_("起始号"), found.seed or _("不用"), False),
    ]
    return [{"label": label, "value": value, "is_digest": is_digest} for label, value, is_digest in facts]


def _how(found: SampleRow) -> str:
    """The way it was drawn, so that a reader can repeat it."""
    ways = {
        Method.RANDOM: _("对每一项算“起始号:编号”的 SHA-256，取数值最小的几项。编号写作“单位/指标/报告期/版次”，同一起始号在同一总体里抽到的总是同样几项。"),
        Method.SIZE: _("在每项指标里按数值的绝对值从大到小排名，先取各指标的第一名，再取第二名，依此类推；没有数值的不抽。"),
        Method.RISK: _("按风险理由的个数从多到少取，个数相同的按数值在本项指标里的名次取；没有理由的不抽。"),
    }  # fmt: skip
    return ways[Method(found.method)]


def _figure(found: SampleRow, one: FigureRow, marking: tuple[int, MarkForm] | None) -> Context:
    own: dict[str, Any] = {"own": 1} if one.unit_id == found.publisher_id else {}
    form = marking[1] if marking is not None and marking[0] == one.position else _mark_form(one)
    return {
        "position": one.position,
        "key": one.key,
        "lot": lot(found.seed, one.key)[:16] if found.seed else None,
        "name": one.indicator,
        "pledge": one.pledge,
        "unit": one.unit,
        "period": translate(Period.parse(one.period).title),
        "value": shown_word(one.shown),
        "trail_url": url_for(
            "dashboards.trail", key=found.key, indicator=one.indicator_code, at=one.unit_code,
            cutoff=f"{one.period[:4]}-{one.month:02d}", **own,
        ),
        "finding_url": _finding_url(found, one),
        "risks": [str(RISKS[Risk(risk)]) for risk in one.risks],
        "moved_on": one.state != "accepted",
        "verdict": one.verdict,
        "note": one.note or "",
        "marked_text": f"{one.marked_by} {moment(one.marked_at, with_year=True)}" if one.marked_by else "",
        "form": form,
        "mark_url": url_for("auditing.mark", number=found.id, position=one.position),
    }  # fmt: skip


def _finding_url(found: SampleRow, one: FigureRow) -> str:
    return url_for("auditing.new_finding", sample=found.id, position=one.position)


def _mark_form(one: FigureRow) -> MarkForm:
    form = MarkForm(formdata=None, prefix="")
    form.note.id = f"note-{one.position}"
    return form


def shown_word(text: str) -> str:
    """A sampled figure as it was, words of ours put into words."""
    if text == "unknown":
        return _("不详")
    return judgement_word(Judgement(text)) if text in set(Judgement) else text
