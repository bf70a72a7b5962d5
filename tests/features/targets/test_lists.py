"""What districts made of their targets outlives changes of the list."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.factories.lists import NOW, case, import_list, import_text, import_tree
from tests.factories.people import identity_of, make_person
from tracker.features.targets.commands import Terms, issue_targets, save_draft
from tracker.features.targets.content import OWN, Cell, Place
from tracker.features.targets.queries import Board, load_board
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.programme_heads import find_head
from tracker.services.transitions import Doer
from tracker.services.tree import find_unit

NINGBO = case("ningbo-2018.yaml").decode()


def board_of(session: Session, key: str, code: str = "330203") -> Board:
    head, unit = find_head(session, key), find_unit(session, code)
    assert head is not None
    assert unit is not None
    return load_board(session, head, unit)


def test_a_changed_list_leaves_the_own_level_of_a_district_alone(session: Session) -> None:
    import_tree(session)
    key = import_list(session, "ningbo-2018")
    who = Doer(identity_of(session, make_person(session, "approver", "330203")), NOW)
    board = board_of(session, key)
    place = Place(board.rows[0].id, OWN)
    save_draft(session, board, board.content.changed({place: Cell(True, 5, None, True)}), who)
    board = board_of(session, key)
    issue_targets(session, board, Terms(board.token, "先定本级", 1), who)
    changed = NINGBO.replace("2018年服务职工十件实事", "2018年服务职工实事")
    import_text(session, changed, reason="改标题")
    assert board_of(session, key).in_force[place].stated == (True, 5, None)
    import_text(session, changed.replace('"330203": 18万, ', ""), reason="区县调整")
    assert not board_of(session, key).in_force[place].is_assigned, "it goes with its unit"


def test_a_changed_list_leaves_townships_alone_and_takes_them_back_with_their_county(
    session: Session,
) -> None:
    import_tree(session)
    key = import_list(session, "ningbo-2018")
    who = Doer(identity_of(session, make_person(session, "approver", "330282")), NOW)
    board = board_of(session, key, "330282")
    place = Place(board.rows[0].id, "330282102")
    save_draft(session, board, board.content.changed({place: Cell(True, 190_000, None, True)}), who)
    board = board_of(session, key, "330282")
    issue_targets(session, board, Terms(board.token, "", 1), who)
    changed = NINGBO.replace("target: 150万", "target: 151万")
    plan = import_text(session, changed, reason="加一万")
    assert set(plan.changes) == {"indicators/enrolments/target"}
    assert board_of(session, key, "330282").in_force[place].stated == (True, 190_000, None)
    import_text(session, changed.replace('"330282": 19万, ', ""), reason="区县调整")
    assert not board_of(session, key, "330282").in_force[place].is_assigned
    try_fold(session, NOW)
    assert verify_totals(session) == []
