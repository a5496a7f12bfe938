"""The demo project: made up, drawn by a script, and the same bytes every time."""

from pathlib import Path

from demo.attachments import write_files
from demo.project import NUMBER
from demo.tables import write_tables

__all__ = ["NUMBER", "write", "write_tables"]


def write(folder: Path) -> None:
    """Write the demo project into `folder`, in the format of docs/import.md."""
    write_tables(folder)
    write_files(folder)
