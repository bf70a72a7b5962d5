"""A document written in either format is read back as the same document."""

from __future__ import annotations

import io
import string

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.lists import LISTS, case
from tests.features.programmes.files.lists import EVERY_FIELD, document_of
from tracker.domain.kinds import KIND_COMPARATORS, Comparator, Elapsed, EvidenceRule, Kind, target_decimals
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import LightRule, Stage
from tracker.features.programmes.files.formats import WRITERS, UnknownFormat, read_file, write_file
from tracker.services.programme_documents.document import Allocation, Document, IndicatorText, PledgeText

LARGEST = 10**15 - 1
FORMULAS = ("=1+1", "+1", "@x", "null", "~", "1500000", "0123", "true", "a: b", "- a", "#a", "_x0041_", "'")


def words(longest: int, *, multiline: bool = False) -> st.SearchStrategy[str]:
    """Text as people and mischief write it, trimmed as files are."""
    signs = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"], exclude_characters="；;\ufeff")
    signs = signs | st.just("\n") if multiline else signs
    made = st.text(signs, min_size=1, max_size=min(longest, 30)) | st.sampled_from(FORMULAS)
    return made.map(str.strip).filter(lambda text: bool(text) and len(text) <= longest)


codes = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=12)
tenths = st.integers(0, 1000)
plans = st.lists(tenths, min_size=11, max_size=11).map(lambda shares: (*sorted(shares), 1000))


@st.composite
def indicators(draw: st.DrawFn, code: str) -> IndicatorText:
    kind = draw(st.sampled_from(Kind))
    decimals = draw(st.integers(0, 4))
    figures = st.none() | st.integers(0, LARGEST)
    targets = {Kind.MILESTONE: st.sampled_from([1, None]), Kind.NARRATIVE: st.none()}.get(kind, figures)
    if kind is Kind.GROWTH:
        targets = st.none() | st.integers(-LARGEST, LARGEST)
    bases = figures if kind.facts.has_base else st.none()
    comparator = draw(st.sampled_from(sorted(KIND_COMPARATORS[kind])))
    pairs = st.tuples(targets, bases).filter(
        lambda pair: kind is not Kind.STOCK or pair[0] is None or pair[0] != pair[1]
    )
    target, base = draw(pairs)
    units = draw(st.dictionaries(codes, pairs, max_size=3))
    until = sorted(draw(st.sets(st.tuples(st.integers(2000, 2030), st.integers(1, 12)), max_size=3)))
    amounts = sorted(draw(st.lists(st.integers(0, LARGEST), min_size=len(until), max_size=len(until))))
    assert target_decimals(kind, decimals) <= 4
    return IndicatorText(
        code=code,
        name=draw(words(200)),
        kind=kind,
        measure=draw(words(20).filter(lambda text: not text[0].isdigit() and text[0] not in "万亿-+.,")),
        counting_rule=draw(st.just("") | words(4000, multiline=True)),
        decimals=decimals,
        comparator=comparator,
        is_aspiration=draw(st.booleans()),
        tolerance_tenths=draw(st.none() | tenths) if comparator is Comparator.ABOUT else None,
        target=target,
        base=base,
        plan=draw(st.none() | plans),
        stages=tuple(Stage(Month(*month), amount) for month, amount in zip(until, amounts, strict=True)),
        items=tuple(draw(st.lists(words(200), max_size=3, unique=True))) if kind is Kind.CHECKLIST else (),
        aligned=tuple(sorted(f"{key}-2018/x" for key in draw(st.sets(codes, max_size=2)))),
        evidence=draw(st.sampled_from(EvidenceRule)),
        last_year=draw(figures),
        allocations=tuple(
            Allocation(unit=unit, target=pair[0], base=pair[1]) for unit, pair in sorted(units.items())
        ),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    limits = sorted(draw(st.tuples(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))))
    names = draw(st.lists(codes, min_size=1, max_size=4, unique=True))
    numbers = sorted(draw(st.lists(st.integers(1, 9999), min_size=1, max_size=len(names), unique=True)))
    shares = [names[place :: len(numbers)] for place in range(len(numbers))]
    due_day = draw(st.integers(1, 31))
    return Document(
        publisher=draw(codes),
        year=draw(st.integers(2000, 2100)),
        slug=draw(st.just("") | st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)),
        title=draw(words(200)),
        reporting=draw(st.sampled_from(Rhythm)),
        due_day=due_day,
        close_day=draw(st.none() | st.integers(due_day, 31)),
        elapsed=draw(st.sampled_from(Elapsed)),
        own_level_counts=draw(st.booleans()),
        lights=LightRule(limits[1], limits[0]),
        pledges=tuple(
            PledgeText(
                number=number,
                title=draw(words(200)),
                lead=draw(words(60)),
                supporting=tuple(draw(st.lists(words(60), max_size=2))),
                indicators=tuple(draw(indicators(code)) for code in share),
            )
            for number, share in zip(numbers, shares, strict=True)
        ),
    )


def again(document: Document, ending: str) -> Document:
    return read_file(write_file(document, ending)).require_sound()


@given(documents())
def test_any_document_comes_back_from_yaml(document: Document) -> None:
    assert again(document, ".yaml") == document


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
