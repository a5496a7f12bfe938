"""Everything preflight looks at, loaded in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import sqlalchemy as sa

from binder.recipe import Recipe
from models import (
    Attachment,
    BillingPeriod,
    Contract,
    Invoice,
    InvoiceLine,
    Signature,
    SignatureStatus,
    SovLine,
    StoredFile,
    User,
    db,
)
from services.natural import natural
from services.preflight.facts import FileRow, InvoiceFacts, Period, Selection, invoice_name


def load(
    project_id: int, invoice_ids: Collection[int], viewer: User | None, recipe: Recipe
) -> Selection:
    """Read the selection; ids that are not of this project, or that `viewer` may not see, are
    dropped."""
    selection = Selection(project_id, recipe)
    visible = Contract.ids_visible_to(viewer, project_id)
    chosen = _chosen(invoice_ids, visible)
    contract_ids = {contract_id for _, contract_id in chosen}
    selection.contracts = _contracts(contract_ids, {invoice_id for invoice_id, _ in chosen})
    by_id = {invoice.id: invoice for invoice in selection.invoices}
    place = {invoice_id: number for number, invoice_id in enumerate(by_id)}
    files = _attachments(by_id)
    selection.attachments = sorted(files, key=lambda file: place[file.invoice.id])
    _read_signatures(selection, by_id)
    selection.completed_by_lines = _completed_by_lines(selection, contract_ids)
    selection.line_counts = _line_counts(contract_ids)
    selection.copies = _copies(selection, visible)
    return selection


def _chosen(invoice_ids: Collection[int], visible: sa.Select[int]) -> set[tuple[int, int]]:
    rows = db.session.execute(
        sa.select(Invoice.id, Invoice.contract_id).where(
            Invoice.contract_id.in_(visible), Invoice.id.in_(set(invoice_ids))
        )
    )
    return {(invoice_id, contract_id) for invoice_id, contract_id in rows}


def _contracts(contract_ids: set[int], chosen: set[int]) -> dict[int, list[InvoiceFacts]]:
    rows = db.session.execute(
        sa.select(Invoice, Contract.number, BillingPeriod)
        .join(Contract, Contract.id == Invoice.contract_id)
        .outerjoin(BillingPeriod, BillingPeriod.id == Invoice.period_id)
        .where(Invoice.contract_id.in_(contract_ids))
        .order_by(Contract.number, Invoice.position)
    )
    found: dict[int, list[InvoiceFacts]] = defaultdict(list)
    for invoice, contract, period in rows:
        found[invoice.contract_id].append(
            InvoiceFacts(
                id=invoice.id,
                contract_id=invoice.contract_id,
                contract=contract,
                position=invoice.position,
                number=invoice.number,
                status=invoice.status,
                period=_period(period),
                is_chosen=invoice.id in chosen,
                completed_and_stored=invoice.completed_and_stored,
                gross_this_period=invoice.gross_this_period,
                total_retainage=invoice.total_retainage,
                earned_less_retainage=invoice.earned_less_retainage,
                payment_due=invoice.payment_due,
                pages=invoice.pages,
                remarks=invoice.remarks,
            )
        )
    # Reported in the order of the backup: SC-2 before SC-10.
    return dict(sorted(found.items(), key=lambda item: natural(item[1][0].contract)))


def _period(row: BillingPeriod | None) -> Period | None:
    return Period(row.id, row.start, row.end, row.status) if row else None


def _attachments(by_id: dict[int, InvoiceFacts]) -> Iterable[FileRow]:
    # Columns, not objects: a large selection has thousands, and this runs at every tick.
    rows = db.session.execute(
        sa.select(
            Attachment.invoice_id,
            Attachment.name,
            StoredFile.sha256,
            StoredFile.size,
            StoredFile.pages,
            StoredFile.problem,
            StoredFile.facts,
            Attachment.id,
            Attachment.is_left_out,
            Attachment.document_type,
        )
        .join(StoredFile, StoredFile.sha256 == Attachment.sha256)
        .where(Attachment.invoice_id.in_(by_id))
        .order_by(Attachment.invoice_id, Attachment.position, Attachment.id)
    )
    for invoice_id, *row in rows:
        yield FileRow(by_id[invoice_id], *row)


def _read_signatures(selection: Selection, by_id: dict[int, InvoiceFacts]) -> None:
    rows = db.session.execute(
        sa.select(Signature, StoredFile)
        .outerjoin(StoredFile, StoredFile.sha256 == Signature.sha256)
        .where(Signature.invoice_id.in_(by_id))
        .order_by(Signature.id)
    )
    for signature, file in rows:
        selection.signatures[signature.invoice_id] = signature.status
        if signature.status == SignatureStatus.COMPLETED:
            selection.signed[signature.invoice_id] = FileRow(
                by_id[signature.invoice_id],
                signature.name or "Signed copy",
                file.sha256,
                file.size,
                file.pages,
                file.problem,
                file.facts,
            )


def _completed_by_lines(selection: Selection, contract_ids: set[int]) -> dict[int, int]:
    """G summed from what was entered, without the arithmetic that wrote the totals."""
    entered = InvoiceLine.work_this_period + InvoiceLine.new_stored - InvoiceLine.stored_installed
    rows = db.session.execute(
        sa.select(InvoiceLine.invoice_id, sa.func.sum(entered))
        .where(InvoiceLine.contract_id.in_(contract_ids))
        .group_by(InvoiceLine.invoice_id)
    )
    by_invoice = {invoice_id: int(amount) for invoice_id, amount in rows}
    found = {}
    for invoices in selection.contracts.values():
        running = 0
        for invoice in invoices:
            running += by_invoice.get(invoice.id, 0)
            found[invoice.id] = running
    return found


def _line_counts(contract_ids: set[int]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(SovLine.contract_id, sa.func.count())
        .where(SovLine.contract_id.in_(contract_ids))
        .group_by(SovLine.contract_id)
    )
    return defaultdict(int, {row[0]: row[1] for row in rows})


def _copies(selection: Selection, visible: sa.Select[int]) -> dict[str, list[tuple[int, str]]]:
    """Where else in the project, as far as it is visible, the chosen attachments' bytes are."""
    digests = {attachment.sha256 for attachment in selection.included}
    rows = db.session.execute(
        sa.select(Attachment.sha256, Invoice.id, Contract.number, Invoice.position, Invoice.number)
        .join(Invoice, Invoice.id == Attachment.invoice_id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(
            Contract.id.in_(visible),
            ~Attachment.is_left_out,
            Attachment.sha256.in_(digests),
        )
        .order_by(Contract.number, Invoice.position)
    )
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for digest, invoice_id, contract, position, number in rows:
        found[digest].append((invoice_id, invoice_name(contract, position, number)))
    return found
