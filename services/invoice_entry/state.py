"""An invoice as it is entered: its lines as earlier invoices left them, and what is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from billing import (
    ContractInput,
    Entry,
    InvoiceInput,
    LineKey,
    Rule,
    Sheet,
    SheetLine,
    retainage_by_rules,
)
from billing.ambiguity import refuse_ambiguity
from billing.bill import Ledger
from billing.entering import Standing
from billing.withholding import billed_in_all, withhold
from models import ChangeOrder, Invoice, InvoiceLine, RetainageRule, SovLine, db
from services import sheets

#: What is entered, by line; lines that are not listed have nothing this period.
Entries = dict[LineKey, Entry]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of the form."""

    id: int
    key: LineKey
    description: str
    budget_code: str
    unit: str
    standing: Standing
    #: What is saved; None where the invoice does not list the line.
    saved: Entry | None
    #: Ten-thousandths of a unit, as somebody typed them.
    quantity: int | None

    @property
    def name(self) -> str:
        """As messages call it."""
        order, item = self.key
        return f"Item {item} of change order {order}" if order else f"Item {item}"


@dataclass(frozen=True, slots=True)
class EntryState:
    """All that decides what the form shows; amounts in cents."""

    invoice: Invoice
    contract: ContractInput
    #: The contract before this invoice.
    ledger: Ledger
    lines: Sequence[EntryLine]
    rules: Sequence[Rule]
    #: Retainage withheld by earlier invoices, with what of it they released.
    retained_before: int
    sheet: Sheet

    @property
    def saved(self) -> Entries:
        return {line.key: line.saved for line in self.lines if line.saved is not None}

    @property
    def standings(self) -> dict[LineKey, Standing]:
        return {line.key: line.standing for line in self.lines}

    def billed(self, entries: Mapping[LineKey, Entry]) -> Sheet:
        """The sheet of the invoice with these entries. Nothing is saved."""
        period = self.invoice.period
        tried = InvoiceInput(self.invoice.position, period.end if period else None, entries)
        return self.ledger.copy().enter(tried)

    def withheld(self, entries: Entries) -> Entries:
        """The entries with the retainage that the contract's sliding scale asks for."""
        standings = self.standings
        summary = self.sheet.summary
        held = retainage_by_rules(
            self.rules,
            billed_in_all(standings, entries),
            original=summary.original_contract_sum,
            revised=summary.contract_sum_to_date,
        )
        return withhold(held, self.retained_before, standings, entries)


def load(invoice: Invoice) -> EntryState:
    """The form of an invoice, in a fixed number of statements."""
    contract = sheets.inputs([invoice.contract_id])[invoice.contract_id]
    position = invoice.position
    earlier = _before(contract, position)
    refuse_ambiguity(contract)
    ledger = Ledger.opened(contract)
    for past in earlier:
        ledger.enter(past)
    own = _own(contract, position)
    before, sheet = ledger.rows, ledger.copy().enter(own)
    rows = _rows(invoice.contract_id)
    history = _Past(contract, earlier, before)
    saved, quantities = own.entries, _quantities(invoice.id)
    return EntryState(
        invoice=invoice,
        contract=contract,
        ledger=ledger,
        lines=[
            EntryLine(
                id=rows[line.key].id,
                key=line.key,
                description=line.description,
                budget_code=line.budget_code,
                unit=rows[line.key].unit,
                standing=history.standing(line, rows[line.key].unit_price),
                saved=saved.get(line.key),
                quantity=quantities.get(rows[line.key].id),
            )
            for line in sheet.lines
        ],
        rules=_rules(invoice.contract_id),
        retained_before=_retained(before, earlier),
        sheet=sheet,
    )


def _before(contract: ContractInput, position: int) -> tuple[InvoiceInput, ...]:
    return tuple(
        sorted(
            (invoice for invoice in contract.invoices if invoice.position < position),
            key=lambda invoice: invoice.position,
        )
    )


def _own(contract: ContractInput, position: int) -> InvoiceInput:
    return next(invoice for invoice in contract.invoices if invoice.position == position)


@dataclass(frozen=True, slots=True)
class _Past:
    """What earlier invoices say of the lines."""

    contract: ContractInput
    earlier: Sequence[InvoiceInput]
    before: Mapping[LineKey, SheetLine]

    def standing(self, line: SheetLine, unit_price: int | None) -> Standing:
        before, contract = self.before[line.key], self.contract
        history = [past.entries[line.key] for past in self.earlier if line.key in past.entries]
        last = history[-1] if history else Entry()
        return Standing(
            scheduled_value=line.scheduled_value,
            work_before=line.work_completed_from_previous_application,
            stored_before=before.materials_presently_stored,
            work_held=before.work_retainage_held,
            stored_held=before.stored_retainage_held,
            work_percent=_or(last.work_retainage_percent, contract.work_retainage_percent),
            stored_percent=_or(last.stored_retainage_percent, contract.stored_retainage_percent),
            was_released=any(entry.stored_retainage_released for entry in history),
            unit_price=unit_price,
        )


def _or(percent: Decimal | None, usual: Decimal) -> Decimal:
    return usual if percent is None else percent


def _retained(before: Mapping[LineKey, SheetLine], earlier: Sequence[InvoiceInput]) -> int:
    released = sum(
        entry.work_retainage_released + entry.stored_retainage_released
        for invoice in earlier
        for entry in invoice.entries.values()
    )
    return released + sum(line.total_retainage for line in before.values())


def _rows(contract_id: int) -> dict[LineKey, SovLine]:
    rows = db.session.execute(
        sa.select(SovLine, ChangeOrder.number)
        .outerjoin(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(SovLine.contract_id == contract_id)
    )
    return {(order or "", row.item): row for row, order in rows}


def _quantities(invoice_id: int) -> dict[int, int | None]:
    rows = db.session.execute(
        sa.select(InvoiceLine.sov_line_id, InvoiceLine.quantity_this_period).where(
            InvoiceLine.invoice_id == invoice_id
        )
    )
    return {row.sov_line_id: row.quantity_this_period for row in rows}


def _rules(contract_id: int) -> list[Rule]:
    return [
        Rule(
            percent=Decimal(row.rate) / 100,
            until=row.limit_kind,
            limit_percent=Decimal(row.limit_rate or 0) / 100,
            limit_amount=row.limit_amount or 0,
        )
        for row in db.session.scalars(RetainageRule.of_contract(contract_id))
    ]
