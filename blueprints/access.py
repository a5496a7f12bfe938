"""Load and authorise in one call: you cannot forget the check if it is how you get the object.

Somebody else's row is a 404; a member's own row that he may only read is a 403 on writing.
"""

from functools import wraps
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.routing import IntegerConverter

from blueprints.point_of_view import speak_of
from models import (
    Access,
    Attachment,
    Backup,
    BackupLink,
    BillingPeriod,
    ChangeOrder,
    Contract,
    Invoice,
    MailDelivery,
    Payment,
    Project,
    Recipient,
    User,
    db,
)
from services import invoice_creation
from services.permissions import (
    LEAST_ACCESS,
    ON_OPEN_INVOICES,
    READING,
    Action,
    allowed,
    allowed_on_invoice,
)

T = TypeVar("T")


class RowId(IntegerConverter):
    """`<int:…>` in our addresses. A number beyond a database's integers is no row: 404, not 500."""

    regex = r"\d{1,9}"


def user() -> User:
    """Who is signed in; only for views behind `login_required`."""
    signed_in: User = current_user._get_current_object()  # noqa: SLF001 - the proxy's own way
    return signed_in


def access_to(project: Project) -> Access | None:
    """The access of who is signed in, asked of the database once in a request."""
    if user().is_administrator:
        return Access.ADMIN
    known: dict[int, Access | None] = request.environ.setdefault("drawpack.access", {})
    if project.id not in known:
        known[project.id] = db.session.scalar(project.access_of(user()))
    return known[project.id]


def may(project: Project, action: Action, invoice: Invoice | None = None) -> bool:
    """Whether who is signed in may do this in the project, or on one of its invoices."""
    access = access_to(project)
    if project.archived and action not in READING:
        return False
    if invoice is None or access == Access.ADMIN or action not in ON_OPEN_INVOICES:
        return allowed(access, action)
    return allowed_on_invoice(access, action, invoice.status, is_latest=is_latest(invoice))


def may_bill(contract: Contract) -> bool:
    """Whether who is signed in may create an invoice of this contract: administrators, and the
    contract's invoice contacts among those who may enter amounts (docs/domain.md 24)."""
    project = contract.project
    if may(project, Action.CREATE_INVOICE):
        return True
    return may(project, Action.ENTER_INVOICE) and invoice_creation.is_contact(contract, user())


@pass_context
def _may_here(context: Context, action: str) -> bool:
    """`may('compile_backups')` in a template: about its `project`, and its `invoice` if any."""
    invoice = context.get("invoice")
    # A list calls its light rows so too; they have no rules of their own.
    about = invoice if isinstance(invoice, Invoice) else None
    return may(context["project"], Action(action), about)


def init_app(app: Flask) -> None:
    app.add_template_global(_may_here, "may")


def project_or_404(
    project_id: int, action: Action = Action.VIEW, *, even_archived: bool = False
) -> Project:
    """The project, for this action: 404 for strangers, 403 for members who may not do it, and for
    everybody who would change one that is archived."""
    project = db.session.get(Project, project_id)
    access = access_to(project) if project else None
    if project is None or access is None:
        abort(404)
    speak_of(project)
    if not allowed(access, action):
        abort(403, _refusal(LEAST_ACCESS[action]))
    if project.archived and not even_archived and _changes(action):
        abort(403, "This project is archived: it is only read until somebody brings it back.")
    return project


def _changes(action: Action) -> bool:
    """Whether the request is to change something; a form may ask, and a reader's always does."""
    return request.method == "POST" and action not in READING


def contract_or_404(project_id: int, contract_id: int, action: Action = Action.VIEW) -> Contract:
    """A contract that who is signed in may see. A private one does not exist for others."""
    project_or_404(project_id)
    contract = _one(Contract.visible_to(user(), project_id).where(Contract.id == contract_id))
    project_or_404(project_id, action)
    return contract


