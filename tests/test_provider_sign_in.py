"""Signing in through an OpenID provider: there and back, and all the ways in which it may lie."""

import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa

import settings
from models import AuditEntry, Identity, ProviderVisit, User, db, utcnow
from services import invitations, throttle
from services.sign_in import identities
from settings import Provider
from tests import oidc_double
from tests.conftest import PASSWORD, free_port, make_user, sign_in, wait_for
from tests.oidc_double import CLIENT, OTHER_KEY, SECRET
from tests.test_sessions import content, is_signed_in, keep
from tests.test_two_factor import enrol, next_code

START = "/sign-in/provider"
WEB = httpx.Client()


@pytest.fixture
def double():
    provider = oidc_double.Provider()
    yield provider
    provider.stop()


@pytest.fixture
def other(app, double):
    """The provider that this installation trusts."""
    app.config["OIDC"] = Provider(double.issuer, CLIENT, SECRET, "Acme Login")
    return double


def go(browser, target=""):
    """Away to the provider, and what it sends the browser back with."""
    left = browser.get(START + (f"?next={target}" if target else ""))
    assert left.status_code == 303, left.text
    return come_back(left.location)


def come_back(location):
    address = urlsplit(WEB.get(location).headers["Location"])
    assert address.path == f"{START}/callback"
    return f"{address.path}?{address.query}"


def arrive(app, target=""):
    browser = app.test_client()
    return browser, browser.get(go(browser, target))


def acts(app):
    with app.app_context():
        return db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()


def test_a_verified_address_opens_the_account_that_is_there(app, bob, other):
    page = app.test_client().get("/sign-in").text
    assert "Sign in with Acme Login" in page
    assert 'type="password"' in page

    browser, answer = arrive(app, "/projects?q=1")

    assert (answer.status_code, answer.location) == (303, "/projects?q=1")
    assert is_signed_in(browser)
    assert acts(app)[-2:] == ["identity.linked", "session.started"]


def test_the_second_time_the_subject_decides_and_not_the_address(app, bob, other):
    arrive(app)
    make_user(app, "carol@example.org", "Carol")
    other.claims |= {"email": "carol@example.org"}

    browser, _ = arrive(app)

    assert "bob@example.org" in browser.get("/account").text
    other.claims = {"sub": other.claims["sub"]}
    assert is_signed_in(arrive(app)[0]), "it needs no address any more"


def test_an_invited_person_joins_without_a_password(app, alice, other):
    with app.app_context():
        invitations.invite("bob@example.org", "Bob", None, utcnow())

    browser, _ = arrive(app)

    assert is_signed_in(browser)
    assert 'name="current"' not in browser.get("/account").text, "there is none to change"
    with app.app_context():
        user = db.session.scalar(User.named("bob@example.org"))
        assert user.has_joined
        assert not user.has_own_password
        assert not user.has_password("!")
        assert invitations.waiting() == {}
    assert "person.joined" in acts(app)
    answer = app.test_client().post("/sign-in", data={"email": "bob@example.org", "password": "!"})
    assert answer.status_code == 422


def test_nobody_gets_an_account_by_having_one_elsewhere(app, alice, other):
    other.claims |= {"email": "eve@example.org"}

    _, answer = arrive(app)

    assert answer.status_code == 403
    said = "There is no account for eve@example.org here. Ask an administrator to invite you."
    assert said in answer.text
    with app.app_context():
        assert db.session.scalar(User.named("eve@example.org")) is None


@pytest.mark.parametrize("verified", [False, None, "false", 0, "yes"])
def test_an_address_that_is_not_verified_opens_nothing(app, bob, other, verified):
    other.claims |= {"email_verified": verified}

    browser, answer = arrive(app)

    assert answer.status_code == 403
    assert "does not vouch for an e-mail address" in answer.text
    assert not is_signed_in(browser)


@pytest.mark.parametrize("trusts", [False, True])
@pytest.mark.parametrize("claims", [{}, {"email_verified": False}, {"email_verified": [True]}])
def test_an_address_that_nobody_speaks_of_counts_where_the_settings_say_so(
    app, bob, other, trusts, claims
):
    app.config["OIDC"] = replace(app.config["OIDC"], is_email_trusted=trusts)
    other.claims.pop("email_verified")
    other.claims |= claims

    browser, answer = arrive(app)

    assert is_signed_in(browser) == (trusts and not claims)
    assert answer.status_code == (303 if trusts and not claims else 403)


