"""The second factor: setting it up, signing in with it, losing it, and asking everybody for it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pyotp import TOTP

from models import AuditEntry, RecoveryCode, SecondFactor, SignIn, User, db, utcnow
from services import vault
from services.sign_in import second_factors, sessions
from services.sign_in.second_factors import CodeRefused
from services.throttle import TooManyTries
from tests.conftest import PASSWORD, PASSWORD_HASH, make_user, sign_in
from tests.test_sessions import LIFETIME, content, cookie_of, is_signed_in, keep

BOB = {"email": "bob@example.org", "password": PASSWORD}
PAGE = "/account/two-factor"


def enrol(browser):
    """Set it up as a person does; returns the app and the recovery codes."""
    assert browser.post(PAGE, data={"password": PASSWORD}).status_code == 303
    app_ = TOTP(re.search('class="secret">([A-Z2-7]{32})<', browser.get(PAGE).text)[1])
    done = browser.post(f"{PAGE}/confirm", data={"code": app_.now()})
    assert done.status_code == 200
    codes = re.findall("<li>([A-Z2-7-]{29})</li>", done.text)
    assert len(codes) == 10
    return app_, codes


def next_code(app, app_, ahead=1):
    """A code that was not used yet; the clock of the telephone is a step ahead."""
    return app_.at(utcnow() + timedelta(seconds=30 * ahead))


@pytest.fixture
def enrolled(member):
    return enrol(member)


def first_step(app):
    browser = app.test_client()
    answer = browser.post("/sign-in?next=/projects?q=1", data=BOB)
    assert answer.location == "/sign-in/code"
    return browser


def acts(app):
    with app.app_context():
        return db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()


def test_setting_it_up_asks_for_the_password_first(member):
    answer = member.post(PAGE, data={"password": "wrong"})

    assert answer.status_code == 422
    assert "current password is not right" in answer.text
    assert "Type the code" not in member.get(PAGE).text


def test_the_page_shows_the_key_as_a_picture_and_as_text_and_no_cache_keeps_it(member):
    member.post(PAGE, data={"password": PASSWORD})

    page = member.get(PAGE)

    assert "<svg" in page.text
    assert " style=" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_wrong_code_switches_nothing_on(app, member, bob):
    member.post(PAGE, data={"password": PASSWORD})

    answer = member.post(f"{PAGE}/confirm", data={"code": "000000"})

    assert answer.status_code == 422
    assert "does not fit" in answer.text
    with app.app_context():
        assert not second_factors.is_on(bob)
    assert sign_in(app, "bob@example.org")


def test_switching_it_on_ends_all_other_sessions(app, member):
    phone = sign_in(app, "bob@example.org")

    enrol(member)

    assert is_signed_in(member)
    assert not is_signed_in(phone)
    assert acts(app)[-1] == "factor.added"


def test_the_recovery_codes_and_the_secret_are_not_to_be_read_in_the_database(app, enrolled):
    app_, codes = enrolled
    with app.app_context():
        kept = db.session.scalars(sa.select(RecoveryCode.code_hash)).all()
        sealed = db.session.scalars(sa.select(SecondFactor.sealed_secret)).one()

        assert not set(kept) & set(codes)
        assert app_.secret not in sealed
        assert vault.unseal(sealed) == app_.secret


def test_the_codes_are_shown_once(member, enrolled):
    assert enrolled[1][0] not in member.get(PAGE).text
    assert "10 codes left" in member.get(PAGE).text


def test_signing_in_takes_both_and_then_leads_where_one_was_going(app, enrolled):
    browser = first_step(app)
    assert not is_signed_in(browser)

    answer = browser.post("/sign-in/code", data={"code": next_code(app, enrolled[0])})

    assert answer.location == "/projects?q=1"
    assert is_signed_in(browser)
    assert acts(app)[-1] == "session.started"


def test_the_first_half_alone_opens_nothing(app, enrolled):
    browser = first_step(app)
    half = content(app, browser)["half"]

    keep(app, browser, key=half, seen=int(utcnow().timestamp()), _user_id="1")

    assert not is_signed_in(browser)


def test_a_code_that_was_seen_is_not_taken_again(app, enrolled):
    code = next_code(app, enrolled[0])
    assert first_step(app).post("/sign-in/code", data={"code": code}).status_code == 303

    again = first_step(app).post("/sign-in/code", data={"code": code})

    assert again.status_code == 422
    assert acts(app)[-1] == "session.refused"


def test_the_code_that_switched_it_on_does_not_sign_in_too(app, member):
    app_, _ = enrol(member)
    with app.app_context():
        step = db.session.scalars(sa.select(SecondFactor.last_step)).one()

    used = app_.at(step * 30)

    assert first_step(app).post("/sign-in/code", data={"code": used}).status_code == 422


def test_an_older_code_is_void_once_a_newer_one_was_taken(app, bob, enrolled, context):
    now = utcnow() + timedelta(minutes=5)
    second_factors.check(bob, enrolled[0].at(now + timedelta(seconds=30)), now)

    with pytest.raises(CodeRefused):
        second_factors.check(bob, enrolled[0].at(now), now)


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(context, bob, enrolled, steps, is_taken):
    now = utcnow() + timedelta(minutes=5)
    code = enrolled[0].at(now + timedelta(seconds=30 * steps))

    if is_taken:
        second_factors.check(bob, code, now)
    else:
        with pytest.raises(CodeRefused):
            second_factors.check(bob, code, now)


@pytest.mark.parametrize("code", ["", "12345", "²²²²²²", "١٢٣٤٥٦", "x" * 90, "\ud800", "1 2 3"])
def test_what_is_no_code_is_refused_in_a_sentence(app, context, bob, enrolled, code):
    with pytest.raises(CodeRefused):
        second_factors.check(bob, code, utcnow())


def test_a_code_may_be_typed_as_it_is_shown(app, enrolled):
    code = next_code(app, enrolled[0])

    answer = first_step(app).post("/sign-in/code", data={"code": f" {code[:3]} {code[3:]} "})

    assert answer.status_code == 303


def test_guessing_codes_has_to_wait_even_with_a_new_sign_in(app, enrolled):
    browser = first_step(app)
    answers = [browser.post("/sign-in/code", data={"code": "000000"}) for _ in range(7)]

    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert 800 < int(answers[-1].headers["Retry-After"]) <= 900
    # Counted in the database, by person: not by browser, and not in this process.
    right = {"code": next_code(app, enrolled[0])}
    assert first_step(app).post("/sign-in/code", data=right).status_code == 429


def test_the_wait_ends(context, bob, enrolled):
    now = utcnow()
    for _ in range(6):
        with pytest.raises(CodeRefused):
            second_factors.check(bob, "000000", now)
    with pytest.raises(TooManyTries):
        second_factors.check(bob, enrolled[0].at(now + timedelta(seconds=30)), now)

    later = now + timedelta(minutes=15)
    second_factors.check(bob, enrolled[0].at(later), later)


def test_a_recovery_code_works_once(app, enrolled):
    code = enrolled[1][3]
    typed = {"code": code.replace("-", " ").lower()}
    assert first_step(app).post("/sign-in/code", data=typed).status_code == 303
    assert "factor.code_used" in acts(app)

    assert first_step(app).post("/sign-in/code", data={"code": code}).status_code == 422


def test_new_recovery_codes_void_the_old_ones(app, member, enrolled):
    assert member.post(f"{PAGE}/codes", data={"proof": "wrong"}).status_code == 422

    new = re.findall("[A-Z2-7-]{29}", member.post(f"{PAGE}/codes", data={"proof": PASSWORD}).text)

    assert first_step(app).post("/sign-in/code", data={"code": enrolled[1][0]}).status_code == 422
    assert first_step(app).post("/sign-in/code", data={"code": new[0]}).status_code == 303


def test_the_second_step_waits_ten_minutes(app, enrolled):
    browser = first_step(app)
    with app.app_context():
        late = utcnow() - timedelta(minutes=11)
        db.session.execute(sa.update(SignIn).values(created=late))
        db.session.commit()

    answer = browser.post("/sign-in/code", data={"code": next_code(app, enrolled[0])})

    assert answer.location == "/sign-in"
    assert not is_signed_in(browser)


def test_a_changed_password_ends_a_sign_in_half_way(app, member, enrolled):
    browser = first_step(app)
    member.post("/account/password", data={"current": PASSWORD, "password": "another long one"})

    answer = browser.post("/sign-in/code", data={"code": next_code(app, enrolled[0])})

    assert answer.location == "/sign-in"


def test_switching_it_off_asks_for_the_password(app, member, bob, enrolled):
    assert member.post(f"{PAGE}/off", data={"proof": "wrong"}).status_code == 422
    assert member.post(f"{PAGE}/off", data={"proof": PASSWORD}).status_code == 303

    assert is_signed_in(sign_in(app, "bob@example.org"))
    assert "factor.removed" in acts(app)


def test_an_administrator_resets_the_factor_of_who_lost_the_telephone(
    app, client, member, bob, enrolled
):
    assert "Reset second factor" in client.get("/people").text

    client.post(f"/people/{bob}/two-factor/off")

    assert not is_signed_in(member)
    assert acts(app)[-1] == "factor.reset"
    assert is_signed_in(sign_in(app, "bob@example.org"))
    assert "Reset second factor" not in client.get("/people").text


def test_the_command_line_resets_it_too(app, enrolled):
    run = app.test_cli_runner().invoke
    assert run(args=["user", "reset-two-factor", "Bob@example.org"]).exit_code == 0

    assert is_signed_in(sign_in(app, "bob@example.org"))
    again = run(args=["user", "reset-two-factor", "bob@example.org"])
    assert "bob@example.org has no second factor." in again.output


def test_a_password_reset_does_not_go_round_it(app, member, enrolled, work, smtp):
    from tests.test_people import link_in

    guest = app.test_client()
    guest.post("/password-reset", data={"email": "bob@example.org"})
    work()
    guest.post(link_in(smtp.messages[-1]), data={"password": "another long one"})

    answer = guest.post("/sign-in", data=BOB | {"password": "another long one"})

    assert answer.location == "/sign-in/code"


def test_it_is_asked_for_after_a_link_of_the_command_line_too(app, enrolled):
    made = app.test_cli_runner().invoke(args=["user", "sign-in-link", "bob@example.org"])
    path = re.search(r"/sign-in/link/\S+", made.output)[0]
    browser = app.test_client()

    assert browser.post(path).location == "/sign-in/code"


def test_a_link_of_the_command_line_signs_in_once(app, bob):
    made = app.test_cli_runner().invoke(args=["user", "sign-in-link", "bob@example.org"])
    path = re.search(r"/sign-in/link/\S+", made.output)[0]
    browser = app.test_client()
    assert "works once" in browser.get(path).text, "looking does not use it up"

    assert browser.post(path).status_code == 303

    assert is_signed_in(browser)
    assert app.test_client().post(path).status_code == 404
    assert app.test_client().get(path).status_code == 404
    assert "session.link_made" in acts(app)


def test_where_everybody_needs_one_the_page_to_set_it_up_is_all_there_is(app, client, member, bob):
    client.post("/company/two-factor", data={"required": "yes"})

    assert member.get("/projects").location == PAGE
    assert member.get("/account").location == PAGE
    assert member.post("/account/name", data={"name": "X"}).location == PAGE
    headers = {"HX-Request": "true"}
    assert member.get("/projects", headers=headers).headers["HX-Redirect"] == PAGE
    assert member.get(PAGE).status_code == 200
    # Its forms ask whether he is still signed in, as all do.
    assert member.get(f"/session?user={bob}").status_code == 200
    # The administrator who said so is no exception.
    assert client.get("/company").location == PAGE

    enrol(member)

    assert member.get("/projects").status_code == 200
    with app.app_context():
        assert db.session.get_one(User, bob).name == "Bob Brown"


def test_where_everybody_needs_one_a_new_session_gets_no_further(app, client, bob):
    client.post("/company/two-factor", data={"required": "yes"})

    assert sign_in(app, "bob@example.org").get("/projects").location == PAGE


def test_who_switches_it_off_all_the_same_is_led_back(client):
    enrol(client)
    client.post("/company/two-factor", data={"required": "yes"})
    assert client.get("/company").status_code == 200

    client.post(f"{PAGE}/off", data={"proof": PASSWORD})

    assert client.get("/projects").location == PAGE


def test_signing_out_is_open_to_everybody(app, client, member):
    client.post("/company/two-factor", data={"required": "yes"})

    assert member.post("/sign-out").location == "/sign-in"


def test_the_rule_of_the_company_is_recorded_and_taken_back(app, client):
    enrol(client)
    client.post("/company/two-factor", data={"required": "yes"})
    client.post("/company/two-factor", data={})

    assert acts(app).count("settings.changed") == 2
    assert is_signed_in(sign_in_first(app))


def sign_in_first(app):
    make_user(app, "carol@example.org", "Carol")
    return sign_in(app, "carol@example.org")


def test_programs_with_a_token_are_not_asked_for_a_code(app, client, member, enrolled):
    form = {"name": "CI", "scope": "read", "days": "30"}
    token = re.search(r"drawpack_[\w-]{43}", member.post("/account/tokens", data=form).text)[0]
    client.post("/company/two-factor", data={"required": "yes"})

    answer = app.test_client().get("/api/v1/projects", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200


def test_with_another_secret_key_a_recovery_code_still_opens_the_door(app, enrolled):
    app.config["SECRET_KEY"] = "another"

    browser = first_step(app)
    refused = browser.post("/sign-in/code", data={"code": "123456"})
    assert refused.status_code == 422
    assert browser.post("/sign-in/code", data={"code": enrolled[1][0]}).status_code == 303


def test_of_two_who_use_the_same_recovery_code_one_gets_in(context, bob, enrolled):
    second_factors.check(bob, enrolled[1][0], utcnow())

    with pytest.raises(CodeRefused):
        second_factors.check(bob, enrolled[1][0], utcnow())


def test_an_account_without_a_password_proves_itself_by_a_code(app, member, bob, enrolled):
    with app.app_context():
        user = db.session.get_one(User, bob)
        assert user.password_hash == PASSWORD_HASH
        user.password_hash = "!"
        db.session.commit()

    assert member.post(f"{PAGE}/off", data={"proof": PASSWORD}).status_code == 422
    code = next_code(app, enrolled[0])
    assert member.post(f"{PAGE}/off", data={"proof": code}).status_code == 303


def test_the_session_before_ends_when_a_code_is_asked_for(app, member, enrolled):
    """Somebody else may sit there now, who has one of two proofs: he is not to go on in it."""
    before = content(app, member)["key"]

    answer = member.post("/sign-in", data=BOB)
    half = content(app, member)
    member.post("/sign-in/code", data={"code": next_code(app, enrolled[0])})

    assert answer.location == "/sign-in/code"
    assert "key" not in half
    whole = content(app, member)
    assert "half" not in whole
    with app.app_context():
        known = {each: sessions.known(each, utcnow(), LIFETIME) for each in (before, whole["key"])}
        assert [bool(each) for each in known.values()] == [False, True]
        assert set(db.session.scalars(sa.select(SignIn.state))) == {"whole"}


def test_one_that_was_begun_under_another_secret_key_is_begun_anew(app, member, bob):
    member.post(PAGE, data={"password": PASSWORD})
    with app.app_context():
        row = db.session.get_one(SecondFactor, bob)
        row.sealed_secret = Fernet(Fernet.generate_key()).encrypt(b"of another key").decode()
        db.session.commit()

    page = member.get(PAGE)
    assert page.status_code == 200
    assert "Type the code" not in page.text
    assert member.post(f"{PAGE}/confirm", data={"code": "123456"}).status_code == 422
    enrol(member)


@pytest.mark.parametrize("door", ["", "/codes", "/off"])
def test_who_proves_again_to_be_there_goes_on_in_a_session_with_another_token(app, member, door):
    if door:
        enrol(member)
    before = content(app, member)["key"]
    thief = app.test_client()
    thief.set_cookie("session", cookie_of(member))
    wrong = member.post(PAGE + door, data={"password": "wrong", "proof": "wrong"})
    assert wrong.status_code == 422
    assert is_signed_in(thief)

    proved = member.post(PAGE + door, data={"password": PASSWORD, "proof": PASSWORD})

    assert proved.status_code in {200, 303}
    assert is_signed_in(member)
    assert not is_signed_in(thief)
    assert content(app, member)["key"] != before
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(SignIn.id))) == 1


def test_a_session_that_was_ended_meanwhile_is_not_renewed(app, member, bob):
    key = content(app, member)["key"]
    with app.app_context():
        sessions.end(key)
        assert sessions.renew(key, utcnow()) is None
        assert not db.session.scalars(sa.select(SignIn)).all()
