"""Files in a store that hosts share: A takes them, B compiles without having any, A hands out."""

import io
import os
import re
import shutil
import threading
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from models import (
    Backup,
    BackupStatus,
    ImportJob,
    ImportStatus,
    Invoice,
    Project,
    StoredFile,
    User,
    db,
    utcnow,
)
from services import api_tokens, backups, files, import_jobs, objects, storage
from services.objects import StoreDamaged, trimming
from services.objects.depot import Depot
from services.objects.s3 import S3
from services.system import shelf_cleaning, shelf_contents
from services.system.archive import Member
from services.system.failures import SystemBackupError
from services.system.saving import gather, save
from services.system.shelf import shelf
from services.system.verifying import verify
from tests import object_store, programs
from tests.backup_rows import add_invoice, ask, make_pdf, make_tower
from tests.conftest import free_port, wait_for
from tests.test_importing import EXAMPLE


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    with object_store.running(tmp_path_factory.mktemp("store")) as endpoint:
        yield endpoint


@pytest.fixture
def environment(environment, store):
    """Host A."""
    settings = object_store.settings_of(store, uuid4().hex)
    return environment | {f"DRAWPACK_{name}": value for name, value in settings.items()}


@pytest.fixture
def elsewhere(environment, tmp_path):
    """Host B: another data folder, the same database, queue and store."""
    database = f"sqlite:///{environment['DRAWPACK_DATA_DIR']}/drawpack.db"
    return environment | {
        "DRAWPACK_DATA_DIR": str(tmp_path / "b"),
        "DRAWPACK_DATABASE_URL": environment.get("DRAWPACK_DATABASE_URL", database),
    }


def work_on(host):
    programs.run(["worker.py", "--burst"], host).check_returncode()


@pytest.fixture
def project(app, client, tmp_path):
    with app.app_context():
        tower = make_tower()
        invoice = add_invoice(tower, "SC-4")
        db.session.commit()
        found = SimpleNamespace(id=tower.id, invoice=invoice.id, home=f"/projects/{tower.id}")
    for number in range(3):
        upload(client, found, make_pdf(tmp_path, f"page {number}"), f"Ünï {number} #1.pdf")
    return found


