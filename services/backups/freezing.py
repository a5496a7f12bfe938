"""Reads what chosen invoices hold at this moment."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from binder.plan import TERMS
from binder.recipe import Recipe
from binder.render.document import InvoiceDocument, drawing_key, shown_digest
from models import (
    LIVE_SIGNATURES,
    Contract,
    Invoice,
    Project,
    Signature,
    SignatureStatus,
    User,
    db,
)
from services import checklists, dictionaries, document_types, invoice_documents
from services.backups.attaching import attached, attachments_of, without
from services.backups.frozen import FrozenFile, FrozenInvoice, FrozenRequest
from services.checklist_items import Item
from services.errors import AppError
from services.formats import day, span, words
from services.natural import natural


class InvoiceGone(AppError):
    """A chosen invoice was deleted meanwhile."""


def freeze(
    project: Project, invoice_ids: Collection[int], user: User | None, recipe: Recipe
) -> FrozenRequest:
    """Read what these invoices hold now, in a fixed number of statements.

    Raises `InvoiceGone` for an id that is not, or no longer, one of the project.
    """
    chosen = set(invoice_ids)
    invoices = _invoices(project, chosen)
    if len(invoices) < len(chosen):
        raise InvoiceGone("A chosen invoice no longer exists. Reload the list and choose again.")
    documents = invoice_documents.of_invoices(chosen)
    signatures, attachments = _signatures(chosen), attachments_of(chosen)
    names = document_types.names_of(project.id)
    required = checklists.of_invoices(project.id, chosen)
    earned = _earned_before(invoices)
    dictionary = dictionaries.of_project(project)
    name = dictionaries.term(dictionary, "Subcontractor invoice backup")
    with dictionaries.speaking(dictionary):
        frozen = tuple(
            replace(
                _frozen(
                    row,
                    documents[row.id],
                    signatures.get(row.id),
                    attached(attachments[row.id], recipe, names),
                    required.get(row.id, ()),
                ),
                earned_before=earned[row.id],
            )
            for row in invoices
        )
    return FrozenRequest(
        title=" - ".join([name, project.name, project.number]),
        project_name=project.name,
        project_number=project.number,
        timezone=project.timezone,
        dictionary=dictionary,
        requested_by=user.name if user else "the command line",
        owner=project.owner,
        general_contractor=project.general_contractor,
        invoices=frozen,
        labels=dictionaries.labels(dictionary, TERMS),
        recipe=recipe,
    )


def _invoices(project: Project, chosen: set[int]) -> list[Invoice]:
    rows = db.session.scalars(
        sa.select(Invoice)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Contract.project_id == project.id, Invoice.id.in_(chosen))
        .options(
            joinedload(Invoice.contract).joinedload(Contract.company), joinedload(Invoice.period)
        )
    ).all()
    return sorted(
        rows, key=lambda row: (natural(row.contract.number), row.contract.number, row.position)
    )


def _earned_before(invoices: list[Invoice]) -> dict[int, int]:
    """Line 6 of the invoice before each, by invoice; 0 where there is none."""
    contracts = {invoice.contract_id for invoice in invoices}
    rows = db.session.execute(
        sa.select(Invoice.id, Invoice.contract_id, Invoice.earned_less_retainage)
        .where(Invoice.contract_id.in_(contracts))
        .order_by(Invoice.contract_id, Invoice.position)
    )
    found: dict[int, int] = {}
    contract = before = 0
    for invoice_id, contract_id, earned in rows:
        found[invoice_id] = before if contract_id == contract else 0
        contract, before = contract_id, earned
    return found


def _signatures(chosen: set[int]) -> dict[int, Signature]:
    """The signature that counts, by invoice."""
    rows = db.session.scalars(
        sa.select(Signature).where(
            Signature.invoice_id.in_(chosen), Signature.status.in_(LIVE_SIGNATURES)
        )
    )
    return {row.invoice_id: row for row in rows}


def _frozen(
    row: Invoice,
    document: InvoiceDocument,
    signature: Signature | None,
    files: tuple[tuple[FrozenFile, ...], tuple[FrozenFile, ...]],
    required: Sequence[Item],
) -> FrozenInvoice:
    signed_copy, shows = _signed_copy(signature), shown_digest(document)
    return FrozenInvoice(
        id=row.id,
        contract=row.contract.number,
        contract_title=row.contract.title,
        company=row.contract.company.name,
        position=row.position,
        number=row.number,
        period=span(row.period.start, row.period.end) if row.period else "",
        status=words(row.status),
        signed=_signed_words(signature, row.contract.project.zone),
        gross_this_period=row.gross_this_period,
        total_retainage=row.total_retainage,
        payment_due=row.payment_due,
        content_key="" if signed_copy else drawing_key(shows),
        signed_copy=signed_copy,
        attachments=files[0],
        left_out=(*files[1], *without(required)),
        required=tuple(f"{item.title} {item.words}" for item in required),
        period_start=row.period.start.isoformat() if row.period else "",
        lines_this_period=document.sheet.gross_this_period,
        previous_certificates=document.sheet.summary.less_previous_certificates_for_payment,
        shows=shows,
    )


def _signed_copy(signature: Signature | None) -> FrozenFile | None:
    if signature is None or signature.status != SignatureStatus.COMPLETED or not signature.sha256:
        return None
    return FrozenFile(signature.name or "Signed copy", signature.sha256)


def _signed_words(signature: Signature | None, zone: ZoneInfo) -> str:
    """For the index: signed or not; of an envelope also by whom, when and its number."""
    if signature is None:
        return "Unsigned"
    if signature.status != SignatureStatus.COMPLETED:
        return "Signature pending"
    if not signature.is_envelope:
        return "Signed"
    when = f", {day(signature.signed_at.astimezone(zone).date())}" if signature.signed_at else ""
    return f"Signed by {signature.signer_name}{when}, envelope {signature.envelope_id}"
