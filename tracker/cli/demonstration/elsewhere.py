"""Beside Ningbo: the provincial list that cities' lists feed, three other cities of 2018, Huzhou 2024 and 2025."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracker.cli.demonstration import lists, sheets
from tracker.cli.demonstration.sheets import Place
from tracker.cli.demonstration.stage import Entry, entry, on

PROVINCE: Final = "330000-2018"
CITIES: Final = {"330100": "hangzhou", "330300": "wenzhou", "330500": "huzhou"}
"""Further cities with a small list (样例) → how their files begin."""
WUXING: Final = Place("330502", "2018-07", "330500-2018")


def provincial_list() -> Iterator[Entry]:
    """Announced before the cities' lists, which feed it."""
    yield entry(on(1, 10), lists.draft_list, "zhejiang-2018.yaml")
    yield entry(on(1, 12), lists.publish_list, PROVINCE)


def elsewhere() -> Iterator[Entry]:
    """Lists and figures of the other cities; Huzhou's neighbouring years."""
    file = lists.read_figures("cities-2018-figures.csv")
    for code, name in CITIES.items():
        yield entry(on(1, 16), lists.draft_list, f"{name}-2018.yaml")
        yield entry(on(1, 16, 14), lists.publish_list, f"{code}-2018")
        own = [row for row in file.rows if row.org_unit[:4] == code[:4]]
        for month in range(1, 8):
            rows = [row for row in own if row.period == f"2018-{month:02d}"]
            yield entry(on(month + 1, 6, 8, 30), lists.bring_in, f"{code}-2018", rows, file.digest)
    yield entry(on(8, 3, 9, 50), sheets.type_in, WUXING)
    yield entry(on(8, 3, 11, 10), sheets.hand_in, WUXING)
    yield entry(on(8, 6, 10, 5), sheets.sign_off, WUXING)
    results = lists.read_figures("huzhou-2024-figures.csv")
    for year in (2024, 2025):
        yield entry(on(1, 17), lists.draft_list, f"huzhou-{year}.yaml")
        yield entry(on(1, 17, 14), lists.publish_list, f"330500-{year}")
    yield entry(on(1, 18), lists.bring_in, "330500-2024", results.rows, results.digest)
