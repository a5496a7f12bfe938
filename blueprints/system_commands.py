"""`flask system …`: whether the installation is well, and its backups."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from flask import Blueprint

from blueprints.terminal import NotUnderstood
from models import utcnow
from services import leftovers, orphans, storage
from services.formats import counted, size
from services.system.checking import check
from services.system.exporting_all import NotExported, export_all
from services.system.failures import SystemBackupError
from services.system.increments import in_words, save_increment
from services.system.restoring import restore
from services.system.result import State, worst
from services.system.saving import save
from services.system.verifying import verify

bp = Blueprint("system_commands", __name__, cli_group="system")
_FILE = click.argument("file", type=click.Path(path_type=Path))


@bp.cli.command("check")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check_command(*, as_json: bool) -> None:
    """Look at everything that Drawpack needs; exit 1 if something has failed."""
    results = check(utcnow())
    state = worst(results)
    if as_json:
        found = {"state": state, "results": [asdict(each) for each in results]}
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for each in results:
            click.echo(f"{each.state.upper():<8} {each.name:<13} {each.sentence}")
    sys.exit(state == State.FAILED)


@bp.cli.command("backup")
@_FILE
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--incremental",
    is_flag=True,
    help="FILE is a folder of backups that share their files; add one to it.",
)
@click.option(
    "--keep",
    type=click.IntRange(min=1, max=10_000),
    help="With --incremental: afterwards remove all backups but the newest N.",
)
def backup_command(file: Path, *, force: bool, incremental: bool, keep: int | None) -> None:
    """Save everything that must not be lost to FILE, while people work. Exit 2: saved, but the
    data folder itself lacks files."""
    if keep and not incremental:
        raise NotUnderstood("--keep goes with --incremental.")
    try:
        words, missing, place = (
            _added(file, keep) if incremental else _written(file, is_forced=force)
        )
    except SystemBackupError as e:
        raise click.ClickException(str(e)) from e
    click.echo(words)
    for name in missing:
        click.echo(f"MISSING in the data folder, or changed there: {name}", err=True)
    click.echo(place)
    sys.exit(2 if missing else 0)


def _written(file: Path, *, is_forced: bool) -> tuple[str, list[str], Path]:
    saved = save(file, utcnow(), is_forced=is_forced)
    files = counted(saved.files, "file")
    return f"Saved the database and {files} ({size(saved.size)}).", saved.missing, file


def _added(folder: Path, keep: int | None) -> tuple[str, list[str], Path]:
    increment = save_increment(folder, utcnow(), keep=keep)
    return in_words(increment), increment.missing, increment.place


@bp.cli.command("verify")
@_FILE
def verify_command(file: Path) -> None:
    """Read all of FILE, or of the newest backup in a folder of them; exit 1 unless it can be
    brought back whole."""
    try:
        found = verify(file)
    except SystemBackupError as e:
        raise click.ClickException(str(e)) from e
    for problem in found.damage:
        click.echo(f"DAMAGED: {problem}", err=True)
    for name in found.missing:
        click.echo(f"MISSING: the database names {name}", err=True)
    if found.damage or found.missing:
        problems = counted(len(found.damage) + len(found.missing), "problem")
        raise click.ClickException(f"{file} is not whole: {problems}.")
    files = counted(len(found.manifest.members) - 1, "file")
    click.echo(f"{file} is whole: the database and {files} ({size(found.size)}).")


@bp.cli.command("restore")
@_FILE
@click.option(
    "--set-aside", is_flag=True, help="Move what is in the data folder into before-restore."
)
def restore_command(file: Path, *, set_aside: bool) -> None:
    """Bring FILE, or the newest backup in a folder of them, back into the data folder, which must
    be empty, while nothing runs on it."""
    try:
        done = restore(file, utcnow(), sets_aside=set_aside)
    except SystemBackupError as e:
        raise click.ClickException(str(e)) from e
    click.echo("\n".join(done))


@bp.cli.command("sweep")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def sweep_command(*, dry_run: bool) -> None:
    """Throw away what no row names and what killed processes left, once it is a day old. Workers do
    so every day by themselves."""
    now = utcnow()
    unfinished = leftovers.old(now)
    found = list(orphans.find(now)) if dry_run else orphans.sweep(now)
    if not dry_run:
        leftovers.sweep(now)
    data = storage.data_dir()
    for path in [*unfinished, *(orphan.path for orphan in found)]:
        click.echo(path.relative_to(data))
    count = counted(len(found) + len(unfinished), "file or folder", "files and folders")
    freed = size(sum(orphan.size for orphan in found))
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {count} ({freed} that no row names).")


@bp.cli.command("export")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--with-pdfs", is_flag=True, help="Also the compiled backups themselves.")
def export_command(target: Path, *, with_pdfs: bool) -> None:
    """Write all projects, people, manifests and the audit log to the new folder TARGET, or to a
    ZIP (TARGET.zip). Exit 2: written, but something could not be read."""
    try:
        done = export_all(target, utcnow(), with_pdfs=with_pdfs)
    except NotExported as e:
        raise click.ClickException(str(e)) from e
    projects, files = counted(done.projects, "project"), counted(done.files, "file")
    click.echo(f"Exported {projects} in {files} ({size(done.size)}).")
    for problem in done.problems:
        click.echo(problem, err=True)
    click.echo(target)
    sys.exit(2 if done.problems else 0)
