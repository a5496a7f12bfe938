"""The grid of a schedule of values, as a plain form."""

import re
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from models import (
    AccountingMethod,
    Contract,
    ContractEvent,
    Invoice,
    InvoiceStatus,
    SovLine,
    db,
)
from services import sheets
from tests.factories import (
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.statements import counted_statements


class Page:
    """The form of a schedule as a browser fills it in and sends it."""

    def __init__(self, client, url):
        self.client, self.url = client, url
        self.take(client.get(url))

    def take(self, answer):
        self.answer = answer
        inputs = re.findall(r"<input [^>]*>", answer.text.partition("<template")[0])
        found = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in inputs]
        self.version = next(i["value"] for i in found if i.get("name") == "version")
        self.keys = [i["value"] for i in found if i.get("name") == "row"]
        self.fields = {
            i["name"]: i["value"].replace("&#34;", '"').replace("&amp;", "&")
            for i in found
            if re.fullmatch(r"[\w]+-[a-z]?\d+", i.get("name", ""))
        }
        self.removed = []
        return answer

    def put(self, place, **cells):
        """Type into the row at this place, from 0."""
        for name, value in cells.items():
            self.fields[f"{name}-{self.keys[place]}"] = value

    def texts(self, name):
        return [self.fields[f"{name}-{key}"] for key in self.keys]

    def send(self, to="", **more):
        data = {"version": self.version, "row": self.keys, "remove": self.removed}
        return self.client.post(self.url + to, data={**data, **self.fields, **more})


@pytest.fixture
def make(app):
    """Build a contract with two lines and return its id and the address of its grid."""

    def build(**values):
        with app.app_context():
            contract = make_contract(make_project(), **{"status": "draft"} | values)
            first = {"item": "010", "description": "Slab", "scheduled_value": 1_000_00}
            make_line(contract, position=1, **first)
            make_line(contract, item="020", description="Wall", scheduled_value=500_00, position=2)
            db.session.commit()
            return contract.id, f"/projects/{contract.project_id}/contracts/{contract.id}/schedule"

    return build


def lines(app, contract_id):
    with app.app_context():
        query = sa.select(SovLine).filter_by(contract_id=contract_id).order_by(SovLine.position)
        return [(row.item, row.scheduled_value) for row in db.session.scalars(query)]


def test_lines_are_changed_added_removed_and_moved_in_one_step(app, client, make):
    contract_id, url = make()
    page = Page(client, url)
    page.put(0, scheduled_value="$1,234.50", position="3")
    page.removed = [page.keys[1]]
    page.put(2, item="005", description="Site & fence", scheduled_value="(500.00)", position="0.5")
    assert page.send().status_code == 303
    assert lines(app, contract_id) == [("005", -500_00), ("010", 1_234_50)]
    with app.app_context():
        events = db.session.scalars(sa.select(ContractEvent)).all()
        told = {(e.subject, e.field, e.old, e.new, e.user.name) for e in events}
    assert told == {
        ("Item 010", "scheduled value", "1,000.00", "1,234.50", "Alice Adams"),
        ("Item 020", "deleted", "Wall, 500.00", "", "Alice Adams"),
        ("Item 005", "added", "", "Site & fence, (500.00)", "Alice Adams"),
    }


def test_items_may_change_places(app, client, make):
    contract_id, url = make()
    page = Page(client, url)
    page.put(0, item="020")
    page.put(1, item="010")
    assert page.send().status_code == 303
    assert lines(app, contract_id) == [("020", 1_000_00), ("010", 500_00)]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"scheduled_value": "1,50"}, "“1,50” is not an amount like 1,234.50."),
        ({"scheduled_value": ""}, "This is needed."),
        ({"scheduled_value": "NaN"}, "“NaN” is not an amount"),
        ({"scheduled_value": "9" * 400}, "is too large"),
        ({"item": "020"}, "Item 020 is there 2 times."),
        ({"item": "x" * 61}, "has 61 characters; the limit is 60."),
        (
            {"description": "a\u202eb"},
            "has characters that nobody can see, or that turn it",
        ),
        ({"description": "a\x00b"}, "is not text without control characters."),
        ({"position": "first"}, "A place is a number such as 3 or 2.5."),
    ],
)
def test_a_mistake_is_said_beside_its_cell_and_nothing_typed_is_lost(
    app, client, make, cells, sentence
):
    contract_id, url = make()
    page = Page(client, url)
    page.put(1, description="Wall with a gate")
    page.put(0, **cells)
    answer = page.send()
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Wall with a gate" in answer.text
    assert lines(app, contract_id) == [("010", 1_000_00), ("020", 500_00)]


