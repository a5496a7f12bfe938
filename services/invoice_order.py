"""How the invoices of a list are grouped and sorted, and which page of them is shown."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from models import InvoiceStatus
from services.invoice_rows import Row
from services.natural import natural


class GroupBy(StrEnum):
    CONTRACT = "contract"
    COMPANY = "company"
    PERIOD = "period"
    STATUS = "status"


_PAGE = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_STATUSES = list(InvoiceStatus)

#: What each column is sorted by; None goes last either way.
_COLUMNS: dict[str, Callable[[Row], Any]] = {
    "invoice": lambda row: natural(row.label),
    "status": lambda row: _STATUSES.index(row.status),
    "company": lambda row: row.contract.company.casefold(),
    "period": lambda row: row.period and (row.period.start, row.period.end),
    "gross": lambda row: row.gross,
    "net": lambda row: row.net,
    "date": lambda row: row.billing_date,
    "contract": lambda row: row.contract.key,
    "total": lambda row: row.contract_sum,
    "percent": lambda row: row.percent_complete,
}
#: Groups follow their subtotal in these columns, and their first row in the others.
_AMOUNTS = {"gross", "net"}


@dataclass(frozen=True, slots=True)
class Order:
    group: GroupBy = GroupBy.CONTRACT
    #: A column's name, "-" before it for descending; empty for the natural order.
    sort: str = ""
    page: int = 1
    #: Whether contracts without an invoice in the open period are shown after the invoices.
    with_unbilled: bool = True

    @classmethod
    def from_values(cls, values: MultiDict[str, str]) -> Self:
        """Read a query string or a form; what it does not know falls back to the default."""
        group, sort, page = values.get("group", ""), values.get("sort", ""), values.get("page", "")
        return cls(
            GroupBy(group) if group in list(GroupBy) else GroupBy.CONTRACT,
            sort if sort.removeprefix("-") in _COLUMNS else "",
            int(page) if _PAGE.fullmatch(page) else 1,
            values.get("unbilled") != "0",
        )

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def groups(self, rows: list[Row]) -> list[list[Row]]:
        """Rows that arrive by contract and position, in groups, both in this order."""
        groups = _grouped(self._sorted(rows), self.group)
        if self.column in _AMOUNTS:
            key = _COLUMNS[self.column]
            groups.sort(key=lambda group: sum(map(key, group)), reverse=self.is_descending)
        elif not self.sort:
            groups.sort(key=lambda group: _natural_place(group[0], self.group))
        return groups

    def _sorted(self, rows: list[Row]) -> list[Row]:
        if not self.sort:
            return rows
        keyed = [(_COLUMNS[self.column](row), row) for row in rows]
        known = [pair for pair in keyed if pair[0] is not None]
        known.sort(key=lambda pair: pair[0], reverse=self.is_descending)
        return [row for _, row in known] + [row for key, row in keyed if key is None]


def _grouped(rows: Iterable[Row], group: GroupBy) -> list[list[Row]]:
    """Groups in the order of their first rows."""
    found: dict[str, list[Row]] = {}
    for value, run in groupby(rows, key=lambda row: row.value_of(group)):
        found.setdefault(value, []).extend(run)
    return list(found.values())


def _natural_place(row: Row, group: GroupBy) -> Any:
    match group:
        case GroupBy.CONTRACT:
            return row.contract.key, row.contract.id
        case GroupBy.COMPANY:
            return natural(row.contract.company), row.contract.company_id
        case GroupBy.STATUS:
            return _STATUSES.index(row.status)
        case GroupBy.PERIOD:
            # The newest first, for it is the one being worked on; without a period last.
            period = row.period
            return (-period.start.toordinal(), -period.end.toordinal()) if period else (1, 1)
