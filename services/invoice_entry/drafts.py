"""What somebody typed in the form of an invoice, and what would come of it. Nothing is saved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from billing import MAX_CENTS, Entry, LineKey, Sheet, SheetLine, format_cents, percent_of
from billing.checks import is_over_billed
from billing.entering import Disagreement, Typed, enter
from services.importing.cells import BadCell
from services.invoice_entry.fields import ALTERNATIVES, BY_NAME, FIELDS, Field, parse, texts
from services.invoice_entry.state import Entries, EntryLine, EntryState

#: What a field of the form is called: its kind and the id of its line.
Name = str
#: Entries and quantities by the id of a line: what somebody saw when he began to type.
Base = Mapping[int, tuple[Entry | None, int | None]]


@dataclass(slots=True)
class Draft:
    """The fields that somebody changed, as typed, and what was not understood."""

    raw: dict[Name, str] = field(default_factory=dict)
    typed: dict[int, Typed] = field(default_factory=dict)
    #: A sentence by the name of its field.
    problems: dict[Name, str] = field(default_factory=dict)

    @property
    def sets_retainage(self) -> bool:
        return any(BY_NAME[kind_of(name)].sets_retainage for name in self.raw)

    @property
    def releases(self) -> bool:
        return any(BY_NAME[kind_of(name)].releases for name in self.raw)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the draft makes of the invoice."""

    entries: Entries
    quantities: Mapping[int, int | None]
    sheet: Sheet

    @property
    def rows(self) -> dict[LineKey, SheetLine]:
        return {row.key: row for row in self.sheet.lines}


def name_of(kind: str, line_id: int) -> Name:
    return f"{kind}-{line_id}"


def kind_of(name: Name) -> str:
    return name.partition("-")[0]


def current(state: EntryState) -> Base:
    return {line.id: (line.saved, line.quantity) for line in state.lines}


def read(state: EntryState, base: Base, form: Mapping[str, str]) -> Draft:
    """The fields of the form whose meaning is another than what `base` shows; a field that the
    form does not have was not touched."""
    draft = Draft()
    for line in state.lines:
        saved, quantity = base.get(line.id, (None, None))
        shown = texts(line.standing, saved or line.standing.unlisted, quantity)
        found: dict[str, Any] = {}
        for kind in FIELDS:
            name = name_of(kind.name, line.id)
            text = form.get(name)
            if text is None or text.strip() == shown[kind.name]:
                continue
            try:
                if _means_the_same(kind, text, shown[kind.name]):
                    continue
                found |= parse(kind, text)
            except BadCell as e:
                draft.problems[name] = f"{line.name}, {_named(kind)}: {e}"
            draft.raw[name] = text
        if found:
            draft.typed[line.id] = Typed(**found)
    return draft


def _means_the_same(kind: Field, text: str, shown: str) -> bool:
    return _value(kind, text) == _value(kind, shown)


def _value(kind: Field, text: str) -> object:
    return kind.parse(text) if text.strip() else 0


def _named(kind: Field) -> str:
    return kind.label[0].lower() + kind.label[1:]


def work_out(state: EntryState, draft: Draft) -> Outcome:
    """The entries and the sheet with what was typed; notes what does not work in `draft`."""
    entries, quantities = dict(state.saved), {line.id: line.quantity for line in state.lines}
    touched: set[int] = set()
    for line in state.lines:
        if (typed := draft.typed.get(line.id)) is None:
            continue
        entry = _entered(line, typed, draft)
        if entry is not None:
            entries[line.key] = entry
            touched.add(line.id)
            quantities[line.id] = _quantity(line, typed)
    if state.rules and touched:
        entries = _with_scale(state, draft, entries)
    return Outcome(entries, quantities, state.billed(entries))


def _entered(line: EntryLine, typed: Typed, draft: Draft) -> Entry | None:
    """None where what was typed does not stand; `draft` says why."""
    if typed.percent is not None and not line.standing.scheduled_value:
        _refuse(draft, line, "nothing is scheduled, so there is no percent of it")
        return None
    try:
        entry = enter(line.standing, line.saved, typed)
    except Disagreement as e:
        _refuse(draft, line, str(e))
        return None
    if any(abs(amount) > MAX_CENTS for amount in _amounts(entry)):
        _refuse(draft, line, f"the amount is larger than {format_cents(MAX_CENTS)}")
        return None
    return entry


