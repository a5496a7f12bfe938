"""Born-digital files of the set: invoices, office documents and forms."""

import io
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Name, ObjectStreamMode, Pdf
from PIL import Image
from reportlab.lib.pagesizes import A4, letter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from bench.words import BOLD, REGULAR, SIGNS, amount, register_fonts, words

#: Office documents of the same length come from so many authors; files of one author share fonts.
_AUTHORS = 3
_ROWS = 38
_COLUMNS = (62, 210, 290, 360, 430, 500, 560)


def invoice(random: Random, pages: int) -> bytes:
    """A summary page and continuation sheets, with subset fonts or with built-in ones."""
    regular, bold = random.choice(((REGULAR, BOLD), ("Helvetica", "Helvetica-Bold")))
    canvas, data = _canvas(letter)
    canvas.setFont(bold, 14)
    canvas.drawString(50, 730, f"Progress invoice {random.randrange(10**6)}")
    canvas.setFont(regular, 9)
    for line in range(9):
        y = 690 - 18 * line
        canvas.drawString(50, y, words(random, 5).capitalize())
        canvas.drawRightString(560, y, amount(random))
    _lines(canvas, random, 500, 14)
    for sheet in range(1, pages):
        canvas.showPage()
        _continuation(canvas, random, sheet, regular, bold)
    canvas.save()
    return data.getvalue()


def _continuation(canvas: Canvas, random: Random, sheet: int, regular: str, bold: str) -> None:
    canvas.setFont(bold, 10)
    canvas.drawString(50, 740, f"Schedule of values, sheet {sheet}")
    canvas.setFont(regular, 7)
    for row in range(_ROWS):
        y = 715 - 17 * row
        canvas.line(50, y - 4, 562, y - 4)
        canvas.drawString(50, y, str(row + 1 + _ROWS * (sheet - 1)))
        canvas.drawString(66, y, words(random, 3))
        for x in _COLUMNS[2:]:
            canvas.drawRightString(x, y, amount(random))


def form(random: Random, pages: int) -> bytes:
    """A filled form; its fields have the same names in every file."""
    canvas, data = _canvas(letter)
    for page in range(pages):
        suffix = str(page) if page else ""
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(72, 740, f"Lien waiver {random.randrange(10**6)}")
        canvas.setFont("Helvetica", 10)
        for row, name in enumerate(("name", "date", "amount", "company", "check_no")):
            y = 700 - 30 * row
            canvas.drawString(72, y, name)
            canvas.acroForm.textfield(
                name=name + suffix, value=words(random, 2), x=160, y=y - 8, width=220, height=18,
                borderStyle="solid", forceBorder=True, fontSize=10,
            )  # fmt: skip
        canvas.acroForm.checkbox(name=f"agree{suffix}", x=160, y=520, checked=True)
        canvas.drawString(72, 480, words(random, 10))
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def office(random: Random, pages: int) -> bytes:
    """A text with headings, bookmarks, inner links and pictures, saved in one of five ways."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(_document(pages, random.randrange(_AUTHORS)))) as pdf:
        pdf.docinfo["/Title"] = words(random, 3)
        pdf.pages[0].contents_add(b"%% %032x\n" % random.getrandbits(128))
        if random.random() < 0.15:
            pdf.pages[-1].rotate(90, relative=True)
        random.choices(_WAYS, weights=(40, 20, 10, 10, 20))[0](pdf, out)
    return out.getvalue()


@cache
def _document(pages: int, author: int) -> bytes:
    """What the variants of one author and length have in common: text, fonts, pictures."""
    random = Random(f"{pages} pages by {author}")
    canvas, data = _canvas(A4)
    canvas.setTitle(words(random, 3))
    picture = _letterhead(author)
    for page in range(pages):
        canvas.bookmarkPage(f"p{page}")
        canvas.addOutlineEntry(words(random, 3), f"p{page}", level=min(page % 3, 1))
        canvas.setFont(BOLD, 15)
        canvas.drawString(60, 790, words(random, 4).capitalize())
        canvas.setFont((REGULAR, SIGNS, REGULAR)[author], 9)
        _lines(canvas, random, 760, 34)
        if page % 2 == 0:
            canvas.drawImage(picture, 60, 90, 240, 160)
        canvas.linkRect("", f"p{(page + 1) % pages}", (400, 40, 500, 60), relative=0)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def _letterhead(author: int) -> ImageReader:
    dots = np.random.default_rng(author).integers(0, 255, (60, 90, 3)).astype(np.uint8)
    return ImageReader(Image.fromarray(dots).resize((240, 160), Image.Resampling.BICUBIC))


def _with_object_streams(pdf: Pdf, out: io.BytesIO) -> None:
    pdf.save(out, static_id=True, object_stream_mode=ObjectStreamMode.generate)


def _linearised(pdf: Pdf, out: io.BytesIO) -> None:
    pdf.save(out, static_id=True, linearize=True)


def _linearised_with_object_streams(pdf: Pdf, out: io.BytesIO) -> None:
    mode = ObjectStreamMode.generate
    pdf.save(out, static_id=True, linearize=True, object_stream_mode=mode)


def _with_inherited_attributes(pdf: Pdf, out: io.BytesIO) -> None:
    """The page size and rotation stand at the root of the page tree."""
    pdf.Root.Pages.MediaBox = pdf.pages[0].MediaBox
    pdf.Root.Pages.Rotate = 0
    for page in pdf.pages:
        del page.obj[Name.MediaBox]
    _plain(pdf, out)


def _plain(pdf: Pdf, out: io.BytesIO) -> None:
    pdf.save(out, static_id=True, object_stream_mode=ObjectStreamMode.disable)


_WAYS: tuple[Callable[[Pdf, io.BytesIO], None], ...] = (
    _with_object_streams,
    _linearised,
    _linearised_with_object_streams,
    _with_inherited_attributes,
    _plain,
)


def _canvas(size: tuple[float, float]) -> tuple[Any, io.BytesIO]:
    """An empty document without dates and chance, and where its bytes will be."""
    register_fonts()
    data = io.BytesIO()
    return Canvas(data, pagesize=size, pageCompression=1, invariant=1), data


def _lines(canvas: Canvas, random: Random, top: int, count: int) -> None:
    text = canvas.beginText(60, top)
    for _ in range(count):
        text.textLine(words(random, 9) + random.choice(("", " é", " €", " ½", " – ok")))
    canvas.drawText(text)
