"""Photographs and scans as PDF pages, without recompression where the format allows it."""

import io
from pathlib import Path

import img2pdf
import pillow_heif
from PIL import Image, ImageOps, ImageSequence

from binder.sniff import HEIC

pillow_heif.register_heif_opener()

#: Letter, in points; a picture without a credible resolution is fitted into it.
_LETTER = (612, 792)
#: Longest credible page side, in points: ANSI E and A0 drawings are 48 inches at most.
_LONGEST = 48 * 72
_JPEG_QUALITY = 92


def image_to_pdf(path: Path, media_type: str, dest: Path) -> int:
    """Write the picture at `path` as a PDF to `dest`; the number of pages. Raises OSError or
    ValueError when it is broken."""
    Image.MAX_IMAGE_PIXELS = 400_000_000
    frames = _load(path)
    sources = _heic_frames(path) if media_type == HEIC else [path.read_bytes()]
    try:
        pdf = img2pdf.convert(
            sources, layout_fun=_layout, rotation=img2pdf.Rotation.ifvalid, nodate=True
        )
    except (img2pdf.AlphaChannelError, img2pdf.ImageOpenError, NotImplementedError):
        pdf = img2pdf.convert(_flat_frames(path), layout_fun=_layout, nodate=True)
    dest.write_bytes(pdf)
    return frames


def _load(path: Path) -> int:
    """Decode every frame, so that half a photograph is not taken for a whole one; their number."""
    with Image.open(path) as image:
        frames = 0
        for frame in ImageSequence.Iterator(image):
            frame.load()
            frames += 1
    return frames


def _layout(
    width_px: int, height_px: int, dpi: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Page and image width and height in points: by its resolution when credible, or else fitted
    into Letter."""
    width, height = width_px * 72 / (dpi[0] or 96), height_px * 72 / (dpi[1] or 96)
    credible = dpi[0] >= 100 and dpi[1] >= 100 and max(width, height) <= _LONGEST
    if not credible:
        box = _LETTER if height_px >= width_px else _LETTER[::-1]
        scale = min(box[0] / width_px, box[1] / height_px)
        width, height = width_px * scale, height_px * scale
    return width, height, width, height


def _heic_frames(path: Path) -> list[bytes]:
    with Image.open(path) as image:
        return [_as_jpeg(ImageOps.exif_transpose(frame)) for frame in ImageSequence.Iterator(image)]


def _flat_frames(path: Path) -> list[bytes]:
    """Every frame on white paper: PDF images carry no transparency that img2pdf would write."""
    with Image.open(path) as image:
        return [_as_png(ImageOps.exif_transpose(frame)) for frame in ImageSequence.Iterator(image)]


def _as_jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return out.getvalue()


def _as_png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    rgba = image.convert("RGBA")
    paper = Image.new("RGB", rgba.size, "white")
    paper.paste(rgba, mask=rgba.getchannel("A"))
    paper.save(out, "PNG", dpi=image.info.get("dpi", (0, 0)))
    return out.getvalue()
