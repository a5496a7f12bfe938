"""Importing a project in the browser: upload, look at what is wrong or new, confirm."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import demo
from blueprints.access import administrator_required, user
from blueprints.rendering import page
from jobs import imports, queue_is_reachable
from models import ImportJob, ImportStatus, Project, db, utcnow
from services import import_jobs
from services.import_jobs import Preview
from services.import_uploads import UploadRefused
from services.importing import ProjectExists

bp = Blueprint("imports", __name__, url_prefix="/projects")

#: Uploads on the page.
_SHOWN = 10


@bp.get("/import")
@administrator_required
def index() -> ResponseReturnValue:
    return _form()


@bp.post("/import")
@administrator_required
def create() -> ResponseReturnValue:
    uploads = [(u.stream, u.filename or "") for u in request.files.getlist("files") if u.filename]
    try:
        job = import_jobs.accept(uploads, user())
    except UploadRefused as e:
        return _form(error=str(e)), 422
    return _start(job)


@bp.post("/demo")
@administrator_required
def load_demo() -> ResponseReturnValue:
    if has_demo():
        flash("The demo project is there already.")
        return redirect(url_for("projects.index"), 303)
    return _start(import_jobs.request_demo(user()))


@bp.get("/import/<int:job_id>")
@administrator_required
def show(job_id: int) -> ResponseReturnValue:
    job = _job_or_404(job_id)
    if imports.needs_sweep(job, utcnow()):
        imports.sweep()
        job = _job_or_404(job_id)
    return _page(job)


@bp.post("/import/<int:job_id>/confirm")
@administrator_required
def confirm(job_id: int) -> ResponseReturnValue:
    job = _job_or_404(job_id)
    try:
        if import_jobs.confirm(job, replace=request.form.get("replace") == "yes"):
            imports.enqueue_import(job)
    except ProjectExists as e:
        return _page(job, error=str(e)), 422
    return redirect(url_for(".show", job_id=job_id), 303)


@bp.post("/import/<int:job_id>/discard")
@administrator_required
def discard(job_id: int) -> ResponseReturnValue:
    import_jobs.discard(_job_or_404(job_id))
    return redirect(url_for(".index"), 303)


def has_demo() -> bool:
    return db.session.scalar(Project.numbered(demo.NUMBER)) is not None


def _start(job: ImportJob) -> ResponseReturnValue:
    # Where the queue cannot be reached, the row waits for the next sweep, and its page says so.
    imports.enqueue_import(job)
    return redirect(url_for(".show", job_id=job.id), 303)


def _form(error: str = "") -> str:
    rows = db.session.scalars(ImportJob.newest_first().limit(_SHOWN)).all()
    return render_template("imports/index.html", rows=rows, error=error)


def _page(job: ImportJob, **state: Any) -> str:
    is_ready = job.status == ImportStatus.READY and job.preview
    return page(
        "imports/show.html",
        block="progress",
        job=job,
        preview=Preview(**job.preview) if job.preview else None,
        existing=import_jobs.existing(job) if is_ready else None,
        is_queued=not job.is_waiting or queue_is_reachable(),
        **state,
    )


def _job_or_404(job_id: int) -> ImportJob:
    job = db.session.get(ImportJob, job_id, populate_existing=True)
    if job is None:
        abort(404)
    return job
