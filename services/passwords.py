"""What is no password: one of those that are guessed first, however it is dressed up.

By length and by list, not by kinds of characters (NIST SP 800-63B, 3.1.1.2).
"""

from pathlib import Path

SHORTEST = 10
#: Hashing takes time for its length, and anybody may try to sign in.
LONGEST = 1000
#: Words that belong to this program; the person's own name and address are added.
OWN_WORDS = ("drawpack", "draw package", "invoicing", "invoice", "backup", "contractor")
#: The 30,000 most used of ten million passwords that became public.
_LIST = Path(__file__).parent / "vendor" / "zxcvbn-4.5.0" / "passwords.txt"
_FEWEST_CHARACTERS = 4


def fault(password: str, *about: str) -> str | None:
    """One sentence on why this is no password for somebody with these names and addresses."""
    if len(password) < SHORTEST:
        return f"A password needs at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < _FEWEST_CHARACTERS:
        return "This password repeats a few characters. Take a longer phrase that only you know."
    whole, bare = password.casefold(), _bare(password)
    own = {_bare(word) for word in (*OWN_WORDS, *_parts(about))} - {""}
    if bare in own or whole in own:
        return "This password is a name that everybody can guess. Take one that only you know."
    common = _common()
    if whole in common or bare in common:
        return "This password is among those that are guessed first. Take one that only you know."
    return None


def _bare(password: str) -> str:
    """Without the digits and signs around it, with which people dress up a word."""
    folded = password.casefold()
    inside = [i for i, char in enumerate(folded) if char.isalpha()]
    return folded[inside[0] : inside[-1] + 1] if inside else ""


def _parts(about: tuple[str, ...]) -> list[str]:
    """Each text whole, and what an address has before and after its @."""
    return [part for text in about for part in (text, text.replace(" ", ""), *text.split("@"))]


def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text(encoding="utf-8").split())
