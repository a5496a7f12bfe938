import pytest
from werkzeug.datastructures import MultiDict

from models import InvoiceStatus, db
from services.selection import invoice_ids, not_shown
from tests.factories import make_contract, make_invoice, make_period, make_project
from tests.invoicing_rows import make_many_invoices
from tests.statements import counted_statements


class Set:
    """Two contracts: SC-2 with invoices 1 (approved) and 2 (draft), SC-10 with 1 (approved)."""

    def __init__(self):
        self.project = make_project()
        period = make_period(self.project)
        self.ten = make_contract(self.project, number="SC-10")
        self.two = make_contract(self.project, number="SC-2")
        self.first_of_ten = make_invoice(self.ten, period=period).id
        self.second = make_invoice(
            self.two, position=2, period=period, status=InvoiceStatus.DRAFT
        ).id
        self.first = make_invoice(self.two, position=1).id
        self.period = period
        db.session.commit()

    def selected_by(self, **form):
        return invoice_ids(self.project.id, MultiDict(form), None)


@pytest.fixture
def rows(context):
    return Set()


def test_nothing_ticked_selects_nothing(rows):
    assert rows.selected_by() == []


def test_ticked_rows_come_back_by_contract_and_position(rows):
    ticked = [str(rows.first_of_ten), str(rows.second), str(rows.first)]
    assert rows.selected_by(invoice=ticked) == [rows.first, rows.second, rows.first_of_ten]


def test_a_row_ticked_twice_counts_once(rows):
    form = {"invoice": [str(rows.first)] * 2, "contract": str(rows.two.id)}
    assert rows.selected_by(**form) == [rows.first, rows.second]


def test_a_whole_contract_is_what_matches_the_filters(rows):
    assert rows.selected_by(contract=str(rows.two.id)) == [rows.first, rows.second]
    assert rows.selected_by(contract=str(rows.two.id), status="draft") == [rows.second]
    assert rows.selected_by(contract=str(rows.two.id), q="SC-10") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("whole_status", "draft"), ("whole_period", "none"), ("whole_company", "company")],
)
def test_other_groups_are_taken_whole_too(rows, name, value):
    expected = {
        "whole_status": [rows.second],
        "whole_period": [rows.first],
        "whole_company": [rows.first, rows.second],
    }
    value = str(rows.two.company_id) if value == "company" else value
    assert rows.selected_by(**{name: value}) == expected[name]


def test_all_is_what_matches_the_filters_without_what_was_unticked(rows):
    assert rows.selected_by(all="1") == [rows.first, rows.second, rows.first_of_ten]
    assert rows.selected_by(all="1", **{"except": str(rows.second)}) == [
        rows.first,
        rows.first_of_ten,
    ]
    assert rows.selected_by(all="1", status="approved") == [rows.first, rows.first_of_ten]
    assert rows.selected_by(all="1", status="nonsense") == []


def test_a_ticked_row_stays_though_its_group_no_longer_matches(rows):
    form = {"invoice": str(rows.second), "all": "1", "status": "approved"}
    assert rows.selected_by(**form) == [rows.first, rows.second, rows.first_of_ten]


@pytest.mark.parametrize("value", ["0", "-1", "abc", "1e3", "", "9" * 5000])
def test_ids_that_mean_nothing_select_nothing(rows, value):
    for name in ("invoice", "contract", "whole_company"):
        assert rows.selected_by(**{name: value}) == []


def test_invoices_and_contracts_of_other_projects_are_ignored(rows):
    other = Set()
    form = {"invoice": str(other.first), "contract": str(other.ten.id)}
    assert rows.selected_by(**form) == []


def test_the_number_of_statements_does_not_grow_with_the_rows(context):
    counts = set()
    for contracts in (2, 60):
        project_id = make_many_invoices(contracts, 10)
        with counted_statements() as statements:
            selected = invoice_ids(project_id, MultiDict({"all": "1"}), None)
        assert len(selected) == contracts * 10
        counts.add(len([statement for statement in statements if "SELECT" in statement]))
    assert counts == {3}


def test_what_the_filters_hide_of_a_selection_is_counted(rows):
    chosen = [rows.first, rows.second, rows.first_of_ten]
    asked = {"viewer": None, "chosen": chosen, "project_id": rows.project.id}
    assert not_shown(form=MultiDict({}), **asked) == 0
    assert not_shown(form=MultiDict({"status": "draft"}), **asked) == 2
    assert not_shown(form=MultiDict({"q": "nothing like it"}), **asked) == 3