def _refuse(draft: Draft, line: EntryLine, why: str) -> None:
    typed = [name for name in draft.raw if name.partition("-")[2] == str(line.id)]
    draft.problems[typed[0]] = f"{line.name}: {why}."


def _amounts(entry: Entry) -> Iterator[int]:
    for name in Entry.__dataclass_fields__:
        value = getattr(entry, name)
        if isinstance(value, int):
            yield value


def _quantity(line: EntryLine, typed: Typed) -> int | None:
    """An amount or a percent that is typed leaves no quantity that could contradict it."""
    if typed.quantity is not None:
        return typed.quantity
    return line.quantity if typed.work is None and typed.percent is None else None


def _with_scale(state: EntryState, draft: Draft, entries: Entries) -> Entries:
    """The retainage of the sliding scale on every line, but where somebody set another."""
    usual_before, usual = state.withheld(state.saved), state.withheld(entries)
    found = dict(usual)
    for line in state.lines:
        if (entry := entries.get(line.key)) is None:
            continue
        scale = usual_before.get(line.key, Entry())
        kept = _set_by_hand(line, entry, scale, draft.typed.get(line.id, Typed()))
        if kept:
            found[line.key] = replace(usual.get(line.key, entry), **kept)
    return found


def _set_by_hand(line: EntryLine, entry: Entry, scale: Entry, typed: Typed) -> dict[str, Any]:
    """The dollars of retainage that are not those of the scale; a percent is turned into them."""
    saved, kept = line.saved or Entry(), {}
    if _is_set(typed, "work") or (
        saved.work_retainage not in {None, scale.work_retainage}
        and not typed.is_work_retainage_cleared
    ):
        percent = entry.work_retainage_percent or Decimal(0)
        usual = percent_of(entry.work_this_period, percent)
        kept["work_retainage"] = _or(entry.work_retainage, usual)
    if _is_set(typed, "stored") or (
        saved.stored_retainage not in {None, scale.stored_retainage}
        and not typed.is_stored_retainage_cleared
    ):
        percent = entry.stored_retainage_percent or Decimal(0)
        usual = percent_of(line.standing.stored(entry), percent)
        kept["stored_retainage"] = _or(entry.stored_retainage, usual)
    return kept


def _or(amount: int | None, usual: int) -> int:
    return usual if amount is None else amount


def _is_set(typed: Typed, what: str) -> bool:
    amount = getattr(typed, f"{what}_retainage")
    return amount is not None or getattr(typed, f"{what}_retainage_percent") is not None


def check(state: EntryState, draft: Draft, outcome: Outcome, *, forbids_overbilling: bool) -> None:
    """Note in `draft` what cannot be saved although it can be worked out."""
    summary = outcome.sheet.summary
    largest = max(
        abs(summary.total_completed_and_stored_to_date),
        abs(summary.total_earned_less_retainage),
        abs(summary.current_payment_due),
        abs(summary.balance_to_finish_including_retainage),
    )
    if largest > MAX_CENTS:
        draft.problems["sum"] = f"The sum of the invoice is larger than {format_cents(MAX_CENTS)}."
    if not forbids_overbilling:
        return
    before = {row.key: row.total_completed_and_stored_to_date for row in state.sheet.lines}
    ids = {line.key: line for line in state.lines}
    for row in outcome.sheet.lines:
        done = row.total_completed_and_stored_to_date
        if is_over_billed(row) and abs(done) > abs(before.get(row.key, 0)):
            draft.problems.setdefault(
                name_of("work", ids[row.key].id),
                f"{ids[row.key].name}: {row.total_completed_and_stored_to_date_percent}% of its"
                " scheduled value would be billed, and this project bills no more than 100%.",
            )


def competitors(name: Name) -> list[Name]:
    """The fields that say the same in another way."""
    kind, _, line_id = name.partition("-")
    group = next((group for group in ALTERNATIVES if kind in group), ())
    return [f"{other}-{line_id}" for other in group if other != kind]
