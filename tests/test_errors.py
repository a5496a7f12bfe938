"""What a visitor sees when something fails."""

import pytest
import sqlalchemy as sa

from models import User, db
from tests.conftest import sign_in
from tests.databases import somebody_writing

SENTENCE = "Something went wrong on our side."


@pytest.fixture
def failing(app):
    """Adds an address whose view does what it is given; call it before the first request."""

    def add(view):
        app.testing = False
        app.add_url_rule("/fails", view_func=view, methods=["POST"])

    return add


def test_a_refused_statement_still_gets_its_page(app, failing, alice):
    def view():
        db.session.add(User(email="NOT@LOWER.CASE", name="", password_hash=""))
        db.session.flush()

    failing(view)

    answer = sign_in(app, "alice@example.org").post("/fails")

    assert answer.status_code == 500
    assert SENTENCE in answer.text
    assert "Alice Adams" in answer.text


def test_the_page_of_a_failure_waits_for_nobody_who_writes(app, failing, alice):
    def view():
        raise RuntimeError

    failing(view)
    browser = sign_in(app, "alice@example.org")

    with somebody_writing(app):
        answer = browser.post("/fails")

    assert answer.status_code == 500
    assert SENTENCE in answer.text


@pytest.mark.sqlite("its own limit; test_postgresql.py has the same")
def test_a_database_that_somebody_else_writes_for_long_is_said(app, client):
    def hurry(connection, _):
        connection.execute("PRAGMA busy_timeout = 50")

    with app.app_context():
        sa.event.listen(db.engine, "connect", hurry)
        db.engine.dispose()
    with somebody_writing(app):
        answer = client.post("/account/name", data={"name": "Alice"})
    assert answer.status_code == 503
    assert "Nothing of yours was changed; try again" in answer.text
