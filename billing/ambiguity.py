"""What a contract must not leave open before it is billed."""

from collections import Counter

from billing.inputs import ContractInput, LineKey


class DuplicateLine(ValueError):
    """Two lines of a contract have the same name, so an entry could mean either."""


class DuplicatePosition(ValueError):
    """Two invoices of a contract claim the same place in its order."""


class UnknownLine(ValueError):
    """An invoice enters something on a line that the contract does not have."""


def refuse_ambiguity(contract: ContractInput) -> None:
    """Better no figure than a wrong one: what is dropped or counted twice is someone's money.

    Raises `DuplicateLine`, `DuplicatePosition` or `UnknownLine`, each with one sentence.
    """
    lines = Counter(line.key for line in contract.all_lines)
    for key, times in lines.items():
        if times > 1:
            raise DuplicateLine(f"The contract has {_named(key)} more than once.")
    for position, times in Counter(invoice.position for invoice in contract.invoices).items():
        if times > 1:
            raise DuplicatePosition(f"The contract has two invoices in position {position}.")
    for invoice in contract.invoices:
        if unknown := invoice.entries.keys() - lines.keys():
            raise UnknownLine(
                f"Invoice {invoice.position} lists {_named(min(unknown))}, which is neither on the "
                "schedule of values nor on an approved change order."
            )


def _named(key: LineKey) -> str:
    change_order, item = key
    return f"item {item} of change order {change_order}" if change_order else f"item {item}"
