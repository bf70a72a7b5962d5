"""Findings on pages: raised by auditors, answered by the unit, closed or asked again; the thread stays."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from tracker.domain.findings import FindingAction, FindingState, allowed_actions
from tracker.domain.messages import Faults
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission, holds
from tracker.features.auditing.blueprint import Context, blueprint, trail_of
from tracker.features.auditing.finding_commands import Remark, move_finding, raise_finding
from tracker.features.auditing.finding_queries import (
    FindingHead,
    FindingSaid,
    get_finding,
    list_corrections,
    list_said,
)
from tracker.features.auditing.forms import AnswerForm, FindingForm, JudgeForm
from tracker.features.auditing.sample_views import current_doer
from tracker.features.auditing.sampling_queries import FigureRow, get_figure, get_sample
from tracker.features.auditing.words import VALUES
from tracker.services.findings import FindingRow, list_findings
from tracker.services.visibility import find_unit_named, find_visible_unit
from tracker.web.current import calendar_now, current_identity, current_session
from tracker.web.filters import moment, time_left
from tracker.web.forms import BaseForm
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import labelled

LIGHTS = {FindingAction.CLOSE: "on_track", FindingAction.REOPEN: "behind", FindingAction.RAISE: "lagging"}
STEPS = {
    FindingAction.RAISE: _l("提出"),
    FindingAction.ANSWER: _l("答复整改"),
    FindingAction.CLOSE: _l("复核销号"),
    FindingAction.REOPEN: _l("要求继续整改"),
}
TONES = {FindingState.OPEN: "yellow", FindingState.REOPENED: "red", FindingState.ANSWERED: "blue"}


@blueprint.get("/auditing/findings")
@requires(Permission.SEE_FINDING)
def findings() -> ResponseReturnValue:
    """Every finding in sight, settled ones too; overdue ones are named."""
    found = list_findings(current_session(), seen_by=current_identity(), states=tuple(FindingState))
    return render_template(
        "auditing/findings.html",
        heading=_("审计发现"),
        trail=_trail((_("审计发现"), None)),
        findings=finding_rows(found),
        new_url=url_for("auditing.new_finding") if _may_raise() else None,
    )


@blueprint.get("/auditing/findings/new")
@requires(Permission.RAISE_FINDING)
def new_finding() -> ResponseReturnValue:
    """The form of a new finding; ``?sample=&position=`` or ``?unit=`` say what it is about."""
    form = FindingForm(formdata=None)
    form.sample.data, form.position.data = (
        request.args.get(name, type=int) for name in ("sample", "position")
    )
    figure = _figure(form)
    form.unit.data = figure.unit_code if figure else request.args.get("unit", "")
    form.text.data = (figure.note if figure else None) or ""
    return _new_page(form, figure)


@blueprint.post("/auditing/findings")
@requires(Permission.RAISE_FINDING)
def begin_finding() -> ResponseReturnValue:
    """Raise it; the unit finds it on its desk."""
    form = FindingForm()
    is_valid = form.validate()
    figure = None if form.sample.errors or form.position.errors else _figure(form)
    code = find_unit_named(current_session(), form.unit.data or "", seen_by=current_identity())
    if is_valid and (code is None or (figure is not None and figure.unit_code != code)):
        form.unit.errors = [_("您的范围内没有这个单位，请核对名称或代码")]
    if not is_valid or form.unit.errors or code is None:
        return _new_page(form, figure, status=422)
    unit = find_visible_unit(current_session(), code, seen_by=current_identity())
    remark = Remark(form.text.data or "", form.asked.data or "", form.deadline)
    try:
        number = raise_finding(
            current_session(), unit, figure, current_doer(), title=form.title.data or "", remark=remark,
            today=calendar_now(),
        )  # fmt: skip
    except Faults as wrong:
        _place(form, wrong)
        return _new_page(form, figure, status=422)
    flash(_("已向%(unit)s提出，会出现在该单位的工作台上。", unit=unit.short_name), "success")
    return redirect(url_for("auditing.finding", number=number), 303)


@blueprint.get("/auditing/findings/<int:number>")
@requires(Permission.SEE_FINDING)
def finding(number: int) -> ResponseReturnValue:
    """One finding with its thread, and the step that is the reader's to take."""
    return _finding_page(get_finding(current_session(), number, seen_by=current_identity()))


@blueprint.post("/auditing/findings/<int:number>/answer")
@requires(Permission.ANSWER_FINDING)
def answer(number: int) -> ResponseReturnValue:
    """The unit tells what it has put right."""
    found = get_finding(current_session(), number, seen_by=current_identity())
    form = _answer_form(found, fresh=False)
    if not form.validate():
        return _finding_page(found, form, status=422)
    correction = int(form.correction.data) if form.correction.data else None
    remark = Remark(form.text.data or "", correction_id=correction)
    return _moved(found, FindingAction.ANSWER, form, remark)


@blueprint.post("/auditing/findings/<int:number>/verdict")
@requires(Permission.JUDGE_FINDING)
def judge(number: int) -> ResponseReturnValue:
    """The auditor closes the finding or asks again."""
    found = get_finding(current_session(), number, seen_by=current_identity())
    form = JudgeForm()
    if not form.validate():
        return _finding_page(found, form, status=422)
    action = FindingAction(form.action.data)
    due = form.deadline if action is FindingAction.REOPEN else None
    return _moved(found, action, form, Remark(form.text.data or "", due=due))


