"""What a second reader (PDFium) sees of a file: page count, text, resolution, orientation."""

import ctypes
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from binder.plain_pages import FEWEST_DOTS, FEWEST_LETTERS, Look

_SAMPLES = 60
#: Pictures are looked for among so many objects of a page, and so deep in nested forms.
_OBJECTS_READ = 2000
_FORMS_DEEP = 3
#: Pages beyond this are counted, not looked into.
_PAGES_READ = 2000


@dataclass(frozen=True, slots=True)
class Reading:
    """What PDFium found; `max_dpi` is 0 without images."""

    pages: int
    searchable_pages: int
    upside_down_pages: int
    max_dpi: int


def read(path: Path, known: Sequence[Look | None] = ()) -> Reading | None:
    """Read the PDF at `path` by PDFium; None where PDFium cannot open it.

    What is `known` of the first pages is taken over.
    """
    with _opened(path) as document:
        if not document:
            return None
        count = pdfium.FPDF_GetPageCount(document)
        looked_at = min(count, _PAGES_READ)
        looks = [
            look or _look_at(document, index)
            for index, look in zip_longest(range(looked_at), known[:looked_at])
        ]
        return Reading(
            count,
            searchable_pages=sum(look.has_text for look in looks),
            upside_down_pages=sum(look.is_turned for look in looks),
            max_dpi=max((look.dpi for look in looks), default=0),
        )


def count_pages(path: Path) -> int | None:
    """The pages that PDFium counts; None where it cannot open the file."""
    with _opened(path) as document:
        return int(pdfium.FPDF_GetPageCount(document)) if document else None


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """PDFium's handle of the file at `path`, nothing where it cannot open it.

    By its own functions: the objects that pypdfium2 makes cost as much as reading a small file.
    """
    document = pdfium.FPDF_LoadDocument(os.fsencode(path), None)
    try:
        yield document
    finally:
        if document:
            pdfium.FPDF_CloseDocument(document)


def _look_at(document: Any, index: int) -> Look:
    """What is on a page; nothing where PDFium cannot load it."""
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return Look()
    try:
        return _look(page)
    finally:
        pdfium.FPDF_ClosePage(page)


def _look(page: Any) -> Look:
    kinds = set()
    lines = []
    dpi = 0
    for handle, kind, depth in _objects(page):
        kinds.add(kind)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            dpi = max(dpi, _resolution(handle))
        elif kind == pdfium.FPDF_PAGEOBJ_TEXT and depth == 0:
            lines.append(handle)
    rotation = 90 * pdfium.FPDFPage_GetRotation(page)
    # To put letters together costs more than all the rest, and is seldom needed: most pages of a
    # scan are a picture and nothing else, most others have more strings than letters are asked for.
    if kinds <= {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH}:
        return Look(dpi=dpi)
    if len(lines) >= FEWEST_LETTERS:
        return Look(True, _mostly_turned(map(_angle, _sample(lines)), rotation), dpi)
    return Look(*_read_letters(page, rotation), dpi)


def _read_letters(page: Any, rotation: int) -> tuple[bool, bool]:
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return False, False
    try:
        letters = range(pdfium.FPDFText_CountChars(text))
        if len(letters) < FEWEST_LETTERS:
            return False, False
        angles = (pdfium.FPDFText_GetCharAngle(text, index) for index in _sample(letters))
        known = (math.degrees(angle) for angle in angles if angle >= 0)
        return True, _mostly_turned(known, rotation)
    finally:
        pdfium.FPDFText_ClosePage(text)


def _sample(every: Sequence[Any]) -> Sequence[Any]:
    """Enough of them to judge by."""
    return every[:: max(1, len(every) // _SAMPLES)]


def _angle(line: Any) -> float:
    """Clockwise degrees of a string, as PDFium gives them for its letters."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(line, ctypes.byref(matrix))
    return math.degrees(math.atan2(matrix.c, matrix.a))


def _mostly_turned(angles: Iterable[float], rotation: int) -> bool:
    """Whether most stand on their heads once the page is turned as its `/Rotate` says."""
    heads = [170 <= (angle + rotation) % 360 <= 190 for angle in angles]
    return 2 * sum(heads) > len(heads)


def text_of(path: Path, pages: Iterable[int]) -> str:
    """The words on these pages (from 0), as PDFium reads them."""
    document = pypdfium2.PdfDocument(path)
    try:
        texts = []
        for index in pages:
            page = document[index]
            text = page.get_textpage()
            texts.append(str(text.get_text_range()))
            text.close()
            page.close()
        return "\n".join(texts)
    finally:
        document.close()


def first_page_text(path: Path) -> str:
    """The first words on page 1, as PDFium reads them; empty where it cannot."""
    try:
        document = pypdfium2.PdfDocument(path)
        text = document[0].get_textpage()
    except pypdfium2.PdfiumError:
        return ""
    return str(text.get_text_range(0, min(text.count_chars(), 500)))


def rescue(path: Path, dest: Path) -> bool:
    """Write what PDFium can open of a damaged file to `dest`; False where that is nothing."""
    try:
        damaged = pypdfium2.PdfDocument(path)
        rescued = pypdfium2.PdfDocument.new()
        rescued.import_pages(damaged)
        rescued.save(dest)
    except pypdfium2.PdfiumError:
        return False
    return len(rescued) > 0


def _resolution(picture: Any) -> int:
    """Dots per inch of a picture as placed on the page."""
    facts = pdfium.FPDF_IMAGEOBJ_METADATA()
    known = pdfium.FPDFImageObj_GetImageMetadata(picture, None, ctypes.byref(facts))
    if not known or min(facts.width, facts.height) < FEWEST_DOTS:
        return 0
    dpi: float = min(facts.horizontal_dpi, facts.vertical_dpi)
    return round(dpi)


def _objects(page: Any) -> Iterator[tuple[Any, int, int]]:
    """Handle, kind and depth of what is on a page and in the forms that it uses.

    Where there is more than is looked at, a form comes last: it may hold anything.
    """
    every = pdfium.FPDFPage_CountObjects(page)
    count = min(every, _OBJECTS_READ)
    waiting = [(pdfium.FPDFPage_GetObject(page, index), 0) for index in range(count)]
    while waiting:
        handle, depth = waiting.pop()
        kind = pdfium.FPDFPageObj_GetType(handle)
        yield handle, kind, depth
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORMS_DEEP:
            inside = min(pdfium.FPDFFormObj_CountObjects(handle), _OBJECTS_READ)
            waiting += [
                (pdfium.FPDFFormObj_GetObject(handle, index), depth + 1) for index in range(inside)
            ]
    if every > count:
        yield None, pdfium.FPDF_PAGEOBJ_FORM, 0
