"""What stands about on a building site: sky, trees, earth, machines, people."""

import random

from PIL import ImageDraw

_Color = tuple[int, int, int]


def sky(draw: ImageDraw.ImageDraw, bottom: int) -> None:
    for y in range(bottom):
        share = y / bottom
        blue = (int(138 + 84 * share), int(172 + 56 * share), int(206 + 28 * share))
        draw.line((0, y, 1200, y), blue)


def treeline(draw: ImageDraw.ImageDraw, chance: random.Random, base: int) -> None:
    for x in range(-20, 1220, 22):
        height = chance.randint(22, 66)
        green = chance.randint(72, 104)
        draw.ellipse((x, base - height, x + 54, base + 20), (green - 22, green, green - 30))


def ground(draw: ImageDraw.ImageDraw, chance: random.Random, top: int, color: _Color) -> None:
    draw.rectangle((0, top, 1200, 900), color)
    for _ in range(260):
        x, y = chance.randint(-40, 1200), chance.randint(top, 900)
        tone = chance.randint(-16, 12)
        draw.line((x, y, x + chance.randint(20, 150), y + chance.randint(-3, 3)),
                  tuple(c + tone for c in color), 2)  # fmt: skip


def excavator(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    yellow, dark = (222, 168, 32), (52, 50, 48)
    draw.rounded_rectangle((x - 80, y - 6, x + 110, y + 34), 18, dark)
    draw.rectangle((x - 60, y - 66, x + 96, y - 8), yellow)
    draw.rectangle((x - 58, y - 124, x + 6, y - 62), yellow)
    draw.rectangle((x - 48, y - 116, x - 2, y - 74), (88, 112, 124))
    draw.line((x - 40, y - 60, x - 176, y - 176), yellow, 24)
    draw.line((x - 176, y - 176, x - 262, y - 44), yellow, 18)
    draw.polygon([(x - 286, y - 50), (x - 238, y - 50), (x - 246, y + 6), (x - 294, y - 6)], dark)


def crane(draw: ImageDraw.ImageDraw) -> None:
    color = (214, 160, 42)
    draw.line((1080, 740, 1080, 90), color, 11)
    draw.line((560, 112, 1180, 112), color, 9)
    for x in range(580, 1170, 40):
        draw.line((x, 112, x + 20, 94), color, 3)
        draw.line((x + 20, 94, x + 40, 112), color, 3)
    draw.line((1080, 62, 600, 110), color, 3)
    draw.line((1080, 62, 1170, 110), color, 3)
    draw.line((690, 114, 690, 178), (60, 60, 62), 3)
    draw.rectangle((1150, 114, 1186, 160), (120, 122, 124))


def worker(draw: ImageDraw.ImageDraw, x: int, y: int, size: float, chance: random.Random) -> None:
    def at(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return (x + left * size, y + top * size, x + right * size, y + bottom * size)

    vest = chance.choice(((224, 226, 60), (240, 122, 36)))
    draw.rectangle(at(-13, -62, -2, 0), (52, 62, 84))
    draw.rectangle(at(2, -62, 13, 0), (46, 56, 78))
    draw.rounded_rectangle(at(-20, -124, 20, -58), 8 * size, vest)
    draw.rectangle(at(-20, -98, 20, -92), (214, 216, 210))
    draw.ellipse(at(-11, -150, 11, -124), (188, 148, 120))
    draw.pieslice(at(-15, -160, 15, -128), 180, 360, (244, 244, 240))
