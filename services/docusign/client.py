"""The calls to DocuSign's REST API v2.1 that are made here, and no others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from services.docusign import tokens
from services.docusign.account import Account
from services.docusign.envelope import definition
from services.docusign.failures import answer_of, reached, refused
from services.signing.provider import Asked, Report, SigningFailed

#: Seconds for one answer; documents come in pieces, and this is for each.
_PATIENCE = 30
#: A signed invoice of this many bytes is no signed invoice.
_LARGEST = 250_000_000


class DocuSign:
    """One account for the length of a job; see `services.signing.provider.Provider`."""

    def __init__(self, account: Account, back_to: str, patience: float = _PATIENCE) -> None:
        self._account = account
        self._back_to = back_to
        self._http = httpx.Client(timeout=patience, follow_redirects=False)
        self._token = ""
        self._root = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def check(self) -> str:
        self._sign_in()
        return self._name

    def find(self, transaction_id: str) -> str | None:
        found = self._ask(
            "GET", "look for the envelope", "", params={"transaction_ids": transaction_id}
        )
        for envelope in _rows(found, "envelopes"):
            if envelope.get("status") not in {"voided", "deleted"}:
                return str(envelope.get("envelopeId") or "") or None
        return None

    def create(self, asked: Asked) -> str:
        made = self._ask("POST", "make the envelope", "", json=definition(asked))
        if not made.get("envelopeId"):
            raise SigningFailed("DocuSign made an envelope without a number.", is_temporary=True)
        return str(made["envelopeId"])

    def send(self, envelope_id: str) -> None:
        self._ask("PUT", "send the envelope", f"/{quote(envelope_id)}", json={"status": "sent"})

    def void(self, envelope_id: str, reason: str) -> None:
        body = {"status": "voided", "voidedReason": reason}
        self._ask("PUT", "void the envelope", f"/{quote(envelope_id)}", json=body)

    def states(self, envelope_ids: Sequence[str]) -> list[Report]:
        # The ids go in the body: a list in the address is cut at some length.
        found = self._ask(
            "PUT",
            "tell the state of envelopes",
            "/status",
            params={"envelope_ids": "request_body"},
            json={"envelopeIds": list(envelope_ids)},
        )
        return [
            Report(str(row["envelopeId"]), str(row.get("status", "")).lower())
            for row in _rows(found, "envelopes")
            if row.get("envelopeId")
        ]

    def report(self, envelope_id: str) -> Report:
        params = {"include": "recipients"}
        found = self._ask(
            "GET", "tell the state of the envelope", f"/{quote(envelope_id)}", params=params
        )
        recipients = found.get("recipients")
        signers = _rows(recipients if isinstance(recipients, dict) else {}, "signers")
        last = signers[-1] if signers else {}
        return Report(
            envelope_id,
            str(found.get("status", "")).lower(),
            signer_name=str(last.get("name", "")),
            signed_at=_moment(last.get("signedDateTime") or found.get("completedDateTime")),
            reason=str(found.get("voidedReason") or last.get("declinedReason") or ""),
        )

    def download(self, envelope_id: str, document: Path, certificate: Path) -> None:
        at = f"/{quote(envelope_id)}/documents"
        self._fetch(f"{at}/combined", {"certificate": "false"}, document)
        self._fetch(f"{at}/certificate", {}, certificate)

    def _sign_in(self) -> None:
        """A token, and the address of the account, which differs from account to account."""
        if self._root:
            return
        account = self._account
        self._token = tokens.access_token(self._http, account, self._back_to)
        with reached(account.host):
            response = self._http.get(f"{account.base_url}/oauth/userinfo", headers=self._bearer)
        if response.status_code != httpx.codes.OK:
            raise refused(account.host, "tell the accounts of the user", response)
        rows = _rows(answer_of(response), "accounts")
        mine = [
            row
            for row in rows
            if str(row.get("account_id", "")).lower() == account.account_id.lower()
        ]
        if not mine:
            known = ", ".join(str(row.get("account_id")) for row in rows) or "none"
            raise SigningFailed(
                f"The user has no access to the account {account.account_id}; he has: {known}."
            )
        base = str(mine[0].get("base_uri", ""))
        _refuse_foreign(base, account.base_url)
        self._root = f"{base}/restapi/v2.1/accounts/{quote(account.account_id)}/envelopes"
        self._name = str(mine[0].get("account_name", "")) or account.account_id

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _ask(
        self,
        method: str,
        what: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        self._sign_in()
        with reached(self._account.host):
            response = self._http.request(
                method, f"{self._root}{path}", params=params, json=json, headers=self._bearer
            )
        if not response.is_success:
            raise refused(self._account.host, what, response)
        return answer_of(response)

    def _fetch(self, path: str, params: Mapping[str, str], dest: Path) -> None:
        self._sign_in()
        with (
            reached(self._account.host),
            self._streamed(f"{self._root}{path}", params) as response,
            dest.open("wb") as file,
        ):
            for chunk in response.iter_bytes():
                if file.tell() + len(chunk) > _LARGEST:
                    raise SigningFailed("DocuSign sent a document that does not end.")
                file.write(chunk)

    @contextmanager
    def _streamed(self, url: str, params: Mapping[str, str]) -> Iterator[httpx.Response]:
        with self._http.stream("GET", url, params=params, headers=self._bearer) as response:
            if not response.is_success:
                response.read()
                raise refused(self._account.host, "hand over the signed document", response)
            yield response


def _rows(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _refuse_foreign(base: str, login: str) -> None:
    """The token goes to this address: only to one as safe as the one that gave it."""
    if urlsplit(base).scheme not in {"https", urlsplit(login).scheme} or not urlsplit(base).netloc:
        raise SigningFailed(
            f"DocuSign named an address for the account that is not safe: {base!r}."
        )
