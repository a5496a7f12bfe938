"""Argon2id, in the form that names its own cost; hashes of older kinds still fit."""

from dataclasses import dataclass
from typing import Any

from werkzeug.security import check_password_hash

#: For somebody who has an account but signs in through a provider only: no password fits it.
NO_PASSWORD = "!"  # noqa: S105 - the absence of one


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: passes, kibibytes of memory, lanes."""

    passes: int
    memory: int
    lanes: int


#: OWASP's password storage cheat sheet, for Argon2id: 19 MiB, two passes, one lane.
COST = Cost(passes=2, memory=19 * 1024, lanes=1)


def hash_of(password: str) -> str:
    made: str = _hasher().hash(password)
    return made


def fits(kept: str, password: str) -> bool:
    """Whether a kept hash, of whatever age, is of this password."""
    if not kept.startswith("$argon2"):
        return check_password_hash(kept, password)
    # The background jobs never need it, and each would hold it in memory.
    from argon2.exceptions import VerificationError  # noqa: PLC0415

    try:
        return bool(_hasher().verify(kept, password))
    except VerificationError:
        return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made by another method, or at another cost, than today's."""
    return not kept.startswith("$argon2") or bool(_hasher().check_needs_rehash(kept))


def _hasher() -> Any:
    from argon2 import PasswordHasher  # noqa: PLC0415

    return PasswordHasher(COST.passes, COST.memory, COST.lanes)
