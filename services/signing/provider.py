"""What any signing service has to offer, in plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from services.errors import AppError


class SigningFailed(AppError):
    """The service did not do what was asked; the sentence is for people."""

    def __init__(
        self,
        message: str,
        *,
        is_temporary: bool = False,
        wait: timedelta | None = None,
        consent_url: str = "",
    ) -> None:
        super().__init__(message)
        #: Worth trying again without anybody doing anything.
        self.is_temporary = is_temporary
        #: How long the service asks to be left alone.
        self.wait = wait
        #: Where a person grants what is missing.
        self.consent_url = consent_url


@dataclass(frozen=True, slots=True)
class Asked:
    """A document to be signed, and by whom."""

    #: Our own name for it; a service that knows it already has made the envelope before.
    transaction_id: str
    document: bytes
    name: str
    subject: str
    signer_name: str
    signer_email: str
    #: Where the service tells what became of it; empty where it cannot reach us.
    notify_url: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the service says of one envelope, in its own word for the state."""

    envelope_id: str
    state: str
    signer_name: str = ""
    signed_at: datetime | None = None
    #: Why it was declined or voided.
    reason: str = ""


class Provider(Protocol):
    """Every call raises SigningFailed."""

    def check(self) -> str:
        """Who we are there, in words; raises where anything of the account does not fit."""

    def find(self, transaction_id: str) -> str | None:
        """The envelope made for this transaction, if it was made."""

    def create(self, asked: Asked) -> str:
        """Make an envelope that nobody hears of yet; its id."""

    def send(self, envelope_id: str) -> None:
        """Tell the signer."""

    def void(self, envelope_id: str, reason: str) -> None:
        """Take it back for good; signatures made so far are lost."""

    def states(self, envelope_ids: Sequence[str]) -> list[Report]:
        """The states of many envelopes by one call; those it does not know are left out."""

    def report(self, envelope_id: str) -> Report:
        """Everything about one envelope."""

    def download(self, envelope_id: str, document: Path, certificate: Path) -> None:
        """Write the signed document and the certificate of completion to these paths."""
