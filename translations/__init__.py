"""Catalogues of the point-of-view dictionaries, and how they are kept up with the source.

`make messages` adds what the source says newly, with an empty line to fill in, and drops what it
says no more. An empty line means: as general contractors say.
"""

import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]


def extracted() -> Catalog:
    """Every message in the source; the files to read are listed in pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(each["pattern"], each["method"]) for each in settings]
    options = {each["pattern"]: {"silent": "false"} for each in settings}
    found = Catalog()
    for file, line, message, _comments, context in extract_from_dir(
        ROOT, methods, options, DEFAULT_KEYWORDS
    ):
        found.add(message, locations=[(file, line)], context=context)
    return found


def catalogues() -> list[Path]:
    """The files of all dictionaries in all languages."""
    return sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.po"))


def update(path: Path, source: Catalog) -> None:
    """Bring one file up to date. Answers stay; nothing is guessed."""
    with path.open("rb") as file:
        kept = read_po(file, path.parts[-3])
    kept.update(source, no_fuzzy_matching=True, update_header_comment=False)
    kept.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, kept, width=0, sort_output=True, no_location=True, omit_header=True)
    # The usual header holds moments and names that only make conflicts.
    head = f"# {path.stem.replace('_', ' ').capitalize()}: what is not answered stays as it is.\n"
    head += f'msgid ""\nmsgstr ""\n"Language: {path.parts[-3]}\\n"\n'
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Plural-Forms: {kept.plural_forms}\\n"\n\n'
    path.write_text(head + path.read_text("utf-8").lstrip("\n"), "utf-8")
