"""Sample contexts (样例) for bulletins."""

from __future__ import annotations

from types import SimpleNamespace as Sample
from typing import Any

from tests.support.look_forms import CountersignForm, DraftForm, VerifyForm
from tests.support.look_overview import COMPLETIONS, TITLES, UNITS, light_of, shell, trail
from tracker.features.bulletins.forms import ProseForm
from tracker.features.bulletins.relinking import Contradiction

DIGEST = "7f3a91c05be20d88c4a1f6b3927e5d04a6cc18f0b75392de4410ae6f8d1c44d8"


def _text(words: str) -> Sample:
    return Sample(text=words, url=None, number=None, is_current=False, is_contradicted=False)


def _figure(words: str, number: int | None = None, *, is_current: bool = False) -> Sample:
    return Sample(text=words, url="?fig=1", number=number, is_current=is_current, is_contradicted=False)


def _block(kind: str, *parts: Sample | str) -> Sample:
    return Sample(kind=kind, parts=[_text(part) if isinstance(part, str) else part for part in parts])


def _blocks() -> list[Sample]:
    return [
        _block("salutation", "各区县（市）总工会、市直各产业工会："),
        _block("paragraph", "截至6月30日，全年时间过去 50.0%。今年向职工公布的实事中，", _figure("1 件", 1), "已提前完成全年目标，",
               _figure("6 件", 2), "达到序时进度。现将情况通报如下。"),
        _block("heading", "一、总体情况"),
        _block("paragraph", "（一）优化职工互助保障。参加职工医疗互助保障 ", _figure("152 万人次", 3, is_current=True), "，全年目标 ",
               _figure("150 万人次", 4), "，完成率 ", _figure("101.3%", 5), "，提前完成。"),
        _block("paragraph", "（二）精准帮扶困难职工。下拨帮扶与补贴资金 ", _figure("87.5 万元", 6), "，完成率 ", _figure("48.6%", 7), "。"),
        _block("heading", "二、存在问题"),
        _block("paragraph", "户外劳动者服务站点完成率 ", _figure("34.2%", 8), "，落后序时 ", _figure("15.8 点", 9), "，奉化、宁海、象山较慢；月报迟报 ",
               _figure("5 家次", 10), "。"),
        _block("heading", "四、下步要求"),
        _block("paragraph", "落后事项的责任单位于7月25日前报送措施，市总工会按旬调度。"),
    ]  # fmt: skip


def _annex() -> Sample:
    rows = [
        Sample(number=at + 1, title=title, span=1, indicator="主要指标（样例）", target=_figure("150 万人次" if at == 0 else f"{at * 40} 家"),
               actual=_figure("152 万人次" if at == 0 else f"{at * 19} 家"),
               percent=_text("—") if done is None else _figure(f"{done // 10}.{done % 10}%"), light=light_of(done))
        for at, (title, done) in enumerate(zip(TITLES, COMPLETIONS, strict=True))
    ]  # fmt: skip
    return Sample(caption="附表　实事完成情况（截至6月30日）", rows=rows)


def _source() -> Sample:
    shares = [176, 89, 104, 168, 263, 87, 152, 214, 76, 65, 126]
    parts = [
        Sample(
            name=name, share_tenths=share * 1000 // 263, value_text=f"{share // 10}.{share % 10} 万", url="#"
        )
        for name, share in zip(UNITS, shares, strict=True)
    ]
    files = [Sample(name="互助保障参保汇总（盖章）.pdf", url="#", kind="paper", mark="PDF", note="7月12日 · 市职工服务中心"),
             Sample(name="参保明细-脱敏.xlsx", url="#", kind="sheet", mark="XLS", note="1,520,114 行")]  # fmt: skip
    plain: dict[str, Any] = {"parts": [], "files": [], "tag": None, "tag_tone": None}
    steps = [
        Sample(
            heading="怎么得出",
            text="11 家单位已通过月报合计，未作调整。",
            **plain | {"parts": parts},
            total_text="152.0 万",
            agrees=True,
        ),
        Sample(heading="谁审定", text="杨立群，7月16日 14:08 通过；此前各单位审批人均已审批。", **plain),
        Sample(heading="依据什么", text="", **plain | {"files": files}),
        Sample(heading="是否改过", text="第3版。第2版为 151.6 万，慈溪补报 0.4 万（7月11日）。", **plain),
        Sample(
            heading="经审核验",
            text="李建华，7月17日。抽查 3 家，差异 0。",
            **plain | {"tag": "已核", "tag_tone": "green"},
        ),
    ]
    return Sample(
        label="来源追溯 · 3",
        figure_text="152 万人次",
        name="优化职工互助保障 · 6月末累计（样例）",
        steps=steps,
    )


def _bulletin() -> Sample:
    facts = [("截至", "2018年6月30日"), ("封存号", "12"), ("规则", "亮灯 0 / −10"), ("统计范围", "仅已通过")]
    return Sample(
        org_name="宁波市总工会", number_text="（样例，文号与印章留空）", date_text="2018年7月18日",
        title="关于2018年上半年服务职工实事进展情况的通报", remarks=["注：本页为样例，数字不代表实际情况。"],
        facts=[Sample(label=label, value=value, is_digest=False) for label, value in facts] + [Sample(label="校验码", value=DIGEST, is_digest=True)],
    )  # fmt: skip


