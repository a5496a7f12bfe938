"""Getting a project out in the format in which it comes in (docs/import.md)."""

from services.exporting.gather import ExportRefused, ProjectExport, gather
from services.exporting.writing import stream_zip, write_folder, write_zip

__all__ = [
    "ExportRefused",
    "ProjectExport",
    "gather",
    "stream_zip",
    "write_folder",
    "write_zip",
]
