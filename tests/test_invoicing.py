import re
from html import unescape

import pytest

from models import (
    Access,
    Attachment,
    Invoice,
    InvoiceStatus,
    Membership,
    PeriodStatus,
    Project,
    db,
)
from services.finding_groups import grouped
from services.findings import Finding, Severity
from tests.conftest import sign_in
from tests.factories import (
    make_attachment,
    make_contract,
    make_file,
    make_invoice,
    make_period,
    make_project,
)
from tests.invoicing_rows import make_many_invoices
from tests.statements import counted_statements

HTMX = {"HX-Request": "true"}


class Ids:
    """SC-2 with an approved and a draft invoice, SC-10 with an approved one that has a damaged
    attachment."""

    def __init__(self):
        project = make_project(number="24-117", name="Harbor Point")
        july = make_period(project, 7)
        august = make_period(project, 8, status=PeriodStatus.OPEN)
        two = make_contract(project, number="SC-2", title="Concrete")
        ten = make_contract(project, number="SC-10", title="Steel & glass")
        first = make_invoice(two, period=july, gross_this_period=1_234_56, payment_due=1_111_10)
        second = make_invoice(two, period=august, position=2, status=InvoiceStatus.DRAFT)
        steel = make_invoice(ten, period=july, number="S-1")
        damaged = make_file(b"not really a PDF")
        damaged.facts = {"media_type": "application/pdf"}
        damaged.problem = "unreadable"
        attachment = make_attachment(steel, b"not really a PDF", name="Waiver.pdf")
        db.session.commit()
        self.project, self.two, self.ten = project.id, two.id, ten.id
        self.first, self.second, self.steel = first.id, second.id, steel.id
        self.attachment, self.july = attachment.id, july.id
        self.page = f"/projects/{self.project}/invoicing"


@pytest.fixture
def ids(app):
    with app.app_context():
        return Ids()


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_page_lists_invoices_by_contract(client, ids):
    page = client.get(ids.page)
    text = text_of(page.text)
    assert page.status_code == 200
    assert re.search(r"SC-2 Concrete Company \d+ · 2 invoices .* SC-10 Steel & glass Company", text)
    for heading in ("Invoice #", "Status", "Billing Period", "Gross Amount", "Net Amount"):
        assert heading in text
    assert "Jul 1 – 28, 2026 1,234.56 1,111.10" in text
    assert "Select invoice S-1 of SC-10" in text
    assert "1 cannot become pages" in text


def test_each_grouping_shows_the_columns_that_its_headings_do_not_say(client, ids):
    heads = {
        group: re.findall(r'id="sort-(\w+)"', client.get(f"{ids.page}?group={group}").text)
        for group in ("contract", "company", "period", "status")
    }
    every = ["invoice", "status", "company", "period", "gross", "net"]
    every += ["date", "contract", "total", "percent"]
    assert heads["contract"] == [name for name in every if name not in {"company", "contract"}]
    for group in ("company", "period", "status"):
        assert heads[group] == [name for name in every if name != group]


def test_the_project_itself_leads_to_its_invoices(client, ids):
    answer = client.get(f"/projects/{ids.project}")
    assert (answer.status_code, answer.location) == (303, ids.page)


def test_strangers_see_nothing_and_visitors_sign_in(app, stranger, ids):
    for address in (ids.page, f"/projects/{ids.project}"):
        assert stranger.get(address).status_code == 404
        assert "/sign-in" in app.test_client().get(address).location
    assert stranger.post(f"{ids.page}/preflight", data={"all": "1"}).status_code == 404


def test_a_fragment_is_the_list_without_the_frame_and_pushes_a_short_address(client, ids):
    query = "q=&group=status&sort=&status=draft"
    answer = client.get(f"{ids.page}?{query}", headers=HTMX)
    assert answer.text.strip().startswith('<div id="invoices"')
    assert "<header" not in answer.text
    assert answer.headers["HX-Push-Url"] == f"{ids.page}?status=draft&group=status"
    assert "HX-Push-Url" not in client.get(f"{ids.page}?page=2", headers=HTMX).headers


def test_going_back_restores_the_whole_page(client, ids):
    restored = HTMX | {"HX-History-Restore-Request": "true"}
    assert "<header" in client.get(ids.page, headers=restored).text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=concrete", ["1 of SC-2", "2 of SC-2"]),
        ("status=draft", ["2 of SC-2"]),
        ("status=draft&status=approved", ["1 of SC-2", "2 of SC-2", "S-1 of SC-10"]),
        ("type=purchase_order", []),
    ],
)
def test_filters_are_part_of_the_address(client, ids, query, shown):
    text = text_of(client.get(f"{ids.page}?{query}").text)
    assert re.findall(r"Select invoice (\S+ of \S+)", text) == shown
    assert "Clear filters" in text
    assert ("No invoice matches" in text) == (not shown)


