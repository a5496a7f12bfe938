"""What belongs to contracts beside their lines, as rows."""

from collections.abc import Mapping

from models import InvoiceContact, Payment, RetainageRule
from services.importing.context import Tables
from services.importing.inserts import insert

#: Columns of a contract that are called alike in `contracts.csv`.
TERMS = (
    "accounting_method",
    "description",
    "inclusions",
    "exclusions",
    "start_date",
    "estimated_completion",
    "execution_date",
    "signed_received_date",
    "payment_terms",
    "invoices_enabled",
)


def insert_terms(
    contracts: Mapping[str, int], invoices: Mapping[tuple[str, int], int], tables: Tables
) -> None:
    """`contracts` are ids by number, `invoices` by contract number and position."""
    rules = [
        {
            "contract_id": contracts[row.contract],
            "position": row.position,
            "rate": row.percent,
            "limit_kind": row.until,
            "limit_rate": row.limit_percent,
            "limit_amount": row.limit_amount,
        }
        for row in tables.retainage_rules.rows
    ]
    insert(RetainageRule, rules)
    contacts = [
        {"contract_id": contracts[row.contract], "email": row.email, "name": row.name}
        for row in tables.invoice_contacts.rows
    ]
    insert(InvoiceContact, contacts)
    payments = [
        {
            "contract_id": contracts[row.contract],
            "invoice_id": row.position and invoices[row.contract, row.position],
            "number": row.number,
            "method": row.method,
            "amount": row.amount,
            "date": row.date,
            "check_number": row.check_number,
            "invoice_number": row.invoice_number,
            "notes": row.notes,
        }
        for row in tables.payments.rows
    ]
    insert(Payment, payments)
