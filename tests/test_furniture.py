import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import pytest

from billing.money import format_cents
from binder.plan import Addendum, EntryKind, Mark, Removed
from binder.render.furniture import (
    Check,
    ContentsLine,
    cover,
    index,
    index_page_count,
    receipt,
    receipt_page_count,
    separator,
    tie_out,
    tie_out_page_count,
)
from binder.render.furniture.groups import Amounts, by_contract
from tests import pdfs
from tests.documents import fonts_of, read, texts

HOSTILE = (
    "x" * 8_000,
    "שכירות קומה 2 " * 40,
    "النور للمقاولات",
    "山田建設株式会社" * 60,
    "line\nfeed\ttab \x00 \ud800 \U0001f600 (paren\\thesis) %PDF <</Link>>",
    "",
)
WIDTH, HEIGHT, STAMP_BAND = 612, 792, 24


def make_plan(contracts=3, invoices=2, documents=3, *, names=(), left_out=()):
    """A plan in the backup's order; amounts differ from invoice to invoice, one is a credit."""
    found = []
    for c in range(1, contracts + 1):
        contract = replace(pdfs.contract(f"SC-{c:03}"), company=f"Company {c}")
        held = 0
        for p in range(1, invoices + 1):
            gross = -12_345_67 if (c, p) == (2, 1) else c * 10_001_01 + p * 777_77
            held += gross // 10
            invoice = replace(
                pdfs.invoice(p, contract),
                gross_this_period=gross,
                total_retainage=held,
                payment_due=gross - gross // 10,
            )
            found += [_document(invoice, len(found) + d, d, names) for d in range(documents)]
    return pdfs.plan(*found, left_out=left_out)


def _document(invoice, at, within, names):
    name = names[at % len(names)] if names else f"document {at}.pdf"
    kind = EntryKind.ATTACHMENT if within else EntryKind.INVOICE
    digest = sha256(str(at).encode()).hexdigest()
    return pdfs.Document(invoice, kind, name, Path("never-read"), digest, at % 4 + 1)


def first_pages(plan, start=4):
    pages = [document.pages for document in plan.documents]
    return list(accumulate(pages[:-1], initial=start)) if pages else []


def draw_index(plan, **rest):
    return index(plan, first_pages(plan), **rest)


def draw_receipt(plan, **rest):
    pages = [document.pages for document in plan.documents]
    return receipt(plan, first_pages(plan), pages, total_pages=sum(pages) + 7, **rest)


def all_text(drawn):
    return "\n".join(texts(drawn.pdf))


def invoices_of(plan):
    return list(dict.fromkeys(document.invoice for document in plan.documents))


def checks_of(plan, rule="Line 8 is line 6 less line 7", difference=0):
    return [
        Check(rule, invoice, invoice.payment_due, invoice.payment_due + difference)
        for invoice in invoices_of(plan)
    ]


PLANS = {
    "nothing": make_plan(0),
    "one document": make_plan(1, 1, 1),
    "three contracts": make_plan(),
    "an invoice over pages": make_plan(2, 1, 130),
    "hostile names": make_plan(4, 2, 3, names=HOSTILE),
    "two thousand": make_plan(100, 4, 5),
}


@pytest.fixture(params=PLANS, ids=str)
def plan(request):
    return PLANS[request.param]


@pytest.fixture(params=[name for name in PLANS if name != "two thousand"], ids=str)
def small_plan(request):
    return PLANS[request.param]


def test_every_piece_has_the_pages_it_said_it_would_have(plan):
    pieces = [
        (draw_index(plan), index_page_count(plan)),
        (tie_out(plan, checks_of(plan)), tie_out_page_count(plan, checks_of(plan))),
        (draw_receipt(plan), receipt_page_count(plan)),
        (cover(plan, total_pages=9), 1),
    ]
    for drawn, predicted in pieces:
        assert drawn.pages == predicted == len(read(drawn.pdf).pages)


def test_page_numbers_and_volumes_do_not_change_how_long_the_index_is():
    plan = PLANS["two thousand"]
    huge = [10_000_000 + at for at in range(len(plan.documents))]
    drawn = index(plan, huge, volumes=[99] * len(huge))
    assert drawn.pages == index_page_count(plan)


def test_links_lie_on_their_page_above_the_stamp(plan):
    contents = [ContentsLine(f"Part {n}", n, furniture="index") for n in range(9)]
    pieces = [
        draw_index(plan),
        tie_out(plan),
        draw_receipt(plan),
        cover(plan, total_pages=9, contents=contents),
    ]
    for drawn in pieces:
        for link in drawn.links:
            left, bottom, right, top = link.rect
            assert 0 <= link.page < drawn.pages
            assert 0 <= left < right <= WIDTH
            assert STAMP_BAND < bottom < top <= HEIGHT


