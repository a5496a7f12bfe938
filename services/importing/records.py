"""The tables of a project folder, column by column: docs/import.md as code."""

# ruff: noqa: RUF009  what describes a column is dataclasses.field() with our metadata

import datetime as dt
from dataclasses import dataclass

from billing import Until
from models import (
    AccountingMethod,
    ChangeOrderStatus,
    ContractType,
    InvoiceStatus,
    PaymentMethod,
    PeriodStatus,
    Review,
)
from services.importing.cells import (
    day,
    email,
    folder_name,
    money,
    one_of,
    position,
    rate,
    rule_position,
    text,
    type_code,
    units,
    yes_or_no,
)
from services.importing.columns import Record, may_be_empty, optional, required
from services.importing.sources import PROJECT_FILE

_number = text(60)
_item = text(60)
_long_text = text(10_000, lines=True)


@dataclass(frozen=True, kw_only=True)
class ContractRecord(Record):
    file = "contracts.csv"
    is_required = True

    number: str = required(_number)
    title: str = required(text(300))
    company: str = required(text(200))
    type: ContractType = optional(one_of(ContractType), ContractType.SUBCONTRACT)
    #: Which statuses there are depends on the type.
    status: str = optional(text(40), "approved")
    executed: bool = optional(yes_or_no, default=False)
    contract_date: dt.date | None = optional(day)
    address: str = optional(text(400, lines=True), "")
    work_retainage_percent: int = optional(rate, 0)
    stored_retainage_percent: int = optional(rate, 0)
    accounting_method: AccountingMethod = optional(
        one_of(AccountingMethod), AccountingMethod.AMOUNT
    )
    description: str = optional(_long_text, "")
    inclusions: str = optional(_long_text, "")
    exclusions: str = optional(_long_text, "")
    start_date: dt.date | None = optional(day)
    estimated_completion: dt.date | None = optional(day)
    execution_date: dt.date | None = optional(day)
    signed_received_date: dt.date | None = optional(day)
    payment_terms: str = optional(text(300), "")
    invoices_enabled: bool = optional(yes_or_no, default=True)
    private: bool = optional(yes_or_no, default=False)
    #: Of its files, where the number does not serve as a folder's name.
    folder: str = optional(folder_name, "")


@dataclass(frozen=True, kw_only=True)
class LineRecord(Record):
    file = "schedule_of_values.csv"
    is_required = True

    contract: str = required(_number)
    item: str = required(_item)
    description: str = required(text(1000, lines=True))
    scheduled_value: int = required(money)
    budget_code: str = optional(text(100), "")
    unit: str = optional(text(20), "")
    quantity: int | None = optional(units)
    unit_price: int | None = optional(units)


@dataclass(frozen=True, kw_only=True)
class ChangeOrderRecord(Record):
    file = "change_orders.csv"

    contract: str = required(_number)
    number: str = required(_number)
    title: str = required(text(300))
    status: ChangeOrderStatus = required(one_of(ChangeOrderStatus))
    approved_date: dt.date | None = optional(day)


@dataclass(frozen=True, kw_only=True)
class ChangeOrderLineRecord(Record):
    file = "change_order_lines.csv"

    contract: str = required(_number)
    change_order: str = required(_number)
    item: str = required(_item)
    description: str = required(text(1000, lines=True))
    amount: int = required(money)
    budget_code: str = optional(text(100), "")
    unit: str = optional(text(20), "")
    quantity: int | None = optional(units)
    unit_price: int | None = optional(units)


@dataclass(frozen=True, kw_only=True)
class PeriodRecord(Record):
    file = "billing_periods.csv"
    is_required = True

    start: dt.date = required(day)
    end: dt.date = required(day)
    due: dt.date | None = optional(day)
    status: PeriodStatus = required(one_of(PeriodStatus))


@dataclass(frozen=True, kw_only=True)
class InvoiceRecord(Record):
    file = "invoices.csv"

    contract: str = required(_number)
    position: int = required(position)
    number: str = optional(_number, "")
    period_start: dt.date | None = may_be_empty(day)
    period_end: dt.date | None = may_be_empty(day)
    billing_date: dt.date | None = optional(day)
    status: InvoiceStatus = optional(one_of(InvoiceStatus), InvoiceStatus.DRAFT)
    comments: str = optional(_long_text, "")
    final: bool = optional(yes_or_no, default=False)


@dataclass(frozen=True, kw_only=True)
class InvoiceLineRecord(Record):
    file = "invoice_lines.csv"

    contract: str = required(_number)
    position: int = required(position)
    item: str = required(_item)
    #: "" for a line of the schedule of values.
    change_order: str = optional(_number, "")
    work_this_period: int = required(money)
    new_stored: int = optional(money, 0)
    stored_installed: int = optional(money, 0)
    work_retainage_percent: int | None = optional(rate)
    work_retainage: int | None = optional(money)
    work_retainage_released: int = optional(money, 0)
    stored_retainage_percent: int | None = optional(rate)
    stored_retainage: int | None = optional(money)
    stored_retainage_released: int = optional(money, 0)
    review: Review = optional(one_of(Review), Review.NO_ACTION)
    review_reason: str = optional(text(500), "")
    quantity_this_period: int | None = optional(units)


@dataclass(frozen=True, kw_only=True)
class RetainageRuleRecord(Record):
    file = "retainage_rules.csv"

    contract: str = required(_number)
    position: int = required(rule_position)
    percent: int = required(rate)
    until: Until = required(one_of(Until))
    limit_percent: int | None = optional(rate)
    limit_amount: int | None = optional(money)


@dataclass(frozen=True, kw_only=True)
class InvoiceContactRecord(Record):
    file = "invoice_contacts.csv"

    contract: str = required(_number)
    email: str = required(email)
    name: str = optional(text(200), "")


@dataclass(frozen=True, kw_only=True)
class PaymentRecord(Record):
    file = "payments.csv"

    contract: str = required(_number)
    number: str = required(_number)
    method: PaymentMethod = required(one_of(PaymentMethod))
    amount: int = required(money)
    date: dt.date = required(day)
    #: Of the invoice that it pays, if any.
    position: int | None = optional(position)
    check_number: str = optional(text(60), "")
    invoice_number: str = optional(text(60), "")
    notes: str = optional(_long_text, "")


@dataclass(frozen=True, kw_only=True)
class DocumentTypeRecord(Record):
    """A type of attachments that the project has beside those of every project."""

    file = "document_types.csv"

    code: str = required(type_code)
    name: str = required(text(80))


@dataclass(frozen=True, kw_only=True)
class FileRecord(Record):
    """What the folders of files cannot say of a file."""

    file = "files.csv"

    path: str = required(text(1000))
    name: str = optional(text(255), "")
    left_out: bool = optional(yes_or_no, default=False)
    #: "": guessed from the name.
    document_type: str = optional(text(40), "")
    #: A type that is given is one that a person chose, unless this says otherwise.
    type_confirmed: bool = optional(yes_or_no, default=True)
    expires: dt.date | None = optional(day)


TABLES: tuple[type[Record], ...] = (
    ContractRecord,
    LineRecord,
    ChangeOrderRecord,
    ChangeOrderLineRecord,
    PeriodRecord,
    InvoiceRecord,
    InvoiceLineRecord,
    DocumentTypeRecord,
    RetainageRuleRecord,
    InvoiceContactRecord,
    PaymentRecord,
    FileRecord,
)
#: Every name in a project folder, in the order of its description.
NAMES = (PROJECT_FILE, *(kind.file for kind in TABLES), "attachments", "signed")
