"""The JSON API: who may do what, what is refused and how, and a backup from start to file."""

import json
import re
import shlex
import shutil
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from models import Access, ApiToken, AuditEntry, Backup, Invoice, Project, User, db, utcnow
from services import api_tokens, sheets
from services.api_tokens import PREFIX, Scope
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.pdfs import write_pdf

PAGE = Path(__file__).parents[1] / "docs" / "api.md"


def token_for(app, user_id, scopes=tuple(Scope), days=30):
    with app.app_context():
        user = db.session.get_one(User, user_id)
        return api_tokens.create(user, "Script", scopes, days, utcnow())


class Program:
    """Calls the API with a token, as a script would: no cookies."""

    def __init__(self, app, token):
        self._client = app.test_client(use_cookies=False)
        self._token = token

    def ask(self, method, path, **values):
        headers = {"Authorization": f"Bearer {self._token}", **values.pop("headers", {})}
        return self._client.open(f"/api/v1{path}", method=method, headers=headers, **values)

    def get(self, path, **values):
        return self.ask("GET", path, **values)

    def post(self, path, **values):
        return self.ask("POST", path, **values)


@pytest.fixture
def rows(app):
    """Ids of a project with an approved invoice and its backup, by the names in addresses."""
    with app.app_context():
        project = make_project(number="P-7", name="Harbor Point")
        contract = make_contract(project, number="SC-7")
        period = make_period(project, is_open=True)
        invoice = make_invoice(contract, period=period, number="A-1", status="approved")
        line = make_line(contract, item="1")
        make_invoice_line(invoice, line, work_this_period=1_234_50)
        make_attachment(invoice, b"%PDF-1.7 not really", name="ticket.pdf", is_left_out=True)
        sheets.recalculate([contract.id])
        db.session.commit()
        return {
            "project_id": project.id,
            "contract_id": contract.id,
            "invoice_id": invoice.id,
            "backup_id": 1,
        }


@pytest.fixture
def program(app, alice):
    return Program(app, token_for(app, alice))


@pytest.fixture
def project(rows):
    return f"/projects/{rows['project_id']}"


def routes(app):
    """(method, rule) of every address of the API but its description."""
    found = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and not rule.endpoint.startswith("api-docs")
    ]
    assert len(found) > 10
    return found


def address(rule, ids):
    _, path = rule.build({name: ids[name] for name in rule.arguments})
    return path.removeprefix("/api/v1")


def problem(answer):
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.json["detail"]


@pytest.mark.parametrize("given", ["", "Basic YTpi", "Bearer", "Bearer drawpack_nonsense"])
def test_without_a_good_token_nothing_answers(app, client, rows, given):
    # The browser's session is none for programs, so that no foreign page can use it.
    for method, rule in routes(app):
        path = f"/api/v1{address(rule, rows)}"
        answer = client.open(path, method=method, headers={"Authorization": given})
        assert (answer.status_code, rule.rule) == (401, rule.rule)
        assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
        problem(answer)


def test_a_token_is_no_key_to_the_pages(app, alice, rows):
    headers = {"Authorization": f"Bearer {token_for(app, alice)}"}
    answer = app.test_client().get("/projects", headers=headers)
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/projects")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: setattr(row, "expires", utcnow() - timedelta(seconds=1)),
        lambda row: setattr(row.user, "is_active", False),
        db.session.delete,
    ],
)
def test_an_expired_or_revoked_token_is_refused_at_once(app, program, spoil):
    assert program.get("/projects").status_code == 200
    with app.app_context():
        spoil(db.session.scalars(sa.select(ApiToken)).one())
        db.session.commit()
    assert program.get("/projects").status_code == 401


def test_a_stranger_finds_nothing_below_a_project(app, mallory, rows):
    stranger = Program(app, token_for(app, mallory))
    assert stranger.get("/projects").json == []
    for method, rule in routes(app):
        if rule.arguments:
            answer = stranger.ask(method, address(rule, rows), **sent(rule))
            assert (answer.status_code, rule.rule, method) == (404, rule.rule, method)


def sent(rule):
    """What an address takes, well formed."""
    if rule.rule.endswith("/attachments"):
        return {"data": {"file": (BytesIO(b"%PDF-1.7"), "a.pdf")}}
    return {"json": {"all": True}}


