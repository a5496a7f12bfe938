"""Which required documents an invoice has, lacks or may do without.

Read in a fixed number of statements however many invoices are asked about: preflight runs while
people tick.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from models import (
    Attachment,
    BillingPeriod,
    DocumentExemption,
    DocumentKind,
    Invoice,
    Project,
    RequiredDocument,
    User,
    db,
)
from services import document_types
from services.checklist_items import Billed, Given, Item, item, rules_for


def of_invoices(
    project_id: int, invoice_ids: Collection[int], today: date | None = None
) -> dict[int, list[Item]]:
    """What each invoice must bring, in the order of lists; nothing for those without a rule.

    A document has expired when its last day is before the end of the invoice's period; that of a
    contract's latest invoice also when it is before `today`.
    """
    rules = _rules(project_id)
    if not rules or not invoice_ids:
        return {}
    names = document_types.names_of(project_id)
    invoices = _invoices(set(invoice_ids))
    files = _files(invoices)
    exemptions = _exemptions(set(invoice_ids))
    chosen, found = set(invoice_ids), {}
    for invoice in invoices:
        if invoice.id not in chosen:
            continue
        items = []
        for rule in rules_for(rules, invoice):
            code = rule.document_type
            exemption = exemptions.get((invoice.id, code))
            judged = item(rule, invoice, files.get(invoice.contract_id, {}), exemption, today)
            items.append(replace(judged, name=names.get(code, code)))
        found[invoice.id] = sorted(items, key=lambda each: _place(each.document_type, names))
    return found


def of_invoice(project: Project, invoice_id: int, now: datetime) -> list[Item]:
    """The same of one invoice, on the day that it is where the project is."""
    found = of_invoices(project.id, [invoice_id], project.day_of(now))
    return found.get(invoice_id, [])


def lacking(checklists: Mapping[int, Sequence[Item]]) -> dict[int, list[Item]]:
    """Only what is missing or expired."""
    return {
        invoice_id: gaps
        for invoice_id, items in checklists.items()
        if (gaps := [each for each in items if each.is_lacking])
    }


def _place(code: str, names: Mapping[str, str]) -> int:
    codes = list(names)
    return codes.index(code) if code in names else len(codes)


def _rules(project_id: int) -> list[RequiredDocument]:
    return list(
        db.session.scalars(
            sa.select(RequiredDocument)
            .where(RequiredDocument.project_id == project_id)
            .order_by(RequiredDocument.id)
        )
    )


def _invoices(chosen: set[int]) -> list[Billed]:
    """All invoices of the contracts of those chosen, contract by contract."""
    contracts = sa.select(Invoice.contract_id).where(Invoice.id.in_(chosen))
    rows = db.session.execute(
        sa.select(
            Invoice.id, Invoice.contract_id, Invoice.position, Invoice.payment_due,
            BillingPeriod.end,
        )
        .outerjoin(BillingPeriod, BillingPeriod.id == Invoice.period_id)
        .where(Invoice.contract_id.in_(contracts))
        .order_by(Invoice.contract_id, Invoice.position)
    ).all()  # fmt: skip
    last = {row.contract_id: row.id for row in rows}
    found: list[Billed] = []
    for row in rows:
        before = found[-1] if found and found[-1].contract_id == row.contract_id else None
        paid = before.payment_due if before else None
        is_latest = last[row.contract_id] == row.id
        found.append(Billed(*row, before=paid, is_latest=is_latest))
    return found


def _files(invoices: Sequence[Billed]) -> dict[int, dict[int, list[Given]]]:
    """What is attached and goes in, by contract and invoice."""
    contracts = {invoice.contract_id for invoice in invoices}
    rows = db.session.execute(
        sa.select(
            Invoice.contract_id, Invoice.id, Attachment.document_type,
            Attachment.is_type_confirmed, Attachment.expires,
        )
        .join(Invoice, Invoice.id == Attachment.invoice_id)
        .where(
            Invoice.contract_id.in_(contracts),
            ~Attachment.is_left_out,
            Attachment.document_type != DocumentKind.BACKUP,
        )
        .order_by(Attachment.id)
    )  # fmt: skip
    found: dict[int, dict[int, list[Given]]] = defaultdict(lambda: defaultdict(list))
    for contract_id, invoice_id, code, is_confirmed, expires in rows:
        found[contract_id][invoice_id].append(Given(code, is_confirmed, expires))
    return found


def _exemptions(chosen: set[int]) -> dict[tuple[int, str], DocumentExemption]:
    rows = db.session.scalars(
        sa.select(DocumentExemption)
        .outerjoin(User, User.id == DocumentExemption.user_id)
        .options(contains_eager(DocumentExemption.user))
        .where(DocumentExemption.invoice_id.in_(chosen))
    )
    return {(row.invoice_id, row.document_type): row for row in rows}
