"""A finished file that is not what it should be is caught before anybody is told."""

import shutil
import subprocess
from dataclasses import replace

import pikepdf
import pypdf
import pytest
from pikepdf import Array, Dictionary, Name

from binder.errors import BinderError, PagesDiffer
from binder.fragment import Fragment
from binder.linker import Part, link
from binder.make_fragment import make
from binder.verify import NotAsPlanned, verify
from tests.pdfs import write_form, write_named_link, write_pdf
from tests.test_linker import IDENTITY, METADATA


@pytest.fixture
def parts(tmp_path):
    sources = [
        write_named_link(tmp_path / "a.pdf", ["A", "B"]),
        write_named_link(tmp_path / "b.pdf", ["C", "D", "E"]),
        write_form(tmp_path / "c.pdf", "1.00"),
    ]
    made = []
    for number, path in enumerate(sources):
        fragment = tmp_path / f"{path.stem}.fragment.pdf"
        make(path, "application/pdf", fragment)
        headings = ((0, f"Contract {number}"), (1, path.name))
        made.append(Part(Fragment.open(fragment), headings, stamp=f"SC-{number}"))
    return made


@pytest.fixture
def linked(parts, tmp_path):
    out = tmp_path / "out.pdf"
    link(parts, out, METADATA, IDENTITY)
    return out


def test_a_file_as_planned_passes(linked, parts):
    verify(linked, parts)


def test_a_missing_page_is_caught(linked, parts):
    with pytest.raises(PagesDiffer, match="7 pages went in, 6 came out"):
        verify(linked, [*parts[:-1], replace(parts[-1], fragment=pages(parts[-1].fragment, 2))])


def pages(fragment, count):
    return replace(fragment, pages=count)


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: setattr(pdf.pages[2].Annots[0], "Dest", Array([pdf.pages[0].obj, Name.Fit])),
        lambda pdf: setattr(pdf.Root.Outlines.First, "Dest", Array([pdf.pages[1].obj, Name.Fit])),
        lambda pdf: setattr(pdf.Root.Outlines.Last, "Title", "Another · p. 6"),
        lambda pdf: pdf.Root.__delitem__("/Outlines"),
        lambda pdf: pdf.pages[4].Contents[-1].write(b"Q"),
    ],
    ids=["link into another file", "bookmark to another page", "title", "no bookmarks", "stamp"],
)
def test_every_difference_is_caught(linked, parts, change):
    with pikepdf.open(linked, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(linked)
    with pytest.raises(NotAsPlanned):
        verify(linked, parts)


def test_a_cut_file_is_caught(linked, parts):
    linked.write_bytes(linked.read_bytes()[:-400])
    with pytest.raises(BinderError):
        verify(linked, parts)


def test_strict_readers_have_nothing_to_say(linked):
    reader = pypdf.PdfReader(linked, strict=True)
    assert len(reader.pages) == 6
    assert list(reader.page_labels) == ["1", "2", "3", "4", "5", "6"]
    assert reader.xmp_metadata.dc_title == {"x-default": "Title"}
    assert reader.metadata.author == "Dana Reyes"
    for page in reader.pages:
        page.extract_text()
    with pikepdf.open(linked, attempt_recovery=False) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.get_warnings() == []
        first = pdf.Root.OpenAction
        assert first[0].objgen == pdf.pages[0].obj.objgen
        assert list(first)[1:] == [Name.XYZ, None, None, 1]


@pytest.mark.parametrize(
    "command",
    [
        ["qpdf", "--check"],
        ["pdfinfo", "-dests"],
        ["pdftoppm", "-r", "20", "-png"],
        ["mutool", "draw", "-F", "txt"],
    ],
    ids=lambda command: command[0],
)
def test_other_readers_open_it_without_a_warning(linked, tmp_path, command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    if command[0] == "pdftoppm":
        arguments = [*command, linked, tmp_path / "page"]
    else:
        arguments = [*command, linked]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    # Without colour profiles mutool says so of every file.
    complaints = [line for line in done.stderr.splitlines() if "ICC support" not in line]
    assert [line for line in complaints if not line.startswith("page ")] == []


def test_layers_of_many_files_live_side_by_side(tmp_path):
    parts = []
    for number, hidden in enumerate([True, False]):
        path = write_pdf(tmp_path / f"{number}.pdf")
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=f"Layer {number}"))
            off = Array([layer]) if hidden else Array()
            pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=off))
            pdf.pages[0].Resources.Properties = Dictionary(L=layer)
            pdf.save(path)
        made = tmp_path / f"{number}.fragment.pdf"
        make(path, "application/pdf", made)
        parts.append(Part(Fragment.open(made)))
    link(parts, tmp_path / "out.pdf", METADATA, IDENTITY)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        properties = pdf.Root.OCProperties
        assert [str(layer.Name) for layer in properties.OCGs] == ["Layer 0", "Layer 1"]
        assert [str(layer.Name) for layer in properties.D.OFF] == ["Layer 0"]
        own = [page.Resources.Properties.L.objgen for page in pdf.pages]
        assert own == [layer.objgen for layer in properties.OCGs]
