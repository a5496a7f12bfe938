"""All tables of a folder side by side, and the questions that several checks ask."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from services.importing.cells import quoted
from services.importing.columns import Record
from services.importing.problems import Report
from services.importing.records import (
    ChangeOrderLineRecord,
    ChangeOrderRecord,
    ContractRecord,
    DocumentTypeRecord,
    FileRecord,
    InvoiceContactRecord,
    InvoiceLineRecord,
    InvoiceRecord,
    LineRecord,
    PaymentRecord,
    PeriodRecord,
    RetainageRuleRecord,
)
from services.importing.tables import Table

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table of a project folder."""

    contracts: Table[ContractRecord]
    lines: Table[LineRecord]
    change_orders: Table[ChangeOrderRecord]
    change_order_lines: Table[ChangeOrderLineRecord]
    periods: Table[PeriodRecord]
    invoices: Table[InvoiceRecord]
    invoice_lines: Table[InvoiceLineRecord]
    document_types: Table[DocumentTypeRecord]
    retainage_rules: Table[RetainageRuleRecord]
    invoice_contacts: Table[InvoiceContactRecord]
    payments: Table[PaymentRecord]
    files: Table[FileRecord]

    def invoice_keys(self) -> set[tuple[str, int]]:
        return {(row.contract, row.position) for row in self.invoices.rows}


@dataclass(slots=True)
class Context:
    """The tables, what they are known by, and where problems go.

    What a table lacks is reported only when the whole table was read.
    """

    tables: Tables
    report: Report
    contracts: set[str] = field(init=False)
    change_orders: dict[tuple[str, str], ChangeOrderRecord] = field(init=False)
    periods: set[tuple[date, date]] = field(init=False)
    invoices: set[tuple[str, int]] = field(init=False)
    #: Contracts with an invoice whose position could not be read.
    unsure: set[str] = field(init=False)

    def __post_init__(self) -> None:
        tables = self.tables
        self.contracts = {row.number for row in tables.contracts.rows}
        self.change_orders = {(row.contract, row.number): row for row in tables.change_orders.rows}
        self.periods = {(row.start, row.end) for row in tables.periods.rows}
        self.invoices = tables.invoice_keys()
        self.unsure = {row.contract for row in tables.invoices.rows if not row.has("position")}

    def add(self, row: Record, column: str, message: str) -> None:
        self.report.add(row.file, message, row.row, column)

    def lacks_period(self, start: date, end: date) -> bool:
        """Not where it may be one whose dates could not be read: that was reported, and is the
        cause."""
        table = self.tables.periods
        return (
            table.is_read
            and (start, end) not in self.periods
            and not any(
                (not row.has("start") or row.start == start)
                and (not row.has("end") or row.end == end)
                for row in table.rows
            )
        )

    def lacks_invoice(self, contract: str, position: int) -> bool:
        """Not where it may be one whose position could not be read."""
        table = self.tables.invoices
        return (
            table.is_read
            and (contract, position) not in self.invoices
            and contract not in self.unsure
        )

    def name(self, kind: type[Record]) -> str:
        """What messages call a table."""
        return self.report.shown(kind.file)

    def unique(self, table: Table[R], columns: tuple[str, ...], named: Callable[[R], str]) -> None:
        first: dict[Hashable, int] = {}
        for row in good(table, *columns):
            key = tuple(getattr(row, column) for column in columns)
            if first.setdefault(key, row.row) != row.row:
                message = f"{named(row)} is listed twice; first in row {first[key]}."
                self.add(row, columns[-1], message)

    def known_contracts(self, table: Table[Any]) -> None:
        """For tables whose rows name a `contract`."""
        if not self.tables.contracts.is_read:
            return
        for row in good(table, "contract"):
            if row.contract not in self.contracts:
                self.add(
                    row,
                    "contract",
                    f"{self.name(ContractRecord)} has no contract {quoted(row.contract)}.",
                )

    def known_change_order(self, row: Record, contract: str, number: str) -> bool:
        """Whether it is listed; reports it when it surely is not."""
        is_listed = (contract, number) in self.change_orders
        # A strange contract is reported as such.
        if not is_listed and self.tables.change_orders.is_read and contract in self.contracts:
            what = f"change order {quoted(number)} of this contract"
            message = f"{self.name(ChangeOrderRecord)} has no {what}."
            self.add(row, "change_order", message)
        return is_listed


def good(table: Table[R], *columns: str) -> Iterable[R]:
    """The rows whose `columns` were understood; the others were reported cell by cell."""
    return (row for row in table.rows if row.has(*columns))
