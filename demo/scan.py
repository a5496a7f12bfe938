"""A sheet as an office scanner sees it: a picture, grey, a little crooked, a little dirty."""

import io
from collections.abc import Iterator
from hashlib import sha256

import img2pdf
import numpy as np
import pypdfium2
from PIL import Image

#: Low, as people set it who mail scans.
DPI = 110
_PAPER = 243


def scanned(pdf: bytes, *, color: bool = False, turned: bool = False, dpi: int = DPI) -> bytes:
    """The pages of `pdf` as scans, one picture a page.

    `turned` pages lie sideways in the file and are turned upright by /Rotate, as a scanner does
    that is fed with the long edge first.
    """
    pages = [_jpeg(_dirty(page, turned=turned)) for page in _pictures(pdf, color=color, dpi=dpi)]
    layout = img2pdf.get_fixed_dpi_layout_fun((dpi, dpi))
    # The other engine writes an /ID that differs from run to run.
    return bytes(
        img2pdf.convert(
            pages,
            layout_fun=layout,
            rotation=img2pdf.Rotation["90"] if turned else None,
            nodate=True,
            engine=img2pdf.Engine.internal,
        )
    )


def _pictures(pdf: bytes, *, color: bool, dpi: int) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        picture = page.render(scale=dpi / 72, grayscale=not color).to_pil()
        page.close()
        yield picture
    document.close()


def _dirty(picture: Image.Image, *, turned: bool) -> Image.Image:
    """Crooked, unevenly lit, grainy and soft. The dirt follows from the page itself."""
    seed = int.from_bytes(sha256(picture.tobytes()).digest()[:8])
    chance = np.random.default_rng(seed)
    white = _PAPER if picture.mode == "L" else (_PAPER, _PAPER, _PAPER - 5)
    angle = float(chance.uniform(0.35, 1.3)) * (1 if chance.random() < 0.5 else -1)
    # Bilinear is quick and softens as a cheap scanner does.
    picture = picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=white)
    pixels = np.asarray(picture, dtype=np.float32)
    height, width = pixels.shape[:2]
    light = _light(height, width, chance)
    grain = chance.normal(0, 2.1, (height, width)).astype(np.float32)
    specks = np.where(chance.random((height, width)) < 0.00002, 90, 0).astype(np.float32)
    for extra in (grain, -specks):
        light_or_dirt = extra if pixels.ndim == 2 else extra[..., None]
        pixels = pixels + light_or_dirt
    pixels = pixels * (light if pixels.ndim == 2 else light[..., None])
    pixels = np.minimum(pixels, _PAPER + 6)
    result = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return result.transpose(Image.Transpose.ROTATE_90) if turned else result


def _light(height: int, width: int, chance: np.random.Generator) -> "np.typing.NDArray[np.float32]":
    """Brighter on one side, with the shadow of the lid along one edge."""
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    tilt = 1 - 0.035 * across * float(chance.uniform(0, 1)) - 0.03 * down
    edge = np.exp(-across * width / 9) * 0.22 + np.exp(-down * height / 6) * 0.14
    return (tilt - edge).astype(np.float32)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=52)
    return out.getvalue()
