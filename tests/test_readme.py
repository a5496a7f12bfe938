"""The README is what people go by, so it must not lag behind."""

import re

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_the_settings_table_lists_every_setting_and_no_other():
    sources = "".join(path.read_text() for path in (ROOT / "settings").glob("*.py"))
    read = set(re.findall(r'env\.\w+\("(\w+)"', sources))
    table = README.split("## Settings")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = set(re.findall(r"`DRAWPACK_(\w+)`", " ".join(rows)))

    assert listed == read


def test_every_file_that_a_document_links_to_is_there():
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
