"""What one of each thing costs, for the arithmetic of docs/scale.md: `python -m bench.costs`.

Imports the demo project into a folder of its own, prepares and compiles it, asks for pages, and
speaks to an object store on loopback. Processor seconds where somebody computes, seconds where
somebody waits. Two minutes; needs the development requirements.
"""

import io
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

import demo
from app import create_app
from models import Base, Invoice, InvoiceLine, Project, StoredFile, db, utcnow
from services import backups, files, preflight, storage, users
from services.importing import import_project
from services.objects.depot import Depot
from services.objects.s3 import S3
from tests import object_store

_ASKED = 30
_FILES = 200


def main() -> None:
    with TemporaryDirectory(prefix="drawpack-costs-") as folder:
        data = Path(folder) / "data"
        os.environ |= {"DRAWPACK_DATA_DIR": str(data), "DRAWPACK_SOFFICE": "no"}
        app = create_app({"WTF_CSRF_ENABLED": False})
        with app.app_context():
            db.create_all()
            _say("what", "figure")
            project = _import(Path(folder) / "project")
            _rows()
            _prepare()
            _compile(data, project)
        _pages(app)
        _store(Path(folder))


def _import(folder: Path) -> int:
    folder.mkdir()
    demo.write(folder)
    users.create_user("bench@example.org", "Bench", "a password of it", is_administrator=True)
    spent = _spent(lambda: import_project(folder))
    project = db.session.scalars(sa.select(Project)).one()
    invoices = _count(Invoice)
    _say("import, processor s per invoice", f"{spent / invoices:.4f} ({invoices} invoices)")
    return project.id


def _rows() -> None:
    rows = sum(
        db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    )
    room = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    size, invoices = db.session.scalar(sa.text(room)), _count(Invoice)
    lines = _count(InvoiceLine)
    _say("rows per invoice", f"{rows / invoices:.1f} ({lines / invoices:.1f} of them lines)")
    _say("database, kB per invoice", f"{size / invoices / 1000:.1f}")


def _prepare() -> None:
    digests = db.session.scalars(sa.select(StoredFile.sha256)).all()
    spent = _spent(lambda: files.ensure_inspected(digests))
    pages = db.session.scalar(sa.select(sa.func.sum(StoredFile.pages))) or 1
    kept = db.session.scalar(sa.select(sa.func.sum(StoredFile.size))) or 1
    made = sum(storage.prepared(digest).stat().st_size for digest in digests if _is_made(digest))
    _say("intake, processor s per page", f"{spent / pages:.4f} ({pages} pages)")
    _say("intake, processor s per file", f"{spent / len(digests):.4f} ({len(digests)} files)")
    _say("prepared, bytes per uploaded byte", f"{made / kept:.2f}")


def _is_made(digest: str) -> bool:
    return storage.prepared(digest).exists()


def _compile(data: Path, project: int) -> None:
    row = db.session.get_one(Project, project)
    chosen = preflight_free(row)
    backup = backups.request(project, chosen, None, utcnow())
    spent = _spent(lambda: backups.compile(backup.id))
    size, pages = backup.size or 1, backup.pages or 1
    folder = data / "backups"
    _say("compile, processor s per page", f"{spent / pages:.4f} ({pages} pages, drawings too)")
    again = backups.request(project, chosen, None, utcnow())
    spent = _spent(lambda: backups.compile(again.id))
    _say("compile again, processor s per page", f"{spent / pages:.4f}")
    _say("backup, kB per page", f"{size / pages / 1000:.1f}")
    extra = sum(path.stat().st_size for path in folder.rglob("*.json")) / 2
    _say("manifest, kB per page", f"{extra / pages / 1000:.2f}")


def preflight_free(project: Project) -> list[int]:
    """The invoices of the contracts that preflight lets through."""
    today = project.day_of(utcnow())
    found = []
    by_contract: dict[int, list[int]] = {}
    for row in db.session.scalars(sa.select(Invoice).order_by(Invoice.id)):
        by_contract.setdefault(row.contract_id, []).append(row.id)
    for ids in by_contract.values():
        if not preflight.check(project.id, ids, today=today).blocking:
            found += ids
    return found


def _pages(app: object) -> None:
    client = app.test_client()  # type: ignore[attr-defined]
    client.post("/sign-in", data={"email": "bench@example.org", "password": "a password of it"})
    for what, address in (
        ("Subcontractor tab", "/projects/1/invoicing"),
        ("page of an invoice", "/projects/1/invoices/1"),
        ("page of a backup", "/projects/1/backups/1"),
        ("what a waiting page asks", "/health/ready"),
    ):
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.status_code)
        spent = _spent(lambda at=address: [client.get(at) for _ in range(_ASKED)])
        _say(f"{what}, processor ms", f"{spent / _ASKED * 1000:.1f}")


def _store(folder: Path) -> None:
    (folder / "store").mkdir()
    with object_store.running(folder / "store") as endpoint:
        depot = Depot(folder, S3(object_store.settings_of(endpoint)))
        small = [folder / "files" / f"{number}" for number in range(_FILES)]
        (folder / "files").mkdir()
        for path in small:
            path.write_bytes(os.urandom(100_000))
        large = folder / "files" / "large"
        large.write_bytes(os.urandom(64 << 20))
        _say(
            "store: a file of 100 kB put, ms",
            f"{_took(lambda: depot.put(small)) / _FILES * 1000:.1f}",
        )
        mb = large.stat().st_size / 1e6
        _say("store: put, MB/s", f"{mb / _took(lambda: depot.put([large])):.0f}")
        content = depot.objects.fetch(depot.name_of(large))
        assert content
        sink = io.BytesIO()
        _say("store: fetch, MB/s", f"{mb / _took(lambda: sink.writelines(content[1])):.0f}")


def _count(model: type[Base]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _spent(act: Callable[[], object]) -> float:
    """Processor seconds of this process and of those that it waited for."""
    before = _processor()
    act()
    return _processor() - before


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _took(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _say(what: str, figure: str) -> None:
    print(f"{what:<40} {figure}", flush=True)


if __name__ == "__main__":
    main()
