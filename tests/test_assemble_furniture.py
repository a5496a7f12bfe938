"""The backup as a document: its own pages around what was chosen, and where they lead."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pikepdf
import pypdf
import pytest

from binder.assemble import assemble
from binder.errors import Cancelled
from binder.facts import FileFacts
from binder.plan import EntryKind
from binder.recipe import Recipe
from tests import pdfs
from tests.test_assemble import bookmarks, never, no_progress, texts


def full_plan(folder, *, recipe=None, left_out=(), turned=True):
    """Two contracts; every document has two pages, each document turned further."""
    documents = []
    for number in range(4):
        path = pdfs.write_pdf(
            folder / f"{number}.pdf", [f"Paper {number}"] * 2, rotate=90 * number * turned
        )
        contract = pdfs.contract(f"SC-00{number // 2 + 1}")
        invoice = replace(
            pdfs.invoice(number % 2 + 1, contract),
            lines_this_period=10_000_00,
            earned_before=0,
            previous_certificates=0 if number else 5_00,
        )
        documents.append(replace(pdfs.document(path, 2, of=invoice), original=path))
    return pdfs.plan(*documents, recipe=recipe or Recipe(), left_out=left_out)


def compile_plan(plan, folder):
    work = folder / "work"
    work.mkdir(exist_ok=True)
    out = folder / "out.pdf"
    return assemble(plan, out, work=work, progress=no_progress, cancelled=never), out


@pytest.fixture
def full(tmp_path):
    return compile_plan(full_plan(tmp_path, left_out=[pdfs.left_out()]), tmp_path)


def links_of(pdf, page):
    """(page from 1) of every link on a page from 1, from top to bottom."""
    pages = [each.obj.objgen for each in pdf.pages]
    return [
        pages.index(link.Dest[0].objgen) + 1 for link in pdf.pages[page - 1].obj.get("/Annots", [])
    ]


def test_cover_index_tie_out_documents_and_receipt_follow_each_other(full):
    manifest, out = full
    titles = [text.split("\n")[0] for text in texts(out)]
    assert [(each.kind, each.first_page) for each in manifest.furniture] == [
        ("cover", 1), ("index", 2), ("tie_out", 3), ("receipt", 12),
    ]  # fmt: skip
    assert [titles[0], titles[1], titles[2], titles[11]] == [
        "Subcontractor invoice backup Backup 3", "Index", "Tie-out", "Receipt",
    ]  # fmt: skip
    assert [entry.first_page for entry in manifest.entries] == [4, 6, 8, 10]
    assert manifest.pages == 12


def test_every_page_carries_its_number_from_the_first_on(full):
    _, out = full
    found = texts(out)
    for page, text in enumerate(found, 1):
        assert f"p. {page} of 12" in text
    assert "Backup 3 · p. 1 of 12" in found[0]
    assert "SC-001 · Inv 2 · p. 7 of 12" in found[6]
    assert list(pypdf.PdfReader(out).page_labels) == [str(page) for page in range(1, 13)]


def test_bookmarks_lead_to_our_pages_too(full):
    _, out = full
    found = bookmarks(pypdf.PdfReader(out))
    top = [(title, page) for level, title, page in found if level == 0]
    assert top == [
        ("Cover · p. 1", 1),
        ("Index · p. 2", 2),
        ("Tie-out · p. 3", 3),
        ("SC-001 Acme Concrete, LLC · p. 4", 4),
        ("SC-002 Acme Concrete, LLC · p. 8", 8),
        ("Receipt · p. 12", 12),
    ]


def test_every_row_of_cover_index_tie_out_and_receipt_is_a_link(full):
    _, out = full
    with pikepdf.open(out) as pdf:
        assert links_of(pdf, 1) == [2, 3, 4, 8, 12]
        # Contract, invoice, document; its second invoice, document; and the other contract.
        assert links_of(pdf, 2) == [4, 4, 4, 6, 6, 8, 8, 8, 10, 10]
        assert links_of(pdf, 3) == [4, 4, 6, 8, 8, 10]
        assert links_of(pdf, 12) == [4, 6, 8, 10]
        for page in (1, 2, 3, 12):
            for link in pdf.pages[page - 1].obj.Annots:
                left, bottom, right, top = map(float, link.Rect)
                assert 0 <= left < right <= 612
                assert 24 <= bottom < top <= 792
                assert list(link.Border) == [0, 0, 0]


def test_a_recipe_without_links_has_none_on_our_pages(tmp_path):
    _, out = compile_plan(full_plan(tmp_path, recipe=Recipe(links=False)), tmp_path)
    with pikepdf.open(out) as pdf:
        assert [links_of(pdf, page) for page in (1, 2, 3, 12)] == [[], [], [], []]


def test_separators_stand_before_contracts_and_take_their_bookmarks(tmp_path):
    manifest, out = compile_plan(full_plan(tmp_path, recipe=Recipe(separators=True)), tmp_path)
    places = [each.first_page for each in manifest.furniture if each.kind == "separator"]
    assert places == [4, 9]
    assert [entry.first_page for entry in manifest.entries] == [5, 7, 10, 12]
    with pikepdf.open(out) as pdf:
        assert [links_of(pdf, page) for page in places] == [[5, 7], [10, 12]]
    found = bookmarks(pypdf.PdfReader(out))
    assert (0, "SC-002 Acme Concrete, LLC · p. 9", 9) in found
    assert (1, "Invoice 1 (INV-1), Jul 1 – Jul 31, 2026 · p. 10", 10) in found


def test_each_part_can_be_left_away(tmp_path):
    for name in ("cover", "index", "tie_out", "receipt"):
        manifest, _ = compile_plan(full_plan(tmp_path, recipe=Recipe(**{name: False})), tmp_path)
        kinds = [each.kind for each in manifest.furniture]
        assert name not in kinds
        assert len(kinds) == 3


def test_a_plain_merge_is_the_documents_and_nothing_else(tmp_path):
    manifest, out = compile_plan(full_plan(tmp_path, recipe=Recipe.plain()), tmp_path)
    assert (manifest.pages, manifest.furniture) == (8, ())
    assert not any("p. 1 of" in text for text in texts(out))


def test_nothing_is_left_out_silently_even_without_a_receipt(tmp_path):
    plan = full_plan(tmp_path, recipe=Recipe.plain(), left_out=[pdfs.left_out("lost.pdf")])
    manifest, out = compile_plan(plan, tmp_path)
    assert [(each.kind, each.first_page) for each in manifest.furniture] == [("left_out", 9)]
    assert "lost.pdf" in texts(out)[-1]


def test_the_stamp_says_what_the_recipe_wants(tmp_path):
    recipe = Recipe(stamp="{{{contract}}} no. {invoice} #{backup} {page}/{pages}")
    _, out = compile_plan(full_plan(tmp_path, recipe=recipe), tmp_path)
    found = texts(out)
    assert "{SC-001} no. INV-1 #3 4/12" in found[3]
    assert "Backup 3 · p. 1 of 12" in found[0]
    _, out = compile_plan(full_plan(tmp_path, recipe=Recipe(stamp="{page}")), tmp_path)
    assert texts(out)[0].split("\n")[-1] == "1"


def test_bookmarks_of_the_files_are_taken_over_unless_the_recipe_says_no(tmp_path):
    path = pdfs.write_pdf(tmp_path / "a.pdf", ["One", "Two"])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chapter", 1))
        pdf.save()
    for taken in (True, False):
        recipe = replace(Recipe.plain(), source_bookmarks=taken)
        _, out = compile_plan(pdfs.plan(pdfs.document(path, 2), recipe=recipe), tmp_path)
        found = [title for _, title, _ in bookmarks(pypdf.PdfReader(out))]
        assert ("Chapter · p. 2" in found) == taken


def test_the_tie_out_names_what_does_not_agree(full):
    _, out = full
    text = " ".join(texts(out)[2].split())
    assert "4 of 4 equal" in text
    assert "3 of 4 equal" in text
    assert "SC-001, Invoice 1 · INV-1: 5.00 instead of 0.00, a difference of 5.00" in text


def test_the_receipt_and_the_manifest_tell_what_intake_did(tmp_path):
    plan = full_plan(tmp_path)
    facts = FileFacts(
        "application/pdf", pages=2, repaired=True, was_signed=True, removed=("JavaScript",),
        page_sizes=((612, 792),) * 2,
    )  # fmt: skip
    first, *rest = plan.documents
    manifest, out = compile_plan(
        replace(plan, documents=(replace(first, facts=facts), *rest)), tmp_path
    )
    text = " ".join(texts(out)[-1].split())
    assert "It was damaged; what could be read was rebuilt." in text
    assert "Taken out: JavaScript." in text
    told = manifest.to_json()["entries"]
    assert told[0]["facts"]["repaired"] is True
    assert "page_sizes" not in told[0]["facts"]
    assert told[1]["facts"] == {}


def test_the_cover_shows_the_digest_of_the_manifest_s_inputs(full):
    manifest, out = full
    told = manifest.to_json()
    for key in ("pages", "bytes", "sha256", "volumes", "originals", "inputs_sha256"):
        del told[key]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = sha256(text.encode()).hexdigest()
    assert manifest.inputs_sha256 == digest
    assert digest in texts(out)[0]


def test_another_recipe_is_another_file(tmp_path):
    plan = full_plan(tmp_path)
    one, _ = compile_plan(plan, tmp_path)
    other, _ = compile_plan(replace(plan, recipe=Recipe(stamp="{page}")), tmp_path)
    assert one.inputs_sha256 != other.inputs_sha256
    assert one.sha256 != other.sha256


_SCRIPT = """
import sys
from pathlib import Path
from tests.test_assemble_furniture import compile_plan, full_plan
from tests.pdfs import left_out
from binder.recipe import Recipe
folder = Path(sys.argv[1])
recipe = Recipe(originals=True, separators=True)
plan = full_plan(folder, recipe=recipe, left_out=[left_out()], turned=False)
manifest, _ = compile_plan(plan, folder)
print(manifest.sha256, manifest.originals.sha256, manifest.inputs_sha256)
"""


def test_equal_inputs_give_equal_bytes_in_every_place(tmp_path):
    said = set()
    places = [("UTC", "C.UTF-8", "0"), ("Asia/Kolkata", "POSIX", "1"), ("Pacific/Apia", "C", "77")]
    for number, (zone, locale, seed) in enumerate(places):
        folder = tmp_path / str(number)
        folder.mkdir()
        environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, folder],
            env={**environment, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        said.add(done.stdout)
    assert len(said) == 1


def test_originals_travel_in_a_zip_that_any_system_unpacks(tmp_path):
    plan = full_plan(tmp_path, recipe=Recipe(originals=True))
    path = tmp_path / "0.pdf"
    hostile = pdfs.contract("../A:\\B")
    rows = [
        replace(plan.documents[0], name=name, invoice=pdfs.invoice(7, hostile))
        for name in ["../../etc/passwd", "a/b?.pdf", "x" * 300 + ".pdf", "CON"]
    ]
    ours = replace(plan.documents[0], kind=EntryKind.INVOICE, original=None)
    lost = replace(pdfs.left_out("plan.dwg"), original=path)
    again = plan.documents[1]
    documents = (ours, again, again, *rows)
    manifest, out = compile_plan(replace(plan, documents=documents, left_out=(lost,)), tmp_path)
    zipped = out.with_name("out - originals.zip")
    assert manifest.originals.name == zipped.name
    assert manifest.originals.sha256 == sha256(zipped.read_bytes()).hexdigest()
    with ZipFile(zipped) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.read(names[0]) == (tmp_path / "1.pdf").read_bytes()
        assert {info.compress_type for info in archive.infolist()} == {ZIP_STORED}
    assert names[:3] == ["SC-001/2/01 1.pdf", "A B/7/01 etc passwd", "A B/7/02 a b.pdf"]
    assert names[-1] == "SC-001/1/01 plan.dwg"
    assert len(names) == len(set(names)) == manifest.originals.files == 6
    assert all(len(name.encode()) < 200 and ".." not in name for name in names)


def test_cancelling_leaves_neither_file_nor_zip(tmp_path):
    plan = full_plan(tmp_path, recipe=Recipe(originals=True, volume_pages=8))
    work = tmp_path / "work"
    work.mkdir()
    seen = []

    def cancelled():
        return "Packing the originals" in seen

    with pytest.raises(Cancelled):
        assemble(
            plan, tmp_path / "out.pdf", work=work,
            progress=lambda p: seen.append(p.step), cancelled=cancelled,
        )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("out")) == []
    assert [path.name for path in work.iterdir()] == ["fragments"]


def test_a_language_that_prints_from_right_to_left_is_drawn(tmp_path):
    plan = full_plan(tmp_path)
    rows = tuple(replace(row, name=f"שכירות {row.name}") for row in plan.documents)
    manifest, _ = compile_plan(replace(plan, documents=rows, project_name="港タワー"), tmp_path)
    assert manifest.pages == 12


@pytest.mark.parametrize(
    "command",
    [["qpdf", "--check"], ["mutool", "draw", "-F", "txt"], ["pdftoppm", "-r", "20", "-png"]],
    ids=lambda command: command[0],
)
def test_readers_open_the_document_without_a_warning(full, tmp_path, command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    _, out = full
    rest = [tmp_path / "page"] if command[0] == "pdftoppm" else []
    done = subprocess.run([*command, out, *rest], capture_output=True, text=True, check=True)
    said = [line for line in done.stderr.splitlines() if "ICC support" not in line]
    assert [line for line in said if not line.startswith("page ")] == []


def test_strict_pypdf_has_nothing_to_say(full):
    reader = pypdf.PdfReader(full[1], strict=True)
    assert all("p. " in page.extract_text() for page in reader.pages)
