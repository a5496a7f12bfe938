"""Entering an invoice: what a form means, what is refused, who may do what."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from models import (
    Access,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
    InvoiceStatus,
    Project,
    RetainageRule,
    Review,
    db,
)
from services import sheets
from tests.conftest import join
from tests.factories import (
    make_change_order,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.statements import counted_statements

HTMX = {"HX-Request": "true"}


class Entry:
    """An invoice that follows another, and its form."""

    def __init__(self, project_id, invoice_id, first_id, contract_id, lines):
        self.project_id, self.id, self.first_id = project_id, invoice_id, first_id
        self.contract_id, self.lines = contract_id, lines
        self.page = f"/projects/{project_id}/invoices/{invoice_id}"
        self.url = f"{self.page}/edit"

    def form(self, fields=None, **values):
        return {"version": "1"} | values | {self.field(n): v for n, v in (fields or {}).items()}

    def field(self, name):
        kind, item = name.split(" ")
        return f"{kind}-{self.lines[item]}"

    def row(self, item):
        return db.session.get(InvoiceLine, (self.id, self.lines[item]))


@pytest.fixture
def entry(app):
    """Invoice 2 of a contract: item 010 (10,000.00) has 2,000.00 of work and 1,000.00 stored from
    invoice 1 with 10 % of both retained, item 020 (5,000.00) and the change order nothing."""
    with app.app_context():
        project = make_project()
        contract = make_contract(project, number="SC-7")
        one = make_line(contract, item="010", scheduled_value=10_000_00)
        two = make_line(contract, item="020", scheduled_value=5_000_00)
        order = make_change_order(contract, number="CO-1", approved_date=date(2026, 6, 1))
        extra = make_line(contract, item="1", change_order_id=order.id, scheduled_value=400_00)
        first = make_invoice(contract, period=make_period(project, 6))
        make_invoice_line(first, one, work_this_period=2_000_00, new_stored=1_000_00)
        second = make_invoice(
            contract, period=make_period(project, 7, is_open=True), position=2, number="SC-7-02",
            status=InvoiceStatus.DRAFT,
        )  # fmt: skip
        sheets.recalculate([contract.id])
        db.session.commit()
        lines = {"010": one.id, "020": two.id, "1": extra.id}
        return Entry(project.id, second.id, first.id, contract.id, lines)


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def value(answer, name):
    return re.search(f'id="{name}"[^>]* value="([^"]*)"', answer.text)[1]


def figures(answer):
    return dict(re.findall(r'<data data-for="([^"]+)"[^>]*>([^<]*)</data>', answer.text))


def sheet(entry):
    return sheets.of_contract(entry.contract_id)[2]


# What a form means


def test_the_form_opens_with_what_the_line_carries(client, entry):
    page = client.get(entry.url)

    assert page.status_code == 200
    assert value(page, entry.field("percent 010")) == "30.00"
    assert value(page, entry.field("new 010")) == ""
    assert value(page, entry.field("wrp 010")) == "10"
    assert value(page, entry.field("sr 010")) == "100.00"


def test_an_amount_is_saved_and_the_totals_of_the_invoice_follow(app, client, entry):
    answer = client.post(entry.url, data=entry.form({"work 010": "1,500.00"}))

    assert (answer.status_code, answer.location) == (303, entry.page)
    with app.app_context():
        assert entry.row("010").work_this_period == 1_500_00
        assert entry.row("020") is None
        invoice = db.session.get(Invoice, entry.id)
        assert (invoice.payment_due, invoice.version) == (1_350_00, 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"work 010": "2000"},
        {"percent 010": "50"},
        # A page without JavaScript sends both.
        {"work 010": "2,000.00", "percent 010": "50.00"},
    ],
)
def test_amount_and_percent_say_the_same(app, client, entry, fields):
    assert client.post(entry.url, data=entry.form(fields)).status_code == 303
    with app.app_context():
        assert entry.row("010").work_this_period == 2_000_00


def test_installed_material_is_added_to_the_work(app, client, entry):
    client.post(entry.url, data=entry.form({"work 010": "100", "installed 010": "400"}))
    with app.app_context():
        row = entry.row("010")
        assert (row.work_this_period, row.stored_installed) == (500_00, 400_00)
        line = sheet(entry).lines[0]
        assert line.total_completed_and_stored_to_date == 3_100_00
        assert (line.materials_presently_stored, line.stored_retainage_held) == (600_00, 60_00)


def test_a_quantity_is_billed_at_its_price_and_gives_way_to_an_amount(app, client, entry):
    with app.app_context():
        line = db.session.get_one(InvoiceLine, (entry.first_id, entry.lines["010"])).line
        line.unit, line.quantity, line.unit_price = "m3", 80_0000, 125_0000
        db.session.commit()
    assert "125.00 / m3" in client.get(entry.url).text

    client.post(entry.url, data=entry.form({"quantity 010": "2.5"}))
    with app.app_context():
        row = entry.row("010")
        assert (row.work_this_period, row.quantity_this_period) == (312_50, 2_5000)

    client.post(entry.url, data=entry.form({"work 010": "300"}, version="2"))
    with app.app_context():
        row = entry.row("010")
        assert (row.work_this_period, row.quantity_this_period) == (300_00, None)


def test_retainage_is_typed_as_a_percent_or_an_amount(app, client, entry):
    fields = {"work 010": "1000", "wrp 010": "5", "work 020": "1000", "wr 020": "33.33"}
    client.post(entry.url, data=entry.form(fields))
    with app.app_context():
        held = [line.work_retainage_held for line in sheet(entry).lines]
        assert held == [250_00, 33_33, 0]


def test_a_percent_of_retainage_is_carried_to_the_next_invoice(app, client, entry):
    client.post(entry.url, data=entry.form({"work 010": "1000", "wrp 010": "5"}))
    with app.app_context():
        invoice = db.session.get(Invoice, entry.id)
        third = make_invoice(invoice.contract, position=3, status=InvoiceStatus.DRAFT)
        db.session.commit()
        third_id = third.id
    page = client.get(f"/projects/{entry.project_id}/invoices/{third_id}/edit")
    assert value(page, entry.field("wrp 010")) == "5"
    assert value(page, entry.field("wrp 020")) == "10"


def test_retainage_is_released_from_work_and_from_stored_material(app, client, entry):
    client.post(entry.url, data=entry.form({"wrel 010": "150", "srel 010": "100"}))
    with app.app_context():
        line = sheet(entry).lines[0]
        assert (line.work_retainage_held, line.stored_retainage_held) == (50_00, 0)
        assert sheet(entry).summary.current_payment_due == 250_00


def test_released_retainage_of_stored_material_does_not_come_back(app, client, entry):
    client.post(entry.url, data=entry.form({"srel 010": "100"}))
    with app.app_context():
        invoice = db.session.get(Invoice, entry.id)
        third = make_invoice(invoice.contract, position=3, status=InvoiceStatus.DRAFT).id
        db.session.commit()
    url = f"/projects/{entry.project_id}/invoices/{third}/edit"
    assert client.post(url, data=entry.form({"new 010": "500"})).status_code == 303
    with app.app_context():
        line = sheets.of_contract(entry.contract_id)[3].lines[0]
        assert line.stored_retainage_held == 50_00  # Of the 500.00 that are new.


def test_the_sliding_scale_of_the_contract_is_spread_over_the_lines(app, client, entry):
    """10 % until 5 % of 15,000.00 = 750.00 are held; 300.00 are held already."""
    with app.app_context():
        db.session.add(
            RetainageRule(
                contract_id=entry.contract_id, position=1, rate=1000,
                limit_kind="percent_of_original", limit_rate=500,
            )
        )  # fmt: skip
        db.session.commit()
    client.post(entry.url, data=entry.form({"work 010": "4000", "work 020": "2000"}))
    with app.app_context():
        held = [line.work_retainage_this_period for line in sheet(entry).lines]
        assert held == [300_00, 150_00, 0]
        assert sheet(entry).summary.total_retainage == 750_00

    # A line on which somebody sets another amount keeps it.
    client.post(entry.url, data=entry.form({"wr 020": "100"}, version="2"))
    client.post(entry.url, data=entry.form({"work 010": "3000"}, version="3"))
    with app.app_context():
        assert entry.row("020").work_retainage == 100_00


def test_saving_nothing_changes_nothing(app, client, entry):
    answer = client.post(entry.url, data=entry.form({"work 010": "0.00", "wrp 010": "10 %"}))

    assert "Nothing was changed." in client.get(answer.location).text
    with app.app_context():
        assert db.session.get(Invoice, entry.id).version == 1
        assert db.session.scalars(sa.select(InvoiceEvent)).all() == []


def test_number_date_and_comments_are_part_of_the_form(app, client, entry):
    header = {
        "number": "APP 2",
        "billing_date": "2026-07-25",
        "comments": "ä\nb",
        "is_final": "yes",
    }
    assert client.post(entry.url, data=entry.form(**header)).status_code == 303
    with app.app_context():
        row = db.session.get(Invoice, entry.id)
        assert (row.number, row.billing_date, row.comments) == ("APP 2", date(2026, 7, 25), "ä\nb")
        assert row.is_final
    page = text_of(client.get(entry.page))
    assert "Final invoice" in page
    assert "should leave nothing" in page


# While somebody types


def test_the_server_says_what_the_form_comes_to_and_saves_nothing(app, client, entry):
    form = entry.form({"percent 010": "50"}, do="recalculate", asked=str(entry.lines["010"]))
    answer = client.post(entry.url, data=form, headers=HTMX)

    found = figures(answer)
    assert found[entry.field("work 010")] == "2,000.00"
    assert found[entry.field("wr 010")] == "200.00"
    assert entry.field("percent 010") not in found  # It stays as it is typed.
    assert entry.field("work 020") not in found
    assert found["t0-completed"] == "5,000.00"
    assert "8 Current payment due 1,800.00" in text_of(answer)
    with app.app_context():
        assert entry.row("010") is None


def test_a_field_that_is_not_understood_is_named_while_the_others_count(client, entry):
    form = entry.form({"work 010": "abc", "work 020": "100"}, do="recalculate")
    answer = client.post(entry.url, data=form, headers=HTMX)

    assert "Item 010, work this period: “abc” is not an amount" in answer.text
    assert "8 Current payment due 90.00" in text_of(answer)


@pytest.mark.parametrize(
    ("verb", "by", "expected"),
    [
        ("bill", "40", {"percent 010": "40", "percent 020": "40", "work 020": "2,000.00"}),
        ("retain", "5", {"wrp 010": "5", "srp 010": "5", "wrp 020": "5"}),
        ("release", "50", {"wrel 010": "100.00", "srel 010": "50.00"}),
    ],
)
def test_verbs_for_many_lines_fill_in_the_form(app, client, entry, verb, by, expected):
    form = entry.form(do=verb, by=by, scope="all")
    found = figures(client.post(entry.url, data=form, headers=HTMX))
    whole = client.post(entry.url, data=form)

    for name, text in expected.items():
        assert found[entry.field(name)] == text
        assert value(whole, entry.field(name)) == text
    with app.app_context():
        assert entry.row("010") is None


def test_only_ticked_lines_are_filled_in(client, entry):
    form = entry.form(do="bill", by="40", scope="ticked", line=str(entry.lines["020"]))
    found = figures(client.post(entry.url, data=form, headers=HTMX))
    assert found[entry.field("percent 020")] == "40"
    assert found[entry.field("percent 010")] == "30.00"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"by": "40", "scope": "ticked"}, "Tick the lines"),
        ({"by": "forty", "scope": "all"}, "“forty” is not a percent"),
    ],
)
def test_a_verb_that_cannot_be_carried_out_says_why(client, entry, values, sentence):
    answer = client.post(entry.url, data=entry.form(do="bill", **values))
    assert sentence in answer.text


def test_the_statements_of_the_form_do_not_grow_with_its_lines(app, client, entry):
    def statements():
        with app.app_context(), counted_statements() as found:
            client.get(entry.url)
        return len(found)

    few = statements()
    with app.app_context():
        contract = db.session.get(Invoice, entry.id).contract
        for _ in range(20):
            make_line(contract)
        db.session.commit()
    assert statements() == few


def test_the_answer_does_not_grow_with_the_lines(app, client, entry):
    def answer():
        form = entry.form({"work 010": "1"}, do="recalculate", asked=str(entry.lines["010"]))
        return client.post(entry.url, data=form, headers=HTMX).data

    few = len(answer())
    with app.app_context():
        contract = db.session.get(Invoice, entry.id).contract
        for _ in range(50):
            make_line(contract)
        db.session.commit()
    assert len(answer()) < few + 200


# What is refused


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"work 010": "1,50"}, "is not an amount like"),
        ({"percent 010": "ten"}, "is not a percent like"),
        ({"wrp 010": "101"}, "is not a percent from 0 to 100"),
        ({"new 010": "9" * 40}, "is too large"),
        ({"percent 010": "99999", "new 010": "\u202e1"}, "is not an amount"),
        ({"work 010": "100", "percent 010": "90"}, "do not agree"),
        ({"work 020": "90000000000000.00", "work 010": "90000000000000"}, "sum of the invoice"),
    ],
)
def test_what_cannot_be_saved_is_named_and_all_that_was_typed_stays(
    app, client, entry, fields, sentence
):
    answer = client.post(entry.url, data=entry.form(fields | {"work 1": "12.34"}))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert value(answer, entry.field("work 1")) == "12.34"
    for name, text in fields.items():
        assert value(answer, entry.field(name)) == text
    with app.app_context():
        assert entry.row("1") is None


@pytest.mark.parametrize("header", [{"number": "x" * 61}, {"billing_date": "31.7.2026"}])
def test_a_header_that_is_not_understood_is_named(client, entry, header):
    answer = client.post(entry.url, data=entry.form(**({"number": "1"} | header)))
    assert answer.status_code == 422


def test_billing_more_than_a_line_has_is_refused_where_the_project_forbids_it(app, client, entry):
    over = entry.form({"work 020": "5,000.01"})
    with app.app_context():
        db.session.get_one(Project, entry.project_id).forbids_overbilling = True
        db.session.commit()
    answer = client.post(entry.url, data=over)
    assert answer.status_code == 422
    assert "this project bills no more than 100%" in answer.text
    with app.app_context():
        db.session.get_one(Project, entry.project_id).forbids_overbilling = False
        db.session.commit()
    assert client.post(entry.url, data=over).status_code == 303
    assert "More is completed and stored than is scheduled: Item 020." in client.get(entry.url).text


def test_only_the_latest_invoice_changes_its_amounts(app, client, entry):
    first = f"/projects/{entry.project_id}/invoices/{entry.first_id}/edit"
    for answer in (client.get(first), client.post(first, data=entry.form({"work 010": "1"}))):
        assert answer.status_code == 403
        assert "Only the latest invoice" in answer.text


# Two people


def test_who_saves_second_is_told_what_differs_and_loses_nothing(app, client, entry):
    """Both change item 010; only the second one changes item 020, only the first one the number."""
    theirs = entry.form({"work 010": "100", "work 1": "10"}, number="SC-7-B")
    client.post(entry.url, data=theirs)
    # Without JavaScript a form sends all that it showed.
    mine = {"work 010": "200", "work 020": "300", "work 1": ""}
    answer = client.post(entry.url, data=entry.form(mine, number="SC-7-02"))

    page = text_of(answer)
    assert answer.status_code == 422
    assert "Somebody saved this invoice while you worked on it." in page
    assert re.search(r"Item 010, work this period 200 100.00 Alice Adams, ", page)
    assert value(answer, entry.field("work 010")) == "200"
    assert value(answer, entry.field("work 020")) == "300"
    assert value(answer, entry.field("work 1")) == "10.00"
    assert 'name="number" value="SC-7-B"' in answer.text
    assert 'name="version" value="2"' in answer.text
    with app.app_context():
        assert entry.row("010").work_this_period == 100_00

    fields = {"work 010": "200", "work 020": "300", "work 1": "10.00"}
    again = client.post(entry.url, data=entry.form(fields, version="2", number="SC-7-B"))
    assert again.status_code == 303
    with app.app_context():
        amounts = [entry.row(item).work_this_period for item in ("010", "020", "1")]
        assert amounts == [200_00, 300_00, 10_00]


def test_a_version_that_makes_no_sense_is_stale(client, entry):
    for version in ("0", "x", str(10**30), "7"):
        answer = client.post(entry.url, data=entry.form({"work 010": "1"}, version=version))
        assert answer.status_code == 422


# History and review


def test_each_changed_amount_is_in_the_history_with_who_and_what_it_was(app, client, entry):
    client.post(entry.url, data=entry.form({"work 010": "100", "new 010": "5"}, number="X"))
    client.post(entry.url, data=entry.form({"work 010": "150"}, version="2"))

    page = text_of(client.get(entry.page))
    assert "Item 010 Work this period 100.00 150.00" in page
    assert "Invoice number SC-7-02 X" in page
    with app.app_context():
        events = db.session.scalars(sa.select(InvoiceEvent)).all()
        assert {event.user.name for event in events} == {"Alice Adams"}
        assert len({event.at for event in events}) == 2


def test_an_amount_that_changes_loses_what_a_reviewer_said_of_it(app, client, entry):
    client.post(entry.url, data=entry.form({"work 010": "100", "work 020": "100"}))
    with app.app_context():
        for item in ("010", "020"):
            entry.row(item).review = Review.REJECTED
            entry.row(item).review_reason = "too much"
        db.session.commit()
    client.post(entry.url, data=entry.form({"work 010": "90"}, version="2"))
    with app.app_context():
        assert [entry.row(i).review for i in ("010", "020")] == ["no_action", "rejected"]
        assert entry.row("010").review_reason == ""


# Who may


@pytest.fixture
def standard(app, member, bob, entry):
    with app.app_context():
        join(bob, db.session.get_one(Project, entry.project_id), Access.STANDARD)
        db.session.commit()
    return member


def test_a_standard_user_enters_amounts_and_releases_but_sets_no_retainage(app, standard, entry):
    page = standard.get(entry.url)
    assert f'name="{entry.field("wrel 010")}"' in page.text
    for kind in ("wr", "wrp", "sr", "srp"):
        assert f'name="{entry.field(kind + " 010")}"' not in page.text
        answer = standard.post(entry.url, data=entry.form({f"{kind} 010": "1"}))
        assert answer.status_code == 403
    answer = standard.post(entry.url, data=entry.form(do="retain", by="5", scope="all"))
    assert answer.status_code == 403

    fields = {"work 010": "100", "wrel 010": "10"}
    assert standard.post(entry.url, data=entry.form(fields)).status_code == 303
    with app.app_context():
        assert entry.row("010").work_retainage_released == 10_00


@pytest.mark.parametrize("status", sorted(set(InvoiceStatus) - {"draft", "revise_and_resubmit"}))
def test_a_standard_user_leaves_what_was_submitted_alone(app, standard, client, entry, status):
    with app.app_context():
        db.session.get(Invoice, entry.id).status = InvoiceStatus(status)
        db.session.commit()
    form = entry.form({"work 010": "1"})
    assert standard.get(entry.url).status_code == 403
    assert standard.post(entry.url, data=form).status_code == 403
    assert client.post(entry.url, data=form).status_code == 303
