"""The files of an issue: the same figures in all, laid out as the office wants them, the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn
from sqlalchemy.orm import Session

from tests.factories.ningbo import KEY, plant_ningbo
from tracker.domain.periods import Period
from tracker.features.bulletins.document import Document, Occasion, build_document
from tracker.features.bulletins.issuing import WRITERS
from tracker.features.bulletins.manuscript import manuscript_of, title_lines
from tracker.features.bulletins.sheets import AHEAD, Frame
from tracker.models.audit import Setting
from tracker.services.clock import OFFSET
from tracker.services.programme_heads import find_head

ADDRESS = "http" + "://localhost/verify"
FRAME = Frame(
    "7f" * 32, datetime(2018, 7, 16, tzinfo=UTC), "王建国", datetime(2018, 7, 18, 2, tzinfo=UTC), ADDRESS
)
PUBLIC = ("152万人次", "150万人次", "101.3%")


@pytest.fixture
def document(session: Session) -> Document:
    plant_ningbo(session)
    head = find_head(session, KEY)
    assert head is not None
    occasion = Occasion(Period.parse("2018-H1"), Period.parse("2018-H1").end, 1, "杨立群")
    return build_document(session, head, occasion, seal=1)


def word(document: Document) -> Any:
    return docx.Document(io.BytesIO(WRITERS["docx"](document, FRAME)))


def words_of(book: Any) -> str:
    cells = (cell.text for table in book.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in book.paragraphs), *cells])


def lines(document: Document) -> list[dict[str, str]]:
    text = WRITERS["csv"](document, FRAME).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("style", sorted(WRITERS))
def test_each_file_prints_the_public_figures(document: Document, style: str) -> None:
    said = _text_of(style, WRITERS[style](document, FRAME)).replace(" ", "")
    for figure in PUBLIC:
        assert figure in said or (figure == "101.3%" and "101.3," in said), figure


def test_all_five_files_and_the_document_say_the_same(document: Document) -> None:
    codes = [one["code"] for pledge in document["pledges"] for one in pledge["indicators"]]
    wanted = {
        one["code"]: (one["target"], one["actual"], one["completion_percent"])
        for pledge in document["pledges"]
        for one in pledge["indicators"]
    }
    stored = json.loads(WRITERS["json"](document, FRAME))
    assert [one["code"] for pledge in stored["pledges"] for one in pledge["indicators"]] == codes
    assert {
        row["指标代码"]: _figures(row)
        for row in lines(document)
        if row["单位代码"] == "330200" and row["单位"] == "宁波市总工会"
    } == wanted
    assert _workbook(document) == {code: tuple(map(_number, figures)) for code, figures in wanted.items()}
    rows = manuscript_of(document, FRAME).annexes[0].rows
    table = word(document).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows[1:]] == [
        [*_above(rows, at), *row[2:]] for at, row in enumerate(rows)
    ]
    assert [row[2] for row in rows] == [
        one["name"] for pledge in document["pledges"] for one in pledge["indicators"]
    ]


def _above(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """Number and title of the pledge, whose cells stand beside all its rows."""
    return [
        next(rows[before][column] for before in range(at, -1, -1) if rows[before][column])
        for column in (0, 1)
    ]


def _figures(row: dict[str, str]) -> tuple[str | None, ...]:
    return tuple(row[name] or None for name in ("目标", "累计完成", "完成率（%）"))


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _workbook(document: Document) -> dict[str, tuple[float | None, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(WRITERS["xlsx"](document, FRAME)))["总表"]
    places = {cell.value: cell.column for cell in sheet[3]}
    columns = [places[name] for name in ("年度目标", "累计完成", "完成率（%）")]
    return {
        str(sheet.cell(row, places["指标代码"]).value): tuple(
            _cell(sheet.cell(row, at).value) for at in columns
        )
        for row in range(4, sheet.max_row + 1)
    }


def _cell(value: object) -> float | None:
    return None if value is None else float(str(value))


@pytest.mark.parametrize("style", sorted(WRITERS))
def test_the_same_content_gives_the_same_bytes(
    document: Document, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = WRITERS[style](document, FRAME)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setattr("time.localtime", lambda *_: datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC).timetuple())
    assert WRITERS[style](document, FRAME) == first


@pytest.mark.parametrize("style", ["xlsx", "docx", "pdf", "csv"])
def test_each_carries_cutoff_seal_issue_digest_and_address(document: Document, style: str) -> None:
    content = WRITERS[style](document, FRAME)
    said = _text_of(style, content)
    for fact in ("330200-2018/2018-H1/1", FRAME.digest, ADDRESS):
        assert fact in said, fact
    assert re.search("2018-06|2018年6月底", said)


def _text_of(style: str, content: bytes) -> str:
    readers: dict[str, Callable[[bytes], str]] = {
        "csv": lambda raw: raw.decode("utf-8-sig"),
        "json": lambda raw: raw.decode(),
        "docx": lambda raw: words_of(docx.Document(io.BytesIO(raw))),
        "xlsx": lambda raw: "\n".join(
            str(cell)
            for sheet in openpyxl.load_workbook(io.BytesIO(raw))
            for row in sheet.values
            for cell in row
        ),
        "pdf": pdf_text,
    }
    return readers[style](content)


def pdf_text(content: bytes) -> str:
    """Words of a PDF, line breaks closed up."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "")


