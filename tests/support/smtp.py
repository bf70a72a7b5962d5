"""A post office of the test's own: takes letters on loopback and keeps them, or refuses."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class PostOffice(socketserver.ThreadingTCPServer):
    """What was handed in, oldest first; ``refuses`` is answered to every recipient instead of taking the letter."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.letters: list[EmailMessage] = []
        self.refuses: bytes | None = None

    @property
    def url(self) -> str:
        """The address letters are sent by."""
        return f"smtp://127.0.0.1:{self.server_address[1]}?from=office@example.cn"


class _Clerk(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.wfile.write(b"220 office\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
            if word == b"RCPT" and self.server.refuses:
                self.wfile.write(self.server.refuses + b" no\r\n")
            else:
                self.wfile.write(b"250 well\r\n")
            if word == b"QUIT":
                return

    def _take(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        parsed = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(parsed, EmailMessage)
        self.server.letters.append(parsed)


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """An open post office; closed at the end."""
    with PostOffice() as office:
        thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
            thread.join()
