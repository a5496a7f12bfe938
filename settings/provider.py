"""The provider of sign-ins by OpenID Connect."""

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from settings.environment import Environment, SettingError


@dataclass(frozen=True, slots=True)
class Provider:
    """Of sign-ins by OpenID Connect, as the settings name it."""

    issuer: str
    client_id: str
    #: Empty for a public client, which PKCE alone protects.
    client_secret: str
    #: What people call it.
    name: str
    #: Whether an address counts of which it does not say that it is verified.
    is_email_trusted: bool = False


def oidc(env: Environment) -> Provider | None:
    """The provider of sign-ins, if one is named."""
    issuer = env.text("OIDC_ISSUER")
    provider = Provider(
        issuer,
        client_id=env.text("OIDC_CLIENT_ID"),
        client_secret=env.text("OIDC_CLIENT_SECRET"),
        name=env.text("OIDC_NAME"),
        is_email_trusted=env.flag("OIDC_TRUST_EMAIL", default=False),
    )
    if not issuer:
        for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_TRUST_EMAIL"):
            if env.text(name):
                raise SettingError(f"DRAWPACK_{name} needs DRAWPACK_OIDC_ISSUER too.")
        return None
    try:
        address = urlsplit(issuer)
        is_usable = bool(address.hostname) and not (address.query or address.fragment)
    except ValueError:
        is_usable = False
    if not is_usable or not (address.scheme == "https" or _is_on_this_machine(address)):
        raise SettingError(
            f"DRAWPACK_OIDC_ISSUER must be an address that begins with https://, not “{issuer}”."
        )
    if not provider.client_id:
        raise SettingError("DRAWPACK_OIDC_CLIENT_ID is missing: the provider’s name for Drawpack.")
    return provider if provider.name else replace(provider, name=str(address.hostname))


def password_sign_in(env: Environment, provider: Provider | None) -> bool:
    is_on = env.flag("PASSWORD_SIGN_IN", default=True)
    if not is_on and provider is None:
        raise SettingError(
            "DRAWPACK_PASSWORD_SIGN_IN is no, but DRAWPACK_OIDC_ISSUER names no other way in."
        )
    return is_on


def _is_on_this_machine(address: SplitResult) -> bool:
    return address.scheme == "http" and address.hostname in {"localhost", "127.0.0.1", "::1"}
