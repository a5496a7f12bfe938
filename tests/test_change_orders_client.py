"""Change orders and payments of a contract, through their forms."""

import re

import pytest
import sqlalchemy as sa

from billing.payments import PaymentStatus, payment_status
from models import (
    ChangeOrder,
    ChangeOrderStatus,
    Contract,
    ContractEvent,
    Invoice,
    Payment,
    SovLine,
    db,
)
from services import invoice_list, sheets
from services.invoice_filters import Filters
from services.invoice_order import Order
from tests.factories import (
    make_change_order,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_payment,
    make_period,
    make_project,
)


@pytest.fixture
def made(app):
    """An approved contract of 1,000.00, an invoice, and an approved change order of 200.00."""
    with app.app_context():
        contract = make_contract(make_project())
        line = make_line(contract, item="1", scheduled_value=1_000_00)
        order = make_change_order(contract, number="1", title="Deeper")
        extra = make_line(contract, change_order_id=order.id, item="1", scheduled_value=200_00)
        invoice = make_invoice(contract, period=make_period(contract.project))
        make_invoice_line(invoice, line, work_this_period=100_00, work_retainage=0)
        sheets.recalculate([contract.id])
        db.session.commit()
        return {
            "contract": contract.id,
            "order": order.id,
            "extra": extra.id,
            "invoice": invoice.id,
            "url": f"/projects/{contract.project_id}/contracts/{contract.id}",
        }


def version(app, made):
    with app.app_context():
        return db.session.get_one(Contract, made["contract"]).version


def form(app, made, rows=(), **values):
    """What the form of a change order sends; `rows` are key, item, description, amount."""
    data = {
        "number": "2", "title": "More", "status": "approved", "approved_date": "2026-07-03",
        "version": version(app, made), "row": [key for key, *_ in rows],
    }  # fmt: skip
    for key, item, description, amount in rows:
        data |= {
            f"item-{key}": item,
            f"description-{key}": description,
            f"scheduled_value-{key}": amount,
        }
    return data | values


