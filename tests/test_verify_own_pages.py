"""Pages of ours are checked like all others: links, numbers, and the sums of the receipt."""

from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array, Name

from binder.linker import Linker, Part, link
from binder.output import Output
from binder.own_pages import fragment_of_own
from binder.page_links import PageLink
from binder.render.furniture import receipt, receipt_page_count
from binder.verify import NotAsPlanned, verify, verify_receipt
from tests import pdfs
from tests.test_furniture import first_pages, make_plan
from tests.test_linker import IDENTITY, METADATA, fragment_of

RECT = (36.0, 700.5, 576.0, 712.25)


@pytest.fixture
def parts(tmp_path):
    """An index page with three links, then two documents."""
    drawn = pdfs.write_pdf(tmp_path / "index.pdf", ["Index"]).read_bytes()
    index = fragment_of_own(drawn, tmp_path / "own.pdf")
    lower = (36.0, 600.0, 576.0, 612.0)
    links = (PageLink(0, RECT, 1), PageLink(0, lower, 3), PageLink(0, lower, 0))
    return [
        Part(index, ((0, "Index"),), "p. {page} of {pages}", links),
        Part(fragment_of(pdfs.write_pdf(tmp_path / "a.pdf", ["A", "B"])), ((0, "a.pdf"),)),
        Part(fragment_of(pdfs.write_pdf(tmp_path / "b.pdf", ["C"])), ((0, "b.pdf"),)),
    ]


@pytest.fixture
def linked(parts, tmp_path):
    out = tmp_path / "out.pdf"
    link(parts, out, METADATA, IDENTITY)
    return out


def test_links_lead_to_the_pages_that_were_asked_for(linked, parts):
    verify(linked, parts)
    with pikepdf.open(linked) as pdf:
        assert pdf.check_pdf_syntax() == []
        pages = [page.obj.objgen for page in pdf.pages]
        links = list(pdf.pages[0].obj.Annots)
        assert [pages.index(each.Dest[0].objgen) for each in links] == [1, 3, 0]
        assert [float(value) for value in links[0].Rect] == list(RECT)
        assert all(each.is_indirect for each in links)
        assert list(pdf.pages[1].obj.Annots) == []


def test_a_page_of_ours_without_links_has_an_empty_list(parts, tmp_path):
    out = tmp_path / "out.pdf"
    bare = [replace(parts[0], links=()), *parts[1:]]
    link(bare, out, METADATA, IDENTITY)
    verify(out, bare)
    with pikepdf.open(out) as pdf:
        assert list(pdf.pages[0].obj.Annots) == []


def first_link(pdf):
    return pdf.pages[0].obj.Annots[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda pdf: setattr(first_link(pdf), "Dest", Array([pdf.pages[2].obj, Name.Fit])),
            "A link on page 1 does not lead to page 2",
        ),
        (
            lambda pdf: setattr(first_link(pdf), "Rect", Array([36, 10, 576, 20])),
            "A link on page 1 does not lead to page 2",
        ),
        (lambda pdf: pdf.pages[0].obj.Annots.__delitem__(1), "Page 1 has 2 links instead of 3"),
        (lambda pdf: pdf.pages[0].obj.__delitem__("/Annots"), "Page 1 has 0 links instead of 3"),
        (lambda pdf: pdf.pages[0].Contents[-1].write(b"Q"), "Page 1 does not carry its number"),
        (
            lambda pdf: setattr(pdf.Root.Outlines.Last, "Title", "b.pdf · p. 3"),
            "The bookmark “b.pdf” is missing",
        ),
    ],
    ids=["target", "place", "missing link", "no links", "number", "bookmark's page"],
)
def test_every_tampering_is_caught(linked, parts, change, said):
    with pikepdf.open(linked, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(linked)
    with pytest.raises(NotAsPlanned, match=said):
        verify(linked, parts)


def test_parts_may_be_written_in_any_order(parts, tmp_path):
    out = tmp_path / "other.pdf"
    with Output(out) as output:
        linker = Linker(output, 4)
        for part, first in ((parts[2], 3), (parts[1], 1), (parts[0], 0)):
            linker.add(part, first)
        linker.finish(METADATA, IDENTITY)
    verify(out, parts)


@pytest.fixture
def plan():
    return make_plan(contracts=2, invoices=2, documents=2)


@pytest.mark.parametrize("damage", ["sum of a document", "pages of the backup", "a document"])
def test_a_receipt_that_adds_up_to_something_else_is_caught(plan, tmp_path, damage):
    pages = [document.pages for document in plan.documents]
    total = sum(pages) + 5
    honest = receipt(plan, first_pages(plan), pages, total_pages=total)
    path = tmp_path / "receipt.pdf"
    path.write_bytes(honest.pdf)
    count = receipt_page_count(plan)
    verify_receipt(path, range(count), plan, total)
    if damage == "sum of a document":
        wrong = receipt(plan, first_pages(plan), [pages[0] + 1, *pages[1:]], total_pages=total)
    elif damage == "pages of the backup":
        wrong = receipt(plan, first_pages(plan), pages, total_pages=total + 1)
    else:
        fewer = replace(plan, documents=plan.documents[:-1])
        wrong = receipt(fewer, first_pages(fewer), pages[:-1], total_pages=total)
    path.write_bytes(wrong.pdf)
    with pytest.raises(NotAsPlanned, match="The receipt does not say"):
        verify_receipt(path, range(count), plan, total)
