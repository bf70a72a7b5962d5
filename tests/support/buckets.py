"""A bucket of an S3 server on this machine, for the tests of the evidence store; nothing leaves loopback."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from moto.moto_server.werkzeug_app import create_backend_app

from tests.support.serving import serving

BUCKET: Final = "evidence"


@contextmanager
def served_bucket() -> Iterator[str]:
    """A fresh S3 server with one empty bucket; its endpoint."""
    with serving(create_backend_app("s3")) as endpoint:
        make = urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")
        with urllib.request.urlopen(make) as answer:
            assert answer.status == 200
        yield endpoint


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The endpoint of one server for the whole run."""
    with served_bucket() as endpoint:
        yield endpoint


@pytest.fixture
def bucket_url(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """What an operator writes into EVIDENCE_URL, with the ``AWS_…`` variables beside it; a prefix of each test's own."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_REGION": "cn-north-1",
        "AWS_ACCESS_KEY_ID": "sample",
        "AWS_SECRET_ACCESS_KEY": "sample",
    }.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{abs(hash(request.node.nodeid))}"
