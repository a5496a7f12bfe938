"""“Run again” gives the same bytes: finished backups are compiled once more from what their rows
froze, on a copy of the data."""

import shutil
from pathlib import Path

from app import create_app
from bench.breaking.scene import Scene
from models import Backup, BackupStatus, db
from services import backups

#: Of those that were made while something was killed.
_MOST = 5


def broken(scene: Scene, copy: Path) -> list[str]:
    """One sentence for each backup that has other bytes the second time."""
    told = []
    scene.house.stop()
    shutil.copytree(scene.data, copy, ignore=shutil.ignore_patterns("prepared", "drawn", "*.sock"))
    settings = {"DATA_DIR": copy, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{copy / 'drawpack.db'}",
                "SOFFICE": None, "BASE_URL": scene.house.url}  # fmt: skip
    with create_app(settings, pages=False).app_context():
        query = Backup.__table__.select().where(Backup.status == BackupStatus.DONE)
        rows = db.session.execute(query).mappings().all()
        for row in scene.random.sample(list(rows), min(_MOST, len(rows))):
            told += _of(row["id"], row["sha256"])
        db.session.remove()
        db.engine.dispose()
    scene.house.start()
    return told


def _of(backup_id: int, digest: str) -> list[str]:
    row = db.session.get_one(Backup, backup_id)
    row.status, row.path, row.manifest, row.sha256 = BackupStatus.QUEUED, None, None, None
    db.session.commit()
    again = backups.compile(backup_id)
    if again is None or again.sha256 != digest:
        return [f"backup {backup_id} has other bytes when it is compiled again"]
    return []
