"""The demo project: complete, consistent, and the same every time."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

import demo
from app import create_app
from billing import format_cents
from binder import intake
from binder.facts import Problem
from demo.attachments import files_of
from demo.contracts import CONTRACTS
from models import (
    Attachment,
    BillingPeriod,
    ChangeOrder,
    Company,
    Contract,
    Invoice,
    InvoiceContact,
    Membership,
    Project,
    RetainageRule,
    Signature,
    SovLine,
    db,
)
from services import invoice_rows, sheets, storage

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def loaded(tmp_path_factory, databases):
    """An installation into which the command has loaded the demo project, once for all tests."""
    data = tmp_path_factory.mktemp("demo")
    url = databases.make(data)
    app = create_app(
        {
            "DATA_DIR": data,
            "SQLALCHEMY_DATABASE_URI": url,
            "REDIS_URL": f"unix://{data}/nobody-listens.sock",
        }
    )
    result = app.test_cli_runner().invoke(args=["project", "demo"])
    assert (result.exit_code, result.stdout) == (0, f"{demo.NUMBER}\n")
    yield app
    with app.app_context():
        db.engine.dispose()
    databases.drop(url)


@pytest.fixture
def project(loaded):
    with loaded.app_context():
        yield db.session.scalars(sa.select(Project)).one()
        db.session.remove()


def test_what_the_import_computed_is_what_the_rows_say(project):
    """It bills what it read; later changes bill the rows."""

    def kept():
        columns = [*sheets.totals(sheet("SC-001", 1)), "remarks"]
        return {
            each.id: {column: getattr(each, column) for column in columns}
            for each in db.session.scalars(sa.select(Invoice))
        }

    before = kept()
    sheets.recalculate(db.session.scalars(sa.select(Contract.id)).all())
    assert kept() == before
    assert any(values["remarks"] for values in before.values())
    db.session.rollback()


def invoice(number, position):
    query = sa.select(Invoice).join(Invoice.contract)
    return db.session.scalars(
        query.where(Contract.number == number, Invoice.position == position)
    ).one()


def sheet(number, position):
    return sheets.of_contract(invoice(number, position).contract_id)[position]


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def files(name):
    """Where the attachments lie whose name contains `name`, with their invoices."""
    query = sa.select(Attachment).where(Attachment.name.contains(name))
    return [
        (storage.original(row.sha256), db.session.get(Invoice, row.invoice_id))
        for row in db.session.scalars(query.order_by(Attachment.id))
    ]


def test_there_is_enough_to_look_at(project):
    assert (project.number, project.timezone) == ("2026-014", "America/Chicago")
    assert count(Contract) == 12
    assert count(Company) == 12
    assert count(BillingPeriod) == 6
    assert count(Invoice) == 51
    assert 150 <= count(Attachment) <= 180
    assert count(Signature) == 1
    types = sa.select(Contract.type, sa.func.count()).group_by(Contract.type)
    assert dict(db.session.execute(types).all()) == {"subcontract": 10, "purchase_order": 2}
    statuses = set(db.session.scalars(sa.select(Invoice.status)))
    assert len(statuses) == 6
    assert set(db.session.scalars(sa.select(ChangeOrder.status))) == {
        "approved",
        "pending",
        "rejected",
    }
    size = sum(path.stat().st_size for path in (storage.data_dir() / "files").rglob("*.*"))
    assert size < 15_000_000


def test_only_the_newest_period_is_open(project):
    periods = db.session.scalars(BillingPeriod.of_project(project.id)).all()
    assert [period.is_open for period in periods] == [True, False, False, False, False, False]


def test_a_second_load_says_that_it_exists(loaded, project):
    before = count(Invoice)
    db.session.rollback()
    result = loaded.test_cli_runner().invoke(args=["project", "demo"])
    assert (result.exit_code, result.stdout) == (0, "2026-014\n")
    assert result.stderr == "The demo project 2026-014 exists; nothing was changed.\n"
    assert count(Invoice) == before
    assert count(Membership) == 0


def test_a_change_order_deducts_and_is_billed_below_zero(project):
    lines = sheet("SC-002", 4).lines
    (credit,) = (line for line in lines if line.scheduled_value < 0)
    assert credit.change_order == "2"
    assert credit.work_completed_this_period == credit.scheduled_value == -14_880_00


def test_retainage_is_released_in_full(project):
    before, last = sheet("SC-001", 4).summary, sheet("SC-001", 5).summary
    assert before.total_retainage == last.current_payment_due == 45_475_00
    assert last.total_retainage == last.balance_to_finish_including_retainage == 0


def test_stored_material_is_installed_later(project):
    stored = [sheet("SC-003", position).lines[1] for position in range(1, 6)]
    assert [line.materials_presently_stored for line in stored] == [
        186_400_00, 280_750_00, 215_250_00, 76_000_00, 0,
    ]  # fmt: skip
    assert stored[-1].total_completed_and_stored_to_date == stored[-1].scheduled_value


def test_retainage_slides_down_and_stops_at_a_cap(project):
    rates = [
        100 * sheet("SC-008", position).lines[3].work_retainage_this_period
        / sheet("SC-008", position).lines[3].work_completed_this_period
        for position in range(2, 7)
    ]  # fmt: skip
    assert [round(rate) for rate in rates] == [10, 10, 5, 5, 5]
    held = [sheet("SC-009", position).summary.total_retainage for position in range(1, 7)]
    original = sheet("SC-009", 1).summary.original_contract_sum
    assert held == sorted(held)
    assert held[-1] == held[-2] == original // 20


def test_contracts_have_contacts_payments_and_one_a_sliding_scale(project):
    assert count(InvoiceContact) == 12
    rule = db.session.scalars(sa.select(RetainageRule)).one()
    assert (rule.rate, rule.limit_kind, rule.limit_rate) == (10_00, "percent_of_original", 5_00)
    found = {row.payment_status for row in invoice_rows.load(project.id, None)}
    assert found == {"unpaid", "partially_paid", "paid"}


def test_one_line_is_billed_too_far(project):
    beyond = [
        (contract.number, line.item)
        for contract in CONTRACTS
        for line in sheet(contract.number, len(contract.months)).lines
        if line.balance_to_finish < 0 < line.scheduled_value
    ]
    assert beyond == [("SC-007", "040")]


def test_schedules_of_values_add_up_and_every_invoice_pays_something(project):
    for contract in CONTRACTS:
        total = sum(part.value for part in contract.parts)
        row = db.session.scalars(sa.select(Contract).filter_by(number=contract.number)).one()
        base = sa.select(sa.func.sum(SovLine.scheduled_value)).where(
            SovLine.contract_id == row.id, SovLine.change_order_id.is_(None)
        )
        assert db.session.scalar(base) == total
    assert all(amount > 0 for amount in db.session.scalars(sa.select(Invoice.payment_due)))


def test_waivers_are_forms_for_the_amount_that_the_invoice_asks_for(project):
    waivers = files(" Conditional waiver")
    assert len(waivers) > 40
    for path, of in waivers:
        fields = PdfReader(path).get_form_text_fields()
        assert fields["Amount"] == f"${format_cents(of.payment_due)}"
        assert fields["Invoice"] == of.number


def test_invoices_of_suppliers_ask_for_what_is_billed_on_their_line(project):
    seen = 0
    for path, of in files("Invoice "):
        text = PdfReader(path).pages[0].extract_text()
        if not text.strip():
            continue  # a scan
        item = text.partition("item ")[2][:3]
        (line,) = (
            line for line in sheet(of.contract.number, of.position).lines
            if (line.change_order, line.item) == ("", item)
        )  # fmt: skip
        amount = line.new_materials_stored or line.work_completed_this_period
        assert f"${format_cents(amount)}" in text
        seen += 1
    assert seen > 10


@pytest.fixture(scope="session")
def facts(loaded):
    """What intake says about every attachment, by contract, position and name."""
    with loaded.app_context():
        rows = db.session.execute(
            sa.select(Contract.number, Invoice.position, Attachment.name, Attachment.sha256)
            .join(Invoice, Invoice.id == Attachment.invoice_id)
            .join(Contract, Contract.id == Invoice.contract_id)
            .order_by(Attachment.id)
        ).all()
        return {
            row[:3]: intake.inspect(storage.original(row.sha256), row.name)
            for row in rows
            if row.number in {"SC-002", "SC-004", "SC-007", "SC-008", "PO-102"}
        }


def test_one_file_is_damaged_and_three_are_of_another_kind(facts):
    problems = {key[:2]: seen.problem for key, seen in facts.items() if seen.problem}
    assert problems == {
        ("SC-007", 1): Problem.NOT_PDF,
        ("SC-007", 3): Problem.NOT_PDF,
        ("SC-008", 3): Problem.NOT_PDF,
        ("PO-102", 2): Problem.UNREADABLE,
    }


def test_scans_photographs_and_wide_pages_are_among_the_files(facts):
    pdfs = [seen for seen in facts.values() if seen.media_type == "application/pdf"]
    assert sum(seen.searchable_pages == 0 and seen.pages > 0 for seen in pdfs) > 10
    assert sum(seen.searchable_pages == seen.pages > 0 for seen in pdfs) > 10
    assert sum(seen.media_type == "image/jpeg" for seen in facts.values()) >= 4


def test_pages_are_turned_and_reports_have_bookmarks(project):
    for name in ("Certified payroll", "Delivery tickets 2026-06"):
        turns = {PdfReader(path).pages[0].rotation for path, _ in files(name)}
        assert 90 in turns
    ((path, of), *_) = files("Concrete strength tests")
    assert len(PdfReader(path).outline) == 3
    assert (of.contract.number, of.position) == ("SC-002", 2)


def test_one_certificate_was_sent_twice(project):
    repeated = sa.select(Attachment.sha256).group_by(Attachment.sha256).having(
        sa.func.count() > 1
    )  # fmt: skip
    (digest,) = db.session.scalars(repeated).all()
    names = db.session.scalars(sa.select(Attachment.name).where(Attachment.sha256 == digest)).all()
    assert [name.partition(" ")[2] for name in names] == ["Certificate of insurance.pdf"] * 2


def test_the_signed_copy_is_a_scan_of_the_invoice(project):
    signature = db.session.scalars(sa.select(Signature)).one()
    signed = db.session.get(Invoice, signature.invoice_id)
    assert (signed.contract.number, signed.position) == ("SC-001", 4)
    pages = PdfReader(storage.original(signature.sha256)).pages
    assert [page.extract_text() for page in pages] == ["", ""]


#: One invoice for each kind of paper, the damaged file included.
SAMPLE = [("SC-001", 1), ("SC-002", 4), ("SC-003", 2), ("SC-004", 2), ("SC-008", 4), ("PO-102", 2)]
DIGESTS = """
from hashlib import sha256
from demo.attachments import files_of
from demo.contracts import CONTRACTS
for contract in CONTRACTS:
    for position in contract.positions:
        if (contract.number, position) in {sample}:
            for name, content in files_of(contract, position):
                print(name, sha256(content).hexdigest())
"""


def test_another_process_draws_the_same_bytes(project):
    """With another seed for hashes, which must decide nothing."""
    output = subprocess.run(
        [sys.executable, "-c", DIGESTS.format(sample=SAMPLE)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    drawn = dict(line.rsplit(" ", 1) for line in output.splitlines())
    stored = {
        row.name.partition(" ")[2]: row.sha256
        for key in SAMPLE
        for row in db.session.scalars(sa.select(Attachment).filter_by(invoice_id=invoice(*key).id))
    }
    assert drawn == stored
    assert len(drawn) >= 15


def test_one_invoice_came_alone():
    alone = [
        (contract.number, position)
        for contract in CONTRACTS
        for position in contract.positions
        if next(files_of(contract, position), None) is None
    ]
    assert alone == [("SC-010", 2)]


def test_the_same_tables_are_written_every_time(tmp_path):
    digests = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        demo.write_tables(tmp_path / name)
        digests.append(
            [sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / name).iterdir())]
        )
    assert digests[0] == digests[1]
    assert len(digests[0]) == 11
