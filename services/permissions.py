"""Who may do what in a project: docs/domain.md 24 and 11, as one table.

Pure rules. Administrators of the installation have the access of a project's administrator
everywhere; no membership is no access, and to such a person the project does not exist.
"""

from enum import StrEnum

from models.invoice import InvoiceStatus
from models.user import Access


class Action(StrEnum):
    """What people do in a project."""

    VIEW = "view"
    EXPORT = "export"

    ENTER_INVOICE = "enter_invoice"
    ATTACH_FILES = "attach_files"
    SUBMIT_INVOICE = "submit_invoice"
    COMMENT = "comment"
    RELEASE_RETAINAGE = "release_retainage"

    CREATE_INVOICE = "create_invoice"
    REVIEW_INVOICE = "review_invoice"
    SET_RETAINAGE = "set_retainage"
    DELETE_INVOICE = "delete_invoice"
    SIGN_INVOICE = "sign_invoice"
    CHANGE_STATUSES = "change_statuses"
    COMPILE_BACKUPS = "compile_backups"

    CREATE_PERIODS = "create_periods"
    EDIT_PERIODS = "edit_periods"
    MANAGE_PERIODS = "manage_periods"

    EDIT_CONTRACTS = "edit_contracts"
    ISSUE_PAYMENTS = "issue_payments"
    KEEP_PRIVATE = "keep_private"

    CONFIGURE = "configure"
    MANAGE_MEMBERS = "manage_members"


#: The access that an action takes; who has more may do it too.
LEAST_ACCESS = {
    Action.VIEW: Access.READ_ONLY,
    Action.EXPORT: Access.READ_ONLY,
    Action.ENTER_INVOICE: Access.STANDARD,
    Action.ATTACH_FILES: Access.STANDARD,
    Action.SUBMIT_INVOICE: Access.STANDARD,
    Action.COMMENT: Access.STANDARD,
    Action.RELEASE_RETAINAGE: Access.STANDARD,
    Action.CREATE_INVOICE: Access.ADMIN,
    Action.REVIEW_INVOICE: Access.ADMIN,
    Action.SET_RETAINAGE: Access.ADMIN,
    Action.DELETE_INVOICE: Access.ADMIN,
    Action.SIGN_INVOICE: Access.ADMIN,
    Action.CHANGE_STATUSES: Access.ADMIN,
    Action.COMPILE_BACKUPS: Access.ADMIN,
    Action.CREATE_PERIODS: Access.ADMIN,
    Action.EDIT_PERIODS: Access.ADMIN,
    Action.MANAGE_PERIODS: Access.ADMIN,
    Action.EDIT_CONTRACTS: Access.ADMIN,
    Action.ISSUE_PAYMENTS: Access.ADMIN,
    Action.KEEP_PRIVATE: Access.ADMIN,
    Action.CONFIGURE: Access.ADMIN,
    Action.MANAGE_MEMBERS: Access.ADMIN,
}

#: What a standard user does only while the invoice is his to prepare (docs/domain.md 11).
ON_OPEN_INVOICES = {
    Action.ENTER_INVOICE,
    Action.ATTACH_FILES,
    Action.SUBMIT_INVOICE,
    Action.RELEASE_RETAINAGE,
}
OPEN_STATUSES = {InvoiceStatus.DRAFT, InvoiceStatus.REVISE_AND_RESUBMIT}

#: What goes on in an archived project: looking, taking out, and its settings' pages.
READING = {Action.VIEW, Action.EXPORT}

_RANK = {access: rank for rank, access in enumerate(Access)}


def allowed(access: Access | None, action: Action) -> bool:
    """Whether somebody with this access to a project may do this in it."""
    return access is not None and _RANK[access] >= _RANK[LEAST_ACCESS[action]]


def allowed_on_invoice(
    access: Access | None, action: Action, status: InvoiceStatus, *, is_latest: bool
) -> bool:
    """The same on one invoice: below an administrator, only the latest invoice of a contract
    changes, and only in Draft or Revise & Resubmit."""
    if not allowed(access, action):
        return False
    if access == Access.ADMIN or action not in ON_OPEN_INVOICES:
        return True
    return is_latest and status in OPEN_STATUSES
