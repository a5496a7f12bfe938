"""Who calls DocuSign."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Account:
    """The account and its key; `base_url` is the address that gives tokens, without a path."""

    base_url: str
    integration_key: str
    user_id: str
    account_id: str
    #: RSA, PEM.
    private_key: str = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc
