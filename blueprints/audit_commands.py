"""`flask audit verify`: whether the record is as it was written."""

import sys

import click
from flask import Blueprint

from models import reading
from services import audit
from services.formats import counted

bp = Blueprint("audit_commands", __name__, cli_group="audit")


@bp.cli.command("verify")
@click.option("--seen", default="", metavar="HASH", help="A hash that this command printed before.")
def verify_command(seen: str) -> None:
    """Follow the chain of the audit log; exit 1 names the first entry that does not fit."""
    with reading():
        found = audit.verify(seen.strip().lower())
    if isinstance(found, audit.Broken):
        click.echo(f"BROKEN at entry {found.entry_id}: {found.reason}.", err=True)
        sys.exit(1)
    click.echo(
        f"{counted(found.entries, 'entry', 'entries')}, unbroken. The last hash: {found.last}"
    )
