"""The auditors' tables as files: the trail and its lists, samples, sampled figures, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from tracker.domain.findings import FindingState
from tracker.domain.identity import Identity
from tracker.domain.periods import SHANGHAI, Period
from tracker.domain.permissions import Permission
from tracker.domain.sampling import Method, Risk
from tracker.features.auditing.asked import asked_of, list_named
from tracker.features.auditing.entry_page import file_headings, file_rows
from tracker.features.auditing.finding_queries import get_finding, list_said
from tracker.features.auditing.finding_views import STEPS, correction_text
from tracker.features.auditing.history_queries import all_steps
from tracker.features.auditing.queries import all_entries, count_entries, name_subjects, newest_entry_id
from tracker.features.auditing.sample_views import sample_title, shown_word
from tracker.features.auditing.sampling_queries import SampleRow, get_sample, list_figures, list_samples
from tracker.features.auditing.selection import Selection
from tracker.features.auditing.words import LISTS, METHODS, RISKS, VALUES, key_word, value_word
from tracker.services.anchors import Place
from tracker.services.findings import UNSETTLED, list_findings
from tracker.services.tables.csv_writing import Cell
from tracker.services.visibility import find_visible_head
from tracker.web.current import calendar_now, current_identity, current_session
from tracker.web.filters import moment
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import clauses, labelled, listed
from tracker.web.table_files import Offer, Offers, Table, UnreadableFilter

Facts = list[tuple[str, str]]


def entries_table() -> Table:
    """The trail as filtered on its page."""
    asked = asked_of(None)
    if asked.selection is None:
        raise UnreadableFilter
    return _trail(_("操作记录"), asked.selection)


def listing_table(name: str) -> Table:
    """One of the auditors' lists whole."""
    chosen = list_named(name)
    return _trail(str(LISTS[chosen][0]), Selection(list=chosen))


def subject_table(kind: str, subject: str) -> Table:
    """The whole history of one subject, in the order of its page: that of the chain."""
    return _trail(_("全部经过"), Selection(kind=kind, subject_id=subject), is_history=True)


def _trail(title: str, wanted: Selection, *, is_history: bool = False) -> Table:
    """Everything asked for up to now, newest first, piece by piece; the two last columns are as they were digested.

    A history is told from its beginning, by seal.
    """
    session, identity = current_session(), current_identity()
    fixed = replace(wanted, newest=newest_entry_id(session))
    told = {name: value for name, value in wanted.told.items() if name not in ("since", "until")}
    asked = [labelled(key_word(name), value_word(name, value)) for name, value in told.items()]
    asked += _days(wanted)
    facts = [
        (_("范围"), identity.appointment.org_unit_name),
        (_("筛选"), clauses(asked) or _("全部")),
        (_("截至记录"), str(fixed.newest)),
    ]
    count = count_entries(session, fixed, seen_by=identity)
    widths = (10, 20, 16, 10, 14, 28, 16, 11, 14, 46, 16, 8, 20, 18, 40, 40)
    rows = _entry_rows(fixed, identity, is_history=is_history)
    return Table(title, facts, file_headings(), rows, count, widths=widths, place=Place.AUDIT_EXPORT)


def _days(wanted: Selection) -> list[str]:
    """The filters that are moments."""
    since = [] if wanted.since is None else [_("自 %(at)s", at=moment(wanted.since, with_year=True))]
    until = [] if wanted.until is None else [_("%(at)s 之前", at=moment(wanted.until, with_year=True))]
    return [*since, *until]


def _entry_rows(selection: Selection, identity: Identity, *, is_history: bool) -> Iterator[Sequence[Cell]]:
    session = current_session()
    pieces = all_entries(session, selection, seen_by=identity)
    if is_history:
        kind, subject = selection.kind or "", selection.subject_id or ""
        pieces = all_steps(session, kind, subject, seen_by=identity, newest=selection.newest or 0)
    for rows in pieces:
        yield from file_rows(rows, name_subjects(session, rows), identity, selection.list)


def findings_table() -> Table:
    """Every finding in sight, settled ones too."""
    return _findings(_("审计发现"), tuple(FindingState))


def open_findings_table() -> Table:
    """Those not settled."""
    return _findings(_("未销号的审计发现"), UNSETTLED)


def _findings(title: str, states: Sequence[FindingState]) -> Table:
    identity, today = current_identity(), calendar_now()
    found = list_findings(current_session(), seen_by=identity, states=states)
    headings = [_("编号"), _("问题"), _("单位"), _("状态"), _("期限"), _("逾期"), _("提出时间")]
    rows: list[Sequence[Cell]] = [
        [
            one.id, one.title, one.unit, str(VALUES[one.state]), _wall(one.due),
            _("是") if one.is_overdue(today) else _("否"), _wall(one.raised_at),
        ]
        for one in found
    ]  # fmt: skip
    facts = [(_("范围"), identity.appointment.org_unit_name)]
    return Table(title, facts, headings, rows, len(rows), widths=(8, 40, 18, 12, 18, 8, 18))


