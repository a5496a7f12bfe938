"""Downloads that leave the house: the list, one invoice, and the whole project."""

from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from binder.errors import BinderError
from binder.sniff import PDF
from blueprints.access import invoice_or_404, project_or_404, user
from blueprints.invoice_files import waiting_time
from blueprints.serving import private
from jobs import queue_is_reachable
from jobs.drawings import enqueue_draw
from jobs.files import enqueue_inspect
from models import Invoice, Project, utcnow
from services import (
    audit,
    dictionaries,
    exporting,
    files,
    invoice_csv,
    invoice_packet,
    list_export,
    storage,
)
from services.invoice_filters import Filters
from services.invoice_order import Order
from services.permissions import Action

bp = Blueprint("exports", __name__, url_prefix="/projects/<int:project_id>")

_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Of the list, by the ending of its address.
_LISTS = {
    "csv": (list_export.as_csv, _CSV),
    "xlsx": (list_export.as_xlsx, _XLSX),
    "pdf": (list_export.as_pdf, PDF),
}
#: Asked this often, what still is not prepared is asked for again.
_ASK_AGAIN = 30


@bp.get("/invoicing/export.<kind>")
@login_required
def invoice_list(project_id: int, kind: str) -> ResponseReturnValue:
    """The list of the Subcontractor tab with the filters, grouping and order of the address."""
    project = project_or_404(project_id, Action.EXPORT)
    if kind not in _LISTS:
        abort(404)
    filters, order = Filters.from_values(request.args), Order.from_values(request.args)
    write, media_type = _LISTS[kind]
    with dictionaries.speaking(dictionaries.of_project(project)):
        listing = list_export.gather(project, filters, order, user(), utcnow())
        name = f"{_('Invoices')} - {_named(project)} - {listing.made:%Y-%m-%d}.{kind}"
        content = write(listing)
    audit.note("invoices.exported", project=project_id, detail={"list": kind})
    return _download(content, name, media_type)


@bp.get("/export.zip", endpoint="project")
@login_required
def whole_project(project_id: int) -> ResponseReturnValue:
    """Everything, private contracts too, in the format of an import; sent while it is packed."""
    project = project_or_404(project_id, Action.CONFIGURE)
    export = exporting.gather(project)
    day = utcnow().astimezone(project.zone)
    audit.note("project.exported", project=project_id, subject=("project", project_id))
    answer = Response(exporting.stream_zip(export), mimetype="application/zip")
    name = files.clean_name(f"Project - {_named(project)} - {day:%Y-%m-%d}.zip")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return private(answer)


@bp.get("/invoices/<int:invoice_id>/export.csv")
@login_required
def invoice_as_csv(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """The lines of an invoice."""
    invoice = invoice_or_404(project_id, invoice_id, Action.EXPORT)
    _note(invoice, "csv")
    return _download(invoice_csv.as_csv(invoice), f"{_name(invoice)}.csv", _CSV)


@bp.get("/invoices/<int:invoice_id>/with-attachments.pdf")
@login_required
def with_attachments(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """The invoice and its attachments in one PDF; while they are prepared, a page that waits."""
    invoice = invoice_or_404(project_id, invoice_id, Action.EXPORT)
    packet = invoice_packet.frozen(invoice, user())
    waited = max(0, request.args.get("waited", 0, type=int))
    missing, is_drawn = invoice_packet.missing_files(packet), invoice_packet.is_drawn(packet)
    if missing or not is_drawn:
        if waited % _ASK_AGAIN == 0:
            if not is_drawn:
                enqueue_draw(invoice_id)
            all(enqueue_inspect(sha256) for sha256 in missing)
        return _wait(project_id, invoice_or_404(project_id, invoice_id), waited)
    name = f"{_name(invoice_or_404(project_id, invoice_id))} with attachments.pdf"
    try:
        with TemporaryDirectory(prefix="invoice-", dir=storage.work()) as folder:
            # Read on after its folder is gone, until it has been sent.
            file = invoice_packet.write(packet, utcnow(), Path(folder)).open("rb")
    except BinderError as e:
        abort(409, str(e))
    _note(invoice_or_404(project_id, invoice_id), "pdf with attachments")
    answer = send_file(file, PDF, as_attachment=True, download_name=files.clean_name(name))
    return private(answer)


def _wait(project_id: int, invoice: Invoice, waited: int) -> ResponseReturnValue:
    """Works without JavaScript: the browser comes back by itself until it gets the PDF."""
    again = url_for(
        ".with_attachments", project_id=project_id, invoice_id=invoice.id, waited=waited + 1
    )
    page = render_template(
        "invoices/packet.html",
        project=project_or_404(project_id),
        invoice=invoice,
        is_queued=queue_is_reachable(),
        tab="subcontractor",
    )
    return page, 200, {"Refresh": f"{waiting_time(waited)}; url={again}"}


def _note(invoice: Invoice, kind: str) -> None:
    audit.note(
        "invoices.exported",
        project=invoice.contract.project_id,
        subject=("invoice", invoice.id),
        detail={"invoice": f"{invoice.contract.number} #{invoice.position}", "as": kind},
    )


def _download(content: bytes, name: str, media_type: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=files.clean_name(name))
    return private(answer)


def _named(project: Project) -> str:
    return f"{project.name} - {project.number}"


def _name(invoice: Invoice) -> str:
    return f"Invoice {invoice.contract.number} - {invoice.label}"
