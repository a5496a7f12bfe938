"""E-mail addresses of people who may have no account."""

import re

from services.delivery.texts import refuse_control
from services.errors import AppError

#: What mail servers take without quoting: nothing that could begin another address or header.
_ADDRESS = re.compile(
    r"[a-z0-9#$&'*+/=?^_`{|}~-]+(\.[a-z0-9#$&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


class AddressRefused(AppError):
    """No address, or one that is there already."""


def parse(text: str) -> str:
    """In small letters. Raises `AddressRefused`."""
    email = text.strip().lower()
    if len(email) > 254 or not _ADDRESS.fullmatch(email):
        shown = "".join(letter for letter in email[:80] if letter.isprintable())
        raise AddressRefused(f"“{shown}” is not an e-mail address.")
    return email


def parse_name(text: str) -> str:
    """One line as a mail may show it. Raises `TextRefused`."""
    name = text.strip()
    refuse_control(name, "The name")
    if len(name) > 100:
        raise AddressRefused("Keep the name below 100 characters.")
    return name
