"""Getting a project in: a folder of tables and files, read whole or not at all (docs/import.md)."""

from services.importing.problems import ImportRefused, Problem, ProjectBusy, ProjectExists
from services.importing.run import Imported, import_project

__all__ = [
    "ImportRefused",
    "Imported",
    "Problem",
    "ProjectBusy",
    "ProjectExists",
    "import_project",
]
