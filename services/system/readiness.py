"""Whether requests can be served: what a load balancer or a monitor asks every few seconds."""

import os
import shutil

import sqlalchemy as sa

from models import User, db, reading
from services import objects, storage

#: Less than this, and not even the database can grow.
_LEAST_SPACE = 10 * 1024**2


def readiness() -> dict[str, bool]:
    """Each part that a request needs, and whether it can be used. Milliseconds; writes nothing."""
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
        # After an error of the disk Linux says so in the flags of the file system.
        if os.statvfs(data).f_flag & os.ST_RDONLY:
            return False
        # Also false for everybody on a file system that is mounted read-only.
        may_write = os.access(data, os.R_OK | os.W_OK | os.X_OK)
        return may_write and shutil.disk_usage(data).free >= _LEAST_SPACE
    except OSError:
        return False
