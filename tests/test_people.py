"""Inviting people, who is an administrator, ending sessions, one's own account."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from jobs import recovery, waiting_mail
from models import Access, AccountToken, Membership, User, WaitingMail, db, utcnow
from services import account_tokens, invitations, mail, people
from tests.conftest import PASSWORD, make_user, sign_in
from tests.factories import make_project

NEW = {"email": "Nora@Example.org", "name": "Nora North"}


def link_in(message):
    """The path of the one link in a mail."""
    text = message.get_body(("plain",)).get_content()
    return re.search(r"http://[^/\s]+(/(?:invitation|password-reset)/\S+)", text)[1]


def user_named(app, email):
    with app.app_context():
        return db.session.scalar(User.named(email))


@pytest.fixture
def invited(client, work, smtp):
    """The path of Nora's link, as it was mailed."""
    client.post("/people", data=NEW)
    work()
    return link_in(smtp.messages[-1])


def test_an_invitation_is_mailed_and_opens_the_account(app, invited, smtp):
    guest = app.test_client()

    assert smtp.messages[-1]["To"] == "nora@example.org"
    assert "nora@example.org" in guest.get(invited).text
    answer = guest.post(invited, data={"name": "Nora N.", "password": PASSWORD})

    assert answer.location == "/projects"
    assert "Nora N." in guest.get("/projects").text
    assert sign_in(app, "nora@example.org")


def test_the_link_works_once(app, invited):
    app.test_client().post(invited, data={"name": "Nora", "password": PASSWORD})
    late = app.test_client()

    assert late.get(invited).status_code == 404
    assert late.post(invited, data={"password": "another long one"}).status_code == 404
    assert sign_in(app, "nora@example.org")


def test_a_refused_password_does_not_use_the_link_up(app, invited):
    guest = app.test_client()

    refused = guest.post(invited, data={"name": "Nora Two", "password": "short"})

    assert refused.status_code == 422
    assert "at least 10 characters" in refused.text
    assert "Nora Two" in refused.text
    assert guest.post(invited, data={"password": PASSWORD}).status_code == 303


def test_the_database_keeps_no_link(app, invited):
    token = invited.rsplit("/", 1)[1]
    with app.app_context():
        row = db.session.scalars(sa.select(AccountToken)).one()
        assert token not in str(vars(row))
        assert row.token_hash == AccountToken.hash_of(token)


def test_a_link_is_good_for_seven_days(app, invited):
    token = invited.rsplit("/", 1)[1]
    with app.app_context():
        made = db.session.scalars(sa.select(AccountToken.mailed_at)).one()
        almost, after = made + timedelta(days=6, hours=23), made + timedelta(days=7, seconds=1)
        assert account_tokens.owner(token, "invitation", almost)
        assert account_tokens.owner(token, "invitation", after) is None
        assert account_tokens.owner(token, "password_reset", almost) is None


def test_inviting_again_takes_the_old_link_back(app, client, invited, work, smtp):
    nora = user_named(app, "nora@example.org")

    client.post(f"/people/{nora.id}/invitation")
    work()

    assert app.test_client().get(invited).status_code == 404
    assert app.test_client().get(link_in(smtp.messages[-1])).status_code == 200


def test_somebody_invited_cannot_sign_in_yet(app, client):
    client.post("/people", data=NEW)

    answer = app.test_client().post("/sign-in", data={"email": NEW["email"], "password": ""})

    assert answer.status_code == 422


def test_an_invitation_may_name_a_project(app, client):
    with app.app_context():
        project = make_project()
        db.session.commit()
        project_id = project.id

    client.post("/people", data=NEW | {"project": project_id, "access": "standard"})

    nora = user_named(app, "nora@example.org")
    with app.app_context():
        assert db.session.get(Membership, (nora.id, project_id)).access == Access.STANDARD


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "nora"}, "“nora” is not an e-mail address."),
        ({"email": "ALICE@example.org"}, "There is an account for alice@example.org already."),
        ({"project": "77", "access": "admin"}, "There is no such project."),
        ({"project": "x", "access": "admin"}, "There is no such project."),
    ],
)
def test_an_impossible_invitation_is_refused_and_kept_in_the_form(client, change, sentence):
    answer = client.post("/people", data=NEW | change)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Nora North" in answer.text


def test_without_a_mail_server_the_link_lies_in_the_outbox(app, client):
    app.config["MAIL_SERVER"] = ""
    client.post("/people", data=NEW)

    with app.app_context():
        waiting_mail.send(db.session.scalars(sa.select(WaitingMail.id)).one())
        path = link_in(mail.read(mail.outbox()[0].name))

    assert "The link is good until" in client.get("/people").text
    assert app.test_client().get(path).status_code == 200


