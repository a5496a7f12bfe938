"""One clock for all hosts: that of the database's server, where there is one.

Leases and heartbeats are written by one host and judged by another. A host whose clock is half a
minute ahead would declare the living work of all others lost.
"""

from datetime import UTC, datetime, timedelta

#: Less than this is what NTP leaves, and harms nothing; a clock that is set anew by milliseconds
#: with every connection would run backwards.
_TOLERATED = timedelta(seconds=1)

_ahead = timedelta()


def now() -> datetime:
    """The time of the database's server in UTC, by this host's clock and what it is off."""
    return datetime.now(UTC) + _ahead


def compare(server: datetime, before: datetime, after: datetime) -> timedelta:
    """Note how far the server, asked between `before` and `after`, is ahead of this host."""
    global _ahead  # noqa: PLW0603 - one clock for the process
    found = server - (before + (after - before) / 2)
    _ahead = found if abs(found) > _TOLERATED + (after - before) / 2 else timedelta()
    return _ahead