def invoice_or_404(project_id: int, invoice_id: int, action: Action = Action.VIEW) -> Invoice:
    project = project_or_404(project_id)
    visible = Contract.ids_visible_to(user(), project_id)
    invoice = _one(
        sa.select(Invoice).where(Invoice.id == invoice_id, Invoice.contract_id.in_(visible))
    )
    project_or_404(project_id, action)
    if not may(project, action, invoice):
        abort(403, "Only the latest invoice of a contract changes, and only while it is a draft.")
    return invoice


def attachment_or_404(
    project_id: int, invoice_id: int, attachment_id: int, action: Action = Action.VIEW
) -> Attachment:
    invoice = invoice_or_404(project_id, invoice_id, action)
    return _one(
        sa.select(Attachment).where(
            Attachment.id == attachment_id, Attachment.invoice_id == invoice.id
        )
    )


def change_order_or_404(
    project_id: int, contract_id: int, order_id: int, action: Action = Action.VIEW
) -> ChangeOrder:
    contract = contract_or_404(project_id, contract_id, action)
    return _one(
        sa.select(ChangeOrder).where(
            ChangeOrder.id == order_id, ChangeOrder.contract_id == contract.id
        )
    )


def payment_or_404(
    project_id: int, contract_id: int, payment_id: int, action: Action = Action.VIEW
) -> Payment:
    contract = contract_or_404(project_id, contract_id, action)
    return _one(
        sa.select(Payment).where(Payment.id == payment_id, Payment.contract_id == contract.id)
    )


def period_or_404(project_id: int, period_id: int, action: Action = Action.VIEW) -> BillingPeriod:
    project = project_or_404(project_id, action)
    return _one(
        sa.select(BillingPeriod).where(
            BillingPeriod.id == period_id, BillingPeriod.project_id == project.id
        )
    )


def backup_or_404(project_id: int, backup_id: int, action: Action = Action.VIEW) -> Backup:
    """A backup that contains nothing which who is signed in may not see."""
    project_or_404(project_id)
    backup = _one(Backup.visible_to(user(), project_id).where(Backup.id == backup_id))
    project_or_404(project_id, action)
    return backup


def backup_link_or_404(
    project_id: int, backup_id: int, link_id: int, action: Action = Action.VIEW
) -> BackupLink:
    backup = backup_or_404(project_id, backup_id, action)
    return _one(
        sa.select(BackupLink).where(BackupLink.id == link_id, BackupLink.backup_id == backup.id)
    )


def mail_or_404(
    project_id: int, backup_id: int, mail_id: int, action: Action = Action.VIEW
) -> MailDelivery:
    backup = backup_or_404(project_id, backup_id, action)
    return _one(
        sa.select(MailDelivery).where(
            MailDelivery.id == mail_id, MailDelivery.backup_id == backup.id
        )
    )


def recipient_or_404(project_id: int, recipient_id: int, action: Action = Action.VIEW) -> Recipient:
    project = project_or_404(project_id, action)
    return _one(
        sa.select(Recipient).where(Recipient.id == recipient_id, Recipient.project_id == project.id)
    )


def administrator_required(view: Any) -> Any:
    """For pages of the installation, such as the outbox; to others they do not exist."""

    @wraps(view)
    @login_required
    def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not user().is_administrator:
            abort(404)
        answer: ResponseReturnValue = view(*args, **kwargs)
        return answer

    return checked


def is_latest(invoice: Invoice) -> bool:
    """Whether no later invoice of its contract exists; one statement."""
    later = sa.select(Invoice.id).where(
        Invoice.contract_id == invoice.contract_id, Invoice.position > invoice.position
    )
    return db.session.scalar(later.limit(1)) is None


def _refusal(least: Access) -> str:
    who = (
        "an administrator of this project"
        if least == Access.ADMIN
        else "somebody with standard access"
    )
    return f"Only {who} may do that."


def _one(query: sa.Select[T]) -> T:
    found = db.session.scalar(query)
    if found is None:
        abort(404)
    return found
