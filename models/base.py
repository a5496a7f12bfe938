"""The declarative base, the database handle and the column types that all tables share."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

from models import clock, forks, postgresql

#: An amount of money in whole cents; 64 bits, since 32 end at 21 million dollars.
Cents = Annotated[int, mapped_column(sa.BigInteger)]
#: A rate in hundredths of a percent: 1000 is 10 %.
Rate = Annotated[int, mapped_column(sa.Integer)]
#: A quantity, or a price per unit in dollars, with four decimals: 12500 is 1.25.
TenThousandths = Annotated[int, mapped_column(sa.BigInteger)]


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite itself keeps no time zone."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime,
        dict[str, Any]: sa.JSON,
        # Store enum values, not names, and let the database check them.
        StrEnum: sa.Enum(
            Enum,
            values_callable=lambda enum: [member.value for member in enum],
            native_enum=False,
            create_constraint=True,
            length=40,
        ),
    }


# Models subclass Base, not db.Model: mypy understands it, and Flask-SQLAlchemy 3.1 cannot take a
# type_annotation_map (pallets-eco/flask-sqlalchemy#1361).
db = SQLAlchemy(metadata=Base.metadata)


def utcnow() -> datetime:
    """By the clock that all hosts share."""
    return clock.now()


#: How the next transaction begins, in SQLite's words. IMMEDIATE takes the only write lock at once,
#: so that a read followed by a write can neither lose an update nor fail half way; DEFERRED is for
#: reading. PostgreSQL does the same with a lock of ours (models/postgresql.py).
_begin: ContextVar[Literal["IMMEDIATE", "DEFERRED"]] = ContextVar("begin", default="IMMEDIATE")


def begin_deferred() -> None:
    """From here on, this request or job only reads, except inside `writing()`."""
    _begin.set("DEFERRED")


def begin_immediate() -> None:
    """From here on, every transaction may write."""
    _begin.set("IMMEDIATE")


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside take no write lock, so they never wait and nobody waits for them.

    Long jobs and GET requests read this way; a write inside belongs into `writing()`.
    """
    db.session.rollback()
    token = _begin.set("DEFERRED")
    try:
        yield
    finally:
        db.session.rollback()
        _begin.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """One short write transaction: begun IMMEDIATE, committed at the end, rolled back on error.

    Loaded objects are refreshed on their next use. Uncommitted changes made before are dropped.
    """
    db.session.rollback()
    token = _begin.set("IMMEDIATE")
    try:
        yield
        db.session.commit()
    finally:
        db.session.rollback()
        _begin.reset(token)


def use_database(app: Flask) -> None:
    """Connect the application with the database that its configuration names."""
    url = sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    is_postgresql = url.get_backend_name() == "postgresql"
    most = app.config["DATABASE_CONNECTIONS"]
    options = postgresql.engine_options(most) if is_postgresql else {}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        forks.watch(db.engine)


#: Seconds to wait for the only write lock. Who looks at a page is told to try again.
PATIENCE_OF_PAGES = 10
#: A job has nobody to tell, and an hour of work to lose.
PATIENCE_OF_JOBS = 300
_patience = PATIENCE_OF_PAGES


def be_patient() -> None:
    """From here on, connections of this process wait for as long as a job may."""
    global _patience  # noqa: PLW0603 - of a process, set once when a worker starts
    _patience = PATIENCE_OF_JOBS


@sa.event.listens_for(Engine, "connect")
def _set_up(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        _set_up_sqlite(connection)
    else:
        postgresql.set_up(connection, _patience)


def _set_up_sqlite(connection: sqlite3.Connection) -> None:
    # Python's own BEGIN logic is switched off; `_begin_transaction` does it.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_patience * 1000}",
        "journal_mode = WAL",
        # What somebody was told is kept must outlive a power cut; NORMAL may lose the last seconds,
        # and a mail that was sent would be sent again.
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@sa.event.listens_for(Engine, "begin")
def _begin_transaction(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"BEGIN {_begin.get()}")
    else:
        postgresql.begin(connection, may_write=_begin.get() == "IMMEDIATE")
