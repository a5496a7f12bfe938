"""The page of an invoice and the cards of files on it, and waiting for facts about the files."""

from datetime import timedelta
from typing import Any

from flask import render_template, request

from blueprints.access import is_latest, project_or_404
from jobs.files import enqueue_inspect
from models import (
    Attachment,
    Invoice,
    InvoiceStatus,
    Signature,
    SignatureStatus,
    StoredFile,
    utcnow,
)
from services import (
    attachments,
    checklists,
    document_types,
    file_views,
    invoice_comments,
    invoice_history,
    invoice_pages,
    invoice_review,
    signatures,
)
from services.signing import envelopes

#: A file that nobody has looked into for so long was lost on its way to the queue.
_OVERDUE = timedelta(minutes=1)
#: Fragments that waited in vain look for lost files this often.
_LOOK_AGAIN = 20


def of_invoice(project_id: int, invoice_id: int) -> dict[str, Any]:
    """Attachments and signed copy as the templates take them, in a fixed number of statements."""
    waited = max(0, request.args.get("waited", 0, type=int))
    rows = attachments.of_invoice(invoice_id)
    signature = signatures.of_invoice(invoice_id)
    has_file = signature is not None and signature.status == SignatureStatus.COMPLETED
    if waited % _LOOK_AGAIN == 0:
        _ask_again(rows, signature)
    return {
        "attachments": [(row, file_views.of_attachment(row)) for row in rows],
        "type_names": document_types.names_of(project_id),
        "signature": signature,
        "signed": file_views.of_signature(signature) if signature and has_file else None,
        "is_outdated": signatures.is_outdated(signature) if signature else False,
        "envelope_card": envelopes.card(invoice_id, signature, utcnow()),
        "waited": waited,
        "delay": waiting_time(waited),
    }


def whole_page(project_id: int, invoice: Invoice, **state: Any) -> str:
    """The page of the invoice."""
    project = project_or_404(project_id)
    return render_template(
        "invoices/show.html",
        tab="subcontractor",
        project=project,
        invoice=invoice,
        shown=invoice_pages.of_invoice(invoice.id),
        history=invoice_history.of_invoice(invoice.id),
        discussion=invoice_comments.of_invoice(invoice.id),
        rejected=invoice_review.rejected(invoice.id),
        is_latest=is_latest(invoice),
        statuses=list(InvoiceStatus),
        checklist=checklists.of_invoice(project, invoice.id, utcnow()),
        **of_invoice(project_id, invoice.id),
        **state,
    )


def fragment(template: str, project_id: int, invoice: Invoice, **state: Any) -> str:
    """One of the cards of files, read anew."""
    project = project_or_404(project_id)
    return render_template(
        template,
        project=project,
        invoice=invoice,
        **of_invoice(project_id, invoice.id),
        **state,
    )


def waiting_time(waited: int) -> int:
    """Seconds until a waiting page asks again: each second first, then more and more patiently."""
    return min(15, 1 + waited // 10)


def _ask_again(rows: list[Attachment], signature: Signature | None) -> None:
    """Queue what should long have been looked into; looking twice does no harm."""
    files = [row.file for row in rows]
    if signature and signature.file:
        files.append(signature.file)
    # Stops at the first that cannot be queued: the others cannot be either.
    all(enqueue_inspect(file.sha256) for file in files if _is_overdue(file))


def _is_overdue(file: StoredFile) -> bool:
    return not file.is_inspected and file.created < utcnow() - _OVERDUE
