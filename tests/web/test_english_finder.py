"""What looks for Chinese on English pages finds it, and leaves data and what says it is Chinese alone."""

from __future__ import annotations

from tests.web.english import chinese_of


def test_finds_chinese_that_is_not_data() -> None:
    page = """<html lang="en"><title>宁波 · 总览</title><p title="滞后">宁波 is behind<br>x</p><a lang="zh-CN">中文</a>
        <input value="宁波" placeholder="请填写"><textarea>随便写</textarea><svg><use href="#a"/></svg><p>宁波：9</p>"""
    assert chinese_of(page, {"宁波", "波"}) == ["· · 总览", "滞后", "请填写", "·：9"]
