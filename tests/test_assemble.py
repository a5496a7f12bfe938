from dataclasses import replace
from hashlib import sha256

import pikepdf
import pypdf
import pytest
from pypdf.generic import Destination

from binder.assemble import assemble
from binder.errors import BinderError, Cancelled, PagesDiffer
from binder.fragment import FRAGMENT_VERSION
from binder.fragments import fragment_path
from binder.intake import make_fragment
from binder.plan import EntryKind
from binder.recipe import Recipe
from tests.pdfs import (
    contract,
    document,
    invoice,
    left_out,
    plan,
    write_encrypted,
    write_form,
    write_named_link,
    write_pdf,
    write_picture,
    write_truncated,
)


def no_progress(progress):
    pass


def never():
    return False


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def run(the_plan, work, *, progress=no_progress, cancelled=never):
    out = work.parent / "out.pdf"
    return assemble(the_plan, out, work=work, progress=progress, cancelled=cancelled), out


def texts(path):
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


def bookmarks(reader, items=None, level=0):
    """(level, title, page from 1) of every bookmark."""
    found = []
    for item in reader.outline if items is None else items:
        if isinstance(item, Destination):
            found.append((level, item.title, reader.get_destination_page_number(item) + 1))
        else:
            found += bookmarks(reader, item, level + 1)
    return found


def test_documents_stand_in_the_order_of_the_plan(tmp_path, work):
    first = write_pdf(tmp_path / "b.pdf", ["Alpha", "Beta"])
    second = write_pdf(tmp_path / "a.pdf", ["Gamma"])
    manifest, out = run(plan(document(first, 2), document(second, 1)), work)
    assert [text.split()[0] for text in texts(out)] == ["Alpha", "Beta", "Gamma"]
    assert [(e.name, e.first_page, e.pages) for e in manifest.entries] == [
        ("b.pdf", 1, 2),
        ("a.pdf", 3, 1),
    ]
    assert manifest.pages == 3


def test_every_sort_of_file_is_merged(tmp_path, work):
    documents = [
        document(write_truncated(tmp_path / "cut.pdf"), 10),
        document(write_encrypted(tmp_path / "open.pdf", user=""), 1),
        document(write_pdf(tmp_path / "turned.pdf", ["Turned"], rotate=90), 1),
        document(write_picture(tmp_path / "photo.jpg", "JPEG"), 1),
        document(write_picture(tmp_path / "logo.png", "PNG", mode="RGBA"), 1),
        document(write_picture(tmp_path / "fax.tif", "TIFF", frames=3), 3),
        document(write_picture(tmp_path / "phone.heic", "HEIF"), 1),
    ]
    manifest, out = run(plan(*documents), work)
    assert manifest.pages == len(pypdf.PdfReader(out).pages) == 18
    with pikepdf.open(out) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.pages[11].obj.Rotate == 90


