"""A file of org units is read in both encodings, and every fault in it is named with its line."""

from __future__ import annotations

import pytest

from tests.factories.lists import case
from tracker.features.org_units.files import COLUMNS, read_org_file
from tracker.services.tables.reading import TableLimits, UnreadableTable

HEADER = ",".join(COLUMNS)


def faults(*lines: str) -> list[str]:
    return [str(fault) for fault in read_org_file("\n".join([HEADER, *lines]).encode()).faults]


def test_reads_the_tree_of_zhejiang() -> None:
    file = read_org_file(case("org-zhejiang.csv"))
    assert (len(file.rows), file.faults) == (31, ())
    row = file.rows["3302Z1"]
    assert (row.line, row.short_name, row.kind, row.parent, row.weight, row.position) == (
        24,
        "市直",
        "sector",
        "330200",
        85,
        11,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_every_encoding_offices_save(encoding: str) -> None:
    text = case("org-zhejiang.csv").decode()
    assert read_org_file(text.encode(encoding)) == read_org_file(text.encode())


def test_reads_columns_in_any_order() -> None:
    turned = "\n".join(
        ",".join(reversed(line.split(","))) for line in [HEADER, "330000,省,省,province,federation,,,1,,"]
    )
    assert read_org_file(turned.encode()).rows["330000"].name == "省"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a b,甲,甲,city,federation,,,1,,", "第 2 行 code：代码“a b”"),
        (",甲,甲,city,federation,,,1,,", "第 2 行 code：缺少代码"),
        ("1,,甲,city,federation,,,1,,", "第 2 行 name：不能为空"),
        (f"1,{'长' * 121},甲,city,federation,,,1,,", "第 2 行 name：超过 120 个字"),
        (f"1,甲,{'长' * 41},city,federation,,,1,,", "第 2 行 short_name：超过 40 个字"),
        ("1,甲,甲,village,federation,,,1,,", "第 2 行 level：层级“village”不对"),
        ("1,甲,甲,city,club,,,1,,", "第 2 行 kind：类型“club”不对"),
        ("1,甲,甲,city,federation,,-1,1,,", "第 2 行 weight：“-1”不是"),
        ("1,甲,甲,city,federation,,,first,,", "第 2 行 order：“first”不是"),
        ("1,甲,甲,city,federation,,,1,2018-2-3,", "第 2 行 valid_from：日期“2018-2-3”"),
        ("1,甲,甲,city,federation,,,1,,2018-02-30", "第 2 行 valid_to：“2018-02-30”这一天不存在"),
        ("1,甲,甲,city,federation,,,1,2018-06-01,2018-05-31", "第 2 行 valid_to：失效日期早于生效日期"),
        ("1,甲,甲,city,federation,,,1,,,多", "第 2 行：格数多于列数"),
    ],
)
def test_names_what_is_wrong_in_a_row(line: str, said: str) -> None:
    [fault] = faults(line)
    assert fault.startswith(said)


def test_names_a_code_given_twice() -> None:
    row = "1,甲,甲,city,federation,,,1,,"
    assert faults(row, "", row) == ["第 4 行 code：代码 1 与第 2 行重复"]


def test_names_all_columns_that_are_missing_unknown_or_repeated() -> None:
    file = read_org_file(b"code,short_name,weight,order,valid_from,till,till\n")
    assert [str(fault.message) for fault in file.faults] == [
        "没有“till”这一列",
        "没有“till”这一列",
        *(f"缺少“{name}”列" for name in ("name", "level", "kind", "parent")),
        "“till”列出现了两次",
    ]


def test_refuses_more_rows_than_it_reads() -> None:
    lines = [HEADER, *(f"{number},甲,甲,city,federation,,,1,," for number in range(5))]
    with pytest.raises(UnreadableTable, match="超过 5 行"):
        read_org_file("\n".join(lines).encode(), TableLimits(rows=5))


def test_refuses_a_file_too_large() -> None:
    with pytest.raises(UnreadableTable, match="文件超过"):
        read_org_file(b"x" * 200, TableLimits(file_bytes=100))