def test_more_rows_come_without_javascript_and_keep_what_is_typed(client, make):
    _, url = make()
    page = Page(client, url)
    page.put(0, scheduled_value="77.00")
    before = len(page.keys)
    assert page.take(page.send(add="10")).status_code == 200
    assert len(page.keys) == before + 10
    assert page.texts("scheduled_value")[0] == "77.00"
    assert page.send().status_code == 303


def test_a_stale_save_is_refused_with_both_values_and_saves_the_second_time(app, client, make):
    contract_id, url = make()
    mine, theirs = Page(client, url), Page(client, url)
    theirs.put(0, scheduled_value="2,000.00", description="Slab on grade")
    theirs.put(2, item="030", description="Roof", scheduled_value="9")
    assert theirs.send().status_code == 303
    mine.put(0, scheduled_value="3,000.00")
    mine.put(1, description="Retaining wall")
    answer = mine.take(mine.send())
    assert answer.status_code == 422
    assert "changed by Alice Adams while you were working on it" in answer.text
    assert "Saved meanwhile: <strong>2,000.00</strong>" in answer.text
    assert "Added meanwhile." in answer.text
    # What I did not touch is theirs; what I typed stays.
    assert mine.texts("description")[:2] == ["Slab on grade", "Retaining wall"]
    assert mine.texts("scheduled_value")[0] == "3,000.00"
    assert mine.send().status_code == 303
    assert lines(app, contract_id) == [("010", 3_000_00), ("020", 500_00), ("030", 9_00)]


def test_a_line_that_somebody_deleted_meanwhile_is_pointed_out(app, client, make):
    contract_id, url = make()
    mine, theirs = Page(client, url), Page(client, url)
    theirs.removed = [theirs.keys[1]]
    theirs.send()
    answer = mine.take(mine.send())
    assert "Deleted meanwhile; saving adds it again." in answer.text
    mine.removed = [mine.keys[1]]
    assert mine.send().status_code == 303
    assert lines(app, contract_id) == [("010", 1_000_00)]


def test_a_form_without_all_lines_deletes_nothing(app, client, make):
    contract_id, url = make()
    page = Page(client, url)
    page.keys = page.keys[1:]
    answer = page.send()
    assert answer.status_code == 422
    assert "does not hold every line" in answer.text
    assert len(lines(app, contract_id)) == 2


@pytest.mark.parametrize("row", ["-1", "1; DROP", "9" * 40, "é"])
def test_rows_that_no_page_has_are_refused(client, make, row):
    _, url = make()
    page = Page(client, url)
    page.keys.append(row)
    assert page.send().status_code == 422


def billed(app, contract_id):
    """An invoice that bills 100.00 on the first line."""
    with app.app_context():
        contract = db.session.get_one(Contract, contract_id)
        line = db.session.scalars(sa.select(SovLine).filter_by(item="010")).one()
        period = make_period(contract.project)
        invoice = make_invoice(contract, period=period, status=InvoiceStatus.DRAFT)
        make_invoice_line(invoice, line, work_this_period=100_00)
        sheets.recalculate([contract_id])
        db.session.commit()


def test_a_billed_line_stays_and_its_invoices_follow_its_value(app, client, make):
    contract_id, url = make()
    billed(app, contract_id)
    page = Page(client, url)
    assert "An invoice bills this line, so it stays." in page.answer.text
    page.removed = [page.keys[0]]
    answer = page.send()
    assert answer.status_code == 422
    assert "Item 010 is billed by an invoice, so it stays." in answer.text
    page.removed = []
    page.put(0, scheduled_value="1,500.00")
    assert page.send().status_code == 303
    with app.app_context():
        assert db.session.scalars(sa.select(Invoice)).one().contract_sum_to_date == 2_000_00


@pytest.mark.parametrize(
    ("kind", "status", "is_locked"),
    [
        ("subcontract", "approved", True),
        ("subcontract", "complete", True),
        ("subcontract", "out_for_signature", False),
        ("purchase_order", "approved", True),
        ("purchase_order", "closed", True),
        ("purchase_order", "received", False),
    ],
)
def test_a_standing_contract_locks_its_schedule(app, client, make, kind, status, is_locked):
    contract_id, url = make()
    page = Page(client, url)
    with app.app_context():
        contract = db.session.get_one(Contract, contract_id)
        contract.type, contract.status = kind, status
        db.session.commit()
    page.put(0, scheduled_value="1.00")
    answer = page.send()
    assert answer.status_code == (422 if is_locked else 303)
    assert ("give the contract another status first" in answer.text) == is_locked
    assert lines(app, contract_id)[0][1] == (1_000_00 if is_locked else 1_00)


