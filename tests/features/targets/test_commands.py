"""Working copies are kept state by state, and issuing makes exactly the versions that were seen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.decomposition import DISTRICTS, Decomposition, board_of, doer
from tests.features.targets.typing_in import divided, put, typed
from tracker.domain.allocation import Method, Verdict
from tracker.domain.messages import Faults
from tracker.features.targets.commands import (
    KEPT_STATES,
    ListNotOpen,
    NotDecomposing,
    NothingToIssue,
    StaleDraft,
    Terms,
    issue_targets,
    restart_draft,
    save_draft,
)
from tracker.features.targets.complete_parts import differing_parts
from tracker.features.targets.content import OWN, WHOLE, Cell, Place, read, spell
from tracker.features.targets.histories import Notice, list_notices, list_versions
from tracker.features.targets.notices import (
    NoticeMovedOn,
    NotYourAnswer,
    ask_adjustment,
    confirm_targets,
    decline_adjustment,
)
from tracker.features.targets.queries import Board
from tracker.features.targets.sharing import check_row, divide, keep_to_oneself, mean_rate
from tracker.models.allocation import AllocationDraft
from tracker.models.audit import AuditEntry
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.web.current import real_now


def issue(
    session: Session, world: Decomposition, *, reason: str = "", month: int = 1, code: str = "330200"
) -> Any:
    board = board_of(session, code)
    who = world.reviewer if code == "330200" else world.approver
    issued = issue_targets(session, board, Terms(board.token, reason, month), doer(who))
    try_fold(session, real_now())
    return issued


def test_divides_by_weight_keeps_typed_cells_and_adds_up(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        content = put(
            board, {("flow-1", "330203"): typed(40_000), ("flow-1", "330204"): Cell(is_typed=True)}, world
        )
        flow = world.indicators["flow-1"]
        outcome = divide(board, content, Method.WEIGHT, [flow])
        cells = {code: outcome.content.at(flow, code) for code in DISTRICTS}
        assert cells["330203"] == typed(40_000)
        assert not cells["330204"].is_assigned
        assert sum(cell.value or 0 for cell in cells.values()) == 100_000
        row = next(row for row in board.rows if row.id == flow)
        found = check_row(board, outcome.content, row)
        assert found is not None
        assert found.verdict is Verdict.EQUAL


def test_divides_equally_and_says_when_last_year_is_unknown(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        flow = world.indicators["flow-1"]
        equal = divide(board, board.content, Method.EQUAL, [flow]).content
        assert {equal.at(flow, code).value for code in DISTRICTS} == {9_090, 9_091}
        refused = divide(board, board.content, Method.LAST_YEAR, [flow]).refused
        assert "没有各单位上年实绩" in str(refused[0][1])


def test_gives_a_rate_to_everybody_and_shows_its_weighted_mean(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        rate = world.indicators["rate"]
        content = divide(board, board.content, Method.WEIGHT, [rate]).content
        assert {content.at(rate, code).value for code in DISTRICTS} == {850}
        row = next(row for row in board.rows if row.id == rate)
        assert mean_rate(board, content, row) == 850
        assert check_row(board, content, row) is None


def test_keeps_a_row_to_the_own_level(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        flow = world.indicators["flow-1"]
        content = keep_to_oneself(board, board.content, [flow])
        assert content.at(flow, OWN) == typed(100_000)
        assert not any(content.at(flow, code).is_assigned for code in DISTRICTS)


def test_a_content_is_read_back_as_it_was_spelt(world: Decomposition) -> None:
    with world.database.session() as session:
        content = divided(session, world, "flow-1").content
        assert read(spell(content)) == content


def test_each_save_is_one_state_with_one_audit_entry_and_an_equal_one_is_none(world: Decomposition) -> None:
    with world.database.session() as session:
        board = divided(session, world, "flow-1")
        assert board.number == 1
        assert save_draft(session, board, board.content, doer(world.second)) == 1
        actions = session.scalars(select(AuditEntry.action)).all()
        assert actions.count("targets.drafted") == 1


def test_old_states_go_and_issued_ones_stay(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        for value in range(KEPT_STATES + 3):
            board = board_of(session)
            content = put(board, {("flow-2", "330203"): typed(value)}, world)
            save_draft(session, board, content, doer(world.reviewer))
        numbers = session.scalars(select(AllocationDraft.number).order_by(AllocationDraft.number)).all()
        assert len(numbers) == KEPT_STATES + 1
        assert numbers[0] == 2


def test_the_second_of_two_editors_is_told(world: Decomposition) -> None:
    with world.database.session() as session:
        seen = board_of(session)
        save_draft(session, seen, put(seen, {("flow-1", "330203"): typed(1)}, world), doer(world.reviewer))
        with pytest.raises(StaleDraft):
            save_draft(session, seen, put(seen, {("flow-1", "330204"): typed(2)}, world), doer(world.second))


def test_issues_versions_with_reason_person_and_month(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1", "rate")
        issued = issue(session, world, reason="年初分解", month=3)
        assert issued.versions == 2 * len(DISTRICTS)
        assert issued.units == DISTRICTS
        versions = list_versions(
            session, board_of(session).head.id, world.indicators["flow-1"], world.units["330203"]
        )
        assert [(one.reason, one.approved_by, one.effective_month) for one in versions] == [
            ("年初分解", world.reviewer.name, 3)
        ]
        assert versions[0].seal is not None
        assert verify_totals(session) == []
        entries = session.scalars(select(AuditEntry.action)).all()
        assert entries.count("targets.issued") == 1


def test_issuing_what_was_issued_is_refused(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        with pytest.raises(NothingToIssue):
            issue(session, world)


def test_a_gap_or_padding_needs_a_reason_and_is_never_blocked(world: Decomposition) -> None:
    with world.database.session() as session:
        for value in (90_000, 110_000):
            board = board_of(session)
            save_draft(
                session, board, put(board, {("flow-1", "330203"): typed(value)}, world), doer(world.reviewer)
            )
            with pytest.raises(Faults) as wrong:
                issue(session, world, reason="  ")
            assert [fault.place for fault in wrong.value.faults] == ["reason"]
            issue(session, world, reason="留有余地")


def test_changing_an_issued_target_needs_a_reason(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        board = board_of(session)
        swapped = {
            ("flow-1", "330203"): typed(
                (board.content.at(world.indicators["flow-1"], "330203").value or 0) + 1
            ),
            ("flow-1", "330204"): typed(
                (board.content.at(world.indicators["flow-1"], "330204").value or 0) - 1
            ),
        }
        save_draft(session, board, put(board, swapped, world), doer(world.reviewer))
        with pytest.raises(Faults):
            issue(session, world)
        assert issue(session, world, reason="两区商定").versions == 2


def test_complete_parts_of_the_publisher_must_add_up(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        save_draft(session, board, put(board, {("women", WHOLE): typed(1_900)}, world), doer(world.reviewer))
        with pytest.raises(Faults, match=r"training.*4,900.*5,000"):
            issue(session, world, reason="调整")


def test_complete_parts_of_a_unit_must_add_up_too_where_they_are_numbers(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        cells = {
            ("training", "330203"): typed(5_000),
            ("women", "330203"): typed(1),
            ("men", "330203"): typed(1),
        }
        save_draft(session, board, put(board, cells, world), doer(world.reviewer))
        with pytest.raises(Faults, match=r"330203：.*training.*合计 2，与整体 5,000"):
            issue(session, world, reason="先下达总数")
        board = board_of(session)
        save_draft(session, board, put(board, {("men", "330203"): Cell()}, world), doer(world.reviewer))
        assert issue(session, world, reason="先下达总数").versions == 2


@pytest.mark.parametrize("method", [Method.WEIGHT, Method.EQUAL])
@pytest.mark.parametrize(
    "cells",
    [
        {},
        {("training", "330203"): typed(1_000)},
        {("women", "330203"): typed(20)},
        {("women", "330203"): typed(20), ("men", "330204"): typed(7)},
        {("training", "330205"): Cell(is_typed=True)},
        {("training", OWN): typed(500)},
    ],
)
def test_complete_parts_are_divided_within_their_whole(
    world: Decomposition, method: Method, cells: dict[tuple[str, str], Cell]
) -> None:
    with world.database.session() as session:
        board = board_of(session)
        rows = [world.indicators[code] for code in ("women", "men", "training")]
        content = divide(board, put(board, cells, world), method, rows).content
        assert list(differing_parts(board, content)) == []
        checks = [check_row(board, content, row) for row in board.rows if row.id in rows]
        assert {check.verdict for check in checks if check} == {Verdict.EQUAL}
        assert all(
            content.at(world.indicators[code], column) == cell for (code, column), cell in cells.items()
        )


def test_complete_parts_share_a_gap_of_their_whole(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        only = {("training", code): Cell(is_typed=True) for code in DISTRICTS[1:]}
        content = put(board, {**only, ("training", "330203"): typed(1_000)}, world)
        rows = [world.indicators[code] for code in ("women", "men")]
        content = divide(board, content, Method.WEIGHT, rows).content
        assert [content.at(row, "330203").value for row in rows] == [400, 600]


def test_a_draft_list_is_not_issued_and_a_closed_one_not_changed(world: Decomposition) -> None:
    with world.database.session() as session:
        board = divided(session, world, "flow-1")
        for state in ("draft", "closed"):
            shown = type(board)(**{**vars_of(board), "head": board.head._replace(state=state)})
            with pytest.raises(ListNotOpen):
                issue_targets(session, shown, Terms(shown.token, "", 1), doer(world.reviewer))


def vars_of(board: Board) -> dict[str, Any]:
    names = ("head", "at", "children", "promises", "in_force", "newest_target", "draft", "last_years")
    return {name: getattr(board, name) for name in names}


def test_nobody_but_the_publishers_reviewers_divides_its_list(world: Decomposition) -> None:
    with world.database.session() as session:
        board = board_of(session)
        for who in (world.viewer, world.auditor, world.reporter, world.approver):
            with pytest.raises(NotDecomposing):
                restart_draft(session, board, doer(who))


def test_a_district_divides_its_own_target_and_not_the_citys(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        board = board_of(session, "330203")
        flow = world.indicators["flow-1"]
        assert [row.id for row in board.rows] == [flow]
        content = divide(board, board.content, Method.WEIGHT, [flow]).content
        changed = content.changed({Place(flow, WHOLE): typed(1)})
        save_draft(session, board, changed, doer(world.approver))
        issued = issue(session, world, code="330203")
        assert issued.units == ("330203001", "330203002")
        total = board.content.at(flow, WHOLE).value
        after = board_of(session, "330203")
        assert after.in_force[Place(flow, WHOLE)].value == total
        assert sum(after.in_force[Place(flow, code)].value or 0 for code in issued.units) == total
        assert verify_totals(session) == []


def notice_of(session: Session, world: Decomposition, code: str = "330203") -> Notice:
    return list_notices(session, board_of(session).head.id, org_unit_id=world.units[code])[0]


def test_a_unit_confirms_once(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        board = board_of(session, "330203")
        notice = notice_of(session, world)
        with pytest.raises(NotYourAnswer):
            confirm_targets(session, board.head, board.at, notice, doer(world.reviewer))
        confirm_targets(session, board.head, board.at, notice, doer(world.reporter))
        assert notice_of(session, world).state == "confirmed"
        with pytest.raises(NoticeMovedOn):
            confirm_targets(session, board.head, board.at, notice, doer(world.approver))


def test_an_adjustment_is_asked_declined_and_then_confirmed(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        board = board_of(session, "330203")
        with pytest.raises(Faults):
            ask_adjustment(
                session,
                board.head,
                board.at,
                notice_of(session, world),
                reason=" ",
                doer=doer(world.approver),
            )
        ask_adjustment(
            session,
            board.head,
            board.at,
            notice_of(session, world),
            reason="企业外迁",
            doer=doer(world.approver),
        )
        decline_adjustment(
            session,
            board.head,
            board.at,
            notice_of(session, world),
            reason="年底再看",
            doer=doer(world.reviewer),
        )
        confirm_targets(session, board.head, board.at, notice_of(session, world), doer(world.approver))
        found = notice_of(session, world)
        assert (found.state, found.request, found.decision) == ("confirmed", "企业外迁", "年底再看")
        actions = session.scalars(select(AuditEntry.action)).all()
        for action in ("targets.adjustment_asked", "targets.adjustment_declined", "targets.confirmed"):
            assert actions.count(action) == 1


def test_issuing_anew_answers_the_adjustment(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        district = board_of(session, "330203")
        ask_adjustment(
            session,
            district.head,
            district.at,
            notice_of(session, world),
            reason="企业外迁",
            doer=doer(world.approver),
        )
        board = board_of(session)
        save_draft(session, board, put(board, {("flow-1", "330203"): typed(10)}, world), doer(world.reviewer))
        issue(session, world, reason="同意调整")
        received = list_notices(session, board.head.id, org_unit_id=world.units["330203"])
        assert [(one.state, one.decision) for one in received] == [("issued", ""), ("changed", "同意调整")]
