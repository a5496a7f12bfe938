"""The account that invoices are sent with, and the keys by which its calls are known."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import sqlalchemy as sa
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import current_app

from models import ConnectKey, SigningAccount, db
from services import audit, vault
from services.docusign.account import Account
from services.errors import AppError
from services.signing.provider import Provider, SigningFailed
from services.visible import SENTENCE, is_visible

DEMO, PRODUCTION = "https://account-d.docusign.com", "https://account.docusign.com"
#: Where the service sends its calls, and where a person comes back to after granting consent.
WEBHOOK_PATH, SETTINGS_PATH = "/webhooks/docusign", "/settings/signing"

_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class SettingsRefused(AppError):
    """Settings that cannot work; `field` is the one to look at."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody typed. An empty private key keeps the one that is there."""

    base_url: str
    integration_key: str
    user_id: str
    account_id: str
    private_key: str = field(default="", repr=False)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "Entered":
        chosen = form.get("environment", "")
        known = {"demo": DEMO, "production": PRODUCTION}
        typed = form.get("base_url", "").strip().rstrip("/")
        return cls(
            base_url=known.get(chosen, typed),
            integration_key=form.get("integration_key", "").strip(),
            user_id=form.get("user_id", "").strip(),
            account_id=form.get("account_id", "").strip(),
            private_key=form.get("private_key", "").strip(),
        )


def current() -> SigningAccount | None:
    return db.session.get(SigningAccount, 1)


def is_set_up() -> bool:
    return current() is not None


def save(entered: Entered) -> None:
    """Keep the settings, the key sealed. Raises SettingsRefused."""
    _refuse_unusable(entered)
    row = current()
    if row is None:
        if not entered.private_key:
            raise SettingsRefused("private_key", "Paste the RSA private key of the app.")
        row = SigningAccount(id=1)
        db.session.add(row)
    for name in ("base_url", "integration_key", "user_id", "account_id"):
        setattr(row, name, getattr(entered, name))
    if entered.private_key:
        row.private_key = vault.seal(entered.private_key)
    audit.record("settings.changed", detail={"setting": "DocuSign", "account": row.account_id})
    db.session.commit()


def forget() -> None:
    """Remove the account. Envelopes under way stay as they are, unwatched."""
    db.session.execute(sa.delete(SigningAccount))
    audit.record("settings.changed", detail={"setting": "DocuSign", "account": "removed"})
    db.session.commit()


@contextmanager
def provider() -> Iterator[Provider]:
    """The service, signed in on first use. Raises SigningFailed where none is set up.

    Reads the settings at once, so no transaction need be open while it is used.
    """
    # Imported here: an HTTP client is large, and a worker keeps it in every job.
    from services.docusign.client import DocuSign  # noqa: PLC0415

    row = current()
    if row is None:
        raise SigningFailed("No signing service is set up; an administrator does that.")
    key = vault.unseal(row.private_key)
    account = Account(row.base_url, row.integration_key, row.user_id, row.account_id, key)
    db.session.rollback()
    with DocuSign(account, our_address(SETTINGS_PATH)) as service:
        yield service


def notify_url() -> str:
    """Where the service can tell us what happened; empty where it cannot reach this machine, or
    nobody could know that it was the service who called."""
    address = our_address(WEBHOOK_PATH)
    has_key = db.session.scalar(sa.select(ConnectKey.id).limit(1)) is not None
    return address if has_key and address.startswith("https://") else ""


def our_address(path: str) -> str:
    base: str = current_app.config["BASE_URL"]
    return base + path


def connect_keys() -> list[ConnectKey]:
    return list(db.session.scalars(sa.select(ConnectKey).order_by(ConnectKey.id)))


def connect_secrets() -> list[str]:
    """The secrets of all active keys, to compare a call with."""
    return [vault.unseal(key.secret) for key in connect_keys()]


def add_connect_key(name: str, secret: str) -> None:
    """Raises SettingsRefused."""
    secret = secret.strip()
    if not secret:
        raise SettingsRefused("secret", "Paste the Connect key that DocuSign shows.")
    if len(secret) > 200 or not secret.isascii():
        raise SettingsRefused("secret", "That is no Connect key of DocuSign.")
    if not is_visible(" ".join(name.split())):
        raise SettingsRefused("name", f"The name {SENTENCE}.")
    shown = " ".join(name.split())[:60] or f"Key {len(connect_keys()) + 1}"
    db.session.add(ConnectKey(name=shown, secret=vault.seal(secret)))
    audit.record("settings.changed", detail={"setting": "Connect keys", "added": shown})
    db.session.commit()


def remove_connect_key(key_id: int) -> None:
    row = db.session.get(ConnectKey, key_id)
    if row is None:
        return
    db.session.delete(row)
    audit.record("settings.changed", detail={"setting": "Connect keys", "removed": row.name})
    db.session.commit()


def _refuse_unusable(entered: Entered) -> None:
    address = urlsplit(entered.base_url)
    is_safe = address.scheme == "https" or (
        address.scheme == "http" and address.hostname in _LOOPBACK
    )
    if not (is_safe and address.netloc and not address.path and len(entered.base_url) <= 300):
        raise SettingsRefused(
            "base_url", "The address must begin with https:// and have no path, such as " + DEMO
        )
    for name, said in (
        ("integration_key", "integration key"),
        ("user_id", "user id"),
        ("account_id", "account id"),
    ):
        if not _ID.fullmatch(getattr(entered, name)):
            raise SettingsRefused(
                name, f"The {said} is a number like 7f3c1a52-0b1d-4e0e-9d51-2c4b8a1e6f90."
            )
    if entered.private_key:
        _refuse_no_key(entered.private_key)


def _refuse_no_key(text: str) -> None:
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SettingsRefused(
            "private_key",
            "That is no RSA private key: paste all of it, from “-----BEGIN RSA PRIVATE KEY-----” "
            "to the end line.",
        )
