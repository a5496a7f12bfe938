"""Scanned-looking pages: a few pictures, made different by a comment inside each JPEG."""

import io
from random import Random

import img2pdf
import numpy as np
import pikepdf
from PIL import Image, ImageDraw, ImageFont

from bench.words import FONT_FILES, FONTS, words

#: Letter at 200 dpi.
_WIDTH, _HEIGHT = 1700, 2200
_DPI = 200


def picture(seed: int) -> bytes:
    """One scanned page as a JPEG, two of five in color: typed lines, askew, on noisy paper."""
    random = Random(seed)
    sheet = _typed(random).rotate(
        random.uniform(-0.8, 0.8), fillcolor=255, resample=Image.Resampling.BILINEAR
    )
    paper = np.random.default_rng(seed).normal(0, random.choice((2.5, 4, 6)), (_HEIGHT, _WIDTH))
    shade = 0.93 + 0.05 * np.sin(np.arange(_WIDTH) / _WIDTH * 3)
    grey = np.asarray(sheet, np.float32) * shade + paper
    scan = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    if random.random() < 0.4:
        scan = Image.merge("RGB", (scan, scan.point(_darker(4)), scan.point(_darker(12))))
    data = io.BytesIO()
    scan.save(data, "JPEG", quality=random.randint(34, 64), dpi=(_DPI, _DPI))
    return data.getvalue()


def _darker(by: int) -> list[int]:
    return [max(0, value - by) for value in range(256)]


def _typed(random: Random) -> Image.Image:
    sheet = Image.new("L", (_WIDTH, _HEIGHT), 255)
    draw = ImageDraw.Draw(sheet)
    file = FONTS / random.choice(tuple(FONT_FILES.values()))
    font = ImageFont.truetype(file, random.choice((22, 26, 30)))
    for y in range(140, _HEIGHT - 160, int(font.size * 1.6)):
        if random.random() < 0.9:
            line = words(random, random.randrange(6, 13))
            draw.text(
                (130 + random.randrange(10), y), line, font=font, fill=random.randrange(20, 90)
            )
    for _ in range(6):
        x, y = random.randrange(_WIDTH), random.randrange(_HEIGHT)
        draw.line((x, y, x + random.randrange(-300, 300), y + 30), fill=60, width=3)
    return sheet


def scan(random: Random, pages: int, pictures: list[bytes]) -> bytes:
    """A PDF of scanned pages, every fifth file with turned pages.

    One page in ten is the same picture in many files, as a standard sheet that is sent every month.
    """
    jpegs = [_page(random, pictures) for _ in range(pages)]
    out = io.BytesIO()
    # The other engine gives every file an identifier by chance.
    img2pdf.convert(jpegs, nodate=True, engine=img2pdf.Engine.internal, outputstream=out)
    return _turned(random, out) if random.random() < 0.2 else out.getvalue()


def _page(random: Random, pictures: list[bytes]) -> bytes:
    jpeg = random.choice(pictures)
    return jpeg if random.random() < 0.1 else _distinct(jpeg, random)


def _distinct(jpeg: bytes, random: Random) -> bytes:
    """The same picture as other bytes: a comment segment after the start marker."""
    return jpeg[:2] + b"\xff\xfe\x00\x12" + random.randbytes(16) + jpeg[2:]


def _turned(random: Random, data: io.BytesIO) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(data) as pdf:
        for page in list(pdf.pages)[::2]:
            page.rotate(random.choice((90, 180, 270)), relative=False)
        pdf.save(out, static_id=True)
    return out.getvalue()
