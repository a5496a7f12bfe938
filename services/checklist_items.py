"""What the rules on required documents say about one invoice. No statement is asked here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models import (
    DocumentExemption,
    DocumentKind,
    RequiredDocument,
    Requirement,
    Strictness,
)
from services.formats import day

#: A final waiver is a waiver of this payment too.
_SERVES: Mapping[str, Collection[str]] = {
    DocumentKind.CONDITIONAL_WAIVER: {
        DocumentKind.CONDITIONAL_WAIVER,
        DocumentKind.CONDITIONAL_FINAL_WAIVER,
    },
    DocumentKind.UNCONDITIONAL_WAIVER: {
        DocumentKind.UNCONDITIONAL_WAIVER,
        DocumentKind.UNCONDITIONAL_FINAL_WAIVER,
    },
}


class State(StrEnum):
    PRESENT = "present"
    MISSING = "missing"
    EXPIRED = "expired"
    EXEMPT = "not_required"


@dataclass(frozen=True, slots=True)
class Item:
    """One required document of one invoice."""

    document_type: str
    name: str
    requirement: Requirement
    is_blocking: bool
    state: State
    #: Of a document that expired, its last day; of one that is present, until when it serves.
    expires: date | None = None
    #: Its type was guessed from its name, by nobody confirmed.
    is_guessed: bool = False
    #: Why the invoice does without it, and who said so.
    reason: str = ""
    decided_by: str = ""

    @property
    def is_lacking(self) -> bool:
        return self.state in {State.MISSING, State.EXPIRED}

    @property
    def title(self) -> str:
        """Its name, and of which payment."""
        if self.requirement == Requirement.PREVIOUS_PAYMENT:
            return f"{self.name} for the previous payment"
        return self.name

    @property
    def words(self) -> str:
        """present, missing, expired Aug 31, 2026, not required."""
        if self.state == State.EXPIRED:
            return f"expired {day(self.expires)}"
        return self.state.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Billed:
    id: int
    contract_id: int
    position: int
    payment_due: int
    period_end: date | None
    before: int | None
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Given:
    document_type: str
    is_confirmed: bool
    expires: date | None


def rules_for(rules: Iterable[RequiredDocument], invoice: Billed) -> list[RequiredDocument]:
    """Those of the project, but the contract's own where it has one for the same type."""
    chosen: dict[str, RequiredDocument] = {}
    for rule in rules:
        is_own = rule.contract_id == invoice.contract_id
        if is_own or (rule.contract_id is None and rule.document_type not in chosen):
            chosen[rule.document_type] = rule
    return [rule for rule in chosen.values() if _applies(rule, invoice)]


def _applies(rule: RequiredDocument, invoice: Billed) -> bool:
    if rule.strictness == Strictness.NOT_REQUIRED or invoice.position < rule.from_position:
        return False
    amount: int | None = invoice.payment_due
    if rule.requirement == Requirement.PREVIOUS_PAYMENT:
        # Nothing was paid before a first invoice, nor for one that asked for nothing.
        amount = invoice.before
        if amount is None or amount <= 0:
            return False
    return rule.from_amount is None or (amount or 0) >= rule.from_amount


def item(
    rule: RequiredDocument,
    invoice: Billed,
    of_contract: Mapping[int, Sequence[Given]],
    exemption: DocumentExemption | None,
    today: date | None,
) -> Item:
    """What became of one rule for one invoice. `of_contract` has what was handed in, by invoice;
    the name is the code until somebody gives it one."""
    code = rule.document_type
    if rule.requirement == Requirement.CONTRACT:
        candidates = [file for each in of_contract.values() for file in each]
    else:
        candidates = list(of_contract.get(invoice.id, ()))
    fitting = [file for file in candidates if file.document_type in _SERVES.get(code, (code,))]
    good = [file for file in fitting if not _is_expired(file, invoice, today)]
    state, expires, is_guessed = State.MISSING, None, False
    if good:
        state = State.PRESENT
        expires = max((file.expires for file in good if file.expires), default=None)
        is_guessed = not any(file.is_confirmed for file in good)
    elif fitting:
        state, expires = State.EXPIRED, max(file.expires for file in fitting if file.expires)
    if exemption and state != State.PRESENT:
        state = State.EXEMPT
    return Item(
        document_type=code,
        name=code,
        requirement=rule.requirement,
        is_blocking=rule.strictness == Strictness.BLOCK,
        state=state,
        expires=expires,
        is_guessed=is_guessed,
        reason=exemption.reason if exemption else "",
        decided_by=exemption.user.name if exemption and exemption.user else "",
    )


def _is_expired(file: Given, invoice: Billed, today: date | None) -> bool:
    if file.expires is None:
        return False
    if invoice.period_end and file.expires < invoice.period_end:
        return True
    return bool(today and invoice.is_latest and file.expires < today)
