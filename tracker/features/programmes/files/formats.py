"""Reading and writing programme files of either format; the bytes tell which one a file is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tracker.domain.messages import Refusal
from tracker.features.programmes.files import layout
from tracker.features.programmes.files.nodes import Findings
from tracker.features.programmes.files.rules import check_rules
from tracker.features.programmes.files.schema import Reading, read_document
from tracker.features.programmes.files.xlsx_reader import read_xlsx
from tracker.features.programmes.files.xlsx_writer import write_xlsx
from tracker.features.programmes.files.yaml_reader import read_yaml
from tracker.features.programmes.files.yaml_writer import write_yaml
from tracker.services.programme_documents.document import Document
from tracker.services.tables.reading import ARCHIVE, OLD_WORKBOOK

WRITERS: Final[Mapping[str, Callable[[Document, Sequence[str]], bytes]]] = {
    ".yaml": write_yaml,
    ".yml": write_yaml,
    ".xlsx": write_xlsx,
}


class UnknownFormat(Refusal):
    """The ending names no format we write."""


def read_file(content: bytes) -> Reading:
    """The list in a file, its own faults noted and not yet raised: what it refers to is checked after.

    Raises UnreadableFile, UnreadableTable or Faults when it cannot be read as a list at all.
    """
    findings = Findings()
    is_workbook = content.startswith((ARCHIVE, OLD_WORKBOOK))
    node = read_xlsx(content, findings) if is_workbook else read_yaml(content, findings)
    reading = read_document(node, findings)
    check_rules(reading)
    return reading


def write_file(document: Document, ending: str, *, seal: str | None = None) -> bytes:
    """The document in the format of a file ending such as ``.xlsx``. Raises UnknownFormat.

    ``seal`` is the newest one as ``NUMBER:DIGEST``; it is printed beside the list and no part of it.
    """
    writer = WRITERS.get(ending.lower())
    if writer is None:
        raise UnknownFormat("文件名要以 {known} 结尾", known=" ".join(WRITERS))
    return writer(document, () if seal is None else (f"{layout.ANCHOR_LABEL} {seal}", layout.ANCHOR_TOLD))