def test_nothing_is_drawn_where_the_stamp_goes(small_plan):
    plan = small_plan
    for drawn in (draw_index(plan), tie_out(plan), draw_receipt(plan), cover(plan, total_pages=9)):
        for page in read(drawn.pdf).pages:
            lowest = []
            page.extract_text(
                visitor_text=lambda text, _, tm, *__, low=lowest: text.strip() and low.append(tm[5])
            )
            assert min(lowest, default=HEIGHT) > STAMP_BAND


def test_no_piece_holds_an_annotation():
    plan = PLANS["three contracts"]
    for drawn in (draw_index(plan), tie_out(plan), draw_receipt(plan), separator(plan, "SC-001")):
        assert all("/Annots" not in page for page in read(drawn.pdf).pages)


def test_every_row_of_the_index_is_a_link_in_the_order_of_the_documents():
    plan = PLANS["three contracts"]
    drawn = draw_index(plan)
    expected = []
    for contract in by_contract(plan):
        expected.append(contract.documents.start)
        for invoice in contract.invoices:
            expected += [invoice.documents.start, *invoice.documents]
    assert [link.document for link in drawn.links] == expected
    tops = [link.rect[3] for link in drawn.links]
    assert tops == sorted(tops, reverse=True)


def test_each_document_has_its_link_in_index_and_receipt(plan):
    for drawn in (draw_index(plan), draw_receipt(plan)):
        assert {link.document for link in drawn.links} == set(range(len(plan.documents)))


def test_rows_of_the_index_never_overlap():
    drawn = draw_index(PLANS["two thousand"])
    for one, other in zip(drawn.links, drawn.links[1:], strict=False):
        if one.page == other.page:
            assert other.rect[3] <= one.rect[1] + 0.01


def test_the_index_says_what_the_auditor_looks_for():
    plan = PLANS["three contracts"]
    (page,) = texts(draw_index(plan).pdf)
    for words in (
        "SC-001 Company 1 · Concrete",
        "Invoice 2 · INV-2",
        "Jul 1 – Jul 31, 2026",
        "Approved",
        "Unsigned",
        "document 17.pdf",
        format_cents(-12_345_67),
        "Harbor Tower · 24-017 · Backup 3 · Aug 31, 2026",
        "Total: 3 contracts, 6 invoices, 18 documents",
    ):
        assert words in page
    pages = first_pages(plan)
    last = pages[17] + plan.documents[17].pages - 1
    assert f"{pages[15]}–{last}" in page.replace("\n", "")


def test_an_index_that_goes_on_repeats_the_names_but_never_an_amount():
    plan = PLANS["an invoice over pages"]
    pages = texts(draw_index(plan).pdf)
    again = [page for page in pages if "Company 1 · Concrete (continued)" in page]
    assert again
    assert all("Invoice 1 · INV-1 (continued)" in page for page in again)
    assert all("Retainage" in page for page in pages)
    amount = format_cents(by_contract(plan)[0].amounts.this_period)
    # The contract's, the invoice's; the grand total is another.
    assert "".join(pages).count(amount) == 2


def marked(document, mark):
    return replace(document, mark=mark)


def test_an_addendum_marks_what_is_new_and_lists_what_is_gone():
    plan = PLANS["three contracts"]
    marks = [None] * 18
    marks[4], marks[9] = Mark.NEW, Mark.CHANGED
    gone = (Removed("SC-002", 1, "old waiver.pdf"),)
    plan = replace(
        plan,
        documents=tuple(map(marked, plan.documents, marks)),
        addendum=Addendum(2, plan.requested_at, "0" * 64, 40, gone),
    )
    drawn = draw_index(plan)
    text = all_text(drawn)
    assert "Since backup 2: 1 new, 1 changed, 1 removed" in text
    assert "SC-002 · Invoice 1 · old waiver.pdf" in text
    assert text.count("Changed") == text.count("New") == 1
    assert text.endswith("old waiver.pdf Removed")
    assert drawn.pages == index_page_count(plan)


def test_volumes_stand_beside_the_pages():
    plan = make_plan(1, 1, 2)
    text = all_text(index(plan, [8, 2], volumes=[41, 42]))
    assert "Vol." in text
    # An invoice that is torn between volumes has a first page, but no last one.
    assert "–" not in text.split("Unsigned")[1]
    assert text.count("41") == 3
    assert text.count("42") == 1


