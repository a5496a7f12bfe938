"""The stamp on every page of a document leads back to its row of the index."""

from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array

from binder.assemble import assemble
from binder.back_links import Place
from binder.linker import Linker, Part
from binder.output import Output
from binder.recipe import Recipe
from binder.stamp import Stamp, drawn_box
from binder.verify import NotAsPlanned, verify
from tests import pdfs
from tests.test_assemble import never, no_progress
from tests.test_linker import IDENTITY, METADATA, fragment_of


def compiled(tmp_path, recipe=None):
    """Four documents that are turned; the second has a link of its own, from page 2 to page 1."""
    paths = [
        pdfs.write_pdf(tmp_path / f"{number}.pdf", ["A", "B"], rotate=90 * number)
        for number in range(4)
    ]
    paths[1] = pdfs.write_named_link(tmp_path / "1.pdf", ["A", "B"])
    documents = [
        replace(pdfs.document(path, 2, of=pdfs.invoice(number + 1)), original=path)
        for number, path in enumerate(paths)
    ]
    work, out = tmp_path / "work", tmp_path / "out.pdf"
    work.mkdir()
    plan = pdfs.plan(*documents, recipe=recipe or Recipe())
    manifest = assemble(plan, out, work=work, progress=no_progress, cancelled=never)
    return manifest, out


def test_every_page_of_a_document_leads_to_its_row_in_the_index(tmp_path):
    manifest, out = compiled(tmp_path)
    with pikepdf.open(out) as pdf:
        pages = [page.obj.objgen for page in pdf.pages]
        tops = []
        for entry in manifest.entries:
            for number in range(entry.first_page - 1, entry.first_page + entry.pages - 1):
                page = pdf.pages[number].obj
                link = page.Annots[-1]
                assert link.is_indirect
                # The index is page 2.
                assert pages.index(link.Dest[0].objgen) == 1
                rect = [float(value) for value in link.Rect]
                assert rect == pytest.approx(drawn_box(page.Contents[-1].read_bytes()), abs=0.03)
                assert 0 <= rect[0] < rect[2] <= 792
                assert 0 <= rect[1] < rect[3] <= 792
            tops.append(float(page.Annots[-1].Dest[3]))
        # What the second document brought is still there and stays inside it.
        own = pdf.pages[manifest.entries[1].first_page - 1].obj.Annots
        counts = [
            len(pdf.pages[entry.first_page - 1 + at].obj.Annots)
            for entry in manifest.entries
            for at in range(2)
        ]
        annotations = [a.objgen for p in pdf.pages for a in p.obj.Annots]
    assert len(own) >= 1
    assert sorted(counts) == [1] * 7 + [2]
    assert tops == sorted(tops, reverse=True)
    assert len(set(tops)) == 4
    # ISO 32000-1, 12.5.2: no annotation lies on two pages.
    assert len(annotations) == len(set(annotations))


@pytest.mark.parametrize(
    "recipe",
    [Recipe.plain(), Recipe(links=False), Recipe(stamps=False), Recipe(index=False)],
    ids=["plain", "no links", "no stamps", "no index"],
)
def test_without_stamps_links_or_index_nothing_leads_back(tmp_path, recipe):
    manifest, out = compiled(tmp_path, recipe)
    with pikepdf.open(out) as pdf:
        counts = [
            len(pdf.pages[entry.first_page - 1 + at].obj.Annots)
            for entry in manifest.entries
            for at in range(2)
        ]
    assert sorted(counts) == [0] * 7 + [1]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_box_of_the_stamp_is_where_the_stamp_is_drawn(rotate):
    row = [10.0, 20.0, 410.0, 620.0, float(rotate), 2.0, 1.0]
    text = "SC-004 · Inv 7 · p. 231 of 1,204"
    stamp = Stamp.of(row, text)
    box = [float(value) for value in stamp.box.split()]
    assert box == pytest.approx(drawn_box(stamp.stream), abs=0.03)
    assert 10 <= box[0] < box[2] <= 410
    assert 20 <= box[1] < box[3] <= 620


@pytest.fixture
def linked(tmp_path):
    """An index of one page and a document of two that leads back to it."""
    index = fragment_of(pdfs.write_pdf(tmp_path / "index.pdf", ["Index"]))
    document = fragment_of(pdfs.write_named_link(tmp_path / "a.pdf", ["A", "B"]))
    parts = [
        Part(index, ((0, "Index"),)),
        Part(document, ((0, "a.pdf"),), "p. {page} of {pages}", leads_back=True),
    ]
    backs = {1: Place(0, 700.0)}
    out = tmp_path / "out.pdf"
    with Output(out) as output:
        linker = Linker(output, 3)
        for part in parts:
            linker.add(part)
        linker.finish(METADATA, IDENTITY, backs)
    return out, parts, backs


def test_a_file_whose_pages_lead_back_passes(linked):
    out, parts, backs = linked
    verify(out, parts, backs=backs)


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf.pages[2].obj.Annots.__delitem__(-1),
        lambda pdf: setattr(pdf.pages[2].obj.Annots[-1], "Rect", Array([0, 0, 9, 9])),
        lambda pdf: setattr(
            pdf.pages[1].obj.Annots[-1],
            "Dest",
            Array([pdf.pages[1].obj, pikepdf.Name.XYZ, None, 700, None]),
        ),
        lambda pdf: pdf.pages[1].obj.Annots[-1].Dest.__setitem__(3, 7),
    ],
    ids=["gone", "elsewhere on the page", "to another page", "to another row"],
)
def test_a_page_that_does_not_lead_back_is_caught(linked, change):
    out, parts, backs = linked
    with pikepdf.open(out, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(out)
    with pytest.raises(NotAsPlanned, match="does not lead back to the index"):
        verify(out, parts, backs=backs)
