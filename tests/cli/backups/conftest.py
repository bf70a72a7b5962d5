"""Fixtures: an installation, a backup of it, and an empty place to bring it to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.installation import Installation, plant_installation
from tests.support.databases import Copies
from tracker.db import Database


@pytest.fixture
def made(app: Flask) -> Installation:
    """The installation a backup is taken of."""
    return plant_installation(app)


@pytest.fixture
def file(made: Installation, tmp_path: Path) -> Path:
    """Its backup."""
    target = tmp_path / "whole.backup"
    done = made.runner.invoke(args=["backup", str(target)])
    assert done.exit_code == 0, done.output
    return target


@pytest.fixture
def new_place(database_copies: Copies) -> Iterator[Database]:
    """A database with all tables and nothing in them, on the same engine."""
    with database_copies() as own:
        yield own