def upload(client, project, content, name):
    address = f"{project.home}/invoices/{project.invoice}/attachments"
    answer = client.post(address, data={"files": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.text


def compile_on(host, app, client, project):
    """Press the button on A, work on another host; the row then."""
    answer = client.post(f"{project.home}/backups", data={"invoice": project.invoice})
    assert answer.status_code == 303
    work_on(host)
    with app.app_context():
        row = db.session.scalar(sa.select(Backup).order_by(Backup.id.desc()))
        db.session.expunge(row)
        return row


@pytest.fixture
def depot(app):
    with app.app_context():
        yield objects.depot()


def replace(depot, path, content, tmp_path):
    """Somebody writes other bytes over an object."""
    (tmp_path / "other").write_bytes(content)
    depot.objects.put(depot.name_of(path), tmp_path / "other", "")


def forget(folder):
    """What was here is only in the store."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()


def test_a_file_goes_there_and_comes_back_by_its_path(depot, tmp_path):
    path = depot.data / "backups" / "7" / "Łódź & Sons – 100 % “q” #1?.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(content := os.urandom(9 << 20))
    objects.put(path)
    assert [each.name for each in objects.below(path.parent)] == [depot.name_of(path)]
    path.unlink()
    assert not objects.is_lost(path)
    assert objects.bring(path).read_bytes() == content
    objects.drop(path.parent)
    path.unlink()
    assert objects.lacking([path]) == {path}
    assert not objects.bring(path).exists()
    assert not list((depot.data / "work").iterdir())


def test_a_file_is_read_from_the_store_in_pieces(depot):
    path = depot.data / "backups" / "7" / "a.pdf"
    path.parent.mkdir(parents=True)
    path.write_bytes(content := os.urandom(3 << 20))
    objects.put(path)
    assert objects.opened(path) is None
    path.unlink()
    with objects.opened(path, sha256(content).hexdigest()) as file:
        assert file.read() == content
        file.seek(-5, io.SEEK_END)
        assert file.read(10) == content[-5:]
        assert file.read(10) == b""
    with objects.opened(path, "0" * 64) as file:
        sent = []
        with pytest.raises(StoreDamaged):
            sent.extend(iter(lambda: file.read(4096), b""))
        assert sum(map(len, sent)) < len(content)
    with pytest.raises(StoreDamaged, match="another size"):
        objects.opened(path, "", len(content) - 1)


def test_other_bytes_than_were_put_there_are_refused(depot, tmp_path):
    digest, _ = storage.keep(io.BytesIO(b"the original"))
    path = storage.original(digest)
    path.unlink()
    replace(depot, path, b"something else", tmp_path)
    with pytest.raises(StoreDamaged, match=digest):
        objects.bring(path)
    assert not path.exists()
    # Uploading it again mends it.
    storage.keep(io.BytesIO(b"the original"))
    path.unlink()
    assert objects.bring(path).read_bytes() == b"the original"


def test_a_damaged_fragment_is_made_again(depot, tmp_path):
    row = files.store(io.BytesIO(make_pdf(tmp_path, "one")), "one.pdf")
    assert files.inspect(row.sha256)
    fragment = storage.prepared(row.sha256)
    content = fragment.read_bytes()
    fragment.unlink()
    assert files.waiting([row.sha256]) == {}
    depot.objects.put(depot.name_of(fragment), tmp_path / "made.pdf", "0" * 64)
    assert not objects.bring(fragment).exists()
    assert row.sha256 in files.waiting([row.sha256])
    assert files.inspect(row.sha256)
    assert fragment.read_bytes() == content


def fetch(client, address, **options):
    """All of an answer, so that the file behind it is closed."""
    return client.get(address, buffered=True, **options)


def test_one_host_takes_another_compiles_and_the_first_hands_out(
    app, client, stranger, project, elsewhere, smtp
):
    row = compile_on(elsewhere, app, client, project)
    assert row.status == BackupStatus.DONE, row.error
    assert not (app.config["DATA_DIR"] / "backups").exists()
    assert client.get(f"{project.home}/invoices/{project.invoice}").status_code == 200
    thumbnail = f"{project.home}/invoices/{project.invoice}/attachments/1/thumbnail"
    assert fetch(client, thumbnail).mimetype == "image/png"

    address = f"{project.home}/backups/{row.id}/file"
    whole = fetch(client, address)
    assert sha256(whole.data).hexdigest() == row.sha256
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.content_length == row.size
    rest = fetch(
        client, address, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]}
    )
    assert (rest.status_code, rest.data) == (206, whole.data[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{row.size - 1}/{row.size}"
    tail = fetch(client, address, headers={"Range": "bytes=-7"})
    assert tail.data == whole.data[-7:]
    assert fetch(client, address, headers={"Range": f"bytes={row.size}-"}).status_code == 416
    changed = fetch(client, address, headers={"Range": "bytes=5-", "If-Range": '"other"'})
    assert (changed.status_code, len(changed.data)) == (200, row.size)
    same = fetch(client, address, headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304
    assert client.head(address).content_length == row.size
    manifest = fetch(client, f"{project.home}/backups/{row.id}/manifest")
    assert manifest.json["sha256"] == row.sha256

    # Who may not see it gets it from no host.
    assert stranger.get(address).status_code == 404
    # A third host that has nothing makes the same bytes again, and each run sends one mail.
    third = elsewhere | {"DRAWPACK_DATA_DIR": f"{elsewhere['DRAWPACK_DATA_DIR']}-c"}
    client.post(f"{project.home}/backups/{row.id}/run-again")
    work_on(third)
    with app.app_context():
        again = db.session.get(Backup, row.id + 1)
        assert (again.status, again.error) == (BackupStatus.DONE, None)
        assert files_of(again) == files_of(row)
    assert len(smtp.messages) == 2
    deleted = client.post(f"{project.home}/backups/{row.id}/delete")
    assert deleted.status_code == 303
    with app.app_context():
        assert not list(objects.below(storage.backups() / str(row.id)))


def files_of(backup):
    return [
        (entry["name"], entry["sha256"], entry["pages"]) for entry in backup.manifest["entries"]
    ]


def test_without_the_store_nothing_is_lost_and_the_job_runs_again(app, client, project, depot):
    app.extensions["depot"] = dead(app, depot)
    row = compiled(project)
    assert row.status == BackupStatus.FAILED
    assert re.fullmatch(
        r"The storage of files \(s3://\S+\) cannot be reached right now\.", row.error
    )
    # An upload is refused whole.
    count = sa.select(sa.func.count()).select_from(StoredFile)
    before = db.session.scalar(count)
    address = f"{project.home}/invoices/{project.invoice}/attachments"
    refused = client.post(address, data={"files": (io.BytesIO(b"%PDF-1.7 new"), "new.pdf")})
    assert refused.status_code == 503
    assert "cannot be reached right now. Nothing was lost" in refused.text
    assert client.get("/health/ready").status_code == 503
    assert db.session.scalar(count) == before

    app.extensions["depot"] = depot
    assert client.get("/health/ready").json["storage"] == "ok"
    again = compiled(project)
    assert (again.status, again.error) == (BackupStatus.DONE, None)
    # Its page stays when the store goes; the file cannot be had for the moment.
    forget(storage.backups())
    app.extensions["depot"] = dead(app, depot)
    assert client.get(f"{project.home}/backups/{again.id}").status_code == 200
    assert client.get(f"{project.home}/backups/{again.id}/file").status_code == 503


def test_a_backup_of_other_bytes_is_not_handed_out(client, project, depot, tmp_path):
    row = compiled(project)
    path = depot.data / row.path
    forget(storage.backups())
    replace(depot, path, os.urandom(row.size), tmp_path)
    with pytest.raises(StoreDamaged):
        client.get(f"{project.home}/backups/{row.id}/file", buffered=True)
    replace(depot, path, b"short", tmp_path)
    assert client.get(f"{project.home}/backups/{row.id}/file").status_code == 502


def test_a_document_of_other_bytes_fails_the_compile(project, depot, tmp_path):
    digest = db.session.scalar(sa.select(StoredFile.sha256))
    replace(depot, storage.original(digest), b"something else", tmp_path)
    forget(depot.data / "files")
    row = compiled(project)
    assert row.status == BackupStatus.FAILED
    assert digest in row.error
    assert "other bytes" in row.error


def test_an_upload_is_imported_by_another_host(app, client, elsewhere, tmp_path):
    zipped = shutil.make_archive(tmp_path / "Bücherei #1", "zip", EXAMPLE.parent, EXAMPLE.name)
    with Path(zipped).open("rb") as file:
        page = client.post("/projects/import", data={"files": (file, "Bücherei #1.zip")}).location
    assert not list((app.config["DATA_DIR"] / "imports").glob("*"))
    work_on(elsewhere)
    client.post(f"{page}/confirm")
    work_on(elsewhere)
    with app.app_context():
        job = db.session.scalar(sa.select(ImportJob))
        assert (job.status, job.error) == (ImportStatus.DONE, "")
        assert not list(objects.below(storage.folder("imports")))
        found = shelf_contents.verify()
        assert (found.files, found.missing, found.damaged) == (3, [], [])


def test_an_upload_waits_for_the_store(app, client, depot, tmp_path):
    zipped = shutil.make_archive(tmp_path / "Library", "zip", EXAMPLE.parent, EXAMPLE.name)
    with Path(zipped).open("rb") as file:
        client.post("/projects/import", data={"files": (file, "Library.zip")})
    job = db.session.scalar(sa.select(ImportJob))
    job.claim()
    app.extensions["depot"] = dead(app, depot)
    import_jobs.check(job)
    assert (job.status, "Nothing is lost" in job.error) == (ImportStatus.UPLOADED, True)
    app.extensions["depot"] = depot
    job.claim()
    import_jobs.check(job)
    assert (job.status, job.error) == (ImportStatus.READY, "")


def test_the_cache_keeps_to_its_limit_and_loses_nothing(depot):
    old, new = time.time() - 9 * 3600, time.time()
    digests = [storage.keep(io.BytesIO(bytes([n]) * 1000))[0] for n in range(4)]
    paths = [storage.original(digest) for digest in digests]
    for age, path in enumerate(paths):
        os.utime(path, (old + age, old + age))
    # One is not in the store, one is being read.
    depot.objects.delete([depot.name_of(paths[0])])
    objects.bring(paths[2])
    trimmed = trimming.trim(1, new)
    assert (trimmed.before, trimmed.after, trimmed.unstored) == (4000, 2000, 1000)
    assert [path.exists() for path in paths] == [True, False, True, False]
    assert not objects.lacking(paths)
    # What only this host had is in the store by now; putting it there was reading it.
    os.utime(paths[0], (old, old))
    trimming.trim(1, new)
    assert [path.exists() for path in paths] == [False, False, True, False]
    assert objects.bring(paths[0]).read_bytes() == bytes(1000)


def test_commands_put_there_prove_and_clear_up(app, project, depot):
    run = app.test_cli_runner().invoke
    row = compiled(project)
    depot.objects.delete([depot.name_of(depot.data / row.path)])
    gone = run(args=["storage", "verify"])
    assert (gone.exit_code, row.file_name in gone.output) == (1, True)
    assert "put into the store" in run(args=["storage", "push"]).output
    assert run(args=["storage", "verify"]).output == "The store is whole: 4 files.\n"
    stray = storage.backups() / "99" / "of a host that nobody heard of.pdf"
    stray.parent.mkdir()
    stray.write_bytes(b"stray")
    objects.put(stray)
    before = {each.name for each in objects.below(depot.data)}
    assert shelf_cleaning.clean(utcnow()) == 0
    assert shelf_cleaning.clean(utcnow() + timedelta(days=2)) == 1
    assert before - {each.name for each in objects.below(depot.data)} == {depot.name_of(stray)}


def test_clearing_the_store_keeps_what_others_put_into_the_bucket(depot, tmp_path):
    row = files.store(io.BytesIO(b"ours"), "a.pdf")
    (tmp_path / "theirs").write_bytes(b"theirs")
    theirs = [
        "notes.txt", "files/notes.txt", "files/ab/draft.pdf", f"files/{'ab' * 32}",
        "backups/of the database/monday.sql", "imports/2026/list.csv",
        "previews/house.png", "prepared-slides/monday.pdf", "drawn/plan.dwg",
    ]  # fmt: skip
    ours = [
        f"checks/{'d' * 32}",
        "files/ab/" + "ab" * 32,
        f"prepared-1/ab/{'ab' * 32}.pdf",
        f"imports/{'c' * 32}/a.csv",
    ]
    for name in theirs + ours:
        depot.objects.put(name, tmp_path / "theirs", "")

    assert shelf_cleaning.clean(utcnow() + timedelta(days=2)) == len(ours)
    left = {each.name for each in objects.below(depot.data)}
    assert left == {*theirs, depot.name_of(storage.original(row.sha256))}


def test_a_database_that_names_none_of_the_store_clears_nothing(depot, caplog):
    for number in range(3):
        storage.keep(io.BytesIO(b"%d" % number))
    db.session.add(StoredFile(sha256="ab" * 32, size=1))
    db.session.commit()

    assert shelf_cleaning.clean(utcnow() + timedelta(days=2)) == 0
    assert "names none of the uploads" in caplog.text


class Slow(S3):
    """Somebody uploads the same bytes again between the last look and the deletion."""

    def delete(self, names):
        self.meanwhile(names)
        super().delete(names)


def test_bytes_uploaded_while_they_are_cleared_away_are_there_afterwards(app, depot):
    """The clearing has seen them old and without a row, twice, and deletes them now."""
    files.store(io.BytesIO(b"by which the store is known"), "a.pdf")
    digest, _ = storage.keep(io.BytesIO(b"uploaded again"))
    name = depot.name_of(storage.original(digest))
    put_at = depot.objects.find(name).changed

    def upload():
        with app.app_context():
            files.store(io.BytesIO(b"uploaded again"), "b.pdf")
            db.session.remove()

    def meanwhile(names):
        assert names == [name]
        uploading.start()
        wait_for(lambda: depot.objects.find(name).changed > put_at, what="the second upload")

    uploading = threading.Thread(target=upload)
    slow = Slow(app.config)
    slow.meanwhile = meanwhile
    app.extensions["depot"] = Depot(depot.data, slow)
    # Its time is told in whole seconds.
    time.sleep(1.1)
    # It is as old as a day and this moment.
    now = put_at + shelf_cleaning.KEPT_FOR + timedelta(seconds=1)
    assert shelf_cleaning.clean(now) == 1
    uploading.join()
    assert db.session.get(StoredFile, digest)
    assert depot.objects.find(name)


def test_a_row_that_comes_while_the_store_is_cleared_keeps_its_file(depot, monkeypatch):
    files.store(io.BytesIO(b"by which the store is known"), "a.pdf")
    digest, _ = storage.keep(io.BytesIO(b"named meanwhile"))
    later = utcnow() + timedelta(days=2)
    listed = list(shelf_cleaning.leftovers(later))
    assert [each.name for each in listed] == [depot.name_of(storage.original(digest))]
    db.session.add(StoredFile(sha256=digest, size=15))
    db.session.commit()
    monkeypatch.setattr(shelf_cleaning, "leftovers", lambda _: listed)

    assert shelf_cleaning.clean(later) == 0
    assert depot.objects.find(listed[0].name)


def test_a_backup_of_the_installation_has_what_only_the_store_has(app, project, depot, tmp_path):
    row = compiled(project)
    for folder in ("files", "backups"):
        forget(depot.data / folder)
    file = tmp_path / "saved.zip"
    saved = save(file, utcnow())
    assert saved.missing == []
    found = verify(file)
    assert (found.damage, found.missing) == ([], [])
    assert f"data/{row.path}" in found.manifest.members
    # It is fetched for the moment only.
    assert not [path for path in (depot.data / "files").rglob("*") if path.is_file()]
    assert not list((depot.data / "work").iterdir())
    app.extensions["depot"] = dead(app, depot)
    with pytest.raises(SystemBackupError, match="No backup was made"):
        save(tmp_path / "other.zip", utcnow())


def test_a_backup_of_the_installation_takes_no_file_from_who_needs_it(project, depot, tmp_path):
    """A compile fetches the file while it is being saved: it stays, as for any job."""
    digest = db.session.scalar(sa.select(StoredFile.sha256).limit(1))
    path = storage.original(digest)
    forget(depot.data / "files")
    copy, brought = tmp_path / "copy.db", []

    def add(name, kept):
        if name.endswith(digest):
            brought.append(objects.bring(path, digest))
        return Member(kept.stat().st_size, sha256(kept.read_bytes()).hexdigest())

    _, missing = gather(copy, add)

    assert (missing, brought) == ([], [path])
    assert sha256(path.read_bytes()).hexdigest() == digest


def test_a_real_web_server_sends_pieces_from_here_and_from_the_store(app, alice, project, server):
    with app.app_context():
        user = db.session.get(User, alice)
        token = api_tokens.create(user, "a program", ["read"], 30, utcnow())
        row = compiled(project)
        number, size = row.id, row.size
    address = f"{server}/api/v1/projects/{project.id}/backups/{number}/file"
    headers = {"Authorization": f"Bearer {token}"}
    here = [httpx.get(address, headers=headers | each) for each in ({}, {"Range": "bytes=9-"})]
    forget(app.config["DATA_DIR"] / "backups")
    there = [httpx.get(address, headers=headers | each) for each in ({}, {"Range": "bytes=9-"})]
    assert [each.status_code for each in here + there] == [200, 206, 200, 206]
    assert len(here[0].content) == size
    assert [each.content for each in here] == [each.content for each in there]
    assert here[0].content[9:] == here[1].content


def dead(app, depot):
    """The same, but nobody answers."""
    settings = app.config | {"STORAGE_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    return Depot(depot.data, S3(settings))


def compiled(project):
    """A backup compiled by this process, to its end."""
    found = db.session.get(Project, project.id), db.session.get(Invoice, project.invoice)
    backup = ask(*found)
    backups.compile(backup.id)
    return db.session.get(Backup, backup.id)


def test_who_looks_at_the_store_leaves_the_look_of_another_alone(depot):
    other = storage.folder("checks") / ("d" * 32)
    other.write_bytes(b"check")
    objects.put(other)

    [found] = shelf()

    assert (found.name, found.state) == ("Storage", "ok")
    assert {each.name for each in objects.below(depot.data)} == {depot.name_of(other)}
