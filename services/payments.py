"""Payments issued on a contract (docs/domain.md 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from billing import format_cents
from models import Contract, Invoice, Payment, PaymentMethod, db
from services.contract_history import Change, note
from services.formats import day as day_words
from services.formats import words
from services.forms import Reader, StaleSave, text
from services.importing.cells import BadCell, day, money, one_of

_LABELS = {
    "number": "number",
    "method": "method",
    "amount": "amount",
    "date": "date",
    "invoice_id": "invoice",
    "check_number": "check number",
    "invoice_number": "invoice number",
    "notes": "notes",
}


class PaymentStale(StaleSave):
    """Somebody else saved the payment meanwhile; `now` has the fields that differ, as they are."""

    def __init__(self, now: Mapping[str, str]) -> None:
        self.now = dict(now)
        super().__init__(
            "Nothing was saved: the payment was changed while you were working on it. What differs "
            "is shown below; save again to keep what stands in the form."
        )


@dataclass(frozen=True, slots=True)
class PaymentRow:
    payment: Payment
    #: What the invoice it pays is called; "" for a payment on account.
    invoice: str


def of_contract(contract_id: int) -> list[PaymentRow]:
    """Newest first, in one statement."""
    found = db.session.execute(
        sa.select(Payment, Invoice)
        .outerjoin(Invoice, Invoice.id == Payment.invoice_id)
        .where(Payment.contract_id == contract_id)
        .order_by(Payment.date.desc(), Payment.id.desc())
    )
    return [PaymentRow(payment, invoice.label if invoice else "") for payment, invoice in found]


def paid_by_invoice() -> sa.Subquery:
    """Cents paid by invoice id, for joining to a list of invoices."""
    return (
        sa.select(Payment.invoice_id, sa.func.sum(Payment.amount).label("paid"))
        .where(Payment.invoice_id.is_not(None))
        .group_by(Payment.invoice_id)
        .subquery()
    )


def invoices_of(contract_id: int) -> Sequence[Invoice]:
    """What a payment can be linked to, newest first."""
    query = sa.select(Invoice).where(Invoice.contract_id == contract_id)
    return db.session.scalars(query.order_by(Invoice.position.desc())).all()


def proposed(contract: Contract, today: date) -> dict[str, str]:
    query = sa.select(Payment.number).where(Payment.contract_id == contract.id)
    numbers = [
        int(number)
        for number in db.session.scalars(query)
        if number.isascii() and number.isdecimal() and len(number) <= 6
    ]
    return {
        "number": str(max(numbers, default=0) + 1),
        "method": PaymentMethod.CHECK.value,
        "date": today.isoformat(),
    }


def shown(payment: Payment) -> dict[str, str]:
    """The fields as the form has them."""
    return {
        "number": payment.number,
        "method": payment.method.value,
        "amount": format_cents(payment.amount),
        "date": payment.date.isoformat(),
        "invoice": "" if payment.invoice_id is None else str(payment.invoice_id),
        "check_number": payment.check_number,
        "invoice_number": payment.invoice_number,
        "notes": payment.notes,
    }


def create(contract: Contract, form: Mapping[str, str], *, user_id: int) -> Payment:
    """Raises `FormRefused` with the sentence for each field."""
    payment = Payment(contract_id=contract.id, **_read(contract.id, form, None))
    db.session.add(payment)
    what = f"{format_cents(payment.amount)}, {day_words(payment.date)}"
    change = Change("added", "", what, f"Payment {payment.number}")
    note(contract, [change], user_id=user_id, action="payment.added")
    db.session.commit()
    return payment


def update(payment: Payment, form: Mapping[str, str], *, user_id: int) -> None:
    """Raises `FormRefused` with the sentence for each field, and `PaymentStale`."""
    values = _read(payment.contract_id, form, payment)
    _claim(payment, form)
    subject = f"Payment {payment.number}"
    labels = {invoice.id: invoice.label for invoice in invoices_of(payment.contract_id)}
    changes = [
        Change(_LABELS[name], _said(name, before, labels), _said(name, value, labels), subject)
        for name, value in values.items()
        if (before := getattr(payment, name)) != value
    ]
    for name, value in values.items():
        setattr(payment, name, value)
    contract = db.session.get_one(Contract, payment.contract_id)
    note(contract, changes, user_id=user_id, action="payment.changed")
    db.session.commit()


def _claim(payment: Payment, form: Mapping[str, str]) -> None:
    """Count one save, if nobody else saved since the form was opened."""
    seen = form.get("version", "")
    is_number = seen.isascii() and seen.isdecimal() and len(seen) < 10
    won = db.session.scalar(
        sa.update(Payment)
        .where(Payment.id == payment.id, Payment.version == (int(seen) if is_number else 0))
        .values(version=Payment.version + 1)
        .returning(Payment.id),
        execution_options={"synchronize_session": False},
    )
    if won is None:
        db.session.rollback()
        now = shown(payment)
        raise PaymentStale(
            {name: value for name, value in now.items() if form.get(name, "").strip() != value}
        )


def delete(payment: Payment, *, user_id: int) -> None:
    what = f"{format_cents(payment.amount)}, {day_words(payment.date)}"
    change = Change("deleted", what, "", f"Payment {payment.number}")
    contract = db.session.get_one(Contract, payment.contract_id)
    note(contract, [change], user_id=user_id, action="payment.deleted")
    db.session.delete(payment)
    db.session.commit()


def _read(contract_id: int, form: Mapping[str, str], payment: Payment | None) -> dict[str, Any]:
    reader = Reader(form)
    values = {
        "number": reader.required("number", text(60)),
        "method": reader.required("method", one_of(PaymentMethod)),
        "amount": reader.required("amount", _some_money),
        "date": reader.required("date", day),
        "invoice_id": _invoice(reader, contract_id),
        "check_number": reader.optional("check_number", text(60), ""),
        "invoice_number": reader.optional("invoice_number", text(60), ""),
        "notes": reader.optional("notes", text(10_000, lines=True), ""),
    }
    taken = sa.select(Payment.id).where(
        Payment.contract_id == contract_id, Payment.number == values["number"]
    )
    if payment is not None:
        taken = taken.where(Payment.id != payment.id)
    if values["number"] and db.session.scalar(taken) is not None:
        reader.errors["number"] = f"Another payment of this contract is {values['number']}."
    reader.finish()
    return values


def _some_money(cell: str) -> int:
    if not (amount := money(cell)):
        raise BadCell("a payment of nothing is none.")
    return amount


def _invoice(reader: Reader, contract_id: int) -> int | None:
    chosen = reader.text("invoice")
    if not chosen:
        return None
    known = {str(invoice.id): invoice.id for invoice in invoices_of(contract_id)}
    if chosen not in known:
        reader.errors["invoice"] = "Choose an invoice of this contract, or none."
    return known.get(chosen)


def _said(name: str, value: Any, labels: Mapping[int, str]) -> str:
    if value is None:
        return ""
    match name:
        case "method":
            return words(value)
        case "date":
            return day_words(value)
        case "amount":
            return format_cents(value)
        case "invoice_id":
            return labels[value]
        case _:
            return str(value)
