from dataclasses import replace

from binder.render.notices import left_out_pages, placeholder_page
from tests.documents import fonts_of, texts
from tests.pdfs import left_out, plan


def test_the_placeholder_names_the_file_and_why_it_is_not_shown():
    pdf = placeholder_page(
        "Plan Ł 中文.dwg",
        [("Contract", "SC-004"), ("Type", ""), ("Reason", "Drawings cannot be turned into pages.")],
    )
    (page,) = texts(pdf)
    page = page.replace("\n", " ").replace("  ", " ")
    for words in (
        "Plan Ł 中文",
        ".dwg",
        "Contract",
        "SC-004",
        "Drawings cannot be turned into pages.",
    ):
        assert words in page
    assert "Type" not in page
    assert all(fonts_of(pdf).values())


def test_the_last_page_lists_every_file_left_out_and_why():
    rows = tuple(left_out(f"file {n}.pdf", "It needs a password.") for n in range(90))
    pages = texts(left_out_pages(plan(left_out=rows)))
    assert len(pages) > 1
    assert "90 files were left out." in pages[0]
    assert all("Why it was left out" in page for page in pages)
    assert all(f"file {n}.pdf" in "".join(pages) for n in range(90))
    assert "".join(pages).count("It needs a password.") == 90


def test_a_name_in_hebrew_has_its_ending_on_the_right():
    listed = left_out_pages(plan(left_out=(left_out("דוח.pdf"),)))
    for pdf in (placeholder_page("דוח.pdf", [("Contract", "SC-004")]), listed):
        assert "דוח.pdf" in texts(pdf)[0].replace("\n", "")


def test_it_says_when_nothing_was_left_out():
    (page,) = texts(left_out_pages(plan()))
    assert "Nothing was left out." in page


def test_one_file_is_not_files():
    assert "1 file was left out." in texts(left_out_pages(plan(left_out=(left_out(),))))[0]


def test_a_name_longer_than_a_page_does_not_stop_the_list():
    name = "x" * 8_000
    pages = texts(left_out_pages(plan(left_out=(left_out(name), left_out("last.pdf")))))
    assert "".join(pages).count("x") >= 8_000
    assert "last.pdf" in pages[-1]


def test_the_same_plan_gives_the_same_bytes():
    asked = plan(left_out=(left_out(),))
    assert left_out_pages(asked) == left_out_pages(replace(asked))
