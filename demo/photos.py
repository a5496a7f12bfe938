"""Photographs of a building site that was never built: drawn, then blurred and grained."""

import io
import math
import random
from collections.abc import Callable
from datetime import date

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from demo.project import NAME

_SIZE = (1200, 900)
Scene = Callable[[ImageDraw.ImageDraw, random.Random], None]


def photo(scene: Scene, caption: str, day: date) -> bytes:
    """A JPEG with the stamp of a site camera in its corner."""
    chance = random.Random(f"photo {caption} {day}")
    picture = Image.new("RGB", _SIZE, (201, 214, 226))
    scene(ImageDraw.Draw(picture), chance)
    picture = _as_taken(picture, chance.getrandbits(32))
    _stamp(picture, f"{day:%m/%d/%Y} {chance.randint(8, 16)}:{chance.randint(0, 59):02}  {caption}")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=74, dpi=(150, 150))
    return out.getvalue()


def _as_taken(picture: Image.Image, seed: int) -> Image.Image:
    """Softened by the lens, darker in the corners, grainy."""
    picture = picture.filter(ImageFilter.GaussianBlur(1.3))
    pixels = np.asarray(picture, dtype=np.float32)
    height, width = pixels.shape[:2]
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    corners = 1 - 0.24 * (across**2 + down**2) / math.sqrt(2)
    sun = 1 + 0.1 * (across - down) / 2
    grain = np.random.default_rng(seed).normal(0, 4.2, (height, width, 1)).astype(np.float32)
    warm = np.array([1.04, 1.0, 0.94], dtype=np.float32)
    pixels = pixels * (corners * sun)[..., None] * warm + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _stamp(picture: Image.Image, words: str) -> None:
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(24)
    for offset, color in ((2, (30, 24, 10)), (0, (255, 176, 46))):
        draw.text((28 + offset, 846 + offset), words, color, font)
        draw.text((28 + offset, 816 + offset), NAME, color, font)