def finding_table(number: int) -> Table:
    """One finding's thread."""
    session = current_session()
    found = get_finding(session, number, seen_by=current_identity())
    rows: list[Sequence[Cell]] = [
        [
            _wall(said.at), acting_name(said.by, said.stand_in), str(STEPS[said.action]), said.text, said.asked, _wall(said.due),
            None if said.correction is None else correction_text(*said.correction),
        ]
        for said in list_said(session, number)
    ]  # fmt: skip
    about = [(_("抽到的数据"), labelled(found.indicator, found.shown))] if found.indicator else []
    facts = [(_("单位"), found.unit), (_("状态"), str(VALUES[found.state])), *about]
    headings = [_("时间"), _("人员"), _("步骤"), _("内容"), _("要求"), _("期限"), _("对应的更正")]
    return Table(found.title, facts, headings, rows, len(rows), widths=(18, 12, 14, 50, 40, 18, 30))


def desk_samples_table() -> Table:
    """The newest samples of the reach."""
    return _samples(list_samples(current_session(), seen_by=current_identity()), [])


def samples_table(key: str) -> Table:
    """The samples of one list."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    found = list_samples(session, seen_by=identity, programme_id=head.id)
    return _samples(found, [(_("清单"), head.title)])


def _samples(found: Sequence[SampleRow], facts: Facts) -> Table:
    headings = [
        _("编号"), _("清单"), _("抽样"), _("抽法"), _("起始号"), _("总体"), _("总体校验码"), _("抽取"), _("已核"), _("存疑"),
        _("抽样人"), _("时间"), _("封存号"),
    ]  # fmt: skip
    rows: list[Sequence[Cell]] = [
        [
            one.id, one.programme, sample_title(one), str(METHODS[Method(one.method)]), one.seed or None,
            one.population, one.population_digest, one.figures, one.verified, one.doubtful, one.drawn_by,
            _wall(one.at), one.seal,
        ]
        for one in found
    ]  # fmt: skip
    scope = [(_("范围"), current_identity().appointment.org_unit_name), *facts]
    return Table(_("抽样"), scope, headings, rows, len(rows), widths=(8, 34, 26, 12, 12))


def figures_table(number: int) -> Table:
    """One sample: its figures in the order drawn, and what was found about each."""
    session = current_session()
    found = get_sample(session, number, seen_by=current_identity())
    rows: list[Sequence[Cell]] = [
        [
            one.position, one.unit_code, one.unit, one.pledge, one.indicator,
            translate(Period.parse(one.period).title), shown_word(one.shown), one.key,
            listed(RISKS[Risk(risk)] for risk in one.risks),
            str(VALUES[one.verdict]) if one.verdict else _("待核"), one.note, one.marked_by, _wall(one.marked_at),
            _("是") if one.state != "accepted" else _("否"),
        ]
        for one in list_figures(session, found)
    ]  # fmt: skip
    facts = [
        (_("清单"), found.programme), (_("范围"), found.unit), (_("抽法"), str(METHODS[Method(found.method)])),
        (_("起始号"), found.seed or _("不用")), (_("总体"), str(found.population)),
        (_("总体校验码"), found.population_digest), (_("抽样"), f"{found.drawn_by} {moment(found.at, with_year=True)}"),
    ]  # fmt: skip
    headings = [
        _("序号"), _("单位代码"), _("单位"), _("实事"), _("指标"), _("报告期"), _("数值"), _("编号"), _("风险"), _("结论"),
        _("说明"), _("核验人"), _("核验时间"), _("抽后已变"),
    ]  # fmt: skip
    widths = (8, 11, 16, 26, 30, 14, 16, 34, 24, 10, 36, 12, 18, 10)
    return Table(sample_title(found), facts, headings, rows, len(rows), found.seal, widths)


def _wall(at: datetime | None) -> datetime | None:
    """A moment as a cell holds it: Shanghai wall time."""
    return None if at is None else at.astimezone(SHANGHAI).replace(tzinfo=None)


# fmt: off
TABLES: Final[Offers] = {
    ("auditing.entries", "entries"):   Offer(entries_table, Permission.EXPORT_AUDIT),
    ("auditing.listing", "entries"):   Offer(listing_table, Permission.EXPORT_AUDIT),
    ("auditing.subject", "entries"):   Offer(subject_table, Permission.EXPORT_AUDIT),
    ("auditing.index", "findings"):    Offer(open_findings_table, Permission.SEE_FINDING),
    ("auditing.index", "samples"):     Offer(desk_samples_table, Permission.SEE_SAMPLE),
    ("auditing.findings", "findings"): Offer(findings_table),
    ("auditing.finding", "steps"):     Offer(finding_table),
    ("auditing.samples", "samples"):   Offer(samples_table),
    ("auditing.sample", "figures"):    Offer(figures_table),
}
"""What can be taken away of which page."""
# fmt: on
