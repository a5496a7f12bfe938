"""A project worth compiling; shared by the tests of backups."""

from datetime import UTC, datetime
from hashlib import sha256

from models import Backup, BackupStatus, db
from services import backups, sheets, storage
from services.backups import places
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


def ask(project, *invoices, user=None, now=NOW):
    db.session.commit()
    return backups.request(project.id, [invoice.id for invoice in invoices], user, now)


def make_backup(project, content=b"%PDF-1.7 made by hand", **values):
    """A row with its file, without the seconds that a compile takes; one more for each call."""
    project.last_backup += 1
    number = project.last_backup
    request = {
        "title": "Subcontractor invoice backup", "project_name": project.name,
        "project_number": project.number, "timezone": project.timezone,
        "dictionary": "general_contractors", "requested_by": "Alice Adams", "owner": "",
        "general_contractor": "", "invoices": [], "labels": {}, "recipe": {},
    }  # fmt: skip
    manifest = {"entries": [], "left_out": [], "pages": 3, "volumes": [], "originals": None}
    name = f"Subcontractor invoice backup - {project.name} - {number}.pdf"
    backup = Backup(
        **{
            "project_id": project.id, "number": number, "request": request, "manifest": manifest,
            "status": BackupStatus.DONE, "file_name": name, "pages": 3, "size": len(content),
            "sha256": sha256(content).hexdigest(), "path": "-", "requested_at": NOW,
            "finished_at": NOW,
        }
        | values
    )  # fmt: skip
    db.session.add(backup)
    db.session.flush()
    path = places.folder(backup.id) / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    backup.path = str(path.relative_to(storage.data_dir()))
    return backup
