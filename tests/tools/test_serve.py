"""``make run``: the accounts it shows, and that it notices a port in use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.copies import ROOT
from tools import serve


def test_aligns_accounts_with_chinese_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(
        "login,password,role,org_unit\nzhang,geheim,reporter,海曙区\nli,x,viewer,市\n", encoding="utf-8-sig"
    )
    monkeypatch.setattr(serve, "ACCOUNTS", file)
    lines = serve.account_table()
    assert [line.split() for line in lines[1:]] == [
        ["zhang", "geheim", "reporter", "海曙区"],
        ["li", "x", "viewer", "市"],
    ]
    assert len({serve.shown_width(line) for line in lines}) == 1


def test_shows_no_table_without_a_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "ACCOUNTS", tmp_path / "none.csv")
    assert serve.account_table() == []


def test_refuses_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        run = subprocess.run(
            [sys.executable, "tools/serve.py"],
            cwd=ROOT,
            env={**os.environ, "PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 1
    assert port in run.stderr
