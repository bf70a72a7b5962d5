"""The child process that looks at a picture: standard input to standard output, inside limits it sets itself.

Started by path in Python's isolated mode, so it imports nothing of ours. It answers with a line of JSON, the
picture without anything but pixels, colours and its upright side (no location, no camera, no remarks, nothing
behind its end), and a small PNG made anew from the pixels.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator

from PIL import Image, ImageOps

ORIENTATION = 0x0112
UPRIGHT = 1
FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
PNG_MARK = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"sBIT",
        b"bKGD",
        b"pHYs",
        b"IDAT",
        b"IEND",
    )
)
WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
WEBP_METADATA_FLAGS = 0b00001110  # EXIF, XMP, animation
STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))
SCAN, END_OF_PICTURE, START_OF_PICTURE = 0xDA, 0xD9, 0xD8
JPEG_KEPT = frozenset((*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xE0, 0xE2, 0xEE))
"""Frames, tables, JFIF, the colour profile and Adobe's colour mark; other APPn and remarks go."""


class Refused(Exception):
    """The picture breaks a rule; the code is one the parent knows a sentence for."""


def main() -> None:
    """Answer one line of JSON, then the cleaned picture and its preview where it was not refused."""
    limits = json.loads(sys.argv[1])
    _limit_process(limits["memory_bytes"], limits["cpu_seconds"])
    content = sys.stdin.buffer.read()
    cleaned = preview = b""
    try:
        cleaned, preview = _look(content, sys.argv[2], limits)
        answer: dict[str, object] = {"cleaned": len(cleaned), "preview": len(preview)}
    except Refused as refused:
        answer = {"refused": str(refused)}
    except MemoryError:
        answer = {"refused": "too_large"}
    except Exception:  # noqa: BLE001 (whatever a hostile picture breaks is unreadable, no more)
        answer = {"refused": "unreadable"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + cleaned + preview)


