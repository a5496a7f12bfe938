"""The receipt at the end: everything that went in, page for page, and what stayed out."""

from collections.abc import Sequence

from binder.plan import Plan
from binder.render import style
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.flow import Row, draw, page_count, paragraph, space, title_row
from binder.render.furniture.left_out_rows import left_out_rows
from binder.render.furniture.receipt_rows import Written, document_rows
from binder.render.furniture.texts import counted, followed, subtitle

_INTRODUCTION = (
    "Every document of this backup in its order, with its pages when it arrived (in), its pages "
    "here (out), the page on which it begins, and the SHA-256 of the file as it was received."
)


def receipt(
    plan: Plan,
    first_pages: Sequence[int],
    pages_out: Sequence[int],
    *,
    total_pages: int,
    volumes: Sequence[int] = (),
    notes: Sequence[str] = (),
) -> Drawn:
    """The receipt of `plan`: of each document its first page (from 1) and the pages written.

    `total_pages` are those of the whole backup, ours included. `notes`, one for each document or
    none at all, say what was done to a file, such as "Repaired." ValueError when lengths differ.
    """
    rows = _rows(plan, Written(first_pages, pages_out, volumes, notes), total_pages)
    return draw("Receipt", subtitle(plan), rows, language=plan.language)


def receipt_page_count(
    plan: Plan, *, volumes: Sequence[int] = (), notes: Sequence[str] = ()
) -> int:
    """Pages that `receipt` takes, whatever the numbers are.

    `notes` as given to it; any `volumes` where it will show some, since names get less room then.
    """
    pages = [document.pages for document in plan.documents]
    return page_count(_rows(plan, Written(pages, pages, volumes, notes), 0))


def _rows(plan: Plan, written: Written, total_pages: int) -> list[Row]:
    return [
        *paragraph(_INTRODUCTION, ink=style.MUTED),
        *(paragraph(followed(plan.addendum)) if plan.addendum else ()),
        space(6),
        *document_rows(plan, written),
        space(6),
        *_sums(plan, written.pages_out, total_pages),
        space(14),
        title_row(_how_many(len(plan.left_out))),
        *left_out_rows(plan),
    ]


def _sums(plan: Plan, pages_out: Sequence[int], total_pages: int) -> list[Row]:
    """Two lines, whatever the numbers are."""
    pages_in, out = sum(document.pages for document in plan.documents), sum(pages_out)
    if pages_in == out:
        first, ink = "Pages in and pages out are equal.", style.INK
    else:
        first = f"Pages in and pages out differ by {abs(pages_in - out):,}."
        ink = style.WARNING
    added = counted(total_pages - out, "page")
    second = (
        f"{counted(out, 'page')} of documents and {added} added by this backup are "
        f"{counted(total_pages, 'page')}."
    )
    return [*paragraph(first, ink=ink), *paragraph(second)]


def _how_many(count: int) -> str:
    if count == 0:
        return "Nothing was left out."
    return "1 file was left out." if count == 1 else f"{count:,} files were left out."
