"""Fixtures: a headless Chromium that reaches this machine only, and pages as a clerk's computer shows them."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.installing import ProgramMissing, apt_install, can_use_apt

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
PATIENCE_MS = 10_000
LOCK = Path(tempfile.gettempdir()) / f"shishitong-browser-{os.geteuid()}.lock"


def find_chromium(playwright: Playwright) -> str:
    """Chromium's program: on PATH, else by apt when root, else playwright's own, else a failure that says so."""
    bundled = Path(playwright.chromium.executable_path)
    if found := _on_path() or _existing(bundled):
        return found
    if can_use_apt():
        apt_install("chromium", "fonts-noto-cjk")
    else:
        _install_bundled()
    if found := _on_path() or _existing(bundled):
        return found
    raise ProgramMissing(
        "The journeys need Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk), "
        "or let playwright fetch its own (.venv/bin/playwright install chromium)."
    )


def _on_path() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _existing(program: Path) -> str | None:
    return str(program) if program.exists() else None


def _install_bundled() -> None:
    """Failure is told by what is missing afterwards; test processes wait for one another."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of this test process."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(playwright), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without memory, in Chinese and on Shanghai time."""
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    """An empty page."""
    return browser_context.new_page()


def press(page: Page, key: str) -> None:
    """Press a key once the page shown has its scripts; right after a form was sent it may only have its text."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)
