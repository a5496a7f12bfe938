import logging
import re
import socket
import time
import unicodedata
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
from xhtml2pdf.config.resources import ResourceAccessError

from billing.money import format_cents, parse_cents
from binder.render.document import content_key
from binder.render.invoice import _POLICY, render_invoice
from tests.documents import (
    CONTRACT,
    INVOICE,
    PROJECT,
    comment,
    describe,
    fonts_of,
    invoice_document,
    read,
    texts,
)

HEADS = ("Item", "Description of work", "Retainage")


def amounts_after(label, page):
    """The seven amounts of the row that begins with `label`, in cents."""
    found = re.findall(r"\(?[\d,]+\.\d\d\)?(?!%|\d)", page.split(label, 1)[1])
    return [parse_cents(amount) for amount in found[:7]]


def test_page_1_shows_every_line_of_the_summary():
    document = invoice_document()
    summary, page = document.sheet.summary, texts(render_invoice(document))[0]
    assert format_cents(summary.original_contract_sum) in page
    assert format_cents(summary.contract_sum_to_date) in page
    assert format_cents(summary.total_completed_and_stored_to_date) in page
    assert format_cents(summary.completed_work_retainage_amount) in page
    assert format_cents(summary.stored_materials_retainage_amount) in page
    assert format_cents(summary.total_earned_less_retainage) in page
    assert format_cents(summary.less_previous_certificates_for_payment) in page
    assert format_cents(summary.current_payment_due) in page
    assert format_cents(summary.balance_to_finish_including_retainage) in page
    assert f"{summary.percent_complete}% of line 3" in page


def test_page_1_names_the_parties_the_period_and_where_to_sign():
    page = texts(render_invoice(invoice_document()))[0]
    for words in (
        "Harbor Point",
        "Brightwater Builders",
        "City of Alameda",
        "Delta Structures",
        "SC-004",
        "INV-20418",
        "Aug 1, 2026 – Aug 31, 2026",
        "Dated Mar 2, 2026",
        "Signature",
        "Notary public",
        "Approved for payment",
    ):
        assert words in page


def test_deductions_stand_in_parentheses():
    pages = texts(render_invoice(invoice_document()))
    assert "(7,300.00)" in pages[0]
    assert "(7,300.00)" in pages[1]
    assert "-7,300" not in "".join(pages)


def test_the_summary_stands_upright_and_the_sheets_lie():
    boxes = [page.mediabox for page in read(render_invoice(invoice_document(60))).pages]
    assert [(box.width, box.height) for box in boxes] == [(612, 792)] + [(792, 612)] * 3


def test_every_sheet_repeats_the_heads_and_counts_its_page():
    pages = texts(render_invoice(invoice_document(60)))
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    for page in pages[1:]:
        assert all(head in page for head in HEADS)
        assert "INV-20418" in page


def test_page_totals_add_up_to_the_grand_total():
    document = invoice_document(90)
    pages = texts(render_invoice(document))[1:]
    totals = [amounts_after("Page total", page) for page in pages]
    grand = amounts_after("Grand total", pages[-1])
    assert len(pages) > 2
    assert [sum(column) for column in zip(*totals, strict=True)] == grand
    assert grand[0] == document.sheet.summary.contract_sum_to_date
    assert grand[4] == document.sheet.summary.total_completed_and_stored_to_date
    assert grand[6] == document.sheet.summary.total_retainage
    assert not any("Grand total" in page for page in pages[:-1])


def test_change_orders_follow_the_base_lines_as_groups():
    sheet = texts(render_invoice(invoice_document()))[1]
    places = [
        sheet.index(words)
        for words in (
            "Original contract",
            "Work number 3",
            "Change order CO-1: Roof screen",
            "Screen",
            "Change order CO-2: Lobby base",
            "Grand total",
        )
    ]
    assert places == sorted(places)


def test_a_contract_without_lines_still_has_its_pages():
    pages = texts(render_invoice(invoice_document(0, orders=())))
    assert len(pages) == 2
    assert amounts_after("Grand total", pages[1]) == [0] * 7


