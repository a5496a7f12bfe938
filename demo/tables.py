"""The tables of the demo project, in the format of docs/import.md."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from billing import Entry, decimal_string
from demo import project, terms
from demo.contracts import CONTRACTS
from demo.entries import billed
from demo.project import COMMENTS, STATUSES, Contract

Row = tuple[object, ...]


def write_tables(folder: Path) -> None:
    _write_project(folder / "project.toml")
    for name, header, rows in (
        ("contracts", "number,title,company,type,status,executed,contract_date,address,"
         "work_retainage_percent,stored_retainage_percent", map(_contract, CONTRACTS)),
        ("schedule_of_values", "contract,item,description,scheduled_value,budget_code", _lines()),
        ("change_orders", "contract,number,title,status,approved_date", _orders()),
        ("change_order_lines", "contract,change_order,item,description,amount", _order_lines()),
        ("billing_periods", "start,end,due,status", _periods()),
        ("invoices", "contract,position,number,period_start,period_end,billing_date,status,"
         "comments", _invoices()),
        ("invoice_lines", "contract,position,item,change_order,work_this_period,new_stored,"
         "stored_installed,work_retainage_percent,work_retainage,work_retainage_released",
         _invoice_lines()),
        ("retainage_rules", "contract,position,percent,until,limit_percent", terms.rules()),
        ("invoice_contacts", "contract,email,name", terms.contacts()),
        ("payments", "contract,number,method,amount,date,position", terms.payments()),
    ):  # fmt: skip
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header.split(","), *rows])


def _write_project(path: Path) -> None:
    facts = {
        "number": project.NUMBER,
        "name": project.NAME,
        "timezone": "America/Chicago",
        "owner": project.OWNER,
        "general_contractor": project.GENERAL_CONTRACTOR,
        "architect": project.ARCHITECT,
        "address": project.ADDRESS,
    }
    lines = (f'{key} = "{value}"\n' for key, value in facts.items())
    path.write_text("".join(lines), encoding="utf-8")


def _contract(contract: Contract) -> Row:
    return (
        contract.number,
        contract.title,
        contract.company,
        "purchase_order" if contract.is_purchase_order else "subcontract",
        "complete" if contract.number == "SC-001" else "approved",
        "yes" if contract.executed else "no",
        contract.signed,
        contract.address,
        contract.work_rate,
        contract.stored_rate,
    )


def _lines() -> Iterable[Row]:
    for contract in CONTRACTS:
        for part in contract.parts:
            value = decimal_string(part.value)
            yield contract.number, part.item, part.description, value, part.code


def _orders() -> Iterable[Row]:
    for contract in CONTRACTS:
        for order in contract.orders:
            yield contract.number, order.number, order.title, order.status, order.approved


def _order_lines() -> Iterable[Row]:
    for contract in CONTRACTS:
        for order in contract.orders:
            for part in order.parts:
                amount = decimal_string(part.value)
                yield contract.number, order.number, part.item, part.description, amount


def _periods() -> Iterable[Row]:
    for month in project.MONTHS:
        status = "open" if month == project.OPEN_MONTH else "closed"
        yield *project.period(month), project.billing_date(month), status


def _invoices() -> Iterable[Row]:
    for contract in CONTRACTS:
        for position in contract.positions:
            key, month = (contract.number, position), contract.month(position)
            yield (
                *key,
                contract.invoice_number(position),
                *project.period(month),
                project.billing_date(month),
                STATUSES.get(key, "approved"),
                COMMENTS.get(key, ""),
            )


def _invoice_lines() -> Iterable[Row]:
    for contract in CONTRACTS:
        for position, entries in billed(contract).entries.items():
            for (order, item), entry in entries.items():
                yield contract.number, position, item, order, *_amounts(entry)


def _amounts(entry: Entry) -> Row:
    return (
        decimal_string(entry.work_this_period),
        _given(entry.new_stored),
        _given(entry.stored_installed),
        _percent(entry.work_retainage_percent),
        "" if entry.work_retainage is None else decimal_string(entry.work_retainage),
        _given(entry.work_retainage_released),
    )


def _given(amount: int) -> str:
    return decimal_string(amount) if amount else ""


def _percent(percent: Decimal | None) -> str:
    return "" if percent is None else str(percent)
