from datetime import date

import pytest
from werkzeug.datastructures import MultiDict

from models import ContractType, Invoice, InvoiceStatus, Signature, SignatureStatus, db
from services import invoice_list
from services.invoice_filters import Filters
from services.invoice_order import Order
from tests.factories import (
    make_attachment,
    make_company,
    make_contract,
    make_file,
    make_invoice,
    make_period,
    make_project,
)
from tests.invoicing_rows import make_many_invoices
from tests.statements import counted_statements

pytestmark = pytest.mark.usefixtures("context")


def listed(project, **values):
    """The list as a link with these values shows it."""
    query = MultiDict(values)
    return invoice_list.show(project.id, Filters.from_values(query), Order.from_values(query), None)


def names(found):
    return [[f"{row.contract.number}/{row.label}" for row in group.rows] for group in found.groups]


@pytest.fixture
def project(context):
    """Two subcontracts and a purchase order; the numbers sort naturally, not as text."""
    project = make_project()
    july, august = make_period(project, 7), make_period(project, 8, is_open=True)
    acme, zenith = (
        make_company(project, name="Acme Élan"),
        make_company(project, name="Zenith Steel"),
    )
    ten = make_contract(project, company=zenith, number="SC-10", title="Structural steel")
    two = make_contract(project, company=acme, number="SC-2", title="Concrete")
    order = make_contract(
        project,
        company=acme,
        number="PO-1",
        title="Rebar",
        type=ContractType.PURCHASE_ORDER,
    )
    amounts = {"contract_sum_to_date": 300_00, "completed_and_stored": 100_00}
    make_invoice(ten, period=july, gross_this_period=500_00, payment_due=450_00, **amounts)
    make_invoice(two, period=august, position=2, number="R-2", gross_this_period=100_00)
    make_invoice(
        two,
        period=july,
        position=1,
        gross_this_period=300_00,
        payment_due=270_00,
        billing_date=date(2026, 7, 25),
        status=InvoiceStatus.UNDER_REVIEW,
        comments="Second floor slab",
    )
    make_invoice(order, position=10, status=InvoiceStatus.DRAFT)
    make_invoice(order, period=august, position=9)
    db.session.commit()
    return project


def test_groups_are_contracts_in_natural_order_then_position(project):
    assert names(listed(project)) == [["PO-1/9", "PO-1/10"], ["SC-2/1", "SC-2/R-2"], ["SC-10/1"]]


def test_a_group_tells_its_totals_and_the_latest_invoice_of_its_contract(project):
    group = listed(project, status="under_review").groups[0]
    assert group.title == "SC-2 Concrete"
    assert (group.totals.count, group.totals.gross, group.totals.net) == (1, 300_00, 270_00)
    assert group.contract.latest.label == "R-2"


def test_percent_complete_is_exact_to_two_places(project):
    assert str(listed(project).groups[-1].rows[0].percent_complete) == "33.33"


@pytest.mark.parametrize(
    ("group", "titles"),
    [
        ("company", ["Acme Élan", "Zenith Steel"]),
        ("period", ["Aug 1 – 28, 2026", "Jul 1 – 28, 2026", "No billing period"]),
        ("status", ["Draft", "Under Review", "Approved"]),
        ("nonsense", ["PO-1 Rebar", "SC-2 Concrete", "SC-10 Structural steel"]),
    ],
)
def test_the_list_can_be_grouped(project, group, titles):
    assert [group.title for group in listed(project, group=group).groups] == titles


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("gross", [["PO-1/9", "PO-1/10"], ["SC-2/R-2", "SC-2/1"], ["SC-10/1"]]),
        ("-gross", [["SC-10/1"], ["SC-2/1", "SC-2/R-2"], ["PO-1/9", "PO-1/10"]]),
        ("-contract", [["SC-10/1"], ["SC-2/1", "SC-2/R-2"], ["PO-1/9", "PO-1/10"]]),
        ("-invoice", [["SC-2/R-2", "SC-2/1"], ["PO-1/10", "PO-1/9"], ["SC-10/1"]]),
        # Without a period or a date comes last, either way.
        ("period", [["SC-2/1", "SC-2/R-2"], ["SC-10/1"], ["PO-1/9", "PO-1/10"]]),
        ("-date", [["SC-2/1", "SC-2/R-2"], ["PO-1/9", "PO-1/10"], ["SC-10/1"]]),
        ("status", [["PO-1/10", "PO-1/9"], ["SC-2/1", "SC-2/R-2"], ["SC-10/1"]]),
        ("nonsense", [["PO-1/9", "PO-1/10"], ["SC-2/1", "SC-2/R-2"], ["SC-10/1"]]),
    ],
)
def test_the_list_can_be_sorted_either_way(project, sort, expected):
    assert names(listed(project, sort=sort)) == expected


