"""Ed25519 over a manifest of all files' digests: what proves an issue without asking this program."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from tracker.domain.messages import Refusal

_PURPOSE: Final = b"shishitong bulletin signing key 1\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """The publisher's key, drawn from the setting ``SIGNING_KEY``; never printed."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str) -> Signer:
        """The same secret gives the same key on every host."""
        return cls(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(_PURPOSE + secret.encode()).digest()))

    def sign(self, content: bytes) -> str:
        """The detached signature, Base64."""
        return base64.b64encode(self._key.sign(content)).decode()

    @property
    def public_key(self) -> str:
        """The key to check with, Base64 of its 32 bytes."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()


def pem_of(public_key: str) -> bytes:
    """The key in the form other programs read (PEM, SubjectPublicKeyInfo)."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class UnreadableKey(Refusal):
    """This is no Ed25519 public key."""


def read_public_key(content: bytes) -> str:
    """Base64 of the key in a PEM file or a line of Base64; raises UnreadableKey."""
    try:
        if content.lstrip().startswith(b"-----"):
            key = load_pem_public_key(content)
            if not isinstance(key, Ed25519PublicKey):
                raise UnreadableKey("这不是 Ed25519 公钥。")
            return base64.b64encode(key.public_bytes_raw()).decode()
        text = content.strip().decode("ascii")
        Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm, binascii.Error):
        raise UnreadableKey("这不是公钥文件。") from None
    return text


def is_signed(content: bytes, *, signature: str, public_key: str) -> bool:
    """Whether ``signature`` over ``content`` was made with the key of ``public_key``; False for anything unreadable."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
