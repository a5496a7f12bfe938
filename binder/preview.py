"""A small picture of a file's first page, for lists."""

import os
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from pillow_heif import register_heif_opener

from binder import sniff
from binder.cage import Cage, room
from binder.isolation import ChildFailed, run_limited
from binder.limits import Limits

#: The picture fits into this box, in pixels.
BOX = (192, 256)
#: A preview is a courtesy: it may cost less than the facts.
_LIMITS = Limits(cpu_seconds=15, wall_seconds=20, output=8 << 20)


def preview(path: Path, dest: Path, *, limits: Limits = _LIMITS) -> bool:
    """Write a PNG of the first page of the PDF or picture at `path` to `dest`, in a child process.

    False where none can be made; `dest` is then as it was.
    """
    part = dest.with_name(f".{dest.name}.{os.getpid()}.part")
    try:
        cage = Cage((room(str(path)),), (room(str(part)),))
        run_limited(lambda: _draw(path, part), limits, cage)
        part.replace(dest)
    except (ChildFailed, OSError):
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def _draw(path: Path, dest: Path) -> dict[str, Any]:
    """Runs in the child."""
    picture = _page(path) if sniff.media_type(path) == sniff.PDF else _picture(path)
    picture.thumbnail(BOX)
    picture.save(dest, "PNG", optimize=True)
    return {}


def _page(path: Path) -> Image.Image:
    page = pypdfium2.PdfDocument(path)[0]
    width, height = page.get_size()
    scale = min(BOX[0] / max(width, 1), BOX[1] / max(height, 1))
    image: Image.Image = page.render(scale=scale).to_pil()
    return image.convert("RGB")


def _picture(path: Path) -> Image.Image:
    register_heif_opener()
    image = Image.open(path)
    # JPEG can be read at an eighth of its size, which spares the memory of a large photograph.
    image.draft("RGB", BOX)
    return image.convert("RGB")
