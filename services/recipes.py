"""The recipe of a project: how its backups are put together unless somebody chooses otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from binder.recipe import InvalidRecipe, Order, Recipe
from models import DocumentKind, Project, db, writing
from services import audit, document_types
from services.errors import AppError
from services.visible import SENTENCE, is_visible

#: The options that are on or off, by their field's name.
SWITCHES = (
    "cover",
    "index",
    "tie_out",
    "receipt",
    "separators",
    "stamps",
    "links",
    "source_bookmarks",
    "originals",
)


#: Of the fields with the places of document types.
_PLACE = "place_"


class RecipeRefused(AppError):
    """The options contradict themselves or cannot be understood."""


def of_project(project: Project) -> Recipe:
    return Recipe.from_json(project.recipe or {})


def from_form(form: Mapping[str, str], project: Project) -> Recipe:
    """The recipe that a posted form asks for; the project's own where it brings no options.

    Raises `RecipeRefused` with the sentence to show.
    """
    if form.get("recipe") != "1":
        return of_project(project)
    if not is_visible(form.get("stamp", "")):
        raise RecipeRefused(f"The stamp {SENTENCE}.")
    order = form.get("order", Order.INVOICE_FIRST)
    if order not in set(Order):
        raise RecipeRefused("The order inside an invoice is one that does not exist.")
    try:
        return Recipe(
            **{name: form.get(name) == "1" for name in SWITCHES},
            stamp=form.get("stamp", "").strip() or Recipe().stamp,
            order=Order(order),
            type_order=_type_order(form),
            left_out_types=tuple(c for c in _codes(form) if form.get(f"in_{c}") != "1"),
            volume_megabytes=_limit(form.get("volume_megabytes", ""), "megabytes of a volume"),
            volume_pages=_limit(form.get("volume_pages", ""), "pages of a volume"),
        )
    except InvalidRecipe as e:
        raise RecipeRefused(str(e)) from e


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A document type among the options: its place from 1, and whether it goes in."""

    code: str
    name: str
    place: int
    goes_in: bool


def type_rows(project: Project) -> list[TypeRow]:
    """All types in the order of the project's recipe; those that it does not order behind."""
    recipe = of_project(project)
    names = document_types.names_of(project.id)
    # What is no more than a supporting document explains the others, so it follows them.
    codes = sorted(names, key=lambda code: code == DocumentKind.BACKUP)
    codes.sort(key=recipe.place_of)
    return [
        TypeRow(code, names[code], place, code not in recipe.left_out_types)
        for place, code in enumerate(codes, 1)
    ]


def _codes(form: Mapping[str, str]) -> list[str]:
    """The types that the form asked about, in its order."""
    return [name.removeprefix(_PLACE) for name in form if name.startswith(_PLACE)]


def _type_order(form: Mapping[str, str]) -> tuple[str, ...]:
    """By the places that were given; types without one have none."""
    if form.get("sort_types") != "1":
        return ()
    places = {
        code: _limit(form[_PLACE + code], "place of a document type") for code in _codes(form)
    }
    given = [(place, code) for code, place in places.items() if place is not None]
    return tuple(code for _, code in sorted(given, key=lambda pair: pair[0]))


def keep(project_id: int, recipe: Recipe) -> None:
    """Make this the recipe of the project."""
    with writing():
        project = db.session.get(Project, project_id)
        if project is not None:
            project.recipe = recipe.to_json()
            detail = {"what": "options of backups", **project.recipe}
            audit.record("settings.changed", project=project, detail=detail)


def _limit(text: str, what: str) -> int | None:
    text = text.strip().replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and int(text) > 0):
        raise RecipeRefused(f"The {what} must be a whole number, such as 200.")
    return int(text)
