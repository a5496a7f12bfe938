"""Unit lines, retainage rules and contacts, seen together with their contracts."""

from billing import MAX_CENTS, Until, extended, format_cents
from models import AccountingMethod
from services.importing.context import Context, good
from services.importing.records import (
    ChangeOrderLineRecord,
    LineRecord,
    RetainageRuleRecord,
)


def check_terms(context: Context) -> None:
    _unit_lines(context)
    _retainage_rules(context)
    contacts = context.tables.invoice_contacts
    context.unique(contacts, ("contract", "email"), lambda row: row.email)
    context.known_contracts(contacts)


def _unit_lines(context: Context) -> None:
    methods = {
        row.number: row.accounting_method
        for row in good(context.tables.contracts, "number", "accounting_method")
    }
    for row in good(context.tables.lines, "contract", "scheduled_value", "quantity", "unit_price"):
        _unit_line(context, row, "scheduled_value", methods.get(row.contract))
    for extra in good(
        context.tables.change_order_lines, "contract", "amount", "quantity", "unit_price"
    ):
        _unit_line(context, extra, "amount", methods.get(extra.contract))


def _unit_line(
    context: Context,
    row: LineRecord | ChangeOrderLineRecord,
    column: str,
    method: AccountingMethod | None,
) -> None:
    if method is AccountingMethod.AMOUNT:
        for name in ("quantity", "unit_price"):
            if getattr(row, name) is not None:
                message = f"contract {row.contract} is billed by amounts."
                context.add(row, name, message)
        return
    if row.quantity is None or row.unit_price is None:
        # Of a contract that is not there, whatever it is was reported.
        if method is AccountingMethod.UNIT:
            name = "quantity" if row.quantity is None else "unit_price"
            message = f"the cell is empty; contract {row.contract} is billed by units."
            context.add(row, name, message)
        return
    value = extended(row.quantity, row.unit_price)
    if abs(value) > MAX_CENTS:
        context.add(row, "quantity", "quantity times unit price is too large an amount.")
    elif value != getattr(row, column):
        message = f"quantity times unit price is {format_cents(value)}."
        context.add(row, column, message)


def _retainage_rules(context: Context) -> None:
    rules = context.tables.retainage_rules
    context.unique(rules, ("contract", "position"), lambda row: f"rule {row.position}")
    context.known_contracts(rules)
    for row in good(rules, "until", "limit_percent", "limit_amount"):
        _limit(context, row)


def _limit(context: Context, row: RetainageRuleRecord) -> None:
    """Exactly the limit that the rule is measured by."""
    needed, other = "limit_percent", "limit_amount"
    if row.until is Until.AMOUNT:
        needed, other = other, needed
    if getattr(row, needed) is None:
        context.add(row, needed, f"the cell is empty; the rule holds until {row.until}.")
    elif getattr(row, needed) < 0:
        context.add(row, needed, "the limit is below zero.")
    if getattr(row, other) is not None:
        context.add(row, other, f"the rule holds until {row.until}; leave this cell empty.")
