"""Speaking OpenID Connect with the provider of the settings: code flow with PKCE (RFC 9700).

What it publishes is read anew for each sign-in: two small requests, and changed keys need nothing.
Only the web server ever comes here, and the libraries are loaded when the first person does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from flask import current_app

from services.errors import AppError
from settings import Provider

SCOPE = "openid email profile"
#: Signatures that only the provider can make. Never `none`, never one by our own client secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_KEY_TYPES = {"RSA", "EC"}
_SECONDS = 10
#: Their clock and ours.
_LEEWAY = 60


class ProviderFailed(AppError):
    """The provider cannot be asked, or what it says cannot be believed."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit to the provider was begun with; its answer must fit."""

    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider has signed in. `email` is empty where it vouches for none."""

    subject: str
    email: str


def configured() -> Provider | None:
    """None where people sign in with passwords only."""
    found: Provider | None = current_app.config["OIDC"]
    return found


def address_to_visit(provider: Provider, visit: Visit, state: str) -> str:
    """Where the browser goes. Raises ProviderFailed."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    with _web() as web:
        published = _published(web, provider)
    url = prepare_grant_uri(
        _endpoint(provider, published, "authorization_endpoint"),
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=visit.redirect_uri,
        scope=SCOPE,
        state=state,
        nonce=visit.nonce,
        code_challenge=create_s256_code_challenge(visit.verifier),
        code_challenge_method="S256",
    )
    return str(url)


def redeem(provider: Provider, answer: Mapping[str, str], visit: Visit, now: datetime) -> Person:
    """Whom the answer that came with the browser is about. Raises ProviderFailed."""
    with _web() as web:
        published = _published(web, provider)
        _check_sender(provider, published, answer)
        token = _token(web, provider, published, answer["code"], visit)
        keys = _get(web, provider, _endpoint(provider, published, "jwks_uri"))
        claims = _claims(provider, keys.get("keys"), token, visit.nonce, now)
        if "email" not in claims and "userinfo_endpoint" in published:
            claims |= _user_info(web, provider, published, token, claims["sub"])
    email = claims.get("email")
    counts = isinstance(email, str) and _is_vouched_for(provider, claims)
    return Person(claims["sub"], str(email) if counts else "")


def _is_vouched_for(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Whether the address is the person's own. A provider that says it is not is believed in any
    case."""
    if "email_verified" not in claims:
        return provider.is_email_trusted
    return claims["email_verified"] in (True, "true")


def _web() -> httpx.Client:
    """Follows no redirect: what a provider publishes stands where it says."""
    return httpx.Client(timeout=_SECONDS)


def _published(web: httpx.Client, provider: Provider) -> dict[str, Any]:
    """What the provider says about itself (OpenID Connect Discovery 1.0)."""
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    found = _get(web, provider, url)
    if found.get("issuer") != provider.issuer:
        raise ProviderFailed(
            f"{provider.name} cannot be used: DRAWPACK_OIDC_ISSUER must be exactly what it calls "
            "itself. An administrator of this server can mend that."
        )
    return found


def _endpoint(provider: Provider, published: dict[str, Any], name: str) -> str:
    url = published.get(name)
    # The settings allow plain http for a provider on this machine only.
    if isinstance(url, str) and url.startswith(("https://", *_plain(provider))):
        return url
    raise ProviderFailed(f"{provider.name} cannot be used: it publishes no usable addresses.")


def _plain(provider: Provider) -> tuple[str, ...]:
    return ("http://",) if provider.issuer.startswith("http://") else ()


def _get(web: httpx.Client, provider: Provider, url: str) -> dict[str, Any]:
    try:
        answer = web.get(url).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as e:
        raise ProviderFailed(
            f"{provider.name} does not answer. Try again in a moment, or ask an administrator."
        ) from e
    if not isinstance(answer, dict):
        raise ProviderFailed(f"{provider.name} does not answer as a provider does.")
    return answer


def _token(
    web: httpx.Client, provider: Provider, published: dict[str, Any], code: str, visit: Visit
) -> dict[str, Any]:
    """What the code is redeemed for (RFC 6749, 4.1.3)."""
    from authlib.common.urls import url_encode  # noqa: PLC0415
    from authlib.oauth2.auth import ClientAuth  # noqa: PLC0415

    url = _endpoint(provider, published, "token_endpoint")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": visit.redirect_uri,
        "code_verifier": visit.verifier,
    }
    proof = ClientAuth(provider.client_id, provider.client_secret, _method(provider, published))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    url, headers, body = proof.prepare("POST", url, headers, url_encode(form.items()))
    try:
        return dict(web.post(url, headers=headers, content=body).raise_for_status().json())
    except (httpx.HTTPError, ValueError, TypeError) as e:
        raise ProviderFailed(f"{provider.name} did not confirm the sign-in. Try again.") from e


def _method(provider: Provider, published: dict[str, Any]) -> str:
    """How Drawpack shows that it is itself; `client_secret_basic` is the rule (Discovery, 3)."""
    if not provider.client_secret:
        return "none"
    known = published.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"


def _check_sender(provider: Provider, published: dict[str, Any], answer: Mapping[str, str]) -> None:
    """That the answer is this provider's and not another's (RFC 9207)."""
    if "error" in answer or "code" not in answer:
        raise ProviderFailed(f"{provider.name} did not sign you in.")
    is_promised = published.get("authorization_response_iss_parameter_supported") is True
    if answer.get("iss", None if is_promised else provider.issuer) != provider.issuer:
        raise ProviderFailed(f"This answer does not come from {provider.name}. Start again.")


def _claims(
    provider: Provider, keys: Any, token: Mapping[str, Any], nonce: str, now: datetime
) -> dict[str, Any]:
    """What the ID token says, once all of it has been checked (OpenID Connect Core, 3.1.3.7)."""
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    try:
        usable = [key for key in keys if key["kty"] in _KEY_TYPES and key.get("use") != "enc"]
        signed = jwt.decode(token["id_token"], KeySet.import_key_set({"keys": usable}), ALGORITHMS)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {
                "nonce": nonce,
                "client_id": provider.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        _check_subject(claims["sub"])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as e:
        current_app.logger.warning("an ID token of %s is refused: %s", provider.issuer, e)
        raise ProviderFailed(
            f"What {provider.name} said about you cannot be believed. Start again."
        ) from e
    return dict(claims)


def _check_subject(subject: object) -> None:
    """OpenID Connect Core, 2: at most 255 characters, and all of them count."""
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise ValueError("the subject is none")


def _user_info(
    web: httpx.Client, provider: Provider, published: dict[str, Any], token: Mapping[str, Any],
    subject: str,
) -> dict[str, Any]:  # fmt: skip
    """For providers that keep the e-mail address out of the ID token; without an answer there is
    none, which matters for the first sign-in only."""
    url = _endpoint(provider, published, "userinfo_endpoint")
    headers = {"Authorization": f"Bearer {token.get('access_token')}"}
    try:
        found = web.get(url, headers=headers).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return {}
    # OpenID Connect Core, 5.3.2: about somebody else, it must not be used.
    if not isinstance(found, dict) or found.get("sub") != subject:
        raise ProviderFailed(f"{provider.name} speaks of two people at once. Start again.")
    return {name: found[name] for name in ("email", "email_verified") if name in found}
