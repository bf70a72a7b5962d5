"""Sample contexts (样例) for the monthly sheet, its check and receipt, and for reviewing."""

from __future__ import annotations

from types import SimpleNamespace as Sample
from typing import Any, NamedTuple

from tests.support.look_forms import CheckForm, CommentForm, ReturnForm, SampleForm, SheetForm
from tests.support.look_overview import TITLES, light_of, shell, trail


class Row(NamedTuple):
    """One indicator of a district, figures scaled by `decimals`."""

    pledge: int
    name: str
    measure: str
    decimals: int
    target: int
    last_total: int
    last: int
    now: int | None
    typed: str


ROWS = [
    Row(1, "医疗互助保障参保", "人次", 0, 250000, 241600, 18200, 21400, "21,400"),
    Row(2, "帮扶资金下拨", "万元", 1, 200, 98, 16, 24, "2.4"),
    Row(2, "困难职工建档走访", "户", 0, 420, 236, 31, 38, "38"),
    Row(3, "就业创业培训", "人", 0, 3000, 1742, 286, None, "1.2"),
    Row(3, "提供就业岗位", "个", 0, 4500, 2390, 410, 455, "455"),
    Row(4, "职工学历教育招生", "人", 0, 600, 331, 52, 47, "47"),
    Row(5, "女职工“两癌”筛查", "人", 0, 7500, 4020, 640, 780, "780"),
    Row(6, "新建、改造提升站点", "家", 0, 18, 5, 1, 2, "2"),
    Row(7, "参加普惠性疗休养", "人", 0, 18000, 5860, 1420, 2610, "2,610"),
    Row(8, "新业态劳动者入会", "人", 0, 3000, 1610, 240, 255, "255"),
    Row(9, "送文化进企业、进站点", "场", 0, 30, 15, 2, 2, "2"),
    Row(10, "劳动用工“体检”企业", "家", 0, 80, 39, 6, None, ""),
]


def show(value: int | None, decimals: int) -> str:
    """A scaled integer as the product prints it."""
    if value is None:
        return "—"
    whole, rest = divmod(value, 10**decimals)
    return f"{whole:,}.{rest:0{decimals}d}" if decimals else f"{whole:,}"


def _total(row: Row) -> int | None:
    return None if row.now is None else row.last_total + row.now


def _tenths(row: Row) -> int | None:
    total = _total(row)
    return None if total is None else (total * 2000 + row.target) // (2 * row.target)


def _notes(row: Row, form: SheetForm, at: int) -> list[Sample]:
    if row.name == "就业创业培训":
        readings = [Sample(value="training:12", label="改为 12"), Sample(value="training:12000", label="改为 12,000")]
        text = "此项单位是“人”，您填的是 1.2，上月新增 286 人。若是 1.2 万人应写 12,000，那是全年目标的 4 倍。"
        return [Sample(tone="mend", title="单位是不是看错了？", text=text, field=None, readings=readings)]
    if row.name == "参加普惠性疗休养":
        text = "比前三个月的平均数高 1.4 倍，属实请写一句说明。"
        form.notes[at].data = "6月起暑期团集中出行，含教职工团 11 批。"
        return [Sample(tone="explain", title="这一项增加较多。", text=text, field=form.notes[at], readings=[])]
    return []


def _sheet_row(row: Row, form: SheetForm, at: int) -> Sample:
    form.figures[at].data = row.typed
    tenths = _tenths(row)
    return Sample(
        anchor=f"row-{at}", name=row.name, target_text=f"目标 {show(row.target, row.decimals)} {row.measure}", measure=row.measure,
        is_locked=False, locked_text="", last_total_text=show(row.last_total, row.decimals), last_text=show(row.last, row.decimals),
        total_text=show(_total(row), row.decimals), percent_tenths=tenths, expected_tenths=500,
        light="not_reported" if tenths is None else light_of(tenths),
        evidence_count=0 if row.now is None else at % 3 + 1, evidence_url="#", needs_evidence=row.pledge == 3,
        decimals=row.decimals, last_total=str(row.last_total), target=str(row.target),
        inputs=[Sample(field=form.figures[at], suffix=row.measure, label=None)], notes=_notes(row, form, at), story=None,
    )  # fmt: skip


