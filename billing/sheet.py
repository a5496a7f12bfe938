"""What comes out of a billing: the sheet of one invoice, line by line and summed, in cents."""

from dataclasses import dataclass
from decimal import Decimal

from billing.inputs import LineKey
from billing.money import ratio_percent


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One row of the continuation sheet: columns C to I (design: money)."""

    item: str
    #: Number of the change order, or "" for a line of the schedule of values.
    change_order: str
    description: str
    budget_code: str
    scheduled_value: int
    work_completed_from_previous_application: int
    work_completed_this_period: int
    #: Stored by earlier invoices and still stored (before this invoice's new material).
    materials_previously_stored: int
    #: Moved out of what earlier invoices stored, usually into the work of this period.
    stored_installed: int
    new_materials_stored: int
    materials_presently_stored: int
    total_completed_and_stored_to_date: int
    balance_to_finish: int
    work_retainage_this_period: int
    work_retainage_released: int
    work_retainage_held: int
    stored_retainage_released: int
    stored_retainage_held: int

    @property
    def key(self) -> LineKey:
        return self.change_order, self.item

    @property
    def total_retainage(self) -> int:
        return self.work_retainage_held + self.stored_retainage_held

    @property
    def total_completed_and_stored_to_date_percent(self) -> Decimal:
        """G of C in percent, two places, half up; 0.00 where nothing is scheduled."""
        return ratio_percent(self.total_completed_and_stored_to_date, self.scheduled_value)


@dataclass(frozen=True, slots=True)
class ChangeOrderBox:
    """Additions and deductions by change order; deductions are zero or negative."""

    positive_previous: int
    positive_new: int
    negative_previous: int
    negative_new: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Lines 1 to 9 under the field's names; the names of the JSON are these."""

    original_contract_sum: int
    net_change_by_change_orders: int
    contract_sum_to_date: int
    total_completed_and_stored_to_date: int
    completed_work_retainage_amount: int
    stored_materials_retainage_amount: int
    total_retainage: int
    total_earned_less_retainage: int
    less_previous_certificates_for_payment: int
    current_payment_due: int
    balance_to_finish_including_retainage: int
    percent_complete: Decimal
    #: 5a in percent of D + E, and 5b in percent of F; two places.
    completed_work_retainage_percent: Decimal
    stored_materials_retainage_percent: Decimal
    change_orders: ChangeOrderBox


@dataclass(frozen=True, slots=True)
class Sheet:
    """One invoice as billed; base lines first, then the change orders that appear on it."""

    position: int
    lines: tuple[SheetLine, ...]
    summary: Summary

    @property
    def work_this_period(self) -> int:
        """Sum of column E."""
        return sum(line.work_completed_this_period for line in self.lines)

    @property
    def gross_this_period(self) -> int:
        """Completed and stored by this invoice alone: line 4 less line 4 of the invoice before."""
        return sum(
            line.work_completed_this_period + line.new_materials_stored - line.stored_installed
            for line in self.lines
        )
