"""A document written in either format is read back as the same document."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given, settings

from tests.factories.lists import LISTS, case
from tests.features.programmes.files.any_list import documents
from tests.features.programmes.files.lists import EVERY_FIELD, document_of
from tracker.features.programmes.files.formats import WRITERS, UnknownFormat, read_file, write_file
from tracker.services.programme_documents.document import Document


def again(document: Document, ending: str) -> Document:
    return read_file(write_file(document, ending)).require_sound()


@settings(max_examples=60)
@given(documents())
def test_any_document_comes_back_from_yaml(document: Document) -> None:
    assert again(document, ".yaml") == document


@settings(max_examples=20)
@given(documents())
def test_any_document_comes_back_from_a_workbook(document: Document) -> None:
    assert again(document, ".xlsx") == document


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("name", [*LISTS, "every field"])
def test_every_real_list_comes_back(name: str, ending: str) -> None:
    text = EVERY_FIELD if name == "every field" else case(f"{name}.yaml").decode()
    document = document_of(text)
    assert again(document, ending) == document


@pytest.mark.parametrize("ending", WRITERS)
def test_writes_equal_documents_as_equal_files(ending: str) -> None:
    document = document_of(EVERY_FIELD)
    assert write_file(document, ending) == write_file(again(document, ending), ending)


def test_writes_no_formula_and_real_numbers() -> None:
    document = document_of(EVERY_FIELD.replace("互助保障", '"=1+1"', 1))
    book = openpyxl.load_workbook(io.BytesIO(write_file(document, ".xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type in ("s", "n") for cell in cells)
    assert 1_500_000 in [cell.value for cell in cells]
    assert "=1+1" in [cell.value for cell in cells]


def test_refuses_another_ending() -> None:
    with pytest.raises(UnknownFormat, match="yaml"):
        write_file(document_of(EVERY_FIELD), ".pdf")