def test_pdf_is_tagged_archival_and_dated_by_the_issue(document: Document) -> None:
    content = WRITERS["pdf"](document, FRAME)
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in content
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata is not None
    assert str(reader.metadata.title) == document["title"]
    assert reader.metadata.creation_date == FRAME.issued_at
    assert (float(reader.pages[0].mediabox.width) / 72 * 25.4) == pytest.approx(210, abs=0.5)


def test_word_keeps_to_the_standard_for_official_documents(document: Document) -> None:
    book = word(document)
    page = book.sections[0]
    sides = [getattr(page, f"{side}_margin").mm for side in ("top", "bottom", "left", "right")]
    assert [round(side) for side in sides] == [37, 35, 28, 26]
    body = book.styles["公文正文"]
    assert (body.font.size.pt, round(body.paragraph_format.line_spacing.pt, 2)) == (16, 28.95)
    assert body.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    faces = {name: _east_asian(book, name) for name in ("公文标题", "公文正文", "一级标题")}
    assert faces == {"公文标题": "方正小标宋简体", "公文正文": "仿宋_GB2312", "一级标题": "黑体"}
    assert all(
        _east_asian(book, style.name) for style in book.styles if getattr(style, "font", None) is not None
    )
    assert "〔　　　　〕　　号" in words_of(book)
    assert round(page.footer_distance.mm) == 25
    signed = [one for one in book.paragraphs if one.style.name == "落款"]
    assert [one.text for one in signed] == ["宁波市总工会", "2018年7月18日"]
    assert [one.paragraph_format.right_indent.pt for one in signed] == [68, 64]
    assert [one.text for one in book.paragraphs if one.style.name == "附表说明"] == [
        "附表：1. 实事完成情况（截至2018年6月底）",
        "　　　2. 分地区完成情况（截至2018年6月底）",
    ]
    assert book.settings.odd_and_even_pages_header_footer
    for table in book.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def _east_asian(book: Any, style: str) -> str | None:
    fonts = book.styles[style].element.rPr.find(qn("w:rFonts"))
    return None if fonts is None else str(fonts.get(qn("w:eastAsia")))


def test_both_papers_end_with_who_issued_them_and_when_on_the_lower_edge(document: Document) -> None:
    """GB/T 9704-2012, 7.4: between two lines of 0.35 mm, one letter in from either side."""
    *_, imprint, _last = word(document).paragraphs
    assert (imprint.style.name, imprint.text) == ("版记", "宁波市总工会\t2018年7月18日印发")
    properties = imprint._p.pPr
    frame = properties.find(qn("w:framePr"))
    assert (frame.get(qn("w:vAnchor")), frame.get(qn("w:yAlign"))) == ("margin", "bottom")
    lines = {line.tag.rpartition("}")[2]: line.get(qn("w:sz")) for line in properties.find(qn("w:pBdr"))}
    assert lines == {"top": "8", "bottom": "8"}
    last = pypdf.PdfReader(io.BytesIO(WRITERS["pdf"](document, FRAME))).pages[-1]
    assert "宁波市总工会2018年7月18日印发" in "".join(last.extract_text().split())