def test_bookmarks_nest_and_carry_their_page_numbers(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf", ["One", "Two"])
    other = contract("SC-002")
    documents = [
        document(path, 2, kind=EntryKind.INVOICE, name="Invoice"),
        document(path, 2, name="Delivery slip"),
        document(path, 2, of=invoice(2), name="Photos"),
        document(path, 2, of=invoice(1, other), name="Waiver"),
    ]
    _, out = run(plan(*documents), work)
    found = bookmarks(pypdf.PdfReader(out))
    assert [(level, page) for level, _, page in found] == [
        (0, 1), (1, 1), (2, 1), (2, 3), (1, 5), (2, 5), (0, 7), (1, 7), (2, 7),
    ]  # fmt: skip
    assert all(title.endswith(f"p. {page}") for _, title, page in found)
    assert "SC-001" in found[0][1]
    assert "Delivery slip" in found[3][1]


def test_the_file_opens_as_a_document_with_title_language_and_bookmarks(tmp_path, work):
    _, out = run(plan(document(write_pdf(tmp_path / "a.pdf"), 1)), work)
    with pikepdf.open(out) as pdf:
        assert str(pdf.Root.Lang) == "en-US"
        assert pdf.Root.PageMode == "/UseOutlines"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
        assert str(pdf.docinfo["/Title"]) == "Subcontractor invoice backup"
        assert pdf.pages[0].label == "1"


def test_equal_field_names_keep_their_own_values(tmp_path, work):
    one = write_form(tmp_path / "one.pdf", "1,111.11")
    two = write_form(tmp_path / "two.pdf", "2,222.22")
    _, out = run(plan(document(one, 1), document(two, 1)), work)
    first, second = texts(out)
    assert ("1,111.11" in first, "2,222.22" in first) == (True, False)
    assert ("1,111.11" in second, "2,222.22" in second) == (False, True)
    with pikepdf.open(out) as pdf:
        assert "/AcroForm" not in pdf.Root


def test_equal_names_of_places_stay_inside_their_own_file(tmp_path, work):
    one = write_named_link(tmp_path / "one.pdf", ["A", "B"])
    two = write_named_link(tmp_path / "two.pdf", ["C", "D", "E"])
    _, out = run(plan(document(one, 2), document(two, 3)), work)
    with pikepdf.open(out) as pdf:
        pages = [page.obj.objgen for page in pdf.pages]
        targets = [pages.index(pdf.pages[i].Annots[0].Dest[0].objgen) for i in (0, 2)]
    assert targets == [1, 4]


def test_what_was_left_out_is_listed_on_the_last_page(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf")
    the_plan = plan(document(path, 1), left_out=[left_out("broken.pdf", "It is damaged")])
    manifest, out = run(the_plan, work)
    assert manifest.pages == 2
    last = texts(out)[-1]
    assert "broken.pdf" in last
    assert "It is damaged" in last
    assert manifest.to_json()["left_out"] == [
        {"contract": "SC-001", "position": 1, "name": "broken.pdf", "reason": "It is damaged"}
    ]
    assert bookmarks(pypdf.PdfReader(out))[-1][2] == 2


def test_pages_that_differ_from_the_plan_fail_and_leave_no_file(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf", ["One", "Two"])
    with pytest.raises(PagesDiffer, match=r"a\.pdf"):
        run(plan(document(path, 3)), work)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf", "work"]
    assert [p.name for p in work.iterdir()] == ["fragments"]


def test_every_page_says_where_it_belongs(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf", ["One", "Two"])
    the_plan = plan(document(path, 2, of=invoice(7)), left_out=[left_out()])
    _, out = run(the_plan, work)
    first, second, last = texts(out)
    assert "SC-001 · Inv 7 · p. 1 of 3" in first
    assert "SC-001 · Inv 7 · p. 2 of 3" in second
    assert "Backup 3 · p. 3 of 3" in last
    _, plain = run(replace(the_plan, recipe=Recipe.plain()), work)
    assert not any("Inv 7 · p." in text for text in texts(plain))


def test_fragments_are_found_again_and_old_ones_made_again(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf")
    the_plan = plan(document(path, 1))

    def prepared():
        seen = []
        run(the_plan, work, progress=seen.append)
        return [p.step for p in seen if p.step.startswith("Preparing")]

    assert prepared() == ["Preparing “a.pdf”"]
    assert prepared() == []
    kept = fragment_path(work, the_plan.documents[0].sha256)
    older = kept.read_bytes().replace(b"Fragment %d " % FRAGMENT_VERSION, b"Fragment 0 ")
    kept.write_bytes(older)
    assert prepared() == ["Preparing “a.pdf”"]
    assert prepared() == []


def test_a_fragment_that_intake_made_is_used_where_it_lies(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf")
    made = tmp_path / "made.pdf"
    make_fragment(path, "a.pdf", made)
    _, out = run(plan(replace(document(path, 1), fragment=made)), work)
    assert not (work / "fragments").exists()
    assert len(texts(out)) == 1


def test_a_file_that_changed_since_it_was_chosen_is_refused(tmp_path, work):
    chosen = document(write_pdf(tmp_path / "a.pdf"), 1)
    write_pdf(tmp_path / "a.pdf", ["Another"])
    with pytest.raises(BinderError, match="not the file"):
        run(plan(chosen), work)
    (tmp_path / "a.pdf").unlink()
    with pytest.raises(BinderError, match="gone"):
        run(plan(chosen), work)


def test_a_placeholder_stands_for_another_file(tmp_path, work):
    page = replace(
        document(write_pdf(tmp_path / "page.pdf"), 1, kind=EntryKind.PLACEHOLDER, name="plan.dwg"),
        sha256="ab" * 32,
    )
    manifest, _ = run(plan(page), work)
    assert (manifest.entries[0].kind, manifest.entries[0].sha256) == ("placeholder", "ab" * 32)


def test_nothing_chosen_is_an_error(work):
    with pytest.raises(BinderError, match="nothing to compile"):
        run(plan(), work)


def test_bookmarks_of_a_file_stand_below_its_own(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf", ["One", "Two"])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chapter 2", 1))
        pdf.save()
    _, out = run(plan(document(path, 2), document(path, 2)), work)
    found = bookmarks(pypdf.PdfReader(out))
    assert [(level, title) for level, title, _ in found if "Chapter" in title] == [
        (3, "Chapter 2 · p. 2"),
        (3, "Chapter 2 · p. 4"),
    ]


def test_the_digest_in_the_manifest_is_that_of_the_file(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf")
    first, out = run(plan(document(path, 1)), work)
    assert sha256(out.read_bytes()).hexdigest() == first.sha256
    again, _ = run(plan(document(path, 1)), work)
    assert again == first


def test_a_file_that_cannot_be_read_fails_by_name(tmp_path, work):
    path = tmp_path / "junk.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(BinderError, match=r"junk\.pdf"):
        run(plan(document(path, 1)), work)
    assert not (tmp_path / "out.pdf").exists()


def test_cancelling_between_documents_leaves_the_old_file(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf")
    (tmp_path / "out.pdf").write_bytes(b"the backup before")
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        run(plan(document(path, 1), document(path, 1)), work, cancelled=lambda: next(answers))
    assert (tmp_path / "out.pdf").read_bytes() == b"the backup before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf", "out.pdf", "work"]


def test_progress_counts_documents_and_pages(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf", ["One", "Two"])
    seen = []
    run(plan(document(path, 2), document(path, 2)), work, progress=seen.append)
    counts = [(p.documents_done, p.documents_total, p.pages_done) for p in seen]
    assert counts == [(0, 2, 0), (0, 2, 0), (1, 2, 2), (2, 2, 4), (2, 2, 4)]
    assert [p.step for p in seen] == [
        "Preparing “a.pdf”",
        "Adding invoice 1 of SC-001",
        "Adding invoice 1 of SC-001",
        "Writing the file",
        "Checking the file",
    ]


def test_the_manifest_is_plain_data_under_the_agreed_names(tmp_path, work):
    path = write_pdf(tmp_path / "a.pdf")
    manifest, out = run(plan(document(path, 1)), work)
    data = manifest.to_json()
    assert data["entries"][0].keys() >= {
        "contract", "position", "kind", "name", "sha256", "pages", "first_page",
    }  # fmt: skip
    assert data["entries"][0]["kind"] == "attachment"
    assert data["pages"] == 1
    assert data["bytes"] == out.stat().st_size
