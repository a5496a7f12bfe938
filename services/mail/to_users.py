"""Mails to people with an account."""

from datetime import datetime

from flask import current_app

from models import AccountToken, Invoice, User
from services import dictionaries
from services.addresses import address_of
from services.formats import words
from services.mail.handing_over import recorded, send


def test(user: User) -> None:
    """To oneself: whether the settings work. Raises one of `FAILURES`."""
    send(
        user, "Test of the mail settings of Drawpack", "test", url=address_of("mail_settings.show")
    )


def saving_failed(user: User, why: str, at: datetime) -> None:
    """To an administrator: the installation is not being backed up. Raises one of `FAILURES`."""
    subject = "Drawpack could not be backed up"
    with recorded(user.email, subject):
        send(user, subject, "saving_failed", why=why, at=at, url=address_of("system.show"))


def invitation(row: AccountToken, token: str) -> None:
    """To somebody new: the link that opens the account."""
    _send_link(row, "You are invited to Drawpack", "invitation", "account.invitation", token)


def password_reset(row: AccountToken, token: str) -> None:
    """To the owner of an account: the link that lets him choose another password."""
    subject = "Choose a new password for Drawpack"
    _send_link(row, subject, "password_reset", "account.choose_password", token)


def review_finished(invoice: Invoice, user: User) -> None:
    """To who submitted an invoice: the status that its review led to. The reasons for rejected
    lines are on its page (docs/domain.md 12)."""
    contract = invoice.contract
    subject = f"{contract.number}, invoice {invoice.label}: {words(invoice.status)}"
    url = address_of("invoices.show", project_id=contract.project_id, invoice_id=invoice.id)
    with (
        recorded(user.email, subject, contract.project_id),
        dictionaries.speaking(dictionaries.of_project(contract.project)),
    ):
        send(user, subject, "review_finished", invoice=invoice, contract=contract, url=url)


def _send_link(row: AccountToken, subject: str, template: str, endpoint: str, token: str) -> None:
    url = address_of(endpoint, token=token)
    with recorded(row.user.email, subject):
        send(row.user, subject, template, url=url, site=current_app.config["BASE_URL"])
