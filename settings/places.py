"""Where things lie: database, Redis, files, LibreOffice, the key."""

import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from settings.environment import Environment, SettingError

#: A unix socket's path may have 107 bytes; Valkey refuses longer ones.
SOCKET_PATH_LIMIT = 100
#: What an address of a database may begin with, and what SQLAlchemy calls that.
DATABASES = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def database_url(env: Environment, data: Path) -> str:
    """As SQLAlchemy has it: with the driver that we bring."""
    text = env.text("DATABASE_URL")
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


def storage(env: Environment) -> dict[str, Any]:
    """The object store that hosts share; an empty STORAGE_URL means the data folder alone."""
    url = env.text("STORAGE_URL").rstrip("/")
    bucket = url.removeprefix("s3://").partition("/")[0]
    if url and not (url.startswith("s3://") and bucket):
        raise SettingError(f"DRAWPACK_STORAGE_URL must be s3://bucket/prefix, not “{url}”.")
    if url and not env.text("SECRET_KEY"):
        raise SettingError(
            "DRAWPACK_STORAGE_URL: hosts that share their files share their key, too. Set "
            "DRAWPACK_SECRET_KEY to the same long random text on each of them."
        )
    endpoint = env.text("STORAGE_ENDPOINT").rstrip("/")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise SettingError(
            f"DRAWPACK_STORAGE_ENDPOINT must begin with https:// or http://, not “{endpoint}”."
        )
    return {
        "STORAGE_URL": url,
        "STORAGE_ENDPOINT": endpoint,
        "STORAGE_REGION": env.text("STORAGE_REGION", "us-east-1"),
        "STORAGE_ACCESS_KEY": env.text("STORAGE_ACCESS_KEY"),
        "STORAGE_SECRET_KEY": env.text("STORAGE_SECRET_KEY"),
        "CACHE_SIZE": env.integer("CACHE_MB", 0) * 1_000_000,
    }


def soffice(env: Environment) -> Path | None:
    """LibreOffice, where it is installed and wanted."""
    name = env.text("SOFFICE", "soffice")
    if name == "no":
        return None
    found = shutil.which(name)
    if found is None and name != "soffice":
        raise SettingError(f"DRAWPACK_SOFFICE: there is no program “{name}”.")
    return Path(found) if found else None


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