def _groups(rows: list[Sample]) -> list[Sample]:
    groups = []
    for number in sorted({row.pledge for row in ROWS}):
        members = [rows[at] for at, row in enumerate(ROWS) if row.pledge == number]
        groups.append(Sample(number=number, title=TITLES[number - 1], anchor=f"pledge-{number}", note=None, rows=members))
    return groups


def sheet() -> dict[str, Any]:
    """A district's sheet, one thing to mend and one to explain."""
    form = SheetForm()
    groups = _groups([_sheet_row(row, form, at) for at, row in enumerate(ROWS)])
    groups.append(_narrative(form))
    states = {3: ("1 处要改", "behind"), 7: ("待说明", "lagging"), 10: ("待填", "not_reported"), 11: ("待填", "not_reported")}
    tasks = []
    for group in groups:
        state, light = states.get(group.number, ("已填", None))
        tasks.append(Sample(number=group.number, title=group.title, anchor=group.anchor, state=state, light=light))
    return shell("月报表", reporter=True) | {
        "heading": "2018年6月 · 月报表", "trail": trail("鄞州区总工会", "月报表"), "form": form,
        "save_url": "/save", "autosave_url": None, "template_url": "#", "upload_url": "#",
        "sheet": Sample(is_open=True, closed_text="", due_text="7月5日 18:00 截止，还有 2 天 7 小时", due_tone="", fills_cumulative=False,
                        last_total_label="5月末累计", last_label="5月新增", fill_label="6月新增", total_label="6月末累计",
                        on_track_points=0, lagging_points=-10),
        "faults": [Sample(text="就业创业培训：填的是 1.2，单位是“人”", field_id="figures-3")],
        "groups": groups,
        "progress": Sample(filled=11, total=13, mend_count=1, explain_count=1, saved_text="10:42 已保存"),
        "tasks": tasks,
        "comments": [Sample(author="杨立群", at_text="6月8日", text="5月报表第三项退回过一次：培训人次与花名册差 14 人。已改正。")],
        "can_submit": True,
    }  # fmt: skip


def _narrative(form: SheetForm) -> Sample:
    form.story.data = "热线 7×24 小时受理，6月接听 1,204 件。"
    inputs = [Sample(field=form.judgement, suffix=None, label=None)]
    row = Sample(
        anchor="row-12", name="热线全年不间断受理", target_text="文字判断", measure="", is_locked=False, locked_text="",
        last_total_text="—", last_text="达序时", total_text="—", percent_tenths=None, expected_tenths=None, light="not_reported",
        evidence_count=0, evidence_url="#", needs_evidence=False, decimals=0, last_total=None, target=None, inputs=inputs, notes=[], story=form.story,
    )  # fmt: skip
    return Sample(number=11, title=TITLES[10], anchor="pledge-11", note=None, rows=[row])


def _check_row(row: Row) -> Sample:
    now = 312 if row.name == "就业创业培训" else 5 if row.now is None else row.now
    full = row._replace(now=now)
    tenths = _tenths(full)
    return Sample(
        name=row.name, tag="已说明" if row.pledge == 7 else None, increment_text=f"+{show(now, row.decimals)} {row.measure}",
        last_text=f"5月 +{show(row.last, row.decimals)}", total_text=show(_total(full), row.decimals),
        target_text=f"累计 · 目标 {show(row.target, row.decimals)}", percent_tenths=tenths, light=light_of(tenths), edit_url="#",
        remark="说明：6月起暑期团集中出行，含教职工团 11 批。" if row.pledge == 7 else None,
    )  # fmt: skip


def check() -> dict[str, Any]:
    """Everything once more before submitting."""
    return shell("月报表", reporter=True) | {
        "heading": "提交前核对：鄞州区 2018年6月", "back_url": "#", "form": CheckForm(), "submit_url": "/submit",
        "submit_label": "提交给区级审批",
        "lead": [Sample(text="提交后由", is_strong=False), Sample(text="陈国平（审批人）", is_strong=True),
                 Sample(text="审批，再报市总工会审核。审核之前可以撤回。", is_strong=False)],
        "faults": [],
        "explained": [Sample(text="参加普惠性疗休养，比前三个月平均数高 1.4 倍")],
        "groups": _groups([_check_row(row) for row in ROWS]),
    }  # fmt: skip