def test_who_is_deactivated_stays_out(app, bob, other):
    arrive(app)
    with app.app_context():
        db.session.get_one(User, bob).is_active = False
        db.session.commit()

    _, answer = arrive(app)

    assert answer.status_code == 403
    assert "deactivated" in answer.text


def test_a_second_account_over_there_does_not_take_over_the_first(app, client, bob, other):
    arrive(app)
    other.claims |= {"sub": "another"}

    _, answer = arrive(app)

    assert answer.status_code == 403
    assert "is linked with another account of Acme Login" in answer.text
    client.post(f"/people/{bob}/provider/unlink")
    assert is_signed_in(arrive(app)[0])
    assert "identity.unlinked" in acts(app)


HOUR = 3600
LIES = {
    "a nonce of another visit": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "for another client": {"aud": "somebody-else"},
    "for another client among several": {"aud": ["somebody-else", "x"]},
    "for us and others, without saying who asked": {"aud": [CLIENT, "x"]},
    "asked for by another": {"aud": [CLIENT, "x"], "azp": "x"},
    "of another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": int(time.time()) - HOUR, "iat": int(time.time()) - 2 * HOUR},
    "never expires": {"exp": None},
    "issued tomorrow": {"iat": int(time.time()) + 24 * HOUR},
    "not valid yet": {"nbf": int(time.time()) + HOUR},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a list": {"sub": ["248289761001"]},
    "a subject without end": {"sub": "x" * 300},
    "about another access token": {"at_hash": "AAAA"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_says_what_it_must_not_is_refused(app, bob, other, lie):
    other.token_claims = lie

    browser, answer = arrive(app)

    assert answer.status_code == 502
    assert "What Acme Login said about you cannot be believed. Start again." in answer.text
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("none", None), ("HS256", SECRET + "x" * 40), ("HS256", CLIENT * 3), ("RS256", OTHER_KEY)],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_that_the_provider_did_not_sign_is_refused(app, bob, other, algorithm, key):
    other.algorithm, other.key = algorithm, key

    browser, answer = arrive(app)

    assert answer.status_code == 502
    assert "cannot be believed" in answer.text
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "said", [{}, {"access_token": "at-1"}, {"access_token": "at-1", "id_token": "x.y.z"},
             {"access_token": "at-1", "id_token": 7}]
)  # fmt: skip
def test_an_answer_without_a_usable_token_is_refused(app, bob, other, said):
    other.token_answer = said

    browser, answer = arrive(app)

    assert answer.status_code == 502
    assert not is_signed_in(browser)


def test_a_list_with_us_alone_in_it_is_for_us(app, bob, other):
    other.token_claims = {"aud": [CLIENT]}

    assert is_signed_in(arrive(app)[0])


def test_an_answer_is_taken_once(app, bob, other):
    browser = app.test_client()
    left = browser.get(START)
    before = content(app, browser)
    back = come_back(left.location)
    assert browser.get(back).status_code == 303

    thief = app.test_client()
    thief.get("/sign-in")
    keep(app, thief, **before)
    answer = thief.get(back)

    assert answer.status_code == 403
    assert "took too long, or was begun elsewhere" in answer.text
    assert not is_signed_in(thief)


def test_an_answer_is_good_in_the_browser_that_asked_and_in_no_other(app, bob, other):
    back = go(app.test_client())
    victim = app.test_client()
    victim.get(START)

    answer = victim.get(back)

    assert answer.status_code == 403
    assert not is_signed_in(victim)


@pytest.mark.parametrize("change", [{"state": "x"}, {"state": None}, {"state": "\ud800"}])
def test_an_answer_to_another_question_is_refused(app, bob, other, change):
    browser = app.test_client()
    back = go(browser)
    query = {k: v[0] for k, v in parse_qs(urlsplit(back).query).items()} | change
    query = {k: v.encode("utf-8", "surrogatepass") for k, v in query.items() if v is not None}

    answer = browser.get(f"{START}/callback", query_string=query)

    assert answer.status_code == 403
    assert other.asked[-1] == "/authorize", "its code was not even shown to the provider"


def test_an_answer_that_came_too_late_is_refused(app, bob, other):
    browser = app.test_client()
    back = go(browser)
    with app.app_context():
        late = utcnow() - timedelta(minutes=11)
        db.session.execute(sa.update(ProviderVisit).values(created=late))
        db.session.commit()

    assert browser.get(back).status_code == 403
    browser.get(START)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ProviderVisit)) == 1


