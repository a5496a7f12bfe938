"""Importing a project in the browser: upload, look, confirm; and what keeps it from going wrong."""

import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

import demo
from jobs import imports
from models import Backup, BackupStatus, ImportJob, ImportStatus, Invoice, Project, db, utcnow
from models.import_job import KEPT_FOR
from services import import_jobs, import_uploads, storage
from services.importing import import_project
from tests.axe import assert_accessible
from tests.conftest import PASSWORD
from tests.factories import make_project
from tests.test_importing import EXAMPLE
from tests.workbooks import book_of

FORM = "/projects/import"


@pytest.fixture
def folder(tmp_path):
    """A copy of the example to spoil."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "Library"))


def zipped(folder, name="Library.zip"):
    path = shutil.make_archive(str(folder.parent / "packed"), "zip", folder.parent, folder.name)
    return BytesIO(Path(path).read_bytes()), name


def upload(client, *files):
    """Returns the address of the upload's page."""
    answer = client.post(FORM, data={"files": list(files)})
    assert answer.status_code == 303
    return answer.location


def the_job(app):
    with app.app_context():
        return db.session.scalars(ImportJob.newest_first()).first()


def confirm(client, page, **data):
    return client.post(f"{page}/confirm", data=data)


def numbers(app):
    with app.app_context():
        return db.session.scalars(sa.select(Project.number)).all()


def test_an_upload_is_checked_shown_confirmed_and_imported(client, app, work, folder):
    page = upload(client, zipped(folder))
    assert "Waiting for its turn" in client.get(page).text
    work()
    text = client.get(page).text
    assert "EX-1 Library Annex" in text
    assert "Ready to import" in text
    assert "hx-get" not in text
    assert numbers(app) == []

    assert confirm(client, page).status_code == 303
    work()
    text = client.get(page).text
    assert "Project EX-1 was imported." in text
    assert f"/projects/{the_job(app).project_id}/invoicing" in text
    assert list((app.config["DATA_DIR"] / "imports").iterdir()) == []


@pytest.fixture
def act(app):
    """What a worker does with the newest upload, without the time that its process takes."""

    def run():
        with app.app_context():
            imports.work_on(db.session.scalars(ImportJob.newest_first()).first().id)
            db.session.remove()

    return run


def test_mistakes_are_a_table_beside_the_form_and_nothing_is_imported(client, app, act, folder):
    path = folder / "contracts.csv"
    path.write_text(path.read_text().replace("subcontract", "subcontrat", 1))
    (folder / "attachments" / "SC-9").mkdir()
    page = upload(client, zipped(folder))
    act()
    text = client.get(page).text
    assert "2 problems; nothing was imported." in text
    assert '<td class="place">contracts.csv</td><td class="num">2</td><td>type</td>' in text
    assert "There is no contract of this number in contracts.csv." in text
    assert 'type="file"' in text
    assert numbers(app) == []
    assert confirm(client, page).status_code == 303
    act()
    assert numbers(app) == []


def test_a_workbook_and_a_zip_of_its_files_are_one_upload(client, app, act, folder):
    book = BytesIO()
    book_of(folder).save(book)
    book.seek(0)
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
    page = upload(client, zipped(folder, "Files.zip"), (book, "Library.xlsx"))
    act()
    assert "Library.xlsx and Files.zip" in client.get(page).text
    confirm(client, page)
    act()
    assert numbers(app) == ["EX-1"]


def test_messages_name_the_file_as_it_was_called(client, act):
    page = upload(client, (BytesIO(b"no zip"), "My Project.zip"))
    act()
    assert '<td class="place">My Project.zip</td>' in client.get(page).text


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "Choose a ZIP or a workbook (.xlsx) first."),
        (["a.csv"], "“a.csv” is neither a ZIP nor a workbook (.xlsx)."),
        (["a.zip", "b.zip"], "Two ZIPs were chosen; upload one project at a time."),
        (["a.xlsx", "b.XLSX"], "Two workbooks were chosen; upload one project at a time."),
    ],
)
def test_an_upload_that_can_be_no_project_is_refused_at_once(client, app, names, sentence):
    answer = client.post(FORM, data={"files": [(BytesIO(b"x"), name) for name in names]})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert the_job(app) is None


def test_replacing_asks_for_a_tick(client, app, act, folder):
    with app.app_context():
        first = import_project(EXAMPLE).project_id
    path = folder / "project.toml"
    path.write_text(path.read_text().replace("Library Annex", "Library Annex II"))
    page = upload(client, zipped(folder))
    act()
    text = client.get(page).text
    assert "Project EX-1 exists" in text
    assert "data-confirm=" in text

    answer = confirm(client, page)
    assert answer.status_code == 422
    assert "Tick the box to delete what it has" in answer.text
    assert the_job(app).status == ImportStatus.READY

    confirm(client, page, replace="yes")
    act()
    with app.app_context():
        project = db.session.scalars(sa.select(Project)).one()
        assert (project.id, project.name) == (first, "Library Annex II")


def test_a_project_that_came_meanwhile_is_asked_about_again(client, app, act, folder):
    page = upload(client, zipped(folder))
    act()
    confirm(client, page)
    with app.app_context():
        import_project(EXAMPLE)
    act()
    assert the_job(app).status == ImportStatus.READY
    assert "Project EX-1 exists" in client.get(page).text


def test_a_busy_project_is_left_alone_and_the_page_says_why(client, app, act, folder):
    with app.app_context():
        project_id = import_project(EXAMPLE).project_id
        db.session.add(
            Backup(project_id=project_id, number=1, request={}, status=BackupStatus.RUNNING,
                   heartbeat_at=utcnow() + timedelta(days=1))
        )  # fmt: skip
        db.session.commit()
    page = upload(client, zipped(folder))
    act()
    confirm(client, page, replace="yes")
    act()
    assert "Backup 1 of project EX-1 is being compiled" in client.get(page).text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Invoice)) == 3


