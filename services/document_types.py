"""The types that attachments of a project may have: those of every project, then its own."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from models import Attachment, Contract, DocumentKind, DocumentType, Invoice, db, writing
from services.document_guess import guess
from services.errors import AppError
from services.formats import counted

#: What people call the kinds of every project, in the order of lists.
NAMES: Mapping[str, str] = {
    DocumentKind.BACKUP: "Supporting document",
    DocumentKind.CONDITIONAL_WAIVER: "Conditional waiver",
    DocumentKind.UNCONDITIONAL_WAIVER: "Unconditional waiver",
    DocumentKind.CONDITIONAL_FINAL_WAIVER: "Conditional waiver, final",
    DocumentKind.UNCONDITIONAL_FINAL_WAIVER: "Unconditional waiver, final",
    DocumentKind.SWORN_STATEMENT: "Sworn statement",
    DocumentKind.INSURANCE_CERTIFICATE: "Insurance certificate",
    DocumentKind.CERTIFIED_PAYROLL: "Certified payroll",
    DocumentKind.CHANGE_ORDER_BACKUP: "Change order backup",
    DocumentKind.STORED_MATERIAL: "Stored material evidence",
    DocumentKind.PHOTO: "Photos",
}
#: Types of its own that one project may have; lists stay readable.
MOST_OWN = 40
LONGEST_NAME = 80
_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*", re.ASCII)


class TypeRefused(AppError):
    """A document type cannot be made, changed, given or removed."""


def own_types(project_id: int) -> list[DocumentType]:
    """A project's own, by name."""
    rows = sa.select(DocumentType).where(DocumentType.project_id == project_id)
    return list(db.session.scalars(rows.order_by(sa.func.lower(DocumentType.name))))


def own_names(project_id: int) -> dict[str, str]:
    """Names of a project's own by their codes."""
    return {row.code: row.name for row in own_types(project_id)}


def names_of(project_id: int) -> dict[str, str]:
    """Names of all types by their codes, in the order of lists. One statement."""
    return {str(code): name for code, name in NAMES.items()} | own_names(project_id)


def is_code(text: str) -> bool:
    """Whether an own type may have this code."""
    return len(text) <= 40 and bool(_CODE.fullmatch(text)) and text not in set(DocumentKind)


def add(project_id: int, name: str) -> DocumentType:
    """A type of the project's own. Raises `TypeRefused`."""
    name = _checked(name)
    with writing():
        taken = names_of(project_id)
        if len(taken) - len(NAMES) >= MOST_OWN:
            raise TypeRefused(f"A project has at most {MOST_OWN} document types of its own.")
        _refuse_double(name, taken.values())
        row = DocumentType(project_id=project_id, code=_code(name, taken), name=name)
        db.session.add(row)
    return row


def rename(row: DocumentType, name: str) -> None:
    """Call it something else; what has this type keeps it. Raises `TypeRefused`."""
    name = _checked(name)
    others = [other for code, other in names_of(row.project_id).items() if code != row.code]
    _refuse_double(name, others)
    row.name = name
    db.session.commit()


def remove(row: DocumentType) -> None:
    """Raises `TypeRefused` while an attachment has this type."""
    used = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Attachment)
        .join(Invoice, Invoice.id == Attachment.invoice_id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Contract.project_id == row.project_id, Attachment.document_type == row.code)
    )
    if used:
        raise TypeRefused(f"“{row.name}” is the type of {counted(used, 'attachment')}.")
    db.session.delete(row)
    db.session.commit()


def guess_in_project(project_id: int) -> int:
    """Guess the type of every attachment of a project that nobody confirmed; tells how many
    changed. Own types made later are found this way."""
    own = own_names(project_id)
    with writing():
        rows = db.session.scalars(
            sa.select(Attachment)
            .join(Invoice, Invoice.id == Attachment.invoice_id)
            .join(Contract, Contract.id == Invoice.contract_id)
            .where(Contract.project_id == project_id, ~Attachment.is_type_confirmed)
        ).all()
        changes = 0
        for row in rows:
            guessed = guess(row.name, own)
            changes += guessed != row.document_type
            row.document_type = guessed
    return changes


def _checked(name: str) -> str:
    shown = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable())
    shown = " ".join(shown.split())
    if not shown:
        raise TypeRefused("Give the document type a name.")
    if len(shown) > LONGEST_NAME:
        raise TypeRefused(f"The name has {len(shown)} characters; {LONGEST_NAME} is the most.")
    return shown


def _refuse_double(name: str, others: Iterable[str]) -> None:
    if name.casefold() in {other.casefold() for other in others}:
        raise TypeRefused(f"There is a document type “{name}” already.")


def _code(name: str, taken: Mapping[str, str]) -> str:
    """waste_manifest for “Waste manifest”; a number behind it where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = "_".join(re.findall(r"[a-z0-9]+", plain))[:34].strip("_") or "own"
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found
