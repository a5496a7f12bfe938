"""A project worth compiling; shared by the tests of backups."""

from datetime import UTC, datetime

from models import db
from services import backups, sheets
from tests.factories import (
    make_attachment,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.pdfs import write_pdf

NOW = datetime(2026, 8, 31, 18, 5, 9, tzinfo=UTC)


def make_tower():
    """A project with two closed periods, as `project.periods`."""
    project = make_project(number="24-017", name="Harbor Tower", timezone="America/New_York")
    project.periods = [make_period(project, 6), make_period(project, 7)]
    db.session.commit()
    return project


def make_pdf(tmp_path, *texts):
    return write_pdf(tmp_path / "made.pdf", texts).read_bytes()


def add_invoice(project, contract_number, *, position=1, contract=None, **values):
    """An invoice that bills 1,000 dollars, on a contract of its own unless one is given."""
    contract = contract or make_contract(project, number=contract_number)
    line = make_line(contract)
    invoice = make_invoice(
        contract, period=project.periods[position - 1], position=position, **values
    )
    make_invoice_line(invoice, line, work_this_period=1_000_00)
    sheets.recalculate([contract.id])
    return invoice


def add_attachments(invoice, tmp_path, count):
    for number in range(count):
        content = make_pdf(tmp_path, f"page {number} of {invoice.id}")
        make_attachment(invoice, content, name=f"{number}.pdf")


def ask(project, *invoices, user=None):
    db.session.commit()
    return backups.request(project.id, [invoice.id for invoice in invoices], user, NOW)
