"""What districts made of their targets outlives changes of the list."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.factories.lists import NOW, case, import_list, import_text, import_tree
from tests.factories.people import identity_of, make_person
from tracker.features.targets.commands import Terms, issue_targets, save_draft
from tracker.features.targets.content import OWN, Cell, Place
from tracker.features.targets.queries import Board, load_board
from tracker.services.programme_heads import find_head
from tracker.services.transitions import Doer
from tracker.services.tree import find_unit


def board_of(session: Session, key: str) -> Board:
    head, unit = find_head(session, key), find_unit(session, "330203")
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
    changed = case("ningbo-2018.yaml").decode().replace("2018年服务职工十件实事", "2018年服务职工实事")
    import_text(session, changed, reason="改标题")
    assert board_of(session, key).in_force[place].stated == (True, 5, None)
