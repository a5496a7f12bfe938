"""What an attentive reader would question on a sheet: lines billed over, odd retainage."""

from dataclasses import dataclass
from enum import StrEnum

from billing.inputs import ContractInput
from billing.money import percent_of
from billing.sheet import Sheet, SheetLine


class Doubt(StrEnum):
    #: Completed and stored is more than the scheduled value (or less, on a deduction).
    OVER_BILLED = "over_billed"
    #: Retainage is not the contract's rate of what was billed.
    RETAINAGE_OFF_RATE = "retainage_off_rate"
    #: More retainage is released than was held, or more material installed than was stored.
    BELOW_ZERO = "below_zero"


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt about one line of a sheet."""

    doubt: Doubt
    item: str
    change_order: str = ""


def remarks(sheet: Sheet, contract: ContractInput) -> tuple[Remark, ...]:
    """The doubts about `sheet`, line by line, in its order."""
    return tuple(
        Remark(doubt, line.item, line.change_order)
        for line in sheet.lines
        for doubt, is_so in (
            (Doubt.OVER_BILLED, is_over_billed(line)),
            (Doubt.RETAINAGE_OFF_RATE, _is_off_rate(line, contract)),
            (Doubt.BELOW_ZERO, _is_below_zero(line)),
        )
        if is_so
    )


def is_over_billed(line: SheetLine) -> bool:
    """More is completed and stored than is scheduled; of a deduction, less."""
    done, value = line.total_completed_and_stored_to_date, line.scheduled_value
    return done < value if value < 0 else done > value


def _is_off_rate(line: SheetLine, contract: ContractInput) -> bool:
    """Looks only at what this invoice changes: history is not reported on every later invoice."""
    work, rate = line.work_completed_this_period, contract.work_retainage_percent
    if work and line.work_retainage_this_period != percent_of(work, rate):
        return True
    is_moved = line.new_materials_stored or line.stored_installed
    expected = percent_of(line.materials_presently_stored, contract.stored_retainage_percent)
    released = line.stored_retainage_released
    return bool(is_moved) and line.stored_retainage_held != expected - released


def _is_below_zero(line: SheetLine) -> bool:
    if line.scheduled_value < 0:
        return False
    return (
        min(
            line.work_retainage_held,
            line.stored_retainage_held,
            line.materials_presently_stored,
        )
        < 0
    )
