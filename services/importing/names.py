"""Names beside the known ones: ignored, or misspelled and therefore an error."""

from collections.abc import Collection
from difflib import get_close_matches

from services.importing.places import is_litter
from services.importing.problems import Report


def judge(
    name: str, shown: str, known: Collection[str], report: Report, *, must_be_known: bool = False
) -> None:
    """A misspelled optional table would otherwise be a table that nobody reads."""
    if name in known:
        return
    meant = get_close_matches(name.lower(), known, n=1, cutoff=0.75)
    if is_litter(name) or not (meant or must_be_known):
        report.notes.append(f"{shown}: ignored.")
    elif meant:
        report.add(shown, f"the import does not know this name; is {meant[0]} meant?")
    else:
        report.add(shown, f"the import does not know this table; it knows {', '.join(known)}.")
