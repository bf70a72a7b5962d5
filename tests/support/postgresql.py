"""A private PostgreSQL cluster for one test process: unix socket only, gone when the process ends."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.support.installing import ProgramMissing, apt_install, can_use_apt

DEBIAN_FOLDERS = "/usr/lib/postgresql/*/bin"
SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "autovacuum": "off",
}  # not where durability is tested
SMALL = {"shared_buffers": "32MB", "max_connections": "60", "listen_addresses": "''"}


@dataclass
class Cluster:
    """A running cluster; each test's database is copied from a template in it."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """The address of database ``name``, as the application takes it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, *, template: str = "template0") -> str:
        """Make a database, empty or a copy of ``template`` (to which nobody may be connected); its name."""
        name = f"test_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, closing whatever is still connected to it."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """A connection outside the application, as the cluster's owner; each statement commits."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=name, autocommit=True)

    def _run(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement.encode())


def find_programs() -> Path:
    """The folder of PostgreSQL's server programs: from PATH, else Debian's, else installed by apt.

    A lone ``pg_ctl`` on PATH may be a link or a wrapper, so the folder counts only with all three programs.
    """
    found = _search()
    if found is None and can_use_apt():
        apt_install("postgresql")
        found = _search()
    if found is None:
        raise ProgramMissing(
            "The tests need PostgreSQL's server programs (initdb, pg_ctl, postgres): "
            "install them (Debian: apt-get install postgresql) or put their folder on PATH."
        )
    return found


def _search() -> Path | None:
    on_path = shutil.which("pg_ctl")
    folders = [Path(on_path).parent, Path(on_path).resolve().parent] if on_path else []
    newest_first = sorted(Path("/").glob(DEBIAN_FOLDERS.lstrip("/")), key=_version, reverse=True)
    for folder in [*folders, *newest_first]:
        if all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _version(folder: Path) -> int:
    digits = folder.parent.name.split(".")[0]
    return int(digits) if digits.isdecimal() else 0


@contextmanager
def running_cluster(*, is_durable: bool = False) -> Iterator[Cluster]:
    """A cluster that answers; a durable one survives a crash and is slower."""
    programs = find_programs()
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if owner:
        shutil.chown(folder, owner["user"], owner["group"])
    place = str(folder / "cluster")
    settings = SMALL if is_durable else SMALL | SPEED
    options = " ".join([f"-k {folder}", *(f"-c {name}={value}" for name, value in settings.items())])
    initdb = ["initdb", "-D", place, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    start = ["pg_ctl", "start", "-D", place, "-w", "-t", "60", "-l", str(folder / "log"), "-o", options]
    stop = ["pg_ctl", "stop", "-D", place, "-m", "immediate"]
    try:
        _run(programs, initdb, owner)
        _run(programs, start, owner)
        try:
            yield Cluster(folder)
        finally:
            _run(programs, stop, owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who it runs as instead, in the words of subprocess."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(programs: Path, arguments: list[str], owner: dict[str, Any]) -> None:
    command = [str(programs / arguments[0]), *arguments[1:]]
    with tempfile.TemporaryFile("w+") as output:  # a pipe would be kept open by the server
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        done = subprocess.run(command, cwd="/", check=False, **streams, **owner)
        output.seek(0)
        if done.returncode:
            raise ProgramMissing(f"{' '.join(command)} failed:\n{output.read()[-2000:]}")
