"""The pages of backups, as a browser asks for them."""

from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from binder.recipe import Recipe
from jobs.mail import send_backup_link
from models import Access, Backup, BackupStatus, Invoice, Project, db, utcnow
from services import backups
from services.formats import moment
from tests.backup_rows import NOW, add_invoice, ask, make_pdf, make_tower
from tests.conftest import join
from tests.factories import make_attachment, make_project

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(app):
    with app.app_context():
        tower = make_tower()
        invoice = add_invoice(tower, "SC-4")
        db.session.commit()
        return SimpleNamespace(id=tower.id, invoice_ids=[invoice.id])


@pytest.fixture
def home(project):
    return f"/projects/{project.id}/backups"


@pytest.fixture
def done(app, project, tmp_path):
    """Compiles a backup with one attachment; the address of its page."""

    def compile_one(**attachment):
        with app.app_context():
            invoice = db.session.get(Invoice, project.invoice_ids[0])
            content = make_pdf(tmp_path, "one", "two")
            make_attachment(invoice, content, **{"name": "a.pdf"} | attachment)
            backup = ask(project, invoice)
            assert backups.compile(backup.id).status == BackupStatus.DONE
            return f"/projects/{project.id}/backups/{backup.id}"

    return compile_one


@pytest.fixture
def reader(app, bob, member, project):
    """Bob's browser, who may only read this project."""
    with app.app_context():
        join(bob, project, Access.READ_ONLY)
        db.session.commit()
    return member


def form(project):
    return {"invoice": project.invoice_ids}


def change(app, **values):
    with app.app_context():
        db.session.execute(sa.update(Backup).values(**values))
        db.session.commit()


def test_compiling_leads_to_the_page_of_the_backup(client, project, home):
    answer = client.post(home, data=form(project))
    assert answer.status_code == 303
    assert answer.location == f"{home}/1"
    page = client.get(f"{home}/1").text
    assert "Waiting for its turn" in page
    assert "Subcontractor invoice backup - Harbor Tower - 24-017 - " in page


def test_a_tick_sends_the_backup_on_and_without_it_only_who_asked_is_told(
    app, client, project, home
):
    client.post(home, data=form(project))
    client.post(home, data=form(project) | {"send_on": "1"})
    with app.app_context():
        asked = sa.select(Backup.is_for_recipients).order_by(Backup.number)
        assert db.session.scalars(asked).all() == [False, True]


