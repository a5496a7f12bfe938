"""Databases for tests: files of SQLite, or where DRAWPACK_TEST_DATABASE names a PostgreSQL server,
databases there (`make test-postgres`)."""

import os
import shutil
import sqlite3
from contextlib import contextmanager
from itertools import count

import sqlalchemy as sa

from app import create_app
from models import db, postgresql
from models.base import begin_immediate
from services.system import schema
from tests import postgresql as servers

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

    def __init__(self, folder, server):
        self._server = server
        self._names = (f"test_{os.getpid()}_{number}" for number in count())
        self._template = next(self._names)
        _create_tables(folder, _of_ours(servers.create(server, self._template)))

    def make(self, data, *, is_migrated=True):
        template = self._template if is_migrated else "template0"
        return _of_ours(servers.create(self._server, next(self._names), template))

    def drop(self, url):
        servers.drop(self._server, url.partition("?")[0].rpartition("/")[2])


def _of_ours(url):
    return url.replace("postgresql://", "postgresql+psycopg://")


def _create_tables(folder, url):
    app = create_app({"DATA_DIR": folder, "SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        # Of the newest revision, and it says so, as in every installation.
        with db.engine.begin() as connection:
            schema.create(connection)
        db.engine.dispose()
    app.extensions["redis"].close()


@contextmanager
def somebody_writing(app):
    """Another program in the middle of a transaction that may write; yields its connection."""
    engine = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)
    begin_immediate()
    with engine.connect() as connection:
        connection.execute(sa.select(1))
        yield connection


@contextmanager
def observer(app):
    """A connection that takes no part in who may write; its transactions are over at once."""
    engine = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            driver.autocommit = True
        yield driver


def may_write(observed):
    """Whether the only write lock can be had at this moment."""
    if isinstance(observed, sqlite3.Connection):
        observed.execute("PRAGMA busy_timeout = 0")
        try:
            observed.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        observed.execute("ROLLBACK")
        return True
    query = f"SELECT pg_try_advisory_xact_lock({postgresql.WRITER})"
    return observed.execute(query).fetchone()[0]


def refuse_rows_of(table, why):
    """Have the database refuse every new row of a table, with these words."""
    if db.engine.dialect.name == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    else:
        refuse = f"BEGIN RAISE integrity_constraint_violation USING MESSAGE = '{why}'; END"
        db.session.execute(
            sa.text(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$")
        )
        body = "FOR EACH ROW EXECUTE FUNCTION refuse()"
    db.session.execute(sa.text(f"CREATE TRIGGER refusing BEFORE INSERT ON {table} {body}"))
    db.session.commit()
