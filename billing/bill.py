"""From what was entered to what each invoice of a contract says, in the order of positions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from billing.ambiguity import refuse_ambiguity
from billing.inputs import ChangeOrder, ContractInput, Entry, InvoiceInput, Line, LineKey
from billing.money import percent_of, ratio_percent
from billing.sheet import ChangeOrderBox, Sheet, SheetLine, Summary


def bill(contract: ContractInput) -> tuple[Sheet, ...]:
    """Work out the sheet of every invoice, first position first, whatever order they are given in.

    A listed line follows the rules of the continuation sheet. A line that an invoice does not list
    has nothing this period: its retainage on stored material stays what it was. A change order
    appears from the first invoice whose period ends on or after its approval, or that enters an
    amount on it, and on every later one; approved on an unknown day, it appears on all.

    Raises what `refuse_ambiguity` raises.
    """
    refuse_ambiguity(contract)
    ledger = Ledger.opened(contract)
    return tuple(
        ledger.enter(invoice)
        for invoice in sorted(contract.invoices, key=lambda invoice: invoice.position)
    )


@dataclass(slots=True)
class Ledger:
    """A contract as the invoices entered so far leave it; for trying out the next one, copy it."""

    contract: ContractInput
    rows: dict[LineKey, SheetLine]
    #: Numbers of the change orders that have come in.
    appeared: frozenset[str] = frozenset()
    #: Line 6 of the last invoice.
    certified: int = 0

    @classmethod
    def opened(cls, contract: ContractInput) -> Self:
        return cls(contract, {line.key: _opening_row(line) for line in contract.all_lines})

    def copy(self) -> "Ledger":
        return replace(self, rows=dict(self.rows))

    def enter(self, invoice: InvoiceInput) -> Sheet:
        """The sheet of the next invoice by position."""
        contract, rows = self.contract, self.rows
        new = frozenset(
            order.number
            for order in contract.change_orders
            if order.number not in self.appeared and _comes_in_on(order, invoice)
        )
        shown = _shown_lines(contract, self.appeared | new)
        for line in shown:
            rows[line.key] = _next_row(rows[line.key], invoice.entries.get(line.key), contract)
        lines = tuple(rows[line.key] for line in shown)
        box = _box(contract.change_orders, self.appeared, new)
        summary = _summary(lines, box, self.certified)
        self.appeared |= new
        self.certified = summary.total_earned_less_retainage
        return Sheet(position=invoice.position, lines=lines, summary=summary)


def _shown_lines(contract: ContractInput, numbers: frozenset[str]) -> list[Line]:
    """Base lines first, then those of the change orders with these numbers."""
    shown = (order for order in contract.change_orders if order.number in numbers)
    return [*contract.lines, *(line for order in shown for line in order.lines)]


def _comes_in_on(order: ChangeOrder, invoice: InvoiceInput) -> bool:
    if order.approved is None:
        return True
    if invoice.period_end is not None and order.approved <= invoice.period_end:
        return True
    entries = (invoice.entries.get(line.key) for line in order.lines)
    return any(entry is not None and entry.has_amount for entry in entries)


def _opening_row(line: Line) -> SheetLine:
    """The line as it stands before the first invoice."""
    return SheetLine(
        item=line.item,
        change_order=line.change_order,
        description=line.description,
        budget_code=line.budget_code,
        scheduled_value=line.scheduled_value,
        work_completed_from_previous_application=0,
        work_completed_this_period=0,
        materials_previously_stored=0,
        stored_installed=0,
        new_materials_stored=0,
        materials_presently_stored=0,
        total_completed_and_stored_to_date=0,
        balance_to_finish=line.scheduled_value,
        work_retainage_this_period=0,
        work_retainage_released=0,
        work_retainage_held=0,
        stored_retainage_released=0,
        stored_retainage_held=0,
    )


_NOTHING = Entry()


def _next_row(before: SheetLine, listed: Entry | None, contract: ContractInput) -> SheetLine:
    """The line on the invoice after `before`: columns D to I of the continuation sheet."""
    entry = listed or _NOTHING
    work_before = (
        before.work_completed_from_previous_application + before.work_completed_this_period
    )
    still_stored = before.materials_presently_stored - entry.stored_installed
    stored = still_stored + entry.new_stored
    completed = work_before + entry.work_this_period + stored
    if listed is None:
        work_retainage, stored_held = 0, before.stored_retainage_held
    else:
        work_retainage = _retainage(
            entry.work_retainage,
            entry.work_retainage_percent,
            contract.work_retainage_percent,
            entry.work_this_period,
        )
        stored_held = _retainage(
            entry.stored_retainage,
            entry.stored_retainage_percent,
            contract.stored_retainage_percent,
            stored,
        )
    return SheetLine(
        item=before.item,
        change_order=before.change_order,
        description=before.description,
        budget_code=before.budget_code,
        scheduled_value=before.scheduled_value,
        work_completed_from_previous_application=work_before,
        work_completed_this_period=entry.work_this_period,
        materials_previously_stored=still_stored,
        stored_installed=entry.stored_installed,
        new_materials_stored=entry.new_stored,
        materials_presently_stored=stored,
        total_completed_and_stored_to_date=completed,
        balance_to_finish=before.scheduled_value - completed,
        work_retainage_this_period=work_retainage,
        work_retainage_released=entry.work_retainage_released,
        work_retainage_held=(
            before.work_retainage_held + work_retainage - entry.work_retainage_released
        ),
        stored_retainage_released=entry.stored_retainage_released,
        stored_retainage_held=stored_held - entry.stored_retainage_released,
    )


def _retainage(amount: int | None, percent: Decimal | None, usual: Decimal, base: int) -> int:
    """An amount wins over a percent; with neither, the contract's rate is used."""
    if amount is not None:
        return amount
    return percent_of(base, usual if percent is None else percent)


