"""The Subcontractor tab: the invoices of a project, ticked here and compiled into a backup."""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from binder.recipe import Recipe
from blueprints.access import project_or_404, user
from blueprints.invoicing_links import Links
from blueprints.rendering import page, wants_fragment
from models import InvoiceStatus, Project, utcnow
from models.base import begin_deferred
from services import backups, billing_by_period, invoice_list, preflight, recipes, selection
from services.errors import AppError
from services.finding_groups import grouped
from services.findings import Preflight
from services.invoice_filters import Filters
from services.invoice_list import InvoiceList
from services.invoice_order import GroupBy, Order
from services.signing import accounts, asking

bp = Blueprint("invoicing", __name__, url_prefix="/projects/<int:project_id>")
bp.add_app_template_filter(grouped, "grouped")
bp.add_app_template_filter(billing_by_period.chart, "period_chart")


@bp.before_request
def only_read() -> None:
    """Asking about a selection is a POST for its length, but it changes nothing."""
    begin_deferred()


@bp.get("")
@login_required
def home(project_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", project_id=project_or_404(project_id).id), 303)


@bp.get("/invoicing")
@login_required
def show(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id)
    answer = make_response(_page(project, request.args))
    if wants_fragment() and "page" not in request.args:
        # The address of what is shown, without the empty fields of the filter form.
        answer.headers["HX-Push-Url"] = Links.of(project.id, request.args).here
    return answer


@bp.post("/invoicing")
@login_required
def relist(project_id: int) -> ResponseReturnValue:
    """Another view of the list with every tick kept, for browsers without JavaScript: `view` is the
    address that a link would lead to."""
    project = project_or_404(project_id)
    chosen = selection.invoice_ids(project.id, request.form, user())
    query = request.form.get("view", "").partition("?")[2]
    view = MultiDict(parse_qsl(query))
    view.setlist("invoice", [str(invoice_id) for invoice_id in chosen])
    return _page(project, view, chosen=chosen)


@bp.post("/invoicing/preflight", endpoint="preflight")
@login_required
def check(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id)
    chosen = selection.invoice_ids(project.id, request.form, user())
    # Nothing ticked is an invitation to tick, and a finding only once somebody asks to compile.
    today = project.day_of(utcnow())
    recipe = _recipe_of(project, request.form)
    found = preflight.check(project.id, chosen, user(), today, recipe=recipe) if chosen else None
    return with_findings(project, request.form, found, chosen)


def _recipe_of(project: Project, form: MultiDict[str, str]) -> Recipe:
    """What is chosen beside the list; the compile says what is wrong with it, ticking does not."""
    try:
        return recipes.from_form(form, project)
    except recipes.RecipeRefused:
        return recipes.of_project(project)


def with_findings(
    project: Project,
    form: MultiDict[str, str],
    found: Preflight | None,
    chosen: Collection[int],
    *,
    is_refused: bool = False,
) -> str:
    """The panel alone for htmx, else the whole page with the boxes of `form` ticked.

    `is_refused` says that a compile was asked for and not queued.
    """
    state = {
        "is_refused": is_refused,
        "not_shown": selection.not_shown(project.id, form, chosen, user()),
        "no_signing": asking.obstacle(chosen),
    }
    if wants_fragment():
        return render_template(
            "invoicing/_preflight.html",
            project=project,
            preflight=found,
            signing_is_set_up=accounts.is_set_up(),
            **state,
        )
    return _page(project, form, found=found, chosen=chosen, **state)


def list_after(
    project: Project,
    form: MultiDict[str, str],
    chosen: Collection[int],
    *,
    done: str = "",
    refused: AppError | None = None,
) -> ResponseReturnValue:
    """The list after something was done to `chosen`, or the page with why it was not.

    htmx keeps the ticks of the rows that are still there; when refused, it gets the reason alone.
    """
    if refused is None:
        answer = make_response(_page(project, form, chosen=chosen, done=done))
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#invoices", "outerHTML"
        return answer
    if wants_fragment():
        answer = make_response(render_template("invoicing/_status_note.html", refused=refused), 422)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#status-note", "innerHTML"
        return answer
    return _page(project, form, chosen=chosen, refused=refused), 422


def _page(
    project: Project,
    values: MultiDict[str, str],
    *,
    found: Preflight | None = None,
    chosen: Collection[int] = (),
    **state: Any,
) -> str:
    filters, order = Filters.from_values(values), Order.from_values(values)
    invoices = invoice_list.show(project.id, filters, order, user())
    return page(
        "invoicing/show.html",
        block="invoices",
        tab="subcontractor",
        project=project,
        invoices=invoices,
        elsewhere=[] if wants_fragment() else _elsewhere(invoices, values, chosen),
        links=Links(project.id, filters, order),
        scope_name=selection.scope_name(order.group),
        groupings=list(GroupBy),
        ticked=frozenset(chosen),
        whole=frozenset(values.items(multi=True)) if chosen else frozenset(),
        preflight=found,
        statuses=list(InvoiceStatus),
        recipe=recipes.of_project(project),
        signing_is_set_up=accounts.is_set_up(),
        type_rows=recipes.type_rows(project),
        followable=backups.addenda.choices(project.id, user()),
        since=values.get("since", ""),
        **({"no_signing": asking.obstacle(())} | state),
    )


def _elsewhere(
    invoices: InvoiceList, values: MultiDict[str, str], chosen: Collection[int]
) -> list[int]:
    """What was ticked one by one and is not on this page of the list."""
    shown = {row.id for group in invoices.groups for row in group.rows}
    posted = set(values.getlist("invoice"))
    return [each for each in chosen if each not in shown and str(each) in posted]
