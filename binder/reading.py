"""What a second reader (PDFium) sees of a file: page count, text, resolution, orientation."""

import ctypes
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

#: A page with fewer letters counts as a scan: scanners print a word or two of their own.
_FEWEST_LETTERS = 12
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


def read(path: Path) -> Reading | None:
    """Read the PDF at `path` by PDFium; None where PDFium cannot open it."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return None
    count = len(document)
    searchable = upside_down = dpi = 0
    for index in range(min(count, _PAGES_READ)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            continue
        text = page.get_textpage()
        letters = text.count_chars()
        if letters >= _FEWEST_LETTERS:
            searchable += 1
            upside_down += _is_upside_down(text, letters, page.get_rotation())
        dpi = max(dpi, max(_resolutions(page), default=0))
        text.close()
        page.close()
    document.close()
    return Reading(count, searchable, upside_down, dpi)


def count_pages(path: Path) -> int | None:
    """The pages that PDFium counts; None where it cannot open the file."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return None
    try:
        return len(document)
    finally:
        document.close()


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


def _is_upside_down(text: pypdfium2.PdfTextPage, letters: int, rotation: int) -> bool:
    """Whether most letters stand on their heads once the page is turned as its `/Rotate` says."""
    step = max(1, letters // _SAMPLES)
    turned = upright = 0
    for index in range(0, letters, step):
        angle = pdfium.FPDFText_GetCharAngle(text, index)
        if angle < 0:
            continue
        displayed = (math.degrees(angle) + rotation) % 360
        if 170 <= displayed <= 190:
            turned += 1
        else:
            upright += 1
    return turned > upright


def _resolutions(page: pypdfium2.PdfPage) -> Iterator[int]:
    """Dots per inch of each picture as placed on the page."""
    for picture in _pictures(page):
        facts = pdfium.FPDF_IMAGEOBJ_METADATA()
        known = pdfium.FPDFImageObj_GetImageMetadata(picture, None, ctypes.byref(facts))
        # A mask of a few dots stretched to a rule would claim thousands of dots per inch.
        if known and min(facts.width, facts.height) >= 64:
            yield round(min(facts.horizontal_dpi, facts.vertical_dpi))


def _pictures(page: pypdfium2.PdfPage) -> Iterator[Any]:
    """Handles of the pictures on a page and in the forms that it uses, by PDFium's own functions:
    the objects that pypdfium2 makes of each line and letter cost more than the reading."""
    count = min(pdfium.FPDFPage_CountObjects(page), _OBJECTS_READ)
    waiting = [(pdfium.FPDFPage_GetObject(page, index), 0) for index in range(count)]
    while waiting:
        handle, depth = waiting.pop()
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            yield handle
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _FORMS_DEEP:
            inside = min(pdfium.FPDFFormObj_CountObjects(handle), _OBJECTS_READ)
            waiting += [
                (pdfium.FPDFFormObj_GetObject(handle, index), depth + 1) for index in range(inside)
            ]
