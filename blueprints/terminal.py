"""Failures that every command in the terminal may meet, as a sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask

from models import db
from models.failures import reason


class NotUnderstood(click.UsageError):
    """A usage error with the status EX_USAGE of sysexits.h: 2, as click has it, means a refusal."""

    exit_code = 64


def init_app(app: Flask) -> None:
    """For the commands of our blueprints; Flask's and Alembic's own stay as they are."""
    for blueprint in app.blueprints.values():
        for command in blueprint.cli.commands.values():
            # The commands are those of the module: each new application has the same.
            if hasattr(command.make_context, "__wrapped__"):
                continue
            command.make_context = _with_usage(command.make_context)  # type: ignore[method-assign]
            if command.callback:
                command.callback = _in_words(command.callback)


def _in_words(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as e:
            raise click.ClickException(
                f"The database {db.engine.url.database} cannot be used: {reason(e)}. If another "
                "version of Drawpack made it, start this one (make run): it brings the database "
                "up to date, or says why it cannot."
            ) from e

    return run


def _with_usage(make_context: Callable[..., click.Context]) -> Callable[..., click.Context]:
    @wraps(make_context)
    def make(*args: Any, **kwargs: Any) -> click.Context:
        try:
            return make_context(*args, **kwargs)
        except click.UsageError as e:
            raise NotUnderstood(e.format_message(), e.ctx) from e

    return make
