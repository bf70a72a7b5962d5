"""One-time codes of the second factor (RFC 6238) and the recovery codes that stand in for a lost telephone."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from datetime import datetime
from typing import Final

import pyotp
import segno

ISSUER: Final = "实事通"
STEP_S: Final = 30
DRIFT: Final = (0, -1, 1)
"""Steps in which a code is taken: this one, the one before for slow hands, the next for a clock that is fast."""
SECRET_LETTERS: Final = 32
RECOVERY_CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_DIGITS: Final = re.compile(r"\d{6}")


def new_secret() -> str:
    """160 random bits in base32, as authenticators take them."""
    return pyotp.random_base32(SECRET_LETTERS)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step since 1970 whose code this is; None when it is none of those taken now."""
    typed, present = tidy(code), int(now.timestamp()) // STEP_S
    if not _DIGITS.fullmatch(typed):
        return None
    codes = pyotp.TOTP(secret, interval=STEP_S)
    found = [
        present + drift for drift in DRIFT if hmac.compare_digest(codes.generate_otp(present + drift), typed)
    ]
    return found[0] if found else None


def setup_address(secret: str, login: str) -> str:
    """What the QR code says: an ``otpauth`` address with the product's name and the login."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=login, issuer_name=ISSUER)


def setup_picture(secret: str, login: str) -> str:
    """The QR code as an image address (``data:``), which the content policy allows."""
    picture: str = segno.make(setup_address(secret, login), error="l").svg_data_uri(scale=5, border=4)
    return picture


def spaced(secret: str) -> str:
    """The secret in groups of four, to be typed by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Ten codes of 59 random bits, in three groups of four letters that cannot be mistaken for one another."""
    return ["-".join(_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]


def tidy(code: str) -> str:
    """A code as it was meant: full-width characters, blanks and hyphens do not matter."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))
