"""Sending letters by SMTP: where ``MAIL_URL`` says, and nowhere without one."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

WAIT_S: Final = 10.0
PORTS: Final = {"smtp": 25, "smtps": 465}


class UnusableMailUrl(ValueError):
    """``MAIL_URL`` cannot be sent by; the text says what is wrong."""


class NotSent(Exception):
    """The letter did not leave. ``is_final``: another try would end alike (the address was refused)."""

    def __init__(self, fault: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Postman:
    """Who sends: ``smtp`` takes TLS when it is offered and demands it before a password, ``smtps`` begins with it."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    sender: str

    @classmethod
    def from_url(cls, url: str, *, home: str) -> Postman | None:
        """``smtp[s]://[user:password@]host[:port][?from=address]``; None for an empty one: nothing leaves.

        ``home`` is the host name people use; without ``from`` letters come from there. Raises UnusableMailUrl.
        """
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise UnusableMailUrl("应为 smtp://… 或 smtps://…")
        asked = parse_qs(parts.query)
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            sender=asked.get("from", [f"no-reply@{home or 'localhost'}"])[0],
        )

    def send(self, *, recipient: str, subject: str, body: str, now: datetime) -> None:
        """Hand one letter over. Raises NotSent; its text names no address and nothing of the letter."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, recipient, subject
        message["Date"], message["Message-ID"] = format_datetime(now), make_msgid(domain=self.host)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
        try:
            connection = self._connect()
            try:
                connection.send_message(message)
            finally:
                _hang_up(connection)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = {code for code, _words in refused.recipients.values()}
            is_final = all(code >= 500 for code in codes)
            raise NotSent(f"address refused ({min(codes)})", is_final=is_final) from None
        except smtplib.SMTPResponseException as answered:
            raise NotSent(f"{type(answered).__name__} ({answered.smtp_code})") from None
        except (smtplib.SMTPException, OSError) as lost:
            raise NotSent(type(lost).__name__) from None

    def _connect(self) -> smtplib.SMTP:
        """An open connection, encrypted and signed in as far as asked; it calls itself by the sender's domain."""
        context, named = ssl.create_default_context(), self.sender.rpartition("@")[2]
        if self.scheme == "smtps":
            return self._signed_in(
                smtplib.SMTP_SSL(self.host, self.port, named, timeout=WAIT_S, context=context)
            )
        connection = smtplib.SMTP(self.host, self.port, named, timeout=WAIT_S)
        try:
            if self.user is not None or _offers_tls(connection):
                connection.starttls(context=context)
        except smtplib.SMTPException:
            connection.close()
            raise
        return self._signed_in(connection)

    def _signed_in(self, connection: smtplib.SMTP) -> smtplib.SMTP:
        if self.user is None:
            return connection
        try:
            connection.login(self.user, self.password or "")
        except smtplib.SMTPException:
            connection.close()
            raise
        return connection


def _hang_up(connection: smtplib.SMTP) -> None:
    """A clumsy good-bye changes nothing about a letter that was taken."""
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


def _offers_tls(connection: smtplib.SMTP) -> bool:
    connection.ehlo_or_helo_if_needed()
    return connection.has_extn("starttls")