def test_a_mail_server_that_is_away_is_said_beside_the_person(client, environment, work):
    environment["DRAWPACK_MAIL_PORT"] = "1"
    client.post("/people", data=NEW)

    work()

    assert "could not be reached" in client.get("/people").text


def test_an_invitation_that_no_queue_took_is_sent_by_the_sweep(context, alice, work, smtp):
    invitations.invite("nora@example.org", "Nora", None, utcnow())

    assert recovery.sweep(utcnow() + timedelta(minutes=1)).mails == 1
    work()

    assert smtp.messages[-1]["To"] == "nora@example.org"
    assert recovery.sweep(utcnow() + timedelta(minutes=1)).mails == 0


def test_whoever_is_deactivated_is_out_at_once_and_stays_out(app, client, member, bob):
    assert member.get("/projects").status_code == 200

    client.post(f"/people/{bob}/deactivate")

    assert member.get("/projects").location.startswith("/sign-in")
    refused = app.test_client().post(
        "/sign-in", data={"email": "bob@example.org", "password": PASSWORD}
    )
    assert refused.status_code == 422
    client.post(f"/people/{bob}/activate")
    assert member.get("/projects").location.startswith("/sign-in")
    assert sign_in(app, "bob@example.org").get("/projects").status_code == 200


def test_ending_sessions_signs_out_everywhere_but_keeps_the_password(app, client, member, bob):
    phone = sign_in(app, "bob@example.org")

    client.post(f"/people/{bob}/sessions/end")

    for browser in (member, phone):
        assert browser.get("/projects").location.startswith("/sign-in")
    assert sign_in(app, "bob@example.org")


def test_administrators_are_made_and_unmade(client, member, bob):
    assert member.get("/people").status_code == 404

    client.post(f"/people/{bob}/administrator")
    assert member.get("/people").status_code == 200

    client.post(f"/people/{bob}/no-administrator")
    assert member.get("/people").status_code == 404


@pytest.mark.parametrize("verb", ["no-administrator", "deactivate"])
def test_the_last_administrator_stays(app, client, alice, bob, verb):
    # Neither somebody who left nor somebody who never joined could let anybody in.
    make_user(app, "left@example.org", "Left", is_administrator=True, is_active=False)
    with app.app_context():
        db.session.add(
            User(email="new@example.org", name="New", password_hash="", is_administrator=True)
        )
        db.session.commit()

    answer = client.post(f"/people/{alice}/{verb}")

    assert answer.status_code == 422
    assert "Alice Adams is the last administrator." in answer.text
    assert client.get("/people").status_code == 200


def test_of_two_administrators_who_remove_each_other_one_stays(context, alice, bob):
    first, second = db.session.get(User, alice), db.session.get(User, bob)
    people.promote(second)

    people.demote(first)

    with pytest.raises(people.PeopleRefused):
        people.demote(second)


@pytest.mark.parametrize("path", ["/people", "/people/1/deactivate", "/people/1/administrator"])
def test_to_others_the_people_do_not_exist(member, path):
    assert member.post(path).status_code == 404


def test_a_person_who_does_not_exist_is_not_found(client):
    assert client.post("/people/999/deactivate").status_code == 404


def test_a_name_is_changed(member):
    member.post("/account/name", data={"name": "  Robert   Brown "})

    assert "Robert Brown" in member.get("/projects").text
    assert member.post("/account/name", data={"name": " "}).status_code == 422


def test_a_changed_password_ends_the_other_sessions(app, member):
    phone = sign_in(app, "bob@example.org")
    passwords = {"current": PASSWORD, "password": "another long one"}

    assert member.post("/account/password", data=passwords).status_code == 303

    assert member.get("/account").status_code == 200
    assert phone.get("/account").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("passwords", "sentence"),
    [
        ({"current": "wrong", "password": "another long one"}, "current password is not right"),
        ({"current": PASSWORD, "password": "short"}, "at least 10 characters"),
        ({"current": PASSWORD, "password": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_a_password_is_not_changed_by_mistake(app, member, passwords, sentence):
    answer = member.post("/account/password", data=passwords)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert sign_in(app, "bob@example.org")


def test_guessing_the_current_password_is_slowed_down(member):
    guess = {"current": "wrong", "password": "another long one"}
    answers = [member.post("/account/password", data=guess) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert member.get("/account").status_code == 200


def test_signing_out_elsewhere_keeps_this_session(app, member):
    phone = sign_in(app, "bob@example.org")

    member.post("/account/sessions/end")

    assert member.get("/account").status_code == 200
    assert phone.get("/account").location.startswith("/sign-in")
