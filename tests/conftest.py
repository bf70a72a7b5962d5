"""Names the plug-ins the tests stand on; each is one module in tests/support/."""

from __future__ import annotations

pytest_plugins = (
    "tests.support.closed_network",
    "tests.support.nothing_skipped",
    "tests.support.counted_examples",
    "tests.support.databases",
    "tests.support.memory",
    "tests.support.demonstration",
    "tests.support.browsers",
    "tests.support.buckets",
    "tests.support.web",
)
