"""Languages, messages from below, and how templates write figures, days and time left."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, get_flashed_messages

from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tools.words import ROOT, compile_catalogue
from tracker.domain.messages import Fault, Message
from tracker.domain.prose import show_with_measure
from tracker.web import filters
from tracker.web.i18n import amount_text, translate
from tracker.web.punctuation import clauses, fault_text, labelled, listed

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


def test_offers_the_other_language_on_every_page(visitor: StrictClient) -> None:
    offered = re.compile(r'<a class="tool[^"]*" href="([^"]*)" lang="en"')
    for path, place in {
        "/login?next=/targets": "/login?next=%2Ftargets&amp;lang=en",
        "/没有": "/%E6%B2%A1%E6%9C%89?lang=en",
    }.items():
        assert offered.findall(visitor.get(path).text) == [place]
    wrong = visitor.submit("/login", {}, headers={"Referer": "http://localhost/login?next=/&lang=zh_Hans_CN"})
    assert wrong.status_code == 422
    assert offered.findall(wrong.text) == ["/login?next=%2F&amp;lang=en"]
    elsewhere = visitor.submit("/login", {}, headers={"Referer": "http://elsewhere.example/login"})
    assert offered.findall(elsewhere.text) == ["/?lang=en"]


def test_writes_days_amounts_and_lists_as_english_does(app: Flask) -> None:
    compile_catalogue(ROOT)
    amount = show_with_measure(1_520_000, decimals=0, measure="人次")
    with app.test_request_context("/login", headers={"Accept-Language": "en"}):
        assert filters.day(date(2018, 7, 5)) == "5 July"
        assert filters.moment(NOON, with_year=True) == "30 June 2018, 18:00"
        assert filters.time_left(NOON + timedelta(days=1), NOON) == "1 day left"
        assert amount_text(amount) == "1,520,000 人次"
        assert translate(
            Message("现为 {actual}，不符合目标（{bound}）。", {"actual": amount, "bound": "≥ 1"})
        ) == ("Now 1,520,000 人次, which does not meet the target (≥ 1).")
        assert listed(["象山", "宁海"]) == "象山, 宁海"
        assert labelled("Late", clauses(["one", "two"])) == "Late: one; two"
        assert fault_text(Fault("第 3 行, value", Message("不能为空"))) == "row 3, value: Must not be empty"
    with app.test_request_context("/login"):
        assert amount_text(amount) == "152万人次"
        assert fault_text(Fault("第 3 行, value", Message("不能为空"))) == "第 3 行, value：不能为空"


def test_tells_the_meanings_of_one_word_apart(app: Flask) -> None:
    compile_catalogue(ROOT)
    template = app.jinja_env.from_string(
        "{{ _('通过') }} {{ _('通过‖经过') }} {{ _('%(count)s 件', count=one) }}"
    )
    with app.test_request_context("/login"):
        assert template.render(one=1) == "通过 通过 1 件"
    with app.test_request_context("/login", headers={"Accept-Language": "en"}):
        assert template.render(one=1) == "Accept Accepted 1 pledge"
        assert "2 pledges" in template.render(one=2)
        escaped = app.jinja_env.from_string("{{ _('%(count)s 件', count='<b>') }}")
        assert escaped.render() == "&lt;b&gt; pledges"


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
