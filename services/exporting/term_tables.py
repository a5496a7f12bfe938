"""The rows of what belongs to contracts beside their lines."""

from collections.abc import Iterator

import sqlalchemy as sa

from models import Invoice, InvoiceContact, Payment, RetainageRule, db
from services.exporting.cells import Cells, day, money, rate
from services.exporting.tables import Basis


def retainage_rules(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(RetainageRule)
        .where(RetainageRule.contract_id.in_(basis.contract_ids))
        .order_by(RetainageRule.position)
    )
    for contract, rule in basis.ordered(db.session.scalars(query)):
        yield {
            "contract": contract,
            "position": str(rule.position),
            "percent": rate(rule.rate),
            "until": rule.limit_kind.value,
            "limit_percent": rate(rule.limit_rate),
            "limit_amount": money(rule.limit_amount),
        }


def invoice_contacts(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(InvoiceContact)
        .where(InvoiceContact.contract_id.in_(basis.contract_ids))
        .order_by(InvoiceContact.id)
    )
    for contract, contact in basis.ordered(db.session.scalars(query)):
        yield {"contract": contract, "email": contact.email, "name": contact.name}


def payments(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(*Payment.__table__.c, Invoice.position)
        .outerjoin(Invoice, Invoice.id == Payment.invoice_id)
        .where(Payment.contract_id.in_(basis.contract_ids))
        .order_by(Payment.date, Payment.id)
    )
    for contract, payment in basis.ordered(db.session.execute(query)):
        yield {
            "contract": contract,
            "number": payment.number,
            "method": payment.method.value,
            "amount": money(payment.amount),
            "date": day(payment.date),
            "position": "" if payment.position is None else str(payment.position),
            "check_number": payment.check_number,
            "invoice_number": payment.invoice_number,
            "notes": payment.notes,
        }
