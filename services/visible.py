"""What people write must read as it is kept: names, titles, reasons, comments."""

import unicodedata

#: They turn the direction of what follows, so that “gpj.exe” reads as “exe.jpg” (Unicode UAX 9; the
#: marks LRM and RLM, which Hebrew and Arabic need, only place what has no direction of its own).
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Line breaks that look like none, and a mark that shows nothing.
_OTHERS = set("\u2028\u2029\ufeff")
#: Control characters and halves of characters.
_NO_TEXT = {"Cc", "Cs"}

SENTENCE = "has characters that nobody can see, or that turn it around; type it again"


def is_visible(text: str, *, lines: bool = False) -> bool:
    """False for text with control characters or others that deceive a reader; with `lines` it may
    have line breaks and tabs."""
    plain = text.replace("\n", "").replace("\r", "").replace("\t", "") if lines else text
    return not any(
        char in _TURNING or char in _OTHERS or unicodedata.category(char) in _NO_TEXT
        for char in plain
    )
