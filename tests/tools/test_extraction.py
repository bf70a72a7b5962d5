"""The extractor finds sentences wherever they are written, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.extract import extract_from_dir

from tools.extraction import extract_python

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """
def f() -> None:
    _("第一句")
    _l("第二句")
    raise PeriodClosed("第三句 {day}", day=1)
    Fault("LOGIN", Message("第四句"))
    messages.Message("第五句")
    sentence("第六句")
    super().__init__("第七句")
    Right(EVERY_ROLE, Reach.EVERYONE, "第八句")
    _("：")
    print("不是句子")
    _(variable)
    Setting("no chinese")
"""


def test_finds_sentences_in_markers_messages_and_refusals() -> None:
    found = [
        text for _line, _function, text, _comments in extract_python(io.BytesIO(SOURCE.encode()), (), (), {})
    ]
    assert sorted(found) == sorted(
        ["第一句", "第二句", "第三句 {day}", "第四句", "第五句", "第六句", "第七句", "第八句", "："]
    )


def test_reads_every_template_and_module_of_ours() -> None:
    methods = [("tracker/**.py", "tools.extraction:extract_python"), ("templates/**.html", "jinja2")]
    found = {text for _file, _line, text, _comments, _context in extract_from_dir(ROOT, methods)}
    assert {"登录", "工作台", "这张表单缺少防重复标记，请刷新页面后再试。"} <= found
