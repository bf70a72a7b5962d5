"""A file says which issue it claims to be, whatever the code of its publisher."""

from __future__ import annotations

import pytest

from tracker.features.bulletins.verification import claimed_serial


@pytest.mark.parametrize("key", ["330200-2018", "330200-2018-second", "330100_mz-2024"])
def test_finds_the_serial_of_every_key(key: str) -> None:
    assert claimed_serial(f'{{"serial":"{key}/2024-H1/2"}}'.encode()) == f"{key}/2024-H1/2"
    assert claimed_serial(f"<vt:lpwstr>{key}/2024/1</vt:lpwstr>".encode()) == f"{key}/2024/1"
