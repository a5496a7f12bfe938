"""The building site, trade by trade, on a picture of 1200 by 900 points."""

import random

from PIL import ImageDraw

from demo.scenery import crane, excavator, ground, sky, treeline, worker


def excavation(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    sky(draw, 380)
    treeline(draw, chance, 380)
    ground(draw, chance, 380, (146, 116, 84))
    for step in range(4):
        inset, y = 90 * step, 470 + 74 * step
        shade = 132 - 16 * step
        draw.polygon(
            [(120 + inset, y), (1080 - inset, y), (1150 - inset, y + 74), (50 + inset, y + 74)],
            (shade, int(shade * 0.8), int(shade * 0.58)),
        )
    excavator(draw, 700, 470)
    for _ in range(420):
        x, y = chance.randint(0, 1200), chance.randint(420, 890)
        size = chance.randint(1, 4) * (y - 300) // 250
        tone = chance.randint(70, 150)
        draw.ellipse((x, y, x + size * 2, y + size), (tone, int(tone * 0.84), int(tone * 0.66)))


def steel_frame(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    sky(draw, 700)
    treeline(draw, chance, 690)
    ground(draw, chance, 690, (150, 141, 128))
    crane(draw)
    for depth in (2, 1, 0):
        red = (118 + 26 * depth, 60 + 26 * depth, 48 + 26 * depth)
        left, right = 170 + 62 * depth, 985 - 22 * depth
        top, bottom = 190 + 28 * depth, 760 - 22 * depth
        width = 15 - 4 * depth
        columns = [left + (right - left) * n // 5 for n in range(6)]
        for x in columns:
            draw.rectangle((x, top, x + width, bottom), red)
        for level in range(4):
            y = top + (bottom - top) * level // 4
            end = columns[chance.randint(3, 5)] if level == 0 and depth == 0 else columns[-1]
            draw.rectangle((left, y, end + width, y + width), tuple(c - 14 for c in red))
        draw.line((columns[2], bottom, columns[3], top + (bottom - top) // 2), red, 7 - 2 * depth)
    draw.rectangle((175, 618, 990, 626), (176, 182, 188))


def concrete_deck(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    sky(draw, 330)
    treeline(draw, chance, 330)
    draw.polygon([(0, 330), (1200, 330), (1200, 900), (0, 900)], (168, 168, 163))
    draw.polygon([(0, 470), (1200, 400), (1200, 900), (0, 900)], (187, 187, 182))
    for n in range(36):
        x = -700 + n * 74
        draw.line((x, 900, 430 + x * 0.3, 430), (104, 84, 72), 3)
    for n in range(13):
        y = 440 + int(3.1 * n**1.95)
        draw.line((0, y + 30, 1200, y - 16), (112, 90, 76), 2 + n // 4)
    draw.polygon([(0, 640), (560, 900), (0, 900)], (205, 204, 198))
    for x, size in ((860, 1.0), (960, 0.92), (420, 0.7)):
        worker(draw, x, 610, size, chance)


def brick_wall(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    sky(draw, 900)
    for row in range(44):
        y = 120 + row * 15
        for column in range(-1, 34):
            x = column * 36 + (18 if row % 2 else 0)
            if row < 10 and x > 620 + row * 30:
                continue
            tone = chance.randint(-14, 14)
            draw.rectangle((x, y, x + 33, y + 12), (158 + tone, 82 + tone, 62 + tone))
    for x, y in ((180, 330), (560, 330)):
        draw.rectangle((x, y, x + 190, y + 250), (58, 70, 80))
        draw.rectangle((x - 8, y + 250, x + 198, y + 270), (206, 199, 184))
        draw.rectangle((x + 92, y, x + 98, y + 250), (190, 196, 200))
    for x in (60, 430, 800, 1130):
        draw.line((x, 60, x, 800), (126, 132, 138), 9)
    for y in (300, 560):
        draw.rectangle((0, y, 1200, y + 13), (188, 156, 104))
        draw.line((0, y - 86, 1200, y - 86), (204, 170, 40), 5)
    ground(draw, chance, 780, (139, 124, 104))
    worker(draw, 930, 558, 0.9, chance)


def roof(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    sky(draw, 400)
    treeline(draw, chance, 400)
    draw.polygon([(0, 440), (1200, 412), (1200, 900), (0, 900)], (226, 228, 228))
    for n in range(9):
        x = -420 + n * 210
        draw.line((x, 900, 420 + x * 0.42, 425), (196, 200, 202), 4)
    draw.polygon([(0, 430), (1200, 402), (1200, 424), (0, 456)], (150, 158, 164))
    for x, y, size in ((690, 560, 1.0), (250, 500, 0.7)):
        width, height = int(210 * size), int(120 * size)
        draw.rectangle((x, y - height, x + width, y), (176, 182, 186))
        draw.polygon([(x + width, y - height), (x + width + 46, y - height - 18),
                      (x + width + 46, y - 18), (x + width, y)], (142, 148, 154))  # fmt: skip
        for n in range(6):
            left = x + 14 + n * width // 7
            draw.line((left, y - height + 14, left, y - 14), (120, 126, 132), 4)
    for n in range(3):
        draw.rectangle((880 + 74 * n, 690, 934 + 74 * n, 812), (240, 240, 238), (188, 190, 192))
        draw.ellipse((880 + 74 * n, 680, 934 + 74 * n, 702), (214, 216, 216))


def facade(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    sky(draw, 900)
    for row in range(6):
        for column in range(9):
            x, y = 60 + column * 124, 40 + row * 132
            if row == 4 and column > 4:
                draw.rectangle((x, y, x + 120, y + 128), (66, 68, 70))
                draw.line((x, y, x + 120, y + 128), (92, 94, 96), 3)
                continue
            for line in range(128):
                share = (row * 128 + line) / 760
                tone = int(chance.uniform(-3, 3))
                color = (int(96 + 92 * share) + tone, int(132 + 66 * share), int(158 + 52 * share))
                draw.line((x, y + line, x + 120, y + line), color)
            draw.polygon([(x, y + 60), (x + 70, y), (x + 96, y), (x, y + 88)], (186, 206, 218))
            draw.rectangle((x - 4, y - 4, x + 121, y + 129), outline=(48, 54, 60), width=6)
    draw.rectangle((0, 826, 1200, 900), (122, 116, 106))
    draw.rectangle((760, 600, 986, 640), (214, 132, 30))
    for n in range(5):
        draw.line((790, 640 + n * 40, 950, 680 + n * 40), (120, 122, 124), 7)
        draw.line((950, 640 + n * 40, 790, 680 + n * 40), (120, 122, 124), 7)
    worker(draw, 860, 604, 0.72, chance)


def interior(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A corridor: studs on both sides, pipes and ducts above, one vanishing point."""
    middle, horizon = 600, 430
    draw.rectangle((0, 0, 1200, 900), (92, 94, 96))
    draw.polygon([(0, 900), (1200, 900), (700, 500), (500, 500)], (152, 148, 140))
    draw.polygon([(0, 0), (1200, 0), (700, 360), (500, 360)], (62, 64, 68))
    for n in range(1, 15):
        scale = 1 / (0.55 + n * 0.24)
        near, high, low = int(470 * scale), int(330 * scale), int(370 * scale)
        tone = max(96, 200 - n * 8)
        for side in (-1, 1):
            x = middle + side * near
            width = max(2, int(17 * scale))
            draw.rectangle((min(x, x + side * width), horizon - high, max(x, x + side * width),
                            horizon + low), (tone, tone, tone + 6))  # fmt: skip
        draw.line((middle - near, horizon - high, middle + near, horizon - high),
                  (tone - 40,) * 3, max(1, int(9 * scale)))  # fmt: skip
    draw.polygon([(300, 0), (520, 0), (570, 378), (548, 378)], (186, 190, 194))
    for offset, color in ((720, (176, 108, 66)), (790, (176, 108, 66)), (872, (206, 60, 50))):
        end = middle + (offset - middle) * 0.1
        draw.line((offset, 0, end, 380), color, 17)
        draw.line((offset - 4, 0, end - 1, 380), tuple(min(255, c + 46) for c in color), 4)
    draw.ellipse((560, 392, 640, 452), (228, 226, 212))
    worker(draw, 690, 600, 0.8, chance)


def equipment(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    draw.rectangle((0, 0, 1200, 900), (190, 190, 184))
    draw.polygon([(0, 690), (1200, 660), (1200, 900), (0, 900)], (136, 138, 138))
    draw.rectangle((0, 0, 1200, 70), (150, 150, 146))
    for n in range(6):
        x = 90 + n * 172
        draw.rectangle((x, 150, x + 166, 716), (112, 122, 128), (70, 76, 80), 4)
        draw.rectangle((x + 16, 176, x + 150, 300), (92, 102, 108))
        draw.rectangle((x + 44, 200, x + 120, 248), (30, 36, 40))
        light = chance.choice(((70, 190, 90), (210, 60, 50), (236, 186, 60)))
        draw.ellipse((x + 72, 262, x + 92, 282), light)
        for slot in range(8):
            draw.rectangle((x + 24, 560 + slot * 16, x + 142, 567 + slot * 16), (78, 86, 92))
        draw.rectangle((x + 140, 400, x + 150, 470), (40, 44, 48))
    draw.polygon([(60, 716), (1130, 716), (1150, 742), (40, 746)], (70, 72, 74))
    draw.line((0, 100, 1200, 92), (150, 156, 160), 24)
