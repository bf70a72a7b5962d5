"""Fixtures: where the small city of a module is served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories.small_city import SmallCity
from tests.support.serving import serving


@pytest.fixture
def address(city: SmallCity) -> Iterator[str]:
    with serving(city.app) as address:
        yield address
