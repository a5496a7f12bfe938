"""What the trial does on its web host without a browser: `python -m bench.hosts.web_host`."""

import json
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

import demo
from app import create_app
from jobs import imports
from models import ImportJob, Project, User, db, utcnow
from models.contract import Contract
from services import api_tokens, import_jobs, objects, storage, users

EMAIL = "bench@example.org"


def main() -> None:
    with create_app().app_context():
        found = {"begin": _begin, "project": _project, "confirm": _confirm}[sys.argv[1]]()
        print(json.dumps(found))


def probe() -> None:
    """Raises StoreUnreachable."""
    with create_app(pages=False).app_context():
        path = storage.folder("checks") / "probe"
        path.write_bytes(b"probe")
        objects.put(path)


def _begin() -> dict[str, str]:
    """An administrator with a token, and the demo project uploaded as a ZIP."""
    user = users.create_user(EMAIL, "Bench", "a password of the bench", is_administrator=True)
    scopes = [str(scope) for scope in api_tokens.Scope]
    token = api_tokens.create(user, "bench", scopes, 30, utcnow())
    with TemporaryDirectory() as folder:
        demo.write(Path(folder))
        zipped = Path(folder).with_suffix(".zip")
        with zipfile.ZipFile(zipped, "w") as archive:
            for path in sorted(Path(folder).rglob("*")):
                archive.write(path, path.relative_to(folder))
    with zipped.open("rb") as stream:
        job = import_jobs.accept([(stream, "demo.zip")], db.session.scalar(sa.select(User)))
    zipped.unlink()
    imports.enqueue_import(job)
    return {"token": token}


def _confirm() -> dict[str, str]:
    """Import it once it is checked; how far it is."""
    job = db.session.scalars(sa.select(ImportJob)).one()
    if job.status == "ready" and import_jobs.confirm(job, replace=False):
        imports.enqueue_import(job)
    return {"status": str(job.status), "error": job.error}


def _project() -> dict[str, int | list[str]]:
    project = db.session.scalars(sa.select(Project)).one()
    contracts = db.session.scalars(sa.select(Contract.number).order_by(Contract.number))
    return {"id": project.id, "contracts": list(contracts)}


if __name__ == "__main__":
    main()