def _limit_process(memory_bytes: int, cpu_seconds: int) -> None:
    """No more memory and time than this, no file written, no core left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _look(content: bytes, kind: str, limits: dict[str, int]) -> tuple[bytes, bytes]:
    """Sizes first, then the container, then the pixels of what will be stored."""
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(content), formats=[FORMATS[kind]]) as picture:
        width, height = picture.size
        _require(width * height <= limits["pixels"], "too_many_pixels")
        _require(max(width, height) <= limits["side"], "too_many_pixels")
        _require(getattr(picture, "n_frames", 1) == 1, "moving")
        turned = _turned(picture)
    cleaned = {"png": _clean_png, "jpg": _clean_jpeg, "webp": _clean_webp}[kind](content, turned)
    return cleaned, _draw_preview(cleaned, kind, limits["preview_side"])


def _require(is_met: bool, refusal: str) -> None:
    if not is_met:
        raise Refused(refusal)


def _turned(picture: Image.Image) -> int:
    """Which side is up, as Exif counts (1 to 8); whatever else stands there means upright."""
    noted = picture.getexif().get(ORIENTATION)
    return noted if isinstance(noted, int) and noted in range(UPRIGHT, 9) else UPRIGHT


def _draw_preview(content: bytes, kind: str, side: int) -> bytes:
    with Image.open(io.BytesIO(content), formats=[FORMATS[kind]]) as picture:
        picture.draft("RGB", (side * 2, side * 2))
        picture.load()
        small = picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
        turned = _turned(picture)
    small.thumbnail((side, side))
    small.getexif()[ORIENTATION] = turned
    upright = ImageOps.exif_transpose(small)
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    made = io.BytesIO()
    plain.save(made, "PNG", optimize=True)
    return made.getvalue()


def _clean_png(content: bytes, turned: int) -> bytes:
    """The chunks that make the picture, up to its end. An upright side noted in Exif is kept."""
    kept, is_noted = [PNG_MARK], turned == UPRIGHT
    for name, chunk in _png_chunks(content):
        if name == b"IDAT" and not is_noted:
            kept.append(_png_chunk(b"eXIf", _orientation(turned)))
            is_noted = True
        if name in PNG_KEPT:
            kept.append(chunk)
        if name == b"IEND":
            return b"".join(kept)
    raise Refused("unreadable")


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_MARK)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        end = at + 12 + length
        _require(end <= len(content), "unreadable")
        yield content[at + 4 : at + 8], content[at:end]
        at = end


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _clean_jpeg(content: bytes, turned: int) -> bytes:
    """The segments that make the picture, up to its end; of Exif only the upright side."""
    kept = [b"\xff\xd8"]
    is_noted = turned == UPRIGHT
    at = 2
    while at < len(content):
        marker, at = _jpeg_marker(content, at)
        if marker == END_OF_PICTURE:
            return b"".join([*kept, b"\xff\xd9"])
        if marker in STANDALONE:
            kept.append(bytes((0xFF, marker)))
            continue
        _require(marker != START_OF_PICTURE and at + 2 <= len(content), "unreadable")
        end = at + int.from_bytes(content[at : at + 2], "big")
        _require(at + 2 <= end <= len(content), "unreadable")
        if not is_noted and marker != 0xE0:
            kept.append(_exif_segment(turned))
            is_noted = True
        if marker in JPEG_KEPT and _is_plain(marker, content[at + 2 : end]):
            kept.append(bytes((0xFF, marker)) + content[at:end])
        elif marker == SCAN:
            stop = _end_of_scan(content, end)
            kept.append(b"\xff\xda" + content[at:stop])
            end = stop
        at = end
    raise Refused("unreadable")


def _jpeg_marker(content: bytes, at: int) -> tuple[int, int]:
    """The next marker and the place behind it; fill bytes are passed over."""
    _require(content[at] == 0xFF, "unreadable")
    while at < len(content) and content[at] == 0xFF:
        at += 1
    _require(at < len(content), "unreadable")
    return content[at], at + 1


def _is_plain(marker: int, body: bytes) -> bool:
    """APP2 only as a colour profile (not as further pictures), APP0 only as JFIF (not with its own thumbnail)."""
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0")
    if marker == 0xE0:
        return body.startswith(b"JFIF\0") and len(body) == 14
    return marker != 0xEE or body.startswith(b"Adobe")


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the coded pixels end: at a marker that is neither stuffed nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        _require(0 <= at < len(content) - 1, "unreadable")
        follower = content[at + 1]
        if follower not in (0x00, 0xFF) and follower not in STANDALONE:
            return at
        at += 1 if follower == 0xFF else 2


def _exif_segment(turned: int) -> bytes:
    body = b"Exif\0\0" + _orientation(turned)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _orientation(turned: int) -> bytes:
    """A TIFF block that holds nothing but the upright side."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, turned, 0, 0)


def _clean_webp(content: bytes, turned: int) -> bytes:
    """The chunks that make the picture; flags say that metadata is gone. A turned one keeps only that."""
    size = int.from_bytes(content[4:8], "little") + 8
    _require(12 < size <= len(content) + 1, "unreadable")
    kept = [(name, body) for name, body in _webp_chunks(content[:size]) if name in WEBP_KEPT]
    is_turned = turned != UPRIGHT and any(name == b"VP8X" for name, _ in kept)
    if is_turned:
        kept.append((b"EXIF", _orientation(turned)))
    parts = [
        _webp_chunk(name, _webp_flags(body, is_turned) if name == b"VP8X" else body) for name, body in kept
    ]
    joined = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(joined)) + joined


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        _require(at + 8 + length <= len(content), "unreadable")
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_flags(body: bytes, is_turned: bool) -> bytes:
    flags = body[0] & ~WEBP_METADATA_FLAGS & 0xFF | (0b1000 if is_turned else 0)
    return bytes((flags,)) + body[1:]


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


if __name__ == "__main__":
    main()