@pytest.mark.parametrize("answer", [{"error": "access_denied", "code": None}, {"code": "guessed"}])
def test_who_is_turned_away_over_there_is_told_so(app, bob, other, answer):
    other.answer = answer

    _, page = arrive(app)

    assert page.status_code == 502
    assert re.search("did not (sign you in|confirm the sign-in)", page.text)


def test_an_answer_of_another_provider_is_refused(app, bob, other):
    other.answer = {"iss": "https://evil.example"}

    _, answer = arrive(app)

    assert "does not come from Acme Login" in answer.text
    other.answer, other.published = {}, {"authorization_response_iss_parameter_supported": True}
    assert "does not come from Acme Login" in arrive(app)[1].text
    other.answer = {"iss": other.issuer}
    assert is_signed_in(arrive(app)[0])


@pytest.mark.parametrize(
    "published",
    [{"issuer": "https://evil.example"}, {"authorization_endpoint": "javascript:alert(1)"},
     {"authorization_endpoint": None}, {"authorization_endpoint": ["x"]}],
)  # fmt: skip
def test_a_provider_that_publishes_nonsense_is_not_visited(app, bob, other, published):
    other.published = published

    answer = app.test_client().get(START)

    assert answer.status_code == 502
    assert "Acme Login cannot be used" in answer.text


def test_a_provider_that_is_down_is_one_sentence(app, bob, other):
    back_to = app.test_client()
    back = go(back_to)
    other.stop()
    for answer in (app.test_client().get(START), back_to.get(back)):
        assert answer.status_code == 502
        assert "Acme Login does not answer. Try again in a moment" in answer.text
        assert 'type="password"' in answer.text, "the other way in is still there"
    other.__init__()


@pytest.mark.parametrize("info", ["own", "foreign", "none"])
def test_an_address_may_stand_in_the_user_info(app, bob, other, info):
    address = {"email": other.claims.pop("email"), "email_verified": True}
    other.claims.pop("email_verified")
    subject = other.claims["sub"] if info == "own" else "another"
    other.user_info = None if info == "none" else {"sub": subject} | address

    browser, answer = arrive(app)

    assert is_signed_in(browser) == (info == "own")
    assert answer.status_code == {"own": 303, "foreign": 502, "none": 403}[info]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_no_visit_leads_to_another_site(app, bob, other, target):
    assert arrive(app, target)[1].location == "/projects"


def test_the_session_is_a_new_one(app, bob, other):
    browser = sign_in(app, "bob@example.org")
    before = content(app, browser)["key"]

    browser.get(go(browser))

    assert content(app, browser)["key"] != before
    assert "visit" not in content(app, browser)


def test_the_own_second_factor_is_asked_for_after_the_provider_too(app, member, other):
    app_, _ = enrol(member)

    browser, answer = arrive(app)

    assert answer.location == "/sign-in/code"
    assert not is_signed_in(browser)
    browser.post("/sign-in/code", data={"code": next_code(app, app_)})
    assert is_signed_in(browser)


def test_signing_out_ends_the_session_here(app, bob, other):
    browser, _ = arrive(app)

    browser.post("/sign-out")

    assert not is_signed_in(browser)


def test_where_passwords_are_off_the_provider_is_the_only_way_in(app, client, bob, other):
    app.config["PASSWORD_SIGN_IN"] = False
    guest = app.test_client()

    assert 'type="password"' not in guest.get("/sign-in").text
    form = {"email": "bob@example.org", "password": PASSWORD}
    assert guest.post("/sign-in", data=form).status_code == 403
    assert guest.get("/password-reset").status_code == 404
    assert guest.post("/password-reset", data=form).status_code == 404
    assert client.post("/account/password", data={"current": PASSWORD}).status_code == 404
    assert 'name="current"' not in client.get("/account").text
    assert is_signed_in(arrive(app)[0])


def test_the_command_line_is_the_way_back_where_passwords_are_off(app, bob, other):
    app.config["PASSWORD_SIGN_IN"] = False
    made = app.test_cli_runner().invoke(args=["user", "sign-in-link", "bob@example.org"])
    browser = app.test_client()

    browser.post(urlsplit(made.output.strip()).path)

    assert is_signed_in(browser)


def test_where_passwords_are_off_a_factor_needs_none(app, member, other):
    app.config["PASSWORD_SIGN_IN"] = False

    assert member.post("/account/two-factor", data={}).status_code == 303


