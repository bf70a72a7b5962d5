"""What lists announce in words is refused as a target with what to write instead of it."""

from __future__ import annotations

import pytest

from tests.features.programmes.files.lists import faults_of, with_indicator
from tracker.features.programmes.files.formats import read_file


@pytest.mark.parametrize(
    ("announced", "said"),
    [
        ("150余万", "目标只写 150万，比较符写“>”"),
        ("6.4万多人次", "目标只写 6.4万人次，比较符写“>”"),
        ("超过1.25万人次", "目标只写 1.25万人次，比较符写“>”"),
        ("500人次以上", "目标只写 500人次，比较符写“>=”"),
        ("不少于5万人次", "目标只写 5万人次，比较符写“>=”"),
        ("≥85", "目标只写 85，比较符写“>=”"),
        ("1.5万人次左右", "目标只写 1.5万人次，比较符写“~”"),
        ("约6000", "目标只写 6000，比较符写“~”"),
        ("近2亿", "目标只写 2亿，比较符写“~”"),
        ("控制在4以内", "比较符写“<=”"),
        ("不超过3", "目标只写 3，比较符写“<=”"),
        ("低于3", "目标只写 3，比较符写“<”"),
        ("力争20万人次", "目标只写 20万人次，“力争”写成 aspiration: true"),
        ("力争20万以上", "目标只写 20万，比较符写“>=”"),
        ("力争达到500人次以上", "目标只写 500人次，比较符写“>=”"),
        ("达600", "请用数字写：600"),
        ("3-5", "目标只写下限"),
        ("5000至6000人次", "目标只写下限"),
        ("１万～２万", "目标只写下限"),
        ("每年不少于500", "目标是全年的总数"),
        ("户均2", "目标是全年的总数"),
        ("每季度12场", "目标是全年的总数"),
        ("全覆盖", "在 items 列出名称"),
        ("100%覆盖、全部建成", "在 items 列出名称"),
        ("全国前列", "类型写 narrative"),
        ("应援尽援", "类型写 narrative"),
        ("千万人次", "请用数字写：1000万人次"),
        ("百", "请用数字写：100"),
        ("4.82‰", "写成 0.482"),
    ],
)
def test_says_how_to_write_what_was_announced(announced: str, said: str) -> None:
    [fault] = faults_of(with_indicator(f"target: {announced!r}"))
    assert "indicators[0].target（" in fault
    assert said in fault


@pytest.mark.parametrize("wrong", ["近万", "一百二十", "1,52万", "1.5.2", "abc", "‰", "以上", "a至b", "12.5"])
def test_says_what_is_wrong_with_the_number_where_no_word_is_to_blame(wrong: str) -> None:
    [fault] = faults_of(with_indicator(f"target: {wrong!r}"))
    assert f"“{wrong}”" in fault
    assert "比较符" not in fault


@pytest.mark.parametrize("kind", ["ratio", "growth"])
def test_refuses_a_rate_in_thousandths(kind: str) -> None:
    text = with_indicator(f'kind: {kind}\nmeasure: "‰"\ntarget: 4.82')
    faults = faults_of(text.replace("target: 4.82", "decimals: 2\n        target: 4.82"))
    assert ["比率按百分数计" in fault for fault in faults] == [True]
    in_percent = with_indicator(f'kind: {kind}\nmeasure: "%"\ndecimals: 3\ntarget: 0.482%')
    assert read_file(in_percent.encode()).require_sound().pledges[0].indicators[0].target == 482
