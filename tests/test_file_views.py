"""What people read about a file, in plain words."""

from dataclasses import replace

import pytest

from binder.facts import FileFacts
from services import file_views
from tests.factories import make_file

PDF = FileFacts("application/pdf", size=5000, pages=10, searchable_pages=10)


def notes_on(facts):
    row = make_file(repr(facts).encode())
    row.facts, row.pages = facts.to_json(), facts.pages
    return list(file_views._view("a.pdf", row, must_be_pdf=True).notes)


@pytest.mark.parametrize(
    ("facts", "notes"),
    [
        ({}, ["searchable text"]),
        ({"searchable_pages": 0}, ["scanned, not searchable"]),
        ({"searchable_pages": 0, "max_dpi": 200}, ["scanned, not searchable", "200 dpi"]),
        ({"searchable_pages": 9}, ["text, but 1 page scanned, not searchable"]),
        ({"max_dpi": 144}, ["searchable text", "pictures of 144 dpi"]),
        ({"media_type": "image/jpeg", "searchable_pages": 0, "max_dpi": 300}, ["300 dpi"]),
        ({"upside_down_pages": 2}, ["searchable text", "2 pages upside down"]),
        ({"repaired": True}, ["searchable text", "was damaged, repaired"]),
        (
            {"was_encrypted_with_empty_password": True},
            ["searchable text", "was encrypted with an empty password, opened"],
        ),
        (
            {"was_signed": True},
            ["searchable text", "carries a digital signature, which does not survive merging"],
        ),
        (
            {"removed": ("JavaScript", "XFA form"), "warnings": ("1 page is damaged.",)},
            [
                "searchable text",
                "JavaScript taken out",
                "XFA form taken out",
                "1 page is damaged",
            ],
        ),
    ],
)
def test_every_fact_is_said(context, facts, notes):
    assert notes_on(replace(PDF, **facts)) == notes
