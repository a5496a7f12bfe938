"""An invoice drawn: page 1 from an HTML template, continuation sheets by ReportLab's own tables."""

import io
import threading
from dataclasses import astuple
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from reportlab.platypus import Flowable, PageBreak
from xhtml2pdf.config.resources import ResourceAccessPolicy, render_budget, use_policy
from xhtml2pdf.context import pisaContext
from xhtml2pdf.document import pisaStory
from xhtml2pdf.util import reset_caches
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc

from billing.money import format_cents
from binder.errors import BinderError
from binder.render import fonts, style, words
from binder.render.anchors import OF_BLANKS
from binder.render.canvas import EmbeddedCanvas
from binder.render.document import TEMPLATES, InvoiceDocument
from binder.render.draft import print_draft
from binder.render.remarks import Remarks
from binder.render.sheets import paginate
from binder.render.tables import (
    HEAD_HEIGHT,
    TOTAL_HEIGHT,
    FigureStyle,
    sheet_table,
)
from binder.render.wrap import clip

#: The continuation sheet's frame; the template's page rules are written from these.
SHEET_TOP = 78.0
SHEET_BOTTOM = 46.0
_ROOM = style.LANDSCAPE[1] - SHEET_TOP - SHEET_BOTTOM - 2

#: Local reads are confined to the fonts, and nothing is fetched.
_POLICY = ResourceAccessPolicy.server(fonts.FOLDER, allow_remote=False)

# xhtml2pdf and ReportLab keep fonts and caches in module globals: one drawing at a time.
_drawing = threading.Lock()


def render_invoice(document: InvoiceDocument, *, for_signing: bool = False) -> bytes:
    """The invoice as a PDF: summary in portrait, then continuation sheets in landscape.

    `for_signing` puts the unseen anchors of a signing service on the blanks of who bills.
    The same document gives the same bytes. Raises `BinderError` when it cannot be drawn.
    """
    sheets = _sheets(document)
    expected = 1 + len(sheets)
    with _drawing:
        pages, pdf = _draw(document, sheets, expected, for_signing=for_signing)
        if pages != expected:
            # A summary of unusual length took more than one page: "of y" was wrong.
            pages, pdf = _draw(document, _sheets(document), pages, for_signing=for_signing)
    return pdf


def _sheets(document: InvoiceDocument) -> list[list[Flowable]]:
    """The flowables of each continuation sheet, remarks at the end."""
    room = _ROOM - HEAD_HEIGHT - TOTAL_HEIGHT
    pages = paginate(document, room, room - TOTAL_HEIGHT)
    figures = FigureStyle.for_document(document, pages)
    last = len(pages) - 1
    sheets: list[list[Flowable]] = [
        [sheet_table(document, page, figures, last=index == last)]
        for index, page in enumerate(pages)
    ]
    free = room - TOTAL_HEIGHT - sum(row.height for row in pages[-1].rows)
    remarks = Remarks.of(document).pages(free, _ROOM)
    if remarks:
        sheets[-1] += remarks[0]
        sheets += remarks[1:]
    return sheets


def _draw(
    document: InvoiceDocument, sheets: list[list[Flowable]], total: int, *, for_signing: bool
) -> tuple[int, bytes]:
    """Number of pages and PDF; `total` is what the feet say after "of"."""
    html = (
        _environment()
        .get_template("invoice.html")
        .render(
            document=document,
            families=_families(document),
            total=total,
            style=style,
            sheet_top=SHEET_TOP,
            sheet_bottom=SHEET_BOTTOM,
            anchors=OF_BLANKS if for_signing else dict.fromkeys(OF_BLANKS, ""),
            _=document.label,
        )
    )
    out = io.BytesIO()
    try:
        with use_policy(_POLICY), render_budget(_POLICY):
            context = _story(html, document)
            for sheet in sheets:
                context.story += [PageBreak(), *sheet]
            pdf = _Pages(
                out,
                pagesize=style.PORTRAIT,
                title=_title(document),
                author=fonts.printable(document.contract.company),
                creator="Drawpack",
                lang=document.language,
                initialFontName=fonts.REGULAR,
                invariant=1,
            )
            pdf.is_draft = document.invoice.is_draft
            pdf.addPageTemplates(list(context.templateList.values()))
            pdf.build(context.story, canvasmaker=EmbeddedCanvas)
    finally:
        reset_caches()
    return pdf.page, out.getvalue()


def _story(html: str, document: InvoiceDocument) -> pisaContext:
    context = pisaContext("")
    context.resource_policy = _POLICY
    for name in (fonts.REGULAR, *fonts.FALLBACKS):
        context.registerFont(name)
    pisaStory(html, context=context, encoding="utf-8")
    if context.err:
        raise BinderError(
            f"Invoice {document.invoice.position} of {document.contract.number} cannot be drawn."
        )
    return context


def _title(document: InvoiceDocument) -> str:
    name = document.label("Subcontractor invoice")
    contract, invoice = document.contract, document.invoice
    title = f"{name} {invoice.position}, {contract.number}, {document.project.name}"
    return fonts.printable(title)


class _Pages(PmlBaseDoc):
    """The document; DRAFT goes over a page when all else stands on it."""

    is_draft = False

    def afterPage(self) -> None:  # noqa: N802
        if self.is_draft:
            print_draft(self.canv)


def _families(document: InvoiceDocument) -> str:
    """The CSS font-family list; xhtml2pdf takes a character from the first family that has it."""
    facts = (document.project, document.contract, document.invoice)
    shown = "".join(str(value) for fact in facts for value in astuple(fact))
    shown += "".join(document.labels.values())
    for face in (fonts.REGULAR, fonts.BOLD):
        fonts.face(face)
    return ", ".join([fonts.REGULAR, *fonts.fallbacks_for(shown)])


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(money=format_cents, day=words.day, percent=words.percent, clip=clip)
    environment.globals["span"] = words.span
    return environment


def _finalize(value: object) -> object:
    """Every text that reaches the page can be drawn, whoever wrote it."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return fonts.printable(value)
    return value
