"""Keyed digests: what must be recognised again but not be readable from the database alone. The key is SECRET_KEY's."""

import base64
import hmac
import secrets
from functools import lru_cache
from hashlib import sha256

from flask import current_app

CODE_LENGTH = 12
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two characters without I, O, 0 and 1."""


def digest(purpose: str, text: str) -> str:
    """A digest of `text` for one purpose; without the installation's key nobody can try texts against it."""
    return hmac.new(secret_key(), f"{purpose}\0{text}".encode(), sha256).hexdigest()


@lru_cache(maxsize=1000)
def keyed_digest(key: bytes, text: str) -> str:
    """HMAC-SHA-256 of what is asked again and again: the sessions that are open. Not for codes, which nothing need remember."""
    return hmac.new(key, text.encode(), sha256).hexdigest()


def code_of(purpose: str, nonce: str) -> str:
    """The code that belongs to a nonce: 12 characters (60 bits) nobody mistakes for one another on paper."""
    raw = hmac.new(secret_key(), f"{purpose}\0{nonce}".encode(), sha256).digest()
    return "".join(LETTERS[byte & 31] for byte in raw[:CODE_LENGTH])


def fresh_nonce() -> str:
    """Random, never used before."""
    return secrets.token_urlsafe(24)


def random_code(length: int) -> str:
    """A random code of readable characters."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def tidy_code(text: str) -> str:
    """A typed code as it was made: no spaces or hyphens, capitals."""
    return "".join(c for c in text.upper() if c in LETTERS)


def grouped(code: str) -> str:
    """ABCD-EFGH-JKLM: as it is printed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def encryption_key() -> bytes:
    """A key for Fernet, derived from SECRET_KEY."""
    return base64.urlsafe_b64encode(hmac.new(secret_key(), b"second factor at rest", sha256).digest())


def secret_key() -> bytes:
    """The installation's SECRET_KEY."""
    return str(current_app.config["SECRET_KEY"]).encode()
