"""Drawpack below a path of a site: every address that it gives out begins with that path."""

import re

import pytest
from werkzeug.test import EnvironBuilder

import settings
from app import create_app
from models import db
from services import addresses
from tests.conftest import PASSWORD, ROOT, sign_in
from tests.test_access import ask, routes, rows  # noqa: F401 - a fixture

#: Attributes with addresses, wherever a template writes them.
ATTRIBUTE = r"(?:href|src|action|formaction|content|hx-[a-z-]+|data-[a-z-]+)"
HARD_CODED = re.compile(rf"""\b{ATTRIBUTE}\s*=\s*["']/(?!/)""")
SCRIPTED = re.compile(r"""["'`]/[A-Za-z]""")
GIVEN = re.compile(rf"""\b{ATTRIBUTE}="(/[^"]*)\"""")


@pytest.fixture
def mounted(environment, app, monkeypatch):
    """The same installation, started below /office/drawpack."""
    monkeypatch.setenv("DRAWPACK_BASE_URL", "https://example.org/office/drawpack")
    below = create_app({"WTF_CSRF_ENABLED": False, "SESSION_COOKIE_SECURE": False})
    below.jinja_env.bytecode_cache = app.jinja_env.bytecode_cache
    yield below
    below.extensions["redis"].close()
    with below.app_context():
        db.engine.dispose()


def test_every_address_of_every_page_begins_with_the_path(mounted, alice, rows):  # noqa: F811
    browser = sign_in(mounted, "alice@example.org")
    seen = set()
    for endpoint, method, rule in routes(mounted):
        if method != "GET":
            continue
        answer = ask(browser, rule, method, rows)
        given = [answer.location] if answer.location else []
        if answer.mimetype == "text/html":
            given += GIVEN.findall(answer.text)
        outside = [address for address in given if not address.startswith("/office/drawpack/")]
        assert not outside, (endpoint, outside)
        seen.update(given)
        answer.close()
    assert len(seen) > 100


def test_the_session_is_kept_below_the_path(mounted, alice):
    browser = mounted.test_client()
    form = {"email": "alice@example.org", "password": PASSWORD}
    asked = browser.get("/account")
    assert asked.location == "/office/drawpack/sign-in?next=/office/drawpack/account"
    answer = browser.post("/sign-in?next=/office/drawpack/account", data=form)

    assert answer.location == "/office/drawpack/account"
    assert re.search(r"Path=/office/drawpack(;|$)", answer.headers["Set-Cookie"])


@pytest.mark.parametrize("asked", ["/office/drawpack/health/live", "/health/live"])
def test_what_is_asked_with_the_path_and_without_is_the_same(mounted, asked):
    assert get(mounted, asked)[0] == "200 OK"


def test_only_the_whole_path_is_taken_off(mounted):
    assert get(mounted, "/office/drawpackages")[0] == "404 NOT FOUND"
    status, headers = get(mounted, "/office/drawpack")
    assert (status, headers["Location"]) == ("303 SEE OTHER", "/office/drawpack/setup")


def test_links_in_mails_begin_with_the_path_once(mounted):
    with mounted.app_context():
        assert addresses.address_of("system.show") == "https://example.org/office/drawpack/system"


def test_programs_are_told_where_the_api_begins(mounted):
    described = mounted.test_client().get("/api/v1/openapi.json").json
    assert described["servers"] == [{"url": "/office/drawpack"}]
    assert "/api/v1/projects" in described["paths"]


def test_no_template_and_no_script_writes_an_address_of_its_own():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/*.js")]
        for line in path.read_text().splitlines()
        if HARD_CODED.search(line) or (path.suffix == ".js" and SCRIPTED.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    "address",
    ["drawpack.example.org", "ftp://example.org", "https://a b", "https://u:p@example.org",
     "https://example.org/?x=1", "https://example.org//draw", "https://example.org/../x"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(settings.SettingError, match="DRAWPACK_BASE_URL must be an address"):
        settings.load({"DRAWPACK_BASE_URL": address})


@pytest.mark.parametrize(
    ("given", "path"),
    [("https://example.org", ""), ("http://[::1]:8000/", ""), ("HTTPS://a.example/x/y/", "/x/y")],
)
def test_the_path_is_part_of_the_address(given, path):
    config = settings.load({"DRAWPACK_BASE_URL": given})
    assert settings.path_of(config["BASE_URL"]) == path
    assert config["SESSION_COOKIE_SECURE"] == given.lower().startswith("https")


def get(app, path):
    """Status and headers, as the program behind a web server gives them."""
    said = {}
    environ = EnvironBuilder(path).get_environ()
    answer = app.wsgi_app(environ, lambda status, headers, _=None: said.update({status: headers}))
    answer.close()
    [(status, headers)] = said.items()
    return status, dict(headers)
