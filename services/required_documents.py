"""The rules of a project on documents that invoices must bring, and decisions to do without."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from billing import InvalidAmount, parse_cents
from models import (
    Contract,
    DocumentExemption,
    Invoice,
    RequiredDocument,
    Requirement,
    Strictness,
    User,
    db,
    utcnow,
    writing,
)
from services import audit, document_types
from services.errors import AppError
from services.importing.cells import LARGEST_POSITION
from services.natural import natural

LONGEST_REASON = 300


class RuleRefused(AppError):
    """A rule or an exemption that cannot be."""


def of_project(project_id: int) -> list[RequiredDocument]:
    """The project's own first, then by contract."""
    rows = db.session.scalars(
        sa.select(RequiredDocument)
        .where(RequiredDocument.project_id == project_id)
        .options(joinedload(RequiredDocument.contract))
    )
    codes = list(document_types.names_of(project_id))
    return sorted(
        rows,
        key=lambda row: (
            natural(row.contract.number) if row.contract else (),
            codes.index(row.document_type) if row.document_type in codes else len(codes),
        ),
    )


def save(project_id: int, form: Mapping[str, str]) -> None:
    """A rule as a form sends it, in place of one for the same type and contract.

    Raises `RuleRefused`.
    """
    values = _values(project_id, form)
    key = {"project_id": project_id, **values}
    with writing():
        row = db.session.scalar(
            sa.select(RequiredDocument).where(
                RequiredDocument.project_id == project_id,
                RequiredDocument.document_type == values["document_type"],
                RequiredDocument.contract_id.is_not_distinct_from(values["contract_id"]),
            )
        )
        if row is None:
            row = RequiredDocument(**key)
            db.session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        _note(project_id, row, "saved")


def remove(row: RequiredDocument) -> None:
    """The rule no longer holds."""
    _note(row.project_id, row, "removed")
    db.session.delete(row)
    db.session.commit()


def exempt(invoice: Invoice, document_type: str, reason: str, user: User) -> None:
    """This invoice does without it. Raises `RuleRefused` without a reason."""
    reason = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
    if not reason:
        raise RuleRefused("Say why it is not required: the receipt tells the reason.")
    if len(reason) > LONGEST_REASON:
        raise RuleRefused(f"The reason is longer than {LONGEST_REASON} characters.")
    if document_type not in document_types.names_of(invoice.contract.project_id):
        raise RuleRefused("The document type does not exist any more.")
    invoice_id, user_id, project_id = invoice.id, user.id, invoice.contract.project_id
    with writing():
        row = _exemption(invoice_id, document_type)
        if row is None:
            row = DocumentExemption(invoice_id=invoice_id, document_type=document_type)
            db.session.add(row)
        row.reason, row.user_id, row.at = reason, user_id, utcnow()
        detail = {"what": "document not required", "type": document_type, "reason": reason}
        subject = ("invoice", invoice_id)
        audit.record("documents.changed", project=project_id, subject=subject, detail=detail)


def require_again(invoice: Invoice, document_type: str) -> None:
    """Take an exemption back."""
    row = _exemption(invoice.id, document_type)
    if row is not None:
        db.session.delete(row)
        detail = {"what": "document required again", "type": document_type}
        project_id = invoice.contract.project_id
        subject = ("invoice", invoice.id)
        audit.record("documents.changed", project=project_id, subject=subject, detail=detail)
    db.session.commit()


def _exemption(invoice_id: int, document_type: str) -> DocumentExemption | None:
    return db.session.scalar(
        sa.select(DocumentExemption).where(
            DocumentExemption.invoice_id == invoice_id,
            DocumentExemption.document_type == document_type,
        )
    )


def _values(project_id: int, form: Mapping[str, str]) -> dict[str, object]:
    code = form.get("document_type", "")
    if code not in document_types.names_of(project_id):
        raise RuleRefused("Choose a document type.")
    contract_id = _contract(project_id, form.get("contract", ""))
    try:
        requirement = Requirement(form.get("requirement", ""))
        strictness = Strictness(form.get("strictness", ""))
    except ValueError as e:
        raise RuleRefused("Choose what the document accompanies, and what happens without.") from e
    if strictness == Strictness.NOT_REQUIRED and contract_id is None:
        raise RuleRefused("“Not required” is for one contract. For all, remove the rule.")
    return {
        "document_type": code,
        "contract_id": contract_id,
        "requirement": requirement,
        "strictness": strictness,
        "from_position": _position(form.get("from_position", "")),
        "from_amount": _amount(form.get("from_amount", "")),
    }


def _contract(project_id: int, text: str) -> int | None:
    if not text:
        return None
    contract_id = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    known = sa.select(Contract.id).where(
        Contract.id == contract_id, Contract.project_id == project_id
    )
    if db.session.scalar(known) is None:
        raise RuleRefused("The contract does not exist any more.")
    return contract_id


def _position(text: str) -> int:
    text = text.strip() or "1"
    if text.isascii() and text.isdigit() and 1 <= len(text) <= 6:
        position = int(text)
        if 1 <= position <= LARGEST_POSITION:
            return position
    raise RuleRefused("The invoice from which it is required is a whole number, such as 2.")


def _amount(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        amount = parse_cents(text)
    except InvalidAmount as e:
        raise RuleRefused(str(e)) from e
    if amount < 0:
        raise RuleRefused("The amount from which it is required is not negative.")
    return amount


def _note(project_id: int, row: RequiredDocument, what: str) -> None:
    detail = {
        "what": f"required document {what}",
        "type": row.document_type,
        "requirement": str(row.requirement),
        "strictness": str(row.strictness),
    }
    audit.record("documents.changed", project=project_id, detail=detail)