def test_a_demonstrations_papers_are_dated_by_its_calendar_and_others_by_real_time(
    session: Session, document: Document
) -> None:
    assert AHEAD not in document
    session.add(Setting(name=OFFSET, value=str(-3 * 86_400)))
    head = find_head(session, KEY)
    assert head is not None
    occasion = Occasion(Period.parse("2018-H1"), Period.parse("2018-H1").end, 1, "杨立群")
    moved = build_document(session, head, occasion, seal=1)
    assert {name for name in moved if moved[name] != document.get(name)} == {AHEAD}, "nothing else is another"
    for style, printed in (("docx", "2018年7月15日"), ("pdf", "2018年7月15日"), ("xlsx", "2018-07-15 10:00")):
        file = WRITERS[style](moved, FRAME)
        said = _text_of(style, file).replace(" ", "")
        assert printed.replace(" ", "") in said, style
        assert "7月18日" not in said
        assert "07-18" not in said
        assert file == WRITERS[style](moved, FRAME), "the same content gives the same bytes"


def test_second_level_headings_have_their_own_face(document: Document) -> None:
    runs = [
        paragraph.runs[0]
        for paragraph in word(document).paragraphs
        if paragraph.style.name == "公文正文" and paragraph.text.startswith("（一）")
    ]
    assert runs
    assert runs[0]._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "楷体_GB2312"
    assert runs[0].text.endswith("。")


@pytest.mark.parametrize("planted", ["=1+1", "＝1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_csv_keeps_text_as_text(document: Document, planted: str) -> None:
    document["pledges"][0]["title"] = planted
    assert lines(document)[0]["实事"] == f"'{planted}"


def test_csv_keeps_negative_numbers_numbers(document: Document) -> None:
    document["pledges"][0]["indicators"][0] |= {"actual": "-0.10", "gap_points": "-50.0"}
    first = lines(document)[0]
    assert (first["累计完成"], first["差距（百分点）"]) == ("-0.10", "-50.0")


def test_letters_xml_has_no_place_for_are_left_out(document: Document) -> None:
    document["pledges"][0]["title"] = "优化\x00职工\x0b互助\ufffe保障"
    assert "优化职工互助保障" in words_of(word(document))
    assert "优化职工互助保障" in pdf_text(WRITERS["pdf"](document, FRAME))


def test_nothing_in_word_points_outside(document: Document) -> None:
    content = WRITERS["docx"](document, FRAME)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        relations = [archive.read(name) for name in archive.namelist() if name.endswith(".rels")]
    assert not any(b"External" in relation for relation in relations)


def test_a_second_issue_lists_its_differences_in_both_papers(document: Document) -> None:
    document["differences"] = {
        "reason": "更正海曙区六月数据",
        "from": {"issue": 1, "cutoff": "2018-06", "seal": 1},
        "figures": [
            {"unit": "海曙区总工会", "own_level": False, "indicator": "enrolments", "name": "参加职工医疗互助保障人次",
             "field": "actual", "before": "176000", "after": "186000"},
        ],
    }  # fmt: skip
    for said in (words_of(word(document)), pdf_text(WRITERS["pdf"](document, FRAME)).replace(" ", "")):
        for expected in ("17.6万人次", "18.6万人次", "更正海曙区六月数据"):
            assert expected in said


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        (
            "关于2018年上半年服务职工十件实事进展情况的通报",
            ["关于2018年上半年", "服务职工十件实事进展情况的通报"],
        ),
        (
            "关于2018年上半年省总工会服务职工群众民生实事项目进展情况的通报",
            ["关于2018年上半年", "省总工会服务职工群众民生实事项目", "进展情况的通报"],
        ),
        ("关于2018年上半年实事进展情况的通报", ["关于2018年上半年实事进展情况的通报"]),
    ],
)
def test_breaks_a_title_only_between_words(title: str, lines: list[str]) -> None:
    found = title_lines(title, "2018年上半年")
    assert "".join(found) == title
    assert found == lines
