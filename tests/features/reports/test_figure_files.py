"""A figures file names its columns in any order; blank rows are no lines."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from tracker.domain.canonical import digest
from tracker.domain.messages import Faults
from tracker.features.reports.figure_files import FigureRow, read_figure_file


def faults_of(text: str) -> list[str]:
    with pytest.raises(Faults) as refused:
        read_figure_file(text.encode())
    return [str(fault) for fault in refused.value.faults]


def test_takes_columns_in_any_order_and_missing_ones_as_blank() -> None:
    content = "value,period,note,indicator,org_unit\n1,2018-06,原文,enrolments,330203\n".encode()
    file = read_figure_file(content)
    assert file.rows == [FigureRow(2, "330203", "enrolments", "2018-06", value="1", note="原文")]
    assert file.digest == digest(content)


def test_leaves_blank_rows_out_whatever_their_note() -> None:
    text = "org_unit,indicator,period,value,note\n,,,,\n330203,x,2018-06,,说明\n\n330203,x,2018-06,0\n"
    assert [row.line for row in read_figure_file(text.encode()).rows] == [5]


def test_reads_a_workbook_as_it_reads_csv() -> None:
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["org_unit", "indicator", "period", "value", "done_on"])
    sheet.write_row(1, 0, [330203, "x", 2018, 39.5])
    book.close()
    text = b"org_unit,indicator,period,value,done_on\n330203,x,2018,39.5,\n"
    assert read_figure_file(written.getvalue()).rows == read_figure_file(text).rows


def test_refuses_a_header_with_every_fault_in_it() -> None:
    found = faults_of("org_unit,Value,value,value\n1,2,3,4\n")
    assert [fault.partition("：")[0] for fault in found] == [
        "第 1 行, Value", "第 1 行, value", "第 1 行, indicator", "第 1 行, period",
    ]  # fmt: skip


def test_refuses_cells_no_column_speaks_for() -> None:
    assert faults_of("org_unit,indicator,period,\n1,2,3,4\n1,2,3,,5\n") == [
        "第 3 行：这一行的格数比表头多，可能有未加引号的逗号",
        "第 2 行：有内容填在没有名称的列里",
    ]
    assert read_figure_file(b"org_unit,indicator,period,value,,\n1,2,3,4,,,,\n").rows[0].value == "4"
