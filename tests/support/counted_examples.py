"""How the property tests run: by what they find, never by how long a busy machine takes; and how many examples they tried."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

STATISTICS = "_hypothesis_stats"  # where Hypothesis leaves them on a report, across processes too
PASSING = re.compile(r"(\d+) passing, ")


def count_examples(statistics: str) -> int:
    """The examples that passed, added up over the phases of one test."""
    return sum(int(found) for found in PASSING.findall(statistics))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print tests and examples of everything that ran here."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    told = [text for report in reports if (text := getattr(report, STATISTICS, None))]
    if told:
        examples = sum(count_examples(text) for text in told)
        terminalreporter.write_line(f"{len(told)} property tests tried {examples} examples")
