"""What it means when the database fails: somebody else writes, it is away, or we did wrong."""

import sqlite3

import sqlalchemy as sa

#: PostgreSQL's codes for having waited too long, or for having been chosen to give way.
_GAVE_WAY = {"55P03", "40001", "40P01"}
#: For a server that stops, starts, or has no connection to spare; 08 is the class of lost ones.
_AWAY = {"57P01", "57P02", "57P03", "53300"}


def is_busy(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether another writer, such as a large import, was in the way for too long."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) in _GAVE_WAY


def is_away(error: sa.exc.SQLAlchemyError) -> bool:
    """Whether the server cannot be reached, or the connection with it was lost."""
    if not isinstance(error, sa.exc.DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    code = getattr(error.orig, "sqlstate", None)
    if code is None:
        # The driver's own word, such as for a connection that is refused.
        return error.connection_invalidated or isinstance(error, sa.exc.OperationalError)
    return code in _AWAY or code.startswith("08")


def reason(error: Exception) -> str:
    """What the driver said, in one line; PostgreSQL's goes on with the statement."""
    said = str(getattr(error, "orig", error)).strip()
    return said.split("\n", 1)[0].rstrip(".") or type(error).__name__
