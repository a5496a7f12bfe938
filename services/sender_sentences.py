"""What is wrong with a file, said to the one who sends it: he need not ask anybody."""

from binder.facts import FileFacts, Problem
from binder.sentences import kind_in_words

_SENTENCES = {
    Problem.UNREADABLE: "“{name}” is damaged and cannot be read. Send it again, or print it to PDF "
    "and send that.",
    Problem.PASSWORD: "“{name}” is locked with a password. Send a copy without a password.",
    Problem.EMPTY: "“{name}” has no pages in it. Send the file again.",
    Problem.DYNAMIC_XFA: "“{name}” is a form that only Adobe Acrobat can fill its pages with. Open "
    "it in Acrobat, print it to PDF and send that.",
    Problem.NOT_PDF: "“{name}” is {kind}, not a PDF or a picture. Send it as a PDF.",
    Problem.TOO_LARGE: "“{name}” needs more time or memory than one file may take. Send a smaller "
    "PDF: scanned at 300 dpi or less, or split in parts.",
}


def to_sender(facts: FileFacts, name: str) -> str:
    """One sentence about the file called `name`; "" where nothing is wrong with it."""
    if not facts.problem:
        return ""
    return _SENTENCES[facts.problem].format(name=name, kind=kind_in_words(facts.media_type))