def test_without_a_provider_its_addresses_do_not_exist(app, bob):
    assert app.test_client().get(START).status_code == 404
    assert app.test_client().get(f"{START}/callback").status_code == 404


def test_many_visits_from_one_place_have_to_wait(app, other, monkeypatch, bob):
    few = throttle.Limit("provider by client", 2, timedelta(minutes=15))
    monkeypatch.setattr(identities, "BY_CLIENT", few)
    browser = app.test_client()
    place = {"REMOTE_ADDR": "203.0.113.9"}

    statuses = [browser.get(START, environ_overrides=place).status_code for _ in range(3)]

    assert statuses == [303, 303, 429]


ISSUER = {"DRAWPACK_OIDC_ISSUER": "https://login.example", "DRAWPACK_OIDC_CLIENT_ID": "d"}


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        (ISSUER | {"DRAWPACK_OIDC_ISSUER": "login.example"}, "DRAWPACK_OIDC_ISSUER must be an"),
        (ISSUER | {"DRAWPACK_OIDC_ISSUER": "http://login.example"}, "DRAWPACK_OIDC_ISSUER must be"),
        (ISSUER | {"DRAWPACK_OIDC_ISSUER": "https://["}, "DRAWPACK_OIDC_ISSUER must be an address"),
        (ISSUER | {"DRAWPACK_OIDC_ISSUER": "https://a?b"}, "DRAWPACK_OIDC_ISSUER must be an"),
        (ISSUER | {"DRAWPACK_OIDC_CLIENT_ID": ""}, "DRAWPACK_OIDC_CLIENT_ID is missing"),
        ({"DRAWPACK_OIDC_NAME": "x"}, "DRAWPACK_OIDC_NAME needs DRAWPACK_OIDC_ISSUER"),
        ({"DRAWPACK_OIDC_CLIENT_SECRET": "x"}, "DRAWPACK_OIDC_CLIENT_SECRET needs"),
        ({"DRAWPACK_OIDC_TRUST_EMAIL": "no"}, "DRAWPACK_OIDC_TRUST_EMAIL needs"),
        (ISSUER | {"DRAWPACK_OIDC_TRUST_EMAIL": "x"}, "DRAWPACK_OIDC_TRUST_EMAIL must be yes or"),
        ({"DRAWPACK_PASSWORD_SIGN_IN": "no"}, "names no other way in"),
        ({"DRAWPACK_PASSWORD_SIGN_IN": "perhaps"}, "DRAWPACK_PASSWORD_SIGN_IN must be yes or no"),
    ],
)
def test_a_setting_that_cannot_work_is_one_sentence(env, sentence):
    with pytest.raises(settings.SettingError, match=sentence):
        settings.load(env)


def test_a_provider_without_a_name_is_called_by_its_address():
    provider = settings.load(ISSUER)["OIDC"]
    assert (provider.name, provider.is_email_trusted) == ("login.example", False)
    trusting = ISSUER | {"DRAWPACK_OIDC_TRUST_EMAIL": "yes"}
    assert settings.load(trusting)["OIDC"].is_email_trusted


def test_neither_worker_nor_web_server_loads_the_libraries_before_they_are_needed(environment):
    code = (
        "import sys; from app import create_app; create_app();"
        "print([n for n in ('authlib', 'joserfc', 'pyotp', 'segno', 'argon2') if n in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert run.stdout.strip() == "[]"


@pytest.fixture
def foreign(app):
    """A provider that others wrote, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    process = subprocess.Popen(
        [*command, "--require-nonce"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    issuer = f"http://localhost:{port}"
    wait_for(lambda: is_up(issuer), what="the provider")
    app.config["OIDC"] = Provider(issuer, "any", "any", "Foreign")
    yield issuer
    process.terminate()
    process.wait(20)


def is_up(issuer):
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration").is_success
    except httpx.HTTPError:
        return False


def test_a_provider_that_others_wrote_signs_in(app, bob, foreign):
    claims = {"email": "bob@example.org", "email_verified": True}
    httpx.put(f"{foreign}/users/bob-1", json=claims).raise_for_status()
    browser = app.test_client()
    left = browser.get(START).location

    there = httpx.post(left, data={"sub": "bob-1"})
    address = urlsplit(there.headers["Location"])
    browser.get(f"{address.path}?{address.query}")

    assert is_signed_in(browser)
    with app.app_context():
        assert db.session.scalars(sa.select(Identity.subject)).all() == ["bob-1"]
