"""Sample contexts (样例) for the shell, the desk, the overview and the simple lists."""

from __future__ import annotations

from types import SimpleNamespace as Sample
from typing import Any

from tests.support.look_forms import SampleForm, SignInForm

TITLES = [
    "优化职工互助保障", "精准帮扶困难职工", "助力职工就业创业", "产业工人素质提升", "守护职工身心健康", "建设户外劳动者服务站点",
    "推进职工疗休养", "关爱新业态劳动者", "丰富职工文化生活", "构建和谐劳动关系", "畅通职工诉求渠道",
]  # fmt: skip
UNITS = ["海曙", "江北", "镇海", "北仑", "鄞州", "奉化", "余姚", "慈溪", "宁海", "象山", "市直"]
COMPLETIONS = [1013, 486, 600, 555, 620, 342, 450, 560, 590, 520, None]
FORECASTS = [1120, 970, 1180, 1080, 1210, 710, 1010, 1100, 1150, 1040, None]
MAIN = [
    "参加医疗互助保障 1,520,000 / 1,500,000 人次", "帮扶与补贴资金下拨 87.5 / 180.0 万元", "就业创业培训 12,500 / 20,000 人 等 4 项指标",
    "职工学历教育招生 2,219 / 4,000 人", "女职工“两癌”筛查 31,000 / 50,000 人", "新建、改造提升站点 41 / 120 家",
    "参加普惠性疗休养 54,000 / 120,000 人", "新业态劳动者入会 11,200 / 20,000 人", "送文化进企业、进站点 118 / 200 场",
    "劳动用工“体检”企业 260 / 500 家", "热线全年不间断受理（文字判断）",
]  # fmt: skip
SAMPLE = "样例：数字、人名均为样例"


def light_of(tenths: int | None, expected: int = 500) -> str:
    """A light as the product would give it, for samples only."""
    if tenths is None:
        return "not_judged"
    if tenths >= 1000:
        return "done"
    gap = tenths - expected
    return "on_track" if gap >= 0 else "lagging" if gap >= -100 else "behind"


def navigation(current: str, *, reporter: bool = False) -> list[Sample]:
    """The top bar of a city reviewer, or of a district reporter."""
    city = [
        ("工作台", "desk", None, False), ("总览", "overview", None, False), ("实事", "pledges", None, False),
        ("审核", "review", 5, False), ("通报", "report", None, False), ("留痕", "audit", None, False),
    ]  # fmt: skip
    district = [
        ("工作台", "desk", None, False), ("月报表", "sheet", "待报", True), ("总览", "overview", None, False), ("通报", "report", None, False),
    ]  # fmt: skip
    return [
        Sample(url="#", label=label, icon=icon, count=count, is_hot=is_hot, is_current=label == current)
        for label, icon, count, is_hot in (district if reporter else city)
    ]


def shell(current: str, *, reporter: bool = False) -> dict[str, Any]:
    """What the shell asks of every page."""
    if reporter:
        person = Sample(name="周晓燕", unit_name="鄞州区总工会", role_name="填报人")
    else:
        person = Sample(name="杨立群", unit_name="宁波市总工会", role_name="审核人")
    return {
        "person": person,
        "navigation": navigation(current, reporter=reporter),
        "language_link": Sample(url="?lang=en", label="EN", code="en"),
        "sign_out_url": "/sign-out",
        "account_url": "/account",
        "undo": None,
        "trail_note": SAMPLE,
    }


def trail(*labels: str) -> list[Sample]:
    """Breadcrumbs; the last one is where we are."""
    return [Sample(label=label, url="#" if at < len(labels) - 1 else None) for at, label in enumerate(labels)]