def test_an_approved_change_order_raises_the_contract_sum_of_its_invoices(app, client, made):
    rows = [("n1", "1", "Rock", "(50.00)"), ("n2", "2", "Pump", "$80")]
    answer = client.post(f"{made['url']}/change-orders", data=form(app, made, rows))
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.get_one(Invoice, made["invoice"]).contract_sum_to_date == 1_230_00
        events = db.session.scalars(sa.select(ContractEvent)).all()
        assert ("Change order 2", "created") in {(e.subject, e.field) for e in events}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"approved_date": ""}, "An approved change order needs the day of its approval."),
        ({"number": "1"}, "Another change order of this contract is 1."),
        ({"number": ""}, "This is needed."),
        ({"status": "lost"}, "is not approved, pending, draft or rejected."),
        ({"approved_date": "2026-02-30"}, "is not a day of the calendar."),
        ({"version": "77"}, "Nothing was saved: the contract was changed"),
    ],
)
def test_a_change_order_that_is_not_right_is_refused(app, client, made, values, sentence):
    rows = [("n1", "1", "Rock under the slab", "50")]
    answer = client.post(f"{made['url']}/change-orders", data=form(app, made, rows, **values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Rock under the slab" in answer.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(ChangeOrder.id))) == 1


def test_a_draft_is_changed_approved_and_renumbered(app, client, made):
    client.post(
        f"{made['url']}/change-orders",
        data=form(app, made, [("n1", "1", "Rock", "50")], status="draft", approved_date=""),
    )
    with app.app_context():
        order = db.session.scalars(sa.select(ChangeOrder).filter_by(number="2")).one()
        line = db.session.scalars(sa.select(SovLine).filter_by(change_order_id=order.id)).one()
    url = f"{made['url']}/change-orders/{order.id}"
    assert 'value="Rock"' in client.get(url).text
    rows = [(str(line.id), "1", "Rock, blasted", "75"), ("n2", "2", "Pump", "5")]
    assert client.post(url, data=form(app, made, rows, number="2A")).status_code == 303
    with app.app_context():
        assert db.session.get_one(Invoice, made["invoice"]).contract_sum_to_date == 1_280_00
        told = {
            (e.subject, e.field, e.old, e.new) for e in db.session.scalars(sa.select(ContractEvent))
        }
    assert ("Change order 2", "number", "2", "2A") in told
    assert ("Change order 2", "status", "Draft", "Approved") in told
    assert ("Change order 2A, item 1", "scheduled value", "50.00", "75.00") in told


def bill_the_order(app, made):
    with app.app_context():
        invoice = db.session.get_one(Invoice, made["invoice"])
        make_invoice_line(invoice, db.session.get_one(SovLine, made["extra"]), work_this_period=1)
        db.session.commit()


def test_a_billed_change_order_stays_approved_with_its_lines(app, client, made):
    bill_the_order(app, made)
    url = f"{made['url']}/change-orders/{made['order']}"
    assert "An invoice bills this change order" in client.get(url).text
    for values in ({"status": "draft"}, {"row": ["n1"], "item-n1": "9"}):
        answer = client.post(url, data=form(app, made, number="1", **values))
        assert answer.status_code == 422
        assert "it stays approved with the lines it has" in answer.text
    answer = client.post(f"{url}/delete")
    assert answer.status_code == 422
    assert "so it is never deleted" in answer.text
    assert client.post(url, data=form(app, made, number="1R", title="Other")).status_code == 303
    with app.app_context():
        order = db.session.get_one(ChangeOrder, made["order"])
        assert (order.number, order.status) == ("1R", ChangeOrderStatus.APPROVED)
        assert db.session.get(SovLine, made["extra"])


def test_one_that_is_not_billed_is_unapproved_or_deleted(app, client, made):
    url = f"{made['url']}/change-orders/{made['order']}"
    data = form(app, made, number="1", title="Deeper", status="pending", approved_date="")
    assert client.post(url, data=data).status_code == 303
    with app.app_context():
        assert db.session.get_one(Invoice, made["invoice"]).contract_sum_to_date == 1_000_00
    assert client.post(f"{url}/delete").status_code == 303
    with app.app_context():
        assert db.session.get(ChangeOrder, made["order"]) is None
        assert db.session.get(SovLine, made["extra"]) is None


PAYMENT = {"number": "7", "method": "check", "amount": "$40.00", "date": "2026-09-15"}


def test_payments_are_added_changed_and_deleted_with_history(app, client, made):
    url = f"{made['url']}/payments"
    assert 'value="1"' in client.get(f"{url}/new").text
    assert client.post(url, data=PAYMENT | {"invoice": made["invoice"]}).status_code == 303
    with app.app_context():
        payment = db.session.scalars(sa.select(Payment)).one()
        assert (payment.amount, payment.invoice_id) == (40_00, made["invoice"])
    page = client.get(made["url"]).text
    assert "Paid of 1,200.00" in page
    changed = PAYMENT | {
        "amount": "(5.00)",
        "invoice": "",
        "notes": "Sent back",
        "version": "1",
    }
    assert client.post(f"{url}/{payment.id}", data=changed).status_code == 303
    assert client.post(f"{url}/{payment.id}/delete").status_code == 303
    with app.app_context():
        told = [(e.field, e.old, e.new) for e in db.session.scalars(sa.select(ContractEvent))]
    assert told == [
        ("added", "", "40.00, Sep 15, 2026"),
        ("amount", "40.00", "(5.00)"),
        ("invoice", "1", ""),
        ("notes", "", "Sent back"),
        ("deleted", "(5.00), Sep 15, 2026", ""),
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"amount": "0"}, "A payment of nothing is none."),
        ({"amount": "forty"}, "“forty” is not an amount like 1,234.50."),
        ({"date": ""}, "This is needed."),
        ({"method": "cash"}, "is not check, credit_card or electronic."),
        ({"number": "1"}, "Another payment of this contract is 1."),
        ({"invoice": "99"}, "Choose an invoice of this contract, or none."),
    ],
)
def test_a_payment_that_is_not_right_is_refused(app, client, made, values, sentence):
    with app.app_context():
        make_payment(db.session.get_one(Contract, made["contract"]), number="1")
        db.session.commit()
    answer = client.post(f"{made['url']}/payments", data=PAYMENT | values)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.fixture
