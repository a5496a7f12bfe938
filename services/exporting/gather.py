"""All of a project, read in a fixed number of statements: tables as bytes, files by their hash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import (
    Attachment,
    Contract,
    Invoice,
    Project,
    Signature,
    SignatureStatus,
    StoredFile,
    db,
)
from services import objects, storage
from services.document_guess import guess
from services.document_types import own_names
from services.errors import AppError
from services.exporting import tables, term_tables
from services.exporting.cells import Cells, table, toml
from services.exporting.places import Document, Folders, Place, placed
from services.exporting.tables import Basis
from services.formats import counted
from services.importing.columns import Record
from services.importing.records import (
    ChangeOrderLineRecord,
    ChangeOrderRecord,
    ContractRecord,
    DocumentTypeRecord,
    FileRecord,
    InvoiceContactRecord,
    InvoiceLineRecord,
    InvoiceRecord,
    LineRecord,
    PaymentRecord,
    PeriodRecord,
    RetainageRuleRecord,
)
from services.importing.sources import PROJECT_FILE
from services.natural import natural


class ExportRefused(AppError):
    """The project cannot be exported, or not to this place."""


@dataclass(frozen=True, slots=True)
class ProjectExport:
    """What goes into a folder or an archive."""

    number: str
    name: str
    #: Name and content of each table.
    tables: list[tuple[str, bytes]]
    #: Where each file goes, below the folder.
    files: list[Place]


def gather(project: Project) -> ProjectExport:
    """Read all of the project, private contracts too. The tables are held in memory; the files
    are not opened. Raises `ExportRefused` when one of its files is not in the data folder.
    """
    basis = Basis(project, _contracts(project))
    folders = Folders.of([contract.number for contract in basis.contracts])
    files = [place for group in _documents(basis) for place in placed(group, folders)]
    _check(files)
    found = [
        (PROJECT_FILE, toml(tables.facts(basis))),
        (ContractRecord.file, table(ContractRecord, tables.contracts(basis, folders))),
        (LineRecord.file, table(LineRecord, tables.lines(basis))),
        (ChangeOrderRecord.file, table(ChangeOrderRecord, tables.change_orders(basis))),
        (
            ChangeOrderLineRecord.file,
            table(ChangeOrderLineRecord, tables.change_order_lines(basis)),
        ),
        (PeriodRecord.file, table(PeriodRecord, tables.periods(basis))),
        (InvoiceRecord.file, table(InvoiceRecord, tables.invoices(basis))),
        (InvoiceLineRecord.file, table(InvoiceLineRecord, tables.invoice_lines(basis))),
    ]
    if own := list(tables.document_types(basis)):
        found.append((DocumentTypeRecord.file, table(DocumentTypeRecord, own)))
    found += _filled(
        (RetainageRuleRecord, term_tables.retainage_rules(basis)),
        (InvoiceContactRecord, term_tables.invoice_contacts(basis)),
        (PaymentRecord, term_tables.payments(basis)),
    )
    if described := [place.row for place in files if place.row]:
        found.append((FileRecord.file, table(FileRecord, described)))
    return ProjectExport(project.number, project.name, found, files)


def _filled(*found: tuple[type[Record], Iterable[Cells]]) -> list[tuple[str, bytes]]:
    """Those of the tables that have a row: most projects need none of them."""
    rows = ((kind, list(cells)) for kind, cells in found)
    return [(kind.file, table(kind, cells)) for kind, cells in rows if cells]


def _contracts(project: Project) -> list[Contract]:
    rows = db.session.scalars(
        sa.select(Contract)
        .where(Contract.project_id == project.id)
        .options(joinedload(Contract.company))
    ).all()
    return sorted(rows, key=lambda row: (natural(row.number), row.number))


def _documents(basis: Basis) -> list[list[Document]]:
    """The documents of each invoice that has any, in the order of the tables."""
    own = own_names(basis.project.id)
    found: dict[tuple[str, int], list[Document]] = {}
    for query in (_attachments(basis), _signatures(basis)):
        for contract, row in basis.ordered(db.session.execute(query)):
            facts = row._asdict()
            del facts["contract_id"]
            if "document_type" in facts:
                facts["is_type_guessed"] = facts["document_type"] == guess(row.name, own)
            found.setdefault((contract, row.position), []).append(
                Document(contract=contract, **facts)
            )
    order = {contract.number: place for place, contract in enumerate(basis.contracts)}
    return [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1]))]


def _attachments(basis: Basis) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Invoice.contract_id,
            Invoice.position,
            Attachment.name,
            Attachment.sha256,
            StoredFile.size,
            Attachment.is_left_out,
            Attachment.document_type,
            Attachment.is_type_confirmed,
            Attachment.expires,
        )
        .join(Invoice, Invoice.id == Attachment.invoice_id)
        .join(StoredFile, StoredFile.sha256 == Attachment.sha256)
        .where(Invoice.contract_id.in_(basis.contract_ids))
        .order_by(Attachment.invoice_id, Attachment.position, Attachment.id)
    )


def _signatures(basis: Basis) -> sa.Select[*tuple[Any, ...]]:
    """The signed copies that count; requests for a signature stay with the signing service."""
    return (
        sa.select(
            Invoice.contract_id,
            Invoice.position,
            Signature.name,
            Signature.sha256,
            StoredFile.size,
            sa.true().label("is_signed_copy"),
        )
        .join(Invoice, Invoice.id == Signature.invoice_id)
        .join(StoredFile, StoredFile.sha256 == Signature.sha256)
        .where(
            Invoice.contract_id.in_(basis.contract_ids),
            Signature.status == SignatureStatus.COMPLETED,
        )
        .order_by(Signature.invoice_id)
    )


def _check(files: Sequence[Place]) -> None:
    lacking = objects.lacking([storage.original(place.sha256) for place in files])
    missing = [place for place in files if storage.original(place.sha256) in lacking]
    if missing:
        more = f" and {counted(len(missing) - 1, 'other file')}" if len(missing) > 1 else ""
        raise ExportRefused(
            f"{missing[0].path}{more}: missing from the data folder. Nothing was exported."
        )
