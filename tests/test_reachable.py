"""What a page leads to comes into the fragment, each stream in the best form it can have."""

import base64
import zlib
from contextlib import contextmanager

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf

from binder.make_fragment import make
from binder.reachable import reachable, references

DRAWN = b"0 0 1 rg 72 72 200 200 re f " * 20


def written(path, *objects):
    """A PDF of these objects: number, generation, text."""
    out, rows = bytearray(b"%PDF-1.4\n"), {0: (0, 65535, b"f")}
    for number, generation, text in objects:
        rows[number] = len(out), generation, b"n"
        out += b"%d %d obj\n%s\nendobj\n" % (number, generation, text)
    at = len(out)
    lines = (b"%010d %05d %s \n" % rows[number] for number in range(len(rows)))
    out += b"xref\n0 %d\n%s" % (len(rows), b"".join(lines))
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(rows), at)
    path.write_bytes(out)
    return path


def one_page(path, page, *objects):
    return written(
        path,
        (1, 0, b"<</Type/Catalog/Pages 2 0 R>>"),
        (2, 0, b"<</Type/Pages/Count 1/Kids[3 0 R]>>"),
        (3, 0, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]%s>>" % page),
        *objects,
    )


def stream(data, entries=b""):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


@contextmanager
def page_of_fragment(path):
    """The page of the fragment that is made of the file."""
    made = path.with_suffix(".fragment")
    make(path, "application/pdf", made)
    with Pdf.open(made) as pdf:
        yield pdf.pages[0].obj


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"<< /A 12 0 R /B [ 3 7 R 4 0 R ] >>", [(12, 0), (3, 7), (4, 0)]),
        (b"<< /A (1 0 R \\) 2 0 R) /B <123456> /C#201 0 /D 5 0 R >>", [(5, 0)]),
        (b"[ 1.5 0 R -1 0 R 10 0 Rest 6 0 R ]", [(6, 0)]),
    ],
)
def test_references_are_told_from_digits_in_texts_names_and_numbers(text, found):
    assert [target for _, _, target in references(text)] == found
    for start, end, (number, generation) in references(text):
        assert text[start:end] == b"%d %d R" % (number, generation)


def test_an_object_of_a_later_generation_is_found(tmp_path):
    path = one_page(
        tmp_path / "a.pdf", b"/Contents 4 3 R", (4, 3, stream(b"0 1 0 rg 0 0 9 9 re f"))
    )
    with page_of_fragment(path) as page:
        assert b"0 1 0 rg" in page.Contents[1].read_bytes()


def test_a_number_of_its_own_keeps_its_value(tmp_path):
    path = one_page(
        tmp_path / "a.pdf",
        b"/Own[4 0 R 5 0 R 6 0 R]",
        (4, 0, b"42"),
        (5, 0, b"0.50"),
        (6, 0, b"true"),
    )
    with page_of_fragment(path) as page:
        assert [str(value) for value in page.Own] == ["42", "0.50", "True"]


def test_a_reference_to_nothing_becomes_nothing(tmp_path):
    path = one_page(tmp_path / "a.pdf", b"/Own[1 9 0 R 4 0 R]", (4, 0, b"null"))
    with page_of_fragment(path) as page:
        assert list(page.Own) == [1, None, None]


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (DRAWN, b""),
        (base64.a85encode(DRAWN) + b"~>", b"/Filter/ASCII85Decode"),
        (DRAWN.hex().encode() + b">", b"/Filter[/ASCIIHexDecode]"),
        (zlib.compress(DRAWN).hex().encode() + b">", b"/Filter[/ASCIIHexDecode/FlateDecode]"),
    ],
    ids=["no filter", "ASCII85", "hexadecimal", "hexadecimal of deflate"],
)
def test_a_stream_is_compressed_as_today(tmp_path, data, entries):
    path = one_page(tmp_path / "a.pdf", b"/Contents 4 0 R", (4, 0, stream(data, entries)))
    with page_of_fragment(path) as page:
        content = page.Contents[1]
        assert content.Filter == Name.FlateDecode
        assert content.read_bytes() == DRAWN
        assert int(content.Length) == len(content.read_raw_bytes()) < len(DRAWN) // 2


def test_a_picture_stays_as_it_is(tmp_path):
    data, entries = b"\xff\xd8 a camera's \xff\xd9", b"/Type/XObject/Filter/DCTDecode"
    path = one_page(tmp_path / "a.pdf", b"/Own 4 0 R", (4, 0, stream(data, entries)))
    with page_of_fragment(path) as page:
        assert page.Own.Filter == Name.DCTDecode
        assert page.Own.read_raw_bytes() == data


def test_a_stream_that_cannot_be_unpacked_stays_as_it_is(tmp_path):
    data, entries = b"no hexadecimal digits", b"/Filter/ASCIIHexDecode"
    path = one_page(tmp_path / "a.pdf", b"/Own 4 0 R", (4, 0, stream(data, entries)))
    with page_of_fragment(path) as page:
        assert page.Own.Filter == Name.ASCIIHexDecode
        assert page.Own.read_raw_bytes() == data


def test_the_length_of_a_stream_is_its_own_even_if_the_file_said_otherwise(tmp_path):
    wrong = b"<</Length 5 0 R/Filter/DCTDecode>>\nstream\nall of it\nendstream"
    path = one_page(tmp_path / "a.pdf", b"/Own 4 0 R", (4, 0, wrong), (5, 0, b"3"))
    with page_of_fragment(path) as page:
        assert page.Own.read_raw_bytes().rstrip() == b"all of it"


def test_an_encrypted_stream_comes_out_plain(tmp_path):
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.pages[0].Contents = pdf.make_stream(DRAWN)
        pdf.save(tmp_path / "a.pdf", encryption=pikepdf.Encryption(owner="o", user="", R=6))
    with page_of_fragment(tmp_path / "a.pdf") as page:
        assert page.Contents[1].read_bytes() == DRAWN


def test_nothing_is_followed_through_what_is_outside():
    with pikepdf.new() as pdf:
        far = pdf.make_indirect(Dictionary(Far=True))
        gate = pdf.make_indirect(Dictionary(Next=far))
        near = pdf.make_indirect(Dictionary(Next=gate, Self=1))
        assert list(reachable(pdf, [near], {gate.objgen})) == [near.objgen]
        assert list(reachable(pdf, [near], ())) == [near.objgen, gate.objgen, far.objgen]
