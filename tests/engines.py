"""Each test has a database of its own, and an engine for it; what they ask is the same: the text of
a statement is made once, which took a fifth of the time of the tests that ask a database."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache


def compile_statements_once():
    """Let engines share the statements that they compiled. All of a kind speak with one library, or
    one server, so their dialects are equal though each has an object of its own."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _is_alike
        dialect.__hash__ = _kind
    SQLAlchemy._make_engine = _sharing(SQLAlchemy._make_engine)


def _is_alike(dialect, other):
    return type(dialect) is type(other)


def _kind(dialect):
    return hash(type(dialect))


def _sharing(make_engine):
    known = LRUCache(2000)

    def make(extension, bind_key, options, app):
        engine = make_engine(extension, bind_key, options, app)
        engine._compiled_cache = known
        return engine

    return make
