"""Fragments of the pages that we draw ourselves: nothing to clean, and slots for links."""

from io import BytesIO
from pathlib import Path

import pikepdf

from binder.fragment import Fragment
from binder.geometry import push_down
from binder.layers import Layers
from binder.pack import pack
from binder.slots import own_content, reserve_slots


def fragment_of_own(pdf: bytes, dest: Path) -> Fragment:
    """Write the fragment of a PDF without annotations that we drew to `dest`."""
    with pikepdf.open(BytesIO(pdf)) as drawn:
        geometry = tuple(push_down(page.obj) for page in drawn.pages)
        slots = reserve_slots(drawn, geometry, own_content(drawn), Layers())
        return pack(drawn, slots, dest, ())
