"""How figures of every kind, periods and people's steps are written on pages; nothing is computed here."""

from __future__ import annotations

from flask_babel import gettext as _

from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Judgement, Kind, Light
from tracker.domain.periods import Period, Rhythm
from tracker.domain.progress import Standing
from tracker.domain.prose import show_amount
from tracker.domain.rollup import LineFigure
from tracker.domain.rules import Rule
from tracker.domain.workflow import Action, State
from tracker.web.i18n import amount_text

NOTHING = "—"


def figure_text(rule: Rule, figure: LineFigure | None) -> str:
    """What one line says: 17,600, 86 / 100, 86.5%, 已完成, 2 项, 达序时, 不详, or a dash."""
    if figure is None:
        return NOTHING
    if figure.is_unknown:
        return _("不详")
    if rule.kind.facts.is_rate:
        return _rate_text(rule, figure)
    if rule.kind is Kind.MILESTONE:
        return _("已完成") if figure.is_done else _("尚未完成")
    if rule.kind is Kind.NARRATIVE:
        return judgement_word(figure.judgement)
    if figure.value is None:
        return NOTHING
    return show_grouped(figure.value, rule.target_decimals)


def _rate_text(rule: Rule, figure: LineFigure) -> str:
    if figure.rate is not None:
        return show_grouped(figure.rate, rule.target_decimals) + "%"
    parts = [figure.numerator, figure.denominator]
    return " / ".join(show_grouped(part, rule.decimals) for part in parts if part is not None)


def amount(rule: Rule, value: int) -> str:
    """An amount with its measure as this language writes it: 152万人次, or 1,520,000 人次."""
    return amount_text(show_amount(rule, value))


def actual_text(rule: Rule, standing: Standing) -> str:
    """What has been reached: 176,000, 86.0%, 已完成, or a dash."""
    if standing.actual is None:
        return NOTHING
    if rule.kind is Kind.MILESTONE:
        return _("已完成") if standing.actual else _("尚未完成")
    suffix = "%" if rule.kind.facts.is_rate else ""
    return show_grouped(standing.actual, rule.target_decimals) + suffix


def target_text(rule: Rule, standing: Standing) -> str:
    """目标 180,000 人次; what takes the place of a number where there is none."""
    if rule.kind is Kind.NARRATIVE:
        return _("文字判断")
    if standing.whole is None:
        return _("没有定数量目标 · %(measure)s", measure=rule.measure)
    if rule.kind is Kind.MILESTONE:
        return _("目标：年内完成")
    shown = whole_text(rule, standing)
    return _("力争 %(target)s", target=shown) if rule.is_aspiration else _("目标 %(target)s", target=shown)


def whole_text(rule: Rule, standing: Standing) -> str:
    """The number the actual is held against, with its measure."""
    if standing.whole is None or rule.kind is Kind.NARRATIVE:
        return NOTHING
    shown = show_grouped(standing.whole, rule.target_decimals)
    return f"{shown}%" if rule.kind.facts.is_rate else f"{shown} {rule.measure}"


def judgement_word(judgement: Judgement | None) -> str:
    """A unit's word on itself."""
    words = {
        Judgement.DONE: _("已完成"),
        Judgement.ON_TRACK: _("达序时"),
        Judgement.LAGGING: _("预警"),
    }
    return NOTHING if judgement is None else words[judgement]


def light_word(light: Light) -> str:
    """A light in words."""
    words = {
        Light.DONE: _("已完成"),
        Light.ON_TRACK: _("达序时"),
        Light.LAGGING: _("预警"),
        Light.BEHIND: _("滞后"),
        Light.NOT_REPORTED: _("未报"),
        Light.NOT_ASSIGNED: _("不承担"),
        Light.NOT_JUDGED: _("不评判"),
    }
    return words[light]


def short_period(period: Period) -> str:
    """6月, 第二季度, 上半年, 全年."""
    if period.rhythm is Rhythm.MONTH:
        return _("%(month)s月", month=period.last_month)
    words = {
        Rhythm.QUARTER: [_("第一季度"), _("第二季度"), _("第三季度"), _("第四季度")],
        Rhythm.HALF: [_("上半年"), _("下半年")],
        Rhythm.YEAR: [_("全年")],
    }
    return words[period.rhythm][period.index - 1]


def state_word(state: State | None) -> str:
    """Where a report stands, for the people who wait for it."""
    words = {
        None: _("未填"),
        State.DRAFT: _("草稿"),
        State.SUBMITTED: _("待审批"),
        State.SIGNED: _("待审核"),
        State.RETURNED: _("已退回"),
        State.ACCEPTED: _("已通过"),
        State.SUPERSEDED: _("已更正"),
        State.REVOKED: _("已撤销"),
        State.DROPPED: _("已放弃"),
    }
    return words[state]


def action_word(action: Action) -> str:
    """A step of the thread, as it is told afterwards."""
    words = {
        Action.SAVE: _("保存‖经过"),
        Action.SUBMIT: _("提交‖经过"),
        Action.WITHDRAW: _("撤回‖经过"),
        Action.SIGN: _("审批‖经过"),
        Action.RETURN: _("退回‖经过"),
        Action.ACCEPT: _("通过‖经过"),
        Action.UNDO: _("撤销通过‖经过"),
        Action.REVOKE: _("作废‖经过"),
        Action.CORRECT: _("更正‖经过"),
        Action.DROP: _("放弃更正‖经过"),
        Action.COMMENT: _("留言‖经过"),
    }
    return words[action]


ACTION_LIGHTS = {
    Action.SIGN: "on_track",
    Action.ACCEPT: "on_track",
    Action.RETURN: "lagging",
    Action.REVOKE: "behind",
}
"""The colour of a step's mark; all others are neutral (done)."""