def test_draft_is_printed_across_every_page_of_what_is_not_approved():
    draft = invoice_document(40, invoice=replace(INVOICE, is_draft=True, status="Draft"))
    pages = texts(render_invoice(draft))
    assert len(pages) > 2
    assert all("DRAFT" in page for page in pages)
    assert not any("DRAFT" in page for page in texts(render_invoice(invoice_document(40))))


def test_draft_hides_no_figure():
    draft = invoice_document(40, invoice=replace(INVOICE, is_draft=True))
    plain = texts(render_invoice(invoice_document(40)))
    for before, after in zip(plain, texts(render_invoice(draft)), strict=True):
        assert re.findall(r"[\d,]+\.\d\d", before) == re.findall(r"[\d,]+\.\d\d", after)


def test_remarks_stand_under_the_grand_total():
    document = comment(invoice_document(), "Rebar is stored on Pier 4.\nSee ticket 1184.")
    pages = texts(render_invoice(document))
    assert len(pages) == 2
    assert pages[1].index("Grand total") < pages[1].index("Rebar is stored on Pier 4.")
    assert "See ticket 1184." in pages[1]


def test_long_remarks_go_on_over_pages_and_lose_no_word():
    words = [f"remark{n}" for n in range(2_000)]
    pages = texts(render_invoice(comment(invoice_document(), " ".join(words))))
    assert len(pages) > 3
    assert re.findall(r"remark\d+", "".join(pages)) == words
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_the_page_count_is_right_when_the_summary_takes_more_than_a_page():
    project = replace(PROJECT, address="\n".join(f"Gate {n}" for n in range(70)))
    pages = texts(render_invoice(invoice_document(project=project)))
    assert len(pages) > 2
    assert all(f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, start=1))
    assert all(f"Gate {n}" in "".join(pages) for n in range(70))


SCRIPTS = ("Łódź", "Nguyễn", "Ж", "Ωμέγα", "中文混凝土", "かなカナ", "한국어", "עברית", "ไทย", "✓")


@pytest.mark.parametrize("word", SCRIPTS)
def test_text_of_any_script_prints_on_both_kinds_of_page(word):
    document = invoice_document(contract=replace(CONTRACT, company=word))
    pages = texts(render_invoice(describe(document, word)))
    for page in pages:
        # Right-to-left words may be read back in either direction.
        assert word in page or word[::-1] in page


def test_arabic_letters_are_joined_and_drawn_from_the_right():
    document = invoice_document(contract=replace(CONTRACT, company="شركة البناء"))
    for page in texts(render_invoice(describe(document, "شركة البناء"))):
        # Presentation forms come back to the plain letters by compatibility.
        plain = unicodedata.normalize("NFKC", page)
        assert "شركة" in plain or "شركة"[::-1] in plain
        assert "\ufeb7" in page or "ﺷ" in page


def test_a_character_of_no_font_prints_its_number():
    document = invoice_document(project=replace(PROJECT, name="Site ሀ"), descriptions=["Pour ሀ"])
    pages = texts(render_invoice(comment(document, "Seen ሀ\x07")))
    assert "Site [U+1200]" in pages[0]
    assert "Pour [U+1200]" in pages[1]
    assert "Seen [U+1200][U+0007]" in pages[1]


def test_every_font_is_embedded_and_cut_to_what_is_used():
    document = invoice_document(descriptions=SCRIPTS[:3], contract=replace(CONTRACT, title="中文"))
    pdf = render_invoice(document)
    fonts = fonts_of(pdf)
    assert all(fonts.values()), fonts
    assert all(re.match(r"/[A-Z]{6}\+", name) for name in fonts)
    assert len(pdf) < 150_000


def test_the_engine_has_nothing_to_complain_about(caplog):
    document = invoice_document(
        40,
        descriptions=[*SCRIPTS, "x" * 300],
        project=replace(PROJECT, name="Harbor Point 港口 " + "W" * 120),
        contract=replace(CONTRACT, company="Nguyễn & Søn 한국건설 " * 8),
    )
    with caplog.at_level(logging.WARNING):
        render_invoice(document)
    assert caplog.records == []


