"""Looks at what the installation needs beside its data: queue, workers, mail server, programs."""

import smtplib
import sqlite3
import ssl
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import BytesIO

import pypdf
from flask import current_app
from redis.exceptions import RedisError
from rq.worker import BaseWorker

import settings
from binder.render.notices import placeholder_page
from models import db
from services import formats, storage
from services.system import listed
from services.system.result import Result, failed, ok, warning

#: Nobody wants to wait longer for a page about the system.
_MAIL_SECONDS = 5
#: Workers show themselves every half minute at the least.
_SILENT_AFTER = timedelta(minutes=2)
_PROBE = "Łódź & Sons – 100 %"


def queue(now: datetime) -> Iterator[Result]:
    """Redis, and whether anybody takes work from it."""
    redis = current_app.extensions["redis"]
    is_own = current_app.config["REDIS_URL"] == settings.default_redis_url(storage.data_dir())
    kind = "the one that “make run” starts" if is_own else "one of your own (DRAWPACK_REDIS_URL)"
    try:
        info = redis.info("server")
        name = "Valkey" if "valkey_version" in info else "Redis"
        number = info.get("valkey_version") or info["redis_version"]
        yield ok("Queue", f"{name} {number} answers; it is {kind}.")
        yield _workers(listed.workers(redis), now)
    except RedisError:
        help_ = "Start Drawpack (make run)." if is_own else "Start it, or correct the setting."
        yield failed("Queue", f"The queue cannot be reached; it is {kind}. {help_}")
        yield failed("Workers", "Nobody can tell without the queue; backups wait.")


def _workers(workers: Sequence[BaseWorker], now: datetime) -> Result:
    beats = [each.last_heartbeat for each in workers if each.last_heartbeat]
    if not beats:
        return failed("Workers", "No worker is running right now; backups wait until one is.")
    silent = now - max(beat.replace(tzinfo=beat.tzinfo or UTC) for beat in beats)
    seconds = max(int(silent.total_seconds()), 0)
    count = formats.counted(len(beats), "worker")
    shown = f"{count} {'is' if len(beats) == 1 else 'are'} running"
    heard = f"heard of {formats.counted(seconds, 'second')} ago"
    if silent > _SILENT_AFTER:
        return failed("Workers", f"{count} signed in, but last {heard}. Restart Drawpack.")
    return ok("Workers", f"{shown}, last {heard}.")


def drawing() -> Result:
    """Draw a page and read it again: fonts, libraries and all."""
    try:
        pdf = placeholder_page(_PROBE, [("Reason", "Test")])
        text = pypdf.PdfReader(BytesIO(pdf), strict=True).pages[0].extract_text()
    # Whatever stops it here stops every compile, so what it is makes no difference.
    except Exception as e:  # noqa: BLE001
        return failed("Drawing", f"A test page could not be drawn ({type(e).__name__}: {e}).")
    if "Łódź" not in text:
        return failed("Drawing", "A test page was drawn, but its text cannot be read again.")
    return ok("Drawing", "A test page was drawn and read again.")


def mail() -> Result:
    """Whether the mail server answers; nothing is sent and nobody signs in."""
    config = current_app.config
    if not config["MAIL_SERVER"]:
        return warning("Mail", "No mail server is set; mails are kept in the outbox.")
    server = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    try:
        offers = _ehlo()
    except (OSError, smtplib.SMTPException) as e:
        said = " ".join(str(e).split()).rstrip(".")[:200] or type(e).__name__
        return failed("Mail", f"The mail server {server} does not answer: {said}.")
    if config["MAIL_USE_TLS"] and "starttls" not in offers:
        return failed(
            "Mail",
            f"The mail server {server} answers but offers no STARTTLS. Set DRAWPACK_MAIL_USE_SSL "
            "or another port, or turn DRAWPACK_MAIL_USE_TLS off.",
        )
    return ok("Mail", f"The mail server {server} answers.")


def _ehlo() -> set[str]:
    """What the server offers, in lower case."""
    config = current_app.config
    place = config["MAIL_SERVER"], config["MAIL_PORT"]
    seconds = min(config["MAIL_TIMEOUT"], _MAIL_SECONDS)
    host: smtplib.SMTP
    if config["MAIL_USE_SSL"]:
        context = ssl.create_default_context(cafile=config["MAIL_CA_FILE"])
        host = smtplib.SMTP_SSL(*place, timeout=seconds, context=context)
    else:
        host = smtplib.SMTP(*place, timeout=seconds)
    with host:
        host.ehlo_or_helo_if_needed()
        return {name.lower() for name in host.esmtp_features}


def office() -> Result:
    if soffice := current_app.config["SOFFICE"]:
        return ok("Office files", f"LibreOffice ({soffice}) makes pages of Word and Excel files.")
    return warning(
        "Office files",
        "LibreOffice is not installed, so a page that names the file stands in for each Word or "
        "Excel file.",
    )


def versions() -> Result:
    python = ".".join(map(str, sys.version_info[:3]))
    is_sqlite = db.engine.dialect.name == "sqlite"
    # What version a server has stands beside “Database”, if it answers.
    database = f"SQLite {sqlite3.sqlite_version}" if is_sqlite else f"psycopg {version('psycopg')}"
    libraries = ", ".join(f"{name} {version(name)}" for name in ("flask", "rq", "pikepdf", "pypdf"))
    return ok(
        "Versions", f"Drawpack {settings.version()}, Python {python}, {database}, {libraries}."
    )