def test_a_unit_based_contract_has_quantity_and_price(app, client):
    with app.app_context():
        contract = make_contract(
            make_project(), status="draft", accounting_method=AccountingMethod.UNIT
        )
        db.session.commit()
        contract_id = contract.id
        url = f"/projects/{contract.project_id}/contracts/{contract_id}/schedule"
    page = Page(client, url)
    page.put(0, item="1", description="Asphalt", quantity="1,000.5", unit="TON", unit_price="1.234")
    page.put(1, item="2", description="Odd", quantity="1.23456", unit_price="")
    totals = page.send("/check", **{f"amount-{page.keys[0]}": ""}).text
    assert 'value="1,234.62"' in totals
    answer = page.send()
    assert "has more than four decimals" in answer.text
    assert "This is needed." in answer.text
    page.put(1, quantity="3", unit_price="0.335")
    assert page.send().status_code == 303
    assert lines(app, contract_id) == [("1", 1_234_62), ("2", 1_01)]
    with app.app_context():
        line = db.session.scalars(sa.select(SovLine).filter_by(item="1")).one()
        assert (line.quantity, line.unit, line.unit_price) == (10_005_000, "TON", 12_340)


def test_the_total_is_worked_out_without_saving(app, client, make):
    contract_id, url = make()
    page = Page(client, url)
    page.put(0, scheduled_value="(20.00)")
    page.put(1, scheduled_value="what")
    text = page.send("/check").text
    assert "<strong>(20.00)</strong>" in text
    assert "1 cell to look at" in text
    assert lines(app, contract_id)[0] == ("010", 1_000_00)


def upload(client, url, content, name="lines.csv"):
    version = Page(client, url).version
    data = {"version": version, "file": (BytesIO(content), name)}
    return client.post(f"{url}/import", data=data, content_type="multipart/form-data")


def workbook(*rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


ROWS = (
    ("Item", "Description", "Scheduled Value", "Budget code"),
    ("020", "Wall, taller", "1,500.25", "04-200"),
    ("030", "Roof", "-10", ""),
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_lines_come_from_a_file(app, client, make, kind):
    contract_id, url = make()
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS)
    content = text.encode() if kind == "csv" else workbook(*ROWS)
    assert upload(client, url, content, f"lines.{kind}").status_code == 303
    assert lines(app, contract_id) == [("010", 1_000_00), ("020", 1_500_25), ("030", -10_00)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_as_people_keep_it_is_understood(app, client, make, kind):
    contract_id, url = make()
    rows = [
        ["Item #", "Description of work", "Scheduled Value"],
        ["030", "Total station survey", "$ 12,000.00"],
        ["", "Grand Total:", "$12,000.00"],
    ]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    content = text.encode() if kind == "csv" else workbook(*rows)
    assert upload(client, url, content, f"lines.{kind}").status_code == 303
    assert lines(app, contract_id)[2:] == [("030", 12_000_00)]


def test_a_refused_file_leaves_rows_to_type_in(client, make):
    _, url = make()
    answer = upload(client, url, b"item\n1\n")
    assert answer.status_code == 422
    assert answer.text.count('data-col="item"') == client.get(url).text.count('data-col="item"')


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (b"item,description,scheduled_value\n1,A,x\n2,,5\n2,B,6\n",
         ["“x” is not an amount", "the cell is empty.", "item 2 is listed twice; first in row 3."]),
        (b"item,description,scheduled_value,cost\n1,A,5,5\n", ["there is no such column"]),
        (b"item,description\n1,A\n", ["the cell is empty."]),
        (b"item,description,quantity,unit_price\n1,A,5,5\n",
         ["this contract is billed by amounts."]),
        (b"item,description,scheduled_value\n", ["there is no line in it."]),
        (b"\xff\xfea", ["the file is UTF-16"]),
        (b"", ["the first row is empty"]),
    ],
)  # fmt: skip
def test_a_file_with_mistakes_changes_nothing(app, client, make, content, sentences):
    contract_id, url = make()
    answer = upload(client, url, content)
    assert answer.status_code == 422
    for sentence in sentences:
        assert sentence in answer.text
    assert lines(app, contract_id) == [("010", 1_000_00), ("020", 500_00)]


@pytest.mark.parametrize("name", ["lines.pdf", "lines.xlsx"])
def test_a_file_that_is_no_table_is_refused(client, make, name):
    _, url = make()
    answer = upload(client, url, b"%PDF-1.7", name)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text


def test_five_hundred_lines_are_saved_in_few_statements(app, client, make):
    contract_id, url = make()
    page = Page(client, url)
    for number in range(500):
        key = f"j{number}"
        page.keys.append(key)
        page.fields |= {
            f"item-{key}": f"L{number}", f"description-{key}": "Line",
            f"scheduled_value-{key}": "10.00",
        }  # fmt: skip
    with counted_statements() as statements:
        assert page.send().status_code == 303
    assert len(statements) < 40
    assert len(lines(app, contract_id)) == 502
