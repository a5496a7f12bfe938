"""Load and authorise in one call: you cannot forget the check if it is how you get the object.

Somebody else's row is a 404; a member's own row that he may only read is a 403 on writing.
"""

from functools import wraps
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import abort
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.routing import IntegerConverter

from models import (
    Access,
    Attachment,
    Backup,
    BillingPeriod,
    Company,
    Contract,
    Invoice,
    Project,
    User,
    db,
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
    if user().is_administrator:
        return Access.ADMIN
    return db.session.scalar(project.access_of(user()))


def may_administer(project: Project) -> bool:
    return access_to(project) == Access.ADMIN


def project_or_404(project_id: int, *, to_administer: bool = False) -> Project:
    project = db.session.get(Project, project_id)
    access = project and access_to(project)
    if project is None or access is None:
        abort(404)
    if to_administer and access != Access.ADMIN:
        abort(403, "Only an administrator of this project may do that.")
    return project


def contract_or_404(project_id: int, contract_id: int, *, to_administer: bool = False) -> Contract:
    project = project_or_404(project_id, to_administer=to_administer)
    return _one(sa.select(Contract).where(Contract.id == contract_id, _in(Contract, project)))


def invoice_or_404(project_id: int, invoice_id: int, *, to_administer: bool = False) -> Invoice:
    project = project_or_404(project_id, to_administer=to_administer)
    return _one(
        sa.select(Invoice)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Invoice.id == invoice_id, _in(Contract, project))
    )


def attachment_or_404(
    project_id: int, invoice_id: int, attachment_id: int, *, to_administer: bool = False
) -> Attachment:
    invoice = invoice_or_404(project_id, invoice_id, to_administer=to_administer)
    return _one(
        sa.select(Attachment).where(
            Attachment.id == attachment_id, Attachment.invoice_id == invoice.id
        )
    )


def period_or_404(project_id: int, period_id: int, *, to_administer: bool = False) -> BillingPeriod:
    project = project_or_404(project_id, to_administer=to_administer)
    return _one(
        sa.select(BillingPeriod).where(BillingPeriod.id == period_id, _in(BillingPeriod, project))
    )


def backup_or_404(project_id: int, backup_id: int, *, to_administer: bool = False) -> Backup:
    project = project_or_404(project_id, to_administer=to_administer)
    return _one(sa.select(Backup).where(Backup.id == backup_id, _in(Backup, project)))


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


def _in(
    table: type[Contract | BillingPeriod | Backup | Company], project: Project
) -> sa.ColumnElement[bool]:
    return table.project_id == project.id


def _one(query: sa.Select[T]) -> T:
    found = db.session.scalar(query)
    if found is None:
        abort(404)
    return found