def test_sorting_says_so_to_screen_readers_and_turns_round(client, ids):
    ascending = client.get(f"{ids.page}?sort=gross").text
    assert re.search(
        r'aria-sort="ascending"><a class="sort[^"]*" id="sort-gross" href="[^"]*sort=-gross"',
        ascending,
    )
    descending = client.get(f"{ids.page}?sort=-gross").text
    assert 'aria-sort="descending"' in descending
    assert descending.index("Select invoice 1 of SC-2") < descending.index("Select invoice S-1")


def test_a_search_is_shown_as_it_was_typed_and_never_as_markup(client, ids):
    page = client.get(ids.page, query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_project_without_invoices_says_how_they_come_in(app, client):
    with app.app_context():
        project = make_project()
        db.session.commit()
        address = f"/projects/{project.id}/invoicing"
    page = client.get(address)
    assert "No invoices in this project yet" in page.text
    assert 'id="compile"' not in page.text


def test_ticking_counts_and_checks_the_selection(client, ids):
    answer = client.post(f"{ids.page}/preflight", data={"contract": ids.two}, headers=HTMX)
    text = text_of(answer.text)
    assert answer.text.strip().startswith('<div id="preflight"')
    assert "2 invoices of 1 contract" in text
    assert "invoice 2 of SC-2 is Draft, not Approved" in text.replace("Invoice", "invoice")
    assert f'href="/projects/{ids.project}/invoices/{ids.second}"' in answer.text


def test_ticking_nothing_invites_to_tick(client, ids):
    answer = client.post(f"{ids.page}/preflight", headers=HTMX)
    assert answer.status_code == 200
    assert "Nothing selected" in answer.text


def test_a_damaged_file_can_be_left_out_from_the_panel(client, ids):
    answer = client.post(f"{ids.page}/preflight", data={"all": "1"}, headers=HTMX).text
    action = re.search(r'formaction="([^"]+leave-out[^"]*)"', answer)[1]
    assert "1 problem to solve first" in text_of(answer)
    assert client.post(action).status_code == 303
    with client.application.app_context():
        assert db.session.get_one(Attachment, ids.attachment).is_left_out
    after = client.post(f"{ids.page}/preflight", data={"all": "1"}, headers=HTMX).text
    assert "to solve first" not in after


def test_an_open_earlier_period_leads_to_the_billing_periods(app, client, ids):
    with app.app_context():
        third = make_contract(db.session.get_one(Project, ids.project), number="SC-3")
        invoice = db.session.get_one(Invoice, ids.second)
        make_invoice(third, period=invoice.period)
        later = make_period(db.session.get_one(Project, ids.project), 9)
        make_invoice(third, position=2, period=later)
        db.session.commit()
        contract_id = third.id
    answer = client.post(f"{ids.page}/preflight", data={"contract": contract_id}, headers=HTMX)
    assert "Aug 1 – 28, 2026" in answer.text
    assert f'href="/projects/{ids.project}/billing-periods"' in answer.text


def test_without_javascript_the_check_answers_the_page_with_its_ticks(client, ids):
    form = {"contract": ids.two, "group": "contract", "q": "SC"}
    page = client.post(f"{ids.page}/preflight", data=form).text
    assert "2 invoices of 1 contract" in text_of(page)
    ticked = re.findall(r'name="invoice" value="(\d+)" checked', page)
    assert sorted(map(int, ticked)) == sorted([ids.first, ids.second])
    assert re.search(rf'name="contract" value="{ids.two}"[^>]* checked', page)
    assert not re.search(r'name="all"[^>]* checked', page)
    assert 'name="q" value="SC"' in page


def test_who_may_only_look_sees_the_check_but_nothing_that_changes(app, client, mallory, ids):
    with app.app_context():
        db.session.add(Membership(user_id=mallory, project_id=ids.project, access=Access.READ_ONLY))
        db.session.commit()
    reader = sign_in(app, "mallory@example.org")
    page = reader.get(ids.page).text
    assert 'id="compile"' not in page
    assert 'id="compile"' in client.get(ids.page).text
    checked = reader.post(f"{ids.page}/preflight", data={"all": "1"}, headers=HTMX).text
    assert "1 problem to solve first" in text_of(checked)
    assert "Leave out" not in checked


def test_a_check_takes_no_write_lock(app, client, ids):
    with app.app_context():
        db.session.execute(db.text("UPDATE project SET name = name"))
        answer = client.post(f"{ids.page}/preflight", data={"all": "1"}, headers=HTMX)
        db.session.rollback()
    assert answer.status_code == 200


def test_many_findings_of_a_kind_become_one_line():
    findings = [Finding(Severity.WARNING, "not_approved", f"Invoice {n}.") for n in range(12)]
    findings.insert(3, Finding(Severity.WARNING, "no_backup", "Invoice 3 has no attachment."))
    findings += [Finding(Severity.WARNING, "odd_thing", "Odd.")] * 2
    assert [group.title for group in grouped(findings)] == [
        "12 invoices are not approved",
        "Invoice 3 has no attachment.",
        "Odd Thing: 2 findings",
    ]


def test_the_page_asks_the_same_number_of_statements_for_20_and_2000_invoices(app, client):
    with app.app_context():
        small, large = make_many_invoices(4, 5), make_many_invoices(200, 10)
    counts = {}
    for project_id in (small, large):
        for query in ("", "?group=status&sort=-net&q=progress", "?page=3"):
            with counted_statements() as statements:
                answer = client.get(f"/projects/{project_id}/invoicing{query}")
            assert answer.status_code == 200
            counts.setdefault(query, set()).add(len(statements))
    assert all(len(numbers) == 1 for numbers in counts.values()), counts


def test_a_check_asks_the_same_number_of_statements_for_20_and_2000_invoices(app, client):
    with app.app_context():
        small, large = make_many_invoices(4, 5), make_many_invoices(200, 10)
    counts = set()
    for project_id in (small, large):
        with counted_statements() as statements:
            answer = client.post(
                f"/projects/{project_id}/invoicing/preflight", data={"all": "1"}, headers=HTMX
            )
        assert answer.status_code == 200
        counts.add(len(statements))
    assert len(counts) == 1


def test_pages_follow_each_other_without_javascript(app, client):
    with app.app_context():
        project_id = make_many_invoices(60, 10)
    first = client.get(f"/projects/{project_id}/invoicing").text
    assert "Page 1 of 3" in first
    following = re.search(r'href="([^"]*page=2[^"]*)"', first)[1]
    second = client.get(unescape(following)).text
    shown = [re.findall(r'name="invoice" value="(\d+)"', page) for page in (first, second)]
    assert len(shown[0]) == len(shown[1]) == 200
    assert not set(shown[0]) & set(shown[1])


def test_without_javascript_ticks_survive_sorting_and_further_pages(app, client):
    with app.app_context():
        project_id = make_many_invoices(60, 10)
    path = f"/projects/{project_id}/invoicing"
    ticked_on_first = re.findall(r'name="invoice" value="(\d+)"', client.get(path).text)[:3]
    second = client.post(path, data={"view": f"{path}?page=2", "invoice": ticked_on_first}).text
    assert "Page 2 of 3" in second
    assert hidden(second) == ticked_on_first
    on_second = re.findall(r'type="checkbox" name="invoice" value="(\d+)"', second)[:2]
    form = {"view": f"{path}?sort=-net", "invoice": ticked_on_first + on_second}
    sorted_page = client.post(path, data=form).text
    boxes = re.findall(r'name="invoice" value="(\d+)" checked', sorted_page)
    assert sorted([*boxes, *hidden(sorted_page)], key=int) == sorted(form["invoice"], key=int)
    assert 'aria-sort="descending"' in sorted_page
    # What is checked, too, keeps what another page holds.
    checked = client.post(f"{path}/preflight", data={**form, "page": "3"}).text
    assert "5 invoices of" in text_of(checked)
    assert len(hidden(checked)) == 5


def test_a_whole_group_stays_ticked_in_another_view_without_javascript(client, ids):
    form = {"contract": ids.two, "view": f"{ids.page}?group=status"}
    page = client.post(ids.page, data=form).text
    ticked = re.findall(r'name="invoice" value="(\d+)" checked', page)
    assert sorted(map(int, ticked)) == sorted([ids.first, ids.second])


@pytest.mark.parametrize("view", ["", "no address", "http://[", f"?page={9**30}&group=x"])
def test_a_strange_view_is_the_first_page(client, ids, view):
    assert client.post(ids.page, data={"view": view}).status_code == 200


def hidden(page):
    return re.findall(r'type="hidden" name="invoice" value="(\d+)"', page)
