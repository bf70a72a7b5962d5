"""Profiles of passwords: every fault at once, patterns found, waits that grow, and no list that finds strangers' good passwords."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from tracker.domain.identity import Role
from tracker.domain.password_policy import (
    ASVS,
    MLPS,
    PROFILES,
    cores,
    is_among,
    is_pattern,
    kinds_in,
    password_faults,
)


def told(policy_name: str, password: str, *, is_listed: bool = False) -> str:
    found = password_faults(
        PROFILES[policy_name], password, login="wangfang", name="王芳", is_listed=is_listed
    )
    return "；".join(str(message) for message in found)


def test_knows_the_profiles_that_the_settings_know() -> None:
    assert set(PROFILES) == set(config.POLICIES)
    assert MLPS.second_factor == {Role.ADMIN, Role.AUDITOR, Role.REVIEWER}
    assert ASVS.second_factor == frozenset()


def test_names_every_fault_at_once() -> None:
    words = told("mlps", "wangfang")
    for part in ("至少要有 12 个字符", "至少要有 3 种", "自己的账号或姓名"):
        assert part in words
    assert "太常见" in told("mlps", "Lan-Tian-Bai-Yun-7", is_listed=True)


@pytest.mark.parametrize("password", ["correct horse battery", "蓝天白云下面有一匹马在跑", "x7 vq9 lm2 pd4"])
def test_asks_no_kinds_of_characters_under_asvs(password: str) -> None:
    assert told("asvs", password) == ""


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "qwertyuiopas",
        "poiuytrewqlk",
        "1qaz2wsx3edc",
        "cba" * 5,
    ],
)
def test_sees_patterns(password: str) -> None:
    assert is_pattern(password)


@pytest.mark.parametrize(
    ("password", "listed"),
    [
        ("Woaini1314520", "woaini"), ("P@ssw0rd2018!", "password"), ("!!Gonghui2018", "gonghui"),
        ("Ｐａｓｓｗｏｒｄ１２", "password"), ("Qwe123456789!", "qwe123456789"),
    ],
)  # fmt: skip
def test_sees_a_listed_word_behind_a_few_digits_and_signs(password: str, listed: str) -> None:
    assert is_among(password, {listed})


@given(st.text(min_size=1, max_size=40))
def test_takes_what_is_not_on_the_list(password: str) -> None:
    assert not is_among(password, ())
    assert not is_among(password + "-horse battery staple-" + password, {"password"})
    assert 0 <= kinds_in(password) <= 4
    assert all(cores(password))


def test_waits_grow_and_stay_at_the_last() -> None:
    for policy in PROFILES.values():
        waits = [policy.wait_after(wrong) for wrong in range(12)]
        assert waits == sorted(waits)
        assert waits[: policy.tries] == [timedelta(0)] * policy.tries
        assert waits[policy.tries] > timedelta(0)
        assert waits[-1] == policy.waits[-1]


def test_ages_passwords_under_mlps_only() -> None:
    changed = datetime(2018, 1, 1, tzinfo=UTC)
    assert MLPS.ends_at(changed) == datetime(2018, 4, 1, tzinfo=UTC)
    assert ASVS.ends_at(changed) is None