def test_names_of_files_run_as_the_page_does_whatever_their_letters():
    """Their endings stand on the right."""
    plan = make_plan(1, 1, 2, names=("דוח.pdf", "تقرير.pdf"), left_out=[pdfs.left_out("מפרט.pdf")])
    shown = [all_text(draw_index(plan)), all_text(draw_receipt(plan))]
    assert "דוח.pdf" in shown[0]
    assert "דוח.pdf" in shown[1]
    assert "מפרט.pdf" in shown[1]
    assert not any("pdf." in text for text in shown)


def test_terms_follow_the_dictionary():
    terms = {"Invoice": "Progress billing", "Subcontractor invoice backup": "Contractor backup"}
    plan = replace(PLANS["three contracts"], labels=terms)
    for drawn in (draw_index(plan), tie_out(plan), draw_receipt(plan), separator(plan, "SC-001")):
        assert "Progress billing 1" in all_text(drawn)
    assert "Contractor backup" in all_text(cover(plan, total_pages=1))


def test_totals_equal_the_sum_of_the_invoices_to_the_cent():
    plan = PLANS["two thousand"]
    invoices = invoices_of(plan)
    text = all_text(tie_out(plan))
    due, gross = (
        sum(each.payment_due for each in invoices),
        sum(each.gross_this_period for each in invoices),
    )
    # A balance is not added up over the invoices of a contract: its last invoice says what is held.
    held = sum(each.total_retainage for each in invoices if each.position == 4)
    grand = text[text.index("Grand total") :]
    for cents in (gross, gross - due, due, held):
        assert format_cents(cents) in grand
    for contract in by_contract(plan):
        subtotal = text[text.index(f"Subtotal {contract.contract.number}") :][:120]
        assert format_cents(contract.amounts.payment_due) in subtotal
        assert format_cents(contract.invoices[-1].invoice.total_retainage) in subtotal
    assert "add up to the grand total" in text


def test_an_invoice_counts_once_even_if_its_documents_are_torn_apart():
    one, two = invoices_of(make_plan(1, 2))
    assert Amounts.of([one, two, one]) == Amounts.of([one, two])


def test_checks_that_hold_are_counted_and_those_that_fail_print_the_difference():
    plan = PLANS["three contracts"]
    failing = checks_of(plan, "Line 7 is line 6 before", 12_34)[3]
    text = all_text(tie_out(plan, [*checks_of(plan), failing]))
    assert "6 of 6 equal" in text
    assert "0 of 1 equal" in text
    assert "SC-002, Invoice 2 · INV-2" in text
    assert "a difference of 12.34" in text


def test_the_receipt_has_each_input_with_its_whole_digest():
    plan = PLANS["an invoice over pages"]
    text = all_text(draw_receipt(plan)).replace("\n", "")
    assert all(document.sha256 in text for document in plan.documents)
    pages = sum(document.pages for document in plan.documents)
    assert "Total: 260 documents" in text
    assert "Pages in and pages out are equal." in text
    assert f"7 pages added by this backup are {pages + 7:,} pages." in text
    assert "Nothing was left out." in text


def test_the_receipt_says_when_pages_were_lost():
    plan = make_plan(1, 1, 2)
    drawn = receipt(plan, [4, 5], [1, 1], total_pages=3)
    assert "Pages in and pages out differ by 1." in all_text(drawn)
    assert drawn.pages == receipt_page_count(plan)


def test_the_receipt_lists_what_was_left_out_and_why():
    rows = [pdfs.left_out(f"file {n}.pdf", "It needs a password.") for n in range(90)]
    plan = make_plan(1, 1, 1, left_out=rows)
    drawn = draw_receipt(plan)
    text = all_text(drawn)
    assert "90 files were left out." in text
    assert text.count("It needs a password.") == 90
    assert text.count("0" * 64) == 90
    assert all(f"file {n}.pdf" in text for n in range(90))
    assert drawn.pages == receipt_page_count(plan)
    assert sum("Why it was left out" in page for page in texts(drawn.pdf)) == drawn.pages


def test_notes_tell_what_was_done_to_a_file():
    plan = make_plan(1, 1, 2)
    notes = ["", "Repaired when it arrived."]
    drawn = draw_receipt(plan, notes=notes)
    assert "Repaired when it arrived." in all_text(drawn)
    assert drawn.pages == receipt_page_count(plan, notes=notes)


