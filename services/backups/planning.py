"""From the frozen request to the plan that the binder follows: paths, pages, placeholders."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from binder.facts import FileFacts, Problem
from binder.plan import (
    TERMS,
    Addendum,
    Contract,
    Document,
    EntryKind,
    Invoice,
    LeftOut,
    Mark,
    Plan,
    Removed,
)
from binder.recipe import Order
from binder.render.notices import placeholder_page
from binder.sentences import sentence
from models import Backup, StoredFile, db
from services import dictionaries, objects, storage
from services.backups import fetching
from services.backups.frozen import FrozenFile, FrozenInvoice, FrozenRequest
from services.drawings import page_count
from services.errors import AppError


class CannotCompile(AppError):
    """A document cannot go in; the sentence names it and its invoice."""


def plan_of(backup: Backup, frozen: FrozenRequest, dark: Path) -> Plan:
    """The plan of a backup whose files are inspected and whose invoices are drawn.

    Placeholder pages are drawn into the folder `dark`. Raises `CannotCompile`.
    """
    fetching.bring(frozen)
    lost = objects.lacking([storage.original(digest) for digest in frozen.sha256s])
    planner = _Planner(frozen, dark, _facts(frozen.sha256s), lost)
    found = [row for invoice in frozen.invoices for row in planner.of_invoice(invoice)]
    return Plan(
        title=frozen.title,
        project_name=frozen.project_name,
        project_number=frozen.project_number,
        number=backup.number,
        requested_by=frozen.requested_by,
        requested_at=backup.requested_at.astimezone(ZoneInfo(frozen.timezone)),
        documents=tuple(row for row in found if isinstance(row, Document)),
        left_out=tuple(row for row in found if isinstance(row, LeftOut)),
        owner=frozen.owner,
        general_contractor=frozen.general_contractor,
        labels=frozen.labels or dictionaries.labels(frozen.dictionary, TERMS),
        recipe=frozen.recipe,
        addendum=_addendum(frozen),
    )


def _addendum(frozen: FrozenRequest) -> Addendum | None:
    follows = frozen.addendum
    if follows is None:
        return None
    at = datetime.fromisoformat(follows.requested_at)
    return Addendum(
        to=follows.to,
        requested_at=at.astimezone(ZoneInfo(frozen.timezone)),
        sha256=follows.sha256,
        last_page=follows.last_page,
        removed=tuple(Removed(row.contract, row.position, row.name) for row in follows.removed),
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _facts(sha256s: Collection[str]) -> dict[str, FileFacts]:
    rows = db.session.execute(
        sa.select(StoredFile.sha256, StoredFile.facts).where(
            StoredFile.sha256.in_(sha256s), StoredFile.facts.is_not(None)
        )
    )
    return {sha256: FileFacts.from_json(facts) for sha256, facts in rows}


@dataclass(frozen=True, slots=True)
class _Planner:
    frozen: FrozenRequest
    dark: Path
    facts: dict[str, FileFacts]
    #: Files that are nowhere.
    lost: set[Path]

    def of_invoice(self, row: FrozenInvoice) -> Iterator[Document | LeftOut]:
        """The signed copy or the drawing, and the attachments in their order."""
        invoice = _invoice(row)
        parts = [self._own(row, invoice), self._attachments(row, invoice)]
        if self.frozen.recipe.order is Order.ATTACHMENTS_FIRST:
            parts.reverse()
        for part in parts:
            yield from part
        for file in row.left_out:
            original = storage.original(file.sha256) if file.sha256 else None
            yield LeftOut(invoice, file.name, file.sha256, file.reason, original)

    def _own(self, row: FrozenInvoice, invoice: Invoice) -> Iterator[Document]:
        if row.signed_copy:
            yield self._file(row, invoice, EntryKind.SIGNED, row.signed_copy)
        elif row.content_key:
            yield self._drawing(row, invoice)

    def _attachments(self, row: FrozenInvoice, invoice: Invoice) -> Iterator[Document | LeftOut]:
        for file in row.attachments:
            if self._is_no_pdf(row, file):
                yield from self._stand_in(row, invoice, file)
            else:
                yield self._file(row, invoice, EntryKind.ATTACHMENT, file)

    def _drawing(self, row: FrozenInvoice, invoice: Invoice) -> Document:
        path = storage.drawn(row.content_key)
        if not path.exists():
            raise CannotCompile(
                f"{row.name[0].upper()}{row.name[1:]} was changed after this backup was asked for. "
                "Run it again."
            )
        digest = _digest(path)
        name = self._say("Subcontractor invoice")
        return Document(
            invoice,
            EntryKind.INVOICE,
            name,
            path,
            digest,
            page_count(path),
            storage.prepared(digest),
            mark=_mark(row.mark),
            shows=row.shows,
        )

    def _file(
        self, row: FrozenInvoice, invoice: Invoice, kind: EntryKind, file: FrozenFile
    ) -> Document:
        facts, path = self._facts_of(row, file), storage.original(file.sha256)
        if facts.problem:
            said = sentence(facts.problem, file.name, facts.media_type, self._say)
            raise CannotCompile(_about(row, said))
        if path in self.lost:
            raise CannotCompile(_about(row, f"“{file.name}” is missing from the data folder."))
        return Document(
            invoice,
            kind,
            file.name,
            path,
            file.sha256,
            facts.pages,
            storage.prepared(file.sha256),
            facts,
            path,
            _mark(file.mark),
            file.document_type,
        )

    def _is_no_pdf(self, row: FrozenInvoice, file: FrozenFile) -> bool:
        """Something else, honestly named; what calls itself a PDF must be one."""
        is_other = self._facts_of(row, file).problem == Problem.NOT_PDF
        return is_other and not file.name.lower().endswith(".pdf")

    def _stand_in(
        self, row: FrozenInvoice, invoice: Invoice, file: FrozenFile
    ) -> Iterator[Document | LeftOut]:
        """A page that names the file, and its line on the list of what stayed out."""
        facts = self._facts_of(row, file)
        reason = sentence(Problem.NOT_PDF, file.name, facts.media_type, self._say)
        lines = [
            ("Contract", f"{row.contract} {row.company}"),
            ("Invoice", f"{row.number or row.position}, {row.period}"),
            ("Reason", reason),
            ("SHA-256", file.sha256),
        ]
        path = self.dark / f"placeholder-{uuid4().hex}.pdf"
        path.write_bytes(placeholder_page(file.name, lines))
        yield Document(
            invoice,
            EntryKind.PLACEHOLDER,
            file.name,
            path,
            file.sha256,
            page_count(path),
            original=storage.original(file.sha256),
            mark=_mark(file.mark),
            document_type=file.document_type,
        )
        yield LeftOut(invoice, file.name, file.sha256, f"{reason} A page stands in for it.")

    def _say(self, english: str) -> str:
        return dictionaries.term(self.frozen.dictionary, english)

    def _facts_of(self, row: FrozenInvoice, file: FrozenFile) -> FileFacts:
        facts = self.facts.get(file.sha256)
        if facts is None:
            raise CannotCompile(_about(row, f"“{file.name}” was not checked; it was deleted."))
        return facts


def _invoice(row: FrozenInvoice) -> Invoice:
    return Invoice(
        contract=Contract(row.contract, row.contract_title, row.company),
        position=row.position,
        number=row.number,
        period=row.period,
        status=row.status,
        signed=row.signed,
        gross_this_period=row.gross_this_period,
        total_retainage=row.total_retainage,
        payment_due=row.payment_due,
        lines_this_period=row.lines_this_period,
        previous_certificates=row.previous_certificates,
        earned_before=row.earned_before,
        period_start=row.period_start,
        required=row.required,
    )


def _mark(mark: str) -> Mark | None:
    return Mark(mark) if mark else None


def _about(row: FrozenInvoice, said: str) -> str:
    return f"{row.name[0].upper()}{row.name[1:]}: {said}"
