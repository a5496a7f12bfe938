"""The Billing Periods tab of the Invoicing tool."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import period_or_404, project_or_404, user
from blueprints.rendering import page
from jobs.drawings import enqueue_draw
from models import Project
from services import period_schedules, period_words, periods
from services.period_dates import PeriodDates, PeriodRefused
from services.permissions import Action

bp = Blueprint("billing_periods", __name__, url_prefix="/projects/<int:project_id>/billing-periods")
bp.add_app_template_filter(period_words.in_words, "rule_words")
bp.add_app_template_global(period_words.spans, "period_spans")
bp.add_app_template_global(period_words.due_days, "due_days")


@bp.get("")
@login_required
def index(project_id: int) -> ResponseReturnValue:
    """`?edit=` and `?reopen=` turn the row of that period into a form; `?at=` is where one was."""
    project = project_or_404(project_id)
    return _table(
        project,
        editing=request.args.get("edit", type=int),
        reopening=request.args.get("reopen", type=int),
        focused=request.args.get("at", type=int),
    )


@bp.post("")
@login_required
def create(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CREATE_PERIODS)
    try:
        period = periods.create(project.id, _dates(), user_id=user().id)
    except PeriodRefused as e:
        return _table(project, error=e, form=request.form), 422
    return _back(project_id, at=period.id)


@bp.post("/set-up")
@login_required
def set_up(project_id: int) -> ResponseReturnValue:
    """How periods are made from now on; an automatic one that has begun is made at once."""
    project = project_or_404(project_id, Action.CREATE_PERIODS)
    try:
        wanted = period_schedules.SetUp.parse(request.form)
        period_schedules.save(project.id, wanted, _today(project))
    except PeriodRefused as e:
        return _table(project, error=e, form=request.form, is_set_up=True), 422
    return _back(project_id)


@bp.post("/<int:period_id>")
@login_required
def update(project_id: int, period_id: int) -> ResponseReturnValue:
    period = period_or_404(project_id, period_id, Action.EDIT_PERIODS)
    try:
        touched = periods.update(period, _dates(), user_id=user().id)
    except PeriodRefused as e:
        project = project_or_404(project_id)
        return _table(project, error=e, form=request.form, editing=period_id), 422
    # Stops at the first that cannot be queued; a compile draws what is missing.
    all(enqueue_draw(invoice_id) for invoice_id in touched)
    return _back(project_id, at=period_id)


@bp.post("/<int:period_id>/open")
@login_required
def open(project_id: int, period_id: int) -> ResponseReturnValue:  # noqa: A001 - the verb of the screen
    period = period_or_404(project_id, period_id, Action.MANAGE_PERIODS)
    try:
        periods.open_again(period, request.form.get("reason", ""), user_id=user().id)
    except PeriodRefused as e:
        project = project_or_404(project_id)
        return _table(project, error=e, form=request.form, reopening=period_id), 422
    return _back(project_id, at=period_id)


@bp.post("/<int:period_id>/close")
@login_required
def close(project_id: int, period_id: int) -> ResponseReturnValue:
    period = period_or_404(project_id, period_id, Action.MANAGE_PERIODS)
    periods.close(period, user_id=user().id)
    return _back(project_id, at=period_id)


@bp.post("/<int:period_id>/delete")
@login_required
def delete(project_id: int, period_id: int) -> ResponseReturnValue:
    period = period_or_404(project_id, period_id, Action.MANAGE_PERIODS)
    beside = _beside(project_id, period_id)
    try:
        periods.delete(period)
    except PeriodRefused as e:
        return _table(project_or_404(project_id), error=e, refused=period_id), 422
    return _back(project_id, at=beside)


def _beside(project_id: int, period_id: int) -> int:
    """The row below, or above the last one; 0 where there is no other."""
    ids = [row.period.id for row in periods.listing(project_id, user())]
    place = ids.index(period_id)
    return next(iter([*ids[place + 1 :], *reversed(ids[:place])]), 0)


def _dates() -> PeriodDates:
    form = request.form
    return PeriodDates.parse(form.get("start", ""), form.get("end", ""), form.get("due", ""))


def _back(project_id: int, *, at: int | None = None) -> ResponseReturnValue:
    """To the list, and in it to the row that was worked on: the focus is not lost."""
    # htmx follows with its own header, so the same answer serves page and fragment.
    return redirect(url_for(".index", project_id=project_id, at=at), 303)


def _today(project: Project) -> date:
    return datetime.now(project.zone).date()


def _table(project: Project, **state: Any) -> str:
    schedule = period_schedules.of_project(project.id)
    rows = periods.listing(project.id, user())
    return page(
        "billing_periods/index.html",
        block="periods",
        tab="billing_periods",
        project=project,
        rows=rows,
        open_row=next((row for row in rows if row.period.is_open), None),
        proposal=periods.proposal(project.id, _today(project)),
        schedule=schedule,
        coming=period_schedules.coming(
            schedule, max((row.period.end for row in rows), default=None)
        ),
        **state,
    )
