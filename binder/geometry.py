"""Where a page's visible area lies and how it is turned."""

from dataclasses import dataclass

from pikepdf import Array, Dictionary, Object

from binder.source import inherited, is_dictionary

LETTER = (0.0, 0.0, 612.0, 792.0)

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PageGeometry:
    """The visible box in the page's own units, `rotate` clockwise degrees (0, 90, 180, 270), `unit`
    in points."""

    box: Box
    rotate: int
    unit: float

    @property
    def displayed_size(self) -> tuple[float, float]:
        """Width and height in points as readers show the page."""
        width = (self.box[2] - self.box[0]) * self.unit
        height = (self.box[3] - self.box[1]) * self.unit
        return (height, width) if self.rotate in {90, 270} else (width, height)


def push_down(page: Object) -> PageGeometry:
    """Write inherited attributes into the page itself, corrected where they make no sense; its
    geometry."""
    media = _box(inherited(page, "/MediaBox")) or LETTER
    crop_object = inherited(page, "/CropBox")
    visible = _intersection(_box(crop_object) or media, media) or media
    rotate = _right_angle(inherited(page, "/Rotate"))
    page.MediaBox = _numbers(media)
    if crop_object is not None:
        page.CropBox = _numbers(visible)
    if rotate:
        page.Rotate = rotate
    elif "/Rotate" in page:
        del page["/Rotate"]
    resources = inherited(page, "/Resources")
    page.Resources = resources if is_dictionary(resources) else Dictionary()
    return PageGeometry(visible, rotate, _unit(page))


def _box(value: Object | None) -> Box | None:
    """A box with its corners in order; None when it is none."""
    try:
        a, b, c, d = (float(number) for number in value)  # type: ignore[union-attr]
    except (TypeError, ValueError):
        return None
    left, right = sorted((a, c))
    bottom, top = sorted((b, d))
    return (left, bottom, right, top) if right - left > 0.1 and top - bottom > 0.1 else None


def _intersection(a: Box, b: Box) -> Box | None:
    left, bottom = max(a[0], b[0]), max(a[1], b[1])
    right, top = min(a[2], b[2]), min(a[3], b[3])
    return (left, bottom, right, top) if right > left and top > bottom else None


def _right_angle(value: object) -> int:
    try:
        turned = int(value) % 360  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return 0
    return turned if turned % 90 == 0 else 0


def _unit(page: Object) -> float:
    if "/UserUnit" not in page:
        return 1.0
    try:
        unit = float(page["/UserUnit"])
    except (TypeError, ValueError):
        return 1.0
    return unit if unit > 0 else 1.0


def _numbers(box: Box) -> Array:
    return Array([int(x) if x == int(x) else round(x, 4) for x in box])
