"""Passwords: what is none, how they are kept, and old hashes."""

import time

import pytest
from argon2 import extract_parameters
from werkzeug.security import generate_password_hash

from models import User, db, password_hash, utcnow, writing
from models.password_hash import Cost
from services import passwords, users
from tests.conftest import PASSWORD, sign_in

#: Of the product; the tests' own is quick.
REAL = Cost(passes=2, memory=19 * 1024, lanes=1)


@pytest.mark.parametrize(
    "password",
    [
        "short", "x" * 1001, "aaaaaaaaaaaa", "abababababab", "1234567890", "qwertyuiop",
        "Password2026!", "!!monkey12345", "Drawpack 2026", "Bob Brown 1999", "bob@example.org",
        "INVOICING!!", "letmein1234",
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(password):
    assert passwords.fault(password, "bob@example.org", "Bob Brown")


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "a long enough one", "päßwörter sind länger", "密码需要十个字符以上才行",
     "x7!" * 21 + "abcd",
     "lowercaseonlyphrase", "   leading and trailing   ", "'; DROP TABLE user; --"],
)  # fmt: skip
def test_any_other_text_is_one_whatever_its_characters(password):
    assert passwords.fault(password, "bob@example.org", "Bob Brown") is None


def test_a_password_counts_exactly_as_it_was_typed(context, bob):
    user = db.session.get_one(User, bob)
    users.set_password(user, "  Ten Chars  ")

    assert user.has_password("  Ten Chars  ")
    assert not user.has_password("Ten Chars")
    assert not user.has_password("  ten chars  ")


def test_a_password_is_judged_wherever_one_is_chosen(app, member):
    change = {"current": PASSWORD, "password": "Password2026!"}

    answer = member.post("/account/password", data=change)

    assert answer.status_code == 422
    assert "among those that are guessed first" in answer.text


def test_passwords_are_kept_as_argon2id_at_the_cost_that_is_recommended(monkeypatch):
    monkeypatch.setattr(password_hash, "COST", REAL)

    kept = password_hash.hash_of("correct horse battery")

    found = extract_parameters(kept)
    assert kept.startswith("$argon2id$")
    # OWASP's password storage cheat sheet: at least 19 MiB, two passes, one lane.
    assert (found.memory_cost, found.time_cost, found.parallelism) == (19456, 2, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)
    assert kept != password_hash.hash_of("correct horse battery"), "each has its salt"


@pytest.mark.parametrize("old", ["scrypt:256:8:1", "pbkdf2:sha256:1000"])
def test_an_old_hash_signs_in_once_more_and_is_replaced(app, bob, old):
    with app.app_context():
        db.session.get_one(User, bob).password_hash = generate_password_hash(PASSWORD, old)
        db.session.commit()

    sign_in(app, "bob@example.org")

    with app.app_context():
        assert db.session.get_one(User, bob).password_hash.startswith("$argon2id$")
    sign_in(app, "bob@example.org")


def test_a_password_that_is_changed_during_a_sign_in_stays_changed(app, bob, monkeypatch):
    """The old hash is about to be replaced by a better one of the same old password. Changing it
    ended all sessions, so the old one begins none either."""
    changed = password_hash.hash_of("another long enough one")

    def slow(password):
        with app.app_context(), writing():
            db.session.get_one(User, bob).password_hash = changed
        return password_hash.hash_of(password)

    monkeypatch.setattr(users, "hash_of", slow)
    with app.app_context():
        older = generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
        db.session.get_one(User, bob).password_hash = older
        db.session.commit()
        assert users.sign_in("bob@example.org", PASSWORD, None, utcnow()) is None

    with app.app_context():
        assert db.session.get_one(User, bob).password_hash == changed


def test_an_address_without_an_account_takes_as_long_as_a_wrong_password(context, bob, monkeypatch):
    monkeypatch.setattr(password_hash, "COST", REAL)
    user = db.session.get_one(User, bob)
    user.set_password(PASSWORD)
    db.session.commit()

    # By turns, the quickest of each, and of this processor's time: others keep the machine busy.
    tries = [
        (
            timed(users.with_credentials, "bob@example.org", "wrong"),
            timed(users.with_credentials, "nobody@example.org", "wrong"),
        )
        for _ in range(8)
    ]
    someone, nobody = map(min, zip(*tries, strict=True))

    assert 0.5 < someone / nobody < 2


def timed(function, *arguments):
    begin = time.process_time()
    function(*arguments)
    return time.process_time() - begin
