"""What the words of DocuSign mean here (docs/domain.md 22). Pure."""

from models import SignatureStatus

#: By how far an envelope has come. News of an earlier state never undoes a later one.
_RANK = {"": 0, "created": 1, "sent": 2, "correct": 2, "delivered": 3, "signed": 4}
_ENDS = {
    "completed": SignatureStatus.COMPLETED,
    "declined": SignatureStatus.DECLINED,
    "voided": SignatureStatus.VOIDED,
    "deleted": SignatureStatus.VOIDED,
    "timedout": SignatureStatus.VOIDED,
}


def is_known(word: str) -> bool:
    return word in _RANK or word in _ENDS


def end_of(word: str) -> SignatureStatus | None:
    """How an envelope ended, None while it has not."""
    return _ENDS.get(word)


def status_of(word: str) -> SignatureStatus:
    """Our status for an envelope that has not ended. Completed counts as pending until the signed
    document is here and checked."""
    return (
        SignatureStatus.SETUP_NOT_COMPLETED if _RANK.get(word, 2) < 2 else SignatureStatus.PENDING
    )


def words_before(word: str) -> list[str]:
    """The states that this news may replace; an ended envelope has none after it."""
    if word in _ENDS:
        return list(_RANK)
    return [known for known, rank in _RANK.items() if rank < _RANK[word]]
