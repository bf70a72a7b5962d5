"""Files are judged before they are taken: pictures lose where they were made, hostile ones are refused in time."""

from __future__ import annotations

import io
import resource
import time
from dataclasses import replace

import pytest
from PIL import Image

from tests.factories.files import (
    CSV,
    GPS,
    OFFICE_PARTS,
    ORIENTATION,
    PDF,
    archive,
    document,
    huge_png,
    picture,
    workbook,
)
from tracker.domain.attachments import LARGEST_FILE, Media, UnwelcomeFile
from tracker.features.evidence.intake import PICTURE_LIMITS, look_at, look_at_picture

KINDS = {"JPEG": Media.JPEG, "PNG": Media.PNG, "WEBP": Media.WEBP}
SECONDS = 5
TAIL = b"PK\x03\x04<script>alert(1)</script>"


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_loses_where_and_with_what_it_was_made(kind: str) -> None:
    sent = picture(kind)
    taken = look_at("现场.bin", sent)
    assert taken.media is KINDS[kind]
    assert taken.content == sent
    for told in (b"SecretPhone", b"SecretRemark"):
        assert told not in taken.shown
    kept = Image.open(io.BytesIO(taken.shown))
    assert (kept.getexif().get_ifd(GPS), dict(kept.getexif())) == ({}, {})
    assert kept.convert("RGB").tobytes() == Image.open(io.BytesIO(sent)).convert("RGB").tobytes()


def test_the_planted_picture_does_tell_where_it_was_made() -> None:
    assert Image.open(io.BytesIO(picture("JPEG"))).getexif().get_ifd(GPS)[1] == "N"
    assert b"SecretPhone" in picture("PNG")


@pytest.mark.parametrize("kind", KINDS)
def test_a_turned_picture_stays_turned_and_its_preview_stands_upright(kind: str) -> None:
    taken = look_at("现场", picture(kind, turned=6))
    assert dict(Image.open(io.BytesIO(taken.shown)).getexif()) == {ORIENTATION: 6}
    assert taken.preview is not None
    small = Image.open(io.BytesIO(taken.preview))
    assert (small.format, small.size, dict(small.getexif())) == ("PNG", (48, 64), {})


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_hides_behind_a_picture_is_gone(kind: str) -> None:
    taken = look_at("现场", picture(kind) + TAIL)
    assert TAIL not in taken.shown
    again = look_at("现场", taken.shown)
    assert (again.content, again.cleaned) == (taken.shown, None)


def test_counts_what_a_list_names() -> None:
    titled = "6月培训花名册\n序号,姓名,单位\n1,张三,海曙\n2,李四,海曙\n\n合计,2,\n".encode("gb18030")
    assert look_at("花名册.csv", titled).row_count == 2
    assert look_at("花名册.csv", CSV).row_count == 1
    assert look_at("台账.xlsx", workbook()).row_count == 1
    assert look_at("通知.pdf", PDF).row_count is None
    assert look_at("坏引号.csv", b'a,"b\nc\n').row_count is None


def test_takes_papers_and_tables_as_they_are() -> None:
    for name, content, media in (
        ("通知", PDF, Media.PDF),
        ("花名册.csv", CSV, Media.CSV),
        ("台账.zip", workbook(), Media.XLSX),
        ("总结", document(), Media.DOCX),
    ):
        taken = look_at(name, content)
        assert (taken.media, taken.content, taken.cleaned, taken.preview) == (media, content, None, None)


BOMB = archive(OFFICE_PARTS | {"word/media/zeros.xml": b"\0" * 40_000_000})
MANY = archive(OFFICE_PARTS | {f"word/{number}.xml": b"" for number in range(2_100)})
HOSTILE = {
    "nothing": (b"", "0 字节"),
    "too long": (b"%PDF-" + b"0" * LARGEST_FILE, "超过 20 MB"),
    "plain zip": (archive({"a.txt": b"a"}), "压缩包"),
    "zip bomb": (BOMB, "压缩得不正常|展开后太大|不允许"),
    "many parts": (MANY, "部件太多"),
    "cut zip": (document()[:60], "已损坏"),
    "entities": (document(word__rels_dot_xml=b"<!DOCTYPE x [<!ENTITY a 'a'>]>"), "DTD"),
    "macros": (document(word__vbaProject_dot_bin=b"x"), "宏"),
    "huge picture": (huge_png(60_000, 60_000), "像素太多"),
    "long thin picture": (huge_png(50_000, 10), "像素太多"),
    "picture without pixels": (huge_png(800, 800), "已损坏"),
    "cut picture": (picture()[:200], "已损坏"),
    "picture in name only": (b"\xff\xd8\xff" + b"A" * 500, "已损坏"),
    "webp in name only": (b"RIFF\x10\0\0\0WEBP" + b"\0" * 40, "已损坏"),
    "web page as table": (b"<html><script>", "不收|CSV"),
}


@pytest.mark.parametrize(("content", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_refuses_hostile_files_soon(content: bytes, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(UnwelcomeFile, match=said):
        look_at("花名册.csv", content)
    assert time.monotonic() - began < SECONDS


def test_refuses_a_moving_picture() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    made = io.BytesIO()
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(UnwelcomeFile, match="动图"):
        look_at("动图.webp", made.getvalue())


def test_a_picture_that_costs_too_much_memory_is_refused_and_nothing_else_happens() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plain = io.BytesIO()
    Image.new("L", (12_000, 4_000)).save(plain, "PNG")
    tight = replace(PICTURE_LIMITS, memory_bytes=90 * 2**20)
    with pytest.raises(UnwelcomeFile, match="太大"):
        look_at_picture(plain.getvalue(), Media.PNG, tight)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 2**10


def test_a_picture_that_takes_too_long_is_stopped() -> None:
    hasty = replace(PICTURE_LIMITS, wait_seconds=0)
    with pytest.raises(UnwelcomeFile, match="太大"):
        look_at_picture(picture(), Media.JPEG, hasty)


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutated_picture_crashes_or_keeps_its_place(kind: str) -> None:
    sent = bytearray(picture(kind))
    for at in range(2, len(sent), max(1, len(sent) // 24)):
        mutated = bytes(sent[:at]) + bytes((sent[at] ^ 0xFF,)) + bytes(sent[at + 1 :])
        try:
            taken = look_at("现场", mutated)
        except UnwelcomeFile:
            continue
        assert b"SecretPhone" not in taken.shown
