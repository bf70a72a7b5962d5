"""A counter of the test's own that speaks as much of the redis protocol on loopback as counting visits takes."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class CountingServer(socketserver.ThreadingTCPServer):
    """What was counted, by key."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Teller)
        self.counted: Counter[bytes] = Counter()

    @property
    def url(self) -> str:
        """What ``RATE_LIMIT_URL`` is set to."""
        return f"redis://127.0.0.1:{self.server_address[1]}/0"


class _Teller(socketserver.StreamRequestHandler):
    server: CountingServer

    def handle(self) -> None:
        while line := self.rfile.readline():
            words = [self._word() for _ in range(int(line[1:]))]
            self.wfile.write(self._answer(*words))

    def _word(self) -> bytes:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:size]

    def _answer(self, command: bytes, *rest: bytes) -> bytes:
        if command == b"EVALSHA":  # its words: the script, how many keys, the key, seconds, by how many
            self.server.counted[rest[2]] += 1
            return b":%d\r\n" % self.server.counted[rest[2]]
        if command == b"GET":
            return b":%d\r\n" % self.server.counted[rest[0]]
        return b":60\r\n" if command == b"TTL" else b"+OK\r\n"


@contextmanager
def counting_server() -> Iterator[CountingServer]:
    """A server that counts; closed at the end."""
    with CountingServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
