"""Pages that speak for files which are not shown: placeholders, and what was left out."""

from collections.abc import Sequence

from reportlab.platypus import Flowable

from binder.plan import LeftOut, Plan
from binder.render import pages, words


def placeholder_page(
    title: str, lines: Sequence[tuple[str, str]], *, language: str = "en-US"
) -> bytes:
    """The page that stands where a file could not be shown.

    `title` is the file's name; `lines` are (name, value) pairs in the order they are printed, such
    as ("Contract", "SC-004"), ("Reason", "…").
    """
    story = [
        pages.text(title, size=12, bold=True, is_name=True),
        pages.space(8),
        pages.facts(lines),
    ]
    return pages.build(
        "File not shown", "This page stands for a file of the invoice.", story, language=language
    )


def left_out_pages(plan: Plan) -> bytes:
    """The last page or pages of a backup: every file that was left out, and why."""
    rows = plan.left_out
    project = ", ".join(part for part in (plan.project_name, plan.project_number) if part)
    when = f"{words.day(plan.requested_at.date())}, {plan.requested_at:%H:%M}"
    story: list[Flowable] = [
        pages.text(f"Backup {plan.number}, asked for by {plan.requested_by} on {when}"),
        pages.space(10),
        pages.text(_how_many(len(rows)), size=10, bold=True),
        pages.space(6),
    ]
    if rows:
        story.append(_table(rows))
    return pages.build("Left out of this backup", project, story, language=plan.language)


def _how_many(count: int) -> str:
    if count == 0:
        return "Nothing was left out."
    return "1 file was left out." if count == 1 else f"{count:,} files were left out."


def _table(rows: Sequence[LeftOut]) -> Flowable:
    widths = (110.0, 70.0, 160.0)
    return pages.table(
        ("Contract", "Invoice", "File", "Why it was left out"),
        [(_contract(row), _invoice(row), row.name, row.reason) for row in rows],
        (*widths, pages.WIDTH - sum(widths)),
        names=2,
    )


def _contract(row: LeftOut) -> str:
    contract = row.invoice.contract
    return "\n".join(part for part in (contract.number, contract.company) if part)


def _invoice(row: LeftOut) -> str:
    number = f"\n{row.invoice.number}" if row.invoice.number else ""
    return f"{row.invoice.position}{number}"