def payment(app, made):
    """Its address; it is of 40.00, and somebody else makes it 60.00 meanwhile."""
    with app.app_context():
        row = make_payment(db.session.get_one(Contract, made["contract"]), amount=40_00)
        db.session.commit()
        return f"{made['url']}/payments/{row.id}"


def version_in(answer):
    return re.search(r'name="version" value="([^"]*)"', answer.text)[1]


def test_a_payment_that_somebody_else_saved_meanwhile_is_not_overwritten(app, client, payment):
    mine = PAYMENT | {"version": version_in(client.get(payment)), "amount": "50.00"}
    assert client.post(payment, data=mine | {"amount": "60.00"}).status_code == 303
    refused = client.post(payment, data=mine)

    assert refused.status_code == 422
    assert "the payment was changed while you were working on it" in refused.text
    assert "Saved meanwhile: <strong>60.00</strong>" in refused.text
    assert 'value="50.00"' in refused.text
    with app.app_context():
        assert db.session.scalars(sa.select(Payment.amount)).one() == 60_00
        assert (
            len(
                db.session.scalars(
                    sa.select(ContractEvent).where(ContractEvent.field == "amount")
                ).all()
            )
            == 1
        )
    # Who has seen it may decide so.
    assert client.post(payment, data=mine | {"version": version_in(refused)}).status_code == 303


@pytest.mark.parametrize("version", ["", "0", "x", "²", "-1", "9" * 30])
def test_a_payment_without_a_version_is_not_saved(app, client, payment, version):
    assert client.post(payment, data=PAYMENT | {"version": version}).status_code == 422
    with app.app_context():
        assert db.session.scalars(sa.select(Payment.amount)).one() == 40_00


def test_a_mistake_in_a_stale_payment_does_not_make_it_a_newer_one(client, payment):
    mine = PAYMENT | {"version": "1"}
    client.post(payment, data=mine | {"amount": "60.00"})
    assert version_in(client.post(payment, data=mine | {"amount": "much"})) == "1"


@pytest.mark.parametrize(
    ("due", "paid", "status"),
    [
        (100, 0, PaymentStatus.UNPAID),
        (100, 40, PaymentStatus.PARTIALLY_PAID),
        (100, 100, PaymentStatus.PAID),
        (100, 120, PaymentStatus.PAID),
        (100, -20, PaymentStatus.UNPAID),
        (0, 0, PaymentStatus.PAID),
        (-50, 0, PaymentStatus.PAID),
    ],
)
def test_what_is_paid_of_an_invoice(due, paid, status):
    assert payment_status(due, paid) == status


def test_what_is_paid_is_listed_and_filtered(app, client):
    with app.app_context():
        contract = make_contract(make_project(), number="SC-1")
        rows = [make_invoice(contract, position=n, payment_due=100_00) for n in (1, 2, 3)]
        for invoice, amount in ((rows[0], 100_00), (rows[1], 25_00)):
            make_payment(contract, invoice=invoice, amount=amount)
        make_payment(contract, amount=999_00)
        db.session.commit()
        url = f"/projects/{contract.project_id}/invoicing"
        shown = invoice_list.show(contract.project_id, Filters(), Order(), None)
        found = [(row.paid, row.payment_status) for row in shown.groups[0].rows]
    assert found == [(100_00, "paid"), (25_00, "partially_paid"), (0, "unpaid")]
    assert "Paid Amount" in client.get(url).text
    page = client.get(f"{url}?payment=partially_paid").text
    assert "Select invoice 2 of SC-1" in page
    assert "Select invoice 1 of SC-1" not in page


def test_an_invoice_that_asks_for_nothing_yet_is_not_called_paid(app, client):
    with app.app_context():
        contract = make_contract(make_project(), number="SC-1")
        make_payment(contract, invoice=make_invoice(contract, payment_due=90_00), amount=30_00)
        make_invoice(contract, position=2)
        db.session.commit()
        page = client.get(f"/projects/{contract.project_id}/invoicing").text
    assert page.count('<span class="paid-mark') == 1
    assert "Partially Paid" in page
