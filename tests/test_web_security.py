"""What holds for every address: forged forms, headers, and where a browser may be sent."""

import pytest

import settings
from blueprints.auth import is_own_address
from tests.test_access import PUBLIC, ask, routes, rows  # noqa: F401 - a fixture

#: They take no cookie: a token in a header, or a signature over the body, says who calls.
NO_FORMS = {"webhooks.docusign"}


def unsafe(app):
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"POST", "PUT", "PATCH", "DELETE"}):
            if rule.endpoint not in NO_FORMS and not rule.endpoint.startswith("api-"):
                yield rule, method


def test_no_address_takes_a_form_without_its_token(app, client, rows):  # noqa: F811
    app.config["WTF_CSRF_ENABLED"] = True
    asked = list(unsafe(app))
    assert len(asked) > 60
    for rule, method in asked:
        answer = ask(client, rule, method, rows)
        assert (rule.endpoint, answer.status_code) == (rule.endpoint, 400)
        assert "open for too long" in answer.text


def test_a_token_of_somebody_else_is_worth_nothing(app, client, stranger):
    app.config["WTF_CSRF_ENABLED"] = True
    with stranger.session_transaction() as theirs:
        theirs["csrf_token"] = "f" * 40

    answer = client.post("/account/name", data={"csrf_token": "f" * 40, "name": "Eve"})

    assert answer.status_code == 400


def test_the_api_takes_no_cookie_for_a_token(app, client, rows):  # noqa: F811
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api-") and "docs" not in rule.endpoint:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                if rule.rule.endswith("openapi.json"):
                    continue
                assert ask(client, rule, method, rows).status_code == 401, rule.rule
                asked += 1
    assert asked > 5


def test_looking_changes_nothing(app):
    """No address that takes a GET is named after a deed, so no picture in a mail can do one."""
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and "POST" in rule.methods:
            raise AssertionError(f"{rule.endpoint} takes both")


@pytest.mark.parametrize(
    "path", ["/sign-in", "/account", "/nowhere", "/static/app.css", "/api/v1/projects", "/projects"]
)
def test_every_answer_carries_every_header(client, path):
    headers = client.get(path, buffered=True).headers

    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert "Strict-Transport-Security" not in headers, "this server is reached over http"


def test_over_https_browsers_are_told_to_stay_there(app):
    app.config["SESSION_COOKIE_SECURE"] = settings.load(
        {"DRAWPACK_BASE_URL": "https://draw.example"}
    )["SESSION_COOKIE_SECURE"]

    said = app.test_client().get("/sign-in").headers["Strict-Transport-Security"]

    assert int(said.removeprefix("max-age=")) >= 31536000


@pytest.mark.parametrize("path", ["/account", "/account/two-factor", "/projects"])
def test_pages_of_people_are_kept_by_no_shared_cache(client, path):
    assert client.get(path).headers["Cache-Control"] in {"private, no-cache", "no-store"}


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH"])
def test_a_method_that_no_page_has_is_refused(client, method):
    assert client.open("/projects", method=method).status_code == 405


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example",
     "javascript:x", "/\n/evil.example", "\\\\evil.example", " //evil.example", "",
     "evil", "/é", "/a b\r\nX: y"],
)  # fmt: skip
def test_no_address_of_another_site_is_taken_for_ours(target):
    assert not is_own_address(target)


@pytest.mark.parametrize("target", ["/", "/projects?x=1&y=%2F%2Fz", "/projects/1/backups/2#top"])
def test_our_own_addresses_are_taken(target):
    assert is_own_address(target)
