"""The options of a compile, and the project's own."""

import pytest

from binder.recipe import Order, Recipe
from models import Backup, Project, db
from services import document_types, recipes
from services.recipes import RecipeRefused, from_form, of_project
from tests.factories import make_contract, make_invoice, make_period, make_project


@pytest.fixture
def project(context):
    project = make_project()
    db.session.commit()
    return project


def form(**values):
    """All that a browser sends of an untouched form, changed by `values`; None unticks."""
    ticked = ("cover", "index", "tie_out", "receipt", "stamps", "links", "source_bookmarks")
    return {
        name: value
        for name, value in (dict.fromkeys(ticked, "1") | {"recipe": "1"} | values).items()
        if value is not None
    }


def test_a_project_begins_with_the_defaults(project):
    assert of_project(project) == Recipe()


def test_an_untouched_form_asks_for_the_defaults(project):
    assert from_form(form(), project) == Recipe()


def test_what_is_unticked_is_off(project):
    recipe = from_form(form(cover=None, stamps=None, separators="1"), project)

    assert (recipe.cover, recipe.stamps, recipe.separators) == (False, False, True)


def test_limits_and_order_are_read(project):
    recipe = from_form(
        form(volume_megabytes=" 1,000 ", volume_pages="", order="attachments_first"), project
    )

    assert (recipe.volume_megabytes, recipe.volume_pages) == (1000, None)
    assert recipe.order is Order.ATTACHMENTS_FIRST


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("volume_pages", "many", "The pages of a volume must be a whole number"),
        ("volume_megabytes", "0", "The megabytes of a volume must be a whole number"),
        ("volume_megabytes", "²", "The megabytes of a volume must be a whole number"),
        ("stamp", "{secret}", "The stamp cannot say {secret}"),
        ("stamp", "{page", "a brace without its partner"),
        ("place_photo", "first", "The place of a document type must be a whole number"),
        ("order", "random", "one that does not exist"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(project, field, value, sentence):
    with pytest.raises(RecipeRefused, match=sentence.replace("{", r"\{")):
        from_form(form(sort_types="1", **{field: value}), project)


def test_a_request_without_options_follows_the_project(project):
    recipes.keep(project.id, Recipe.plain())

    assert from_form({}, db.session.get(Project, project.id)) == Recipe.plain()


def test_types_are_put_in_order_and_left_out(project):
    recipe = from_form(
        form(
            sort_types="1", place_backup="3", in_backup="1", place_photo="", in_photo="1",
            place_sworn_statement="1", place_certified_payroll="1", in_certified_payroll="1",
        ),
        project,
    )  # fmt: skip

    assert recipe.type_order == ("sworn_statement", "certified_payroll", "backup")
    assert recipe.left_out_types == ("sworn_statement",)


def test_types_that_are_not_sorted_keep_the_order_of_the_invoice(project):
    assert from_form(form(place_photo="1", in_photo="1"), project) == Recipe()


def test_the_options_show_the_types_in_their_order(project):
    recipes.keep(project.id, Recipe(type_order=("photo", "gone"), left_out_types=("photo",)))
    document_types.add(project.id, "Bond")

    first, *_, last = recipes.type_rows(db.session.get(Project, project.id))

    assert (first.name, first.place, first.goes_in) == ("Photos", 1, False)
    assert (last.name, last.place, last.goes_in) == ("Supporting document", 12, True)


@pytest.fixture
def invoice(app, client):
    with app.app_context():
        project = make_project()
        invoice = make_invoice(make_contract(project), period=make_period(project))
        db.session.commit()
        return project.id, invoice.id


def compile_with(client, invoice, **values):
    project_id, invoice_id = invoice
    data = form(**values) | {"invoice": str(invoice_id)}
    return client.post(f"/projects/{project_id}/backups", data=data)


def test_the_options_of_the_page_are_frozen_into_the_backup(app, client, invoice):
    answer = compile_with(client, invoice, cover=None)

    assert answer.status_code == 303
    with app.app_context():
        assert db.session.query(Backup).one().request["recipe"]["cover"] is False
        assert of_project(db.session.get(Project, invoice[0])) == Recipe()


def test_options_are_kept_when_asked_to(app, client, invoice):
    compile_with(client, invoice, cover=None, keep_recipe="1")

    with app.app_context():
        assert of_project(db.session.get(Project, invoice[0])).cover is False
    page = client.get(f"/projects/{invoice[0]}/invoicing").text
    assert 'name="cover" value="1" form="selection-form">' in page
    assert 'name="index" value="1" form="selection-form" checked>' in page


def test_refused_options_compile_nothing_and_say_why(app, client, invoice):
    answer = compile_with(client, invoice, volume_pages="many")

    assert answer.status_code == 422
    assert "must be a whole number" in answer.text
    with app.app_context():
        assert db.session.query(Backup).count() == 0