EVENTS = [
    Sample(at_text="7月3日 16:20", at_iso="2018-07-03T16:20:00+08:00", light="on_track", actor="陈国平", text="审批（第2次提交）", quote=None),
    Sample(at_text="7月3日 15:02", at_iso="2018-07-03T15:02:00+08:00", light="done", actor="周晓燕", text="改 1 项，补佐证 1 份，第2次提交",
           quote=None),
    Sample(at_text="7月2日 17:31", at_iso="2018-07-02T17:31:00+08:00", light="lagging", actor="杨立群", text="退回",
           quote="单位应为人，请按花名册填写。"),
    Sample(at_text="7月2日 10:15", at_iso="2018-07-02T10:15:00+08:00", light="done", actor="周晓燕", text="第1次提交", quote=None),
]  # fmt: skip


def receipt() -> dict[str, Any]:
    """After submitting."""
    return shell("月报表", reporter=True) | {
        "heading": "月报表已提交", "trail": trail("鄞州区总工会", "月报表", "提交回执"), "sheet_url": "#", "desk_url": "/",
        "receipt": Sample(number="330212-201806-2", submitted_text="2018年7月3日 15:02", submitted_by="周晓燕",
                          digest="4f1c83e07ab95d2264c1f09b8e35aa7104d9c6e2f7b80d13a59e6cc02b47d98f", next_person="陈国平", next_step="审批",
                          next_due_text="7月5日 18:00", reports_text="13 项，覆盖 11 件实事"),
        "withdraw_url": "/withdraw", "withdraw_form": SampleForm(), "withdraw_note": "审批之前可以撤回，撤回后接着修改。", "events": EVENTS[1:],
    }  # fmt: skip


def _queue() -> list[Sample]:
    waiting = [("鄞州区", "7月3日 16:20", "第2次提交", 2), ("慈溪市", "7月4日 09:12", "第1次提交", 0), ("北仑区", "7月4日 11:40", "第1次提交", 1),
               ("余姚市", "7月5日 10:05", "第1次提交", 0), ("海曙区", "7月5日 15:48", "第1次提交", 1)]  # fmt: skip
    return [
        Sample(key=unit, unit=unit, period="2018年6月", at_text=at, submission_text=submission, notes_count=notes, url="#",
               is_current=unit == "鄞州区", tag=None, tag_tone=None, submitted_text=at, wait_text="2 天" if at < "7月4" else "1 天",
               is_old=at < "7月4", evidence_text="13 份，缺 0", is_clean=notes == 0)
        for unit, at, submission, notes in waiting
    ]  # fmt: skip


def queue() -> dict[str, Any]:
    """What waits for the city's reviewer."""
    return shell("审核") | {
        "heading": "待审核", "trail": trail("宁波市总工会", "审核"), "lead": "等得久的排在前面。", "action_word": "通过", "form": SampleForm(),
        "accept_url": "/accept", "chosen_name": "chosen", "waiting": _queue(), "pager": None, "empty_text": "下一批在 8月6日截止，提前报送的会出现在这里。",
        "states": [Sample(label="待审核", url="#", is_current=True), Sample(label="今日已办", url="#", is_current=False)],
    }  # fmt: skip


def _review_row(row: Row, at: int) -> Sample:
    now = 312 if row.name == "就业创业培训" else 5 if row.now is None else row.now
    full = row._replace(now=now)
    change = (now - row.last) * 100 // row.last
    longer = max(now, row.last)
    notes = []
    if row.name == "就业创业培训":
        notes = [Sample(tone="settled", title="上次的退回意见已改正。", text="“单位应为人，请按花名册填写。”现值 312 与花名册行数相符。")]
    if row.name == "参加普惠性疗休养":
        notes = [Sample(tone="explain", title="高于近三月平均数 1.4 倍。", text="填报人说明：6月起暑期团集中出行，含教职工团 11 批。佐证：出团名单 1 份，合计 2,610 人，相符。")]
    return Sample(
        name=row.name, measure=row.measure, url=f"?line={at}", is_current=row.name == "就业创业培训", is_flagged=row.pledge == 7,
        before_text=show(row.last, row.decimals), now_text=show(now, row.decimals), old_text="1.2" if row.pledge == 3 and notes else None,
        change_text=f"{'+' if change >= 0 else '−'}{abs(change)}%", is_large=abs(change) >= 80,
        before_tenths=row.last * 1000 // longer, now_tenths=now * 1000 // longer, total_text=show(_total(full), row.decimals),
        target_text=show(row.target, row.decimals), percent_tenths=_tenths(full), light=light_of(_tenths(full)), judgement=None, notes=notes,
    )  # fmt: skip


