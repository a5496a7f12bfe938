"""Backups in several files: where they are split, and what each of them holds."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from binder.assemble import assemble
from binder.layout import OwnPages, PieceKind, lay_out
from binder.recipe import Recipe
from tests import pdfs

DIGEST = "0" * 64


def planned(invoices, **recipe):
    """A plan without files: for each contract, for each invoice, the pages of its documents."""
    documents = []
    for c, of_contract in enumerate(invoices, 1):
        contract = pdfs.contract(f"SC-{c:03}")
        for p, of_invoice in enumerate(of_contract, 1):
            invoice = pdfs.invoice(p, contract)
            documents += [
                pdfs.Document(
                    invoice, pdfs.EntryKind.ATTACHMENT, f"{n}.pdf", Path("none"), DIGEST, pages
                )
                for n, pages in enumerate(of_invoice, 1)
            ]
    return pdfs.plan(*documents, recipe=Recipe(**recipe))


def split(plan, own=None, sizes=None):
    """For each volume, its documents as (contract, position, pages)."""
    layout = lay_out(plan, own or OwnPages(), sizes or [0] * len(plan.documents))
    return [
        [
            (doc.invoice.contract.number[-1], doc.invoice.position, doc.pages)
            for doc in (plan.documents[index] for index in volume.documents)
        ]
        for volume in layout.volumes
    ]


def test_volumes_end_between_invoices():
    plan = planned([[[4, 2], [3]], [[5]]], volume_pages=10)
    assert split(plan) == [[("1", 1, 4), ("1", 1, 2), ("1", 2, 3)], [("2", 1, 5)]]


def test_an_invoice_larger_than_a_volume_is_split_between_its_documents():
    plan = planned([[[2], [4, 4, 4, 9]]], volume_pages=8)
    assert split(plan) == [
        [("1", 1, 2)],
        [("1", 2, 4), ("1", 2, 4)],
        [("1", 2, 4)],
        [("1", 2, 9)],
    ]


def test_a_document_is_never_split():
    assert split(planned([[[30], [1]]], volume_pages=8)) == [[("1", 1, 30)], [("1", 2, 1)]]


def test_megabytes_count_what_documents_weigh():
    plan = planned([[[1], [1], [1]]], volume_megabytes=5)
    assert [len(v) for v in split(plan, sizes=[2_000_000, 2_500_000, 3_000_000])] == [2, 1]


def test_what_fits_into_one_file_stays_one():
    plan = planned([[[4], [4]]], volume_pages=8)
    layout = lay_out(plan, OwnPages(receipt=0), [0, 0])
    assert [volume.pages for volume in layout.volumes] == [8]


def test_every_volume_has_cover_and_index_and_the_last_the_receipt():
    plan = planned([[[4], [4], [4]]], volume_pages=9)
    own = OwnPages(cover=1, index=2, tie_out=1, receipt=1, receipt_with_volumes=1)
    layout = lay_out(plan, own, [0, 0, 0])
    document = PieceKind.DOCUMENT
    front = [PieceKind.COVER, PieceKind.INDEX]
    assert [[piece.kind for piece in volume.pieces] for volume in layout.volumes] == [
        [*front, PieceKind.TIE_OUT, document],
        [*front, document],
        [*front, document, PieceKind.RECEIPT],
    ]


def test_a_receipt_that_no_longer_fits_gets_a_volume_of_its_own():
    plan = planned([[[8], [8]]], volume_pages=10)
    own = OwnPages(cover=1, index=1, receipt=3, receipt_with_volumes=3)
    assert split(plan, own) == [[("1", 1, 8)], [("1", 2, 8)], []]
    layout = lay_out(plan, own, [0, 0])
    assert layout.volumes[-1].pieces[-1].kind == PieceKind.RECEIPT
    assert layout.volumes[-1].pages == 5


@settings(max_examples=300)
@given(
    st.lists(
        st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 40),
    st.booleans(),
)
def test_nothing_is_lost_doubled_or_put_out_of_order(invoices, limit, separators):
    plan = planned(invoices, volume_pages=limit, separators=separators)
    own = OwnPages(cover=1, index=2, tie_out=1, receipt=2, receipt_with_volumes=2)
    layout = lay_out(plan, own, [0] * len(plan.documents))
    assert [i for volume in layout.volumes for i in volume.documents] == list(
        range(len(plan.documents))
    )
    for volume in layout.volumes:
        page = 1
        for piece in volume.pieces:
            assert piece.first_page == page
            page += piece.pages
        assert volume.pages == page - 1
        if len(volume.documents) > 1 and len(layout.volumes) > 1:
            assert volume.pages <= limit


@pytest.fixture
def finished(tmp_path):
    """Two invoices of two contracts in volumes of at most nine pages."""
    work = tmp_path / "work"
    work.mkdir()
    documents = []
    for number in range(4):
        path = pdfs.write_pdf(tmp_path / f"{number}.pdf", [f"Paper {number}"] * 3)
        contract = pdfs.contract(f"SC-00{number // 2 + 1}")
        documents.append(pdfs.document(path, 3, of=pdfs.invoice(number % 2 + 1, contract)))
    plan = pdfs.plan(*documents, recipe=Recipe(volume_pages=9, separators=True))
    out = tmp_path / "backup.pdf"
    manifest = assemble(plan, out, work=work, progress=lambda _: None, cancelled=lambda: False)
    return manifest, out


def test_the_files_are_named_and_numbered(finished):
    manifest, out = finished
    assert not out.exists()
    count = len(manifest.volumes)
    assert count == 3
    assert [volume.name for volume in manifest.volumes] == [
        f"backup - volume {n} of {count}.pdf" for n in range(1, count + 1)
    ]
    assert sorted(path.name for path in out.parent.glob("backup*")) == [
        volume.name for volume in manifest.volumes
    ]
    for volume in manifest.volumes:
        path = out.with_name(volume.name)
        assert len(pypdf.PdfReader(path).pages) == volume.pages
        assert path.stat().st_size == volume.bytes
    assert manifest.pages == sum(volume.pages for volume in manifest.volumes)
    assert json.loads(json.dumps(manifest.to_json()))["volumes"][0]["pages"] == 7


def test_every_entry_is_where_its_volume_and_page_say(finished):
    manifest, out = finished
    for number, entry in enumerate(manifest.entries):
        reader = pypdf.PdfReader(out.with_name(manifest.volumes[entry.volume - 1].name))
        assert f"Paper {number}" in reader.pages[entry.first_page - 1].extract_text()


def test_each_volume_says_which_it_is_and_has_the_whole_index(finished):
    manifest, out = finished
    count = len(manifest.volumes)
    for number, volume in enumerate(manifest.volumes, 1):
        reader = pypdf.PdfReader(out.with_name(volume.name))
        texts = [page.extract_text() for page in reader.pages]
        assert f"Volume {number} of {count}" in texts[0]
        assert reader.metadata.title.endswith(f"volume {number} of {count}")
        assert all(f"{n}.pdf" in texts[1] for n in range(4))
        for page, text in enumerate(texts, 1):
            assert f"Vol. {number} · " in text
            assert f"p. {page} of {volume.pages}" in text
    assert "Pages in and pages out are equal." in texts[-1]


def test_index_rows_of_other_volumes_are_no_links(finished):
    manifest, out = finished
    for number, volume in enumerate(manifest.volumes, 1):
        with pikepdf.open(out.with_name(volume.name)) as pdf:
            pages = [page.obj.objgen for page in pdf.pages]
            links = list(pdf.pages[1].obj.Annots) if "/Annots" in pdf.pages[1].obj else []
            targets = {pages.index(link.Dest[0].objgen) + 1 for link in links}
        assert targets == {e.first_page for e in manifest.entries if e.volume == number}


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong_in_any_volume(finished):
    manifest, out = finished
    for volume in manifest.volumes:
        subprocess.run(["qpdf", "--check", out.with_name(volume.name)], check=True)


def test_equal_inputs_give_equal_volumes(finished, tmp_path):
    manifest, out = finished
    other = tmp_path / "other"
    other.mkdir()
    plan = pdfs.plan(
        *(
            replace(pdfs.document(tmp_path / f"{n}.pdf", 3), invoice=pdfs.invoice(
                n % 2 + 1, pdfs.contract(f"SC-00{n // 2 + 1}")))
            for n in range(4)
        ),
        recipe=Recipe(volume_pages=9, separators=True),
    )  # fmt: skip
    again = assemble(
        plan, other / out.name, work=other, progress=lambda _: None, cancelled=lambda: False
    )
    assert again == manifest
