"""The surface our pages are drawn on."""

from typing import Any

from xhtml2pdf.builders.printmarks import MarkedCanvas

from binder.render import fonts


class EmbeddedCanvas(MarkedCanvas):
    """A canvas that names no font which is not embedded.

    The libraries select Helvetica before they draw in a face of ours, which alone would list an
    unembedded font in every file.
    """

    def setFont(self, psfontname: str, size: float, leading: float | None = None) -> Any:  # noqa: N802
        """As ReportLab's, with our own face for its default one."""
        name = fonts.REGULAR if psfontname == "Helvetica" else psfontname
        return super().setFont(name, size, leading)
