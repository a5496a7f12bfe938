"""The document type that a file's name suggests: a small rule that people can predict.

A name is read as words: `SC-014_UncondWaiver-final.PDF` says sc, 014, uncond, waiver, final. The
first row of `_RULES` whose words are all there wins; a row comes before those that it would
otherwise be taken for ("waiver of subrogation" belongs to insurance, not to liens). A project's
own type is taken where the name holds the type's whole name. No row: a supporting document.
"""

import re
from collections.abc import Mapping

from models import DocumentKind

_WORDS = re.compile(r"[^\W_]+")
#: `UncondWaiver2` is three words.
_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")

#: Words of which each must be there; "a|b" is either.
_RULES: tuple[tuple[str, DocumentKind], ...] = (
    ("subrogation", DocumentKind.INSURANCE_CERTIFICATE),
    ("unconditional|uncond waiver|waivers|release final", DocumentKind.UNCONDITIONAL_FINAL_WAIVER),
    ("unconditional|uncond waiver|waivers|release", DocumentKind.UNCONDITIONAL_WAIVER),
    ("waiver|waivers final", DocumentKind.CONDITIONAL_FINAL_WAIVER),
    ("lien|liens release|releases final", DocumentKind.CONDITIONAL_FINAL_WAIVER),
    ("waiver|waivers", DocumentKind.CONDITIONAL_WAIVER),
    ("lien|liens release|releases", DocumentKind.CONDITIONAL_WAIVER),
    ("sworn statement", DocumentKind.SWORN_STATEMENT),
    ("affidavit|affidavits", DocumentKind.SWORN_STATEMENT),
    ("coi|acord|insurance", DocumentKind.INSURANCE_CERTIFICATE),
    ("payroll|payrolls", DocumentKind.CERTIFIED_PAYROLL),
    ("wh 347", DocumentKind.CERTIFIED_PAYROLL),
    ("change order|orders", DocumentKind.CHANGE_ORDER_BACKUP),
    ("pco|pcos", DocumentKind.CHANGE_ORDER_BACKUP),
    ("stored material|materials", DocumentKind.STORED_MATERIAL),
    ("bill of sale", DocumentKind.STORED_MATERIAL),
    ("photo|photos|photograph|photographs", DocumentKind.PHOTO),
)


def guess(name: str, own: Mapping[str, str]) -> str:
    """The code of the type that the name suggests. `own` has the names of a project's own types
    by their codes."""
    words = _words(name)
    for code, title in sorted(own.items(), key=lambda item: (-len(item[1]), item[0])):
        if _holds(words, _words(title)):
            return code
    for needed, kind in _RULES:
        if all(set(choice.split("|")) & set(words) for choice in needed.split()):
            return kind
    return DocumentKind.BACKUP


def _words(text: str) -> list[str]:
    return _WORDS.findall(_BORDER.sub(" ", text).casefold())


def _holds(words: list[str], wanted: list[str]) -> bool:
    """Whether they stand there next to each other."""
    places = range(len(words) - len(wanted) + 1)
    return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in places)
