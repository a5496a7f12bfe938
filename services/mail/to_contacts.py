"""Mails to the contacts of a contract, about documents that are missing."""

from typing import Any

from flask import render_template
from flask_mail import Message

from models import Contract, DocumentRequest, SubmittedFile
from services.addresses import address_of
from services.mail.handing_over import hand_over, one_line, recorded


def missing_items(row: DocumentRequest, token: str) -> None:
    """To the contacts of a contract: what their invoices lack, and where to send it."""
    _send_asking(row, missing_subject(row.contract), url=address_of("uploads.show", token=token))


def missing_subject(contract: Contract) -> str:
    return f"{contract.project.name}: documents for {contract.number} {contract.title}"


def missing_preview(row: DocumentRequest) -> str:
    """The text of that mail before it has a link."""
    return render_template(
        "email/missing_items.txt", **_asking(row, url="[link to the upload page]")
    )


def file_refused(row: SubmittedFile) -> None:
    """To the contacts: why a file that they sent does not serve."""
    subject = f"Please send again: {row.name}"
    _send_asking(row.request, subject, "file_refused", submitted=row)


def _send_asking(
    row: DocumentRequest, subject: str, template: str = "missing_items", **values: Any
) -> None:
    context = _asking(row, **values)
    people = [person["email"] for person in row.recipients]
    message = Message(
        subject=one_line(subject),
        recipients=list(people),
        reply_to=row.asked_by.email if row.asked_by else None,
        body=render_template(f"email/{template}.txt", **context),
        html=render_template(f"email/{template}.html", **context),
    )
    with recorded(people, subject, row.contract.project_id):
        hand_over(message)


def _asking(row: DocumentRequest, **values: Any) -> dict[str, Any]:
    names = [person["name"] for person in row.recipients if person["name"]]
    user = {"name": names[0] if len(names) == 1 else "all"}
    contract = row.contract
    return {"user": user, "row": row, "contract": contract, "project": contract.project, **values}
