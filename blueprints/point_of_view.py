"""Which dictionary a page speaks: that of its reader, its project or the company."""

from flask import Flask, g
from flask_babel import Domain
from flask_login import current_user

from models import Project, User
from services import dictionaries


class _Readers(Domain):
    """The catalogue for who asks, found when the first word of an answer is needed."""

    def get_translations(self) -> object:
        if "dictionary" not in g:
            user: User | None = current_user if current_user.is_authenticated else None
            g.dictionary = dictionaries.of_reader(user, g.get("spoken_of"))
        return dictionaries.catalogue(g.dictionary).get_translations()


_READERS = _Readers()


def init_app(app: Flask) -> None:
    app.before_request(_READERS.as_default)
    app.add_template_global(dictionaries.samples, "dictionary_samples")


def speak_of(project: Project) -> None:
    """From here on this answer is about `project`, and speaks as it does."""
    g.spoken_of = project
    g.pop("dictionary", None)
