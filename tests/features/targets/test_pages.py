"""The matrix and its pages: what is typed comes back, two editors see each other, nobody sees more than theirs."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.decomposition import (
    DISTRICTS,
    MATRIX,
    TARGETS,
    TODAY,
    Decomposition,
    board_of,
    plant_decomposition,
    send,
)
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import plant_indicator, plant_list, plant_tree, put_targets
from tests.support.filled_forms import form_fields
from tests.support.statements import counted_statements
from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.identity import Identity
from tracker.features.targets.content import WHOLE, Place
from tracker.features.targets.own_list import choose_list
from tracker.models.allocation import AllocationDraft
from tracker.models.audit import AuditEntry
from tracker.models.programme import Target
from tracker.services.programme_heads import find_head

BUDGET = 15
UNIT = f"{MATRIX}/330203"


def page_of(client: StrictClient, address: str = MATRIX) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.text


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def count(world: Decomposition, model: type) -> int:
    with world.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def divide(world: Decomposition, **changed: str) -> StrictClient:
    """The reviewer's browser after the whole table was divided by weight."""
    client = world.browser(world.reviewer)
    assert send(client, page_of(client), then="weight", **changed).status_code == 303
    return client


def issue(client: StrictClient, *, reason: str = "", address: str = MATRIX, at: str = "") -> None:
    form = form_fields(page_of(client, f"{address}/check{at}"))
    answer = client.submit(f"{address}/check{at}", form | {"reason": [reason], "confirmed": ["y"]})
    assert answer.status_code == 303


@pytest.mark.parametrize("address", [MATRIX, f"{MATRIX}/check", UNIT, f"{UNIT}/history/flow-1"])
def test_keeps_within_its_budget_at_eleven_by_thirty(app: Flask, address: str) -> None:
    world = plant_decomposition(app, rows=30)
    client = divide(world)
    issue(client, reason="年初分解")
    with counted_statements(world.database) as sent:
        assert client.get(address).status_code == 200
    assert len(sent) <= BUDGET, "\n".join(sent)


def test_divides_by_weight_without_scripts_and_shows_what_is_typed(world: Decomposition) -> None:
    name = world.cell("flow-1", "330203")
    client = divide(world, **{name: "4万"})
    fields = form_fields(page_of(client))
    assert fields[name] == ["40,000"]
    numbers = [int(fields[world.cell("flow-1", code)][0].replace(",", "")) for code in DISTRICTS]
    assert sum(numbers) == 100_000
    page = page_of(client)
    cell = re.search(rf'<td class="([^"]*)"[^>]*>\s*<input[^>]*id="{name}"', page)
    assert cell is not None
    assert "matrix-typed" in cell[1]