def _months(at: int, final: int | None) -> list[Sample]:
    if final is None:
        return []
    gap = final - 500
    steps = [(at * 13 % 7 - 5) * 14, (at * 11 % 5 - 4) * 17, gap // 2 - 40, gap // 2, gap * 3 // 4, gap]
    return [
        Sample(gap_tenths=step, light=light_of(500 + step) if final < 1000 or month < 5 else "done")
        for month, step in enumerate(steps)
    ]


def _pledges() -> list[Sample]:
    rows = []
    for at, title in enumerate(TITLES):
        done, light = COMPLETIONS[at], light_of(COMPLETIONS[at])
        why = {
            "behind": "比序时少 19 家；要在年底完成，每月还需 14 家。",
            "lagging": "差距在 10 点以内；下半年每月需比上半年多办一成。",
            "not_judged": "没有数字目标，由各单位按季写明情况。",
        }.get(light)
        rows.append(
            Sample(
                number=at + 1, title=title, url="#", figures=[Sample(text=MAIN[at], url="#")], trail_url="#", why=why, light=light, percent_tenths=done,
                expected_tenths=500 if done is not None else None, gap_tenths=None if done is None else done - 500,
                forecast_tenths=FORECASTS[at], label=f"{title}：完成率与序时 50.0% 对照（样例）",
                months=_months(at, done), months_label=f"{title}：1 至 6 月与序时的差距（样例）",
            )
        )  # fmt: skip
    return rows


def _cell(at: int, unit: int) -> Sample:
    if unit == 10 and at in (5, 7, 9):
        return Sample(
            text="不承担", css_class="heat-not_assigned", shape=None, label="市直：不承担", href=None
        )
    if at == 8 and unit == 8:
        return Sample(
            text="未报", css_class="heat-not_reported", shape="not_reported", label="宁海：本期未报", href="#"
        )
    whole = (COMPLETIONS[at] or 0) // 10 + (unit * 37 + at * 53) % 34 - 17
    gap = whole - 50
    steps = [(20, "ahead-20"), (10, "ahead-10"), (0, "ahead-0"), (-10, "short-0"), (-20, "short-10")]
    shade = next((name for floor, name in steps if gap >= floor), "short-20")
    shape = {"short-0": "lagging", "short-10": "behind", "short-20": "behind"}.get(shade)
    if whole >= 100:
        shade, shape = "done", None
    label = f"{UNITS[unit]}，{TITLES[at]}：{whole}.0%（样例）"
    return Sample(text=str(whole), css_class=f"heat-{shade}", shape=shape, label=label, href="#")


def _matrix() -> Sample:
    rows = [
        Sample(
            number=at + 1, title=TITLES[at], url="#", total_text=f"{done // 10}.{done % 10}",
            cells=[_cell(at, unit) for unit in range(len(UNITS))],
        )
        for at, done in enumerate(COMPLETIONS) if done is not None
    ]  # fmt: skip
    moves = [("↑1", "up"), ("↓1", "down"), ("—", "same")]
    ranking = [
        Sample(place=(unit * 4) % 11 + 1, move_text=moves[unit % 3][0], direction=moves[unit % 3][1])
        for unit in range(len(UNITS))
    ]
    return Sample(
        columns=[Sample(label=name, url="#") for name in UNITS],
        rows=rows,
        total_label="全市",
        ranking=ranking,
    )


def overview() -> dict[str, Any]:
    """The city's overview in June."""
    lights = [Sample(code=code, count=count) for code, count in
              [("done", 1), ("on_track", 6), ("lagging", 2), ("behind", 1), ("not_judged", 1)]]  # fmt: skip
    band = [
        Sample(label="平均完成率", value="56.2%", note="超前序时 6.2 点", url=None, lights=None),
        Sample(label="亮灯情况", value=None, note=None, url=None, lights=lights),
        Sample(label="6月月报", value="9/11", note="2 家迟报", url="#", lights=None),
        Sample(label="待我审核", value="5", note="最早 2 天前", url="#", lights=None),
        Sample(label="待审中的数", value="+3.1万", note="人次，另列", url="#", lights=None),
    ]
    queue = [
        Sample(unit=unit, url="#", note=note, wait_text=wait, is_old=wait == "2 天")
        for unit, note, wait in [("鄞州区", "第2次提交 · 2 处提示 · 13 份佐证", "2 天"), ("慈溪市", "第1次提交 · 无提示", "1 天"),
                                 ("北仑区", "第1次提交 · 1 处提示", "1 天"), ("余姚市、海曙区", "今日提交", "今天")]
    ]  # fmt: skip
    late = [
        Sample(unit="象山县", url="#", note="已填 9/12，未提交", overdue_text="逾期 2 天", tone="red"),
        Sample(unit="奉化区", url="#", note="待本级审批", overdue_text="逾期 2 天", tone="red"),
    ]
    return shell("总览") | {
        "heading": "服务职工实事 · 总览",
        "trail": trail("宁波市总工会", "2018 年度"),
        "conclusion": [
            Sample(text="基本做到“时间过半、任务过半”。", is_strong=True, url=None),
            Sample(text="1 件已提前完成全年目标，6 件达到序时进度，精准帮扶、疗休养略慢于序时；", is_strong=False, url=None),
            Sample(text="户外劳动者服务站点", is_strong=False, url="#"),
            Sample(text="落后 15.8 点，按目前速度年末约完成 71.0%。", is_strong=False, url=None),
        ],
        "cutoff": Sample(month=6, elapsed_tenths=500, ruler_label="截至 6月30日 · 时间 50.0%", axis_label="时间 50.0%"),
        "cutoff_choices": [Sample(value="2018-06", label="截至 2018年6月", is_current=True),
                           Sample(value="2018-05", label="截至 2018年5月", is_current=False)],
        "basis_choices": [Sample(value="accepted", label="仅已通过", is_current=True),
                          Sample(value="provisional", label="含待审数据", is_current=False)],
        "sort": "number",
        "band": band,
        "sort_links": [Sample(label="按序号", url="#", is_current=True), Sample(label="按落后程度", url="#", is_current=False)],
        "pledges": _pledges(),
        "queue": queue, "queue_count": 5, "queue_url": "#",
        "late": late, "late_title": "迟报", "node": None, "late_note": "截止 7月5日 18:00", "remind_url": "/remind", "remind_form": SampleForm(),
        "matrix": _matrix(),
        "stale_text": None,
        "exports": [Sample(label="导出", url="#")],
    }  # fmt: skip


GUIDE = [
    Sample(
        title="填报月报表",
        url="#",
        text="打开该填的那一期：一张表填完，随填随存，也可以从表格粘贴；核对后提交给本单位审批。",
    ),
    Sample(title="确认下达的目标", url="#", text="上级下达目标以后，在限期内确认，或写明理由提出调整。"),
    Sample(
        title="看实事清单和进度",
        url="#",
        text="本单位承担哪些实事、目标多少、现在亮什么灯；每个数字都能点到来源。",
    ),
]


def helping() -> dict[str, Any]:
    """Help for a reporter."""
    rights = ["填写本单位月报表", "提交本单位月报表", "给本单位报告添加佐证"]
    return shell("帮助", reporter=True) | {
        "heading": "帮助", "lead": "海曙区总工会 · 填报人", "guide": GUIDE, "rights": rights,
    }  # fmt: skip


def desk() -> dict[str, Any]:
    """A reporter's desk."""
    due = Sample(
        title="2018年6月 月报表", url="#", text="宁波市 2018 年服务职工实事 · 12 项，已填 10 项", detail="7月5日 18:00 截止，还有 2 天 7 小时",
        tag="待报", tag_tone="yellow", action_label="接着填", action_url="#", is_primary=True,
    )  # fmt: skip
    back = Sample(
        title="2018年5月 助力职工就业创业", url="#", text="杨立群退回：单位应为人，请按花名册填写", detail="请在 7月6日 18:00 前改好",
        tag="已退回", tag_tone="red", action_label="去修改", action_url="#", is_primary=True,
    )  # fmt: skip
    waiting = Sample(
        title="2018年5月 月报表（其余 9 件）", url="#", text="陈国平已审批，等宁波市总工会审核", detail="在审核处 1 天",
        tag="待审核", tag_tone="blue", action_label="查看", action_url="#", is_primary=False,
    )  # fmt: skip
    sections = [
        Sample(title="待我填报", count=1, is_hot=False, empty_text="", rows=[due]),
        Sample(title="退回给我", count=1, is_hot=True, empty_text="", rows=[back]),
        Sample(title="已送出，等别人办", count=1, is_hot=False, empty_text="", rows=[waiting]),
        Sample(
            title="迟报",
            count=0,
            is_hot=False,
            empty_text="没有逾期的月报。下一次截止是 8月6日 18:00。",
            rows=[],
        ),
    ]
    return shell("工作台", reporter=True) | {
        "heading": "周晓燕，您好",
        "lead": "今天有 2 件事要办。",
        "summary": [
            Sample(label="待填", value="1", note="还有 2 天", url="#"), Sample(label="被退回", value="1", note="1 项要改", url="#"),
            Sample(label="在途", value="1", note=None, url="#"), Sample(label="迟报", value="0", note=None, url="#"),
        ],
        "sections": sections,
        "guide": GUIDE,
        "is_guide_folded": False,
        "standings": [
            Sample(title="2018年服务职工实事", url="#", note="宁波市总工会 · 截至6月30日", is_silent=True,
                   lights=[Sample(code="behind", count=1), Sample(code="on_track", count=9)], silent="迟报：江北、镇海"),
            Sample(title="2018年服务职工实事", url="#", note="湖州市总工会 · 截至5月31日", is_silent=False,
                   lights=[Sample(code="done", count=10)], silent="应报的都报了"),
        ],
        "programmes": [Sample(title="2018年服务职工实事", url="#", note="宁波市总工会 · 数据截至 5月",
                              lights=[Sample(code="on_track", count=9), Sample(code="lagging", count=1)])],
    }  # fmt: skip


def sign_in() -> dict[str, Any]:
    """Signing in, once with a warning."""
    return {"form": SignInForm(), "sign_in_url": "/login", "sso_url": None, "reset_url": None,
            "warning": "账号或密码不对，还可以再试 2 次。", "contact": None}  # fmt: skip


def programmes() -> dict[str, Any]:
    """Two years of lists."""
    rows = [
        Sample(title="2018年服务职工实事", url="#", publisher="宁波市总工会", year="2018", state_text="进行中", state_tone="blue",
               pledges_text="11 件，23 项指标"),
        Sample(title="2017年服务职工实事", url="#", publisher="宁波市总工会", year="2017", state_text="已结束", state_tone=None,
               pledges_text="8 件，17 项指标"),
    ]  # fmt: skip
    return shell("实事") | {
        "heading": "年度实事清单",
        "trail": trail("宁波市总工会", "实事"),
        "programmes": rows,
        "import_url": "#",
    }
