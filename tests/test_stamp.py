"""The stamp stands upright at the lower right of every page, whatever the page is like."""

import math

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from pikepdf import Array

from binder.fragment import Fragment
from binder.linker import Part, link
from binder.make_fragment import make
from binder.pdf_text import helvetica_width, number, text_string, win_ansi
from binder.stamp import Stamp, stamp_text
from tests.pdfs import write_pdf
from tests.test_linker import IDENTITY, METADATA

TEXT = "SC-004 · Inv 7 · p. {page} of {pages}"
DRAWN = "SC-004 · Inv 7 · p. 1 of 1"


def stamped(tmp_path, change=None, **options):
    path = write_pdf(tmp_path / "a.pdf", ["Page"])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        if change:
            change(pdf, pdf.pages[0].obj)
        pdf.save(path, **options)
    made = tmp_path / "fragment.pdf"
    make(path, "application/pdf", made)
    link([Part(Fragment.open(made), stamp=TEXT)], tmp_path / "out.pdf", METADATA, IDENTITY)
    return path, tmp_path / "out.pdf"


def letters_of_the_stamp(path):
    """(x, y, angle) of each letter as displayed: points from the lower left, degrees."""
    page = pypdfium2.PdfDocument(path)[0]
    text = page.get_textpage()
    words = text.get_text_range()
    start = words.index("SC-004")
    width, height = page.get_size()
    found = []
    for index in range(start, start + len(DRAWN)):
        left, bottom, right, top = text.get_charbox(index)
        x, y = on_screen(page, (left + right) / 2, (bottom + top) / 2, width, height)
        angle = math.degrees(pdfium.FPDFText_GetCharAngle(text, index)) + page.get_rotation()
        found.append((x, y, angle % 360))
    return found, (width, height)


def on_screen(page, x, y, width, height):
    matrix = np.array([0, 0], np.intc)
    ax, ay = (np.ctypeslib.as_ctypes(matrix[n : n + 1]) for n in (0, 1))
    scale = 10
    pdfium.FPDF_PageToDevice(
        page, 0, 0, int(width * scale), int(height * scale), 0, x, y, ax, ay
    )  # fmt: skip
    return matrix[0] / scale, height - matrix[1] / scale


def crop(pdf, page):
    page.MediaBox = Array([-50, -70, 700, 900])
    page.CropBox = Array([30, 40, 430, 540])


@pytest.mark.parametrize("cropped", [True, False])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_stamp_is_upright_at_the_lower_right(tmp_path, rotate, cropped):
    def turn(pdf, page):
        if cropped:
            crop(pdf, page)
        page.Rotate = rotate

    _, out = stamped(tmp_path, turn)
    letters, (width, _) = letters_of_the_stamp(out)
    assert all(angle == pytest.approx(0, abs=0.1) for _, _, angle in letters)
    assert all(5 < y < 30 for _, y, _ in letters)
    assert width - 45 < letters[-1][0] < width
    xs = [x for x, _, _ in letters]
    assert xs == sorted(xs)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_only_the_band_of_the_stamp_changes(tmp_path, rotate):
    def turn(pdf, page):
        page.Rotate = rotate

    before, after = (
        pypdfium2.PdfDocument(path)[0].render(scale=1).to_numpy().astype(int)
        for path in stamped(tmp_path, turn)
    )
    changed = np.argwhere(abs(before - after).max(axis=2) > 40)
    assert len(changed) > 50
    height, width = before.shape[:2]
    assert changed[:, 0].min() > height - 24
    assert changed[:, 1].min() > width - 200


def test_a_page_that_leaves_its_states_open_does_not_move_the_stamp(tmp_path):
    def leave_open(pdf, page):
        page.Contents = pdf.make_stream(b"q 3 0 0 3 99 99 cm q 0 1 -1 0 5 5 cm 0 0 2 2 re W n")

    _, out = stamped(tmp_path, leave_open)
    letters, (width, _) = letters_of_the_stamp(out)
    assert all(5 < y < 30 and angle == pytest.approx(0, abs=0.1) for _, y, angle in letters)
    assert letters[-1][0] > width - 45


def row(width, height, *, rotate=0, unit=1.0):
    return [0.0, 0.0, width, height, rotate, unit, 0]


def font_size(stream):
    return float(stream.split(b"/DrawpackStamp ")[1].split()[0])


def position(stream):
    x, y = stream.split(b" Tf ")[1].split()[:2]
    return float(x), float(y)


def test_the_stamp_grows_with_drawings_and_shrinks_on_receipts():
    letter, drawing, receipt = (
        Stamp.of(row(*size), DRAWN).stream for size in ((612, 792), (2384, 3370), (164, 500))
    )
    assert font_size(letter) == 8
    assert 28 < font_size(drawing) < 34
    assert 3.5 < font_size(receipt) < 5
    x, _ = position(receipt)
    assert x > 0
    assert x + helvetica_width(DRAWN, font_size(receipt)) < 164


def test_a_long_stamp_is_fitted_into_a_narrow_page():
    text = "A very long contract number that fills the whole width " * 3
    stream = Stamp.of(row(200, 400), text).stream
    x, _ = position(stream)
    assert x >= 0
    assert x + helvetica_width(text, font_size(stream)) <= 200


def test_the_stamp_is_as_large_on_a_page_of_other_units():
    usual = Stamp.of(row(612, 792), DRAWN).stream
    doubled = Stamp.of(row(306, 396, unit=2.0), DRAWN).stream
    assert font_size(doubled) * 2 == pytest.approx(font_size(usual))
    assert [2 * n for n in position(doubled)] == pytest.approx(position(usual), abs=0.05)


def test_page_numbers_have_commas():
    assert stamp_text(TEXT, 231, 1204) == "SC-004 · Inv 7 · p. 231 of 1,204"


def test_without_a_text_only_the_states_are_closed():
    assert Stamp.of([0, 0, 9, 9, 0, 1, 2], None).stream == b"Q Q Q "


def test_texts_for_simple_fonts_lose_accents_they_lack():
    assert win_ansi("Łódź · Zürich (5\\6)") == b"(?\xf3dz \xb7 Z\xfcrich \\(5\\\\6\\))"
    assert win_ansi("日本") == b"(??)"


def test_text_strings_keep_every_script():
    assert text_string("Plain (1)") == b"(Plain \\(1\\))"
    assert text_string("Łódź") == b"<FEFF014100F30064017A>"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, b"1"), (0.25, b"0.25"), (-0.001, b"0"), (10, b"10"), (-7.5, b"-7.5")]
)
def test_numbers_have_no_needless_digits(value, text):
    assert number(value) == text


def test_widths_are_those_of_the_font():
    from reportlab.pdfbase.pdfmetrics import stringWidth

    for text in ("SC-004 Inv 7 p. 231 of 1,204", "".join(map(chr, range(32, 127)))):
        assert helvetica_width(text, 8) == pytest.approx(stringWidth(text, "Helvetica", 8))
