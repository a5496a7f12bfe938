"""Secrets at rest: sealed with a key that comes from the installation's own secret.

Who has the database alone, or a backup of it, cannot read them; who also has `secret_key` can.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from services.errors import AppError

#: Another use of the same secret key must never give the same key.
_PURPOSE = b"drawpack: secrets at rest"


class VaultClosed(AppError):
    """A sealed secret cannot be opened with this installation's secret key."""


def seal(secret: str) -> str:
    """The text to keep in the database."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The inverse. Raises VaultClosed, for example after the secret key was replaced."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise VaultClosed(
            "The kept secrets were sealed with another secret key. Enter them again."
        ) from None


def _box() -> Fernet:
    secret: str = current_app.config["SECRET_KEY"]
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
