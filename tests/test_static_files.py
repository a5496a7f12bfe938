"""Style and scripts have names that change with their content, and are kept for good."""

import re
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT

ADDRESS = re.compile(r'(?:href|src)="(/static/[^"#]+)')


@pytest.fixture
def static(app, tmp_path):
    """A folder of static files to change."""
    (tmp_path / "app.css").write_text("a { color: red }")
    app.static_folder = str(tmp_path)
    return tmp_path


def address(app, name="app.css"):
    with app.test_request_context():
        return app.url_for("static", filename=name)


def test_everything_that_a_page_loads_is_kept_for_good(client):
    found = set(ADDRESS.findall(client.get("/projects").text))
    assert len(found) >= 4
    for each in found:
        answer = client.get(each, buffered=True)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", each
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_another_content_is_another_address(app, static):
    before = address(app)
    assert address(app) == before
    (static / "app.css").write_text("a { color: black }")
    assert address(app) != before


@pytest.mark.parametrize("query", ["", "?v=0123456789ab", "?v="])
def test_what_is_asked_for_by_another_name_is_asked_for_again(app, static, query):
    path = urlsplit(address(app)).path
    answer = app.test_client().get(path + query, buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    again = app.test_client().get(
        path + query, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True
    )
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")


def test_an_old_address_does_not_keep_new_content(app, static):
    before = address(app)
    (static / "app.css").write_text("a { color: black }")
    answer = app.test_client().get(before, buffered=True)
    assert (answer.text, answer.headers["Cache-Control"]) == ("a { color: black }", "no-cache")


@pytest.mark.parametrize("name", ["none.css", "../secret", "a\0b"])
def test_what_is_not_there_has_a_plain_address_and_no_content(app, static, name):
    assert "?" not in address(app, name)
    assert app.test_client().get(address(app, name)).status_code == 404


def test_no_style_loads_anything_by_an_address_of_its_own():
    """It would bring no `?v=`, and be asked for with every page."""
    loaded = re.compile(r"url\((?!['\"]?data:)|@import")
    assert [p.name for p in ROOT.glob("static/**/*.css") if loaded.search(p.read_text())] == []
