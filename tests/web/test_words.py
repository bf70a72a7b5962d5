"""Languages, messages from below, and how templates write figures, days and time left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, get_flashed_messages

from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tracker.domain.messages import Message
from tracker.web import filters
from tracker.web.i18n import translate

pytestmark = on_sqlite
NOON = datetime(2018, 6, 30, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN", "zh-CN"),
        ("zh-TW,zh;q=0.9", "zh-CN"),
        ("en-GB,en;q=0.8", "en"),
        ("fr", "zh-CN"),
    ],
)
def test_takes_the_first_language_it_has(visitor: StrictClient, accepted: str, language: str) -> None:
    page = visitor.get("/login", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{language}">' in page


def test_keeps_the_language_somebody_chose(visitor: StrictClient) -> None:
    assert '<html lang="en">' in visitor.get("/login?lang=en").text
    assert '<html lang="en">' in visitor.get("/login").text
    assert '<html lang="zh-CN">' in visitor.get("/login?lang=zh_Hans_CN").text
    assert '<html lang="zh-CN">' in visitor.get("/login?lang=klingon").text


def test_puts_messages_within_messages_into_words(app: Flask) -> None:
    with app.test_request_context("/login"):
        inner = Message("{year}年{month}月", {"year": 2018, "month": 6})
        assert translate(Message("{period} 已经 100% 报齐", {"period": inner})) == "2018年6月 已经 100% 报齐"
        assert get_flashed_messages() == []


def test_writes_figures_and_percents(app: Flask) -> None:
    with app.test_request_context("/login"):
        assert filters.grouped(1_520_000) == "1,520,000"
        assert filters.compact(1_520_000) == "152万"
        assert filters.exact(12_345, 2) == "123.45"
        assert filters.percent(1013) == "101.3%"
        assert [filters.grouped(None), filters.percent(None), filters.exact(None)] == ["—", "—", ""]


def test_writes_days_and_moments_in_shanghai(app: Flask) -> None:
    with app.test_request_context("/login"):
        assert filters.moment(NOON) == "6月30日 18:00"
        assert filters.moment(NOON, with_year=True) == "2018年6月30日 18:00"
        assert filters.day(datetime(2018, 6, 30, 16, tzinfo=UTC)) == "7月1日"
        assert filters.day(date(2018, 7, 5)) == "7月5日"
        assert [filters.day(None), filters.moment(None)] == ["—", "—"]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2, hours=7, minutes=30), "还有 2 天 7 小时"),
        (timedelta(days=3), "还有 3 天"),
        (timedelta(hours=5), "还有 5 小时"),
        (timedelta(minutes=40), "还有 40 分钟"),
        (timedelta(0), "还有 0 分钟"),
        (timedelta(days=-2), "逾期 2 天"),
        (timedelta(minutes=-1), "逾期 1 分钟"),
    ],
)
def test_says_how_much_time_is_left(app: Flask, left: timedelta, words: str) -> None:
    with app.test_request_context("/login"):
        assert filters.time_left(NOON + left, NOON) == words
