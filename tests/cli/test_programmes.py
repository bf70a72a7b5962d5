"""``flask programmes``: import, publish and export as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories.lists import CASES, LISTS, import_tree
from tests.features.programmes.files.lists import TWELVE, TWELVE_PLACES
from tracker.db import Database
from tracker.models.ledger import Posting
from tracker.models.programme import Programme, Target

NINGBO = CASES / "ningbo-2018.yaml"


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["programmes", *map(str, arguments)])


@pytest.fixture
def lists(app: Flask, fresh_database: Database) -> Flask:
    """The application with the tree of Zhejiang and no list yet."""
    with fresh_database.session() as session:
        import_tree(session)
        session.commit()
    return app


@pytest.mark.parametrize("name", LISTS)
def test_exports_what_it_imported(lists: Flask, name: str, tmp_path: Path) -> None:
    imported = run(lists, "import", CASES / f"{name}.yaml")
    assert imported.output.startswith("新清单（草稿）：")
    key = imported.output.removeprefix("新清单（草稿）：").split(" ")[0]
    for ending in (".yaml", ".yml", ".xlsx"):
        out = tmp_path / f"list{ending}"
        assert run(lists, "export", key, "--out", out).output == f"已导出：{out}\n"
        assert run(lists, "import", out).output.startswith(f"没有变化：{key}")


def test_writes_nothing_when_trying(lists: Flask, fresh_database: Database) -> None:
    result = run(lists, "import", NINGBO, "--dry-run")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "试运行，什么都没有写入。")
    with fresh_database.read_session() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Programme, Target)]
    assert counts == [0, 0]


def test_seals_what_it_wrote(lists: Flask, fresh_database: Database) -> None:
    run(lists, "import", NINGBO)
    assert run(lists, "publish", "330200-2018").output.startswith("已公布：330200-2018")
    with fresh_database.read_session() as session:
        rows = session.execute(select(Posting.action, Posting.seal).order_by(Posting.id)).all()
    assert [row.action for row in rows] == ["target", "publish"]
    assert all(row.seal for row in rows)


def test_changes_a_public_list_with_a_reason(lists: Flask, tmp_path: Path) -> None:
    run(lists, "import", NINGBO)
    run(lists, "publish", "330200-2018")
    changed = tmp_path / "changed.yaml"
    changed.write_text(NINGBO.read_text(encoding="utf-8").replace("150万", "160万"), encoding="utf-8")
    refused = run(lists, "import", changed)
    assert (refused.exit_code, "--reason" in refused.output) == (1, True)
    tried = run(lists, "import", changed, "--reason", "调整", "--effective", "2018-07", "--dry-run")
    assert "  indicators/enrolments/target：1500000 → 1600000\n" in tried.output
    assert run(lists, "import", changed, "--reason", "调整", "--effective", "2018-07").exit_code == 0
    assert run(lists, "import", changed).output.startswith("没有变化")


def test_says_with_names_who_else_loses_a_target_and_what_is_left_alone(lists: Flask, tmp_path: Path) -> None:
    told, silent = tmp_path / "told.yaml", tmp_path / "silent.yaml"
    text = NINGBO.read_text(encoding="utf-8")
    told.write_text(text.replace('"330282": 19万,', '"330282": 19万, "330282102": 19万,'), encoding="utf-8")
    silent.write_text(text.replace('"330282": 19万, ', ""), encoding="utf-8")
    run(lists, "import", told)
    run(lists, "publish", "330200-2018")
    kept = run(lists, "import", NINGBO, "--dry-run")
    assert kept.output.splitlines() == [
        "没有变化：330200-2018 2018年服务职工十件实事 与文件一致。",
        "  “参加职工医疗互助保障人次”：文件没有提到慈溪分给下级的 1 个目标，保持不变：掌起",
        "试运行，什么都没有写入。",
    ]
    taken = run(lists, "import", silent, "--reason", "调整", "--dry-run")
    assert "  “参加职工医疗互助保障人次”不再由慈溪承担，它下面 1 个单位的目标一并收回：掌起\n" in taken.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("publish", "330200-2018"), "没有编号为 330200-2018 的清单"),
        (("export", "330200-2018", "--out", "x.yaml"), "没有编号为 330200-2018 的清单"),
        (("import", NINGBO, "--effective", "July"), "不是月份"),
        (("import", CASES / "org-zhejiang.csv"), "format: programme/1"),
    ],
)
def test_refuses_in_plain_words(lists: Flask, arguments: tuple[str | Path, ...], said: str) -> None:
    result = run(lists, *arguments)
    assert (result.exit_code, said in result.output) == (1, True), result.output


def test_names_every_fault_with_its_place(lists: Flask, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = (
        NINGBO.read_text(encoding="utf-8")
        .replace('"330203": 18万', '"990000": 近万')
        .replace("due_day: 5", "due_day: 0")
    )
    wrong.write_text(text, encoding="utf-8")
    result = run(lists, "import", wrong)
    assert result.exit_code == 1
    assert "有 3 处需要修改，什么都没有写入" in result.output
    assert "- due_day（第 7 行）：“0”要是 1 到 31 的整数" in result.output


def test_names_twelve_faults_at_once(lists: Flask, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(TWELVE, encoding="utf-8")
    result = run(lists, "import", wrong)
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if line.startswith("- ")]
    assert [place for place in TWELVE_PLACES if not any(place in line for line in told)] == []
    assert len(told) >= len(TWELVE_PLACES)


def test_takes_a_list_through_its_life_and_copies_it(lists: Flask) -> None:
    run(lists, "import", NINGBO)
    assert run(lists, "run", "330200-2018").exit_code == 1, "it is not published yet"
    run(lists, "publish", "330200-2018")
    assert run(lists, "run", "330200-2018").output.startswith("已开始执行：330200-2018")
    assert run(lists, "close", "330200-2018").output.startswith("已结束：330200-2018")
    refused = run(lists, "import", NINGBO, "--reason", "再改")
    assert refused.output.startswith("没有变化"), "what is equal changes nothing"
    copied = run(lists, "copy", "330200-2018", "--year", "2019")
    assert copied.output.startswith("新清单（草稿）：330200-2019 ")
    assert "没有带入：enrolments" in copied.output
    assert run(lists, "copy", "330200-2018", "--year", "2019").exit_code == 1


def test_copies_a_further_list_beside_the_first(lists: Flask, tmp_path: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_text(
        NINGBO.read_text(encoding="utf-8").replace("year: 2018", "year: 2018\nslug: second"), "utf-8"
    )
    run(lists, "import", second)
    assert "330200-2019-second " in run(lists, "copy", "330200-2018-second", "--year", "2019").output
    assert "330200-2019 " in run(lists, "copy", "330200-2018-second", "--year", "2019", "--slug", "").output


def test_names_unknown_units_below_an_unknown_publisher(lists: Flask, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = NINGBO.read_text(encoding="utf-8").replace('publisher: "330200"', 'publisher: "999998"')
    wrong.write_text(text.replace('"330203": 18万', '"999999": 18万'), "utf-8")
    told = run(lists, "import", wrong).output
    assert [code for code in ("999998", "999999") if f"没有代码为 {code} 的单位" not in told] == []


def test_changes_nothing_of_a_list_that_has_ended(lists: Flask, tmp_path: Path) -> None:
    run(lists, "import", NINGBO)
    for step in ("publish", "run", "close"):
        run(lists, step, "330200-2018")
    changed = tmp_path / "changed.yaml"
    changed.write_text(NINGBO.read_text(encoding="utf-8").replace("150万", "160万"), encoding="utf-8")
    refused = run(lists, "import", changed, "--reason", "再改")
    assert (refused.exit_code, "已经结束，不能再改" in refused.output) == (1, True)


@pytest.mark.parametrize("command", ["import", "publish", "export", "run", "close", "copy"])
def test_explains_itself_with_an_example(app: Flask, command: str) -> None:
    assert f"例：flask programmes {command}" in run(app, command, "--help").output
