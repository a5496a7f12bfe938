"""docs/domain.md and the code that cites it go together."""

import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "domain.md").read_text()
PARAGRAPHS = [int(number) for number in re.findall(r"^(\d+)\. \*\*", PAGE, re.MULTILINE)]
FOLDERS = ("billing", "binder", "blueprints", "jobs", "models", "services", "templates", "tests")
#: One number or several, also where the line ends before it.
CITATION = re.compile(r"\bdocs/domain\.md(?:\s+#:)?\s+(\d+(?:(?:, | and | to )\d+)*)")


def test_every_paragraph_that_is_cited_is_there_and_every_one_there_is_cited():
    cited = {
        int(number)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html"} and "vendor" not in path.parts
        for citation in CITATION.findall(path.read_text())
        for number in re.findall(r"\d+", citation)
    }

    assert list(range(1, len(PARAGRAPHS) + 1)) == PARAGRAPHS
    assert cited == set(PARAGRAPHS)


def test_every_paragraph_names_a_source():
    texts = re.split(r"^(?=\d+\. \*\*|## )", PAGE, flags=re.MULTILINE)
    rules = [text for text in texts if re.match(r"\d+\. ", text)]

    assert [text for text in rules if not re.search(r"^ +Sources?: ", text, re.MULTILINE)] == []
