"""`flask period …`: what the worker does with billing periods, in the terminal."""

import click
from flask import Blueprint

from jobs.periods import advance_periods
from services.formats import counted

bp = Blueprint("period_commands", __name__, cli_group="period")


@bp.cli.command("advance")
def advance_command() -> None:
    """Make the automatic billing periods that have begun; the worker does so every minute."""
    click.echo(f"{counted(advance_periods(), 'billing period')} made.")
