"""The tables of dashboards as files: the same progress table as the screen, every figure a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask_babel import gettext as _

from tracker.domain.kinds import Light
from tracker.domain.lights import explain
from tracker.domain.periods import SHANGHAI
from tracker.features.dashboards.ahead import ahead_of
from tracker.features.dashboards.asked import asked_of, asked_seals
from tracker.features.dashboards.compare import Comparison
from tracker.features.dashboards.compare_views import comparison, list_comparison, lists_heading
from tracker.features.dashboards.curve import Curve
from tracker.features.dashboards.leading import is_silent, leading, ranks, score
from tracker.features.dashboards.matrix import LIGHT_WORDS, column_name
from tracker.features.dashboards.own_page import OwnPage
from tracker.features.dashboards.trail_page import Trail
from tracker.features.dashboards.views import number_trail, overview_page, pledge_page
from tracker.services.progress_table import Basis, Branch, Judged, PledgeStanding, ProgressTable
from tracker.services.stand_ins import StandIn
from tracker.services.tables.csv_writing import Cell
from tracker.services.trail import Source
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import bracketed, clauses
from tracker.web.table_files import Offer, Offers, Table

Row = Sequence[Cell]
Facts = list[tuple[str, str]]


def _facts(table: ProgressTable, *, is_past: bool = False) -> Facts:
    """What the figures rest on: list, unit, cut-off, basis and instant."""
    basis = _("仅已通过") if table.basis is Basis.ACCEPTED else _("含待审数据")
    moment = _("第 %(number)s 号封存时的数据", number=table.seal or 0) if is_past else _("现在")
    return [
        (_("清单"), table.head.title + bracketed(table.head.key)),
        (_("单位"), table.node.name + bracketed(table.node.code)),
        (_("截至"), str(table.cutoff)),
        (_("统计范围"), basis),
        (_("何时的数据"), moment),
    ]


def _amount(one: Judged, value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-one.listed.rule.target_decimals)


def _tenths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-1)


def _word(light: Light) -> str:
    return str(LIGHT_WORDS[light])


def pledges_table(key: str) -> Table:
    """The overview's pledges: a row for each indicator, in the order on the screen."""
    page = overview_page(asked_of(key))
    table, rows = page.table, []
    for at, pledge in page.ordered():
        rows += [_indicator_row(table, at, pledge, one) for one in pledge.indicators]
    order = _("按落后程度") if page.sort == "lag" else _("按序号")
    facts = [*_facts(table, is_past=page.instant.is_past), (_("排列"), order)]
    return Table(_("实事进度"), facts, _indicator_headings(), rows, len(rows), table.seal, INDICATOR_WIDTHS)


INDICATOR_WIDTHS: Final = (6, 26, 11, 34, 10, 14, 14, 12, 11, 11, 11, 10, 14, 9, 9, 12, 46)


def _indicator_headings() -> list[str]:
    return [
        _("序号"), _("实事"), _("实事亮灯"), _("指标"), _("计量单位"), _("累计"), _("年度目标"), _("完成率（%）"),
        _("序时（%）"), _("差距（点）"), _("年末预测（%）"), _("亮灯"), _("待审"), _("承担单位"), _("本期已报"), _("上年"),
        _("说明"),
    ]  # fmt: skip


def _indicator_row(table: ProgressTable, at: int, pledge: PledgeStanding, one: Judged) -> Row:
    rule, standing = one.listed.rule, one.standing
    return [
        pledge.promise.number, pledge.promise.title, _word(pledge.light), rule.name, rule.measure,
        _amount(one, standing.actual), _amount(one, standing.target), _tenths(standing.completion_tenths),
        _tenths(standing.expected_tenths), _tenths(standing.gap_tenths), _tenths(ahead_of(table, at, one).best),
        _word(standing.light), _amount(one, standing.provisional), standing.assigned, standing.reported,
        _amount(one, one.listed.last_year), translate(explain(rule, standing, table.month)),
    ]  # fmt: skip


def matrix_table(key: str) -> Table:
    """Units by pledges: the completion and light of each, the mean and the rank where the list is ranked."""
    page = overview_page(asked_of(key))
    table = page.table
    branches = table.branches if page.shows_units else ()
    headings = [_("单位代码"), _("单位")]
    for pledge in table.pledges:
        title = f"{pledge.promise.number}. {pledge.promise.title}"
        headings += [_("%(title)s 完成率（%%）", title=title), _("%(title)s 亮灯", title=title)]
    headings += [_("平均完成率（%）"), *([_("名次")] if table.head.is_ranked else [])]
    whole = [
        table.node.code,
        table.node.short_name,
        *_cells(table.pledges),
        *([None] if table.head.is_ranked else []),
    ]
    places = iter(ranks(table))
    rows = [_matrix_row(branch, places if table.head.is_ranked else None) for branch in branches]
    facts = _facts(table, is_past=page.instant.is_past)
    return Table(_("分地区矩阵"), facts, headings, [*rows, whole], len(rows) + 1, table.seal, (12, 16))


