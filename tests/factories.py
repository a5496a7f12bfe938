"""Rows with sane defaults; each test names only what matters to it. The caller commits."""

from datetime import date
from io import BytesIO
from itertools import count

from billing import Until
from models import (
    Attachment,
    BillingPeriod,
    ChangeOrder,
    ChangeOrderStatus,
    Company,
    Contract,
    Invoice,
    InvoiceContact,
    InvoiceLine,
    InvoiceStatus,
    Payment,
    PaymentMethod,
    PeriodStatus,
    Project,
    RetainageRule,
    SovLine,
    StoredFile,
    db,
)
from services import storage

_number = count(1)


def make_project(**values):
    return _add(Project(**{"number": f"P-{next(_number)}", "name": "Harbor Point"} | values))


def make_company(project, **values):
    return _add(Company(**{"project_id": project.id, "name": f"Company {next(_number)}"} | values))


def make_contract(project, *, company=None, **values):
    company = company or make_company(project)
    defaults = {
        "project_id": project.id,
        "company_id": company.id,
        "number": f"SC-{next(_number):03}",
        "title": "Concrete",
        "work_retainage_rate": 1000,
        "stored_retainage_rate": 1000,
    }
    return _add(Contract(**defaults | values))


def make_line(contract, **values):
    number = next(_number)
    defaults = {
        "contract_id": contract.id,
        "position": number,
        "item": str(number),
        "description": "Foundation work",
        "scheduled_value": 50_000_00,
    }
    return _add(SovLine(**defaults | values))


def make_change_order(contract, **values):
    number = next(_number)
    defaults = {
        "contract_id": contract.id,
        "position": number,
        "number": f"CO-{number}",
        "title": "Extra work",
        "status": ChangeOrderStatus.APPROVED,
    }
    return _add(ChangeOrder(**defaults | values))


def make_period(project, month=7, *, is_open=False, **values):
    defaults = {
        "project_id": project.id,
        "start": date(2026, month, 1),
        "end": date(2026, month, 28),
        "due": date(2026, month, 25),
        "status": PeriodStatus.OPEN if is_open else PeriodStatus.CLOSED,
    }
    return _add(BillingPeriod(**defaults | values))


def make_invoice(contract, *, period=None, position=1, **values):
    defaults = {
        "contract_id": contract.id,
        "period_id": period and period.id,
        "position": position,
        "status": InvoiceStatus.APPROVED,
    }
    return _add(Invoice(**defaults | values))


def make_invoice_line(invoice, line, **values):
    defaults = {
        "invoice_id": invoice.id,
        "sov_line_id": line.id,
        "contract_id": invoice.contract_id,
    }
    return _add(InvoiceLine(**defaults | values))


def make_rule(contract, position=1, **values):
    defaults = {
        "contract_id": contract.id,
        "position": position,
        "rate": 1000,
        "limit_kind": Until.PERCENT_OF_REVISED,
        "limit_rate": 500,
    }
    return _add(RetainageRule(**defaults | values))


def make_contact(contract, **values):
    email = f"contact{next(_number)}@acme.example"
    return _add(InvoiceContact(**{"contract_id": contract.id, "email": email} | values))


def make_payment(contract, *, invoice=None, **values):
    defaults = {
        "contract_id": contract.id,
        "invoice_id": invoice and invoice.id,
        "number": str(next(_number)),
        "method": PaymentMethod.CHECK,
        "amount": 1_000_00,
        "date": date(2026, 9, 15),
    }
    return _add(Payment(**defaults | values))


def make_file(content):
    """Bytes kept as an upload would be; the same bytes twice are one file."""
    digest, size = storage.keep(BytesIO(content))
    return db.session.get(StoredFile, digest) or _add(StoredFile(sha256=digest, size=size))


def make_attachment(invoice, content, **values):
    number = next(_number)
    defaults = {"invoice_id": invoice.id, "position": number, "name": f"backup-{number}.pdf"}
    return _add(Attachment(**defaults | {"sha256": make_file(content).sha256} | values))


def _add(row):
    db.session.add(row)
    db.session.flush()
    return row
