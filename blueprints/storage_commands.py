"""`flask storage …`: the store of files that hosts share (DRAWPACK_STORAGE_URL)."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Blueprint

from models import utcnow
from services import objects
from services.errors import AppError
from services.formats import counted, size
from services.objects import trimming
from services.system import shelf_cleaning, shelf_contents

bp = Blueprint("storage_commands", __name__, cli_group="storage")


@bp.cli.command("push")
def push_command() -> None:
    """Put into the store what only this host has: once, when an installation gets a store."""
    with _in_words():
        pushed = sum(1 for _ in trimming.push())
    click.echo(f"{counted(pushed, 'file')} put into the store.")


@bp.cli.command("verify")
def verify_command() -> None:
    """Read every file that the database names from the store; exit 1 unless all are as they were
    put there."""
    with _in_words():
        found = shelf_contents.verify()
    for name in found.missing:
        click.echo(f"MISSING: the database names {name}", err=True)
    for name in found.damaged:
        click.echo(f"DAMAGED: {name} has other bytes", err=True)
    if problems := len(found.missing) + len(found.damaged):
        raise click.ClickException(f"The store is not whole: {counted(problems, 'problem')}.")
    click.echo(f"The store is whole: {counted(found.files, 'file')}.")


@bp.cli.command("clean")
def clean_command() -> None:
    """Delete what no row names and is older than a day. Workers do so once a day."""
    with _in_words():
        gone = shelf_cleaning.clean(utcnow())
    click.echo(f"{counted(gone, 'object')} deleted.")


@bp.cli.command("trim")
@click.option(
    "--megabytes", type=click.IntRange(min=1), help="Instead of the limit of DRAWPACK_CACHE_MB."
)
def trim_command(megabytes: int | None) -> None:
    """Remove from this host what it has not read for longest and the store has, too. Workers do so
    every ten minutes; a host without one needs this in its crontab."""
    with _in_words():
        found = trimming.trim(megabytes * 1_000_000 if megabytes else None)
    click.echo(f"{size(found.before - found.after)} removed, {size(found.after)} left.")


@contextmanager
def _in_words() -> Iterator[None]:
    if not objects.is_external():
        raise click.ClickException("There is no store: DRAWPACK_STORAGE_URL is not set.")
    try:
        yield
    except AppError as e:
        raise click.ClickException(str(e)) from e
