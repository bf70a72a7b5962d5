"""Lists of any kind: every kind, comparator, measure, stage, part, item and null a file can hold, as people and mischief write them."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, cycle, product

from hypothesis import strategies as st

from tracker.domain.kinds import KIND_COMPARATORS, Comparator, Elapsed, EvidenceRule, Kind, target_decimals
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import LightRule, Stage
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


ADDED_UP = frozenset({Kind.FLOW, Kind.STOCK, Kind.KEPT})
"""Kinds whose parts can be declared complete and then add up in targets."""


@st.composite
def indicators(draw: st.DrawFn, code: str, unit_codes: st.SearchStrategy[str]) -> IndicatorText:
    """One indicator whose fields keep the rules of its kind."""
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
    units = draw(st.dictionaries(unit_codes, pairs, max_size=3))
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


def with_parts(draw: st.DrawFn, found: tuple[IndicatorText, ...]) -> tuple[IndicatorText, ...]:
    """The indicators of a pledge, some with parts (其中) after them: two that add up, or one that need not."""
    made: list[IndicatorText] = []
    for whole in found:
        shape = draw(st.sampled_from(["none", "open", "unsaid", "complete"]))
        part = replace(
            whole, code=f"{whole.code}_a", part_of=whole.code, base=None, allocations=(), aligned=()
        )
        if shape == "none":
            made.append(whole)
        elif shape == "complete" and whole.kind in ADDED_UP and whole.target is not None:
            first = draw(st.integers(0, whole.target))
            rest = replace(part, code=f"{whole.code}_b", target=whole.target - first)
            made += [replace(whole, parts_complete=True), replace(part, target=first), rest]
        else:
            made += [replace(whole, parts_complete=None if shape == "unsaid" else False), part]
    return tuple(made)


@st.composite
def documents(
    draw: st.DrawFn,
    publishers: st.SearchStrategy[str] = codes,
    unit_codes: st.SearchStrategy[str] = codes,
    *,
    is_aligned: bool = True,
) -> Document:
    """A whole list; ``is_aligned``: its indicators may feed those of higher lists."""
    limits = sorted(draw(st.tuples(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))))
    names = draw(st.lists(codes, min_size=1, max_size=4, unique=True))
    numbers = sorted(draw(st.lists(st.integers(1, 9999), min_size=1, max_size=len(names), unique=True)))
    shares = [names[place :: len(numbers)] for place in range(len(numbers))]
    due_day = draw(st.integers(1, 31))
    return Document(
        publisher=draw(publishers),
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
                indicators=with_parts(
                    draw,
                    tuple(
                        one if is_aligned else replace(one, aligned=())
                        for one in (draw(indicators(code, unit_codes)) for code in share)
                    ),
                ),
            )
            for number, share in zip(numbers, shares, strict=True)
        ),
    )


def every_combination(publisher: str, units: tuple[str, str]) -> Document:
    """One list with each kind under each of its comparators, with and without a number, everything else in turn."""
    made = list(_combinations(units))
    return Document(
        publisher=publisher,
        year=2018,
        title="各类指标",
        reporting=Rhythm.QUARTER,
        due_day=10,
        own_level_counts=True,
        pledges=tuple(
            PledgeText(
                number=number + 1,
                title=f"第{number + 1}件",
                lead="办公室",
                indicators=tuple(made[number::10]),
            )
            for number in range(10)
        ),
    )


def _combinations(units: tuple[str, str]) -> Iterator[IndicatorText]:
    numbers, places = count(1), cycle(range(5))
    plans, evidence = cycle([None, (*range(0, 1000, 91), 1000), None]), cycle(EvidenceRule)
    for kind, has_target, has_more in product(Kind, (True, False), (True, False)):
        for comparator in sorted(KIND_COMPARATORS[kind]):
            decimals, number = next(places), next(numbers)
            target = (
                {Kind.MILESTONE: 1, Kind.NARRATIVE: None}.get(kind, 1000 + number) if has_target else None
            )
            base = 500 + number if kind.facts.has_base and has_more else None
            yield IndicatorText(
                code=f"i{number}",
                name=f"指标{number}",
                kind=kind,
                measure="%" if kind.facts.is_rate else "人次",
                counting_rule="原文“约”\n两行" if has_more else "",
                decimals=decimals,
                comparator=comparator,
                is_aspiration=not has_more,
                tolerance_tenths=number if comparator is Comparator.ABOUT and has_more else None,
                target=target,
                base=base,
                plan=next(plans),
                stages=(Stage(Month(2018, 12), 10), Stage(Month(2022, 6), 20))
                if has_more and number % 2
                else (),
                items=("练市镇", "双林镇") if kind is Kind.CHECKLIST and has_more else (),
                evidence=next(evidence),
                last_year=number if has_target else None,
                allocations=(
                    Allocation(unit=units[0], target=target, base=base),
                    Allocation(unit=units[1], target=None, base=None),
                )
                if has_more
                else (),
            )
