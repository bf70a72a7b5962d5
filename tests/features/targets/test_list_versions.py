"""Issuing from the matrix is a change of the list: it leaves a version that says who, when, why and for whom."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.decomposition import DISTRICTS, KEY, MATRIX, TOWNSHIPS, Decomposition, board_of, doer
from tests.features.targets.test_commands import issue
from tests.features.targets.test_races import race
from tests.features.targets.typing_in import divided, put, typed
from tracker.domain.allocation import Method
from tracker.domain.identity import OPERATOR
from tracker.features.programmes.commands import ImportTerms, import_programme, plan_programme_import
from tracker.features.programmes.files.formats import read_file, write_file
from tracker.features.programmes.queries import get_document
from tracker.features.targets.commands import Terms, issue_targets, save_draft
from tracker.features.targets.content import Cell, Place
from tracker.features.targets.sharing import divide, falls_below_last_year
from tracker.models.programme import ProgrammeVersion
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_documents.versions import add_version_as_stored
from tracker.web.current import real_now


def versions(session: Session) -> Sequence[ProgrammeVersion]:
    return session.scalars(select(ProgrammeVersion).order_by(ProgrammeVersion.number)).all()


def publish(session: Session) -> None:
    """What publishing would have left: the first version."""
    add_version_as_stored(session, board_of(session).head.id, reason="公布", actor=OPERATOR, now=real_now())


def test_issuing_leaves_a_version_with_the_units_and_the_reason(world: Decomposition) -> None:
    with world.database.session() as session:
        publish(session)
        divided(session, world, "flow-1")
        issue(session, world, reason="年初分解")
        first, second = versions(session)
        assert (second.number, second.by_id) == (2, world.reviewer.person_id)
        assert second.reason.startswith("330200下达目标：330203、330204、")
        assert second.reason.endswith("。年初分解")
        assert first.digest != second.digest


def test_a_district_that_divides_leaves_a_version_too(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1", "training", "women", "men")
        issue(session, world)
        rows = [world.indicators[code] for code in ("flow-1", "training", "women", "men")]
        board = board_of(session, "330203")
        save_draft(
            session, board, divide(board, board.content, Method.WEIGHT, rows).content, doer(world.approver)
        )
        issue(session, world, code="330203")
        assert versions(session)[-1].reason == "330203下达目标：330203001、330203002"
        assert versions(session)[-1].by_id == world.approver.person_id
        document = get_document(session, KEY)
        for ending in (".yaml", ".xlsx"):
            plan = plan_programme_import(session, read_file(write_file(document, ending)), ImportTerms())
            assert not plan.changes, "the matrix and the file agree"


def test_a_reason_that_fills_a_version_leaves_room_for_nothing_else(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world, reason="长" * 400)
        assert len(versions(session)[-1].reason) == 400


def test_taking_a_district_out_takes_its_townships_back(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        flow = world.indicators["flow-1"]
        board = board_of(session, "330203")
        save_draft(
            session, board, divide(board, board.content, Method.WEIGHT, [flow]).content, doer(world.approver)
        )
        issue(session, world, code="330203")
        board = board_of(session)
        save_draft(
            session,
            board,
            put(board, {("flow-1", "330203"): Cell(is_typed=True)}, world),
            doer(world.reviewer),
        )
        issue(session, world, reason="海曙不再承担")
        after = board_of(session, "330203")
        assert not any(after.in_force[Place(flow, town)].is_assigned for town in TOWNSHIPS)
        assert verify_totals(session) == []
        named = {entry.unit for one in get_document(session, KEY).indicators for entry in one.allocations}
        assert named == set(DISTRICTS) - {"330203"}


def test_of_a_file_and_an_issue_at_once_both_leave_whole_versions(world: Decomposition) -> None:
    with world.database.session() as session:
        publish(session)
        seen = divided(session, world, "flow-1")
        text = write_file(get_document(session, KEY), ".yaml").decode().replace("第1件", "改名")
        session.commit()

    def bring(session: Session) -> object:
        plan = plan_programme_import(session, read_file(text.encode()), ImportTerms(reason="改名"))
        import_programme(session, plan, actor=OPERATOR, now=real_now())
        return None

    told = race(
        world,
        lambda session: issue_targets(session, seen, Terms(seen.token, "", 1), doer(world.reviewer)),
        bring,
    )
    assert told in (["won", "won"], ["StaleDraft", "won"])
    with world.database.read_session() as session:
        assert [one.number for one in versions(session)] == list(range(1, 2 + told.count("won")))


def test_the_history_of_a_list_shows_what_was_issued_to_whom(world: Decomposition) -> None:
    with world.database.session() as session:
        publish(session)
        divided(session, world, "flow-1")
        issue(session, world, reason="年初分解")
        session.commit()
    page = world.browser(world.reviewer).get(f"/programmes/{KEY}/list/history?from=1&to=2").text
    assert "年初分解" in page
    assert world.reviewer.name in page
    assert "330203 1,515；330204 3,030；" in page


def test_the_check_says_who_loses_a_target_below(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "flow-1")
        issue(session, world)
        flow = world.indicators["flow-1"]
        board = board_of(session, "330203")
        cells = {Place(flow, TOWNSHIPS[0]): typed(5)}
        save_draft(session, board, board.content.changed(cells), doer(world.approver))
        issue(session, world, reason="先定一镇", code="330203")
        board = board_of(session)
        out = put(board, {("flow-1", "330203"): Cell(is_typed=True)}, world)
        save_draft(session, board, out, doer(world.reviewer))
        session.commit()
    page = world.browser(world.reviewer).get(f"{MATRIX}/check").text
    assert "330203不再承担，它下面 1 个目标一并收回：330203001" in page


def test_a_district_compares_with_its_own_last_year_and_not_with_the_citys(world: Decomposition) -> None:
    with world.database.session() as session:
        divided(session, world, "training")
        issue(session, world)
        board = board_of(session, "330203")
        [row] = board.rows
        assert row.listed.last_year == 5_056
        assert board.last_year(row) is None
        assert not falls_below_last_year(board, board.content, row)
        assert board_of(session).last_year(row) == 5_056
