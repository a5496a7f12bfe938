"""What preflight reports: plain data, one for the panel, the command and the refused request."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    BLOCKING = "blocking"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing preflight saw. The strings name it as people do; the ids say where it is mended."""

    severity: Severity
    #: Stable word for programs, such as "period_not_closed".
    code: str
    #: One sentence.
    message: str
    contract: str = ""
    invoice: str = ""
    period: str = ""
    file: str = ""
    contract_id: int | None = None
    invoice_id: int | None = None
    period_id: int | None = None
    attachment_id: int | None = None

    def to_json(self) -> dict[str, str]:
        names = ("code", "contract", "invoice", "period", "file", "message")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Preflight:
    """The check of one selection."""

    findings: Sequence[Finding]
    contracts: int
    invoices: int
    documents: int
    #: Estimates: pages that are known or likely, bytes of the result.
    pages: int
    size: int

    def of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def blocking(self) -> list[Finding]:
        return self.of(Severity.BLOCKING)

    @property
    def warnings(self) -> list[Finding]:
        return self.of(Severity.WARNING)

    @property
    def notes(self) -> list[Finding]:
        return self.of(Severity.NOTE)
