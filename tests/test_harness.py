"""The harness itself: isolation between tests, a closed network, and faults planted to see it fail."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.closed_network import NetworkClosed
from tracker.db import Database

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_forgets_what_a_session_committed(session: Session, turn: str) -> None:
    session.execute(text("CREATE TABLE trace (turn TEXT)"))
    session.execute(text("INSERT INTO trace VALUES (:turn)"), {"turn": turn})
    session.commit()
    assert session.scalars(text("SELECT turn FROM trace")).all() == [turn]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_gives_each_test_its_own_fresh_database(fresh_database: Database, turn: str) -> None:
    with fresh_database.session() as session:
        session.execute(text("CREATE TABLE trace (turn TEXT)"))
        session.commit()
    with fresh_database.read_session() as reader:
        assert reader.scalar(text("SELECT count(*) FROM trace")) == 0, turn


def test_runs_on_the_engine_it_names(database: Database, engine_name: str) -> None:
    assert database.write.dialect.name == database.read.dialect.name == engine_name


def test_reaches_its_own_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("example.org", 80), ("2001:db8::1", 80)])
def test_reaches_no_other_machine(address: tuple[str, int]) -> None:
    with pytest.raises(NetworkClosed):
        socket.create_connection(address, timeout=0.1)


PLANTED = {
    "nothing": ("def test_sound(): pass", "= 1 passed in"),
    "skip": ("import pytest\ndef test_fault(): pytest.skip('later')", "= 1 failed in"),
    "skip mark": ("import pytest\n@pytest.mark.skip\ndef test_fault(): pass", "= 1 error in"),
    "xfail": ("import pytest\n@pytest.mark.xfail\ndef test_fault(): assert False", "= 1 failed in"),
    "module skip": ("import pytest\npytest.skip('later', allow_module_level=True)", "= 1 error in"),
    "warning": ("import warnings\ndef test_fault(): warnings.warn('odd', stacklevel=1)", "= 1 failed in"),
    "connection": (
        "import urllib.request as r\ndef test_fault(): r.urlopen('http://192.0.2.1/')",
        "= 1 failed in",
    ),
    "datagram": (
        "import socket as s\ndef test_fault(): s.socket(type=2).sendto(b'', ('192.0.2.1', 9))",
        "= 1 failed in",
    ),
}


@pytest.mark.parametrize(("fault", "expected"), PLANTED.values(), ids=PLANTED)
def test_fails_on_a_planted_fault(fault: str, expected: str, tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(fault, encoding="utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:cacheprovider"]
    plugins = ["-p", "tests.support.closed_network", "-p", "tests.support.nothing_skipped"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *plugins, str(planted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    closing_line = run.stdout.splitlines()[-1]
    assert expected in closing_line, run.stdout