def _moved(
    found: FindingHead, action: FindingAction, form: AnswerForm | JudgeForm, remark: Remark
) -> ResponseReturnValue:
    seen = found._replace(version=form.version.data or 0)
    try:
        move_finding(current_session(), seen, action, current_doer(), remark=remark, today=calendar_now())
    except Faults as wrong:
        _place(form, wrong)
        return _finding_page(found, form, status=422)
    flash(_("已记下。"), "success")
    return redirect(url_for("auditing.finding", number=found.id), 303)


def _place(form: BaseForm, wrong: Faults) -> None:
    for fault in wrong.faults:
        form[fault.place].errors = [*form[fault.place].errors, translate(fault.message)]


def _figure(form: FindingForm) -> FigureRow | None:
    if not form.sample.data or not form.position.data:
        return None
    session = current_session()
    sample = get_sample(session, form.sample.data, seen_by=current_identity())
    return get_figure(session, sample, form.position.data)


def _new_page(form: FindingForm, figure: FigureRow | None, *, status: int = 200) -> Response:
    about = None if figure is None else labelled(f"{figure.unit} {figure.indicator}", figure.shown)
    page = render_template(
        "auditing/finding_new.html",
        heading=_("提出审计发现"),
        trail=_trail((_("审计发现"), url_for("auditing.findings")), (_("提出"), None)),
        form=form,
        about=about,
        own_url=url_for("auditing.begin_finding"),
    )
    return make_response(page, status)


def _may_raise() -> bool:
    return holds(current_identity(), Permission.RAISE_FINDING)


def _trail(*steps: tuple[str, str | None]) -> list[Context]:
    """Auditors come from their desk; a unit's staff from its own."""
    if _may_raise():
        return trail_of(*steps)
    first: Context = {"label": _("工作台"), "url": url_for("accounts.desk")}
    return [first, *({"label": label, "url": url} for label, url in steps)]


def finding_rows(found: list[FindingRow]) -> list[Context]:
    """Findings as lists show them."""
    today = calendar_now()
    return [
        {
            "url": url_for("auditing.finding", number=one.id),
            "title": one.title,
            "unit": one.unit,
            "tag": str(VALUES[one.state]),
            "tone": TONES.get(one.state),
            "is_overdue": one.is_overdue(today),
            "detail": due_text(one.state, one.due),
        }
        for one in found
    ]


def due_text(state: FindingState, due: datetime) -> str:
    """Until when, and how long that is, while the unit has to answer."""
    if state in (FindingState.OPEN, FindingState.REOPENED):
        return _("%(due)s 前，%(left)s", due=moment(due), left=time_left(due, calendar_now()))
    return ""


def _finding_page(
    found: FindingHead, form: AnswerForm | JudgeForm | None = None, *, status: int = 200
) -> Response:
    actions = allowed_actions(current_identity().role, found.state)
    if form is None and FindingAction.ANSWER in actions:
        form = _answer_form(found, fresh=True)
    elif form is None and actions:
        form = JudgeForm(formdata=None)
    if form is not None and not form.version.data:
        form.version.data = found.version
    row = FindingRow(found.id, found.title, found.unit, found.state, found.due, found.raised_at)
    page = render_template(
        "auditing/finding.html",
        heading=found.title,
        trail=_trail((_("审计发现"), url_for("auditing.findings")), (str(found.id), None)),
        row=finding_rows([row])[0],
        about=labelled(found.indicator, found.shown) if found.indicator else None,
        sample_url=_sample_url(found),
        events=[_event(said) for said in list_said(current_session(), found.id)],
        form=form if actions else None,
        is_answer=FindingAction.ANSWER in actions,
        can_close=FindingAction.CLOSE in actions,
        own_url=_own_url(found, actions),
    )
    return make_response(page, status)


def _own_url(found: FindingHead, actions: tuple[FindingAction, ...]) -> str:
    endpoint = "auditing.answer" if FindingAction.ANSWER in actions else "auditing.judge"
    return url_for(endpoint, number=found.id)


def _sample_url(found: FindingHead) -> str | None:
    if found.sample_id is None or not holds(current_identity(), Permission.SEE_SAMPLE):
        return None
    return url_for("auditing.sample", number=found.sample_id, _anchor=f"figure-{found.position}")


def _answer_form(found: FindingHead, *, fresh: bool) -> AnswerForm:
    form = AnswerForm(formdata=None) if fresh else AnswerForm()
    named = [
        (str(one.revision_id), correction_text(one.period, one.number, one.pledge))
        for one in list_corrections(current_session(), found)
    ]
    form.correction.choices = [
        SelectChoice("", _("没有")), *(SelectChoice(value, label) for value, label in named),
    ]  # fmt: skip
    return form


def correction_text(period: str, number: int, pledge: str) -> str:
    """A corrected report by its period, pledge and version."""
    title = translate(Period.parse(period).title)
    return _("%(period)s %(pledge)s 第 %(number)s 版", period=title, pledge=pledge, number=number)


def _event(said: FindingSaid) -> Context:
    parts = [said.text]
    if said.asked:
        parts.append(_("要求：%(asked)s", asked=said.asked))
    if said.due is not None:
        parts.append(_("期限：%(due)s", due=moment(said.due, with_year=True)))
    if said.correction is not None:
        parts.append(_("更正：%(correction)s", correction=correction_text(*said.correction)))
    return {
        "at_text": moment(said.at, with_year=True),
        "at_iso": said.at.isoformat(),
        "light": LIGHTS.get(said.action, "done"),
        "actor": acting_name(said.by, said.stand_in),
        "text": str(STEPS[said.action]),
        "quote": "\n".join(parts),
    }
