"""The retainage of a sliding scale, shared out over the lines of one invoice as dollars."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from billing.entering import Standing
from billing.inputs import Entry, LineKey
from billing.money import NothingToSpreadOver, half_up, spread

Standings = Mapping[LineKey, Standing]
Entries = Mapping[LineKey, Entry]


def billed_in_all(standings: Standings, entries: Entries) -> int:
    """Line 4: completed and stored to date, in cents."""
    return sum(line.completed(_entry(line, entries.get(key))) for key, line in standings.items())


def withhold(
    held_in_all: int, retained_before: int, standings: Standings, entries: Entries
) -> dict[LineKey, Entry]:
    """The entries with the retainage that makes `held_in_all` of `retained_before`, in cents.

    `retained_before` counts what earlier invoices released: a release does not come back. The
    difference goes to the lines in proportion to what this invoice bills on each, work and new
    material apart; material that is installed takes its share of what is held along. Lines without
    an entry get one only where there is something to hold.
    """
    keys = list(standings)
    billed = {key: _entry(standings[key], entries.get(key)) for key in keys}
    weights = list(chain.from_iterable(_new(billed[key]) for key in keys))
    due = held_in_all - retained_before
    if abs(due) > abs(sum(weights)):
        # Not a matter of this invoice: the contract sum or the rules changed.
        weights = list(chain.from_iterable(_all(standings[key], billed[key]) for key in keys))
    shares = _shares(due, weights)
    found: dict[LineKey, Entry] = {}
    for place, key in enumerate(keys):
        work, stored = shares[2 * place : 2 * place + 2]
        line, entry = standings[key], billed[key]
        moved = _moved(line, entry)
        if key in entries or work or stored:
            found[key] = replace(
                entry,
                work_retainage=work + moved,
                stored_retainage=line.stored_held + stored - moved,
            )
    return found


def _shares(due: int, weights: list[int]) -> list[int]:
    try:
        return spread(due, weights)
    except NothingToSpreadOver:
        return [0] * len(weights)


def _entry(line: Standing, entry: Entry | None) -> Entry:
    return entry or line.unlisted


def _new(entry: Entry) -> tuple[int, int]:
    """Work and stored material that this invoice adds."""
    return entry.work_this_period - entry.stored_installed, entry.new_stored


def _all(line: Standing, entry: Entry) -> tuple[int, int]:
    return line.work_before + entry.work_this_period, line.stored(entry)


def _moved(line: Standing, entry: Entry) -> int:
    """Retainage that goes with installed material from what is stored to the work."""
    if not line.stored_before:
        return 0
    return half_up(line.stored_held * entry.stored_installed, line.stored_before)
