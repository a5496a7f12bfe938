"""Why a backup of the installation could not be made, read or brought back."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import AppError

_FULL = {errno.ENOSPC, errno.EDQUOT}


class SystemBackupError(AppError):
    """What was asked for was not done, and nothing was changed; the message says why."""


@contextmanager
def disk_in_words(outcome: str, place: Path) -> Iterator[None]:
    """Turn a failure of the disk that holds `place` into a sentence; `outcome` ends it."""
    try:
        yield
    except OSError as e:
        if e.errno in _FULL:
            raise SystemBackupError(
                f"The disk of {place} is full: {outcome}. Make room on it and try again."
            ) from e
        where = e.filename or place
        raise SystemBackupError(f"{where}: {e.strerror or e}; {outcome}.") from e
