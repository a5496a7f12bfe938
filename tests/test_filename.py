from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from binder.filename import backup_filename

AT = datetime(2026, 8, 31, 14, 5, 9, tzinfo=ZoneInfo("America/Chicago"))
TERM = "Subcontractor invoice backup"


def test_the_name_has_term_project_number_and_time():
    name = backup_filename(TERM, "Harbor Tower", "24-017", AT)
    assert name == (
        "Subcontractor invoice backup - Harbor Tower - 24-017 - 2026-08-31 - 14-05-09.pdf"
    )


def test_a_missing_number_leaves_out_its_part():
    name = backup_filename(TERM, "Harbor Tower", "", AT)
    assert name == "Subcontractor invoice backup - Harbor Tower - 2026-08-31 - 14-05-09.pdf"


def test_characters_that_some_file_system_refuses_become_blanks():
    name = backup_filename(TERM, 'A/B: "C" <D>|E?*\\F\n', "1/2", AT)
    assert name == "Subcontractor invoice backup - A B C D E F - 1 2 - 2026-08-31 - 14-05-09.pdf"


def test_a_long_name_is_cut_and_keeps_its_time():
    name = backup_filename(TERM, "Ü" * 300, "24-017", AT)
    assert len(name.encode()) <= 200
    assert name.endswith(" - 2026-08-31 - 14-05-09.pdf")


@given(st.text(), st.text())
def test_every_name_is_safe_everywhere(project, number):
    name = backup_filename(TERM, project, number, AT)
    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set('/\\:*?"<>|\0')
    assert name.isprintable() or not project.isprintable() or not number.isprintable()
    assert name.endswith(".pdf")
    assert name == name.strip()