def test_the_cover_says_whose_what_when_and_how_much():
    left_out = [pdfs.left_out()]
    plan = replace(
        make_plan(left_out=left_out), owner="City of Alameda", general_contractor="Bright"
    )
    contents = [
        ContentsLine("Index", 2, 3, furniture="index"),
        ContentsLine("Invoices and their documents", 4, 1_204, document=0),
    ]
    drawn = cover(
        plan, total_pages=1_205, contents=contents, manifest_sha256="ab" * 32, volume=(2, 3)
    )
    (page,) = texts(drawn.pdf)
    invoices = Amounts.of(invoices_of(plan))
    for words in (
        "Subcontractor invoice backup",
        "Backup 3",
        "Volume 2 of 3",
        "Harbor Tower",
        "24-017",
        "City of Alameda",
        "Bright",
        "Aug 31, 2026, 2:05 PM UTC, by Dana Reyes",
        "0 of 6 invoices",
        "1 file, listed with the reason at the end",
        "1,205",
        "4–1,204",
        "ab" * 32,
        format_cents(invoices.this_period),
        format_cents(invoices.payment_due),
        format_cents(invoices.retainage_held),
    ):
        assert words in page
    assert [(link.document, link.furniture) for link in drawn.links] == [(None, "index"), (0, "")]


def test_a_signed_copy_names_its_signer_where_the_column_is_too_narrow():
    signer = "Signed by Maria Lopez, Sep 2, 2026, envelope 7a1e4c02"
    plan = make_plan(1, 1, 1)
    (document,) = plan.documents
    invoice = replace(document.invoice, signed=signer)
    signed = replace(document, kind=EntryKind.SIGNED, invoice=invoice)
    plan = replace(plan, documents=(signed,))
    assert f"document 0.pdf · {signer}" in all_text(draw_index(plan))
    assert "1 of 1 invoice" in all_text(cover(plan, total_pages=1))


def test_a_separator_names_the_contract_and_links_its_invoices():
    plan = make_plan(2, 30, 1)
    drawn = separator(plan, "SC-002")
    (page,) = texts(drawn.pdf)
    assert drawn.pages == 1
    assert "Company 2" in page
    assert "and 6 more invoices" in page
    assert [link.document for link in drawn.links] == list(range(30, 54))


def test_a_separator_of_an_unknown_contract_is_refused():
    with pytest.raises(ValueError, match="SC-404"):
        separator(make_plan(), "SC-404")


def test_numbers_for_other_documents_are_refused():
    plan = make_plan()
    with pytest.raises(ValueError, match="18 documents"):
        index(plan, [1, 2])
    with pytest.raises(ValueError, match="18 documents"):
        receipt(plan, first_pages(plan), [1], total_pages=1)


@pytest.mark.parametrize("cents", [90_000_000_000_000_00, -90_000_000_000_000_00])
def test_the_largest_amounts_stay_in_their_columns(cents):
    plan = make_plan(1, 1, 1)
    (document,) = plan.documents
    invoice = replace(
        document.invoice, gross_this_period=cents, payment_due=cents, total_retainage=cents
    )
    plan = replace(plan, documents=(replace(document, invoice=invoice),))
    for drawn in (draw_index(plan), tie_out(plan), cover(plan, total_pages=1)):
        assert all_text(drawn).count(format_cents(cents)) >= 3


def test_every_font_is_embedded(small_plan):
    plan = small_plan
    for drawn in (draw_index(plan), tie_out(plan), draw_receipt(plan), cover(plan, total_pages=9)):
        assert all(fonts_of(drawn.pdf).values())


_DIGESTS = """
from hashlib import sha256
from tests.test_furniture import *
plan = make_plan(4, 2, 3, names=HOSTILE)
for drawn in (draw_index(plan), tie_out(plan, checks_of(plan)), draw_receipt(plan),
              cover(plan, total_pages=9), separator(plan, "SC-002")):
    print(sha256(drawn.pdf).hexdigest())
"""


def test_two_processes_on_other_sides_of_the_world_draw_the_same_bytes():
    found = []
    for seed, zone, language in (("1", "Asia/Tokyo", "C"), ("2", "America/Lima", "C.UTF-8")):
        surroundings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}
        found.append(
            subprocess.run(
                [sys.executable, "-c", _DIGESTS],
                env={**os.environ, **surroundings},
                cwd=Path(__file__).parents[1],
                capture_output=True,
                check=True,
                text=True,
            ).stdout.split()
        )
    assert found[0] == found[1]
    assert len(set(found[0])) == 5


def test_names_without_end_are_cut_and_do_not_hold_up_the_drawing():
    # Cut letter by letter, one such name took minutes; the time limit of the tests would end this.
    plan = make_plan(1, 1, 5, names=["W" * 100_000])
    assert all_text(draw_index(plan)).count("W…") == 5
    assert all_text(draw_receipt(plan)).count("W…") == 5
