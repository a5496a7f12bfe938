"""Entering an invoice: one form of all its lines. What it adds up to is asked while somebody
types; nothing is saved by that."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import invoice_or_404, is_latest, may, project_or_404, user
from blueprints.rendering import wants_fragment
from jobs.drawings import enqueue_draw
from models import Invoice, Project
from services import forms, invoice_review
from services.invoice_entry import bulk, conflicts, drafts, grid, saving, state
from services.invoice_entry import header as headers
from services.invoice_entry.bulk import BulkRefused
from services.invoice_entry.drafts import Draft, Outcome
from services.invoice_entry.header import Header
from services.invoice_entry.saving import Locked, Saver, Stale
from services.invoice_entry.state import EntryState
from services.permissions import Action

bp = Blueprint("invoice_entry", __name__, url_prefix="/projects/<int:project_id>/invoices")

#: A version that no database refuses.
_LARGEST = 10**9


@bp.get("/<int:invoice_id>/edit")
@login_required
def edit(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = _invoice(project_id, invoice_id)
    loaded = state.load(invoice)
    draft = Draft()
    outcome = drafts.work_out(loaded, draft)
    return _page(loaded, draft, outcome, Header.of(invoice))


@bp.post("/<int:invoice_id>/edit")
@login_required
def save(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Save, or (with `do`) work out what the form comes to, or fill in many lines at once."""
    invoice = _invoice(project_id, invoice_id)
    loaded = state.load(invoice)
    version = min(max(request.form.get("version", 0, type=int), 0), _LARGEST)
    is_stale = version != invoice.version
    seen = conflicts.as_of(loaded, version) if is_stale else None
    base = seen.base if seen else drafts.current(loaded)
    form = request.form.to_dict()
    draft = drafts.read(loaded, base, form)
    _refuse_what_is_not_theirs(invoice.contract.project, invoice, draft)
    header, wrong = headers.read(seen.header if seen else Header.of(invoice), form)
    draft.problems |= wrong
    outcome = drafts.work_out(loaded, draft)
    do = request.form.get("do", "save")
    if do != "save":
        return _tried(loaded, draft, outcome, header, form)
    forbids = invoice.contract.project.forbids_overbilling
    drafts.check(loaded, draft, outcome, forbids_overbilling=forbids)
    if seen:
        found = conflicts.between(loaded, seen, draft, header)
        header = conflicts.merged(invoice, seen, header)
        context = {"refused": Stale(), "conflicts": found}
        return _page(loaded, draft, outcome, header, **context), 422
    if draft.problems:
        return _page(loaded, draft, outcome, header, unsaved=forms.unsaved(draft.problems)), 422
    return _saved(loaded, draft, outcome, header)


def _saved(
    loaded: EntryState, draft: Draft, outcome: Outcome, header: Header
) -> ResponseReturnValue:
    invoice = loaded.invoice
    project = invoice.contract.project
    is_free = may(project, Action.CHANGE_STATUSES)
    saver = Saver(user().id, invoice.version, is_administrator=is_free)
    try:
        has_changed = saving.save(loaded, header, outcome, saver)
    except (Stale, Locked) as e:
        # Between reading and saving; the next attempt shows what the other one saved.
        return _page(state.load(invoice), draft, outcome, header, refused=e), 422
    if has_changed:
        enqueue_draw(invoice.id)
    flash("Saved." if has_changed else "Nothing was changed.")
    return redirect(url_for("invoices.show", project_id=project.id, invoice_id=invoice.id), 303)


def _tried(
    loaded: EntryState, draft: Draft, outcome: Outcome, header: Header, form: dict[str, str]
) -> ResponseReturnValue:
    """What the form comes to, and the fields that a verb for many lines filled in."""
    refused = None
    if (verb := form.get("do", "")) in list(bulk.Verb):
        everything = form.get("scope") == "all"
        ticked = request.form.getlist("line", type=int)
        line_ids = {line.id for line in loaded.lines} if everything else set(ticked)
        order = bulk.Order(bulk.Verb(verb), form.get("by", ""), line_ids)
        try:
            filled = bulk.fill(loaded, outcome, form, order)
        except BulkRefused as e:
            refused = e
        else:
            problems = dict(draft.problems)
            draft = drafts.read(loaded, drafts.current(loaded), filled)
            draft.problems |= {k: v for k, v in problems.items() if k in headers.LABELS}
            _refuse_what_is_not_theirs(loaded.invoice.contract.project, loaded.invoice, draft)
            outcome = drafts.work_out(loaded, draft)
    return _page(loaded, draft, outcome, header, bulk_refused=refused)


def _invoice(project_id: int, invoice_id: int) -> Invoice:
    invoice = invoice_or_404(project_id, invoice_id, Action.ENTER_INVOICE)
    if not is_latest(invoice):
        abort(403, "Only the latest invoice of a contract changes its amounts.")
    return invoice


def _refuse_what_is_not_theirs(project: Project, invoice: Invoice, draft: Draft) -> None:
    if draft.sets_retainage and not may(project, Action.SET_RETAINAGE):
        abort(403, "Only an administrator of this project sets retainage.")
    if draft.releases and not may(project, Action.RELEASE_RETAINAGE, invoice):
        abort(403, "You may not release retainage on this invoice.")


def _page(
    loaded: EntryState, draft: Draft, outcome: Outcome, header: Header, **context: Any
) -> str:
    invoice = loaded.invoice
    project = project_or_404(invoice.contract.project_id)
    may_set = may(project, Action.SET_RETAINAGE)
    may_release = may(project, Action.RELEASE_RETAINAGE, invoice)
    fields = grid.fields_for(may_set=may_set, may_release=may_release)
    context |= {
        "project": project,
        "invoice": invoice,
        "tab": "subcontractor",
        "grid": grid.of_draft(loaded, draft, outcome, fields),
        "draft": draft,
        "header": header,
        "has_scale": bool(loaded.rules),
        "form": request.form,
        "ticked": set(request.form.getlist("line", type=int)),
        "asked": set(request.form.get("asked", "").split()),
    }
    if wants_fragment():
        return render_template("invoices/_figures.html", **context)
    context["rejected"] = invoice_review.rejected(invoice.id)
    return render_template("invoices/edit.html", **context)
