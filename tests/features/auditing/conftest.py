"""Fixtures: a site with its auditors."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.audited import Audited, build_audited


@pytest.fixture
def audited(app: Flask) -> Audited:
    """May of one district is accepted; auditors and an admin can sign in."""
    return build_audited(app)
