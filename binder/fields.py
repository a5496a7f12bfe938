"""Object numbers as fields of eight bytes, so that renumbering a file never moves a byte of it.

PDF allows blanks before a number: `12 0 R` and `      12 0 R` are the same reference. Headers of
objects (`12 0 obj`) are padded with line feeds, as PDF/A wants an end of line directly before them.
"""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Bytes of a field. Eight digits exceed what the format allows for an object number.
WIDTH = 8


def _four_digits(pattern: bytes) -> npt.NDArray[np.uint64]:
    texts = (pattern % number for number in range(10_000))
    return np.array([int.from_bytes(text, "little") for text in texts], np.uint64)


_ZERO_PADDED = _four_digits(b"%04d")
_BLANK_PADDED = _four_digits(b"%4d")
_FOUR_BLANKS = np.uint64(int.from_bytes(b"    ", "little"))
_HALF = np.uint64(32)
_POWERS = np.array([10**n for n in range(1, WIDTH)], np.uint32)


def reference(number: int) -> bytes:
    """The field of a reference to object `number`."""
    return b"%8d" % number


def header(number: int) -> bytes:
    """The field that starts object `number`."""
    return reference(number).replace(b" ", b"\n")


def encode(numbers: Numbers, headers: Mask) -> npt.NDArray[np.uint64]:
    """Every number as the eight bytes of its field, read as a little-endian integer.

    `headers` marks the fields that start an object.
    """
    high, low = np.divmod(numbers, np.uint32(10_000))
    small = high == 0
    left = np.where(small, _FOUR_BLANKS, _BLANK_PADDED[high])
    right = np.where(small, _BLANK_PADDED[low], _ZERO_PADDED[low])
    encoded: npt.NDArray[np.uint64] = left | (right << _HALF)
    starts = encoded[headers]
    as_bytes = starts.view(np.uint8)
    as_bytes[as_bytes == ord(" ")] = ord("\n")
    encoded[headers] = starts
    return encoded


def padding(numbers: Numbers) -> Offsets:
    """Bytes before the first digit in the field of each number."""
    return WIDTH - 1 - _POWERS.searchsorted(numbers, side="right")
