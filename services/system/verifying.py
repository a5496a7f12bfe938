"""`flask system verify`: whether a backup can be brought back, without doing so."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from services.system import archive
from services.system.archive import DATABASE, Manifest, Members
from services.system.failures import disk_in_words
from services.system.repository import opened
from services.system.saving import lacking


@dataclass(frozen=True, slots=True)
class Verified:
    """`damage`: what is wrong with the backup. `missing`: named by its database and not in it,
    because the data folder had lost it before."""

    manifest: Manifest
    damage: list[str]
    missing: list[str]

    @property
    def size(self) -> int:
        return sum(each.size for each in self.manifest.members.values())


def verify(file: Path) -> Verified:
    """Read all of it: every SHA-256, the database, and what that names. Raises
    SystemBackupError."""
    with (
        disk_in_words("it was not verified", file),
        TemporaryDirectory(prefix="drawpack-verify-") as folder,
        opened(file) as (held, manifest),
    ):
        return examine(held, manifest, Path(folder))


def examine(
    held: Members, manifest: Manifest, folder: Path, *, all_of_it: bool = False
) -> Verified:
    """Compare each member with the manifest. The database is laid into `folder`, and the files
    too where `all_of_it` is wanted. Raises OSError."""
    damage = archive.disagreements(held, manifest)
    if damage:
        return Verified(manifest, damage, [])
    for name, member in manifest.members.items():
        if name != DATABASE and not all_of_it:
            problem = archive.copy_out(held, name, member, None)
        else:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                problem = archive.copy_out(held, name, member, target)
        if problem:
            damage.append(problem)
    damage += [] if damage else damage_of(folder / DATABASE)
    missing = [] if damage else lacking(folder / DATABASE, dict(manifest.members))
    return Verified(manifest, damage, missing)


def damage_of(path: Path) -> list[str]:
    try:
        with closing(sqlite3.connect(path)) as connection:
            said = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as e:
        return [f"the database cannot be opened ({e})"]
    if said != "ok":
        return [f"the database is damaged ({' '.join(said.split())[:200]})"]
    return [f"a row of the table {broken[0]} points at nothing"] if broken else []
