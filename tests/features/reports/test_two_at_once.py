"""Two people at one sheet: rows of one merge by themselves, both values of a row are shown, nothing is overwritten unseen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.districts import World, only
from tests.factories.sheet_site import GOOD, SHEET, Site, build_site, fill, open_sheet, send
from tests.support.filled_forms import form_fields
from tests.support.strict_client import StrictClient
from tracker.domain.identity import Role
from tracker.models.account import Person
from tracker.models.audit import AuditEntry
from tracker.models.report import Line

JSON = {"Accept": "application/json"}


@pytest.fixture
def site(app: Flask) -> Site:
    return build_site(app, only("enrolments", "members", "sites", "hotline"))


@pytest.fixture
def colleague(site: Site) -> StrictClient:
    """A second reporter of the same unit."""
    with site.database.session() as session:
        known = World.again(session).person(Role.REPORTER, "330203", name="李四")
        session.commit()
    return site.browser(known)


def typed(page: str, **changed: Any) -> dict[str, Any]:
    """A page's fields after these were typed."""
    return form_fields(page) | {name.replace("__", "-"): [value] for name, value in changed.items()}


def autosave(client: StrictClient, fields: dict[str, Any]) -> Any:
    """What the page is told when it saves itself."""
    answer = client.submit(SHEET, fields, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def on_file(site: Site) -> dict[str, list[str]]:
    """The sheet's fields as a fresh page shows them."""
    return form_fields(open_sheet(site.browser(site.reporter)))


def pick(answer: str, side: str) -> dict[str, Any]:
    """The choice between the two values of the only clash on a page."""
    found = re.search(rf'name="(pick-[^"]+)" value="({side}\.[0-9a-f]+)"', answer)
    assert found is not None
    return {found[1]: [found[2]]}


def test_the_page_saves_itself_and_learns_its_new_versions(site: Site) -> None:
    client = site.browser(site.reporter)
    fields = typed(open_sheet(client), line__enrolments__value="17600")
    kept = autosave(client, fields)
    assert re.fullmatch(r"\d\d:\d\d 已自动保存", kept["saved_text"])
    assert (kept["clashes"], kept["taken"], kept["faults"]) == ([], [], [])
    again = fields | {name: [kept[name]] for name in ("version", "seen")}
    again |= {"line-enrolments-value": ["17700"], "line-enrolments-cumulative": [""]}
    assert autosave(client, again)["clashes"] == []
    assert on_file(site)["line-enrolments-value"] == ["17,700"]


def test_saving_again_after_a_lost_answer_is_no_clash(site: Site) -> None:
    client = site.browser(site.reporter)
    fields = typed(open_sheet(client), line__enrolments__value="17600")
    autosave(client, fields)
    assert autosave(client, fields)["clashes"] == []


def test_rows_only_one_of_them_touched_merge_by_themselves(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    autosave(colleague, typed(theirs, line__members__value="310"))
    kept = autosave(client, typed(mine, line__enrolments__value="17600"))
    assert kept["clashes"] == []
    assert [one["place"] for one in kept["taken"]] == ["members"]
    assert kept["taken"][0]["fields"]["line-members-value"] == ["310"]
    assert "李四" in kept["taken"][0]["html"]
    assert "310" in kept["taken"][0]["html"]
    fields = on_file(site)
    assert fields["line-enrolments-value"] == ["17,600"]
    assert fields["line-members-value"] == ["310"]


def test_a_row_both_changed_shows_both_and_waits_for_a_choice(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    autosave(colleague, typed(theirs, line__enrolments__value="17600", line__enrolments__note="已核"))
    sent = typed(mine, line__enrolments__value="17000", line__members__value="310")
    kept = autosave(client, sent)
    [clash] = kept["clashes"]
    assert clash["anchor"] == "row-enrolments"
    for words in ("李四", "17,600（已核）", "17,000"):
        assert words in clash["html"]
    assert on_file(site)["line-enrolments-value"] == ["17,600"]
    assert on_file(site)["line-members-value"] == ["310"]
    again = sent | {name: [kept[name]] for name in ("version", "seen")}
    assert len(autosave(client, again)["clashes"]) == 1, "a second save without a choice overwrites nothing"
    chosen = autosave(client, again | pick(clash["html"], "mine"))
    assert chosen["clashes"] == []
    assert on_file(site)["line-enrolments-value"] == ["17,000"]


def test_choosing_the_other_value_keeps_it_and_shows_it(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    autosave(colleague, typed(theirs, line__enrolments__value="17600"))
    sent = typed(mine, line__enrolments__value="17000")
    [clash] = autosave(client, sent)["clashes"]
    chosen = autosave(client, sent | pick(clash["html"], "theirs"))
    assert chosen["clashes"] == []
    assert chosen["taken"][0]["fields"]["line-enrolments-value"] == ["17,600"]
    assert on_file(site)["line-enrolments-value"] == ["17,600"]


def test_a_choice_does_not_overwrite_a_third_value(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    first = autosave(colleague, typed(theirs, line__enrolments__value="17600"))
    sent = typed(mine, line__enrolments__value="17000")
    [clash] = autosave(client, sent)["clashes"]
    tokens = {name: [first[name]] for name in ("version", "seen")}
    autosave(colleague, typed(theirs, line__enrolments__value="17800") | tokens)
    [again] = autosave(client, sent | pick(clash["html"], "mine"))["clashes"]
    assert "17,800" in again["html"]
    assert on_file(site)["line-enrolments-value"] == ["17,800"]


def test_both_are_told_of_a_value_that_was_overwritten(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    first = autosave(colleague, typed(theirs, line__enrolments__value="17600"))
    sent = typed(mine, line__enrolments__value="17000")
    [clash] = autosave(client, sent)["clashes"]
    autosave(client, sent | pick(clash["html"], "mine"))
    tokens = {name: [first[name]] for name in ("version", "seen")}
    told = autosave(
        colleague, typed(theirs, line__enrolments__value="17600", line__members__value="1") | tokens
    )
    [taken] = told["taken"]
    assert "现在是 17,000，原来是 17,600" in taken["html"]
    assert "reporter-330203" in taken["html"]
    with site.database.read_session() as session:
        entries = "".join(filter(None, session.scalars(select(AuditEntry.after))))
    assert '"value":17600' in entries
    assert '"value":17000' in entries


def test_narratives_of_two_people_are_shown_beside_each_other(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    text = next(name for name in form_fields(mine) if name.endswith("-problems"))
    autosave(colleague, typed(theirs, line__enrolments__value="1") | {text: ["进度慢"]})
    [clash] = autosave(client, form_fields(mine) | {text: ["人手少"]})["clashes"]
    assert "进度慢" in clash["html"]
    assert "人手少" in clash["html"]
    assert clash["anchor"] == text
    autosave(client, form_fields(mine) | {text: ["人手少"]} | pick(clash["html"], "mine"))
    assert on_file(site)[text] == ["人手少"]


def test_without_scripts_the_page_shows_both_values_and_saves_nothing_yet(
    site: Site, colleague: StrictClient
) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    send(colleague, theirs, line__enrolments__value="17600", line__members__value="310")
    answer = send(client, mine, line__enrolments__value="17000", line__hotline__note="全年受理")
    assert answer.status_code == 409
    fields = form_fields(answer.text)
    assert fields["line-enrolments-value"] == ["17000"]
    assert fields["line-hotline-note"] == ["全年受理"]
    assert fields["line-members-value"] == ["310"]
    assert "17,600" in answer.text
    assert "李四" in answer.text
    assert 'href="#pick-enrolments"' in answer.text
    assert 'id="pick-enrolments"' in answer.text
    unpicked = send(client, answer.text)
    assert unpicked.status_code == 409
    picked = client.submit(SHEET, form_fields(answer.text) | pick(answer.text, "mine"))
    assert picked.status_code == 303
    kept = on_file(site)
    assert kept["line-enrolments-value"] == ["17,000"]
    assert kept["line-members-value"] == ["310"]
    assert kept["line-hotline-note"] == ["全年受理"]


def test_without_scripts_merged_rows_are_told(site: Site, colleague: StrictClient) -> None:
    client = site.browser(site.reporter)
    mine, theirs = open_sheet(client), open_sheet(colleague)
    send(colleague, theirs, line__members__value="310")
    assert send(client, mine, line__enrolments__value="17600").status_code == 303
    assert "同时改了“会员总数”，现在是 310，已合并" in open_sheet(client)


def test_what_was_handed_in_meanwhile_is_told_with_what_was_typed(
    site: Site, colleague: StrictClient
) -> None:
    client = fill(site, **GOOD, line__members__value="300", line__sites__item_count="2")
    mine = open_sheet(client)
    form = form_fields(open_sheet(colleague, f"{SHEET}/check")) | {"confirmed": "y"}
    assert colleague.submit(f"{SHEET}/submit", form).status_code == 303
    answer = send(client, mine, line__enrolments__value="17000")
    assert answer.status_code == 409
    assert "您填的 17,000 没有保存" in answer.text


def test_a_slip_of_the_pen_keeps_the_rest_saving(site: Site) -> None:
    client = site.browser(site.reporter)
    sent = typed(open_sheet(client), line__enrolments__value="约1万", line__members__value="310")
    kept = autosave(client, sent)
    assert [one["field"] for one in kept["faults"]] == ["line-enrolments-value"]
    assert on_file(site)["line-members-value"] == ["310"]
    assert on_file(site)["line-enrolments-value"] == [""]


def test_rows_that_were_not_sent_stay_as_they_are(site: Site) -> None:
    client = fill(site, **GOOD)
    drawn = form_fields(open_sheet(client))
    part = {name: value for name, value in drawn.items() if not name.startswith("line-")}
    assert client.submit(SHEET, part | {"line-members-value": ["310"]}).status_code == 303
    assert on_file(site)["line-enrolments-value"] == ["17,600"]


def test_says_who_typed_what_where_several_did(site: Site, colleague: StrictClient) -> None:
    client = fill(site, line__enrolments__value="17600")
    assert "sheet-typist" not in open_sheet(client)
    send(colleague, open_sheet(colleague), line__members__value="310")
    page = open_sheet(client)
    assert re.search(r'sheet-typist">李四 \d+月\d+日 \d\d:\d\d 填', page)
    assert re.search(r'sheet-typist">reporter-330203 \d+月\d+日', page)
    with site.database.read_session() as session:
        rows = session.execute(select(Line.typed_at).join(Person, Person.id == Line.typed_by_id)).all()
    assert sum(row.typed_at is not None for row in rows) >= 2
