"""`flask backup …`: check and compile in the terminal, without Redis and without a worker."""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import click
import sqlalchemy as sa
from flask import Blueprint, current_app

from binder.assemble import Progress
from jobs import recovery
from models import Attachment, BackupStatus, Project, Signature, StoredFile, db, reading, utcnow
from services import backups, files, preflight, recipes
from services.backups import places, preparing
from services.backups.freezing import freeze
from services.errors import AppError
from services.findings import Finding, Preflight
from services.formats import counted, size
from services.side_by_side import Helpers

bp = Blueprint("backup_commands", __name__, cli_group="backup")

#: Exit status of a compile that preflight refuses; 1 is a failure, 0 a finished file.
BLOCKED = 2

_contracts = click.option(
    "--contract", "contracts", multiple=True, metavar="N", help="Only this contract; repeatable."
)


@bp.cli.command("preflight")
@click.argument("project")
@_contracts
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def preflight_command(project: str, contracts: Sequence[str], *, as_json: bool) -> None:
    """Say what a backup of PROJECT would meet, and change nothing."""
    project_id, chosen = _chosen(project, contracts)
    with _helpers() as helpers:
        found = _check(project_id, chosen, helpers)
    if as_json:
        kinds = {"blocking": found.blocking, "warnings": found.warnings, "notes": found.notes}
        described = {kind: [row.to_json() for row in rows] for kind, rows in kinds.items()}
        click.echo(json.dumps(described, indent=2, ensure_ascii=False))
        return
    for row in found.findings:
        click.echo(_line(row))
    click.echo(_summary(found))


@bp.cli.command("compile")
@click.argument("project")
@_contracts
@click.option(
    "--since",
    metavar="N",
    help="An addendum: only what is new or changed since backup N.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Put the PDF and its manifest here; else they stay in the data folder.",
)
def compile_command(
    project: str, contracts: Sequence[str], since: str | None, out: Path | None
) -> None:
    """Compile the invoices of PROJECT; the PDF's path is the last line of the output."""
    project_id, chosen = _chosen(project, contracts)
    if out is not None:
        _make_ready(out)
    try:
        with _helpers() as helpers:
            found = _check(project_id, chosen, helpers)
            click.echo(_summary(found), err=True)
            if not found.blocking:
                _draw(project_id, chosen, helpers)
        with reading():
            base = backups.addenda.numbered(project_id, since, None) if since else None
        backup = backups.request(project_id, chosen, None, utcnow(), base=base)
    except backups.Blocked as e:
        for row in e.preflight.blocking:
            click.echo(_line(row), err=True)
        click.echo(str(e), err=True)
        sys.exit(BLOCKED)
    except AppError as e:
        raise click.ClickException(str(e)) from e
    click.echo(_finished(backup.id, out))


@bp.cli.command("sweep")
def sweep_command() -> None:
    """Put right what a crash left behind: lost backups fail, forgotten ones are queued again."""
    swept = recovery.sweep()
    click.echo(
        f"{counted(swept.lost, 'lost backup')} marked, {counted(swept.queued, 'backup')} and "
        f"{counted(swept.mails, 'mail')} queued again."
    )


def _chosen(number: str, contracts: Sequence[str]) -> tuple[int, list[int]]:
    """The project and its invoices that the words of a command mean."""
    with reading():
        project = db.session.scalar(Project.numbered(number))
        if project is None:
            raise click.ClickException(f"There is no project “{number}”.")
        try:
            return project.id, backups.invoice_ids(project.id, contracts)
        except AppError as e:
            raise click.ClickException(str(e)) from e


def _helpers() -> Helpers:
    return Helpers(current_app.config["WORKERS"])


def _check(project_id: int, chosen: Sequence[int], helpers: Helpers) -> Preflight:
    """Preflight over files that somebody has looked into, which happens here if need be."""
    with reading():
        tables: tuple[type[Attachment | Signature], ...] = (Attachment, Signature)
        digests = {
            sha256
            for table in tables
            for sha256 in db.session.scalars(
                sa.select(table.sha256).where(table.invoice_id.in_(chosen))
            )
            if sha256
        }
        is_new = sa.select(sa.func.count()).where(
            StoredFile.sha256.in_(digests), StoredFile.facts.is_(None)
        )
        new = db.session.scalar(is_new) or 0
    if new:
        click.echo(f"Looking into {counted(new, 'new file')}.", err=True)
    helpers.each(preparing.prepare_ahead, preparing.divided(files.waiting(digests), ()))
    try:
        files.ensure_inspected(digests)
    except AppError as e:
        raise click.ClickException(str(e)) from e
    with reading():
        today = db.session.get_one(Project, project_id).day_of(utcnow())
        return preflight.check(project_id, chosen, today=today)


def _draw(project_id: int, chosen: Sequence[int], helpers: Helpers) -> None:
    """Draw the invoices that go in as drawings. Here, since a backup that waits is any worker's."""
    with reading():
        project = db.session.get_one(Project, project_id)
        frozen = freeze(project, chosen, None, recipes.of_project(project))
    helpers.each(preparing.prepare_ahead, preparing.divided({}, preparing.undrawn(frozen)))


def _finished(backup_id: int, out: Path | None) -> Path:
    """The path of the compiled PDF; ends the command with a sentence where there is none."""
    backup = backups.compile(backup_id, listen=_tell)
    if backup is None:
        _fail("Another process took this backup over; look at its page.")
    if backup.status != BackupStatus.DONE:
        _fail(backup.error or "The backup was cancelled.")
    pdf, *more = [file.path for file in backups.files_of(backup)]
    originals = backups.originals_of(backup)
    click.echo(f"{counted(backup.pages or 0, 'page')}, {size(backup.size)}", err=True)
    if out is None:
        return pdf
    try:
        for file in (places.manifest_of(pdf), *more, *([originals.path] if originals else [])):
            _copy(file, out)
        return _copy(pdf, out)
    except OSError as e:
        _fail(f"The backup was compiled, but “{out}” cannot be written: {e.strerror}. It is {pdf}.")


def _tell(progress: Progress) -> None:
    click.echo(
        f"{progress.documents_done} of {counted(progress.documents_total, 'document')}, "
        f"{counted(progress.pages_done, 'page')}: {progress.step}",
        err=True,
    )


def _make_ready(out: Path) -> None:
    """Learn before the work, not after it, that a folder cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise click.ClickException(f"“{out}” cannot be made: {e.strerror}.") from e
    if not os.access(out, os.W_OK | os.X_OK):
        raise click.ClickException(f"“{out}” cannot be written.")


def _copy(file: Path, folder: Path) -> Path:
    """A copy, not a link: whoever edits his file must not edit ours."""
    part, target = folder / f".{uuid4().hex}.part", folder / file.name
    try:
        shutil.copyfile(file, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _line(row: Finding) -> str:
    return f"{row.severity.upper()}: {row.message}"


def _summary(found: Preflight) -> str:
    counts = [
        f"{len(found.blocking)} blocking",
        counted(len(found.warnings), "warning"),
        counted(len(found.notes), "note"),
    ]
    chosen = f"{counted(found.invoices, 'invoice')} of {counted(found.contracts, 'contract')}"
    return f"{chosen}, about {counted(found.pages, 'page')}: {', '.join(counts)}."


def _fail(sentence: str) -> NoReturn:
    raise click.ClickException(sentence)
