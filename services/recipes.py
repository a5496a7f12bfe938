"""The recipe of a project: how its backups are put together unless somebody chooses otherwise."""

from collections.abc import Mapping

from binder.recipe import InvalidRecipe, Order, Recipe
from models import Project, db, writing
from services import audit
from services.errors import AppError

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
    order = form.get("order", Order.INVOICE_FIRST)
    if order not in set(Order):
        raise RecipeRefused("The order inside an invoice is one that does not exist.")
    try:
        return Recipe(
            **{name: form.get(name) == "1" for name in SWITCHES},
            stamp=form.get("stamp", "").strip() or Recipe().stamp,
            order=Order(order),
            volume_megabytes=_limit(form.get("volume_megabytes", ""), "megabytes"),
            volume_pages=_limit(form.get("volume_pages", ""), "pages"),
        )
    except InvalidRecipe as e:
        raise RecipeRefused(str(e)) from e


def keep(project_id: int, recipe: Recipe) -> None:
    """Make this the recipe of the project."""
    with writing():
        project = db.session.get(Project, project_id)
        if project is not None:
            project.recipe = recipe.to_json()
            detail = {"what": "options of backups", **project.recipe}
            audit.record("settings.changed", project=project, detail=detail)


def _limit(text: str, unit: str) -> int | None:
    text = text.strip().replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and int(text) > 0):
        raise RecipeRefused(f"The {unit} of a volume must be a whole number, such as 200.")
    return int(text)
