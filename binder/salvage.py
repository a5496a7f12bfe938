"""What can be had of page content that cannot be decoded to its end."""

import zlib
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import ContentStreamInstruction, Pdf, Stream

from binder.source import filters_of

_PIECE = 4096
#: More would be a bomb, not a page.
_MOST = 64 << 20

_FLATE = frozenset({"/FlateDecode", "/Fl"})


def salvaged(pdf: Pdf, streams: Iterable[Stream]) -> Stream:
    """One stream in place of a page's damaged ones: all that is drawn before the damage."""
    content = b"\n".join(_readable(stream) for stream in streams)
    try:
        instructions = list(_balanced(pikepdf.parse_content_stream(pdf.make_stream(content))))
        return pdf.make_stream(pikepdf.unparse_content_stream(instructions))
    except (RuntimeError, ValueError, TypeError, pikepdf.PdfError):
        return pdf.make_stream(b"")


def _readable(stream: Stream) -> bytes:
    try:
        return stream.read_bytes()
    except (RuntimeError, ValueError, pikepdf.PdfError, pikepdf.DataDecodingError):
        pass
    try:
        return _decoded(stream.read_raw_bytes(), filters_of(stream))
    except (RuntimeError, ValueError, TypeError, LookupError, pikepdf.PdfError):
        return b""


def _decoded(data: bytes, filters: list[str]) -> bytes:
    for name in filters:
        data = _inflated(data) if name in _FLATE else _decoded_by_pypdf(data, name)
    return data


def _decoded_by_pypdf(data: bytes, name: str) -> bytes:
    # Loaded only for the rare damaged page: it takes more memory than a whole backup.
    from pypdf import filters  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    others = {
        "/LZWDecode": filters.LZWDecode.decode,
        "/ASCII85Decode": filters.ASCII85Decode.decode,
        "/ASCIIHexDecode": filters.ASCIIHexDecode.decode,
    }
    try:
        return bytes(others[name](data))
    except PyPdfError:
        return b""


def _inflated(data: bytes) -> bytes:
    """Everything that comes out before the error."""
    engine = zlib.decompressobj()
    out = bytearray()
    for start in range(0, len(data), _PIECE):
        try:
            out += engine.decompress(data[start : start + _PIECE])
        except zlib.error:
            break
        if len(out) > _MOST:
            break
    return bytes(out)


def _balanced(
    instructions: Iterable[ContentStreamInstruction | pikepdf.ContentStreamInlineImage],
) -> Iterator[ContentStreamInstruction | pikepdf.ContentStreamInlineImage]:
    """Without surplus `Q`, and closed at the end."""
    depth, in_text = 0, False
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "Q" and depth == 0:
            continue
        depth += {"q": 1, "Q": -1}.get(operator, 0)
        in_text = {"BT": True, "ET": False}.get(operator, in_text)
        yield instruction
    if in_text:
        yield ContentStreamInstruction([], pikepdf.Operator("ET"))
    for _ in range(depth):
        yield ContentStreamInstruction([], pikepdf.Operator("Q"))
