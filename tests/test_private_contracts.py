"""A private contract is nowhere for those who are not on its list."""

import pytest
import sqlalchemy as sa

from models import (
    Access,
    Contract,
    Membership,
    Project,
    backup_contract,
    contract_reader,
    db,
    utcnow,
)
from services import backups, members, private_contracts
from services.importing import import_project
from tests.conftest import ROOT, join, make_user
from tests.factories import make_attachment, make_contract, make_invoice, make_period, make_project

SECRET = "Vault of the owner"


@pytest.fixture
def ids(app, bob):
    """A project with an open and a private contract, whose invoices share a file, and a backup
    of each; Bob may read the project."""
    with app.app_context():
        project = make_project()
        join(bob, project, Access.READ_ONLY)
        period = make_period(project)
        found = {"project": project.id}
        for name, title in (("plain", "Concrete"), ("secret", SECRET)):
            contract = make_contract(
                project, number=f"SC-{name}", title=title, is_private=name == "secret"
            )
            invoice = make_invoice(contract, period=period)
            file = make_attachment(invoice, b"%PDF-1.7 the same", name=f"{name}.pdf")
            db.session.commit()
            backup = backups.request(project.id, [invoice.id], None, utcnow())
            backup.file_name = f"{name}.pdf"
            found[name] = (contract.id, invoice.id, file.id, backup.id)
        db.session.commit()
        return found


def pages(ids, name):
    """Every page and file that a contract has."""
    contract, invoice, file, _ = ids[name]
    base = f"/projects/{ids['project']}"
    of_invoice = f"{base}/invoices/{invoice}"
    return [
        f"{base}/contracts/{contract}",
        of_invoice,
        f"{of_invoice}/pdf",
        f"{of_invoice}/attachments/{file}",
        f"{of_invoice}/signature/card",
    ]


def statuses(browser, ids, name):
    return {browser.get(path, buffered=True).status_code for path in pages(ids, name)}


def keep_private(client, ids, *readers, is_private=True):
    path = f"/projects/{ids['project']}/contracts/{ids['secret'][0]}/private"
    return client.post(
        path, data={"reader": list(readers)} | ({"is_private": "on"} if is_private else {})
    )


def test_its_pages_do_not_exist_for_others(member, ids):
    assert {member.get(path, buffered=True).status_code for path in pages(ids, "plain")} <= {
        200,
        202,
        303,
    }
    assert statuses(member, ids, "secret") == {404}


def test_lists_counts_and_searches_leave_it_out(member, client, ids):
    base = f"/projects/{ids['project']}"
    for query in ("", "?q=Vault", "?group=company", "?status=approved"):
        answer = member.get(f"{base}/invoicing{query}")
        assert SECRET not in answer.text
        assert "SC-secret" not in answer.text
    assert SECRET in client.get(f"{base}/invoicing").text
    counts = [
        browser.get(f"{base}/billing-periods").text.count('data-label="Invoices">2<')
        for browser in (member, client)
    ]
    assert counts == [0, 1]


def test_ticking_it_by_hand_selects_nothing(member, client, ids):
    path = f"/projects/{ids['project']}/invoicing/preflight"
    contract, invoice, _, _ = ids["secret"]
    for form in ({"invoice": invoice}, {"contract": contract}, {"all": "1", "q": "Vault"}):
        answer = member.post(path, data=form, headers={"HX-Request": "true"})
        assert "SC-secret" not in answer.text
    seen = client.post(path, data={"all": "1"}, headers={"HX-Request": "true"})
    assert "secret.pdf" in seen.text


def test_preflight_does_not_tell_where_else_a_file_is(member, client, ids):
    path = f"/projects/{ids['project']}/invoicing/preflight"
    form, htmx = {"invoice": ids["plain"][1]}, {"HX-Request": "true"}

    assert "SC-secret" in client.post(path, data=form, headers=htmx).text
    assert "SC-secret" not in member.post(path, data=form, headers=htmx).text


@pytest.mark.parametrize("part", ["", "/file", "/manifest", "/originals"])
def test_a_backup_that_contains_it_does_not_exist_for_others(member, client, ids, part):
    base = f"/projects/{ids['project']}/backups"
    listed = member.get(base).text

    assert "plain.pdf" in listed
    assert "secret.pdf" not in listed
    assert "secret.pdf" in client.get(base).text
    assert member.get(f"{base}/{ids['plain'][3]}").status_code == 200
    assert member.get(f"{base}/{ids['secret'][3]}{part}").status_code == 404


