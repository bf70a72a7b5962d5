"""A test that did not run proves nothing: every skip and every expected failure is a failure here."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped (or expected to fail) test into a failed one."""
    return _refused((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a module that skips itself into one that fails."""
    return _refused((yield))


def _refused(report: Report) -> Report:
    if report.outcome == "skipped" or hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"not allowed to be skipped or to fail as expected: {report.longrepr}"
        vars(report).pop("wasxfail", None)
    return report
