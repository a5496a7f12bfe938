"""Addenda: a backup of what is new or changed since an earlier one, whose page numbers go on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from binder.plan import EntryKind
from binder.recipe import Recipe
from models import Backup, BackupStatus, Contract, Invoice, User, db
from services.backups.attaching import CHOSEN
from services.backups.comparing import Entry, InvoiceKey, is_equal, pairs
from services.backups.frozen import (
    FrozenAddendum,
    FrozenInvoice,
    FrozenRequest,
    HeldDocument,
)
from services.errors import AppError
from services.formats import counted

#: A list of more backups is no choice; the page of each has a button too.
_MOST_CHOICES = 12


class NothingNew(AppError):
    """An addendum would have no document."""


class NothingToFollow(AppError):
    """The backup that an addendum should follow is not there, or not finished."""


def scope(base: Backup, viewer: User | None) -> list[int]:
    """The invoices that an addendum to `base` looks at, of those that `viewer` may see (None: all).

    Those that it holds, and those that its contracts got since. Where it held every invoice of the
    project, also those that other contracts got since.
    """
    held = {(row.contract, row.position) for row in _held(base)}
    numbers = {contract for contract, _ in held}
    rows = db.session.execute(
        sa.select(Invoice.id, Contract.number, Invoice.position, Invoice.created)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Contract.id.in_(Contract.ids_visible_to(viewer, base.project_id)))
    ).all()
    later = {row.id for row in rows if row.created > base.requested_at}
    was_whole = all((row.number, row.position) in held or row.id in later for row in rows)
    return [
        row.id
        for row in rows
        if (row.number, row.position) in held
        or (row.id in later and (was_whole or row.number in numbers))
    ]


def choices(project_id: int, viewer: User | None) -> list[int]:
    """Numbers of the finished backups that `viewer` may follow up, newest first."""
    query = Backup.visible_to(viewer, project_id).where(Backup.status == BackupStatus.DONE)
    return list(db.session.scalars(query.with_only_columns(Backup.number).limit(_MOST_CHOICES)))


def numbered(project_id: int, number: str, viewer: User | None) -> Backup:
    """The backup that `viewer` means by its number. Raises `NothingToFollow`."""
    digits = number if number.isascii() and number.isdigit() and len(number) < 10 else "0"
    query = Backup.visible_to(viewer, project_id).where(Backup.number == int(digits))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NothingToFollow(f"This project has no backup “{number[:20]}” to follow.")
    return found


def still_there(project_id: int, invoice_ids: Collection[int]) -> list[int]:
    """Those of the invoices that were not deleted."""
    query = sa.select(Invoice.id).join(Contract, Contract.id == Invoice.contract_id)
    return list(
        db.session.scalars(
            query.where(Contract.project_id == project_id, Invoice.id.in_(invoice_ids))
        )
    )


def suffix(frozen: FrozenRequest) -> str:
    """What an addendum has behind the name of the document."""
    return f", addendum to backup {frozen.addendum.to}" if frozen.addendum else ""


def since(base: Backup, whole: FrozenRequest) -> FrozenRequest:
    """Of `whole`, what is new or changed since `base`: new invoices, and of others only the
    documents that are not the same.

    Raises `NothingToFollow` when `base` is not finished, `NothingNew` when nothing would go in.
    """
    if base.status != BackupStatus.DONE or not base.sha256 or not base.pages:
        raise NothingToFollow(f"Backup {base.number} is not finished, so nothing can follow it.")
    before = _by_invoice(_held(base))
    parts, removed, held = [], [], []
    looked_at: set[InvoiceKey] = set()
    for invoice in whole.invoices:
        key = invoice.contract, invoice.position
        looked_at.add(key)
        old, new = before.get(key, ()), list(_documents(invoice))
        found = list(pairs(_entries(old), _entries(new)))
        held += new
        gone = [_document(key, entry) for entry, after in found if entry and not after]
        # What only the recipe leaves out this time is still there: nothing was removed.
        passed_over = _passed_over(invoice, whole.recipe)
        held += [document for document in gone if _file(document) in passed_over]
        removed += [document for document in gone if _file(document) not in passed_over]
        marks = [_mark(pair) for pair in found if pair[1] is not None]
        if any(marks):
            parts.append(_marked(invoice, marks))
    there = _invoices_of(base.project_id)
    for key, documents in before.items():
        if key not in looked_at:
            # A deleted invoice is gone; one that nobody looked at stays as it was.
            (held if key in there else removed).extend(documents)
    if not parts:
        raise NothingNew(_nothing_new(base, len(removed)))
    frozen = replace(
        whole,
        invoices=tuple(parts),
        addendum=FrozenAddendum(
            backup_id=base.id,
            to=base.number,
            requested_at=base.requested_at.isoformat(),
            sha256=base.sha256,
            last_page=_last_page(base),
            removed=tuple(removed),
            chosen=tuple(invoice.id for invoice in whole.invoices),
            held=tuple(held),
        ),
    )
    name, rest = whole.title.split(" - ", 1)
    return replace(frozen, title=f"{name}{suffix(frozen)} - {rest}")


def _file(document: HeldDocument) -> tuple[str, str]:
    return document.name, document.key


def _passed_over(invoice: FrozenInvoice, recipe: Recipe) -> set[tuple[str, str]]:
    """Name and SHA-256 of the files that the recipe leaves out for their type."""
    return {
        (file.name, file.sha256)
        for file in invoice.left_out
        if file.document_type in recipe.left_out_types and file.reason != CHOSEN
    }


def _nothing_new(base: Backup, removed: int) -> str:
    if removed:
        return (
            f"Nothing is new or changed since backup {base.number}; "
            f"{counted(removed, 'document')} {'was' if removed == 1 else 'were'} removed. "
            "Nothing was queued: a new backup would go without them."
        )
    return f"Nothing is new or changed since backup {base.number}, so nothing was queued."


def _last_page(base: Backup) -> int:
    """The number on the last page of `base`: its pages, and those before it."""
    follows = FrozenRequest.from_json(base.request).addendum
    return (base.pages or 0) + (follows.last_page if follows else 0)


def _held(base: Backup) -> Sequence[HeldDocument]:
    """All documents of a backup, and of what it is an addendum to."""
    frozen = FrozenRequest.from_json(base.request)
    if frozen.addendum:
        return frozen.addendum.held
    return [document for invoice in frozen.invoices for document in _documents(invoice)]


def _documents(invoice: FrozenInvoice) -> Iterator[HeldDocument]:
    """The signed copy or the drawing, and the attachments."""
    key = invoice.contract, invoice.position
    if invoice.signed_copy:
        file = invoice.signed_copy
        yield HeldDocument(*key, EntryKind.SIGNED, file.name, file.sha256)
    elif invoice.content_key:
        yield HeldDocument(*key, EntryKind.INVOICE, "Invoice", invoice.shows or invoice.content_key)
    for file in invoice.attachments:
        yield HeldDocument(*key, EntryKind.ATTACHMENT, file.name, file.sha256)


def _by_invoice(documents: Iterable[HeldDocument]) -> Mapping[InvoiceKey, list[HeldDocument]]:
    found = defaultdict(list)
    for document in documents:
        found[document.contract, document.position].append(document)
    return dict(found)


def _entries(documents: Iterable[HeldDocument]) -> list[Entry]:
    """As comparing takes them."""
    return [
        {"kind": document.kind, "name": document.name, "sha256": document.key}
        for document in documents
    ]


def _document(key: InvoiceKey, entry: Entry) -> HeldDocument:
    return HeldDocument(*key, entry["kind"], entry["name"], entry["sha256"])


def _mark(pair: tuple[Entry | None, Entry | None]) -> str:
    if is_equal(pair):
        return ""
    return "changed" if pair[0] else "new"


def _marked(invoice: FrozenInvoice, marks: Sequence[str]) -> FrozenInvoice:
    """Only what has a mark; `marks` are those of its documents in the order of `_documents`."""
    own, *files = marks
    attachments = zip(invoice.attachments, files, strict=True)
    signed = invoice.signed_copy
    return replace(
        invoice,
        content_key=invoice.content_key if own else "",
        mark=own,
        signed_copy=replace(signed, mark=own) if signed and own else None,
        attachments=tuple(replace(file, mark=mark) for file, mark in attachments if mark),
    )


def _invoices_of(project_id: int) -> set[InvoiceKey]:
    query = sa.select(Contract.number, Invoice.position).join(
        Invoice, Invoice.contract_id == Contract.id
    )
    rows = db.session.execute(query.where(Contract.project_id == project_id))
    return {(number, position) for number, position in rows}
