"""Which invoices a posted form of the Subcontractor tab means."""

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
