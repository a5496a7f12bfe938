"""The documents of a plan as a tree: contracts, their invoices, and what belongs to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from binder.plan import Contract, Invoice, Plan


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sums over invoices, in cents.

    `retainage_held` is a balance, not a flow: of each contract, what its last invoice here holds.
    """

    this_period: int
    payment_due: int
    retainage_held: int

    @property
    def retainage_this_period(self) -> int:
        """Withheld by these invoices, less released: what was billed and is not due."""
        return self.this_period - self.payment_due

    @classmethod
    def of(cls, invoices: Iterable[Invoice]) -> "Amounts":
        """The sums of `invoices`, each counted once."""
        once = dict.fromkeys(invoices)
        latest: dict[str, Invoice] = {}
        for invoice in once:
            number = invoice.contract.number
            if number not in latest or latest[number].position < invoice.position:
                latest[number] = invoice
        return cls(
            sum(invoice.gross_this_period for invoice in once),
            sum(invoice.payment_due for invoice in once),
            sum(invoice.total_retainage for invoice in latest.values()),
        )


@dataclass(frozen=True, slots=True)
class InvoiceGroup:
    """An invoice and its documents, as indices into `plan.documents`."""

    invoice: Invoice
    documents: range


@dataclass(frozen=True, slots=True)
class ContractGroup:
    """A contract and its invoices in the backup's order."""

    contract: Contract
    invoices: tuple[InvoiceGroup, ...]

    @property
    def documents(self) -> range:
        """Indices of all documents of the contract."""
        return range(self.invoices[0].documents.start, self.invoices[-1].documents.stop)

    @property
    def amounts(self) -> Amounts:
        """The sums of the contract's invoices."""
        return Amounts.of(group.invoice for group in self.invoices)


def by_contract(plan: Plan) -> tuple[ContractGroup, ...]:
    """The documents of `plan`, grouped as they follow each other."""
    groups = []
    for _, same in groupby(_by_invoice(plan), key=lambda group: group.invoice.contract.number):
        invoices = tuple(same)
        groups.append(ContractGroup(invoices[0].invoice.contract, invoices))
    return tuple(groups)


def _by_invoice(plan: Plan) -> list[InvoiceGroup]:
    groups: list[InvoiceGroup] = []
    for index, document in enumerate(plan.documents):
        if groups and _same(groups[-1].invoice, document.invoice):
            start = groups[-1].documents.start
            groups[-1] = InvoiceGroup(document.invoice, range(start, index + 1))
        else:
            groups.append(InvoiceGroup(document.invoice, range(index, index + 1)))
    return groups


def _same(one: Invoice, other: Invoice) -> bool:
    return one is other or one == other


def invoices_of(groups: Sequence[ContractGroup]) -> list[Invoice]:
    """Every invoice once, in the backup's order."""
    return list(dict.fromkeys(group.invoice for each in groups for group in each.invoices))
