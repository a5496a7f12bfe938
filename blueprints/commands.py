"""`flask invoice …`: an invoice in the terminal."""

import json
from typing import Any

import click
from flask import Blueprint

from models import reading
from services import invoice_json
from services.invoice_json import NoSuchInvoice

bp = Blueprint("commands", __name__, cli_group="invoice")

_COLUMNS = (
    ("Scheduled", "scheduled_value"),
    ("Previous", "work_completed_from_previous_application"),
    ("This period", "work_completed_this_period"),
    ("Stored", "materials_presently_stored"),
    ("To date", "total_completed_and_stored_to_date"),
    ("%", "total_completed_and_stored_to_date_percent"),
    ("Balance", "balance_to_finish"),
    ("Retainage", "total_retainage"),
)


@bp.cli.command("show")
@click.argument("project")
@click.argument("contract")
@click.argument("position", type=click.IntRange(min=1, max=100_000))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show_command(project: str, contract: str, position: int, *, as_json: bool) -> None:
    """Print what the invoice in POSITION of CONTRACT says, summary and lines."""
    with reading():
        try:
            described = invoice_json.describe(invoice_json.find(project, contract, position))
        except NoSuchInvoice as e:
            raise click.ClickException(str(e)) from e
    if as_json:
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join([*_head(described), "", *_table(described["lines"])]))


def _head(invoice: dict[str, Any]) -> list[str]:
    period = invoice["period"]
    days = f"{period['start']} to {period['end']}" if period["start"] else "no billing period"
    number = f" ({invoice['number']})" if invoice["number"] else ""
    title = f"{invoice['contract']}, invoice {invoice['position']}{number}"
    amounts = invoice["summary"].items()
    return [
        f"{title}: {invoice['status'].replace('_', ' ')}, {days}",
        "",
        *(f"{name.replace('_', ' ').capitalize():<44} {amount:>16}" for name, amount in amounts),
    ]


def _table(lines: list[dict[str, Any]]) -> list[str]:
    head = ["Item", *(title for title, _ in _COLUMNS), "Description"]
    rows = [head] + [
        [_item(line), *(line[name] for _, name in _COLUMNS), " ".join(line["description"].split())]
        for line in lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)),
                row[-1],
            ]
        )
        for row in rows
    ]


def _item(line: dict[str, Any]) -> str:
    return f"{line['change_order']} / {line['item']}" if line["change_order"] else line["item"]
