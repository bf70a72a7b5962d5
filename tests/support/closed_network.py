"""The network is closed: a test process speaks to its own machine only."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = frozenset({"localhost", "", None})


class NetworkClosed(Exception):
    """A test tried to reach another machine."""


def close_network() -> None:
    """Refuse connections, datagrams and name look-ups beyond loopback, for the rest of this process.

    An audit hook sees the calls below every library that goes through the socket module, and cannot be undone.
    """
    sys.addaudithook(_refuse_outside)


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        _refuse(arguments[1])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        _refuse(arguments[:1])


def _refuse(address: Any) -> None:
    """Only internet addresses are tuples: a unix socket's path (str, bytes) stays on the machine."""
    if isinstance(address, tuple) and not _is_local(address[0]):
        raise NetworkClosed(f"tests reach no other machine: {address[0]!r}")


def _is_local(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def pytest_configure() -> None:
    """Close it before the first test is collected."""
    close_network()
