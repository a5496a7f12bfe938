"""Point-of-view dictionaries (docs/domain.md 23): whole terms, looked up in a catalogue, never
replaced inside a text.

A dictionary is a gettext domain of Flask-Babel, a file in `translations/<language>/LC_MESSAGES`;
another language is another folder. The msgid is what English general contractors say. Pages speak
as their reader chose, then as the project does, then as the company does. What is handed on (a
PDF, a file name, a mail, an export) speaks as the project does, or the company.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_domain, get_locale

from models import Dictionary, Installation, Project, User, db
from services import audit
from services.errors import AppError
from services.terms import SAMPLES

CATALOGUES = Path(__file__).parents[1] / "translations"


class UnknownDictionary(AppError):
    """What was chosen is none of the three."""


class Catalogue(Domain):
    """The words of one dictionary in the language that is asked for."""

    def __init__(self, dictionary: Dictionary) -> None:
        super().__init__(str(CATALOGUES), dictionary.value)

    def get_translations(self) -> NullTranslations:
        return _read(self.domain[0], str(get_locale() or "en"))


@cache
def _read(domain: str, language: str) -> NullTranslations:
    """The catalogue as its source says: no compiled file that could be missing or stale."""
    path = CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, language, domain, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)


_CATALOGUES = {dictionary: Catalogue(dictionary) for dictionary in Dictionary}


def catalogue(dictionary: Dictionary) -> Catalogue:
    return _CATALOGUES[dictionary]


def of_project(project: Project) -> Dictionary:
    """That of the documents, files and mails of a project."""
    return project.dictionary or Installation.default_dictionary()


def of_reader(user: User | None, project: Project | None) -> Dictionary:
    """That of the pages which `user` sees, in a project or outside of any."""
    own = user.dictionary if user else None
    return own or (project and project.dictionary) or Installation.default_dictionary()


@contextmanager
def speaking(dictionary: Dictionary) -> Iterator[None]:
    """Inside, `_()` finds the words of this dictionary, whoever is signed in."""
    before = get_domain()
    catalogue(dictionary).as_default()
    try:
        yield
    finally:
        before.as_default()


def term(dictionary: Dictionary, english: str) -> str:
    """The word of this dictionary for a term of general contractors."""
    word: str = catalogue(dictionary).gettext(english)
    return word


def labels(dictionary: Dictionary, english: Iterable[str]) -> dict[str, str]:
    """The words of a document that differ from those of general contractors, by the latter."""
    words = {each: term(dictionary, each) for each in english}
    return {each: word for each, word in words.items() if word != each}


def samples() -> dict[Dictionary, list[str]]:
    """A few words of each, to choose by."""
    return {each: [term(each, word) for word in SAMPLES] for each in Dictionary}


def chosen(value: str) -> Dictionary | None:
    """What a form says; None for no choice. Raises `UnknownDictionary`."""
    if value and value not in set(Dictionary):
        raise UnknownDictionary("Choose one of the three dictionaries.")
    return Dictionary(value) if value else None


def choose_for_user(user: User, value: str) -> None:
    """Raises `UnknownDictionary`."""
    user.dictionary = chosen(value)
    _record("own words", user.dictionary)
    db.session.commit()


def choose_for_project(project: Project, value: str) -> None:
    """What was compiled before keeps its words. Raises `UnknownDictionary`."""
    project.dictionary = chosen(value)
    _record("words of the project", project.dictionary, project)
    db.session.commit()


def choose_for_company(value: str) -> None:
    """Raises `UnknownDictionary`, also for no choice."""
    dictionary = chosen(value)
    if dictionary is None:
        raise UnknownDictionary("Choose one of the three dictionaries.")
    db.session.merge(Installation(id=1, dictionary=dictionary))
    _record("words of the company", dictionary)
    db.session.commit()


def _record(what: str, now: Dictionary | None, project: Project | None = None) -> None:
    detail = {"what": what, "dictionary": now.value if now else "none chosen"}
    audit.record("settings.changed", project=project, detail=detail)
