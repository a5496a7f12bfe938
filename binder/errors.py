"""Failures whose sentence a user may read."""


class BinderError(Exception):
    """A backup, page or file could not be made; the message says which and why."""


class Cancelled(BinderError):
    """Somebody asked to stop; nothing was left behind."""


class PagesDiffer(BinderError):
    """What came out is not what went in."""
