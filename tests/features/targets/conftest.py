"""The world in which targets are divided."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.decomposition import Decomposition, plant_decomposition


@pytest.fixture
def world(app: Flask) -> Decomposition:
    """A short list: the special kinds and three flows."""
    return plant_decomposition(app, rows=10)