def test_divides_one_row_and_leaves_the_others(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    flow = str(world.indicators["flow-1"])
    send(client, page_of(client), then="equal", scope=flow)
    fields = form_fields(page_of(client))
    assert fields[world.cell("flow-1", "330203")] == ["9,091"]
    assert fields[world.cell("flow-2", "330203")] == [""]


def test_tells_once_why_rows_cannot_be_divided(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    send(client, page_of(client), then="last_year")
    assert text_of(page_of(client)).count("没有各单位上年实绩") == 1


def test_leads_from_a_unit_without_children_to_its_own_targets(world: Decomposition) -> None:
    page = page_of(world.browser(world.reviewer), f"{MATRIX}?at=330204")
    assert "没有可以分解的目标" in page
    assert f'href="{MATRIX}/330204"' in page


def test_fills_up_a_gap_by_its_own_button(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    send(client, page_of(client), then="stay", **{world.cell("flow-1", "330203"): "3"})
    assert "缺口 99,997" in text_of(page_of(client))
    send(client, page_of(client), then=f"weight:{world.indicators['flow-1']}")
    assert "缺口" not in text_of(page_of(client))


def test_gives_back_everything_typed_with_every_fault_at_its_cell(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    typed = {
        world.cell("flow-1", "330203"): "约4万",
        world.cell("flow-1", "330204"): "2.5",
        world.cell("flow-2", "330203"): "不承担",
        "weight-330205": "很多",
    }
    answer = send(client, page_of(client), then="stay", **typed)
    assert answer.status_code == 422
    fields = form_fields(answer.text)
    assert {name: fields[name][0] for name in typed} == typed
    assert answer.text.count('aria-invalid="true"') == 3
    assert "有 3 处要改" in answer.text
    assert count(world, AllocationDraft) == 0


def test_a_longer_text_than_a_cell_holds_is_a_fault(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    answer = send(client, page_of(client), then="stay", **{world.cell("flow-1", "330203"): "1" * 65})
    assert answer.status_code == 422
    assert send(client, page_of(client), then="stay", planted="1").status_code == 422


def test_two_editors_see_both_values_and_lose_nothing(world: Decomposition) -> None:
    first, second = world.browser(world.reviewer), world.browser(world.second)
    mine, theirs = page_of(second), page_of(first)
    both, only_first, only_second = (world.cell("flow-1", code) for code in DISTRICTS[:3])
    send(first, theirs, then="stay", **{both: "100", only_first: "200"})
    answer = send(second, mine, then="stay", **{both: "1万", only_second: "300"})
    assert answer.status_code == 409
    fields = form_fields(answer.text)
    assert [fields[name][0] for name in (both, only_first, only_second)] == ["1万", "200", "300"]
    assert "对方存为 100" in answer.text
    assert send(second, answer.text, then="stay").status_code == 303
    kept = form_fields(page_of(first))
    assert [kept[name][0] for name in (both, only_first, only_second)] == ["10,000", "200", "300"]


def test_faults_survive_a_meeting_of_two_editors(world: Decomposition) -> None:
    first, second = world.browser(world.reviewer), world.browser(world.second)
    mine = page_of(second)
    send(first, page_of(first), then="stay", **{world.cell("flow-1", "330204"): "200"})
    answer = send(second, mine, then="stay", **{world.cell("flow-1", "330203"): "许多"})
    assert answer.status_code == 409
    assert form_fields(answer.text)[world.cell("flow-1", "330203")] == ["许多"]


def test_saves_by_itself_and_the_page_can_still_be_sent(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    page, name = page_of(client), world.cell("flow-1", "330203")
    saved = send(client, page, then="auto", **{name: "4万"})
    assert (saved.status_code, saved.json["version"].partition(".")[0]) == (200, "1")  # type: ignore[index]
    again = send(client, page, then="stay", **{name: "4万", world.cell("flow-1", "330204"): "5"})
    assert again.status_code == 303  # the page's own token is older, but it already holds what was saved
    refused = send(client, page_of(client), then="auto", **{name: "约4万"})
    assert refused.status_code == 422
    assert "1 格要改" in refused.json["message"]  # type: ignore[index]


def test_saving_by_itself_is_told_of_another_editor(world: Decomposition) -> None:
    first, second = world.browser(world.reviewer), world.browser(world.second)
    mine = page_of(second)
    send(first, page_of(first), then="stay", **{world.cell("flow-1", "330203"): "100"})
    answer = send(second, mine, then="auto", **{world.cell("flow-1", "330203"): "200"})
    assert answer.status_code == 409
    assert "有人改过" in answer.json["message"]  # type: ignore[index]


def test_changes_the_publishers_own_target(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    send(client, page_of(client), then="stay", **{world.cell("flow-1", WHOLE): "12万"})
    issue(client, reason="职代会决定")
    with world.database.read_session() as session:
        place = Place(world.indicators["flow-1"], WHOLE)
        assert board_of(session).in_force[place].value == 120_000
    assert "职代会决定" in page_of(client, f"{MATRIX}/330200/history/flow-1")


def test_ticks_who_takes_part_in_a_milestone(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    name = world.cell("opened", "330203")
    send(client, page_of(client), then="stay", **{name: "y"})
    issue(client)
    with world.database.read_session() as session:
        assert board_of(session).in_force[Place(world.indicators["opened"], "330203")].stated == (
            True,
            1,
            None,
        )
    page = form_fields(page_of(client))
    assert name in page
    page.pop(name)
    send(client, page_of(client), then="stay", **{name: ""})


def test_keeps_bases_beside_targets_and_refuses_a_target_equal_to_its_base(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    target, base = world.cell("members", "330203"), f"base-{world.indicators['members']}-330203"
    equal = send(client, page_of(client), then="stay", **{target: "400", base: "400"})
    assert equal.status_code == 422
    assert "目标不能等于基数" in equal.text
    send(client, page_of(client), then="stay", **{target: "400"})
    assert "没有填年初基数，达到目标之前不能评判：" in page_of(client, f"{MATRIX}/check")
    send(client, page_of(client), then="stay", **{target: "400", base: "100"})
    assert "没有填年初基数" not in page_of(client, f"{MATRIX}/check")
    issue(client, reason="先定一个区")
    with world.database.read_session() as session:
        assert board_of(session).in_force[Place(world.indicators["members"], "330203")].stated == (
            True,
            400,
            100,
        )


def test_the_check_shows_each_change_and_asks_for_a_tick_and_a_reason(world: Decomposition) -> None:
    client = world.browser(world.reviewer)
    send(
        client,
        page_of(client),
        then="stay",
        **{world.cell("flow-1", "330203"): "10", world.cell("flow-2", "330203"): "/"},
    )
    page = page_of(client, f"{MATRIX}/check")
    assert "缺口 99,990" in page
    assert "将改动 1 项目标，涉及 1 家单位" in page
    form = form_fields(page)
    assert client.submit(f"{MATRIX}/check", form).status_code == 422
    unexplained = client.submit(f"{MATRIX}/check", form | {"confirmed": ["y"]})
    assert unexplained.status_code == 422
    assert "请写明理由" in unexplained.text
    assert count(world, Target) == len(TARGETS) + 3


def test_issuing_twice_issues_once(world: Decomposition) -> None:
    client = divide(world)
    form = form_fields(page_of(client, f"{MATRIX}/check")) | {"confirmed": ["y"], "reason": ["年初"]}
    first = client.submit(f"{MATRIX}/check", form, key="k" * 24)
    same = client.submit(f"{MATRIX}/check", form, key="k" * 24)
    other = client.submit(f"{MATRIX}/check", form)
    assert (first.status_code, same.status_code, other.status_code) == (303, 303, 409)
    with world.database.read_session() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("targets.issued") == 1


def test_a_unit_asks_and_the_reviewer_answers(world: Decomposition) -> None:
    reviewer = divide(world)
    issue(reviewer, reason="年初")
    unit = world.browser(world.reporter)
    page = page_of(unit, UNIT)
    version = form_fields(page)["version"][0]
    assert unit.submit(f"{UNIT}/ask", {"version": version, "reason": ""}).status_code == 422
    assert unit.submit(f"{UNIT}/ask", {"version": version, "reason": "企业外迁"}).status_code == 303
    assert "企业外迁" in page_of(reviewer)
    assert unit.submit(f"{UNIT}/confirm", {"version": version}).status_code == 409
    shown = form_fields(page_of(reviewer, UNIT))["version"][0]
    assert reviewer.submit(f"{UNIT}/decline", {"version": shown, "reason": "年底再议"}).status_code == 303
    told = page_of(unit, UNIT)
    assert "年底再议" in told
    version = form_fields(told)["version"][0]
    assert unit.submit(f"{UNIT}/confirm", {"version": version}).status_code == 303
    assert "已确认" in page_of(reviewer)


def test_a_district_divides_its_own_target_to_its_townships(world: Decomposition) -> None:
    issue(divide(world), reason="年初")
    client = world.browser(world.approver)
    at = "?at=330203"
    assert send(client, page_of(client, MATRIX + at), MATRIX + at, then="weight").status_code == 303
    issue(client, at=at)
    page = text_of(page_of(client, MATRIX + at))
    assert "330203001" in page
    assert "待确认" in page
    with world.database.read_session() as session:
        board = board_of(session, "330203")
        flow = world.indicators["flow-1"]
        parts = [board.in_force[Place(flow, unit.code)].value or 0 for unit in board.children]
        assert sum(parts) == board.in_force[Place(flow, WHOLE)].value


def readers(world: Decomposition) -> list[Identity]:
    return [world.viewer, world.auditor]


def test_viewers_and_auditors_read_without_a_field(world: Decomposition) -> None:
    issue(divide(world), reason="年初")
    for who in readers(world):
        client = world.browser(who)
        page = page_of(client)
        assert "<input" not in page[page.index('class="matrix"') : page.index("</table>")]
        assert "100,000" in page
        assert client.submit(MATRIX, {}).status_code == 403


def test_readers_see_what_is_issued_and_no_working_copy(world: Decomposition) -> None:
    client = divide(world)
    issue(client, reason="年初")
    send(client, page_of(client), then="stay", **{world.cell("flow-1", "330203"): "77,777"})
    assert "77,777" in page_of(client)
    for who in readers(world):
        page = page_of(world.browser(who))
        assert "77,777" not in page
        assert "尚未下达" not in page


def test_a_district_sees_its_own_matrix_and_no_other(world: Decomposition) -> None:
    issue(divide(world), reason="年初")
    client = world.browser(world.reporter)
    assert "330203" in text_of(page_of(client))
    assert client.get(f"{MATRIX}?at=330200").status_code == 404
    assert client.get(f"{MATRIX}/330204").status_code == 404
    assert client.get(f"{MATRIX}/330204/history/flow-1").status_code == 404
    assert client.get("/targets").headers["Location"] == UNIT


def test_the_bar_leads_to_the_list_that_asks_then_to_the_own_one_then_to_one_with_a_target(
    world: Decomposition,
) -> None:
    """A province's list of the same year that gives the unit nothing does not stand in the way."""
    reporter = world.browser(world.reporter)
    with world.database.session() as session:
        province = plant_list(session, world.units["330000"], key="330000-2018")
        put_targets(session, plant_indicator(session, province, "whole"), {world.units["330200"]: 9})
        session.commit()
    assert "330000-2018" in reporter.get("/programmes").text
    assert world.browser(world.reviewer).get("/targets").headers["Location"] == MATRIX
    assert world.browser(world.viewer).get("/targets").headers["Location"] == MATRIX
    issue(divide(world), reason="年初")
    assert reporter.get("/targets").headers["Location"] == UNIT
    version = form_fields(reporter.get(UNIT).text)["version"]
    assert reporter.submit(f"{UNIT}/confirm", {"version": version}).status_code == 303
    assert reporter.get("/targets").headers["Location"] == UNIT


def test_a_list_that_took_its_targets_back_is_not_chosen_for_them(world: Decomposition) -> None:
    unit = world.units["330203"]
    with world.database.session() as session:
        given, taken = (
            plant_list(session, world.units["330000"], key=key) for key in ("330000-2018", "330000-2018-more")
        )
        put_targets(session, plant_indicator(session, given, "given"), {unit: 9})
        indicator = plant_indicator(session, taken, "taken")
        put_targets(session, indicator, {unit: 9})
        heads = [find_head(session, key) for key in ("330000-2018-more", "330000-2018")]
        newest_first = [head for head in heads if head is not None]
        assert choose_list(session, world.reporter, newest_first, TODAY).key == "330000-2018-more"
        put_targets(session, indicator, {unit: None}, is_assigned=False)
        assert choose_list(session, world.reporter, newest_first, TODAY).key == "330000-2018"


def test_a_unit_sees_which_of_its_targets_the_newest_notice_is_about(world: Decomposition) -> None:
    client = divide(world)
    issue(client, reason="年初")
    reporter = world.browser(world.reporter)
    assert text_of(reporter.get(UNIT).text).count("本次下达") > 1
    drawn = page_of(client)
    changed = {world.cell("flow-1", "330203"): "77,777", world.cell("flow-2", "330204"): "1"}
    assert send(client, drawn, **changed).status_code == 303
    issue(client, reason="调整")
    shown = text_of(reporter.get(UNIT).text)
    assert shown.count("本次下达") == 1
    assert "flow-1 本次下达" in shown


def test_puts_the_draft_back_to_what_is_issued(world: Decomposition) -> None:
    client = divide(world)
    send(client, page_of(client), then="restart")
    assert form_fields(page_of(client))[world.cell("flow-1", "330203")] == [""]


def test_without_a_list_its_editor_is_led_to_where_one_begins(app: Flask, fresh_database: Database) -> None:
    with fresh_database.session() as session:
        plant_tree(session, {"330200": {"330203": {}}})
        made = [make_person(session, role, "330200") for role in ("reviewer", "viewer")]
        session.commit()
    editor, onlooker = (signed_in_client(app, one.account_id) for one in made)
    led = editor.get("/targets", follow_redirects=True)
    assert led.request.path == "/programmes"
    assert "先新建或导入一份清单" in led.text
    assert onlooker.get("/targets").headers["Location"] == "/"
