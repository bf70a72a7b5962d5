"""What ``make run`` does once everything is installed: migrate, load the demonstration, serve until Ctrl-C."""

from __future__ import annotations

import csv
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from honcho.manager import Manager

ROOT: Final = Path(__file__).resolve().parents[1]
PROGRAMS: Final = Path(sys.executable).parent
ACCOUNTS: Final = ROOT / "instance" / "demo-accounts.csv"
METERS: Final = ROOT / "instance" / "meters"
"""Where web processes add up their counts."""
DEMO_TODAY: Final = "2018-08-08"  # July has been due for two days and is in every state
PATIENCE_S: Final = 60
STOPPED_BY_HAND: Final = {128 + signal.SIGINT, 128 + signal.SIGTERM}


def main() -> int:
    """Prepare the database, then run web and worker; 0 after Ctrl-C."""
    environment = {"DEMO_TODAY": DEMO_TODAY, **os.environ, "PYTHONUNBUFFERED": "1"}
    host, port = environment.get("HOST", "127.0.0.1"), int(environment.get("PORT", "8000"))
    if is_answering(host, port):
        print(f"{host}:{port} 已被占用；可另选端口，例如：make run PORT=8001", file=sys.stderr)
        return 1
    for step in ("db upgrade", "demo load"):
        done = subprocess.run([*flask(), *step.split()], cwd=ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
    environment.setdefault("PROMETHEUS_MULTIPROC_DIR", str(emptied(METERS)))
    threading.Thread(target=announce, args=(host, port), daemon=True).start()
    return run_processes(host, port, environment)


def emptied(folder: Path) -> Path:
    """The folder without what an earlier start left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()
    return folder


def run_processes(host: str, port: int, environment: dict[str, str]) -> int:
    """Web and worker side by side; when one ends, or on Ctrl-C, both are ended."""
    manager = Manager()
    for name, command in {"web": web(host, port), "worker": [*flask(), "worker"]}.items():
        # exec: the signal must reach the program, not a shell in front of it
        manager.add_process(name, f"exec {shlex.join(command)}", env=environment, cwd=str(ROOT))
    manager.loop()
    code = int(manager.returncode or 0)
    return 0 if code in STOPPED_BY_HAND else code


def flask() -> list[str]:
    """The application's command line."""
    return [str(PROGRAMS / "flask")]


def web(host: str, port: int) -> list[str]:
    """The web server, as in docs/deploy.md but small."""
    place = ["--bind", f"{f'[{host}]' if ':' in host else host}:{port}"]
    size = ["--workers", "2", "--threads", "8", "--graceful-timeout", "3"]
    return [str(PROGRAMS / "gunicorn"), *place, *size, "--log-level", "warning", "wsgi:app"]


def announce(host: str, port: int) -> None:
    """Print address and accounts as soon as the server answers."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_answering(host, port):
        if time.monotonic() > deadline:
            return
        time.sleep(0.2)
    lines = [
        "",
        f"实事通已启动：http://{f'[{host}]' if ':' in host else host}:{port}",
        "",
        *account_table(),
        "",
        "按 Ctrl-C 停止。",
    ]
    print("\n".join(lines), flush=True)


def account_table() -> list[str]:
    """The demonstration accounts as lines of aligned columns; none when there is no demonstration."""
    if not ACCOUNTS.exists():
        return []
    with ACCOUNTS.open(encoding="utf-8-sig", newline="") as opened:
        rows = [
            [row[name] for name in ("login", "password", "role", "org_unit")]
            for row in csv.DictReader(opened)
        ]
    table = [["账号", "密码", "角色", "单位"], *rows]
    widths = [max(shown_width(row[column]) for row in table) for column in range(4)]
    return [
        "  ".join(cell + " " * (width - shown_width(cell)) for cell, width in zip(row, widths, strict=True))
        for row in table
    ]


def shown_width(text: str) -> int:
    """Columns a terminal needs: a Chinese character takes two."""
    return sum(2 if ord(character) >= 0x1100 else 1 for character in text)


def is_answering(host: str, port: int) -> bool:
    """Whether something accepts connections there (0.0.0.0 and :: are asked on loopback)."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  asked, not bound
    try:
        with socket.create_connection((target, port), timeout=0.5):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
