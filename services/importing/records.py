"""The tables of a project folder, column by column: docs/import.md as code."""

# ruff: noqa: RUF009  the helpers below are dataclasses.field() with our metadata

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from models import ChangeOrderStatus, ContractType, InvoiceStatus, PeriodStatus
from services.importing.cells import (
    day,
    folder_name,
    money,
    one_of,
    position,
    rate,
    text,
    type_code,
    yes_or_no,
)
from services.importing.sources import PROJECT_FILE


@dataclass(frozen=True, slots=True)
class Cell:
    """How one column is read."""

    parse: Callable[[str], Any]
    column_is_required: bool = True
    cell_is_required: bool = True
    default: Any = None


def _cell(*args: Any, **options: Any) -> Any:
    return field(metadata={"cell": Cell(*args, **options)})


def _required(parse: Callable[[str], Any]) -> Any:
    return _cell(parse)


def _may_be_empty(parse: Callable[[str], Any]) -> Any:
    """The column must be there; a cell without text is None."""
    return _cell(parse, cell_is_required=False)


def _optional(parse: Callable[[str], Any], default: Any = None) -> Any:
    return _cell(parse, column_is_required=False, cell_is_required=False, default=default)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row. A column in `bad` was reported and holds None whatever its type says."""

    file: ClassVar[str]
    is_required: ClassVar[bool] = False

    row: int
    bad: frozenset[str] = frozenset()

    def has(self, *columns: str) -> bool:
        return self.bad.isdisjoint(columns)


_number = text(60)
_item = text(60)


@dataclass(frozen=True, kw_only=True)
class ContractRecord(Record):
    file = "contracts.csv"
    is_required = True

    number: str = _required(_number)
    title: str = _required(text(300))
    company: str = _required(text(200))
    type: ContractType = _optional(one_of(ContractType), ContractType.SUBCONTRACT)
    #: Which statuses there are depends on the type.
    status: str = _optional(text(40), "approved")
    executed: bool = _optional(yes_or_no, default=False)
    contract_date: date | None = _optional(day)
    address: str = _optional(text(400, lines=True), "")
    work_retainage_percent: int = _optional(rate, 0)
    stored_retainage_percent: int = _optional(rate, 0)
    private: bool = _optional(yes_or_no, default=False)
    #: Of its files, where the number does not serve as a folder's name.
    folder: str = _optional(folder_name, "")


@dataclass(frozen=True, kw_only=True)
class LineRecord(Record):
    file = "schedule_of_values.csv"
    is_required = True

    contract: str = _required(_number)
    item: str = _required(_item)
    description: str = _required(text(1000, lines=True))
    scheduled_value: int = _required(money)
    budget_code: str = _optional(text(100), "")


@dataclass(frozen=True, kw_only=True)
class ChangeOrderRecord(Record):
    file = "change_orders.csv"

    contract: str = _required(_number)
    number: str = _required(_number)
    title: str = _required(text(300))
    status: ChangeOrderStatus = _required(one_of(ChangeOrderStatus))
    approved_date: date | None = _optional(day)


@dataclass(frozen=True, kw_only=True)
class ChangeOrderLineRecord(Record):
    file = "change_order_lines.csv"

    contract: str = _required(_number)
    change_order: str = _required(_number)
    item: str = _required(_item)
    description: str = _required(text(1000, lines=True))
    amount: int = _required(money)
    budget_code: str = _optional(text(100), "")


@dataclass(frozen=True, kw_only=True)
class PeriodRecord(Record):
    file = "billing_periods.csv"
    is_required = True

    start: date = _required(day)
    end: date = _required(day)
    due: date | None = _optional(day)
    status: PeriodStatus = _required(one_of(PeriodStatus))


@dataclass(frozen=True, kw_only=True)
class InvoiceRecord(Record):
    file = "invoices.csv"

    contract: str = _required(_number)
    position: int = _required(position)
    number: str = _optional(_number, "")
    period_start: date | None = _may_be_empty(day)
    period_end: date | None = _may_be_empty(day)
    billing_date: date | None = _optional(day)
    status: InvoiceStatus = _optional(one_of(InvoiceStatus), InvoiceStatus.DRAFT)
    comments: str = _optional(text(10_000, lines=True), "")


@dataclass(frozen=True, kw_only=True)
class InvoiceLineRecord(Record):
    file = "invoice_lines.csv"

    contract: str = _required(_number)
    position: int = _required(position)
    item: str = _required(_item)
    #: "" for a line of the schedule of values.
    change_order: str = _optional(_number, "")
    work_this_period: int = _required(money)
    new_stored: int = _optional(money, 0)
    stored_installed: int = _optional(money, 0)
    work_retainage_percent: int | None = _optional(rate)
    work_retainage: int | None = _optional(money)
    work_retainage_released: int = _optional(money, 0)
    stored_retainage_percent: int | None = _optional(rate)
    stored_retainage: int | None = _optional(money)
    stored_retainage_released: int = _optional(money, 0)


@dataclass(frozen=True, kw_only=True)
class DocumentTypeRecord(Record):
    """A type of attachments that the project has beside those of every project."""

    file = "document_types.csv"

    code: str = _required(type_code)
    name: str = _required(text(80))


@dataclass(frozen=True, kw_only=True)
class FileRecord(Record):
    """What the folders of files cannot say of a file."""

    file = "files.csv"

    path: str = _required(text(1000))
    name: str = _optional(text(255), "")
    left_out: bool = _optional(yes_or_no, default=False)
    #: "": guessed from the name.
    document_type: str = _optional(text(40), "")
    #: A type that is given is one that a person chose, unless this says otherwise.
    type_confirmed: bool = _optional(yes_or_no, default=True)
    expires: date | None = _optional(day)


TABLES: tuple[type[Record], ...] = (
    ContractRecord,
    LineRecord,
    ChangeOrderRecord,
    ChangeOrderLineRecord,
    PeriodRecord,
    InvoiceRecord,
    InvoiceLineRecord,
    DocumentTypeRecord,
    FileRecord,
)
#: Every name in a project folder, in the order of its description.
NAMES = (PROJECT_FILE, *(kind.file for kind in TABLES), "attachments", "signed")
