"""Programs the tests need: found on PATH, else installed by apt when root, else a failure that says what to do."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

LOCK = Path(tempfile.gettempdir()) / "shishitong-apt.lock"


class ProgramMissing(Exception):
    """A program the tests need is not on this machine and could not be installed."""


def can_use_apt() -> bool:
    """Whether packages can be installed here: root, with apt-get on PATH."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages; test processes running side by side wait for one another."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for arguments in (["apt-get", "update", "-q"], install):
            done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise ProgramMissing(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
