"""Signatures that were asked for and are not there."""

from collections.abc import Iterator

from models import SignatureStatus
from services.findings import Finding, Severity
from services.preflight.periods import about, capital
from services.preflight.selection import Selection

_SENTENCES = {
    SignatureStatus.PENDING: "is still waiting for its signature",
    SignatureStatus.DECLINED: "was declined by its signer",
    SignatureStatus.VOIDED: "had its signature voided",
}


def signature_findings(selection: Selection) -> Iterator[Finding]:
    for invoice in selection.invoices:
        status = selection.signatures.get(invoice.id)
        if status in _SENTENCES:
            yield about(
                invoice,
                Severity.WARNING,
                f"signature_{status}",
                f"{capital(invoice.name)} {_SENTENCES[status]}; the unsigned one goes in.",
            )
