"""The address that people use, and the cookie that belongs to it."""

import re
from urllib.parse import urlsplit

from settings.environment import Environment, SettingError

#: No query, no fragment, no name or password, and a path of plain segments.
_BASE_URL = re.compile(r"(?i:https?)://[A-Za-z0-9._\-\[\]:]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


def path_of(base_url: str) -> str:
    """Below which path of its site Drawpack lives: "/drawpack", or "" where the site is its own."""
    return urlsplit(base_url).path


def base_url(env: Environment) -> str:
    text = env.text("BASE_URL", f"http://localhost:{env.integer('PORT', 8000)}").rstrip("/")
    if not _BASE_URL.fullmatch(text):
        raise SettingError(
            "DRAWPACK_BASE_URL must be an address like https://drawpack.example.org or "
            f"https://example.org/drawpack, not “{text}”."
        )
    scheme, _, rest = text.partition("://")
    return f"{scheme.lower()}://{rest}"


def cookie(base_url: str) -> dict[str, object]:
    """Over https the cookie's name makes browsers insist that it was set over https, and below no
    path also that it was set by this very host (RFC 6265bis, 4.1.3)."""
    if not base_url.startswith("https://"):
        return {"SESSION_COOKIE_SECURE": False}
    prefix = "__Secure-" if path_of(base_url) else "__Host-"
    return {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": f"{prefix}drawpack"}
