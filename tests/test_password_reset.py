"""A forgotten password, and what slows down guessing."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import create_app
from jobs import queue
from models import AccountToken, Attempt, db
from services import account_tokens, throttle, users
from tests.conftest import PASSWORD, make_user
from tests.test_people import link_in

NOW = datetime(2026, 8, 31, 12, 0, tzinfo=UTC)
NEW = "another long password"


@pytest.fixture
def link(app, bob, work, smtp):
    """The path of the link that Bob asked for and got by mail."""
    app.test_client().post("/password-reset", data={"email": " Bob@Example.org"})
    work()
    assert smtp.messages[-1]["To"] == "bob@example.org"
    return link_in(smtp.messages[-1])


def test_the_link_sets_a_new_password_and_ends_all_sessions(app, member, link):
    guest = app.test_client()
    assert "bob@example.org" in guest.get(link).text

    answer = guest.post(link, data={"password": NEW})

    assert answer.location == "/sign-in"
    assert member.get("/projects").location.startswith("/sign-in")
    assert users_sign_in(app, PASSWORD) == 422
    assert users_sign_in(app, NEW) == 303


def test_the_link_works_once_and_a_refusal_does_not_use_it_up(app, link):
    guest = app.test_client()

    assert guest.post(link, data={"password": "short"}).status_code == 422
    assert guest.post(link, data={"password": NEW}).status_code == 303
    assert guest.post(link, data={"password": NEW}).status_code == 404
    assert "used already" in guest.get(link).text


def test_the_link_is_good_for_an_hour(app, link):
    token = link.rsplit("/", 1)[1]
    with app.app_context():
        made = db.session.scalars(sa.select(AccountToken.mailed_at)).one()
        assert account_tokens.owner(token, "password_reset", made + timedelta(minutes=59))
        assert not account_tokens.owner(token, "password_reset", made + timedelta(minutes=61))


def test_no_cache_and_no_other_site_learns_the_link(app, link):
    headers = app.test_client().get(link).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_answer_does_not_tell_whether_an_address_exists(app, bob, work, smtp):
    make_user(app, "gone@example.org", "Gone", is_active=False)
    addresses = ["bob@example.org", "nobody@example.org", "gone@example.org"]

    answers = [
        app.test_client().post("/password-reset", data={"email": address}) for address in addresses
    ]
    work()

    assert {answer.status_code for answer in answers} == {200}
    same = {
        answer.text.partition("<main")[2].replace(address, "…")
        for answer, address in zip(answers, addresses, strict=True)
    }
    assert len(same) == 1
    assert [message["To"] for message in smtp.messages] == ["bob@example.org"]


def test_nobody_s_mailbox_is_flooded(app, bob, work, smtp):
    for _ in range(5):
        answer = app.test_client().post("/password-reset", data={"email": "bob@example.org"})
        assert answer.status_code == 200
    with app.app_context():
        assert queue("mail").count == 3
    work()

    # One link is good, the newest: the mails of the others went with them.
    assert len(smtp.messages) == 1
    assert app.test_client().get(link_in(smtp.messages[0])).status_code == 200


def test_an_address_stays_in_the_queue_for_a_day_where_sending_fails(app, bob, work):
    app.test_client().post("/password-reset", data={"email": "bob@example.org"})
    with app.app_context():
        queued = queue("mail")
        [job] = queued.jobs
        db.session.execute(sa.text("ALTER TABLE account_token RENAME TO gone"))
        db.session.commit()
        job.retries_left = 0
        job.save()
        work()

        assert queued.failed_job_registry.get_job_ids() == [job.id]
        assert 23 * 3600 < queued.connection.ttl(job.key) <= 24 * 3600


def test_guessing_a_password_has_to_wait_even_after_a_restart(app, bob, environment):
    guess = {"email": "bob@example.org", "password": "wrong"}
    answers = [app.test_client().post("/sign-in", data=guess) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert "Too many tries. Wait 15 minutes, then try again." in answers[-1].text
    assert 800 < int(answers[-1].headers["Retry-After"]) <= 900
    # Not even the right password, and not only in this process: the count is in the database.
    assert users_sign_in(app, PASSWORD) == 429


def test_the_wait_ends_and_a_success_starts_the_count_anew(context, bob):
    later = NOW + timedelta(minutes=10)
    for minute in range(6):
        assert (
            users.sign_in("bob@example.org", "wrong", None, NOW + timedelta(minutes=minute)) is None
        )

    with pytest.raises(throttle.TooManyTries) as refused:
        users.sign_in("BOB@example.org ", PASSWORD, None, later)
    assert refused.value.wait == timedelta(minutes=5)

    assert users.sign_in("bob@example.org", PASSWORD, None, NOW + timedelta(minutes=15))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 0


def test_one_address_that_tries_many_accounts_is_slowed_down(context, bob):
    for number in range(40):
        users.sign_in(f"{number}@example.org", "wrong", "203.0.113.9", NOW)

    with pytest.raises(throttle.TooManyTries):
        users.sign_in("bob@example.org", PASSWORD, "203.0.113.9", NOW)
    assert users.sign_in("bob@example.org", PASSWORD, "203.0.113.10", NOW)


def test_old_tries_and_what_was_typed_are_not_kept(context):
    throttle.enter([(throttle.SIGN_IN_BY_EMAIL, "my secret password")], NOW)
    throttle.enter([(throttle.SIGN_IN_BY_EMAIL, "bob@example.org")], NOW + timedelta(hours=2))

    (kept,) = db.session.scalars(sa.select(Attempt))
    assert kept.at == NOW + timedelta(hours=2)
    assert len(kept.subject) == 64


@pytest.mark.parametrize(
    ("proxies", "headers", "counted"),
    [
        (0, {}, False),
        (0, {"X-Forwarded-For": "203.0.113.9"}, False),
        (1, {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}, True),
    ],
)
def test_visitors_are_told_apart_behind_a_declared_proxy(app, proxies, headers, counted):
    behind = create_app({"WTF_CSRF_ENABLED": False, "PROXIES": proxies})
    make_user(app, "alice@example.org", "Alice")

    behind.test_client().post(
        "/sign-in", data={"email": "nobody@example.org", "password": "x"}, headers=headers
    )

    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1 + counted
    behind.extensions["redis"].close()
    with behind.app_context():
        db.engine.dispose()


def users_sign_in(app, password):
    form = {"email": "bob@example.org", "password": password}
    return app.test_client().post("/sign-in", data=form).status_code
