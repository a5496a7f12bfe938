"""Unit lines, retainage rules, contacts and payments of a project folder."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing import Until
from models import (
    AccountingMethod,
    Contract,
    InvoiceContact,
    Payment,
    PaymentMethod,
    RetainageRule,
    SovLine,
    db,
)
from services.importing import ImportRefused, import_project
from tests.test_importing import EXAMPLE, append

CONTRACTS = (
    "number,title,company,accounting_method\nSC-1,Paving,Acme,unit\nSC-2,Steel,Beam,amount\n"
)
LINES = "contract,item,description,scheduled_value,unit,quantity,unit_price\n"
TABLES = {
    "contracts.csv": CONTRACTS,
    "schedule_of_values.csv": LINES + "SC-1,1,Asphalt,1234.62,TON,1000.5,1.234\n",
    "billing_periods.csv": "start,end,status\n2026-08-01,2026-08-31,open\n",
    "invoices.csv": "contract,position,period_start,period_end\nSC-1,1,2026-08-01,2026-08-31\n",
    "retainage_rules.csv": (
        "contract,position,percent,until,limit_percent,limit_amount\n"
        "SC-1,1,10,percent_of_original,5,\nSC-1,2,2.5,amount,,9000\n"
    ),
    "invoice_contacts.csv": "contract,email,name\nSC-1,Ann@Acme.example,Ann Lee\n",
    "payments.csv": (
        "contract,number,method,amount,date,position,check_number\n"
        'SC-1,1,check,"1,000.00",2026-09-15,1,5501\nSC-1,2,electronic,(10),2026-09-20,,\n'
    ),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "project.toml").write_text('number = "T-1"\nname = "Terms"\n')
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def problems(folder):
    with pytest.raises(ImportRefused) as refused:
        import_project(folder)
    return [str(problem) for problem in refused.value.problems]


def one(model):
    return db.session.scalars(sa.select(model)).one()


def test_terms_come_in(context, folder):
    import_project(folder)
    contract = db.session.scalars(sa.select(Contract).filter_by(number="SC-1")).one()
    assert contract.accounting_method is AccountingMethod.UNIT
    line = one(SovLine)
    assert (line.unit, line.quantity, line.unit_price) == ("TON", 10_005_000, 12_340)
    assert line.scheduled_value == 1_234_62
    rules = db.session.scalars(RetainageRule.of_contract(contract.id)).all()
    assert [(r.rate, r.limit_kind, r.limit_rate, r.limit_amount) for r in rules] == [
        (1000, Until.PERCENT_OF_ORIGINAL, 500, None),
        (250, Until.AMOUNT, None, 9_000_00),
    ]
    assert one(InvoiceContact).email == "ann@acme.example"
    first, second = db.session.scalars(sa.select(Payment).order_by(Payment.number)).all()
    assert (first.invoice.position, first.amount) == (1, 1_000_00)
    assert first.method is PaymentMethod.CHECK
    assert (second.invoice_id, second.amount) == (None, -10_00)
    assert second.date == dt.date(2026, 9, 20)


def test_a_project_with_payments_can_be_replaced(context, folder):
    import_project(folder)
    import_project(folder, replace=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Payment)) == 2


@pytest.mark.parametrize(
    ("file", "row", "sentence"),
    [
        ("schedule_of_values.csv", "SC-2,1,Beam,10,EA,2,5",
         "schedule_of_values.csv, row 3, column quantity: contract SC-2 is billed by amounts."),
        ("schedule_of_values.csv", "SC-1,2,More,10,,,",
         "schedule_of_values.csv, row 3, column quantity: the cell is empty; contract SC-1 is "
         "billed by units."),
        ("schedule_of_values.csv", "SC-1,2,More,10,,2,",
         "schedule_of_values.csv, row 3, column unit_price: the cell is empty; contract SC-1 is "
         "billed by units."),
        ("schedule_of_values.csv", "SC-1,2,More,10,EA,2,5.01",
         "schedule_of_values.csv, row 3, column scheduled_value: quantity times unit price is "
         "10.02."),
        ("schedule_of_values.csv", "SC-1,2,More,10,EA,1.23456,5",
         "schedule_of_values.csv, row 3, column quantity: “1.23456” has more than four decimals."),
        ("schedule_of_values.csv", "SC-1,2,More,10,EA,90000000000,90000000000",
         "schedule_of_values.csv, row 3, column quantity: quantity times unit price is too large "
         "an amount."),
        ("retainage_rules.csv", "SC-1,2,10,amount,,5",
         "retainage_rules.csv, row 4, column position: rule 2 is listed twice; first in row 3."),
        ("retainage_rules.csv", "SC-1,6,10,amount,,5",
         "retainage_rules.csv, row 4, column position: “6” is not a whole number from 1 to 5."),
        ("retainage_rules.csv", "SC-1,3,10,amount,5,",
         "retainage_rules.csv, row 4, column limit_amount: the cell is empty; the rule holds until "
         "amount."),
        ("retainage_rules.csv", "SC-1,3,10,percent_of_revised,5,5",
         "retainage_rules.csv, row 4, column limit_amount: the rule holds until "
         "percent_of_revised; leave this cell empty."),
        ("retainage_rules.csv", "SC-1,3,10,amount,,-5",
         "retainage_rules.csv, row 4, column limit_amount: the limit is below zero."),
        ("invoice_contacts.csv", "SC-1,ANN@acme.example,",
         "invoice_contacts.csv, row 3, column email: ann@acme.example is listed twice; first in "
         "row 2."),
        ("invoice_contacts.csv", "SC-1,nobody,",
         "invoice_contacts.csv, row 3, column email: “nobody” is not an e-mail address."),
        ("invoice_contacts.csv", "SC-9,a@b.example,",
         "invoice_contacts.csv, row 3, column contract: contracts.csv has no contract “SC-9”."),
        ("payments.csv", "SC-1,3,check,5,2026-09-01,2,",
         "payments.csv, row 4, column position: invoices.csv has no invoice 2 of contract SC-1."),
        ("payments.csv", "SC-1,1,check,5,2026-09-01,,",
         "payments.csv, row 4, column number: payment 1 is listed twice; first in row 2."),
        ("payments.csv", "SC-1,3,cash,5,2026-09-01,,",
         "payments.csv, row 4, column method: “cash” is not check, credit_card or electronic."),
    ],
)  # fmt: skip
def test_a_mistake_in_the_terms_is_named(context, folder, file, row, sentence):
    append(folder, file, row)
    assert sentence in problems(folder)


def test_a_project_may_forbid_overbilling(context, tmp_path):
    copy = Path(shutil.copytree(EXAMPLE, tmp_path / "copy"))
    append(copy, "project.toml", 'forbids_overbilling = "perhaps"')
    assert problems(copy) == [
        "project.toml, column forbids_overbilling: “perhaps” is not yes or no."
    ]
