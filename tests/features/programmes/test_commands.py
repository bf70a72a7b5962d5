"""Importing and publishing lists: equal is no change, drafts are replaced, public ones get versions."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.imports import bring
from tests.factories.lists import LISTS, NOW, case, import_list, import_text, import_tree
from tests.features.programmes.files.lists import EVERY_FIELD, PLAIN, TWELVE, TWELVE_PLACES, with_indicator
from tracker.domain.identity import OPERATOR
from tracker.domain.messages import Faults
from tracker.features.programmes.commands import (
    AlreadyPublished,
    EffectiveElsewhere,
    ReasonRequired,
    ReasonTooLong,
    publish_programme,
)
from tracker.features.programmes.files.formats import read_file, write_file
from tracker.features.programmes.queries import UnknownProgramme, get_document
from tracker.models.audit import AuditEntry
from tracker.models.base import Base
from tracker.models.ledger import Posting, Tally
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, LightRuleSet, Pledge, Programme, ProgrammeVersion, Target
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.services.targets import DIGESTED, target_digest

NINGBO = case("ningbo-2018.yaml").decode()
KEY = "330200-2018"


def count(session: Session, *models: type[Base]) -> list[int]:
    return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def written(session: Session) -> list[int]:
    """How much of everything an import writes there is."""
    return count(
        session, Programme, Pledge, Indicator, Target, Posting, AuditEntry, ProgrammeVersion, LightRuleSet
    )


def faults_of(session: Session, text: str, **terms: str) -> list[str]:
    with pytest.raises(Faults) as refused:
        import_text(session, text, **terms)
    return [str(fault) for fault in refused.value.faults]


def cell(session: Session, code: str, unit: str, part: str = "assigned", *, parent: str | None = None) -> int:
    """What the tally says of a unit's own level, or of the whole of it below its parent, at the year's end."""
    ids = dict(session.execute(select(OrgUnit.code, OrgUnit.id)).all())
    wanted = select(Tally).join(Indicator, Indicator.id == Tally.indicator_id).where(
        Indicator.code == code, Tally.org_unit_id == ids[unit], Tally.parent_id == ids[parent or unit],
        Tally.basis == "accepted", Tally.part == part,
    )  # fmt: skip
    row = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    return 0 if row is None else sum(getattr(row, f"m{month}") for month in range(1, 13))


def fold(session: Session) -> None:
    """Fold, and hold the totals against the entries."""
    session.flush()
    try_fold(session, NOW)
    assert verify_totals(session) == []


@pytest.mark.parametrize("name", LISTS)
def test_imports_every_real_list_and_finds_nothing_to_change_afterwards(session: Session, name: str) -> None:
    import_tree(session)
    plan = import_text(session, case(f"{name}.yaml"))
    assert (plan.state, bool(plan.changes)) == (None, True)
    before = written(session)
    key = plan.document.key
    for ending in (".yaml", ".xlsx"):
        assert not import_text(session, write_file(get_document(session, key), ending)).changes
    assert not import_text(session, case(f"{name}.yaml")).changes
    assert get_document(session, key) == read_file(case(f"{name}.yaml")).document
    publish_programme(session, key, actor=OPERATOR, now=NOW)
    assert not import_text(session, case(f"{name}.yaml")).changes
    assert [now - then for now, then in zip(written(session), before, strict=True)] == [
        0,
        0,
        0,
        0,
        1,
        1,
        1,
        0,
    ]
    fold(session)


def test_stores_every_field(session: Session) -> None:
    import_tree(session)
    plan = import_text(session, EVERY_FIELD)
    assert get_document(session, plan.document.key) == plan.document
    fold(session)


def test_assigns_whom_the_list_names(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    fold(session)
    assert cell(session, "enrolments", "330203") == 1
    assert cell(session, "enrolments", "330200") == 0, "the publisher gave everything away"
    assert cell(session, "enrolments", "330200", parent="330000") == 11
    assert cell(session, "relief_funds", "330200") == 1, "without allocations the publisher itself reports"


def test_leaves_the_publisher_out_where_only_units_further_down_are_named(session: Session) -> None:
    import_tree(session)
    far = with_indicator('allocations: {"330282102": 5}')
    import_text(session, far)
    fold(session)
    assert [cell(session, "enrolments", unit) for unit in ("330282102", "330282", "330200")] == [1, 0, 0]
    import_text(session, PLAIN)
    fold(session)
    assert [cell(session, "enrolments", unit) for unit in ("330282102", "330282", "330200")] == [0, 0, 1]


def test_names_twelve_faults_at_once(session: Session) -> None:
    import_tree(session)
    found = faults_of(session, TWELVE)
    for said in TWELVE_PLACES:
        assert any(said in fault for fault in found), said
    assert written(session) == [0, 0, 0, 0, 0, 1, 0, 0]


def test_refuses_a_publisher_nobody_knows(session: Session) -> None:
    import_tree(session)
    [fault] = faults_of(session, PLAIN.replace("330200", "999999"))
    assert fault.endswith("没有代码为 999999 的单位")


def test_records_one_entry_for_an_import(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018", publish=False)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id, entry.before) == ("programme.imported", KEY, None)
    assert json.loads(entry.after or "")["changes"]["indicators/enrolments/target"] == "1500000"


def test_replaces_a_draft_in_place(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018", publish=False)
    ids = dict(session.execute(select(Indicator.code, Indicator.id)).all())
    shorter = NINGBO.partition("  - number: 4")[0].replace("150万", "160万").replace('"330203": 18万, ', "")
    plan = import_text(session, shorter)
    assert plan.state == "draft"
    assert get_document(session, KEY) == read_file(shorter.encode()).document
    dropped = session.scalars(
        select(Indicator.code).where(Indicator.is_dropped).order_by(Indicator.code)
    ).all()
    assert dropped == ["centre_opened", "degree_students", "public_courses"]
    fold(session)
    assert [cell(session, code, "330200", parent="330000") for code in ("enrolments", *dropped)] == [
        10,
        0,
        0,
        0,
    ]
    import_text(session, NINGBO)
    assert dict(session.execute(select(Indicator.code, Indicator.id)).all()) == ids
    fold(session)
    assert cell(session, "enrolments", "330200", parent="330000") == 11
    assert count(session, ProgrammeVersion) == [0]


def test_keeps_what_has_figures_in_a_draft(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018", publish=False)
    bring(session, "org_unit,indicator,period,value\n330200,degree_students,2018-06,2219")
    found = faults_of(session, NINGBO.partition("  - number: 4")[0])
    assert found == ["indicators/degree_students：已有填报的数据，指标不能删去"]
    moved = NINGBO.replace("      - {code: degree_students", "  - number: 5\n    title: x\n    lead: x\n    indicators:\n      - {code: degree_students")  # fmt: skip
    assert faults_of(session, moved) == ["indicators/degree_students：已有填报，不能移到别的实事项目"]
    finer = NINGBO.replace("kind: flow, measure: 人, target: null}\n      - {code: public", "kind: flow, measure: 人, decimals: 1}\n      - {code: public")  # fmt: skip
    assert faults_of(session, finer) == [
        "indicators/degree_students/decimals：已公布或已有填报，decimals 不能再改，请另立一个指标"
    ]
    assert faults_of(session, NINGBO.replace("reporting: month", "reporting: half")) == [
        "reporting：已有填报，报告周期不能再改"
    ]


def test_leaves_assignments_that_figures_made(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018", publish=False)
    bring(session, "org_unit,indicator,period,value\n330203,relief_funds,2018-06,5")
    assert not import_text(session, NINGBO).changes
    [entry] = get_document(session, KEY).indicators[1].allocations
    assert (entry.unit, entry.target) == ("330203", None)
    import_text(session, NINGBO.replace("下拨困难职工专项帮扶资金", "帮扶资金"))
    fold(session)
    assert cell(session, "relief_funds", "330203") == 1


def test_changes_a_public_list_only_with_a_reason_and_by_versions(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    changed = (
        NINGBO.replace("150万", "160万")
        .replace('"330203": 18万', '"330203": null')
        .replace("default", "{on_track: 1, lagging: -5}")
    )
    with pytest.raises(ReasonRequired):
        import_text(session, changed)
    with pytest.raises(ReasonTooLong):
        import_text(session, changed, reason="长" * 401)
    with pytest.raises(EffectiveElsewhere):
        import_text(session, changed, reason="调整", effective="2019-01")
    before = count(session, Target)[0]
    import_text(session, changed, reason="市里调整", effective="2018-07")
    assert get_document(session, KEY) == read_file(changed.encode()).document
    newest = session.scalars(select(Target).order_by(Target.id.desc()).limit(2)).all()
    assert count(session, Target) == [before + 2]
    assert {(row.value, row.effective_month, row.reason) for row in newest} == {
        (1_600_000, 7, "市里调整"), (None, 7, "市里调整"),
    }  # fmt: skip
    versions = session.execute(select(ProgrammeVersion.number, ProgrammeVersion.reason)).all()
    assert [tuple(row) for row in versions] == [(1, "公布"), (2, "市里调整")]
    rules = session.execute(select(LightRuleSet.number, LightRuleSet.lagging_tenths)).all()
    assert [tuple(row) for row in rules] == [(1, -100), (2, -50)]
    fold(session)


def test_keeps_the_versions_readable(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    text = session.scalars(select(ProgrammeVersion.document)).one()
    assert read_file(text.encode()).require_sound() == get_document(session, KEY)


def test_never_lets_a_public_code_vanish(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    shorter = NINGBO.partition("      - {code: public_courses")[0]
    assert faults_of(session, shorter, reason="x") == ["indicators/public_courses：清单已公布，指标不能删去"]
    without = NINGBO.replace("own_level_counts: true", "own_level_counts: false")
    [fault] = faults_of(session, without, reason="x")
    assert fault.startswith("own_level_counts：")
    renumbered = NINGBO.replace("number: 4", "number: 9")
    assert faults_of(session, renumbered, reason="x") == ["pledges/4：清单已公布，实事项目不能删去"]


def test_publishes_a_draft_once(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    with pytest.raises(AlreadyPublished):
        publish_programme(session, KEY, actor=OPERATOR, now=NOW)
    with pytest.raises(UnknownProgramme):
        publish_programme(session, "330200-2019", actor=OPERATOR, now=NOW)


def test_turns_the_publishers_own_figures_in_and_out_of_a_draft(session: Session) -> None:
    import_tree(session)
    import_text(session, PLAIN)
    bring(session, "org_unit,indicator,period,value\n330200,enrolments,2018-06,5")
    fold(session)
    for switch, total in (("false", 0), ("true", 5), ("false", 0)):
        import_text(session, PLAIN.replace("own_level_counts: true", f"own_level_counts: {switch}"))
        fold(session)
        assert cell(session, "enrolments", "330200", "amount") == 5
        assert cell(session, "enrolments", "330200", "amount", parent="330000") == total


def test_digests_every_target_by_its_columns(session: Session) -> None:
    import_tree(session)
    import_list(session, "ningbo-2018")
    rows = session.execute(select(Target.__table__)).mappings().all()
    assert len(rows) == 21
    assert all(target_digest(dict(row)) == row["row_digest"] for row in rows)
    assert {column for column in rows[0] if column not in DIGESTED} == {"id", "row_digest", "seal"}


PROVINCE = PLAIN.replace("330200", "330000")


def test_feeds_a_higher_list_from_the_same_figures(session: Session) -> None:
    import_tree(session)
    import_text(session, PROVINCE)
    import_text(session, PLAIN)
    bring(session, "org_unit,indicator,period,value\n330200,enrolments,2018-06,7")
    fold(session)
    for aligned, total in (("[330000-2018/enrolments]", 7), ("[]", 0)):
        import_text(session, with_indicator(f"aligned: {aligned}"))
        fold(session)
        province = session.scalars(
            select(func.coalesce(func.sum(Tally.m6), 0))
            .join(Programme, Programme.id == Tally.programme_id)
            .join(OrgUnit, OrgUnit.id == Tally.org_unit_id)
            .where(Programme.key == "330000-2018", Tally.part == "amount", OrgUnit.code == "330000")
        ).one()
        assert province == total


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("aligned: [330000-2018/nothing]", "没有 330000-2018/nothing 这个指标"),
        ("measure: 人\naligned: [330000-2018/enrolments]", "要与 330000-2018/enrolments 相同"),
        ("aligned: [330500-2025/hu25_03]", "不是上级单位的清单"),
        ("aligned: [330500-2025/hu25_03]", "不是同一年的清单"),
    ],
)
def test_names_an_alignment_that_cannot_be(session: Session, fields: str, said: str) -> None:
    import_tree(session)
    import_text(session, PROVINCE)
    import_list(session, "huzhou-2025")
    found = faults_of(session, with_indicator(fields))
    assert any(said in fault for fault in found), found


def test_refuses_a_chain_of_alignments(session: Session) -> None:
    import_tree(session)
    import_text(session, PROVINCE)
    import_text(session, with_indicator("aligned: [330000-2018/enrolments]"))
    town = with_indicator("aligned: [330200-2018/enrolments]").replace('"330200"', '"330282"')
    [fault] = faults_of(session, town)
    assert "请直接对应那一份" in fault
