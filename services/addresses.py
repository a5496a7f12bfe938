"""Where pages live, for those who answer no request: a mail is written by a worker, which has no
pages. A test compares this with the pages."""

from urllib.parse import quote

from flask import current_app

#: By the name of the page; values stand in braces.
PATHS = {
    "account.choose_password": "/password-reset/{token}",
    "account.invitation": "/invitation/{token}",
    "backups.show": "/projects/{project_id}/backups/{backup_id}",
    "delivery.show": "/projects/{project_id}/delivery",
    "invoices.show": "/projects/{project_id}/invoices/{invoice_id}",
    "mail_settings.show": "/mail",
    "system.show": "/system",
    "uploads.show": "/u/{token}",
}


def path_of(page: str, **values: object) -> str:
    """The path of a page of `PATHS`, which begins with a slash."""
    return PATHS[page].format_map({name: quote(str(each)) for name, each in values.items()})


def address_of(page: str, **values: object) -> str:
    """The whole address, as it stands in a mail."""
    return f"{current_app.config['BASE_URL']}{path_of(page, **values)}"
