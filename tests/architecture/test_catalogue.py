"""The English catalogue says what the sentences say, and its rules can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import word_rules
from tests.architecture.copies import ROOT
from tools import words


@pytest.mark.parametrize("rule", [word_rules.obsolete, word_rules.mistaken, word_rules.still_chinese])
def test_the_catalogue_keeps(rule: word_rules.Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("%(name)s 已提交", "Submitted"),
        ("{name} 已提交", "{who} submitted"),
        ("完成 %(share)s%%", "%(share)s% done"),
        ("共 %(count)d 件", "%(count)s in all"),
        ("共 %(count)s 件", "[number:one|many] %(count)s"),
        ("没有", "100% none"),
    ],
)
def test_finds_english_that_cannot_be_filled_in(text: str, english: str) -> None:
    assert len(words.mistaken({text: english})) == 1


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("%(month)s月%(day)s日", "%(day)s [month:month]"),
        ("{count} 件，{count} 件", "{count} [count:pledge|pledges]"),
        ("下一步%(step)s", "Next: [step:lower]"),
        ("%(share)s%% 完成", "%(share)s%% done"),
    ],
)
def test_lets_english_order_choose_and_repeat(text: str, english: str) -> None:
    assert words.mistaken({text: english}) == []


def test_finds_what_is_obsolete_and_what_is_still_chinese(tmp_path: Path) -> None:
    (tmp_path / words.CATALOGUE).parent.mkdir(parents=True)
    words.write_catalogue(tmp_path, {"早已不用": "Long gone", "人": "一个人"})
    assert word_rules.obsolete(tmp_path) == ["obsolete: 人", "obsolete: 早已不用"]
    assert word_rules.still_chinese(tmp_path) == ["一个人"]


def test_writes_the_same_catalogue_from_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / words.CATALOGUE).parent.mkdir(parents=True)
    entries = {'说“好”\n"ok"': 'Say\n"ok" \\', "乙": "B ", "甲": ""}
    words.write_catalogue(tmp_path, entries)
    assert words.translations_of(tmp_path) == entries
    words.compile_catalogue(tmp_path)
    assert (tmp_path / words.CATALOGUE).with_suffix(".mo").read_bytes()
