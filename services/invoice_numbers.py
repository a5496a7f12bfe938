"""The number of the next invoice, after the pattern of the one before (docs/domain.md 6)."""

import re

LONGEST = 60
_LAST_DIGITS = re.compile(r"(\d{1,15})(\D*)$", re.ASCII)


def following(last: str) -> str:
    """SC-004-08 after SC-004-07, APP 10 after APP 9; nothing where there is no number to count."""
    found = _LAST_DIGITS.search(last)
    if found is None:
        return ""
    digits = found[1]
    number = f"{last[: found.start()]}{int(digits) + 1:0{len(digits)}}{found[2]}"
    return number if len(number) <= LONGEST else ""
