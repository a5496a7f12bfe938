"""Sessions: begun anew by each sign-in, listed, ended, and over after a time; their cookie."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.sessions import SecureCookieSessionInterface

import settings
from models import SignIn, SignInState, db, utcnow
from services.sign_in import browsers, sessions
from tests.conftest import PASSWORD, sign_in
from tests.statements import counted_statements

LIFETIME = timedelta(days=7)


def cookie_of(browser):
    return browser.get_cookie("session").value


def content(app, browser):
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    return serializer.loads(cookie_of(browser))


def keep(app, browser, **values):
    """Write the cookie anew, as this server would have some time ago."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    browser.set_cookie("session", serializer.dumps(content(app, browser) | values))


def is_signed_in(browser):
    return browser.get("/account").status_code == 200


def test_each_sign_in_begins_a_session_of_its_own(app, bob):
    browser = app.test_client()
    browser.get("/sign-in")
    with browser.session_transaction() as planted:
        planted["key"] = planted["target"] = "planted"
    form = {"email": "bob@example.org", "password": PASSWORD}
    browser.post("/sign-in", data=form)
    first = content(app, browser)

    browser.post("/sign-in", data=form)

    assert first["key"] not in {"planted", content(app, browser)["key"]}
    assert "target" not in first
    with app.app_context():
        # The one before is over, not merely forgotten by this browser.
        assert sessions.known(first["key"], utcnow(), LIFETIME) is None


def test_the_form_s_token_changes_with_the_session(app, bob):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    token = token_in(browser.get("/sign-in"))
    form = {"email": "bob@example.org", "password": PASSWORD, "csrf_token": token}
    assert browser.post("/sign-in", data=form).status_code == 303

    assert browser.post("/account/name", data={"csrf_token": token}).status_code == 400
    fresh = {"csrf_token": token_in(browser.get("/account")), "name": "Bob"}
    assert browser.post("/account/name", data=fresh).status_code == 303


def test_an_open_page_asks_for_the_token_of_the_session_that_there_is_now(app, bob):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    assert browser.get("/session").status_code == 303
    form = {"email": "bob@example.org", "password": PASSWORD}
    browser.post("/sign-in", data={**form, "csrf_token": token_in(browser.get("/sign-in"))})

    answer = browser.get(f"/session?user={bob}")

    assert answer.headers["Cache-Control"] == "no-store"
    renamed = {"csrf_token": answer.json["csrf_token"], "name": "Bob"}
    assert browser.post("/account/name", data=renamed).status_code == 303
    for page_of_another in ("", f"?user={bob + 1}", "?user=x"):
        refused = browser.get(f"/session{page_of_another}")
        assert (refused.status_code, refused.json) == (409, {})
    expired = browser.post("/account/name", data={"csrf_token": "old", "name": "Bob"})
    assert (expired.status_code, expired.headers["X-Page-Expired"]) == (400, "1")


def token_in(page):
    return re.search('name="csrf_token" value="([^"]+)', page.text)[1]


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app, member):
    thief = app.test_client()
    thief.set_cookie("session", cookie_of(member))
    assert is_signed_in(thief)

    member.post("/sign-out")

    assert not is_signed_in(thief)


def test_signing_out_clears_what_the_browser_kept(member):
    said = member.post("/sign-out").headers["Clear-Site-Data"]

    assert said == '"cache", "storage"'


def test_a_changed_password_ends_all_other_sessions_and_renews_this_one(app, member):
    phone, before = sign_in(app, "bob@example.org"), cookie_of(member)

    change = {"current": PASSWORD, "password": "another long one"}
    assert member.post("/account/password", data=change).status_code == 303

    assert is_signed_in(member)
    assert not is_signed_in(phone)
    phone.set_cookie("session", before)
    assert not is_signed_in(phone)


def test_an_administrator_ends_the_sessions_of_a_person(client, member, bob):
    client.post(f"/people/{bob}/sessions/end")

    assert not is_signed_in(member)
    assert is_signed_in(client)


def test_who_is_deactivated_is_out_and_stays_out(client, member, bob):
    client.post(f"/people/{bob}/deactivate")
    client.post(f"/people/{bob}/activate")

    assert not is_signed_in(member)


def test_a_session_that_nobody_uses_ends(app, member):
    now = int(utcnow().timestamp())
    keep(app, member, seen=now - 12 * 3600 + 60)
    assert is_signed_in(member)
    assert content(app, member)["seen"] >= now, "it was used just now"

    keep(app, member, seen=now - 12 * 3600 - 60)

    assert not is_signed_in(member)


def test_a_cookie_of_a_session_that_is_over_is_not_sent_anew(app, member):
    """It might arrive after that of the session that took its place."""
    keep(app, member, seen=int(utcnow().timestamp()) - 3600)
    with app.app_context():
        db.session.execute(sa.delete(SignIn))
        db.session.commit()

    assert "Set-Cookie" not in member.get("/account").headers


