"""YAML is read as text only, and everything clever in it is refused."""

from __future__ import annotations

import pytest

from tests.features.programmes.files.lists import PLAIN, document_of, faults_of
from tracker.features.programmes.files import yaml_reader
from tracker.features.programmes.files.nodes import Findings, Mapped, Scalar, UnreadableFile
from tracker.features.programmes.files.yaml_reader import read_yaml


def fields_of(text: str) -> dict[str, tuple[str, bool]]:
    node = read_yaml(text.encode(), Findings())
    assert isinstance(node, Mapped)
    return {
        name: (value.text, value.is_null) for name, value in node.fields.items() if isinstance(value, Scalar)
    }


def test_reads_every_scalar_as_text() -> None:
    text = "a: 39.5\nb: no\nc: =\nd: 0o17\ne: 2018-06\nf: null\ng: 'null'\nh:\ni: ~\nj: 1_000"
    assert fields_of(text) == {
        "a": ("39.5", False),
        "b": ("no", False),
        "c": ("=", False),
        "d": ("0o17", False),
        "e": ("2018-06", False),
        "f": ("null", True),
        "g": ("null", False),
        "h": ("", True),
        "i": ("~", True),
        "j": ("1_000", False),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: 又一个\n" + PLAIN, "title（第 6 行）：写了两次"),
        (PLAIN.replace("title: 实事", "title: &name 实事"), "title（第 5 行）：不能用锚点"),
        (PLAIN.replace("title: 实事", "title: !!str 实事"), "title（第 5 行）：不能用标签"),
        (PLAIN.replace("title: 互助", "title: *name"), "pledges[0].title（第 11 行）：不能用别名"),
        (PLAIN + "<<: {a: b}\n", "<<（第 15 行）：没有“<<”这个字段"),
        (PLAIN + "? [a]\n: b\n", "第 2 行：字段名只能是文字"),
    ],
)
def test_notes_what_a_list_must_not_use(text: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in faults_of(text)), faults_of(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "没有内容"),
        (b"# nothing\n", "没有内容"),
        (b"a: [", "第 "),
        (b"a: 1\n b: 2", "第 2 行"),
        (b"a: 1\n---\nb: 2", "一份清单"),
        (b"a: \x00", "不允许的字符"),
        ("标题: 实事".encode("gb18030"), "UTF-8"),
        (b"[" * 50 + b"]" * 50, "层数"),
        (b"x" * (yaml_reader.LARGEST_FILE + 1), "超过 2 MB"),
    ],
)
def test_refuses_a_file_it_cannot_read(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read_yaml(content, Findings())


def test_refuses_more_values_than_a_list_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_reader, "MOST_NODES", 10)
    with pytest.raises(UnreadableFile, match="太多"):
        read_yaml(b"[1,2,3,4,5,6,7,8,9,10,11]", Findings())


def test_reads_a_byte_order_mark() -> None:
    assert document_of("\ufeff" + PLAIN) == document_of(PLAIN)
