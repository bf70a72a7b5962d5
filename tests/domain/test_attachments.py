"""Files are told apart by their first bytes, and names lose whatever could do harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.attachments import (
    LONGEST_NAME,
    Media,
    UnwelcomeFile,
    check_pdf,
    check_text,
    clean_name,
    media_of,
    office_media,
)

HEADS = {
    b"%PDF-1.7\n": Media.PDF,
    b"\x89PNG\r\n\x1a\n\0\0": Media.PNG,
    b"\xff\xd8\xff\xe1": Media.JPEG,
    b"RIFF\x10\0\0\0WEBPVP8 ": Media.WEBP,
    b"PK\x03\x04\x14\0": None,
}


@pytest.mark.parametrize(("head", "media"), HEADS.items(), ids=[str(media) for media in HEADS.values()])
def test_tells_a_file_by_its_first_bytes_whatever_its_name(head: bytes, media: Media | None) -> None:
    assert media_of(head, "花名册.exe") is media


def test_takes_text_only_under_a_csv_name() -> None:
    assert media_of("姓名".encode(), "花名册.CSV") is Media.CSV
    with pytest.raises(UnwelcomeFile, match="不收这种文件"):
        media_of("姓名".encode(), "花名册.txt")


REFUSED = {
    b"": "0 字节",
    b"\xd0\xcf\x11\xe0\xa1\xb1": "旧版",
    b"\0\0\0\x18ftypheic": "HEIC",
    b"MZ\x90\0": "不收这种文件",
    b"<html>": "不收这种文件",
    b"<svg xmlns": "不收这种文件",
    b"GIF89a": "不收这种文件",
    b"#!/bin/sh": "不收这种文件",
    b"Rar!\x1a\x07": "不收这种文件",
}


@pytest.mark.parametrize(("head", "said"), REFUSED.items(), ids=["".join(said) for said in REFUSED.values()])
def test_refuses_other_files_with_what_to_do_instead(head: bytes, said: str) -> None:
    with pytest.raises(UnwelcomeFile, match=said):
        media_of(head, "材料.pdf")


NAMES = {
    "../../etc/passwd": "passwd.pdf",
    r"C:\Users\某人\材料.PDF": "材料.pdf",
    "材料.pdf": "材料.pdf",
    "a\u202efdp.exe": "afdp.exe.pdf",
    "  . . ": "未命名.pdf",
    "": "未命名.pdf",
    "CON.pdf": "_CON.pdf",
    "nul": "_nul.pdf",
    'x"><script>.pdf': "x script .pdf".replace(" .", "."),
    "行\n换\r行.pdf": "行换行.pdf",
    "cafe\u0301.pdf": "caf\u00e9.pdf",
    "..pdf": "未命名.pdf",
}


@pytest.mark.parametrize(("given_name", "clean"), NAMES.items(), ids=[str(at) for at in range(len(NAMES))])
def test_cleans_names(given_name: str, clean: str) -> None:
    assert clean_name(given_name, Media.PDF) == clean


@given(st.text(max_size=400), st.sampled_from(Media))
def test_every_name_is_short_printable_and_ends_as_its_kind(name: str, media: Media) -> None:
    clean = clean_name(name, media)
    assert clean.endswith(f".{media}")
    assert len(clean) <= LONGEST_NAME + 6
    assert not set(clean) & set('/\\<>:"|?*\n\r\0')
    assert clean_name(clean, media) == clean


def test_keeps_only_one_ending_of_a_jpeg() -> None:
    assert clean_name("照片.JPEG", Media.JPEG) == "照片.jpg"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4 no end", "不完整"),
        (b"%PDF-1.4\n%%EOF\n" + b"x" * 3000, "夹带"),
        (b"%PDF-1.4\n%%EOF\nPK\x03\x04..PK\x05\x06" + b"\0" * 18, "压缩包"),
    ],
)
def test_refuses_a_pdf_with_something_behind_it(content: bytes, said: str) -> None:
    with pytest.raises(UnwelcomeFile, match=said):
        check_pdf(content)


@pytest.mark.parametrize(
    "content", [b"a,b\x00c", b"\x1b[31m", b" <!DOCTYPE html>", b"<script>", b"\xff\xff\xff"]
)
def test_refuses_text_that_is_no_table(content: bytes) -> None:
    with pytest.raises(UnwelcomeFile, match="CSV"):
        check_text(content)


def test_takes_text_as_older_offices_save_it() -> None:
    check_text("姓名,单位".encode("gb18030"))
    check_text("\ufeff姓名,单位\r\n".encode())


PARTS = ["[Content_Types].xml", "xl/workbook.xml"]


def test_tells_a_workbook_from_a_document() -> None:
    assert office_media(PARTS) is Media.XLSX
    assert office_media(["[Content_Types].xml", "word/document.xml"]) is Media.DOCX


@pytest.mark.parametrize("more", ["xl/vbaProject.bin", "word/embeddings/oleObject1.bin", "a/setup.EXE"])
def test_refuses_programs_inside_office_files(more: str) -> None:
    with pytest.raises(UnwelcomeFile, match="宏"):
        office_media([*PARTS, more])


@pytest.mark.parametrize("parts", [["a.txt"], ["xl/workbook.xml"], [*PARTS, "word/document.xml"]])
def test_refuses_any_other_archive(parts: list[str]) -> None:
    with pytest.raises(UnwelcomeFile, match="压缩包"):
        office_media(parts)
