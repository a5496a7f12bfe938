"""A set of files on disk and its manifest."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

SETS = Path(__file__).parent / "set"
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class SetFile:
    """One file of a set as it lies on disk; `path` is relative to the set's folder."""

    path: str
    kind: str
    contract: str
    position: int
    pages: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A set on disk. `recipe` is a digest of all that decides its bytes."""

    folder: Path
    recipe: str
    files: tuple[SetFile, ...]

    @property
    def pages(self) -> int:
        """Pages of all files."""
        return sum(file.pages for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files)

    def path(self, file: SetFile) -> Path:
        """Where the file lies."""
        return self.folder / file.path

    @classmethod
    def load(cls, folder: Path) -> "Corpus | None":
        """The set in `folder`, or None where there is none, or some file is gone or cut."""
        try:
            data = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            found = cls(folder, data["recipe"], tuple(SetFile(**row) for row in data["files"]))
            whole = all(found.path(file).stat().st_size == file.bytes for file in found.files)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if whole else None

    def save(self) -> None:
        """Write the manifest, last of all: a set without it is made again."""
        data = {
            "recipe": self.recipe,
            "pages": self.pages,
            "bytes": self.bytes,
            "files": [asdict(file) for file in self.files],
        }
        (self.folder / _MANIFEST).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