def test_a_session_ends_however_much_it_is_used(app, member):
    with app.app_context():
        made = utcnow() - LIFETIME + timedelta(minutes=1)
        db.session.execute(sa.update(SignIn).values(created=made))
        db.session.commit()
    assert is_signed_in(member)

    with app.app_context():
        db.session.execute(sa.update(SignIn).values(created=made - timedelta(minutes=2)))
        db.session.commit()

    assert not is_signed_in(member)


@pytest.mark.parametrize(
    "values", [{"key": None}, {"key": 7}, {"key": ""}, {"key": "x"}, {"seen": None}, {"seen": "1"}]
)
def test_a_cookie_that_means_nobody_opens_nothing(app, member, values):
    keep(app, member, **values)

    assert not is_signed_in(member)


def test_a_cookie_that_was_signed_with_another_key_opens_nothing(app, member):
    forged = member.get_cookie("session").value
    app.config["SECRET_KEY"] = "another"

    member.set_cookie("session", forged)

    assert not is_signed_in(member)


def test_the_database_holds_no_token_of_a_session(app, member):
    key = content(app, member)["key"]
    with app.app_context():
        row = db.session.scalars(sa.select(SignIn)).one()

        assert key not in {row.token_hash, row.browser, row.address}
        assert row.token_hash == SignIn.hash_of(key)
        assert len(key) == 43, "256 bits"


def test_the_account_lists_the_browsers_and_signs_one_out(app, member, bob):
    phone = app.test_client()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"
    form = {"email": "bob@example.org", "password": PASSWORD}
    phone.post("/sign-in", data=form, headers={"User-Agent": agent})
    page = member.get("/account").text
    assert "Safari on an iPhone" in page
    assert page.count("This browser") == 1
    (path,) = set(re.findall(r'action="(/account/sessions/\d+/end)', page))

    assert member.post(path).status_code == 303

    assert not is_signed_in(phone)
    assert is_signed_in(member)


def test_nobody_ends_the_session_of_somebody_else(app, member, stranger, mallory):
    with app.app_context():
        theirs = db.session.scalars(SignIn.of_user(mallory)).one().id

    assert member.post(f"/account/sessions/{theirs}/end").status_code == 404

    assert is_signed_in(stranger)


def test_more_browsers_than_anybody_has_end_the_oldest(context, bob):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    tokens = [sessions.begin(bob, SignInState.WHOLE, now) for _ in range(sessions.MOST + 1)]

    known = [sessions.known(token, now, LIFETIME) for token in tokens]

    assert [found is None for found in known] == [True] + [False] * sessions.MOST


def test_a_name_of_a_browser_that_hides_something_is_not_kept(app, bob):
    form = {"email": "bob@example.org", "password": PASSWORD}
    app.test_client().post("/sign-in", data=form, headers={"User-Agent": "x\u202e".encode()})

    with app.app_context():
        assert db.session.scalars(sa.select(SignIn.browser)).all() != ["x\u202e"]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_in_words(agent, words):
    assert browsers.in_words(agent) == words


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://draw.example", "__Host-drawpack"),
        ("https://draw.example/", "__Host-drawpack"),
        ("https://example.org/drawpack", "__Secure-drawpack"),
    ],
)
def test_over_https_the_cookie_is_bound_to_its_host(address, name):
    config = settings.load({"DRAWPACK_BASE_URL": address})

    assert (config["SESSION_COOKIE_NAME"], config["SESSION_COOKIE_SECURE"]) == (name, True)


def test_the_cookie_is_kept_from_scripts_and_other_sites(app, bob):
    form = {"email": "bob@example.org", "password": PASSWORD}
    app.config.update(settings.load({"DRAWPACK_BASE_URL": "https://draw.example"}) | {
        "SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"],
    })  # fmt: skip

    said = app.test_client().post("/sign-in", data=form).headers["Set-Cookie"]

    assert said.startswith("__Host-drawpack=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(said.split("; ")[1:])


@pytest.mark.parametrize("name", ["SESSION_IDLE_HOURS", "SESSION_DAYS"])
@pytest.mark.parametrize("value", ["0", "1000"])
def test_a_session_has_a_sensible_end(name, value):
    with pytest.raises(settings.SettingError, match=f"DRAWPACK_{name} must be between 1 and"):
        settings.load({f"DRAWPACK_{name}": value})


def test_who_it_is_takes_one_statement_in_each_request(client):
    with counted_statements() as statements:
        client.get("/account/two-factor")

    asked = [text for text in statements if "FROM sign_in" in text]
    assert len(asked) == 1