def test_htmx_is_sent_to_the_page_of_the_backup(client, project, home):
    answer = client.post(home, data=form(project), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{home}/1")


def test_a_blocked_selection_is_refused_with_the_findings(client, home):
    answer = client.post(home, data={})
    assert answer.status_code == 422
    assert "No invoice is selected" in answer.text
    assert "<html" in answer.text
    panel = client.post(home, data={}, headers=HTMX)
    assert panel.status_code == 422
    assert 'id="preflight"' in panel.text
    assert "<html" not in panel.text


def test_an_unfinished_page_asks_again_and_a_finished_one_does_not(app, client, project, home):
    client.post(home, data=form(project))
    waiting = client.get(f"{home}/1", headers=HTMX).text
    assert 'hx-trigger="load delay:1s' in waiting
    assert "<html" not in waiting
    with app.app_context():
        backups.compile(1)
    finished = client.get(f"{home}/1", headers=HTMX).text
    assert "hx-trigger" not in finished
    assert "Download" in finished


def test_without_javascript_the_unfinished_page_reloads_itself(app, client, project, home):
    client.post(home, data=form(project))
    assert '<noscript><meta http-equiv="refresh"' in client.get(f"{home}/1").text
    with app.app_context():
        backups.compile(1)
    assert "http-equiv" not in client.get(f"{home}/1").text


def test_progress_shows_step_documents_pages_and_a_bar(app, client, project, home):
    client.post(home, data=form(project))
    change(
        app,
        status="running",
        started_at=utcnow(),
        heartbeat_at=utcnow(),
        step="Adding invoice 3 of SC-9",
        documents_done=12,
        documents_total=50,
        pages_done=1340,
    )
    page = client.get(f"{home}/1").text
    for words in ("Adding invoice 3 of SC-9", "12 of 50 documents", "1,340 pages"):
        assert words in page
    assert '<progress aria-label="Documents done" max="50" value="12">' in page


def test_the_file_downloads_whole_in_parts_and_inline(client, done):
    url = done()
    whole = client.get(f"{url}/file", buffered=True)
    assert whole.data.startswith(b"%PDF-")
    assert whole.mimetype == "application/pdf"
    disposition = whole.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="Subcontractor invoice backup - Harbor')
    assert whole.headers["Cache-Control"] == "no-cache, private"

    part = client.get(f"{url}/file", headers={"Range": "bytes=0-4"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"%PDF-")
    assert (
        client.get(
            f"{url}/file", headers={"If-None-Match": whole.headers["ETag"]}, buffered=True
        ).status_code
        == 304
    )
    assert (
        client.get(f"{url}/file?inline=1", buffered=True)
        .headers["Content-Disposition"]
        .startswith("inline")
    )


def test_a_name_in_any_script_downloads(app, client, project, done):
    with app.app_context():
        db.session.get(Project, project.id).name = "港 “Tower”"
        db.session.commit()
    url = done()
    answer = client.get(f"{url}/file", buffered=True)
    assert answer.status_code == 200
    assert (
        "filename*=UTF-8''Subcontractor%20invoice%20backup%20-%20%E6%B8%AF"
        in (answer.headers["Content-Disposition"])
    )


def test_the_manifest_downloads_beside_it(client, done):
    url = done()
    answer = client.get(f"{url}/manifest", buffered=True)
    assert [entry["name"] for entry in answer.json["entries"]][1] == "a.pdf"
    assert ".json" in answer.headers["Content-Disposition"]


def test_the_finished_page_tells_the_facts_and_what_is_in_it(app, client, done):
    url = done()
    page = client.get(url).text
    with app.app_context():
        backup = db.session.get(Backup, 1)
        assert backup.sha256 in page
    assert "Aug 31, 2026, 2:05 PM" in page
    assert "The command line" in page
    assert f'src="{url}/file?inline=1"' in page
    assert f"{url}/file?inline=1#page=" in page


def test_what_was_left_out_is_named_with_its_reason(client, project, done):
    page = client.get(done(name="quotes.pdf", is_left_out=True)).text
    assert "Left out" in page
    assert "quotes.pdf" in page
    assert "decision of this project" in page


def test_a_removed_file_is_said_and_not_an_error(app, client, done):
    url = done()
    with app.app_context():
        backups.pdf_of(db.session.get(Backup, 1)).unlink()
    assert "no longer on the server" in client.get(url).text
    assert client.get(f"{url}/file", buffered=True).status_code == 404
    assert client.get(f"{url}/manifest", buffered=True).status_code == 404


def test_cancelling_a_waiting_backup_ends_it(client, project, home):
    client.post(home, data=form(project))
    assert client.post(f"{home}/1/cancel").location == f"{home}/1"
    page = client.get(f"{home}/1").text
    assert "was cancelled" in page
    assert "Run again" in page


def test_a_failed_backup_says_why_and_runs_again(app, client, project, home):
    client.post(home, data=form(project))
    change(app, status="failed", error="The disk is full.", finished_at=utcnow())
    assert "The disk is full." in client.get(f"{home}/1").text
    answer = client.post(f"{home}/1/run-again")
    assert answer.location == f"{home}/2"


def test_running_again_what_is_blocked_now_shows_the_findings(app, client, project, home):
    client.post(home, data=form(project))
    with app.app_context():
        db.session.execute(sa.update(Invoice).values(period_id=None))
        db.session.commit()
    answer = client.post(f"{home}/1/run-again")
    assert answer.status_code == 422
    assert "has no billing period" in answer.text


def test_deleting_asks_first_and_then_removes_the_row(client, done):
    url = done()
    question = client.get(f"{url}/delete").text
    assert "Delete backup 1?" in question
    answer = client.post(f"{url}/delete", follow_redirects=True)
    assert "Backup 1 was deleted." in answer.text
    assert client.get(url).status_code == 404


def test_an_unfinished_backup_is_not_deleted(client, project, home):
    client.post(home, data=form(project))
    assert "Cancel it first" in client.get(f"{home}/1/delete").text
    assert client.post(f"{home}/1/delete").status_code == 422


def test_the_list_shows_each_backup_newest_first(client, project, home, done):
    assert "No backup yet" in client.get(home).text
    done()
    client.post(home, data=form(project))
    page = client.get(home).text
    assert page.index(f"{home}/2") < page.index(f"{home}/1/file")
    for words in ("Queued", "Done", "Alice Adams", "The command line"):
        assert words in page


def test_the_list_takes_the_same_statements_for_one_backup_and_for_ten(app, client, project, home):
    def statements():
        seen = []
        note = lambda *args: seen.append(args[2])  # noqa: E731
        with app.app_context():
            sa.event.listen(db.engine, "before_cursor_execute", note)
            client.get(home)
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    client.post(home, data=form(project))
    one = statements()
    for _ in range(9):
        client.post(home, data=form(project))
    assert statements() == one


def test_a_stranger_sees_nothing(stranger, project, home, done):
    url = done()
    for address in (home, url, f"{url}/file", f"{url}/manifest", f"{url}/delete"):
        assert stranger.get(address).status_code == 404
    for address in (home, f"{url}/cancel", f"{url}/run-again", f"{url}/delete"):
        assert stranger.post(address, data=form(project)).status_code == 404


def test_a_member_sees_and_downloads_but_changes_nothing(reader, project, home, done):
    url = done()
    page = reader.get(url).text
    assert "Download" in page
    assert "Run again" not in page
    assert reader.get(f"{url}/file", buffered=True).status_code == 200
    assert "Delete" not in reader.get(home).text
    for address in (home, f"{url}/cancel", f"{url}/run-again", f"{url}/delete"):
        assert reader.post(address, data=form(project)).status_code == 403


def test_a_backup_of_another_project_is_not_found_here(app, client, project, done):
    url = done()
    with app.app_context():
        other = make_project(number="other")
        db.session.commit()
        elsewhere = url.replace(f"/projects/{project.id}/", f"/projects/{other.id}/")
    assert client.get(elsewhere).status_code == 404


def test_without_a_mail_server_administrators_read_the_mails(app, client, stranger, project, home):
    app.config["MAIL_SERVER"] = ""
    client.post(home, data=form(project))
    assert "No mail" in client.get("/outbox").text
    with app.app_context():
        backups.compile(1)
        send_backup_link(1)
        [path] = (app.config["DATA_DIR"] / "outbox").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["To"] == "alice@example.org"
    page = client.get("/outbox").text
    assert mail["Subject"] in page
    said = moment(mail["Date"].datetime, mail["Date"].datetime.tzinfo)
    assert said in page
    assert mail["Date"] not in page
    shown = client.get(f"/outbox/{path.name}").text
    assert f"{app.config['BASE_URL']}{home}/1" in shown
    assert said in shown
    assert "In the outbox" in client.get(f"{home}/1").text
    assert client.get("/outbox/..%2Fsecret-key").status_code == 404
    assert stranger.get("/outbox").status_code == 404
    assert stranger.get(f"/outbox/{path.name}").status_code == 404


def test_volumes_and_originals_are_offered_one_by_one(app, client, project, tmp_path):
    with app.app_context():
        invoice = db.session.get(Invoice, project.invoice_ids[0])
        make_attachment(invoice, make_pdf(tmp_path, "one", "two"), name="slip.pdf")
        db.session.commit()
        recipe = Recipe(volume_pages=5, originals=True)
        backup = backups.request(project.id, [invoice.id], None, NOW, recipe)
        assert backups.compile(backup.id).status == BackupStatus.DONE
        names = [file.path.name for file in backups.files_of(backup)]
        url = f"/projects/{project.id}/backups/{backup.id}"
    page = client.get(url).text
    for number, name in enumerate(names, 1):
        assert f"Volume {number} of {len(names)}" in page
        answer = client.get(f"{url}/file?volume={number}", buffered=True)
        assert answer.data.startswith(b"%PDF-")
        assert f"volume {number} of {len(names)}.pdf" in answer.headers["Content-Disposition"]
        assert name.endswith(f"volume {number} of {len(names)}.pdf")
    assert client.get(f"{url}/file?volume=99").status_code == 404
    zipped = client.get(f"{url}/originals", buffered=True)
    assert zipped.data.startswith(b"PK")
    assert f"{url}/originals" in page
    assert client.get(f"{url}/manifest", buffered=True).json["volumes"][1]["name"] == names[1]


def test_a_backup_without_originals_offers_none(client, done):
    url = done()
    assert "originals" not in client.get(url).text
    assert client.get(f"{url}/originals").status_code == 404


@pytest.fixture
def two(app, client, home, project, done, tmp_path):
    """Two finished backups, the later one with another invoice page and another attachment."""
    done()
    with app.app_context():
        invoice = db.session.get(Invoice, project.invoice_ids[0])
        make_attachment(invoice, make_pdf(tmp_path, "three"), name="later.pdf")
        backup = ask(project, invoice)
        assert backups.compile(backup.id).status == BackupStatus.DONE
    return f"{home}/compare"


def test_two_backups_are_compared_and_linked_where_there_are_two(client, home, two):
    page = client.get(f"{two}?from=1&to=2").text
    assert "<strong>1 new</strong>, 2 documents the same" in page
    assert "later.pdf" in page
    assert "a.pdf" not in page
    assert client.get(two).text == page
    assert f'href="{two}"' in client.get(home).text
    assert "/compare?from=1&amp;to=2" in client.get(f"{home}/2").text
    assert "/compare" not in client.get(f"{home}/1").text
    backwards = client.get(f"{two}?from=2&to=1").text
    assert "<strong>1 removed</strong>" in backwards


def test_a_backup_and_itself_hold_the_same_documents(client, two):
    page = client.get(f"{two}?from=2&to=2").text
    assert "The two hold the same documents." in page
    assert "<table" not in page


@pytest.mark.parametrize(
    "wrong", ["from=9&to=2", "to=9", "to=x", "from=-1", "to=9999999999", "to=²"]
)
def test_a_number_that_is_no_finished_backup_is_said(client, two, wrong):
    answer = client.get(f"{two}?{wrong}")
    assert answer.status_code == 200
    assert "This project has no finished backup “" in answer.text


def test_comparing_takes_two_finished_backups(app, client, project, home, done):
    assert "has no finished backup yet" in client.get(f"{home}/compare").text
    done()
    client.post(home, data=form(project))
    page = client.get(f"{home}/compare").text
    assert "There is no finished backup before backup 1." in page
    assert "no finished backup “2”" in client.get(f"{home}/compare?from=1&to=2").text
    assert "/compare" not in client.get(home).text


def test_who_may_not_see_a_contract_compares_no_backup_of_it(app, reader, stranger, project, two):
    assert "later.pdf" in reader.get(two).text
    assert stranger.get(two).status_code == 404
    with app.app_context():
        db.session.get(Invoice, project.invoice_ids[0]).contract.is_private = True
        db.session.commit()
    page = reader.get(f"{two}?from=1&to=2").text
    assert "This project has no finished backup “1”." in page
    assert "<option" not in page
    assert "later.pdf" not in page
