"""The paper on the screen: every number leads to its source, and says what dashboard and files say."""

from __future__ import annotations

import csv
import io
import json
import re

import docx
import openpyxl
import pypdf
from flask import Flask

from tests.factories.ningbo import KEY
from tests.features.bulletins.by_page import FIRST, Browsers, issue
from tests.support.strict_client import StrictClient
from tests.support.taken_tables import take
from tracker.features.bulletins.paper import amount_text, percent_text


def test_opens_the_source_of_a_figure(app: Flask, browsers: Browsers) -> None:
    issue(app, browsers)
    for address in ("fig=enrolments", "fig=enrolments.actual", "figure=enrolments&field=actual"):
        panel = browsers["auditor"].get(f"{FIRST}?{address}").text
        for said in (
            "来源追溯",
            "海曙",
            "17.6万人次",
            "相符",
            "导入的历史数据 22 条",
            "没有更正过",
            'aria-current="true"',
        ):
            assert said in panel, (address, said)
    for nonsense in (
        "figure=nothing&field=actual", "figure=enrolments&field=digest", "field=<script>", "fig=nothing", "fig=",
        "fig=enrolments.digest", "fig=.actual", "fig=classes.nothing",
    ):  # fmt: skip
        page = browsers["auditor"].get(f"{FIRST}?{nonsense}")
        assert (page.status_code, "点一个数字" in page.text) == (200, True)


def test_the_dashboard_and_all_five_files_show_the_same_figures(app: Flask, browsers: Browsers) -> None:
    """The screen's own table of all indicators, held against what each file says of the publisher."""
    issue(app, browsers)
    auditor = browsers["auditor"]
    address = f"/programmes/{KEY}?cutoff=2018-06&basis=accepted"
    screen = take(auditor, address, "pledges")
    columns = [screen.column(name) for name in ("年度目标", "累计", "完成率（%）")]
    shown = dict(zip(screen.column("指标"), zip(*columns, strict=True), strict=True))
    assert shown["参加职工医疗互助保障人次"] == (1_500_000, 1_520_000, 101.3)
    document = json.loads(handed_out(auditor, "json"))
    told = [one for pledge in document["pledges"] for one in pledge["indicators"]]
    assert {one["name"]: figures_of(one) for one in told} == shown
    printed = [
        [amount_text(one[field], kind=one["kind"], measure=one["measure"]) for field in ("target", "actual")]
        + [percent_text(one["completion_percent"])]
        for one in told
    ]
    page = re.sub(r"<[^>]+>|\s", "", auditor.get(FIRST).text)
    pdf = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(handed_out(auditor, "pdf"))).pages)
    pdf = re.sub(r"\s", "", pdf)
    table = docx.Document(io.BytesIO(handed_out(auditor, "docx"))).tables[0]
    assert [[cell.text for cell in row.cells][3:6] for row in table.rows[1:]] == printed
    for one, figures in zip(told, printed, strict=True):
        for said in (page, pdf):
            assert re.sub(r"\s", "", one["name"] + "".join(figures)) in said, one["name"]
    text = handed_out(auditor, "csv").decode("utf-8-sig")
    lines = [row for row in csv.DictReader(io.StringIO(text)) if row["单位"] == "宁波市总工会"]
    assert {row["指标"]: figures_of(row, "目标", "累计完成", "完成率（%）") for row in lines} == shown
    book = openpyxl.load_workbook(io.BytesIO(handed_out(auditor, "xlsx")))["总表"]
    headings = [cell.value for cell in book[3]]
    cells = [dict(zip(headings, row, strict=True)) for row in book.iter_rows(min_row=4, values_only=True)]
    assert {
        row["指标"]: tuple(row[name] for name in ("年度目标", "累计完成", "完成率（%）")) for row in cells
    } == shown


def handed_out(browser: StrictClient, style: str) -> bytes:
    """A file of the first issue, by its button."""
    answer = browser.submit(f"{FIRST}/exports", {"format": style})
    return bytes(browser.get(answer.location).data)


def figures_of(one: dict[str, str], *names: str) -> tuple[float | None, ...]:
    """Exact strings as the numbers a workbook holds; nothing known as None."""
    fields = names or ("target", "actual", "completion_percent")
    return tuple(float(one[name]) if one[name] else None for name in fields)


def test_the_index_of_sources_names_where_each_numbered_figure_comes_from(
    app: Flask, browsers: Browsers
) -> None:
    issue(app, browsers)
    paper = browsers["auditor"].get(FIRST).text
    marks = [int(mark) for mark in re.findall(r"<sup>(\d+)</sup>", paper)]
    listed = dict(re.findall(r'<li value="(\d+)">(.*?)</li>', paper))
    assert marks == [int(number) for number in listed] == [*range(1, len(marks) + 1)]
    assert "152万人次：参加职工医疗互助保障人次，11 家单位 22 条数据，逐条见工作簿“来源”表" in listed.values()
    assert "150万人次：参加职工医疗互助保障人次，宁波市总工会随清单公布的目标" in listed.values()


def test_every_number_on_the_paper_leads_to_its_source(app: Flask, browsers: Browsers) -> None:
    issue(app, browsers)
    paper = browsers["auditor"].get(FIRST).text
    addresses = {*re.findall(r'class="figure-link" href="(\?fig=[a-z_.]+)#source"', paper)}
    assert {"?fig=enrolments", "?fig=enrolments.target", "?fig=classes", "?fig=classes.done"} < addresses
    for address in addresses:
        page = browsers["auditor"].get(f"{FIRST}{address}").text
        assert "来源追溯" in page, address
        assert f'href="{address}#source" aria-current="true"' in page, address
