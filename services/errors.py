"""Failures whose sentence a user may read."""


class AppError(Exception):
    """What was asked for cannot be done; the message says what and why."""
