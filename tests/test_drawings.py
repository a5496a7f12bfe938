"""Invoices from rows to drawn pages, kept under the hash of what they show."""

import pypdf
import pytest
import sqlalchemy as sa

from binder.render.document import content_key
from jobs.drawings import enqueue_draw
from models import Dictionary, Invoice, InvoiceStatus, db
from services import drawings, invoice_documents, sheets, storage
from tests.backup_rows import add_invoice, make_tower
from tests.factories import make_change_order, make_invoice_line, make_line


@pytest.fixture
def project(context):
    return make_tower()


@pytest.fixture
def invoice(project):
    invoice = add_invoice(project, "SC-4", number="A-7")
    db.session.commit()
    return invoice


def document(invoice):
    return invoice_documents.of_invoices([invoice.id])[invoice.id]


def text_of(invoice):
    pages = pypdf.PdfReader(storage.drawn(invoice.content_key)).pages
    return "\n".join(page.extract_text() for page in pages)


def test_a_document_says_who_bills_what_to_whom(project, invoice):
    found = document(invoice)
    assert (found.project.number, found.contract.number) == ("24-017", "SC-4")
    assert found.contract.company == invoice.contract.company.name
    assert (found.invoice.number, found.invoice.status) == ("A-7", "Approved")
    assert found.invoice.period_start == project.periods[0].start
    assert found.sheet.summary.current_payment_due == 900_00


def test_what_is_not_approved_is_a_draft(invoice):
    assert not document(invoice).invoice.is_draft
    invoice.status = InvoiceStatus.UNDER_REVIEW
    assert document(invoice).invoice.is_draft


def test_change_orders_stand_in_the_order_of_the_sheet_and_only_if_they_appear(invoice):
    contract = invoice.contract
    for position, number in ((2, "CO-2"), (1, "CO-1")):
        order = make_change_order(contract, number=number, position=position, title=number.lower())
        line = make_line(contract, change_order_id=order.id)
        make_invoice_line(invoice, line, work_this_period=5_00)
    make_change_order(contract, number="CO-3", position=3)
    db.session.commit()
    assert [(c.number, c.title) for c in document(invoice).change_orders] == [
        ("CO-1", "co-1"),
        ("CO-2", "co-2"),
    ]


def test_owners_read_their_own_terms(project, invoice):
    project.dictionary = Dictionary.OWNERS
    assert document(invoice).label("Subcontractor invoice") == "Contractor invoice"


def test_thirty_documents_take_as_many_statements_as_two(project):
    def statements(rows):
        seen = []
        note = lambda *args: seen.append(args[2])  # noqa: E731
        db.session.commit()
        ids = [row.id for row in rows]
        sa.event.listen(db.engine, "before_cursor_execute", note)
        assert len(invoice_documents.of_invoices(ids)) == len(rows)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    rows = [add_invoice(project, f"SC-{n}") for n in range(32)]
    assert statements(rows[2:]) == statements(rows[:2])


def test_drawing_notes_key_and_pages_on_the_row(invoice):
    drawings.draw(invoice.id)
    assert invoice.content_key == content_key(document(invoice))
    assert invoice.pages == drawings.page_count(storage.drawn(invoice.content_key))
    assert "A-7" in text_of(invoice)


def test_what_is_drawn_is_not_drawn_again(invoice):
    drawings.draw(invoice.id)
    before = storage.drawn(invoice.content_key).stat().st_mtime_ns
    drawings.draw(invoice.id)
    assert storage.drawn(invoice.content_key).stat().st_mtime_ns == before


def test_a_changed_invoice_gets_a_drawing_of_its_own_and_the_old_one_stays(invoice):
    drawings.draw(invoice.id)
    old = invoice.content_key
    make_invoice_line(invoice, make_line(invoice.contract), work_this_period=77_00)
    sheets.recalculate([invoice.contract_id])
    db.session.commit()

    drawings.draw(invoice.id)

    assert invoice.content_key != old
    assert "77.00" in text_of(invoice)
    assert storage.drawn(old).exists()


def test_others_may_write_while_an_invoice_is_drawn(project, context):
    rows = [add_invoice(project, f"SC-{n}") for n in range(2)]
    db.session.commit()
    seen = []

    def write_elsewhere(done, of):
        with db.engine.connect() as other:
            other.execute(sa.update(Invoice).values(comments=str(done)))
            other.rollback()
        seen.append((done, of))

    drawings.ensure_drawn([row.id for row in rows], write_elsewhere)
    assert seen == [(0, 2), (1, 2)]


def test_an_invoice_that_is_gone_is_no_error(context):
    drawings.draw(4711)


def test_the_job_draws_ahead(app, invoice, work):
    invoice_id = invoice.id
    db.session.rollback()
    assert enqueue_draw(invoice_id)
    work()
    db.session.rollback()
    assert storage.drawn(db.session.get(Invoice, invoice_id).content_key).exists()
