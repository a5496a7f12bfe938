"""All that a project says, without the numbers that a database gives its rows."""

import sqlalchemy as sa

from models import (
    Attachment,
    BillingPeriod,
    ChangeOrder,
    Company,
    Contract,
    DocumentType,
    Invoice,
    InvoiceContact,
    InvoiceLine,
    Payment,
    Project,
    RetainageRule,
    Signature,
    SignatureStatus,
    SovLine,
    db,
)

#: What the format of a project folder holds, by table.
KEPT = {
    Project: {
        "number", "name", "timezone", "owner", "general_contractor", "architect", "address",
        "dictionary", "forbids_overbilling",
    },
    Company: {"name", "address"},
    Contract: {
        "number", "title", "type", "status", "executed", "contract_date", "work_retainage_rate",
        "stored_retainage_rate", "is_private", "start_date", "estimated_completion",
        "execution_date", "signed_received_date", "accounting_method", "description", "inclusions",
        "exclusions", "payment_terms", "invoices_enabled",
    },
    ChangeOrder: {"number", "title", "status", "approved_date"},
    SovLine: {
        "item", "description", "scheduled_value", "budget_code", "unit", "quantity", "unit_price",
    },
    BillingPeriod: {"start", "end", "due", "status"},
    Invoice: {
        "position", "number", "status", "billing_date", "comments", "is_final",
        # Computed from the others.
        "contract_sum_to_date", "completed_and_stored", "gross_this_period", "total_retainage",
        "earned_less_retainage", "payment_due", "balance_to_finish", "remarks",
    },
    InvoiceLine: {
        "work_this_period", "new_stored", "stored_installed", "work_retainage",
        "work_retainage_rate", "work_retainage_released", "stored_retainage",
        "stored_retainage_rate", "stored_retainage_released", "quantity_this_period",
        "review", "review_reason",
    },
    Attachment: {
        "name", "sha256", "is_left_out", "document_type", "is_type_confirmed", "expires",
    },
    DocumentType: {"code", "name"},
    RetainageRule: {"position", "rate", "limit_kind", "limit_rate", "limit_amount"},
    InvoiceContact: {"name", "email"},
    Payment: {
        "number", "method", "amount", "date", "check_number", "invoice_number", "notes",
    },
    Signature: {"name", "sha256", "status"},
}  # fmt: skip
#: What it leaves out on purpose: rows' numbers and places, moments, what can be made again.
DROPPED = {
    "id", "project_id", "company_id", "contract_id", "change_order_id", "period_id", "invoice_id",
    "sov_line_id", "created", "content_key", "pages",
    # How the project's backups are put together and counted is a matter of this installation.
    "recipe", "last_backup", "archived",
    # Counts changes.
    "version",
    # An envelope belongs to the account of this installation; its signed copy goes along.
    "certificate_sha256", "envelope_id", "is_void_wanted", "next_check", "problem", "provider",
    "provider_status", "reason", "refreshed_at", "requested_by_id", "sent_pages", "sent_sha256",
    "signed_at", "signer_email", "signer_name", "substance_key", "transaction_id", "tries",
}  # fmt: skip
#: Told by the order of the rows.
ORDERED = {ChangeOrder, SovLine, Attachment}


def image(number):
    """Nested lists and dictionaries; two projects are equal if theirs are."""
    project = db.session.scalar(Project.numbered(number))
    found = values(project)
    found["periods"] = [values(row) for row in db.session.scalars(
        sa.select(BillingPeriod).where(BillingPeriod.project_id == project.id)
        .order_by(BillingPeriod.start, BillingPeriod.end))]  # fmt: skip
    types = sa.select(DocumentType).where(DocumentType.project_id == project.id)
    found["types"] = [values(row) for row in db.session.scalars(types.order_by("code"))]
    contracts = db.session.scalars(
        sa.select(Contract).where(Contract.project_id == project.id).order_by(Contract.number)
    )
    found["contracts"] = [_contract(row) for row in contracts]
    db.session.rollback()
    return found


def _contract(contract):
    orders = db.session.scalars(of(ChangeOrder, contract).order_by(ChangeOrder.position)).all()
    invoices = db.session.scalars(of(Invoice, contract).order_by(Invoice.position))
    return values(contract) | {
        "company": values(contract.company),
        "lines": _lines(contract, None),
        "change_orders": [values(row) | {"lines": _lines(contract, row.id)} for row in orders],
        "invoices": [_invoice(row) for row in invoices],
        "rules": [
            values(row) for row in db.session.scalars(RetainageRule.of_contract(contract.id))
        ],
        "contacts": [
            values(row) for row in db.session.scalars(InvoiceContact.of_contract(contract.id))
        ],
        "payments": [
            values(row) | {"pays": row.invoice and row.invoice.position}
            for row in db.session.scalars(of(Payment, contract).order_by(Payment.number))
        ],
    }


def _lines(contract, order_id):
    query = of(SovLine, contract).where(SovLine.change_order_id.is_not_distinct_from(order_id))
    return [values(row) for row in db.session.scalars(query.order_by(SovLine.position))]


def _invoice(invoice):
    entries = db.session.scalars(
        sa.select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)
    ).all()
    attachments = sa.select(Attachment).where(Attachment.invoice_id == invoice.id)
    signatures = sa.select(Signature).where(
        Signature.invoice_id == invoice.id, Signature.status == SignatureStatus.COMPLETED
    )
    return values(invoice) | {
        "period": invoice.period and (invoice.period.start, invoice.period.end),
        "entries": {
            (row.line.change_order and row.line.change_order.number, row.line.item): values(row)
            for row in entries
        },
        "attachments": [
            values(row) for row in db.session.scalars(attachments.order_by(Attachment.position))
        ],
        "signed": [values(row) for row in db.session.scalars(signatures)],
    }


def of(model, contract):
    return sa.select(model).where(model.contract_id == contract.id)


def values(row):
    return {name: getattr(row, name) for name in sorted(KEPT[type(row)])}
