"""Contracts, their schedules of values and change orders, seen together."""

from models import CONTRACT_STATUSES
from services.importing.cells import listed, quoted
from services.importing.context import Context, good
from services.importing.documents import folder_name
from services.importing.records import ContractRecord


def check_contracts(context: Context) -> None:
    contracts = context.tables.contracts
    context.unique(contracts, ("number",), lambda row: f"contract {row.number}")
    _folders_differ(context)
    _statuses_fit(context)
    _one_address_per_company(context)
    _lines(context)
    _change_orders(context)


def folder_of(row: ContractRecord) -> str:
    """What the folder of its files is called."""
    return row.folder or folder_name(row.number)


def _folders_differ(context: Context) -> None:
    folders: dict[str, ContractRecord] = {}
    for row in good(context.tables.contracts, "number", "folder"):
        folder = folder_of(row)
        first = folders.setdefault(folder, row)
        if first.number != row.number:
            message = f"contract {first.number} of row {first.row} has the folder {folder} too."
            context.add(row, "number", message)


def _statuses_fit(context: Context) -> None:
    for row in good(context.tables.contracts, "type", "status"):
        statuses = CONTRACT_STATUSES[row.type]
        if row.status not in statuses:
            expected = f"a status of a {row.type.replace('_', ' ')}: {listed(statuses)}"
            context.add(row, "status", f"{quoted(row.status)} is not {expected}.")


def _one_address_per_company(context: Context) -> None:
    addresses: dict[str, str] = {}
    for row in good(context.tables.contracts, "company", "address"):
        if row.address and addresses.setdefault(row.company, row.address) != row.address:
            place = f"{row.file}, row {row.row}, column address"
            context.report.notes.append(
                f"{place}: {row.company} keeps the address of an earlier row."
            )


def _lines(context: Context) -> None:
    lines = context.tables.lines
    context.unique(lines, ("contract", "item"), lambda row: f"item {row.item}")
    context.known_contracts(lines)


def _change_orders(context: Context) -> None:
    orders, lines = context.tables.change_orders, context.tables.change_order_lines
    context.unique(orders, ("contract", "number"), lambda row: f"change order {row.number}")
    context.known_contracts(orders)
    context.unique(lines, ("contract", "change_order", "item"), lambda row: f"item {row.item}")
    context.known_contracts(lines)
    for row in good(lines, "contract", "change_order"):
        context.known_change_order(row, row.contract, row.change_order)
