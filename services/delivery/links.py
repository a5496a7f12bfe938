"""Links to backups: made, found by their token, revoked, counted."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from flask import current_app

from models import Backup, BackupLink, BackupStatus, db
from services import audit
from services.delivery import plans


def make(backup: Backup, now: datetime, *, email: str = "") -> BackupLink:
    """A link as the project's plan wants them. The caller commits."""
    plan = plans.of_project(backup.project_id)
    salt = secrets.token_hex(16)
    link = BackupLink(
        backup_id=backup.id,
        email=email,
        salt=salt,
        token_hash=BackupLink.hash_of(_token(salt)),
        is_public=plan.is_public,
        created=now,
        expires=now + timedelta(days=plan.link_days),
    )
    db.session.add(link)
    db.session.flush()
    _record("link.created", backup, link)
    return link


def create(backup: Backup, now: datetime) -> BackupLink:
    """A link that somebody passes on by himself."""
    link = make(backup, now)
    db.session.commit()
    return link


def revoke(link: BackupLink, now: datetime) -> bool:
    """From now on it leads nowhere; False if it was revoked before."""
    revoked = (
        sa.update(BackupLink)
        .where(BackupLink.id == link.id, BackupLink.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(BackupLink.id)
    )
    is_won = db.session.scalar(revoked) is not None
    if is_won:
        _record("link.revoked", link.backup, link)
    db.session.commit()
    return is_won


def find(token: str, now: datetime) -> BackupLink | None:
    """The link of a token while it is good and its backup there. Uses nothing up."""
    return db.session.scalar(
        sa.select(BackupLink)
        .join(Backup, Backup.id == BackupLink.backup_id)
        .where(
            BackupLink.token_hash == BackupLink.hash_of(token),
            BackupLink.revoked_at.is_(None),
            BackupLink.expires > now,
            Backup.status == BackupStatus.DONE,
        )
    )


def token_of(link: BackupLink) -> str | None:
    """The token again; None once the application's key is another one."""
    token = _token(link.salt)
    return token if BackupLink.hash_of(token) == link.token_hash else None


def url_of(link: BackupLink) -> str | None:
    """The address to pass on; None once the application's key is another one."""
    token = token_of(link)
    return f"{current_app.config['BASE_URL']}/b/{token}" if token else None


def count_download(link_id: int, now: datetime) -> None:
    """The caller commits."""
    db.session.execute(
        sa.update(BackupLink)
        .where(BackupLink.id == link_id)
        .values(downloads=BackupLink.downloads + 1, last_download_at=now)
    )


def _token(salt: str) -> str:
    """192 bits that only the application's key and the random salt together give."""
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.digest(key, b"backup link " + salt.encode(), sha256)
    return urlsafe_b64encode(digest[:24]).decode()


def _record(action: str, backup: Backup, link: BackupLink) -> None:
    detail = {"number": backup.number, "for": link.email or "anybody it is passed on to"}
    if action == "link.created":
        detail |= {"anyone": link.is_public, "until": f"{link.expires:%Y-%m-%d}"}
    about = ("backup", backup.id)
    audit.record(action, project=backup.project_id, subject=about, detail=detail)