@pytest.mark.parametrize("column", ["company", "net", "total", "percent"])
def test_descending_begins_with_the_greatest(project, column):
    assert names(listed(project, sort=f"-{column}"))[0] == ["SC-10/1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r-2", [["SC-2/R-2"]]),
        ("sc-10", [["SC-10/1"]]),
        ("STEEL", [["SC-10/1"]]),
        ("second slab", [["SC-2/1"]]),
        ("élan", [["PO-1/9", "PO-1/10"], ["SC-2/1", "SC-2/R-2"]]),
        ("ÉLAN rebar", [["PO-1/9", "PO-1/10"]]),
        ("100%", []),
    ],
)
def test_search_finds_every_word_in_any_case(project, text, expected):
    assert names(listed(project, q=text)) == expected


def test_filters_narrow_together_and_take_several_values_each(project):
    assert names(listed(project, type="purchase_order")) == [["PO-1/9", "PO-1/10"]]
    assert names(listed(project, period="none")) == [["PO-1/10"]]
    assert names(listed(project, status=["draft", "under_review"])) == [["PO-1/10"], ["SC-2/1"]]
    acme = listed(project).options["company"][0]
    assert acme.label == "Acme Élan"
    both = listed(project, company=acme.value, type="subcontract")
    assert names(both) == [["SC-2/1", "SC-2/R-2"]]


@pytest.mark.parametrize("name", ["company", "period", "status", "type"])
def test_a_filter_value_that_means_nothing_shows_nothing(project, name):
    found = listed(project, **{name: "nonsense"})
    assert not found.groups
    assert found.totals.count == 0
    assert found.has_invoices


def test_a_filter_offers_what_occurs_in_the_project(project):
    options = listed(project, q="steel").options
    assert [option.label for option in options["status"]] == [
        "Draft",
        "Under Review",
        "Approved",
        "No Invoice Contacts",
    ]
    assert [option.label for option in options["type"]] == ["Subcontract", "Purchase Order"]
    assert options["period"][-1].value == "none"


def test_counters_ignore_the_filter_for_status_only(project):
    found = listed(project, status="draft", type="subcontract")
    counts = {status: totals.count for status, totals in found.counters.items() if totals.count}
    assert counts == {InvoiceStatus.APPROVED: 2, InvoiceStatus.UNDER_REVIEW: 1}
    assert found.counters[InvoiceStatus.UNDER_REVIEW].net == 270_00


def test_marks_tell_of_attachments_and_signatures(project):
    row = listed(project).groups[-1].rows[0]
    invoice = db.session.get_one(Invoice, row.id)
    make_attachment(invoice, b"one")
    make_attachment(invoice, b"two", is_left_out=True)
    broken = make_file(b"three")
    broken.problem = "unreadable"
    make_attachment(invoice, b"three")
    for status, name in [(SignatureStatus.DECLINED, "a.pdf"), (SignatureStatus.COMPLETED, "b.pdf")]:
        db.session.add(
            Signature(invoice_id=invoice.id, status=status, sha256=broken.sha256, name=name)
        )
        db.session.flush()
    marks = listed(project).marks[row.id]
    assert (marks.attachments, marks.left_out, marks.problems) == (3, 1, 1)
    assert marks.signature == SignatureStatus.COMPLETED


def test_other_projects_are_not_shown(project):
    other = make_project()
    make_invoice(make_contract(other))
    assert listed(other).totals.count == 1
    assert listed(project).totals.count == 5


def test_a_project_without_invoices_is_empty(context):
    found = listed(make_project())
    assert not found.has_invoices
    assert (found.page, found.pages, found.groups) == (1, 1, [])


def test_pages_hold_whole_groups_until_one_is_too_long(context):
    many = make_many_invoices(30, 20)
    query = MultiDict()

    def page(number, **values):
        return invoice_list.show(
            many,
            Filters.from_values(query),
            Order.from_values(MultiDict(values | {"page": number})),
            None,
        )

    first = page("1")
    assert [len(group.rows) for group in first.groups] == [20] * 10
    assert first.pages == 3
    assert page("99").page == 3
    shown = [row.id for number in "123" for group in page(number).groups for row in group.rows]
    assert len(shown) == len(set(shown)) == 600


def test_a_group_longer_than_a_page_continues_on_the_next(context):
    many = make_many_invoices(1, 450)
    pages = [
        invoice_list.show(many, Filters(), Order(page=number), None).groups for number in (1, 2, 3)
    ]
    assert [len(groups[0].rows) for groups in pages] == [200, 200, 50]
    assert [groups[0].is_continued for groups in pages] == [False, True, True]
    assert all(groups[0].totals.count == 450 for groups in pages)


def test_the_number_of_statements_does_not_grow_with_the_rows(context):
    counts = set()
    for contracts in (2, 60):
        project_id = make_many_invoices(contracts, 10)
        with counted_statements() as statements:
            invoice_list.show(project_id, Filters(), Order(), None)
        counts.add(len([statement for statement in statements if "SELECT" in statement]))
    assert counts == {5}
