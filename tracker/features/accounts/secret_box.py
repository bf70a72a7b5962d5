"""Secrets kept in the database, encrypted with a key of their own that is derived from ``SECRET_KEY``."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
PURPOSE: Final = b"shishitong second factor"


class Unreadable(Exception):
    """The text was not encrypted with this key for this account: ``SECRET_KEY`` was changed, or a row was moved."""


@dataclass(frozen=True, slots=True)
class SecretBox:
    """AES-256-GCM; every text is bound to what it is for, so that it fits nowhere else."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret_key: str) -> SecretBox:
        """The box whose key comes from the installation's key by HKDF."""
        return cls(HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(secret_key.encode()))

    def lock(self, text: str, bound_to: str) -> str:
        """The text encrypted, as URL-safe letters."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        locked = AESGCM(self.key).encrypt(nonce, text.encode(), bound_to.encode())
        return base64.urlsafe_b64encode(nonce + locked).decode()

    def open(self, locked: str, bound_to: str) -> str:
        """The text again. Raises Unreadable."""
        try:
            raw = base64.urlsafe_b64decode(locked.encode())
            return AESGCM(self.key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode()).decode()
        except (InvalidTag, ValueError) as fault:
            raise Unreadable(bound_to) from fault
