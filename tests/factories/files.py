"""Small files of every kind that is taken, and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from openpyxl import Workbook
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
CSV = "姓名,单位\n张三,海曙\n".encode()
LATITUDE = (29.0, 52.0, 1.25)
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), turned: int = 1) -> bytes:
    """A picture that tells where it was taken, with what, and which side is up."""
    made = Image.new("RGB", size, (180, 40, 40))
    made.paste((20, 60, 160), (0, 0, size[0] // 2, size[1] // 2))
    noted = Image.Exif()
    noted[MAKER] = "SecretPhone"
    noted[ORIENTATION] = turned
    noted.get_ifd(GPS)[1], noted.get_ifd(GPS)[2] = "N", LATITUDE
    content = io.BytesIO()
    made.save(content, kind, exif=noted, **({"comment": b"SecretRemark"} if kind == "JPEG" else {}))
    return content.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few hundred bytes that say they are a very large picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def workbook() -> bytes:
    """A workbook with one row."""
    made = Workbook()
    made.active.append(["单位", 17600])
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    """A ZIP of these parts, packed tightly."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, body in parts.items():
            made.writestr(name, body)
    return content.getvalue()


OFFICE_PARTS = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}


def document(**more: bytes) -> bytes:
    """A Word document, with further parts (``__`` stands for a slash, ``_`` before the ending for a dot)."""
    extra = {"/".join(name.split("__")).replace("_dot_", "."): body for name, body in more.items()}
    return archive(OFFICE_PARTS | extra)
