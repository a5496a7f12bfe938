"""The linked index at the front: contracts, their invoices, their documents, each with its page."""

from collections.abc import Sequence

from binder.plan import Plan
from binder.render.furniture.changes import Changes
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.flow import draw, page_count
from binder.render.furniture.index_rows import IndexRows
from binder.render.furniture.texts import subtitle


def index(
    plan: Plan,
    first_pages: Sequence[int],
    *,
    volumes: Sequence[int] = (),
    changes: Changes | None = None,
) -> Drawn:
    """The index of `plan`, whose documents begin at `first_pages` (from 1).

    With `volumes`, one number for each document, pages count from 1 in each volume. Each row of a
    contract, invoice or document is a link. ValueError when lengths differ from the documents'.
    """
    count = len(plan.documents)
    marks = changes.marks if changes else ()
    if len(first_pages) != count or len(volumes) not in {0, count} or len(marks) not in {0, count}:
        raise ValueError(f"The index needs one page, volume and mark for each of {count} documents")
    rows = IndexRows(plan, first_pages, volumes, changes).rows()
    name = f"{subtitle(plan)} · {changes.sentence}" if changes else subtitle(plan)
    return draw("Index", name, rows, language=plan.language)


def index_page_count(plan: Plan, *, changes: Changes | None = None) -> int:
    """Pages that `index` takes, whatever the page numbers and volumes are."""
    return page_count(IndexRows(plan, (), (), changes).rows())