def test_a_member_who_may_only_read_is_refused_what_changes_something(app, bob, rows, project):
    with app.app_context():
        join(bob, db.session.get_one(Project, rows["project_id"]), Access.READ_ONLY)
        db.session.commit()
    reader = Program(app, token_for(app, bob))
    assert reader.get(f"{project}/invoices").status_code == 200
    assert reader.post(f"{project}/preflight", json={"all": True}).status_code == 200
    files = f"{project}/invoices/{rows['invoice_id']}/attachments"
    assert reader.post(files, data={"file": (BytesIO(b"x"), "a.pdf")}).status_code == 403
    answer = reader.post(f"{project}/backups", json={"all": True})
    assert answer.status_code == 403
    assert problem(answer) == "Only an administrator of this project may do that."


def test_each_scope_opens_only_its_own(app, alice, rows, project):
    uploads = f"{project}/invoices/{rows['invoice_id']}/attachments"
    for scope, answers in {
        Scope.READ: (200, 403, 403),
        Scope.UPLOAD: (403, 201, 403),
        Scope.COMPILE: (403, 403, 202),
    }.items():
        limited = Program(app, token_for(app, alice, [scope]))
        upload = {"file": (BytesIO(b"%PDF-1.7"), "a.pdf")}
        assert answers == (
            limited.get(project).status_code,
            limited.post(uploads, data=upload).status_code,
            limited.post(f"{project}/backups", json={"all": True}).status_code,
        ), scope


def test_lists_come_in_pages_and_tell_how_many(program, project):
    answer = program.get(f"{project}/invoices?page_size=1")
    (invoice,) = answer.json
    assert (invoice["contract"], invoice["position"], invoice["number"]) == ("SC-7", 1, "A-1")
    assert invoice["gross_this_period"] == "1234.50"
    assert invoice["period"]["status"] == "open"
    told = json.loads(answer.headers["X-Pagination"])
    assert (told["total"], told["total_pages"]) == (1, 1)
    assert program.get(f"{project}/invoices?status=draft").json == []
    assert [row["name"] for row in program.get("/projects").json] == ["Harbor Point"]
    assert [row["company"] for row in program.get(f"{project}/contracts").json]
    assert [row["status"] for row in program.get(f"{project}/billing-periods").json] == ["open"]


@pytest.mark.parametrize("query", ["page=0", "page_size=1000000", "status=paid", "period_id=x"])
def test_a_wrong_query_is_told_by_field(program, project, query):
    answer = program.get(f"{project}/invoices?{query}")
    assert answer.status_code == 422
    problem(answer)
    assert query.split("=")[0] in json.dumps(answer.json["errors"])


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"invoices": [999]}, "This project has no invoice 999."),
        ({"contracts": ["SC-9"]}, "This project has no contract SC-9."),
        ({"invoices": ["1"]}, "The request is not valid."),
        ({"invoices": [10**30]}, "The request is not valid."),
        ({"all": "maybe"}, "The request is not valid."),
        ({"nonsense": 1}, "The request is not valid."),
        ([], "The request is not valid."),
    ],
)
def test_a_wrong_selection_is_refused_with_a_sentence(program, project, body, detail):
    for name in ("preflight", "backups"):
        answer = program.post(f"{project}/{name}", json=body)
        assert (answer.status_code, problem(answer)) == (422, detail)


def test_a_blocked_backup_tells_the_findings_and_queues_nothing(app, program, rows, project):
    with app.app_context():
        db.session.get_one(Invoice, rows["invoice_id"]).period_id = None
        db.session.commit()
    answer = program.post(f"{project}/backups", json={"contracts": ["SC-7"]})
    assert answer.status_code == 422
    assert [finding["code"] for finding in answer.json["blocking"]] == ["no_period"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Backup.id))) == 0


def test_a_repeated_post_is_done_once(app, program, project):
    key = {"Idempotency-Key": "august-1"}
    first = program.post(f"{project}/backups", json={"all": True}, headers=key)
    again = program.post(f"{project}/backups", json={"all": True}, headers=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (first.json, first.location) == (again.json, again.location)
    other = program.post(f"{project}/backups", json={"contracts": ["SC-7"]}, headers=key)
    assert other.status_code == 422
    assert "another request" in problem(other)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Backup.id))) == 1


