"""The files of a folder as rows: stored files, attachments, signed copies."""

from collections.abc import Iterable, Mapping
from itertools import count

import sqlalchemy as sa

from models import Attachment, Signature, SignatureStatus, StoredFile, db
from services.document_guess import guess
from services.importing.documents import Document
from services.importing.folder import ProjectFolder
from services.importing.inserts import insert

#: SHA-256 and size in bytes of every document that was stored, by the document.
Kept = Mapping[Document, tuple[str, int]]
#: By contract number and position.
InvoiceIds = Mapping[tuple[str, int], int]


def insert_documents(invoices: InvoiceIds, folder: ProjectFolder, kept: Kept) -> None:
    _stored_files(kept)
    own = {row.code: row.name for row in folder.tables.document_types.rows}
    _attachments(invoices, folder.attachments, kept, own)
    _signatures(invoices, folder.signed, kept)


def _stored_files(kept: Kept) -> None:
    """The same bytes are one file, whoever brought them before."""
    sizes = dict(kept.values())
    known: set[str] = set()
    for some in _in_parts(list(sizes)):
        known.update(
            db.session.scalars(sa.select(StoredFile.sha256).where(StoredFile.sha256.in_(some)))
        )
    new = [{"sha256": d, "size": size} for d, size in sizes.items() if d not in known]
    insert(StoredFile, new)


def _attachments(
    invoices: InvoiceIds, documents: Iterable[Document], kept: Kept, own: Mapping[str, str]
) -> None:
    places: dict[tuple[str, int], count[int]] = {}
    rows = []
    for document in documents:
        key = (document.contract, document.position)
        rows.append(
            {
                "invoice_id": invoices[key],
                "sha256": kept[document][0],
                "position": next(places.setdefault(key, count(1))),
                "name": document.name,
                "is_left_out": document.is_left_out,
                "document_type": document.document_type or guess(document.name, own),
                "is_type_confirmed": document.is_type_confirmed,
                "expires": document.expires,
            }
        )
    insert(Attachment, rows)


def _signatures(invoices: InvoiceIds, documents: Iterable[Document], kept: Kept) -> None:
    rows = [
        {
            "invoice_id": invoices[document.contract, document.position],
            "status": SignatureStatus.COMPLETED,
            "sha256": kept[document][0],
            "name": document.name,
        }
        for document in documents
    ]
    insert(Signature, rows)


def _in_parts(values: list[str], size: int = 500) -> Iterable[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
