"""An invoice in the terminal and for programs, under the names of the field."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from models import Contract, Invoice, db
from services.importing import import_project

EXAMPLE = Path(__file__).parent.parent / "docs" / "example-project"


@pytest.fixture
def show(app):
    """Run `flask invoice show` on the example of the documentation."""
    with app.app_context():
        import_project(EXAMPLE)
    return lambda *arguments: app.test_cli_runner().invoke(args=["invoice", "show", *arguments])


def test_json_of_the_published_invoice(show):
    result = show("EX-1", "SC-001", "2", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    invoice = json.loads(result.stdout)
    lines = invoice.pop("lines")
    assert invoice == {
        "contract": "SC-001",
        "position": 2,
        "number": "NF-121",
        "status": "under_review",
        "period": {"start": "2026-06-01", "end": "2026-06-30"},
        "summary": {
            "original_contract_sum": "50000.00",
            "net_change_by_change_orders": "5000.00",
            "contract_sum_to_date": "55000.00",
            "total_completed_and_stored_to_date": "53000.00",
            "completed_work_retainage_amount": "5200.00",
            "stored_materials_retainage_amount": "100.00",
            "total_retainage": "5300.00",
            "total_earned_less_retainage": "47700.00",
            "less_previous_certificates_for_payment": "47700.00",
            "current_payment_due": "0.00",
            "balance_to_finish_including_retainage": "7300.00",
            "percent_complete": "96.36",
        },
    }
    assert lines[0] == {
        "item": "1",
        "change_order": None,
        "description": "Foundation work",
        "scheduled_value": "50000.00",
        "work_completed_from_previous_application": "51000.00",
        "work_completed_this_period": "0.00",
        "materials_presently_stored": "500.00",
        "total_completed_and_stored_to_date": "51500.00",
        "total_completed_and_stored_to_date_percent": "103.00",
        "balance_to_finish": "-1500.00",
        "work_retainage_held": "5100.00",
        "stored_retainage_held": "50.00",
        "total_retainage": "5150.00",
    }
    assert [(line["change_order"], line["item"]) for line in lines] == [(None, "1"), ("1", "1")]


def test_names_stand_in_the_order_of_the_field(show):
    text = show("EX-1", "SC-001", "1", "--json").stdout
    names = ["contract_sum_to_date", "total_retainage", "current_payment_due", "percent_complete"]
    places = [text.index(f'"{name}"') for name in names]
    assert places == sorted(places)


def test_an_invoice_without_a_period_has_no_days(show, app):
    with app.app_context():
        contract = db.session.scalars(sa.select(Contract).filter_by(number="PO-7/A")).one()
        invoice = db.session.scalars(sa.select(Invoice).filter_by(contract_id=contract.id)).one()
        invoice.period_id = None
        db.session.commit()
    described = json.loads(show("EX-1", "PO-7/A", "1", "--json").stdout)
    assert described["period"] == {"start": None, "end": None}
    assert "no billing period" in show("EX-1", "PO-7/A", "1").stdout


def test_people_get_a_table(show):
    lines = show("EX-1", "SC-001", "2").stdout.splitlines()
    assert lines[0] == "SC-001, invoice 2 (NF-121): under review, 2026-06-01 to 2026-06-30"
    assert lines[2].split() == ["Original", "contract", "sum", "50000.00"]
    heads = lines.index(next(line for line in lines if line.startswith("Item")))
    assert lines[heads + 1].split()[:3] == ["1", "50000.00", "51000.00"]
    assert lines[heads + 2].startswith("1 / 1 ")
    assert lines[heads + 2].endswith("  Footing 14 inches deeper")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("EX-9", "SC-001", "1"), "There is no project EX-9."),
        (("EX-1", "SC-9", "1"), "Project EX-1 has no contract SC-9."),
        (("EX-1", "SC-001", "9"), "Contract SC-001 has no invoice 9."),
    ],
)
def test_what_does_not_exist_is_named(show, arguments, sentence):
    result = show(*arguments, "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {sentence}\n")


@pytest.mark.parametrize("position", ["99999999999999999999", "0"])
def test_a_position_that_no_invoice_can_have_is_said_in_one_sentence(show, position):
    result = show("HP-12", "SC-1", position)
    assert result.exit_code == 64
    assert "Invalid value for 'POSITION'" in result.output
    assert "Traceback" not in result.output
