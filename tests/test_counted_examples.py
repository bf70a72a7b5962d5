"""The examples of property tests are counted from what Hypothesis says."""

from __future__ import annotations

from tests.support.counted_examples import count_examples

SAID = """
  - during reuse phase (0.01 seconds):
    - 3 passing, 0 failing, and 0 invalid test cases
  - during generate phase (0.20 seconds):
    - 97 passing, 0 failing, and 4 invalid test cases
"""


def test_adds_up_the_phases_of_a_test() -> None:
    assert count_examples(SAID) == 100


def test_counts_nothing_where_nothing_passed() -> None:
    assert count_examples("0 passing, 1 failing, and 0 invalid test cases") == 0
