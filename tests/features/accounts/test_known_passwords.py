"""The lists of known passwords: the shipped one is what its maker makes, an operator's longer one is looked up where it lies."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tools.common_passwords import LIST, common_passwords
from tracker.features.accounts import known_passwords
from tracker.features.accounts.known_passwords import KnownPasswords, UnusableList
from tracker.features.accounts.passwords import generate_password


def digest(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()


def test_ships_the_list_that_is_made() -> None:
    assert LIST.read_text(encoding="ascii").split() == common_passwords()
    assert len(common_passwords()) > 5_000


@pytest.mark.parametrize(
    "password", ["woaini1314520", "Password123!", "1qaz2wsx3edc", "Zonggonghui2018", "5201314woaini"]
)
def test_finds_what_many_have_used(password: str) -> None:
    assert KnownPasswords.load().has(password)


def test_finds_nothing_that_is_drawn_at_random() -> None:
    known = KnownPasswords.load()
    assert not any(known.has(generate_password()) for _ in range(200))


@pytest.mark.parametrize("ending", ["", ":17", ":17\r"])
def test_looks_up_a_sorted_file_of_digests(tmp_path: Path, ending: str) -> None:
    words = [f"leaked word number {number}" for number in range(997)]
    file = tmp_path / "digests.txt"
    file.write_text("".join(f"{each}{ending}\n" for each in sorted(map(digest, words))))
    known = KnownPasswords.load(str(file))
    assert all(known.has(word) for word in words)
    assert not any(known.has(f"{word} of mine") for word in words)


def test_reads_a_plain_file_but_no_endless_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "plain.txt"
    file.write_text("Our Office Word\n", encoding="utf-8")
    assert KnownPasswords.load(str(file)).has("our office word")
    monkeypatch.setattr(known_passwords, "LARGEST_PLAIN_FILE", 3)
    with pytest.raises(UnusableList, match="SHA-1"):
        KnownPasswords.load(str(file))
