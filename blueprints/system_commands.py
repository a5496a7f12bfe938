"""`flask system …`: whether the installation is well, and its backups."""

import json
import sys
from dataclasses import asdict

import click
from flask import Blueprint

from models import utcnow
from services.system.checking import check
from services.system.result import State, worst

bp = Blueprint("system_commands", __name__, cli_group="system")


@bp.cli.command("check")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check_command(*, as_json: bool) -> None:
    """Look at everything that Drawpack needs; exit 1 if something has failed."""
    results = check(utcnow())
    state = worst(results)
    if as_json:
        found = {"state": state, "results": [asdict(each) for each in results]}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for each in results:
            click.echo(f"{each.state.upper():<8} {each.name:<13} {each.sentence}")
    sys.exit(state == State.FAILED)
