"""What a page's content says for itself is what PDFium says of the page."""

import pytest
from pikepdf import Dictionary, Name, Pdf

from binder import reading
from binder.plain_pages import Look, plain_look

UPRIGHT = b"BT /F0 9 Tf 1 0 0 1 50 700 Tm " + b"0 -12 Td (Words on a line) Tj " * 15 + b"ET"
PICTURE = b"q\n612.0000 0 0 792.0000 0.0000 0.0000 cm\n/Im0 Do\nQ"


def looks(tmp_path, content, *, rotate=0, dots=(1700, 2200)):
    """What the content says, and what PDFium says of the same page."""
    pdf = Pdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    page = pdf.pages[0]
    image = pdf.make_stream(
        b"\0" * (dots[0] * dots[1]),
        Type=Name.XObject, Subtype=Name.Image, Width=dots[0], Height=dots[1],
        ColorSpace=Name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=image), Font=Dictionary(F0=font))
    page.obj.Contents = pdf.make_stream(content)
    page.obj.Rotate = rotate
    own = plain_look(page, content, rotate)
    pdf.save(tmp_path / "a.pdf")
    read = reading.read(tmp_path / "a.pdf")
    return own, Look(read.searchable_pages == 1, read.upside_down_pages == 1, read.max_dpi)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_upright_text_is_told_without_a_reader(tmp_path, rotate):
    own, read = looks(tmp_path, UPRIGHT, rotate=rotate)
    assert own == read == Look(has_text=True, is_turned=rotate == 180)


@pytest.mark.parametrize(
    ("content", "dpi"),
    [
        (PICTURE, 200),
        (b"q 306 0 0 792 10 20 cm /Im0 Do Q", 200),
        (b" q 0.5 0 0 100 -3 4 cm /Im0 Do Q\r\n", 1584),
        (b"q -612 0 0 -792 612 792 cm /Im0 Do Q", 200),
        (PICTURE + b" q 100 0 0 100 0 0 cm /Im0 Do Q", 1224),
    ],
)
def test_the_resolution_of_a_scan_is_told_without_a_reader(tmp_path, content, dpi):
    own, read = looks(tmp_path, content)
    assert own == read == Look(dpi=dpi)


@pytest.mark.parametrize("before", [b"", b"1 0 0 1 0 0 cm ", b"1 0 0 1 20.5 -3\ncm "])
def test_text_beside_a_picture_is_told_without_a_reader(tmp_path, before):
    own, read = looks(tmp_path, before + UPRIGHT + b" " + PICTURE)
    assert own == read == Look(has_text=True, dpi=200)


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F0 9 Tf (Twelve words at least) Tj ET",
        b"BT /F0 9 Tf " + b"() Tj ( ) Tj " * 20 + b"ET",
        UPRIGHT.replace(b"1 0 0 1", b"-1 0 0 -1"),
        UPRIGHT.replace(b"1 0 0 1", b"0 1 -1 0"),
        UPRIGHT.replace(b"1 0 0 1", b"0 0 0 1"),
        UPRIGHT.replace(b"1 0 0 1", b"1 .5 0 1"),
        b"q 1 0 0 -1 0 792 cm " + UPRIGHT + b" Q",
        b"2 0 0 2 0 0 cm " + UPRIGHT + b" " + PICTURE,
        b"11 0 0 1 0 0 cm " + UPRIGHT + b" " + PICTURE,
        UPRIGHT + b" q 2 0 0 2 0 0 cm " + PICTURE + b" Q",
        UPRIGHT + b" /Im0 Do",
        UPRIGHT + b" BI /W 8 /H 8 /BPC 8 /CS /G ID 01234567 EI",
        PICTURE.replace(b"Im0", b"Gone"),
        PICTURE.replace(b"612.0000 0 0", b"612.0000 0.1 0"),
        PICTURE.replace(b"612.0000", b"0"),
        PICTURE + b" /Im0 Do",
        b"2 0 0 2 0 0 cm " + PICTURE,
        b"",
    ],
)
def test_what_is_less_plain_is_left_to_a_reader(tmp_path, content):
    assert looks(tmp_path, content)[0] is None


def test_a_picture_of_a_few_dots_has_no_resolution(tmp_path):
    own, read = looks(tmp_path, PICTURE, dots=(8, 8))
    assert own == read == Look()