def test_a_backup_whose_contract_is_gone_is_only_for_administrators(app, member, client, ids):
    with app.app_context():
        db.session.execute(sa.delete(Contract).where(Contract.id == ids["secret"][0]))
        db.session.commit()
        assert set(db.session.scalars(sa.select(backup_contract.c.contract_id))) == {
            ids["plain"][0],
            None,
        }
    path = f"/projects/{ids['project']}/backups/{ids['secret'][3]}"

    assert member.get(path).status_code == 404
    assert client.get(path).status_code == 200


def test_people_on_the_list_see_all_of_it(member, client, bob, ids):
    assert keep_private(client, ids, bob).status_code == 303

    assert 404 not in statuses(member, ids, "secret")
    base = f"/projects/{ids['project']}"
    assert SECRET in member.get(f"{base}/invoicing").text
    assert member.get(f"{base}/backups/{ids['secret'][3]}").status_code == 200
    assert "Private" in member.get(pages(ids, "secret")[0]).text
    assert "Who sees this contract" not in member.get(pages(ids, "secret")[0]).text


def test_a_project_s_own_administrator_sees_it_without_a_list(app, member, bob, ids):
    with app.app_context():
        db.session.get_one(Membership, (bob, ids["project"])).access = Access.ADMIN
        db.session.commit()

    assert 404 not in statuses(member, ids, "secret")
    assert "Who sees this contract" in member.get(pages(ids, "secret")[0]).text


def test_everybody_sees_it_once_it_is_no_longer_private(member, client, ids):
    keep_private(client, ids, is_private=False)

    assert 404 not in statuses(member, ids, "secret")


def test_the_list_takes_members_only(app, client, mallory, bob, ids):
    keep_private(client, ids, mallory, bob, 999)

    with app.app_context():
        assert db.session.scalars(sa.select(contract_reader.c.user_id)).all() == [bob]


def test_who_leaves_the_project_leaves_its_lists(app, client, bob, ids):
    keep_private(client, ids, bob)

    with app.app_context():
        members.remove(db.session.get_one(Membership, (bob, ids["project"])))
        assert db.session.scalars(sa.select(contract_reader.c.user_id)).all() == []


def test_a_list_alone_opens_no_project(app, stranger, mallory, ids):
    with app.app_context():
        db.session.execute(
            sa.insert(contract_reader).values(contract_id=ids["secret"][0], user_id=mallory)
        )
        db.session.commit()

    assert statuses(stranger, ids, "secret") == {404}


def test_members_are_added_changed_and_removed(app, client, stranger, mallory, ids):
    path = f"/projects/{ids['project']}/members"

    client.post(path, data={"email": "MALLORY@example.org ", "access": "read_only"})
    assert stranger.get(f"/projects/{ids['project']}/invoicing").status_code == 200
    assert stranger.get(path).status_code == 403

    client.post(f"{path}/{mallory}", data={"access": "admin"})
    assert "Mallory Moss" in stranger.get(path).text

    client.post(f"{path}/{mallory}/remove")
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"email": "nobody@example.org", "access": "admin"}, "There is no account for"),
        ({"email": "gone@example.org", "access": "admin"}, "There is no account for"),
        ({"email": "bob@example.org", "access": "admin"}, "Bob Brown is a member already."),
        ({"email": "alice@example.org", "access": "all"}, "Choose what this person may do"),
    ],
)
def test_an_impossible_member_is_refused_in_a_sentence(app, client, ids, form, sentence):
    make_user(app, "gone@example.org", "Gone", is_active=False)

    answer = client.post(f"/projects/{ids['project']}/members", data=form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert form["email"] in answer.text


def test_replacing_a_project_opens_no_private_contract(context, bob):
    example = ROOT / "docs" / "example-project"
    number = import_project(example).number
    project = db.session.scalar(Project.numbered(number))
    secret = db.session.scalars(sa.select(Contract).order_by(Contract.number)).first()
    join(bob, project, Access.READ_ONLY)
    private_contracts.update(secret, [bob], is_private=True)
    kept = secret.number

    import_project(example, replace=True)

    again = db.session.scalars(sa.select(Contract).where(Contract.is_private)).one()
    assert again.number == kept
    assert [user.id for user in private_contracts.of_contract(again).readers] == [bob]
