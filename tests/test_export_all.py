"""Everything comes out, and comes in again elsewhere with the same amounts."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from models import Access, Contract, Invoice, Membership, Project, User, db, utcnow
from services import audit, importing, invoice_json, storage
from services.system import handout
from services.system.exporting_all import NotExported, export_all
from tests.axe import assert_accessible
from tests.backup_rows import add_attachments, add_invoice, make_backup, make_tower
from tests.conftest import PASSWORD, join, wait_for
from tests.factories import make_project

NOW = utcnow()


@pytest.fixture
def filled(app, alice, bob, tmp_path):
    """Two projects with invoices, files, backups and people."""
    with app.app_context():
        tower = make_tower()
        invoice = add_invoice(tower, "SC-1", number="=1+1")
        add_attachments(invoice, tmp_path, 2)
        make_backup(tower, b"%PDF-1.7 tower")
        make_project(number="26/014", name="Dam")
        join(bob, tower, Access.READ_ONLY)
        db.session.commit()
        db.session.remove()
    return app


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheets_of(number):
    project = db.session.scalars(Project.numbered(number)).one()
    invoices = db.session.scalars(
        db.select(Invoice).join(Invoice.contract).filter_by(project_id=project.id)
    )
    told = [invoice_json.describe(each) for each in invoices]
    db.session.rollback()
    return told


def test_it_comes_in_again_with_the_same_amounts(filled, tmp_path):
    with filled.app_context():
        before = sheets_of("24-017")
        done = export_all(tmp_path / "all", NOW, with_pdfs=True)
        assert done.problems == []
        assert (done.projects, done.backups) == (2, 1)
        project = db.session.scalars(Project.numbered("24-017")).one()
        # A period that an invoice is linked to is never deleted, so the invoices go first.
        db.session.execute(db.delete(Contract).filter_by(project_id=project.id))
        db.session.delete(project)
        db.session.commit()
        importing.import_project(tmp_path / "all" / "projects" / "24-017.zip")
        assert sheets_of("24-017") == before
        assert before[0]["summary"]["total_completed_and_stored_to_date"] == "1000.00"
        db.session.remove()


def test_people_manifests_and_the_record_are_in_it_and_no_secret(filled, tmp_path):
    with filled.app_context():
        audit.note("session.refused", detail={"address": "=cmd"})
        done = export_all(tmp_path / "all.zip", NOW)
        secrets = list(db.session.scalars(db.select(User.password_hash)))
        db.session.remove()
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        found = {
            name.removeprefix("drawpack-export/"): archive.read(name) for name in archive.namelist()
        }
    assert set(found) == {
        "README.txt",
        "audit.csv",
        "backups.csv",
        "backups/24-017/00001.json",
        "members.csv",
        "people.csv",
        "projects/24-017.zip",
        "projects/26014.zip",
    }
    assert done.files == len(found)
    assert json.loads(found["backups/24-017/00001.json"])["pages"] == 3
    assert [row["email"] for row in rows(found["people.csv"])] == [
        "alice@example.org",
        "bob@example.org",
    ]
    (member,) = rows(found["members.csv"])
    assert member == {"project": "24-017", "email": "bob@example.org", "access": "read_only"}
    assert rows(found["backups.csv"])[0]["status"] == "done"
    assert b"without its PDF" in found["README.txt"]
    everything = b"".join(found.values())
    assert not [each for each in secrets if each.encode() in everything]
    assert (tmp_path / "all.zip").stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_read_is_named_and_the_rest_is_there(filled, tmp_path):
    with filled.app_context():
        for path in (storage.data_dir() / "files").rglob("*"):
            if path.is_file():
                path.unlink()
        db.session.remove()
    said = filled.test_cli_runner().invoke(
        args=["system", "export", str(tmp_path / "all"), "--with-pdfs"]
    )

    assert said.exit_code == 2, said.output
    assert "Project 24-017 is not in it" in said.stderr
    assert (tmp_path / "all" / "projects" / "26014.zip").exists()
    assert (tmp_path / "all" / "backups" / "24-017" / "00001.pdf").read_bytes().startswith(b"%PDF")
    assert "Project 24-017 is not in it" in (tmp_path / "all" / "README.txt").read_text()


def test_nothing_is_overwritten_and_nothing_half_is_left(filled, tmp_path):
    (tmp_path / "there.zip").write_text("mine")
    with filled.app_context():
        for place in (tmp_path / "there.zip", tmp_path / "nowhere" / "a.zip"):
            with pytest.raises(NotExported):
                export_all(place, NOW)
        db.session.remove()
    assert (tmp_path / "there.zip").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_an_administrator_has_it_made_and_fetches_it(filled, client, member, work):
    assert member.post("/system/export").status_code in {403, 404}
    assert client.post("/system/export", data={"with_pdfs": "yes"}).status_code == 303
    assert "is being written" in client.get("/system/export").text
    work()

    page = client.get("/system/export").text
    with filled.app_context():
        (ready,) = handout.ready()
        last = handout.last_word()
        assert (last.action, last.email) == ("system.exported", "alice@example.org")
    assert f'href="/system/export/{ready.name}"' in page
    assert "hx-trigger" not in page.split('id="exports"')[1].split(">")[0]
    with (
        client.get(f"/system/export/{ready.name}") as answer,
        zipfile.ZipFile(io.BytesIO(answer.data)) as archive,
    ):
        assert "drawpack-export/backups/24-017/00001.pdf" in archive.namelist()
    assert member.get(f"/system/export/{ready.name}").status_code in {403, 404}
    for strange in ("..%2fdrawpack.db", "secret-key", ready.name.replace("zip", "ZIP")):
        assert client.get(f"/system/export/{strange}").status_code == 404
    with filled.app_context():
        assert handout.sweep(NOW) == 0
        assert handout.sweep(NOW + timedelta(days=8)) == 1
        assert handout.ready() == []
        assert db.session.scalar(db.select(db.func.count()).select_from(Membership)) == 1
        db.session.remove()


def test_the_page_works_in_a_browser(server, filled, worker, tab):
    tab.goto(f"{server}/sign-in")
    tab.fill("[name=email]", "alice@example.org")
    tab.fill("[name=password]", PASSWORD)
    tab.click("main button")
    tab.wait_for_url("**/projects")
    tab.goto(f"{server}/system")
    assert_accessible(tab)
    tab.get_by_role("link", name="Everything as files").click()
    tab.get_by_role("button", name="Export everything").click()
    tab.get_by_role("link", name="drawpack-").wait_for()
    assert_accessible(tab)
    tab.get_by_role("button", name="Remove drawpack-").click()
    tab.get_by_text("Nothing lies here now").wait_for()
    assert wait_for(lambda: not any((filled.config["DATA_DIR"] / "exports").glob("drawpack-*")))
