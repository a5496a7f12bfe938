"""Invoices drawn as PDFs, each kept under the hash of what it shows."""

from collections.abc import Callable, Collection
from hashlib import file_digest
from pathlib import Path

import pikepdf
import sqlalchemy as sa

from binder.fragments import current
from binder.intake import make_fragment
from binder.render.document import InvoiceDocument, content_key
from binder.render.invoice import render_invoice
from models import Invoice, db, reading, writing
from services import invoice_documents, objects, storage

#: Rows brought up to date in one transaction.
_BATCH = 20


def draw(invoice_id: int) -> None:
    """Draw one invoice unless its drawing is there already."""
    ensure_drawn([invoice_id])


def ensure_drawn(
    invoice_ids: Collection[int], progress: Callable[[int, int], None] | None = None
) -> None:
    """Draw what is missing and note key and pages on each row; at most minutes, not seconds.

    `progress` hears how many of how many are done and may raise to stop. No transaction is open
    while an invoice is drawn; uncommitted changes of the caller are dropped.
    Raises `BinderError` for an invoice that cannot be drawn.
    """
    with reading():
        documents = invoice_documents.of_invoices(invoice_ids)
        noted = _noted(invoice_ids)
    fresh: dict[int, tuple[str, int]] = {}
    for done, (invoice_id, document) in enumerate(documents.items()):
        if progress:
            progress(done, len(documents))
        key, pages = noted[invoice_id]
        now = content_key(document)
        if not _drawn(now, document) and now == key and pages:
            continue
        fresh[invoice_id] = now, page_count(storage.drawn(now))
        if len(fresh) == _BATCH:
            _note(fresh)
    _note(fresh)


def prepare(content_key: str) -> None:
    """Make the fragment of a drawing, so that a compile finds it made."""
    path = objects.bring(storage.drawn(content_key))
    if not path.exists():
        return
    with path.open("rb") as file:
        fragment = storage.prepared(file_digest(file, "sha256").hexdigest())
    if current(path, objects.bring(fragment)) is None:
        make_fragment(path, "The invoice", fragment)
        objects.put(fragment)


def page_count(path: Path) -> int:
    """The pages of a PDF that we made ourselves."""
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def _drawn(key: str, document: InvoiceDocument) -> bool:
    """Draw `document` under `key`; False if that was done before."""
    path = storage.drawn(key)
    if objects.bring(path).exists():
        return False
    storage.write_atomically(path, render_invoice(document))
    objects.put(path)
    return True


def _noted(invoice_ids: Collection[int]) -> dict[int, tuple[str | None, int | None]]:
    rows = db.session.execute(
        sa.select(Invoice.id, Invoice.content_key, Invoice.pages).where(
            Invoice.id.in_(set(invoice_ids))
        )
    )
    return {invoice_id: (key, pages) for invoice_id, key, pages in rows}


def _note(fresh: dict[int, tuple[str, int]]) -> None:
    if not fresh:
        return
    with writing():
        for invoice_id, (key, pages) in fresh.items():
            db.session.execute(
                sa.update(Invoice)
                .where(Invoice.id == invoice_id)
                .values(content_key=key, pages=pages)
            )
    fresh.clear()
