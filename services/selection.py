"""Which invoices a posted form of the Subcontractor tab means."""

from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from models import User
from services import invoice_rows
from services.invoice_filters import Filters
from services.invoice_order import GroupBy


def scope_name(group: GroupBy) -> str:
    """The name of the checkbox that takes a whole group."""
    return "contract" if group == GroupBy.CONTRACT else f"whole_{group}"


def invoice_ids(project_id: int, form: MultiDict[str, str], viewer: User | None) -> list[int]:
    """The invoices that a form of `viewer` selects: by contract in natural order, then position.

    * `invoice`: ids of ticked rows
    * `contract`, `whole_company`, `whole_period`, `whole_status`: groups ticked as a whole; those
      of their invoices that match the filters in the form
    * `all=1`: every invoice that matches the filters in the form
    * `except`: ids unticked inside what was ticked as a whole

    Ids of other projects, and of contracts that `viewer` may not see, are ignored. Three
    statements, however many invoices there are.
    """
    rows = invoice_rows.load(project_id, viewer)
    ticked = set(form.getlist("invoice"))
    unticked = set(form.getlist("except"))
    scopes = {by: frozenset(form.getlist(scope_name(by))) for by in GroupBy}
    takes_all = form.get("all") == "1"
    whole = {
        row.id
        for row in Filters.from_values(form).matching(rows)
        if takes_all or any(row.value_of(by) in values for by, values in scopes.items() if values)
    }
    return [
        row.id
        for row in rows
        if str(row.id) in ticked or (row.id in whole and str(row.id) not in unticked)
    ]


def not_shown(
    project_id: int, form: MultiDict[str, str], chosen: Collection[int], viewer: User | None
) -> int:
    """How many of the `chosen` invoices do not match the filters in the form.

    Ticks outlive a new search, so a selection may hold what its list does not show.
    """
    filters = Filters.from_values(form)
    if not chosen or not filters.is_active:
        return 0
    rows = invoice_rows.load(project_id, viewer)
    return len(set(chosen).difference(row.id for row in filters.matching(rows)))
