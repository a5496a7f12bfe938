"""The body of a fragment on its way into a backup: what is there already stays out, the rest is
copied and its numbers are overwritten."""

from collections.abc import Collection, Iterable, Iterator

from binder import fields
from binder.fragment import OpenFragment
from binder.output import Output, Relocation
from binder.side_table import SideTable


class SharedObjects:
    """The numbers of the objects that others may be equal to, by digest."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def replace(self, table: SideTable, base: int, numbers: fields.Numbers) -> list[int]:
        """Point `numbers` at equal objects that are in the file; the local numbers of those that
        need not be written. A local number and `base` make a number of the file."""
        replaced = []
        for local, digest in table.shared():
            number = self._numbers.setdefault(digest, base + local)
            if number != base + local:
                numbers[local] = number
                replaced.append(local)
        return replaced


def copy_body(
    out: Output, source: OpenFragment, numbers: fields.Numbers, left_out: Collection[int]
) -> fields.Offsets:
    """Append the body of `source` but for some objects, given by their local numbers; where each
    object lies then, 0 for those.

    `numbers` has the number of every local target.
    """
    fragment, table = source.fragment, source.table
    body = Relocation(table.positions, numbers[table.targets], table.headers)
    starts = table.object_starts
    offsets = starts + fields.padding(numbers[1 : len(starts) + 1])
    gaps = [_extent(starts, fragment.body_length, local) for local in sorted(left_out)]
    for start, end in _kept(fragment.body_length, gaps):
        first, last = starts.searchsorted((start, end))
        offsets[first:last] += out.tell() - start
        run = body.between(start, end) if gaps else body
        out.copy(source.descriptor, fragment.body + start, end - start, run)
    for local in left_out:
        offsets[local - 1] = 0
    return offsets


def _extent(starts: fields.Offsets, length: int, local: int) -> tuple[int, int]:
    """Where an object of a body of this length starts and ends."""
    end = starts[local] if local < len(starts) else length
    return int(starts[local - 1]), int(end)


def _kept(length: int, gaps: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The runs of the body between the gaps."""
    at = 0
    for start, end in gaps:
        if start > at:
            yield at, start
        at = end
    if at < length:
        yield at, length
