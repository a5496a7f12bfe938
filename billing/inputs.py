"""What is put into a billing: the contract's lines and what each invoice entered. Plain data.

Every amount is an integer of cents; every rate is a `Decimal` of percent (10 means 10 %).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

#: Names a line within its contract: (change order number or "", item number).
LineKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the schedule of values, or of a change order when `change_order` is its number."""

    item: str
    description: str
    scheduled_value: int
    change_order: str = ""
    budget_code: str = ""

    @property
    def key(self) -> LineKey:
        return self.change_order, self.item


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """An *approved* change order; `approved` is None when nobody noted the day."""

    number: str
    title: str
    approved: date | None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What one invoice enters on one line. Absent lines enter nothing and change nothing.

    `work_retainage` is this period's amount, `stored_retainage` the amount held in all on stored
    material. An amount wins over a percent; with neither, the contract's rate is used.
    """

    work_this_period: int = 0
    new_stored: int = 0
    #: Moved out of the previous materials stored; does not by itself raise work.
    stored_installed: int = 0
    work_retainage: int | None = None
    work_retainage_percent: Decimal | None = None
    work_retainage_released: int = 0
    stored_retainage: int | None = None
    stored_retainage_percent: Decimal | None = None
    stored_retainage_released: int = 0

    @property
    def has_amount(self) -> bool:
        """Whether any money is entered; a percent alone bills nothing."""
        return any(
            (
                self.work_this_period,
                self.new_stored,
                self.stored_installed,
                self.work_retainage,
                self.work_retainage_released,
                self.stored_retainage,
                self.stored_retainage_released,
            )
        )


@dataclass(frozen=True, slots=True)
class InvoiceInput:
    """One invoice: its running number on the contract, the end of its period and its entries."""

    position: int
    #: None for an invoice that has lost, or never had, a billing period.
    period_end: date | None
    entries: Mapping[LineKey, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContractInput:
    """All that decides what the invoices of one contract say."""

    lines: tuple[Line, ...]
    change_orders: tuple[ChangeOrder, ...] = ()
    invoices: tuple[InvoiceInput, ...] = ()
    work_retainage_percent: Decimal = Decimal(0)
    stored_retainage_percent: Decimal = Decimal(0)

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """Base lines first, then those of the change orders."""
        return (*self.lines, *(line for order in self.change_orders for line in order.lines))
