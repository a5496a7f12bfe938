"""Requests have ids that follow into their jobs; logs are lines that keep secrets."""

import json
import logging
import re

import pytest
import sqlalchemy as sa

from app import create_app
from models import BackupLink, db, utcnow
from services import api_tokens, tracing
from services.api_tokens import Scope
from services.delivery import links
from settings import SettingError, load
from tests.backup_rows import make_backup
from tests.factories import make_project


@pytest.fixture
def lines(client, capsys):
    """What is written to standard error once Alice has signed in, by lines."""
    capsys.readouterr()
    said = []

    def read():
        said.extend(capsys.readouterr().err.splitlines())
        return said

    return read


@pytest.fixture
def json_lines(lines):
    tracing.set_up("json")
    yield lambda: [json.loads(line) for line in lines()]
    tracing.set_up("text")


def test_each_answer_names_its_request_and_so_does_its_line(client, json_lines):
    first, second = client.get("/projects"), client.get("/nowhere")

    ids = [answer.headers["X-Request-ID"] for answer in (first, second)]
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in ids)
    assert ids[0] != ids[1]
    said = json_lines()
    assert [line["request"] for line in said] == ids
    assert [(line["message"], line["status"]) for line in said] == [
        ("GET /projects", 200),
        ("GET /nowhere", 404),
    ]
    assert tracing.request_id() == ""


def test_only_a_declared_proxy_names_a_request_and_only_sanely(app):
    def answered(given):
        headers = {"X-Request-ID": given}
        return app.test_client().get("/health/live", headers=headers).headers["X-Request-ID"]

    assert answered("from-a-visitor") != "from-a-visitor"
    app.config["PROXIES"] = 1
    assert answered("from-a-proxy.1") == "from-a-proxy.1"
    for strange in ("short", "x" * 65, "a b c d e f g", "<script>alert", "Ünïcödë-id"):
        assert re.fullmatch("[0-9a-f]{16}", answered(strange.encode().decode("latin-1")))


def test_a_failure_shows_its_number_to_people_and_programs(app, client, lines, monkeypatch):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken():
        raise RuntimeError("https://h/b/AAAAAAAAAAAAAAAAAAAA failed\nand forged a line")

    app.view_functions["projects.index"] = broken
    page = client.get("/projects")
    assert page.status_code == 500
    assert page.headers["X-Request-ID"] in page.text

    swapped = client.get("/projects", headers={"HX-Request": "true"})
    assert swapped.headers["X-Request-ID"] in swapped.text
    said = "\n".join(lines())
    assert "AAAAAAAA" not in said
    # The traceback is indented, so that every line that begins with a time is an event.
    assert "\n    RuntimeError: https://h/b/… failed" in said
    assert f"request={page.headers['X-Request-ID']}" in said


def test_no_line_holds_what_opens_something(app, client, lines):
    with app.app_context():
        backup = make_backup(make_project())
        db.session.commit()
        link = links.create(backup, utcnow())
        address = links.url_of(link)
        person = db.session.scalar(sa.text('SELECT id FROM "user"'))
        token = api_tokens.create(
            db.session.get_one(api_tokens.User, person),
            "Script",
            [Scope.READ],
            next(iter(api_tokens.LIFETIMES)),
            utcnow(),
        )
        assert db.session.scalar(sa.select(sa.func.count(BackupLink.id)))
    secret = address.rpartition("/")[2]
    for path in (f"/b/{secret}", f"/b/{secret}/file", f"/u/{secret}", f"/password-reset/{secret}"):
        app.test_client().get(path)
    client.get(f"/setup?key={secret}")
    client.get("/api/projects", headers={"Authorization": f"Bearer {token}"})
    for text in (f"Bearer {token}", f"token={secret}&x=1", f"redis://me:{secret}@h/0", token):
        logging.getLogger("anybody").warning("said %s", text)

    said = "\n".join(lines())
    assert "GET /b/…/file" in said
    assert "x=1" in said
    assert secret not in said
    assert token not in said


def test_every_address_with_a_token_is_masked(app):
    places = {
        rule.rule.split("/<token>")[0].lstrip("/")
        for rule in app.url_map.iter_rules()
        if "token" in rule.arguments
    }
    assert places == set(tracing.TOKEN_PLACES)


def test_a_name_with_a_line_break_forges_no_line(client, lines):
    client.get("/projects/%0A2026-11-22T00:00:00Z%20INFO%20drawpack.request%20GET%20/forged")
    logging.getLogger("anybody").warning("a\nb\u202ec\x1b[31m")

    assert len(lines()) == 2
    assert "a\\nb\\u202ec\\x1b[31m" in lines()[1]


def test_the_id_of_a_request_follows_into_its_job_and_its_mail(
    app, client, work, environment, smtp
):
    environment["DRAWPACK_LOG_FORMAT"] = "json"
    answer = app.test_client().post("/password-reset", data={"email": "alice@example.org"})
    assert answer.status_code in {200, 303}

    ended = [json.loads(line) for line in work().stderr.splitlines()]

    assert len(smtp.messages) == 1
    asked = answer.headers["X-Request-ID"]
    by_logger = {line["logger"]: line for line in ended if line.get("request") == asked}
    assert by_logger["drawpack.mail"]["message"] == "mail handed over"
    assert by_logger["drawpack.job"]["message"] == "send done"
    assert by_logger["drawpack.mail"]["job"] == by_logger["drawpack.job"]["job"]
    assert "alice@example.org" not in json.dumps(ended)


def test_the_form_of_the_lines_is_a_setting():
    assert load({"DRAWPACK_LOG_FORMAT": "JSON"})["LOG_FORMAT"] == "json"
    with pytest.raises(SettingError, match="DRAWPACK_LOG_FORMAT must be text or json"):
        load({"DRAWPACK_LOG_FORMAT": "xml"})
    with pytest.raises(SettingError, match="DRAWPACK_METRICS_TOKEN must have at least 16"):
        load({"DRAWPACK_METRICS_TOKEN": "short"})


def test_an_application_made_twice_writes_each_line_once(app, lines):
    other = create_app({"DATA_DIR": app.config["DATA_DIR"]})
    logging.getLogger("anybody").warning("once")
    other.extensions["redis"].close()

    assert len(lines()) == 1
