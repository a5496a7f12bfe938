"""Access tokens by JWT grant: the account signs a statement with its private key.

Source: developers.docusign.com, JSON Web Token (JWT) Grant.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import jwt

from services.docusign.account import Account
from services.docusign.failures import answer_of, reached
from services.signing.provider import SigningFailed

#: What the account is asked for.
SCOPES = "signature impersonation"
#: DocuSign takes statements that hold for an hour at most.
_LIFE = timedelta(minutes=50)


def consent_url(account: Account, back_to: str) -> str:
    """Where the user allows this application to act for him, once."""
    asked = {
        "response_type": "code",
        "scope": SCOPES,
        "client_id": account.integration_key,
        "redirect_uri": back_to,
    }
    return f"{account.base_url}/oauth/auth?{urlencode(asked)}"


def access_token(http: httpx.Client, account: Account, back_to: str) -> str:
    """A token for an hour. Raises SigningFailed."""
    now = datetime.now(UTC)
    claims = {
        "iss": account.integration_key,
        "sub": account.user_id,
        "aud": account.host,
        "iat": now,
        "exp": now + _LIFE,
        "scope": SCOPES,
    }
    try:
        assertion = jwt.encode(claims, account.private_key, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        raise SigningFailed("The private key is not an RSA key in PEM.") from None
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    with reached(account.host):
        response = http.post(f"{account.base_url}/oauth/token", data=form)
    if response.status_code == httpx.codes.OK:
        token: str = answer_of(response).get("access_token", "")
        if token:
            return token
    raise _refusal(account, response, back_to)


_REASONS = {
    "issuer_not_found": "does not know this integration key. Check it, and that it belongs to "
    "this environment (demo or production)",
    "user_not_found": "does not know this user id",
    "no_valid_keys_or_signatures": "says that the private key does not belong to this "
    "integration key",
    "invalid_client": "does not know this integration key",
}


def _refusal(account: Account, response: httpx.Response, back_to: str) -> SigningFailed:
    answer = answer_of(response)
    error = str(answer.get("error", ""))
    detail = str(answer.get("error_description", ""))
    if error == "consent_required":
        return SigningFailed(
            "Consent required: the user has not allowed this integration key to act for him yet.",
            consent_url=consent_url(account, back_to),
        )
    for word, reason in _REASONS.items():
        if word in (error, detail):
            return SigningFailed(f"DocuSign ({account.host}) {reason}.")
    is_busy = response.status_code == httpx.codes.TOO_MANY_REQUESTS
    return SigningFailed(
        f"DocuSign ({account.host}) gave no token: "
        f"{detail or error or f'status {response.status_code}'}.",
        is_temporary=is_busy or response.is_server_error,
    )