def test_the_demo_project_loads_at_a_click(client, app, act):
    assert "Load the demo project" in client.get("/projects").text
    page = client.post("/projects/demo").location
    act()
    assert "was imported" in client.get(page).text
    assert numbers(app) == [demo.NUMBER]
    assert "Load the demo project" not in client.get("/projects").text
    assert client.post("/projects/demo").location == "/projects"
    assert numbers(app) == [demo.NUMBER]


def test_an_upload_can_be_discarded(client, app, act, folder):
    page = upload(client, zipped(folder))
    act()
    assert client.post(f"{page}/discard").location == FORM
    assert the_job(app) is None
    assert client.get(page).status_code == 404
    assert list((app.config["DATA_DIR"] / "imports").iterdir()) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", FORM),
        ("post", FORM),
        ("post", "/projects/demo"),
        ("get", f"{FORM}/1"),
        ("post", f"{FORM}/1/confirm"),
        ("post", f"{FORM}/1/discard"),
    ],
)
def test_only_administrators_of_the_installation_import(
    app, client, stranger, folder, method, path
):
    upload(client, zipped(folder))
    assert getattr(stranger, method)(path).status_code == 404
    assert getattr(app.test_client(), method)(path).status_code in {302, 303, 401}
    assert the_job(app).status == ImportStatus.UPLOADED


def test_others_are_not_offered_an_import(stranger):
    text = stranger.get("/projects").text
    assert "No project yet" in text
    assert "Import a project" not in text


def make_job(**values):
    job = ImportJob(**{"title": "A.zip", "folder": "f" * 32} | values)
    db.session.add(job)
    db.session.commit()
    return job


LONG_AGO = timedelta(minutes=5)


@pytest.mark.parametrize("later", [LONG_AGO, -LONG_AGO], ids=["later", "clock set back"])
def test_a_row_that_waits_without_a_job_is_queued_again(
    client, app, folder, work, redis_url, later
):
    page = upload(client, zipped(folder))
    app.extensions["redis"].flushdb()
    with app.app_context():
        imports.sweep(utcnow() + later)
    work()
    assert "Ready to import" in client.get(page).text


def test_a_row_whose_process_is_gone_says_so(context, client):
    job = make_job(status=ImportStatus.IMPORTING, changed_at=utcnow() - LONG_AGO)
    text = client.get(f"{FORM}/{job.id}").text
    assert "The worker was stopped during the import." in text


def test_an_import_that_runs_is_not_ended_because_redis_forgot_it(context):
    job = make_job(status=ImportStatus.IMPORTING, changed_at=utcnow() - LONG_AGO)
    with import_uploads.at_work(job):
        imports.sweep()
        assert job.status == ImportStatus.IMPORTING
    imports.sweep()
    assert job.status == ImportStatus.FAILED


def test_uploads_that_nobody_confirms_are_thrown_away(context):
    old = make_job(status=ImportStatus.READY, changed_at=utcnow() - KEPT_FOR - LONG_AGO)
    done = make_job(status=ImportStatus.DONE, changed_at=old.changed_at, folder="d")
    (storage.folder("imports") / old.folder).mkdir()
    imports.sweep()
    assert db.session.scalars(sa.select(ImportJob.id)).all() == [done.id]
    assert list(storage.folder("imports").iterdir()) == []


def test_a_job_is_taken_up_once(context):
    job = make_job()
    assert job.claim()
    assert job.status == ImportStatus.CHECKING
    assert not job.claim()
    assert not import_jobs.confirm(job, replace=False)


def test_an_unexpected_failure_is_told_and_raised(context, monkeypatch):
    job = make_job(status=ImportStatus.CHECKING, folder="none")
    (storage.folder("imports") / "none" / "zip").mkdir(parents=True)
    import_jobs.check(job)
    assert job.status == ImportStatus.REFUSED
    assert "no longer on the server’s disk" in job.problems[0]["message"]


def sign_in(page, server):
    page.goto(f"{server}/sign-in")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_the_journey_in_a_browser(server, worker, tab, app, alice, folder, tmp_path):
    good, _ = zipped(folder)
    (tmp_path / "Good.zip").write_bytes(good.read())
    path = folder / "invoices.csv"
    path.write_text(path.read_text().replace("2026-05-01", "May 1", 1))
    bad, _ = zipped(folder)
    (tmp_path / "Bad.zip").write_bytes(bad.read())
    with app.app_context():
        make_project(name="Harbor Point")
        db.session.commit()

    sign_in(tab, server)
    tab.get_by_role("link", name="Import a project").click()
    assert_accessible(tab)
    tab.get_by_label("ZIP of a project folder").set_input_files(tmp_path / "Bad.zip")
    tab.get_by_role("button", name="Upload and check").click()
    row = tab.get_by_role("row", name="invoices.csv 2 period_start")
    expect(row).to_contain_text("“May 1” is not a date like 2026-08-31.", timeout=30_000)
    assert_accessible(tab)

    tab.get_by_label("ZIP of a project folder").set_input_files(tmp_path / "Good.zip")
    tab.get_by_role("button", name="Upload and check").click()
    expect(tab.get_by_text("Ready to import")).to_be_visible(timeout=30_000)
    assert_accessible(tab)
    tab.get_by_role("button", name="Import", exact=True).click()
    tab.get_by_role("link", name="Open the project").click(timeout=30_000)
    expect(tab.get_by_role("heading", name="Invoicing")).to_contain_text("Library Annex")