def _summary(lines: tuple[SheetLine, ...], box: ChangeOrderBox, certified: int) -> Summary:
    """Lines 1 to 9; `certified` is line 6 of the invoice before."""
    original = sum(line.scheduled_value for line in lines if not line.change_order)
    contract_sum = sum(line.scheduled_value for line in lines)
    stored = sum(line.materials_presently_stored for line in lines)
    completed = sum(line.total_completed_and_stored_to_date for line in lines)
    work_retainage = sum(line.work_retainage_held for line in lines)
    stored_retainage = sum(line.stored_retainage_held for line in lines)
    earned = completed - work_retainage - stored_retainage
    return Summary(
        original_contract_sum=original,
        net_change_by_change_orders=contract_sum - original,
        contract_sum_to_date=contract_sum,
        total_completed_and_stored_to_date=completed,
        completed_work_retainage_amount=work_retainage,
        stored_materials_retainage_amount=stored_retainage,
        total_retainage=work_retainage + stored_retainage,
        total_earned_less_retainage=earned,
        less_previous_certificates_for_payment=certified,
        current_payment_due=earned - certified,
        balance_to_finish_including_retainage=contract_sum - earned,
        percent_complete=ratio_percent(completed, contract_sum),
        completed_work_retainage_percent=ratio_percent(work_retainage, completed - stored),
        stored_materials_retainage_percent=ratio_percent(stored_retainage, stored),
        change_orders=box,
    )


def _box(
    orders: Iterable[ChangeOrder], appeared: frozenset[str], new: frozenset[str]
) -> ChangeOrderBox:
    previous_values = [
        line.scheduled_value for o in orders if o.number in appeared for line in o.lines
    ]
    new_values = [line.scheduled_value for o in orders if o.number in new for line in o.lines]
    return ChangeOrderBox(
        positive_previous=sum(value for value in previous_values if value > 0),
        positive_new=sum(value for value in new_values if value > 0),
        negative_previous=sum(value for value in previous_values if value < 0),
        negative_new=sum(value for value in new_values if value < 0),
    )
