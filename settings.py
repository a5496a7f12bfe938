"""Settings: `DRAWPACK_*` environment variables and `.env`, with defaults for one box.

A value that cannot be understood stops the program with one sentence naming the variable.
"""

import os
import re
import secrets
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
#: A unix socket's path may have 107 bytes; Valkey refuses longer ones.
SOCKET_PATH_LIMIT = 100


#: What an address of a database may begin with, and what SQLAlchemy calls that.
DATABASES = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
#: By which header the web server before us is told which file to send.
SENDFILE_HEADERS = {"": "", "nginx": "X-Accel-Redirect", "x-sendfile": "X-Sendfile"}


#: No query, no fragment, no name or password, and a path of plain segments.
_BASE_URL = re.compile(r"(?i:https?)://[A-Za-z0-9._\-\[\]:]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
LOG_FORMATS = {"text": "text", "json": "json"}
#: A secret shorter than this is guessed.
_SHORTEST_TOKEN = 16


class SettingError(SystemExit):
    """A setting that cannot be understood; the message names it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Of sign-ins by OpenID Connect, as the settings name it."""

    issuer: str
    client_id: str
    #: Empty for a public client, which PKCE alone protects.
    client_secret: str
    #: What people call it.
    name: str


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The Flask configuration that the environment (over `.env`) asks for."""
    env = {**dotenv_values(ROOT / ".env"), **os.environ} if environ is None else dict(environ)
    data = Path(_text(env, "DATA_DIR", str(ROOT / "instance"))).expanduser().resolve()
    has_ssl = _flag(env, "MAIL_USE_SSL", default=False)
    return {
        "DATA_DIR": data,
        "SQLALCHEMY_DATABASE_URI": _database_url(_text(env, "DATABASE_URL", ""), data),
        "REDIS_URL": _text(env, "REDIS_URL", default_redis_url(data)),
        "SECRET_KEY": _text(env, "SECRET_KEY", "") or None,
        **_storage(env),
        "HOST": _text(env, "HOST", "127.0.0.1"),
        "PORT": _integer(env, "PORT", 8000),
        "BASE_URL": (base := _base_url(env)),
        **_cookie(base),
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_IDLE": timedelta(
            hours=_between("SESSION_IDLE_HOURS", _integer(env, "SESSION_IDLE_HOURS", 12), 24 * 30)
        ),
        "SESSION_LIFETIME": timedelta(
            days=_between("SESSION_DAYS", _integer(env, "SESSION_DAYS", 7), 90)
        ),
        "OIDC": (provider := _oidc(env)),
        "PASSWORD_SIGN_IN": _password_sign_in(env, provider),
        "PROXIES": _integer(env, "PROXIES", 0),
        "WORKERS": _integer(env, "WORKERS", min(2, os.cpu_count() or 1)),
        "SOFFICE": _soffice(_text(env, "SOFFICE", "soffice")),
        "LOAD_DEMO": _flag(env, "LOAD_DEMO", default=True),
        "MAX_CONTENT_LENGTH": _integer(env, "MAX_UPLOAD_MB", 512) * 1024 * 1024,
        "MAX_FILE_SIZE": _integer(env, "MAX_FILE_MB", 250) * 1_000_000,
        "MAX_FORM_PARTS": 20_000,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "SENDFILE": _choice("SENDFILE", _text(env, "SENDFILE", ""), SENDFILE_HEADERS),
        "LOG_FORMAT": _choice("LOG_FORMAT", _text(env, "LOG_FORMAT", "text"), LOG_FORMATS),
        "METRICS_TOKEN": _token(env, "METRICS_TOKEN"),
        "BACKUP_DIR": _folder(_text(env, "BACKUP_DIR", "")),
        "BACKUP_HOURS": max(_integer(env, "BACKUP_HOURS", 24), 1),
        "BACKUP_KEEP": max(_integer(env, "BACKUP_KEEP", 30), 1),
        "MAIL_SERVER": _text(env, "MAIL_SERVER", ""),
        "MAIL_PORT": _integer(env, "MAIL_PORT", 587),
        "MAIL_USERNAME": _text(env, "MAIL_USERNAME", "") or None,
        "MAIL_PASSWORD": _text(env, "MAIL_PASSWORD", "") or None,
        # A connection that is TLS from its first byte has no STARTTLS.
        "MAIL_USE_TLS": _flag(env, "MAIL_USE_TLS", default=not has_ssl),
        "MAIL_USE_SSL": has_ssl,
        "MAIL_CA_FILE": _text(env, "MAIL_CA_FILE", "") or None,
        "MAIL_TIMEOUT": _integer(env, "MAIL_TIMEOUT", 20),
        "MAIL_DEFAULT_SENDER": _text(env, "MAIL_SENDER", "Drawpack <drawpack@localhost>"),
        "MAIL_SUPPRESS_SEND": False,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def path_of(base_url: str) -> str:
    """Below which path of its site Drawpack lives: "/drawpack", or "" where the site is its own."""
    return urlsplit(base_url).path


def _base_url(env: Mapping[str, str | None]) -> str:
    text = _text(env, "BASE_URL", f"http://localhost:{_integer(env, 'PORT', 8000)}").rstrip("/")
    if not _BASE_URL.fullmatch(text):
        raise SettingError(
            "DRAWPACK_BASE_URL must be an address like https://drawpack.example.org or "
            f"https://example.org/drawpack, not “{text}”."
        )
    scheme, _, rest = text.partition("://")
    return f"{scheme.lower()}://{rest}"


def _cookie(base_url: str) -> dict[str, object]:
    """Over https the cookie's name makes browsers insist that it was set over https, and below no
    path also that it was set by this very host (RFC 6265bis, 4.1.3)."""
    if not base_url.startswith("https://"):
        return {"SESSION_COOKIE_SECURE": False}
    prefix = "__Secure-" if path_of(base_url) else "__Host-"
    return {"SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": f"{prefix}drawpack"}


def _storage(env: Mapping[str, str | None]) -> dict[str, Any]:
    """The object store that hosts share; an empty STORAGE_URL means the data folder alone."""
    url = _text(env, "STORAGE_URL", "").rstrip("/")
    bucket = url.removeprefix("s3://").partition("/")[0]
    if url and not (url.startswith("s3://") and bucket):
        raise SettingError(f"DRAWPACK_STORAGE_URL must be s3://bucket/prefix, not “{url}”.")
    if url and not _text(env, "SECRET_KEY", ""):
        raise SettingError(
            "DRAWPACK_STORAGE_URL: hosts that share their files share their key, too. Set "
            "DRAWPACK_SECRET_KEY to the same long random text on each of them."
        )
    endpoint = _text(env, "STORAGE_ENDPOINT", "").rstrip("/")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise SettingError(
            f"DRAWPACK_STORAGE_ENDPOINT must begin with https:// or http://, not “{endpoint}”."
        )
    return {
        "STORAGE_URL": url,
        "STORAGE_ENDPOINT": endpoint,
        "STORAGE_REGION": _text(env, "STORAGE_REGION", "us-east-1"),
        "STORAGE_ACCESS_KEY": _text(env, "STORAGE_ACCESS_KEY", ""),
        "STORAGE_SECRET_KEY": _text(env, "STORAGE_SECRET_KEY", ""),
        "CACHE_SIZE": _integer(env, "CACHE_MB", 0) * 1_000_000,
    }


def _oidc(env: Mapping[str, str | None]) -> Provider | None:
    """The provider of sign-ins, if one is named."""
    issuer = _text(env, "OIDC_ISSUER", "")
    provider = Provider(
        issuer,
        client_id=_text(env, "OIDC_CLIENT_ID", ""),
        client_secret=_text(env, "OIDC_CLIENT_SECRET", ""),
        name=_text(env, "OIDC_NAME", ""),
    )
    if not issuer:
        for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"):
            if _text(env, name, ""):
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


def _is_on_this_machine(address: SplitResult) -> bool:
    return address.scheme == "http" and address.hostname in {"localhost", "127.0.0.1", "::1"}


def _password_sign_in(env: Mapping[str, str | None], provider: Provider | None) -> bool:
    is_on = _flag(env, "PASSWORD_SIGN_IN", default=True)
    if not is_on and provider is None:
        raise SettingError(
            "DRAWPACK_PASSWORD_SIGN_IN is no, but DRAWPACK_OIDC_ISSUER names no other way in."
        )
    return is_on


def _soffice(name: str) -> Path | None:
    """LibreOffice, where it is installed and wanted."""
    if name == "no":
        return None
    found = shutil.which(name)
    if found is None and name != "soffice":
        raise SettingError(f"DRAWPACK_SOFFICE: there is no program “{name}”.")
    return Path(found) if found else None


def _database_url(text: str, data: Path) -> str:
    """As SQLAlchemy has it: with the driver that we bring."""
    if not text:
        return f"sqlite:///{data / 'drawpack.db'}"
    kind, _, place = text.partition("://")
    if kind not in DATABASES or not place:
        # The address may hold a password, so it is not said again.
        raise SettingError(
            "DRAWPACK_DATABASE_URL must begin with postgresql:// or sqlite:///, like "
            "postgresql://drawpack:password@database.example.org/drawpack."
        )
    return f"{DATABASES[kind]}://{place}"


def default_redis_url(data: Path) -> str:
    """The unix socket of the server that `make run` starts for this data folder."""
    socket = data / "redis.sock"
    if len(str(socket).encode()) > SOCKET_PATH_LIMIT:
        name = sha256(str(data).encode()).hexdigest()[:12]
        socket = Path(tempfile.gettempdir()) / f"drawpack-{name}.sock"
    return f"unix://{socket}"


def version() -> str:
    """Of Drawpack, as pyproject.toml has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use and readable by its owner only.

    It appears whole or not at all: nobody reads an empty one, of two who make it both get the
    first, and a full disk leaves no file that everybody could guess.
    """
    if not path.exists():
        part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            part.touch(mode=0o600, exist_ok=False)
            part.write_text(secrets.token_urlsafe(32))
            with suppress(FileExistsError):
                os.link(part, path)
        finally:
            part.unlink(missing_ok=True)
    return path.read_text().strip()


def _text(env: Mapping[str, str | None], name: str, default: str) -> str:
    return (env.get(f"DRAWPACK_{name}") or "").strip() or default


def _integer(env: Mapping[str, str | None], name: str, default: int) -> int:
    text = _text(env, name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise SettingError(f"DRAWPACK_{name} must be a whole number, not “{text}”.")
    return int(text)


def _between(name: str, number: int, most: int) -> int:
    if not 1 <= number <= most:
        raise SettingError(f"DRAWPACK_{name} must be between 1 and {most}, not {number}.")
    return number


def _choice(name: str, text: str, choices: Mapping[str, str]) -> str:
    text = text.lower()
    if text not in choices:
        known = " or ".join(filter(None, choices))
        raise SettingError(f"DRAWPACK_{name} must be {known}, not “{text}”.")
    return choices[text]


def _folder(text: str) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _token(env: Mapping[str, str | None], name: str) -> str:
    text = _text(env, name, "")
    if text and len(text) < _SHORTEST_TOKEN:
        raise SettingError(
            f"DRAWPACK_{name} must have at least {_SHORTEST_TOKEN} characters; it is a secret."
        )
    return text


def _flag(env: Mapping[str, str | None], name: str, *, default: bool) -> bool:
    text = _text(env, name, "yes" if default else "no").lower()
    if text not in {"yes", "no", "true", "false", "1", "0"}:
        raise SettingError(f"DRAWPACK_{name} must be yes or no, not “{text}”.")
    return text in {"yes", "true", "1"}