def _review_reports(form: SheetForm) -> list[Sample]:
    groups = _groups([_review_row(row, at) for at, row in enumerate(ROWS)])
    for group in groups:
        group.hidden = []
        group.tick = form.flagged if group.number == 7 else None
    groups[0].hidden = [form.submission]
    narrative = Sample(
        name="热线全年不间断受理", measure="", url="?line=12", is_current=False, is_flagged=False, before_text="达序时", now_text="达序时",
        old_text=None, change_text="—", is_large=False, before_tenths=None, now_tenths=None, total_text="—", target_text="文字",
        percent_tenths=None, light="on_track", judgement=form.judgement,
        notes=[Sample(tone="told", title="情况：", text="热线 7×24 小时受理，6月接听 1,204 件。")],
    )  # fmt: skip
    groups.append(Sample(number=11, title=TITLES[10], anchor="", note=None, rows=[narrative], hidden=[], tick=None))
    return groups


def returning() -> dict[str, Any]:
    """The same with the return dialog asked for by the address."""
    context = review()
    context["review"].is_returning = True
    return context


def review() -> dict[str, Any]:
    """The second submission of one district."""
    form = SheetForm()
    handled = [
        Sample(unit=unit, tag=tag, tag_tone=tone, url="#", is_current=False)
        for unit, tag, tone in [("江北区", "已通过", "green"), ("镇海区", "已通过", "green"), ("宁海县", "已退回", "red")]
    ]
    files = [
        Sample(name="培训花名册-6月.xlsx", url="#", kind="sheet", mark="XLS", note="312 行 · 与填报数相符"),
        Sample(name="开班通知（含公章）.pdf", url="#", kind="paper", mark="PDF", note="6月4日 · 3 页"),
        Sample(name="焊工班开班.jpg", url="#", kind="picture", mark="IMG", note="6月11日 · 已去除定位"),
    ]
    preview = Sample(name="培训花名册-6月.xlsx", note="前 3 行，共 312 行。姓名已遮盖，证件号、手机号两列已隐去。",
                     columns=["序", "姓名", "工种", "开班"], rows=[["1", "陈*", "焊工", "6月11日"], ["2", "俞*芳", "养老护理", "6月12日"],
                                                                  ["3", "李*", "电工", "6月12日"]])  # fmt: skip
    return shell("审核") | {
        "queue": _queue(), "handled": handled,
        "review": Sample(heading="鄞州区 · 2018年6月", byline="周晓燕填报 · 陈国平 7月3日 16:20 审批 · 第2次提交",
                         compare_links=[Sample(label="与上次提交对比", url="#", is_current=True), Sample(label="仅看本次", url="#", is_current=False)],
                         checks=[Sample(text="12 项自动核对，10 项无提示", light="on_track"), Sample(text="2 项提示，均有说明", light="lagging"),
                                 Sample(text="佐证 13 份，缺 0", light=None)],
                         accept_label="通过", accept_url="/accept", accept_note="通过后计入全市，并锁定本期", return_url="/return",
                         return_page_url="?return=1", return_heading="退回鄞州区 6月月报", later_url="#", is_returning=False),
        "accept_form": SampleForm(), "return_form": ReturnForm(), "phrases": ["数字与佐证不一致", "单位有误", "缺佐证"],
        "columns": Sample(before_label="5月新增", now_label="6月新增", change_label="较上月"),
        "reports": _review_reports(form),
        "evidence": Sample(count=13, line_name="就业创业培训", files=files, preview=preview),
        "events": EVENTS,
        "comments": [Sample(author="周晓燕", at_text="7月3日 15:01", text="已按花名册改为 312 人。", line_name="就业创业培训")],
        "comment_form": CommentForm(), "comment_url": "/comment",
    }  # fmt: skip
