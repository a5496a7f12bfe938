"""Where the pages around the documents break."""

import pytest

from binder.render.furniture.flow import draw, page_count, paragraph
from tests.documents import texts

SENTENCE = " ".join(["Retainage held to date is a balance of the contract."] * 9)
ABOVE = next(paragraph("above"))
FULL = next(count for count in range(200) if page_count([ABOVE] * (count + 1)) == 2)


@pytest.mark.parametrize("room", range(6))
def test_no_line_of_a_paragraph_stands_alone_on_a_page(room):
    drawn = draw("", "", [ABOVE] * (FULL - room) + list(paragraph(SENTENCE)), language="en")

    pages = [page.replace("above", "").split("\n") for page in texts(drawn.pdf)]
    lines = [len([line for line in page if line]) for page in pages]
    assert sum(lines) == 4
    assert 1 not in lines
