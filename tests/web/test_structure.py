"""Every page as every role, and every template in each of its states, is built so that all can find their way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask

from tests.factories.people import MadePerson, signed_in_client
from tests.support.databases import Copies, on_sqlite
from tests.support.look_app import PAGES, create_look_app
from tests.support.strict_client import StrictClient
from tests.support.structure import faults_of
from tests.support.web import app_on
from tests.web.matrix import address
from tests.web.matrix_table import TABLE
from tests.web.world import PRINCIPALS, build_world
from tracker.services.ledger.folding import try_fold
from tracker.web.current import real_now


class Place(NamedTuple):
    """The application and everybody in it."""

    app: Flask
    people: dict[str, MadePerson]


@pytest.fixture(scope="module")
def place(database_copies: Copies) -> Iterator[Place]:
    with database_copies() as database:
        app = app_on(database)
        with database.session() as session:
            people = build_world(session)
            try_fold(session, real_now())
            session.commit()
        yield Place(app, people)


@on_sqlite
def test_every_page_of_every_role_can_be_found_through(place: Place) -> None:
    addresses = dict.fromkeys(address(place.app, line) for line in TABLE if line.method == "GET")
    wrong: dict[str, str] = {}
    for principal in PRINCIPALS:
        person = place.people.get(principal)
        client = signed_in_client(place.app, person.account_id) if person else StrictClient(place.app)
        for path in addresses:
            answer = client.get(path)
            if answer.mimetype == "text/html" and answer.status_code // 100 != 3:
                for fault in faults_of(answer.text):
                    wrong.setdefault(fault, f"{principal} {path} {answer.status_code}")
            answer.close()
    assert wrong == {}


@pytest.mark.parametrize("name", PAGES)
def test_every_template_can_be_found_through_in_each_of_its_states(name: str) -> None:
    page = create_look_app().test_client().get(f"/look/{name}")
    assert faults_of(page.text) == []


SOUND = (
    '<!doctype html><html lang="zh-CN"><head><title>页 · 实事通</title></head><body><a class="skip" href="#main">跳</a>'
    '<nav aria-label="主导航"><a href="/" aria-current="page">首页</a></nav><main id="main"><h1>页</h1>{}</main></body></html>'
)
PLANTED = {
    "2 × h1": "<h1>又一个</h1>",
    "h3 below h1: 跳级": "<h3>跳级</h3>",
    "empty h2": "<h2></h2>",
    "id twice: a": '<p id="a"></p><p id="a"></p>',
    "input without a label: q": '<input name="q">',
    "select without a label: s": '<label for="s2">甲</label><select name="s" id="s"></select><p id="s2"></p>',
    "label for nothing: nowhere": '<label for="nowhere">甲</label>',
    "input aria-describedby points to nothing: hint": '<input aria-label="甲" aria-describedby="hint">',
    "link to nothing: #nowhere": '<a href="#nowhere">去</a>',
    "a without words: /x": '<a href="/x"><svg aria-hidden="true"></svg></a>',
    "button without words: ": '<button type="button"><span aria-hidden="true">×</span></button>',
    "button of no kind: 做": "<button>做</button>",
    "picture without words: x.png": '<img src="x.png">',
    "drawing without words": '<svg role="img"></svg>',
    "table without a caption: t": '<table class="t"><tr><th scope="row">甲</th></tr></table>',
    "table without heads: t": '<table class="t"><caption>表</caption><tr><td>1</td></tr></table>',
    "head of nothing: 甲": "<table><caption>表</caption><tr><th>甲</th></tr></table>",
    "p with style or script inside": '<p style="color:red">红</p>',
    "div changes the order of focus": '<div tabindex="3">甲</div>',
    "item outside a list: 甲": "<div><li>甲</li></div>",
    "fieldset without a legend: f": '<fieldset id="f"></fieldset>',
    "nav without a name of its own: 主导航": '<nav aria-label="主导航"></nav>',
    "2 current places in 旁": '<nav aria-label="旁"><a href="/a" aria-current="page">甲</a><a href="/b" aria-current="page">乙</a></nav>',
}  # fmt: skip


def test_finds_nothing_where_nothing_is_wrong() -> None:
    well = (
        '<h2>节</h2><h3>小节</h3><label for="q">问</label><input id="q" name="q" aria-describedby="h"><p id="h">提示</p>'
        '<label>答<input name="r"></label><input type="hidden" name="t"><button type="submit">送</button>'
        '<table><caption>表</caption><tr><th scope="row">甲</th><td>1</td></tr></table><div aria-hidden="true"><a href="/x"></a></div>'
    )
    assert faults_of(SOUND.format(well)) == []


@pytest.mark.parametrize(("fault", "planted"), PLANTED.items())
def test_finds_each_planted_fault(fault: str, planted: str) -> None:
    assert fault in faults_of(SOUND.format(planted))


def test_finds_what_a_whole_page_lacks() -> None:
    found = faults_of("<html><head><title> · 实事通</title></head><body><a href='/'>首页</a></body></html>")
    assert {"0 × h1", "0 × main", "no language", "no title", "no way past the bar"} <= set(found)
