"""The web server as ``gunicorn.conf.py`` sets it up: no path from a header, JSON on stderr without what was asked for."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 30
PATH: Final = "/people/broken?q=canary"


class Local(http.client.HTTPConnection):
    """HTTP over a socket in the file system: a peer gunicorn trusts like a proxy on this machine."""

    def __init__(self, place: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE_S)
        self._place = place

    def connect(self) -> None:
        """To the socket instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._place))


@contextmanager
def served(folder: Path, *more: str) -> Iterator[tuple[Path, Path]]:
    """Gunicorn before an application that echoes: its socket and what it logs."""
    place, log = folder / "web.sock", folder / "log"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"unix:{place}",
        *more,
        "tests.support.echoing:app",
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stderr=out, stdout=out, env={**os.environ, "HOME": str(folder)}
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not place.exists():
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield place, log
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def asked(place: Path, path: str, **headers: str) -> str:
    """What is answered."""
    connection = Local(place)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_believes_no_path_from_a_header_and_logs_none(tmp_path: Path) -> None:
    with served(tmp_path) as (place, log):
        assert asked(place, "/away/metrics", SCRIPT_NAME="/away") == "|/away/metrics"
        assert asked(place, "/away", PATH_INFO="/metrics") == "|/away"
        asked(place, PATH)
    lines = log.read_text(encoding="utf-8").splitlines()
    events = [json.loads(line)["event"] for line in lines]
    assert {"Listening at: %s (%s)", "Error handling request %s %s"} <= {*events}
    assert "canary" not in "".join(lines)
    assert [*tmp_path.rglob("*.ctl")] == [], "it opens no socket for itself"


def test_notices_a_server_that_believes_and_logs(tmp_path: Path) -> None:
    """The planted fault: gunicorn without the file."""
    with served(tmp_path, "--config", "/dev/null") as (place, log):
        assert asked(place, "/away/metrics", SCRIPT_NAME="/away") == "/away|/metrics"
        asked(place, PATH)
    assert "canary" in log.read_text(encoding="utf-8")