def issue() -> dict[str, Any]:
    """Issue 1 with a figure chosen."""
    return shell("通报") | {
        "heading": "上半年通报", "trail": trail("通报", "2018年上半年 · 第1期"), "bulletin": _bulletin(), "blocks": _blocks(), "annex": _annex(),
        "source": _source(), "source_index": [Sample(number=3, text="152 万人次：11 家单位 6月月报，详见网页来源")],
        "downloads": [Sample(label=label, format="xlsx") for label in ("Excel", "JSON")], "exports_url": "#", "verify_url": "#", "differences": _differences(), "superseded_text": None, "superseded_url": None,
    }  # fmt: skip


def _differences() -> Sample:
    row = Sample(
        unit="慈溪市总工会",
        indicator="参加职工医疗互助保障人次",
        field="累计完成",
        before="21 万人次",
        after="21.4 万人次",
    )
    return Sample(
        caption="与第 1 期（截至2018年6月底，第 11 号封存）的差异",
        reason="出新版的原因：慈溪更正（样例）",
        rows=[row],
    )


def draft() -> dict[str, Any]:
    """A draft by somebody else, with two units missing."""
    return shell("通报") | {
        "heading": "上半年通报 · 拟稿", "trail": trail("通报", "2018年上半年"), "form": DraftForm(), "draft_url": "/draft", "bulletin": _bulletin(),
        "blocks": _blocks(), "annex": _annex(), "differences": None, "source": None, "source_index": [], "drafted_by": "杨立群拟稿 · 7月18日 10:42",
        "missing": [Sample(name="象山县总工会"), Sample(name="奉化区总工会")], "needs_reason": True,
        "length": 612, "pages": 1, "is_edited": True, "prose_url": "/prose",
        "contradictions": [Contradiction("155万人次", "152万人次", "参加职工医疗互助保障人次")],
        "countersign_url": "/countersign", "countersign_form": CountersignForm(), "is_own_draft": False,
    }  # fmt: skip


def verify() -> dict[str, Any]:
    """A file that was changed."""
    facts = [Sample(label="编号", value="330200-2018/2018-H1/1"), Sample(label="校验码", value=DIGEST)]
    finding = Sample(
        verdict="altered",
        name="330200-2018_2018-H1_1.xlsx",
        digest=DIGEST[::-1],
        serial="330200-2018/2018-H1/1",
        facts=facts,
    )
    return shell("通报") | {
        "heading": "核验通报文件",
        "form": VerifyForm(),
        "verify_url": "/verify",
        "public_key": "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrb=",
        "public_key_url": "/verify/public-key.pem",
        "finding": finding,
    }


def bulletins() -> dict[str, Any]:
    """Two issues and a draft."""
    row: dict[str, Any] = {
        "url": "#",
        "period": "2018年上半年",
        "cutoff_text": "2018年6月30日",
        "is_superseded": False,
    }
    rows = [
        Sample(title="上半年通报", issue_text="第2期", state_text="已印发", state_tone="green", issued_text="7月20日 · 王建国会签", digest_short="a04be1d2", **row),
        Sample(title="上半年通报", issue_text="第1期", state_text="已有新版", state_tone=None, issued_text="7月18日 · 王建国会签", digest_short="7f3a91c0", **row),
    ]  # fmt: skip
    return shell("通报") | {
        "heading": "通报",
        "trail": trail("2018年度", "通报"),
        "bulletins": rows,
        "draft_groups": [
            Sample(
                title=title,
                choices=[
                    Sample(url="#", label=label)
                    for label in ("2018年上半年", "2018年下半年", "2018年", "2018年第一季度", "2018年1月")
                ],
            )
            for title in ("2018年服务职工十件实事", "2017年服务职工十件实事")
        ],
    }


def in_press() -> dict[str, Any]:
    """The files are being made: three of seven steps are done."""
    return {
        "heading": "2018年上半年通报",
        "trail": [{"label": "2018年服务职工十件实事", "url": "/"}, {"label": "第 1 期", "url": None}],
        "progress": {"state": "running", "steps": 7, "steps_done": 3, "fault": None},
        "own_url": "/look/bulletins/in_press",
        "again_url": None,
    }


def press_failed() -> dict[str, Any]:
    """The files could not be made."""
    return in_press() | {
        "progress": {"state": "failed", "steps": 7, "steps_done": 3, "fault": "?"},
        "again_url": "/again",
    }


def prose() -> dict[str, Any]:
    """The words of a draft somebody else has changed meanwhile."""
    form = ProseForm(
        formdata=None,
        data={
            "version": 3,
            "sections": [{"text": "现将有关情况通报如下。"}, {"text": "截至6月底，实事共10件。"}],
        },
    )
    own: list[dict[str, Any]] = [
        {"heading": "开头", "theirs": None},
        {"heading": "一、总体情况", "theirs": "截至2018年6月底，实事共10件。"},
    ]
    return {
        "heading": "编辑正文",
        "trail": [{"label": "通报", "url": "/"}, {"label": "编辑正文", "url": None}],
        "form": form,
        "own_url": "/prose",
        "draft_url": "/draft",
        "length": 612,
        "sections": [
            {**one, "field": entry.form.text, "rows": 4}
            for one, entry in zip(own, form.sections, strict=True)
        ],
    }
