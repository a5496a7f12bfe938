"""Whether requests can be served: what a load balancer or a monitor asks every few seconds."""

import errno
import os
import shutil
from pathlib import Path

import sqlalchemy as sa

from models import User, db, reading
from services import objects, storage

#: Less than this, and not even the database can grow.
_LEAST_SPACE = 10 * 1024**2


def readiness() -> dict[str, bool]:
    """Each part that a request needs, and whether it can be used. Milliseconds; leaves nothing
    behind."""
    found = {"database": _database(), "data_folder": _data_folder()}
    return found | {"storage": objects.answers()} if objects.is_external() else found


def _database() -> bool:
    try:
        with reading():
            db.session.execute(sa.select(User.id).limit(1))
    except sa.exc.SQLAlchemyError:
        return False
    return True


def _data_folder() -> bool:
    data = storage.data_dir()
    try:
        # Also false for everybody on a file system that is mounted read-only.
        may_write = os.access(data, os.R_OK | os.W_OK | os.X_OK)
        return may_write and _takes_files(data) and shutil.disk_usage(data).free >= _LEAST_SPACE
    except OSError:
        return False


def _takes_files(folder: Path) -> bool:
    """Whether a file can be begun. It never gets a name; only so shows a disk that turned read-only
    after an error, where the kernel still calls it writable."""
    if not hasattr(os, "O_TMPFILE"):
        return True
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError as e:
        return e.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}
    return True
