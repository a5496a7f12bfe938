"""The first administrator, signing in and out."""

import re
from threading import Thread

import pytest
from werkzeug.security import generate_password_hash

from models import User, db
from services import users
from tests.conftest import PASSWORD, sign_in, wait_for
from tests.databases import may_write, observer

FIRST = {"email": "Ada@Example.org", "name": "Ada", "password": "a long enough one"}


@pytest.fixture
def key(app):
    with app.app_context():
        return users.setup_key()


def test_the_first_visit_leads_to_the_setup_page(app):
    client = app.test_client()

    answer = client.get("/", follow_redirects=True)

    assert answer.request.path == "/setup"
    assert "Create the first administrator" in answer.text


def test_the_key_from_the_terminal_creates_the_administrator_and_signs_in(app, key):
    client = app.test_client()

    answer = client.post("/setup", data=FIRST | {"key": key}, follow_redirects=True)

    assert answer.request.path == "/projects"
    with app.app_context():
        user = db.session.scalar(User.named("ada@example.org"))
        assert user.is_administrator
        assert not users.setup_key_file().exists()


def test_a_wrong_key_creates_nobody_and_keeps_what_was_typed(app, key):
    answer = app.test_client().post("/setup", data=FIRST | {"key": key + "x"})

    assert answer.status_code == 422
    assert "not the key" in answer.text
    assert "Ada@Example.org" in answer.text
    with app.app_context():
        assert not User.exist()


def test_the_setup_page_closes_once_somebody_exists(app, key, alice):
    client = app.test_client()

    assert client.get("/setup").location == "/sign-in"
    assert client.post("/setup", data=FIRST | {"key": key}).status_code == 422


def test_no_key_that_is_made_later_opens_a_second_account(app, alice):
    with app.app_context():
        fresh = users.setup_key()

    answer = app.test_client().post("/setup", data=FIRST | {"key": fresh})

    assert "exists already" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "not an address", "is not an e-mail address"),
        ("email", "", "is not an e-mail address"),
        ("email", "sam@example.org\r\nBcc: eve@example.org", "is not an e-mail address"),
        ("email", "sam\x00@example.org", "is not an e-mail address"),
        ("email", "sam\u202e@example.org", "is not an e-mail address"),
        ("password", "short", "at least 10 characters"),
    ],
)
def test_an_unusable_account_is_refused_in_a_sentence(app, key, field, value, sentence):
    answer = app.test_client().post("/setup", data=FIRST | {"key": key, field: value})

    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_wrong_password_is_refused_and_does_not_say_which_was_wrong(app, alice):
    client = app.test_client()

    wrong = client.post("/sign-in", data={"email": "alice@example.org", "password": "no"})
    nobody = client.post("/sign-in", data={"email": "nobody@example.org", "password": "no"})

    assert (wrong.status_code, nobody.status_code) == (422, 422)
    sentence = "This e-mail address and password do not belong together."
    assert sentence in wrong.text
    assert sentence in nobody.text


def test_signing_in_leads_to_the_page_that_was_asked_for(app, alice):
    client = app.test_client()
    asked = client.get("/projects?x=1")

    answer = client.post(asked.location, data={"email": "alice@example.org", "password": PASSWORD})

    assert answer.location == "/projects?x=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(app, alice, target):
    credentials = {"email": "alice@example.org", "password": PASSWORD}

    answer = app.test_client().post("/sign-in", query_string={"next": target}, data=credentials)

    assert answer.location == "/projects"


def test_signing_out_ends_the_session(client):
    client.post("/sign-out")

    assert client.get("/projects").location.startswith("/sign-in")


def test_a_form_without_the_csrf_token_is_refused(environment, app, alice):
    app.config["WTF_CSRF_ENABLED"] = True

    answer = app.test_client().post(
        "/sign-in", data={"email": "alice@example.org", "password": PASSWORD}
    )

    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_every_answer_carries_the_security_headers(client):
    headers = client.get("/projects").headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_person_without_projects_sees_none(app, mallory, context):
    answer = sign_in(app, "mallory@example.org").get("/projects")

    assert "No project yet" in answer.text


def test_the_command_creates_an_account(app):
    result = app.test_cli_runner().invoke(
        args=["user", "create", "bob@example.org"],
        env={"DRAWPACK_PASSWORD": "a long enough one"},
    )

    assert result.output == "Created bob@example.org.\n"
    assert sign_in_works(app, "bob@example.org", "a long enough one")


def test_the_command_refuses_a_bad_address_before_it_asks_for_a_password(app):
    result = app.test_cli_runner().invoke(args=["user", "create", "bob at example"])

    assert result.exit_code == 64
    assert "“bob at example” is not an e-mail address." in result.output
    assert "Password" not in result.output


def test_a_command_says_so_when_the_database_is_of_another_version(app):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE project RENAME COLUMN number TO no")
    result = app.test_cli_runner().invoke(args=["invoice", "show", "P-1", "SC-1", "1"])

    assert result.exit_code == 1
    said = re.search(r"database \S+ cannot be used: .*column.* project\.number", result.output)
    assert said, result.output
    assert "start this one (make run)" in result.output


def test_the_command_refuses_a_second_account_of_that_address(app, alice):
    result = app.test_cli_runner().invoke(
        args=["user", "create", "alice@example.org"],
        env={"DRAWPACK_PASSWORD": "a long enough one"},
    )

    assert result.exit_code == 1
    assert "There is an account for alice@example.org already." in result.output


def sign_in_works(app, email, password):
    answer = app.test_client().post("/sign-in", data={"email": email, "password": password})
    return answer.status_code == 303


def test_a_late_try_at_the_setup_page_makes_no_new_key(app, alice):
    app.test_client().post("/setup", data=FIRST | {"key": "guessed"})

    assert not (app.config["DATA_DIR"] / "setup-key").exists()


def test_nobody_who_writes_waits_for_a_password_to_be_compared(app, alice):
    with app.app_context():
        # A hash that takes a second to compare.
        costly = generate_password_hash(PASSWORD, "pbkdf2:sha256:2000000")
        db.session.get(User, alice).password_hash = costly
        db.session.commit()
    with observer(app) as other:
        signing_in = Thread(target=sign_in, args=(app, "alice@example.org"))
        signing_in.start()
        wait_for(lambda: other.execute("SELECT count(*) FROM attempt").fetchone()[0], what="a try")

        wait_for(lambda: may_write(other), what="the write lock", seconds=0.5)

        assert signing_in.is_alive()
        signing_in.join()


def test_signing_in_leads_back_to_the_page_with_its_query(app):
    answer = app.test_client().get("/projects/1/invoicing?q=steel&sort=-net")

    assert answer.location == "/sign-in?next=/projects/1/invoicing?q%3Dsteel%26sort%3D-net"


def test_who_was_signed_out_elsewhere_gets_the_whole_sign_in_page(app):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/projects/1/backups/2"}

    answer = app.test_client().get("/projects/1/backups/2", headers=headers)

    assert answer.text == ""
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/projects/1/backups/2"


def test_what_was_posted_is_not_opened_after_signing_in(app, alice):
    browser = app.test_client()
    answer = browser.post("/projects/1/backups/2/cancel")

    assert answer.location == "/sign-in?lost=1"
    assert "so nothing was saved" in browser.get(answer.location).text