def _matrix_row(branch: Branch, places: Iterator[Any] | None) -> Row:
    row = [branch.unit.code, column_name(branch), *_cells(branch.pledges)]
    if places is None:
        return row
    return [*row, None if branch.is_own_level else next(places).place]


def _cells(pledges: Sequence[PledgeStanding]) -> list[Cell]:
    found: list[Cell] = []
    for pledge in pledges:
        one = leading(pledge)
        found += [_tenths(one.standing.completion_tenths if one else None), _word(pledge.light)]
    return [*found, None if is_silent(pledges) else _tenths(score(pledges))]


def own_table(key: str) -> Table:
    """A unit against its targets and its peers."""
    page = overview_page(asked_of(key))
    found = OwnPage(page.table, lambda _one: "").context() or {"rows": []}
    carried = [
        one
        for pledge in page.table.pledges
        for one in pledge.indicators
        if one.standing.light is not Light.NOT_ASSIGNED
    ]
    headings = [
        _("序号"), _("指标"), _("计量单位"), _("累计"), _("年度目标"), _("完成率（%）"), _("序时（%）"), _("差距（点）"),
        _("同级中位数（%）"), _("与中位数差（点）"), _("名次"), _("同级已报"), _("每月还需"), _("亮灯"),
    ]  # fmt: skip
    rows = [_own_row(row, one) for row, one in zip(found["rows"], carried, strict=True)]
    facts = _facts(page.table, is_past=page.instant.is_past)
    return Table(_("对照目标与同级"), facts, headings, rows, len(rows), page.table.seal, (6, 34))


def _own_row(row: dict[str, Any], one: Judged) -> Row:
    standing = one.standing
    return [
        row["number"], row["name"], one.listed.rule.measure, _amount(one, standing.actual),
        _amount(one, standing.whole), _tenths(standing.completion_tenths), _tenths(standing.expected_tenths),
        _tenths(standing.gap_tenths), _tenths(row["median_tenths"]), _tenths(row["to_median_tenths"]),
        int(row["place"]) if str(row["place"]).isdecimal() else None, row["peers"], row["needed"],
        _word(standing.light),
    ]  # fmt: skip


def compare_table(key: str) -> Table:
    """The parts of a node beside each other: a row for each pledge of each."""
    asked = asked_of(key)
    table, page = comparison(asked)
    facts = _facts(table, is_past=asked.as_of is not None)
    return _compared(_("各地比较"), page, facts, table.seal)


def compare_lists_table() -> Table:
    """The lists of a year beside each other."""
    seals, as_of = asked_seals()
    found = list_comparison(seals, as_of)
    facts = [
        (_("清单"), clauses(table.head.title for table in found.tables)),
        (_("截至"), f"{found.year}-{found.page.month:02d}"),
    ]
    return _compared(lists_heading(found.year), found.page, facts, seals.newest if as_of is None else as_of)


def _compared(title: str, page: Comparison, facts: Facts, seal: int | None) -> Table:
    headings = [
        _("名次"), _("单位"), _("平均完成率（%）"), _("承担单位"), _("本期已报"), _("序号"), _("实事"), _("完成率（%）"),
        _("差距（点）"), _("亮灯"), _("说明"),
    ]  # fmt: skip
    found = page.context()
    rows = [row for panel in found["panels"] for row in _panel_rows(panel, is_ranked=found["is_ranked"])]
    return Table(title, facts, headings, rows, len(rows), seal, (6, 16, 12, 9, 9, 6, 30, 11, 11, 10, 46))


def _panel_rows(panel: dict[str, Any], *, is_ranked: bool) -> Iterator[Row]:
    head: list[Cell] = [
        panel["place"] if is_ranked else None, panel["name"], _tenths(panel["mean_tenths"]),
        panel["assigned"] if panel["has_list"] else None, panel["reported"] if panel["has_list"] else None,
    ]  # fmt: skip
    if not panel["bars"]:
        yield [*head, *[None] * 5, "" if panel["has_list"] else _("今年还没有公布清单")]
    for bar in panel["bars"]:
        yield [
            *head, bar["number"], bar["title"], _tenths(bar["percent_tenths"]), _tenths(bar["gap_tenths"]),
            bar["word"], bar["reason"],
        ]  # fmt: skip


def indicators_table(key: str, number: int) -> Table:
    """The indicators of one pledge."""
    page = pledge_page(asked_of(key), number)
    table, pledge = page.table, page.table.pledges[page.at]
    rows = [_indicator_row(table, page.at, pledge, one) for one in pledge.indicators]
    facts = _facts(table, is_past=page.instant.is_past)
    title = _("%(title)s · 指标", title=pledge.promise.title)
    return Table(title, facts, _indicator_headings(), rows, len(rows), table.seal, INDICATOR_WIDTHS)


def units_table(key: str, number: int) -> Table:
    """The units of one pledge: by rank where the list is ranked."""
    page = pledge_page(asked_of(key), number)
    units = page.context()["units"]
    headings = [_("名次"), _("较上月"), _("单位"), _("完成率（%）"), _("亮灯")]
    rows: list[Row] = [
        [
            one["place"] if isinstance(one["place"], int) else None, one["move_text"], one["name"],
            _tenths(one["percent_tenths"]), _word(Light(one["light"])),
        ]
        for one in units
    ]  # fmt: skip
    title = _("%(title)s · 各单位", title=page.table.pledges[page.at].promise.title)
    facts = _facts(page.table, is_past=page.instant.is_past)
    return Table(title, facts, headings, rows, len(rows), page.table.seal, (8, 8, 20, 12, 12))


