"""Signatures that were asked for and are not there."""

from collections.abc import Iterator

from models import SignatureStatus
from services import signatures
from services.findings import Finding, Severity
from services.preflight.facts import Selection
from services.preflight.periods import about, capital

_SENTENCES = {
    SignatureStatus.SETUP_NOT_COMPLETED: "was not sent to its signer yet",
    SignatureStatus.PENDING: "is still waiting for its signature",
    SignatureStatus.DECLINED: "was declined by its signer",
    SignatureStatus.VOIDED: "had its signature voided",
}


def signature_findings(selection: Selection) -> Iterator[Finding]:
    outdated = signatures.outdated([invoice.id for invoice in selection.invoices])
    for invoice in selection.invoices:
        status = selection.signatures.get(invoice.id)
        if status in _SENTENCES:
            yield about(
                invoice,
                Severity.WARNING,
                f"signature_{status}",
                f"{capital(invoice.name)} {_SENTENCES[status]}; the unsigned one goes in.",
            )
        elif invoice.id in outdated:
            yield about(
                invoice,
                Severity.WARNING,
                "signature_outdated",
                f"{capital(invoice.name)} has changed since it was signed; "
                "the signed copy shows other amounts.",
            )
