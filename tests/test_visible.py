"""Names read as they are kept: control and turning characters are refused at every form."""

import pytest

from services import recipes
from services.importing.cells import BadCell, text
from services.recipes import RecipeRefused
from services.signing import voiding
from services.signing.voiding import VoidRefused
from services.visible import SENTENCE, is_visible
from tests.conftest import PASSWORD
from tests.factories import make_project

TURNED = "Tower \u202egnp.exe"


@pytest.mark.parametrize(
    "name",
    [TURNED, "a\x00b", "a\x1bb", "a\x7f", "a\u2066b", "a\u2028b", "a\ufeffb", "a\ud800b", "a\nb"],
)
def test_what_nobody_sees_is_refused(name):
    assert not is_visible(name)


@pytest.mark.parametrize("name", ["Müller & Söhne", "שלום\u200f", "عمران\u200c", "東京", "👷🏽‍♀️"])
def test_other_scripts_and_their_joiners_are_names(name):
    assert is_visible(name)


def test_comments_may_have_lines():
    assert is_visible("first\r\nsecond\tthird", lines=True)
    assert not is_visible("first\n\u202esecond", lines=True)


def test_an_import_refuses_it():
    with pytest.raises(BadCell, match="turn it around"):
        text(200)(TURNED)
    with pytest.raises(BadCell, match="turn it around"):
        text(200, lines=True)("fine\n" + TURNED)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/account/name", {"name": TURNED}),
        ("/people", {"email": "nora@example.org", "name": TURNED}),
        ("/settings/signing/keys", {"name": TURNED, "secret": "secret"}),
    ],
)
def test_a_form_refuses_it_with_a_sentence(client, path, form):
    answer = client.post(path, data=form)
    assert answer.status_code == 422
    assert SENTENCE in answer.text


def test_the_first_administrator_has_a_visible_name(app):
    with app.app_context():
        from services.users import setup_key

        key = setup_key()
    form = {"key": key, "email": "a@example.org", "name": TURNED, "password": PASSWORD}
    answer = app.test_client().post("/setup", data=form)
    assert answer.status_code == 422
    assert SENTENCE in answer.text


def test_a_number_beyond_all_rows_is_no_project(client):
    form = {"email": "nora@example.org", "name": "Nora", "project": "9" * 30, "access": "admin"}
    answer = client.post("/people", data=form)
    assert answer.status_code == 422
    assert "There is no such project." in answer.text


def test_a_stamp_and_a_reason_are_visible_too(context):
    project = make_project()
    with pytest.raises(RecipeRefused, match="The stamp has characters"):
        recipes.from_form({"recipe": "1", "stamp": TURNED}, project)
    with pytest.raises(VoidRefused, match="The reason has characters"):
        voiding.want(1, TURNED)
