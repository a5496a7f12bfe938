"""A page looks in the backup as it looked in its own file, however that file was written."""

import zlib

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from binder.linker import link
from tests.pdfs import write_pdf
from tests.test_back_links import Part, fragment_of
from tests.test_linker import IDENTITY, METADATA

#: Rows at 72 dpi that the stamp may change.
BAND = 24


def saved(**how):
    def write(path):
        with pikepdf.open(write_pdf(path.with_suffix(".plain"), ["One", "Two"])) as pdf:
            pdf.save(path, **how)
        return path

    return write


def version_two(path):
    with pikepdf.open(write_pdf(path.with_suffix(".plain"), ["One", "Two"])) as pdf:
        pdf.save(path, force_version="2.0")
    return path


def raw(*objects, trailer=""):
    """A PDF written by hand, object n + 1 being `objects[n]`."""

    def write(path):
        out = bytearray(b"%PDF-1.4\n")
        offsets = []
        for number, value in enumerate(objects, 1):
            offsets.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
        at = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(objects) + 1
        out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, at)
        path.write_bytes(out)
        return path

    return write


_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
_PAGES = b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 300 400]>>"
_FILL = b"0.8 0.1 0.1 rg 50 300 90 40 re f"

indirect_length = raw(
    _CATALOGUE,
    _PAGES,
    b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
    b"<</Length 5 0 R>>\nstream\n%s\nendstream" % _FILL,
    b"%d" % len(_FILL),
)
#: It draws with a font that nobody brought, and has no resources at all.
missing_resources = raw(
    _CATALOGUE,
    _PAGES,
    b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
    b"<</Length %d>>\nstream\nBT /F9 12 Tf 50 200 Td (Lost) Tj ET %s\nendstream"
    % (len(_FILL) + 40, _FILL),
)
unbalanced = raw(
    _CATALOGUE,
    _PAGES,
    b"<</Type/Page/Parent 2 0 R/Contents[4 0 R 5 0 R]>>",
    b"<</Length 27>>\nstream\nQ q 0.5 0 0 0.5 40 60 cm q q\nendstream",
    b"<</Length %d>>\nstream\n%s\nendstream" % (len(_FILL), _FILL),
)


def incremental(path):
    """The page was filled once, and an update appended another content."""
    content = zlib.compress(b"0.1 0.1 0.8 rg 100 100 80 80 re f")
    first = indirect_length(path).read_bytes()
    at = len(first)
    update = b"4 0 obj\n<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n" % (
        len(content),
        content,
    )
    xref = at + len(update)
    previous = int(first.rsplit(b"startxref", 1)[1].split()[0])
    table = b"xref\n4 1\n%010d 00000 n \n" % at
    trailer = b"trailer\n<</Size 6/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    path.write_bytes(first + update + table + trailer % (previous, xref))
    return path


def shared_annotation(path):
    """One annotation that two pages list, and links without a place to go to."""
    with pikepdf.open(write_pdf(path.with_suffix(".plain"), ["One", "Two"])) as pdf:
        rect = Array([72, 600, 172, 640])
        link = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=rect, Border=Array([0, 0, 0]),
                Dest=Array([pdf.pages[1].obj, Name.Fit]),
            )
        )  # fmt: skip
        for page in pdf.pages:
            page.obj.Annots = Array([link])
        pdf.save(path)
    return path


WAYS = {
    "object streams": saved(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearised": saved(linearize=True),
    "AES-256, empty password": saved(encryption=pikepdf.Encryption(owner="o", user="", R=6)),
    "PDF 2.0": version_two,
    "indirect length": indirect_length,
    "missing resources": missing_resources,
    "unbalanced states": unbalanced,
    "incremental update": incremental,
    "an annotation on two pages": shared_annotation,
}


def drawn(path, first=0):
    with pypdfium2.PdfDocument(path) as pdf:
        return [pdf[at].render(scale=1).to_numpy() for at in range(first, len(pdf))]


@pytest.mark.parametrize("way", WAYS)
def test_only_the_band_of_the_stamp_differs(tmp_path, way):
    path = WAYS[way](tmp_path / "given.pdf")
    parts = [Part(fragment_of(path), ((0, "given"),), "SC-1 · p. {page} of {pages}")] * 2
    link(parts, tmp_path / "out.pdf", METADATA, IDENTITY)
    before, after = drawn(path), drawn(tmp_path / "out.pdf")
    assert len(after) == 2 * len(before)
    assert any((page < 250).any() for page in before), "nothing was drawn: nothing is compared"
    for given, made in zip([*before, *before], after, strict=True):
        assert given.shape == made.shape
        assert (given[:-BAND] == made[:-BAND]).all()
