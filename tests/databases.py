"""Databases for tests: files of SQLite, or where DRAWPACK_TEST_DATABASE names a PostgreSQL server,
databases there (`make test-postgres`)."""

import os
import shutil
from itertools import count

from app import create_app
from models import db
from tests import postgresql

#: The address of a server on which the tests may make and drop databases; "" for SQLite.
SERVER = os.environ.get("DRAWPACK_TEST_DATABASE", "")


class Files:
    """SQLite. Migrations are slow, copies are not."""

    def __init__(self, folder):
        self._template = folder / "drawpack.db"
        _create_tables(folder, f"sqlite:///{self._template}")

    def make(self, data, *, is_migrated=True):
        """A database for the data folder `data`; returns its address."""
        if is_migrated:
            shutil.copy(self._template, data / "drawpack.db")
        return f"sqlite:///{data / 'drawpack.db'}"

    def drop(self, url):
        """The test's folder goes as a whole."""


class OnServer:
    """PostgreSQL, with names of their own for each process that tests."""

    def __init__(self, folder, server=SERVER):
        self._server = server
        self._names = (f"test_{os.getpid()}_{number}" for number in count())
        self._template = next(self._names)
        _create_tables(folder, _of_ours(postgresql.create(server, self._template)))

    def make(self, data, *, is_migrated=True):
        template = self._template if is_migrated else "template0"
        return _of_ours(postgresql.create(self._server, next(self._names), template))

    def drop(self, url):
        postgresql.drop(self._server, url.partition("?")[0].rpartition("/")[2])

    def close(self):
        postgresql.drop(self._server, self._template)


def _of_ours(url):
    return url.replace("postgresql://", "postgresql+psycopg://")


def _create_tables(folder, url):
    app = create_app({"DATA_DIR": folder, "SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    app.extensions["redis"].close()
