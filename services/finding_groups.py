"""Findings of one kind together: "12 invoices are not approved" instead of twelve sentences."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.findings import Finding
from services.formats import words

#: What several findings with the same code are called; {n} is their number.
_TITLES = {
    "no_period": "{n} invoices have no billing period",
    "period_not_closed": "{n} invoices stand in an earlier period that is still open",
    "unreadable": "{n} files cannot be read",
    "password": "{n} files are locked with a password",
    "empty": "{n} files are empty",
    "dynamic_xfa": "{n} files are dynamic forms that only their own program shows",
    "too_large": "{n} files are too large",
    "not_pdf": "{n} files are not PDFs",
    "not_checked": "{n} files have not been checked yet",
    "same_file_twice": "{n} files are attached twice",
    "position_gap": "{n} contracts lack an invoice in between",
    "previous_certificates_differ": "{n} invoices do not continue the one before",
    "summary_differs": "{n} summaries do not equal the sum of their lines",
    "over_billed": "{n} invoices bill more than a scheduled value",
    "retainage_off_rate": "{n} invoices hold retainage off the contract's rate",
    "below_zero": "{n} invoices release or install more than there was",
    "not_approved": "{n} invoices are not approved",
    "no_backup": "{n} invoices have no attachment to back them",
    "signature_pending": "{n} invoices still wait for a signature",
    "signature_declined": "{n} invoices were declined by their signer",
    "signature_voided": "{n} invoices had their signature voided",
    "required_document_missing": "{n} required documents are missing",
    "required_document_expired": "{n} required documents have expired",
    "document_type_guessed": "{n} required documents are there by a guessed type",
    "left_out": "{n} files are left out",
    "type_left_out": "{n} types of documents stay out by the options of this backup",
    "not_searchable": "{n} files cannot be searched",
    "high_resolution": "{n} files are scanned finer than 300 dpi",
    "upside_down": "{n} files seem to have pages upside down",
}


@dataclass(frozen=True, slots=True)
class FindingGroup:
    code: str
    findings: list[Finding]

    @property
    def title(self) -> str:
        """The sentence of the only finding, or how many there are of which kind."""
        if len(self.findings) == 1:
            return self.findings[0].message
        title = _TITLES.get(self.code, f"{words(self.code)}: {{n}} findings")
        return title.format(n=f"{len(self.findings):,}")


def grouped(findings: Iterable[Finding]) -> list[FindingGroup]:
    """Findings of equal code together, each kind where its first finding stood."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.code, []).append(finding)
    return [FindingGroup(code, group) for code, group in found.items()]
