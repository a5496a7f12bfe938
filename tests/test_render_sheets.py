from dataclasses import replace

import pytest

from billing.money import format_cents
from binder.render import fonts
from binder.render.sheets import FIGURE_WIDTH, grand_total, paginate
from binder.render.tables import FigureStyle
from binder.render.wrap import clip, wrap
from tests.documents import invoice_document

ROOM, LAST_ROOM = 440.0, 420.0


def height(rows):
    return sum(row.height for row in rows)


@pytest.mark.parametrize("lines", range(75))
def test_pages_are_never_too_full_and_hold_every_line_once(lines):
    document = invoice_document(lines, descriptions=["Long words of a line " * 9] * (lines // 3))
    pages = paginate(document, ROOM, LAST_ROOM)
    assert all(height(page.rows) <= ROOM for page in pages)
    assert height(pages[-1].rows) <= LAST_ROOM
    shown = [row.figures for page in pages for row in page.rows if row.kind == "line"]
    assert len(shown) == len(document.sheet.lines)
    # The grand total and a subtotal never stand alone, a heading never ends a page.
    assert all(any(row.kind == "line" for row in page.rows) for page in pages)
    assert all(page.rows[-1].kind != "heading" for page in pages)


def test_a_change_order_that_goes_on_says_so_on_the_next_page():
    document = invoice_document(80, orders=())
    lines = tuple(replace(line, change_order="CO-9") for line in document.sheet.lines)
    document = replace(document, sheet=replace(document.sheet, lines=lines))
    titles = invoice_document().change_orders
    document = replace(document, change_orders=(replace(titles[0], number="CO-9"),))
    first, second, *_ = paginate(document, ROOM, LAST_ROOM)
    assert first.rows[0].item == ["Change order CO-9: Roof screen"]
    assert second.rows[0].item == ["Change order CO-9: Roof screen (continued)"]


@pytest.mark.parametrize("cents", [99_999_999_999_99, -99_999_999_999_99, 90_000_000_000_000_00])
def test_the_largest_amounts_fit_their_column_in_a_size_that_reads(cents):
    document = invoice_document()
    first, *others = document.sheet.lines
    lines = (replace(first, scheduled_value=cents, balance_to_finish=cents), *others)
    document = replace(document, sheet=replace(document.sheet, lines=lines))
    figures = FigureStyle.for_document(document, paginate(document, ROOM, LAST_ROOM))
    widest = format_cents(grand_total(document).balance)
    assert fonts.width(widest, figures.size, bold=True) <= FIGURE_WIDTH - 5.99
    assert figures.size >= 5


def test_no_line_is_wider_than_its_room():
    text = "Cast-in-place concrete, including formwork " + "X" * 200 + " 混凝土基礎與鋼筋工程" * 5
    lines = wrap(text, 120, 7.5)
    assert all(fonts.width(line, 7.5) <= 120 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_line_feeds_are_kept_and_control_characters_named():
    assert wrap("one\r\ntwo\tthree\x00", 500, 8) == ["one", "two three[U+0000]"]
    assert wrap("", 100, 8) == [""]


def test_right_to_left_lines_are_put_in_drawing_order():
    assert wrap("קומה 2", 100, 8) == ["2 המוק"]
    assert wrap("Level קומה", 100, 8) == ["Level המוק"]


def test_a_joiner_keeps_persian_letters_apart():
    apart, joined = wrap("می\u200cخواهم", 100, 8)[0], wrap("میخواهم", 100, 8)[0]
    assert "ﯽ" in apart or "ﻰ" in apart or "ﻲ" in apart
    assert apart != joined


def test_a_broken_character_is_named_and_does_not_stop_the_page():
    assert wrap("Bay \ud800", 100, 8) == ["Bay [U+D800]"]


def test_a_combining_mark_is_drawn_with_its_letter():
    assert wrap("Nguye\u0302\u0303n", 100, 8) == ["Nguyễn"]


def test_a_running_head_is_cut_to_one_line():
    assert clip("Harbor\nPoint", 100, 8) == "Harbor Point"
    cut = clip("W" * 200, 100, 8)
    assert cut.endswith("W…")
    assert fonts.width(cut, 8) <= 100
