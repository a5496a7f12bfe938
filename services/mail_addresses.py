"""E-mail addresses, of accounts, contacts and recipients alike."""

import re
import unicodedata

from services.errors import AppError

_LONGEST = 254
_LETTER = r"[^\W_]"
_LABEL = rf"{_LETTER}(({_LETTER}|-)*{_LETTER})?"
#: What mail servers take without quoting: nothing that could begin another address or header. A
#: server's name has two parts or more, letters of any script among them.
_ADDRESS = re.compile(
    r"[a-z0-9#$&'*+/=?^_`{|}~-]+(\.[a-z0-9#$&'*+/=?^_`{|}~-]+)*"
    rf"@(({_LABEL}\.)+{_LABEL}|localhost)"
)


class AddressRefused(AppError):
    """No address."""


def parse(text: str) -> str:
    """In small letters. Raises `AddressRefused`."""
    email = unicodedata.normalize("NFC", text).strip().lower()
    if len(email) > _LONGEST or not _ADDRESS.fullmatch(email) or not _has_host(email):
        shown = "".join(letter if letter.isprintable() else "�" for letter in email[:100])
        raise AddressRefused(f"“{shown}” is not an e-mail address.")
    return email


def _has_host(email: str) -> bool:
    """Whether its server has a name that can be looked up; it goes to mail servers as this one."""
    try:
        email.rpartition("@")[2].encode("idna")
    except UnicodeError:
        return False
    return True
