"""`flask project …`: projects come in and go out in the terminal."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click
from flask import Blueprint

import demo
from jobs.imports import prepare
from models import Project, db, reading
from services import audit, exporting, formats
from services.exporting import ExportRefused
from services.importing import (
    ImportRefused,
    ProjectBusy,
    ProjectExists,
    import_project,
)

bp = Blueprint("project_commands", __name__, cli_group="project")


@bp.cli.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Delete the project of this number first.")
def import_command(path: Path, *, replace: bool) -> None:
    """Read PATH, a project folder, a workbook or a ZIP, whole or not at all; prints the project's
    number."""
    _import(path, replace=replace)


@bp.cli.command("demo")
def demo_command() -> None:
    """Load the demo project, unless it is there; prints the project's number."""
    with reading():
        exists = db.session.scalar(Project.numbered(demo.NUMBER)) is not None
    if exists:
        click.echo(f"The demo project {demo.NUMBER} exists; nothing was changed.", err=True)
        click.echo(demo.NUMBER)
        return
    with TemporaryDirectory() as folder:
        demo.write(Path(folder))
        _import(Path(folder), replace=False)


@bp.cli.command("export")
@click.argument("number")
@click.argument("path", type=click.Path(path_type=Path))
def export_command(number: str, path: Path) -> None:
    """Write the project of that NUMBER to PATH: a folder, or a ZIP if the name ends so."""
    with reading():
        project = db.session.scalar(Project.numbered(number))
        if project is None:
            raise click.ClickException(f"There is no project {number}.")
        try:
            export = exporting.gather(project)
            is_zip = path.suffix.lower() == ".zip"
            (exporting.write_zip if is_zip else exporting.write_folder)(export, path)
        except ExportRefused as e:
            raise click.ClickException(str(e)) from e
        about = ("project", project.id)
        audit.note("project.exported", project=project.id, subject=about)
    click.echo(path)


def _import(path: Path, *, replace: bool) -> None:
    try:
        imported = import_project(path, replace=replace)
    except ImportRefused as e:
        for problem in e.problems:
            click.echo(problem, err=True)
        errors = formats.counted(len(e.problems), "error")
        raise click.ClickException(f"{errors}; nothing was changed.") from e
    except (ProjectExists, ProjectBusy) as e:
        raise click.ClickException(str(e)) from e
    for note in imported.notes:
        click.echo(note, err=True)
    click.echo(imported.number)
    if not prepare(imported):
        click.echo("The queue cannot be reached; the first compile prepares the files.", err=True)
