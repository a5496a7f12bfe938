"""What people say to each other about an invoice."""

import sqlalchemy as sa

from models import InvoiceComment, User, db
from services.errors import AppError
from services.importing.cells import BadCell, text

LONGEST = 5_000


class NotSaid(AppError):
    """The comment was not kept; the message says why."""


def of_invoice(invoice_id: int) -> list[tuple[InvoiceComment, str]]:
    """The oldest first, each with who said it ("" once the account is gone); one statement."""
    found = db.session.execute(
        sa.select(InvoiceComment, User.name)
        .outerjoin(User, User.id == InvoiceComment.user_id)
        .where(InvoiceComment.invoice_id == invoice_id)
        .order_by(InvoiceComment.id)
    )
    return [(comment, name or "") for comment, name in found]


def add(invoice_id: int, said: str, *, user_id: int) -> None:
    """Commits. Raises NotSaid."""
    if not said.strip():
        raise NotSaid("Write something first.")
    try:
        kept = text(LONGEST, lines=True)(said.strip())
    except BadCell as e:
        raise NotSaid(str(e)) from e
    db.session.add(InvoiceComment(invoice_id=invoice_id, user_id=user_id, text=kept))
    db.session.commit()