def test_words_of_any_length_stay_on_the_page():
    long = "W" * 400
    document = invoice_document(
        project=replace(PROJECT, name=long, owner=long, address=long),
        contract=replace(CONTRACT, number=long[:80], title=long, company=long),
        invoice=replace(INVOICE, number=long[:80], comments=long),
        descriptions=[long],
    )
    with pypdfium2.PdfDocument(render_invoice(document)) as pdf:
        for page in pdf:
            text = page.get_textpage()
            boxes = [text.get_charbox(index) for index in range(text.count_chars())]
            assert min(box[0] for box in boxes) >= 30
            assert max(box[2] for box in boxes) <= page.get_width() - 30
            assert min(box[1] for box in boxes) >= 18


def test_a_description_longer_than_a_page_goes_on_and_its_amount_is_counted_once():
    words = [f"word{n}" for n in range(1_200)]
    document = invoice_document(descriptions=[" ".join(words)])
    pages = texts(render_invoice(document))
    assert re.findall(r"word\d+", "".join(pages)) == words
    totals = [amounts_after("Page total", page) for page in pages[1:]]
    assert sum(row[0] for row in totals) == document.sheet.summary.contract_sum_to_date


def test_markup_in_names_prints_as_text_and_fetches_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/logo.png"
        markup = f'<img src="{url}"><b>bold</b> &amp; {{{{ 7 * 7 }}}}'
        document = invoice_document(project=replace(PROJECT, name=markup), descriptions=[markup])
        pages = texts(render_invoice(comment(document, markup)))
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert all("<b>bold</b> &amp; {{ 7 * 7 }}" in " ".join(page.split()) for page in pages[:1])
    assert pages[1].count("<b>bold</b>") >= 2


@pytest.mark.parametrize("place", ["/etc/passwd", "../app.py"])
def test_only_the_fonts_may_be_read_while_drawing(place):
    with pytest.raises(ResourceAccessError):
        _POLICY.check_path(place)
    with pytest.raises(ResourceAccessError):
        _POLICY.check_url("https://example.com/logo.png")


def test_the_same_document_gives_the_same_bytes():
    first = render_invoice(comment(invoice_document(40, descriptions=SCRIPTS), "Noted."))
    assert first == render_invoice(comment(invoice_document(40, descriptions=SCRIPTS), "Noted."))
    assert read(first).metadata["/CreationDate"].startswith("D:2000")


def test_the_file_says_its_title_and_language():
    reader = read(render_invoice(invoice_document(language="es-MX")))
    assert reader.metadata.title == "Subcontractor invoice 2, SC-004, Harbor Point"
    assert reader.root_object["/Lang"] == "es-MX"


def test_terms_follow_the_dictionary():
    labels = {"Subcontractor invoice": "Contractor invoice", "Subcontractor": "Contractor"}
    page = texts(render_invoice(invoice_document(labels=labels)))[0]
    assert "Contractor invoice" in page
    assert "From: Contractor" in page
    assert "ubcontractor" not in page


@pytest.mark.parametrize(
    "other",
    [
        {"project": replace(PROJECT, address="2 Pier")},
        {"contract": replace(CONTRACT, contract_date=date(2026, 3, 3))},
        {"invoice": replace(INVOICE, status="Under Review")},
        {"invoice": replace(INVOICE, is_draft=True)},
        {"labels": {"Owner": "Funding"}},
        {"language": "fr-CA"},
        {"descriptions": ["Other work"]},
        {"lines": 4},
        {"orders": ()},
    ],
)
def test_the_key_changes_with_whatever_the_pages_show(other):
    assert content_key(invoice_document(**other)) != content_key(invoice_document())


def test_the_key_of_equal_documents_is_equal():
    labels = {"Owner": "Funding", "Invoice": "Bill"}
    again = dict(reversed(labels.items()))
    key = content_key(invoice_document(labels=labels))
    assert key == content_key(invoice_document(labels=again))
    assert re.fullmatch(r"[0-9a-f]{64}", key)


def test_a_thousand_lines_cost_at_most_twelve_times_a_hundred():
    def seconds(document):
        start = time.perf_counter()
        render_invoice(document)
        return time.perf_counter() - start

    hundred = min(seconds(invoice_document(100)) for _ in range(3))
    assert min(seconds(invoice_document(1_000)) for _ in range(2)) <= 12 * hundred
