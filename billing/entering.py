"""What somebody types on a line of an invoice, turned into what the invoice enters on it.

Work is typed as an amount, as the percent completed in all, or as a quantity; retainage as an
amount or a percent. Whichever way it is typed, the same `Entry` comes out (docs/domain.md 13, 14).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from billing.inputs import Entry
from billing.money import percent_of, ratio_percent
from billing.units import extended


@dataclass(frozen=True, slots=True)
class Standing:
    """A line as the invoices before left it; amounts in cents."""

    scheduled_value: int = 0
    #: Columns D and F: what earlier invoices completed, and what of theirs is still stored.
    work_before: int = 0
    stored_before: int = 0
    #: Retainage held when this invoice begins.
    work_held: int = 0
    stored_held: int = 0
    #: The percentages that the line carries (docs/domain.md 13: they stay with it).
    work_percent: Decimal = Decimal(0)
    stored_percent: Decimal = Decimal(0)
    #: Some of the retainage on its stored material was released by an earlier invoice.
    was_released: bool = False
    #: Ten-thousandths of a dollar for one unit; None on a line billed by amount.
    unit_price: int | None = None

    @property
    def keeps_dollars(self) -> bool:
        """Whether the retainage on stored material goes on from the dollars that are held.

        A percent of all that is stored would withhold again what was released, or undo a sum that
        somebody set by hand.
        """
        usual = percent_of(self.stored_before, self.stored_percent)
        return self.was_released or self.stored_held != usual

    @property
    def unlisted(self) -> Entry:
        """What the line enters while nobody has typed anything on it."""
        return Entry(
            work_retainage_percent=self.work_percent,
            stored_retainage=self.stored_held if self.keeps_dollars else None,
            stored_retainage_percent=self.stored_percent,
        )

    def stored(self, entry: Entry) -> int:
        """Column F with this entry."""
        return self.stored_before - entry.stored_installed + entry.new_stored

    def completed(self, entry: Entry) -> int:
        """Column G with this entry."""
        return self.work_before + entry.work_this_period + self.stored(entry)

    def percent(self, entry: Entry) -> Decimal:
        """G of C with this entry, two places."""
        return ratio_percent(self.completed(entry), self.scheduled_value)

    def carried_stored_retainage(self, stored: int, percent: Decimal) -> int:
        """Held before, and `percent` of what `stored` (column F) has more than before; material
        that is installed takes no more than there was."""
        change = percent_of(stored - self.stored_before, percent)
        return max(self.stored_held + change, min(self.stored_held, 0))


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed on a line; None where nothing was typed. Amounts in cents.

    `work` does not count what is `installed` from stored material: that is added to it. The two
    flags empty an amount of retainage, so that the percent rules again.
    """

    work: int | None = None
    percent: Decimal | None = None
    #: Ten-thousandths of a unit.
    quantity: int | None = None
    new_stored: int | None = None
    installed: int | None = None
    work_retainage: int | None = None
    work_retainage_percent: Decimal | None = None
    work_retainage_released: int | None = None
    stored_retainage: int | None = None
    stored_retainage_percent: Decimal | None = None
    stored_retainage_released: int | None = None
    is_work_retainage_cleared: bool = False
    is_stored_retainage_cleared: bool = False


class Disagreement(ValueError):
    """The same thing was typed in two ways that do not agree; the text says which."""


def enter(standing: Standing, saved: Entry | None, typed: Typed) -> Entry:
    """The entry with what was typed over what was `saved` (None: the line was not listed).

    Raises Disagreement.
    """
    before = saved or standing.unlisted
    entry = replace(
        before,
        new_stored=_or(typed.new_stored, before.new_stored),
        stored_installed=_or(typed.installed, before.stored_installed),
        work_retainage_released=_or(typed.work_retainage_released, before.work_retainage_released),
        stored_retainage_released=_or(
            typed.stored_retainage_released, before.stored_retainage_released
        ),
    )
    entry = replace(entry, work_this_period=_work(standing, before, entry, typed))
    entry = _with_work_retainage(standing, entry, typed)
    return _with_stored_retainage(standing, before, entry, typed)


def _work(standing: Standing, before: Entry, entry: Entry, typed: Typed) -> int:
    """Column E, which counts what is installed."""
    ways: list[int] = []
    if typed.work is not None:
        ways.append(typed.work + entry.stored_installed)
    if typed.quantity is not None and standing.unit_price is not None:
        work = extended(typed.quantity, standing.unit_price)
        ways.append(work + entry.stored_installed)
    if typed.percent is not None:
        completed = percent_of(standing.scheduled_value, typed.percent)
        work = completed - standing.work_before - standing.stored(entry)
        # A page without JavaScript sends the percent that it showed beside the amount.
        shown = [w for w in ways if _shows(standing, replace(entry, work_this_period=w), typed)]
        ways.append(shown[0] if shown else work)
    if len(set(ways)) > 1:
        raise Disagreement("the amount, the quantity and the percent do not agree; type one")
    own = before.work_this_period - before.stored_installed
    return ways[0] if ways else own + entry.stored_installed


def _shows(standing: Standing, entry: Entry, typed: Typed) -> bool:
    return typed.percent == standing.percent(entry)


def _with_work_retainage(standing: Standing, entry: Entry, typed: Typed) -> Entry:
    percent = typed.work_retainage_percent
    if percent is None:
        percent = entry.work_retainage_percent
    if percent is None:
        percent = standing.work_percent
    amount = entry.work_retainage
    if typed.work_retainage_percent is not None or typed.is_work_retainage_cleared:
        amount = None
    if typed.work_retainage is not None:
        amount = _agreed(typed.work_retainage, typed.work_retainage_percent, entry.work_this_period)
    return replace(entry, work_retainage=amount, work_retainage_percent=percent)


def _with_stored_retainage(standing: Standing, before: Entry, entry: Entry, typed: Typed) -> Entry:
    stored = standing.stored(entry)
    old = before.stored_retainage_percent
    old = standing.stored_percent if old is None else old
    percent = old if typed.stored_retainage_percent is None else typed.stored_retainage_percent
    amount = before.stored_retainage
    follows = amount is None or amount == standing.carried_stored_retainage(
        standing.stored(before), old
    )
    if follows or typed.stored_retainage_percent is not None or typed.is_stored_retainage_cleared:
        amount = None
        if standing.keeps_dollars:
            amount = standing.carried_stored_retainage(stored, percent)
    if typed.stored_retainage is not None:
        amount = _agreed(typed.stored_retainage, typed.stored_retainage_percent, stored)
    return replace(entry, stored_retainage=amount, stored_retainage_percent=percent)


def _agreed(amount: int, percent: Decimal | None, base: int) -> int | None:
    """The amount, or None where the percent says the same."""
    if percent is None:
        return amount
    if percent_of(base, percent) == amount:
        return None
    if ratio_percent(amount, base) == percent:
        return amount
    raise Disagreement("the amount and the percent of retainage do not agree; type one")


def _or(typed: int | None, saved: int) -> int:
    return saved if typed is None else typed
