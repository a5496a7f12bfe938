"""The one sentence a user reads about a file that cannot become pages, and what to ask the
subcontractor for."""

from collections.abc import Callable

from binder.facts import Problem
from binder.marking import _
from binder.sniff import HTML

_SENTENCES = {
    Problem.UNREADABLE: _(
        "“{name}” is damaged and cannot be read. Ask the subcontractor to send it again, or to "
        "print it to PDF and send that."
    ),
    Problem.PASSWORD: _(
        "“{name}” is locked with a password. Ask the subcontractor for a copy without a password."
    ),
    Problem.EMPTY: _("“{name}” has no pages in it. Ask the subcontractor to send the file again."),
    Problem.DYNAMIC_XFA: _(
        "“{name}” is a form that only Adobe Acrobat can fill its pages with; every other reader "
        "shows “Please wait…”. Ask the subcontractor to open it in Acrobat, print it to PDF and "
        "send that."
    ),
    Problem.NOT_PDF: _(
        "“{name}” is {kind}, not a PDF or a picture. Ask the subcontractor to send it as a PDF."
    ),
    Problem.TOO_LARGE: _(
        "“{name}” needs more time or memory than one file may take. Ask the subcontractor for a "
        "smaller PDF: scanned at 300 dpi or less, or split in parts."
    ),
}

_KINDS = {
    HTML: "a web page",
    "application/msword": "a Word document",
    "application/vnd.ms-excel": "an Excel workbook",
    "application/vnd.ms-powerpoint": "a PowerPoint presentation",
    "application/zip": "a ZIP archive",
    "application/rtf": "a text document",
    "message/rfc822": "an e-mail",
}
_OFFICE_WORDS = {
    "wordprocessingml": "a Word document",
    "spreadsheetml": "an Excel workbook",
    "presentationml": "a PowerPoint presentation",
    "opendocument": "an office document",
}


def sentence(problem: Problem, name: str, media_type: str, say: Callable[[str], str] = str) -> str:
    """What is wrong with the file called `name`, and what to do about it.

    `say` puts a sentence into the words of a dictionary; without it general contractors speak.
    """
    return say(_SENTENCES[problem]).format(name=name, kind=kind_in_words(media_type))


def kind_in_words(media_type: str) -> str:
    """The media type as people say it: “a Word document”."""
    if media_type in _KINDS:
        return _KINDS[media_type]
    for word, kind in _OFFICE_WORDS.items():
        if word in media_type:
            return kind
    family = media_type.partition("/")[0]
    return {
        "video": "a video",
        "audio": "a sound recording",
        "image": "a picture of another kind",
    }.get(family, "a file of another kind")