def months_table(key: str, number: int) -> Table:
    """The year of the chosen indicator month by month against the plan."""
    page = pledge_page(asked_of(key), number)
    facts = _facts(page.table, is_past=page.instant.is_past)
    headings = [_("月份"), _("累计"), _("完成率（%）"), _("序时（%）"), _("差距（点）"), _("上年同期（%）")]
    if page.chosen is None:
        return Table(_("逐月累计与序时"), facts, headings, [], 0, page.table.seal)
    curve = Curve(page.table, page.at, page.chosen)
    rows = [
        [
            row["month"], _amount(page.chosen, actual), _tenths(row["percent_tenths"]),
            _tenths(row["expected_tenths"]), _tenths(row["gap_tenths"]), _tenths(row["last_year_tenths"]),
        ]
        for row, actual in zip(curve.context()["rows"], curve.actuals(), strict=False)
    ]  # fmt: skip
    facts = [*facts, (_("指标"), page.chosen.listed.rule.name)]
    return Table(_("逐月累计与序时"), facts, headings, rows, len(rows), page.table.seal)


def trail_table(key: str) -> Table:
    """How a number came about: the parts it adds up to, or the reports behind it."""
    page = number_trail(asked_of(key))
    facts = [*_facts(page.table, is_past=page.instant.is_past), (_("指标"), page.judged.listed.rule.name)]
    title = _("%(name)s · 来源", name=page.judged.listed.rule.name)
    headings, rows = _parts(page) if page.sources is None else _sources(page.sources)
    return Table(title, facts, headings, rows, len(rows), page.table.seal)


def _parts(page: Trail) -> tuple[list[str], list[Row]]:
    rows: list[Row] = [
        [
            part["name"], _amount(page.judged, part["actual"]), page.judged.listed.rule.measure, part["pair_text"],
            _tenths(part["percent_tenths"]), _word(Light(part["light"])) if part["light"] else None, part["note"],
        ]
        for part in page.context()["parts"]
    ]  # fmt: skip
    headings = [
        _("单位"), _("累计"), _("计量单位"), _("分子 ÷ 分母"), _("完成率（%）"), _("亮灯"), _("说明"),
    ]  # fmt: skip
    return headings, rows


def _sources(sources: Sequence[Source]) -> tuple[list[str], list[Row]]:
    headings = [
        _("单位代码"), _("单位"), _("报告期"), _("数值"), _("分子"), _("分母"), _("比率（%）"), _("其他"), _("说明"), _("版次"),
        _("来源"), _("提交"), _("提交时间"), _("审批"), _("审批时间"), _("通过"), _("通过时间"), _("负责人"), _("提交校验码"),
        _("封存号"),
    ]  # fmt: skip
    return headings, [_source_row(source) for source in sources]


def _source_row(source: Source) -> Row:
    stated = source.figure
    numbers = [_exact(stated.get(name)) for name in ("value", "numerator", "denominator", "rate")]
    other = (
        _("不详") if stated.get("unknown") else str(stated.get("done_on") or stated.get("judgement") or "")
    )
    moments = [
        None if at is None else at.astimezone(SHANGHAI).replace(tzinfo=None)
        for at in (source.submitted_at, source.signed_at, source.accepted_at)
    ]
    return [
        source.unit_code, source.unit_name, source.period, *numbers, other, source.note, source.revision_number,
        _("导入") if source.origin == "import" else _("填报"),
        _acting(source.submitted_by, source.stand_in("submitted")), moments[0],
        _acting(source.signed_by, source.stand_in("signed")), moments[1],
        _acting(source.accepted_by, source.stand_in("accepted")), moments[2],
        source.answered_by, source.submission_digest, source.seal,
    ]  # fmt: skip


def _acting(name: str | None, stand_in: StandIn | None) -> str | None:
    return None if name is None else acting_name(name, stand_in)


def _exact(stated: object) -> Decimal | None:
    """An exact number as the line states it."""
    try:
        return None if stated is None else Decimal(str(stated))
    except InvalidOperation:
        return None


# fmt: off
TABLES: Final[Offers] = {
    ("dashboards.overview", "pledges"):    Offer(pledges_table),
    ("dashboards.overview", "matrix"):     Offer(matrix_table),
    ("dashboards.overview", "own"):        Offer(own_table),
    ("dashboards.compare", "units"):       Offer(compare_table),
    ("dashboards.compare_lists", "units"): Offer(compare_lists_table),
    ("dashboards.pledge", "indicators"):   Offer(indicators_table),
    ("dashboards.pledge", "units"):        Offer(units_table),
    ("dashboards.pledge", "months"):       Offer(months_table),
    ("dashboards.trail", "trail"):         Offer(trail_table),
}
"""What can be taken away of which page."""
# fmt: on
