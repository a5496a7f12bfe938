"""Settings: `DRAWPACK_*` environment variables and `.env`, with defaults for one box.

A value that cannot be understood stops the program with one sentence naming the variable.
"""

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from settings import places, provider, web
from settings.environment import Environment, SettingError
from settings.places import default_redis_url, kept_secret
from settings.provider import Provider
from settings.web import path_of

__all__ = [
    "ROOT",
    "Provider",
    "SettingError",
    "default_redis_url",
    "kept_secret",
    "load",
    "path_of",
    "version",
]

ROOT = Path(__file__).resolve().parent.parent
#: By which header the web server before us is told which file to send.
SENDFILE_HEADERS = {"": "", "nginx": "X-Accel-Redirect", "x-sendfile": "X-Sendfile"}
LOG_FORMATS = {"text": "text", "json": "json"}


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The Flask configuration that the environment (over `.env`) asks for."""
    env = Environment(_variables() if environ is None else environ)
    data = Path(env.text("DATA_DIR", str(ROOT / "instance"))).expanduser().resolve()
    has_ssl = env.flag("MAIL_USE_SSL", default=False)
    return {
        "DATA_DIR": data,
        "SQLALCHEMY_DATABASE_URI": places.database_url(env, data),
        "DATABASE_CONNECTIONS": env.between("DATABASE_CONNECTIONS", 20, most=1000),
        "REDIS_URL": env.text("REDIS_URL", default_redis_url(data)),
        "SECRET_KEY": env.text("SECRET_KEY") or None,
        **places.storage(env),
        "HOST": env.text("HOST", "127.0.0.1"),
        "PORT": env.integer("PORT", 8000),
        "BASE_URL": (base := web.base_url(env)),
        **web.cookie(base),
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_IDLE": timedelta(hours=env.between("SESSION_IDLE_HOURS", 12, most=24 * 30)),
        "SESSION_LIFETIME": timedelta(days=env.between("SESSION_DAYS", 7, most=90)),
        "OIDC": (oidc := provider.oidc(env)),
        "PASSWORD_SIGN_IN": provider.password_sign_in(env, oidc),
        "PROXIES": env.integer("PROXIES", 0),
        "WORKERS": env.integer("WORKERS", min(2, os.cpu_count() or 1)),
        "SOFFICE": places.soffice(env),
        "LOAD_DEMO": env.flag("LOAD_DEMO", default=True),
        "MAX_CONTENT_LENGTH": env.integer("MAX_UPLOAD_MB", 512) * 1024 * 1024,
        "MAX_FILE_SIZE": env.integer("MAX_FILE_MB", 250) * 1_000_000,
        "MAX_FORM_PARTS": 20_000,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "SENDFILE": env.choice("SENDFILE", SENDFILE_HEADERS),
        "LOG_FORMAT": env.choice("LOG_FORMAT", LOG_FORMATS, "text"),
        "METRICS_TOKEN": env.token("METRICS_TOKEN"),
        "BACKUP_DIR": env.folder("BACKUP_DIR"),
        "BACKUP_HOURS": max(env.integer("BACKUP_HOURS", 24), 1),
        "BACKUP_KEEP": max(env.integer("BACKUP_KEEP", 30), 1),
        "MAIL_SERVER": env.text("MAIL_SERVER"),
        "MAIL_PORT": env.integer("MAIL_PORT", 587),
        "MAIL_USERNAME": env.text("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": env.text("MAIL_PASSWORD") or None,
        # A connection that is TLS from its first byte has no STARTTLS.
        "MAIL_USE_TLS": env.flag("MAIL_USE_TLS", default=not has_ssl),
        "MAIL_USE_SSL": has_ssl,
        "MAIL_CA_FILE": env.text("MAIL_CA_FILE") or None,
        "MAIL_TIMEOUT": env.integer("MAIL_TIMEOUT", 20),
        "MAIL_DEFAULT_SENDER": env.text("MAIL_SENDER", "Drawpack <drawpack@localhost>"),
        "MAIL_SUPPRESS_SEND": False,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _variables() -> dict[str, str | None]:
    return {**dotenv_values(ROOT / ".env"), **os.environ}


def version() -> str:
    """Of Drawpack, as pyproject.toml has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])