def test_a_repeated_upload_is_known_by_its_bytes_not_by_its_boundary(app, program, rows, project):
    url = f"{project}/invoices/{rows['invoice_id']}/attachments"
    key = {"Idempotency-Key": "scan-1"}
    for _ in range(2):
        answer = program.post(
            url, data={"file": (BytesIO(b"%PDF-1.7 one"), "scan.pdf")}, headers=key
        )
        assert (answer.status_code, answer.json["name"]) == (201, "scan.pdf")
    other = program.post(url, data={"file": (BytesIO(b"%PDF-1.7 two"), "scan.pdf")}, headers=key)
    assert other.status_code == 422
    assert [row["name"] for row in program.get(url).json] == ["ticket.pdf", "scan.pdf"]


def test_what_was_refused_may_be_tried_again_with_the_same_key(program, project):
    key = {"Idempotency-Key": "k"}
    refused = program.post(f"{project}/backups", json={"contracts": ["SC-9"]}, headers=key)
    assert refused.status_code == 422
    assert program.post(f"{project}/backups", json={"all": True}, headers=key).status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_cannot_be_kept_is_refused(program, project, key):
    headers = {"Idempotency-Key": key}
    answer = program.post(f"{project}/backups", json={"all": True}, headers=headers)
    assert answer.status_code == 400


def test_an_upload_that_is_refused_says_why(program, rows, project):
    url = f"{project}/invoices/{rows['invoice_id']}/attachments"
    empty = program.post(url, data={"file": (BytesIO(b""), "empty.pdf")})
    assert "“empty.pdf” is empty." in problem(empty)
    none = program.post(url, data={})
    assert (none.status_code, problem(none)) == (422, "The request is not valid.")


def test_a_token_is_shown_once_listed_and_removed_on_the_account_page(app, client):
    page = client.post("/account/tokens", data={"name": "Monthly", "scope": ["read"], "days": "90"})
    token = re.search(rf"{PREFIX}[\w-]+", page.text)[0]
    assert page.headers["Cache-Control"] == "no-store"
    assert Program(app, token).get("/projects").status_code == 200
    listed = client.get("/account/tokens").text
    assert "Monthly" in listed
    assert token not in listed
    with app.app_context():
        assert token not in {row.token_hash for row in db.session.scalars(sa.select(ApiToken))}
        noted = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert "token.created" in noted
    assert client.post("/account/tokens/1/revoke").status_code == 303
    assert Program(app, token).get("/projects").status_code == 401


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"scope": ["read"], "days": "90"}, "Give the token a name"),
        ({"name": "x", "days": "90"}, "Choose what the token may do."),
        ({"name": "x", "scope": ["everything"], "days": "90"}, "Choose what the token may do."),
        ({"name": "x", "scope": ["read"], "days": "100000"}, "Choose how long"),
    ],
)
def test_a_token_needs_a_name_a_scope_and_an_end(client, form, sentence):
    answer = client.post("/account/tokens", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_nobody_removes_the_token_of_another(app, client, bob):
    token_for(app, bob)
    assert client.post("/account/tokens/1/revoke").status_code == 404


def test_the_script_of_the_documentation_compiles_a_backup(
    app, alice, rows, server, worker, tmp_path
):
    script = re.search(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
    script = script.replace("https://drawpack.example.org", server)
    (tmp_path / "lien waiver.pdf").write_bytes(
        write_pdf(tmp_path / "x.pdf", ["Waiver"]).read_bytes()
    )
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(shutil.which('curl')).parent}:/usr/bin:/bin",
            "TOKEN": token_for(app, alice),
            "PROJECT": shlex.quote(str(rows["project_id"])),
            "INVOICE": str(rows["invoice_id"]),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    texts = [page.extract_text() for page in PdfReader(tmp_path / "backup.pdf").pages]
    assert any("Waiver" in text for text in texts)


@pytest.mark.parametrize("page", [0, 10**9, 10**18, 10**30])
def test_a_page_that_no_list_has_is_empty_or_refused(program, project, page):
    assert program.get(f"{project}/backups?page={page}").status_code in {200, 422}


def test_the_description_names_every_address_and_its_refusals(app, program):
    described = program.get("/openapi.json").json["paths"]
    for method, rule in routes(app):
        path = re.sub(r"<int:(\w+)>", r"{\1}", rule.rule)
        answers = described[path][method.lower()]["responses"]
        assert {"401", "403"} <= answers.keys(), path
