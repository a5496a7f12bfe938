"""Failures that every command in the terminal may meet, as a sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask

from models import db


def init_app(app: Flask) -> None:
    """For the commands of our blueprints; Flask's and Alembic's own stay as they are."""
    for blueprint in app.blueprints.values():
        for command in blueprint.cli.commands.values():
            if command.callback:
                command.callback = _in_words(command.callback)


def _in_words(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except (sa.exc.OperationalError, sa.exc.ProgrammingError) as e:
            raise click.ClickException(
                f"The database {db.engine.url.database} cannot be used: {e.orig}. If another "
                "version of Drawpack made it, start this one (make run): it brings the database "
                "up to date, or says why it cannot."
            ) from e

    return run
