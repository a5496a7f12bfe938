"""How a backup is put together: which pages of ours it has, what each page carries, how it is
split."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from string import Formatter
from typing import Any, Self

from binder.errors import BinderError

STAMP = "{contract} · Inv {position} · p. {page} of {pages}"
#: What a stamp may say; `invoice` is the company's own number, or else the position.
STAMP_FIELDS = frozenset({"contract", "invoice", "position", "backup", "page", "pages"})

_LONGEST_STAMP = 200
_MOST_TYPES = 200
_LONGEST_CODE = 60


class InvalidRecipe(BinderError):
    """A recipe that nobody can follow; the sentence is for the person who wrote it."""


class Order(StrEnum):
    """What comes first inside an invoice: its own pages (or their signed copy), or the
    attachments."""

    INVOICE_FIRST = "invoice_first"
    ATTACHMENTS_FIRST = "attachments_first"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The options of one compile. The defaults make a document; `plain` makes a merged file.

    Raises InvalidRecipe for a stamp with unknown fields and for a volume without room.
    """

    cover: bool = True
    index: bool = True
    tie_out: bool = True
    receipt: bool = True
    #: A divider in front of each contract.
    separators: bool = False
    stamps: bool = True
    #: The text of the stamp, with fields of STAMP_FIELDS in braces.
    stamp: str = STAMP
    #: Whether the pages of ours lead to what they name; some courts want a file without links.
    links: bool = True
    #: Whether the bookmarks that a file brought hang below its own.
    source_bookmarks: bool = True
    order: Order = Order.INVOICE_FIRST
    #: Codes of document types: attachments stand in this order inside an invoice, those of other
    #: types behind them; empty for the invoice's own order. Alike ones keep that.
    type_order: tuple[str, ...] = ()
    #: Codes of the types that stay out.
    left_out_types: tuple[str, ...] = ()
    #: A ZIP beside the PDF with the files as they were received.
    originals: bool = False
    #: The most that one file may weigh, in millions of bytes, and the most pages it may have;
    #: None for no limit.
    volume_megabytes: int | None = None
    volume_pages: int | None = None

    def __post_init__(self) -> None:
        _check_stamp(self.stamp)
        for codes in (self.type_order, self.left_out_types):
            if len(codes) > _MOST_TYPES or any(len(code) > _LONGEST_CODE for code in codes):
                raise InvalidRecipe("The list of document types is longer than any could be.")
        for limit in (self.volume_megabytes, self.volume_pages):
            if limit is not None and limit < 1:
                raise InvalidRecipe("A volume needs room for at least one megabyte and one page.")

    @classmethod
    def plain(cls) -> Self:
        """A plain merge: the documents and their bookmarks, nothing printed on them."""
        return cls(cover=False, index=False, tie_out=False, receipt=False, stamps=False)

    @property
    def has_volumes(self) -> bool:
        """Whether the backup may be split."""
        return self.volume_megabytes is not None or self.volume_pages is not None

    def place_of(self, document_type: str) -> int:
        """Where attachments of this type stand inside an invoice, by which they are sorted."""
        try:
            return self.type_order.index(document_type)
        except ValueError:
            return len(self.type_order)

    def to_json(self) -> dict[str, Any]:
        """As plain data for a JSON column."""
        told = asdict(self)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`: absent keys take their defaults, unknown ones are ignored."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        if "order" in known:
            known["order"] = Order(known["order"])
        for name in ("type_order", "left_out_types"):
            if name in known:
                known[name] = tuple(map(str, known[name]))
        return cls(**known)


def _check_stamp(text: str) -> None:
    if len(text) > _LONGEST_STAMP:
        raise InvalidRecipe(f"The stamp is longer than {_LONGEST_STAMP} characters.")
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise InvalidRecipe(f"The stamp “{text}” has a brace without its partner.") from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in STAMP_FIELDS or form or conversion):
            allowed = ", ".join(f"{{{field}}}" for field in sorted(STAMP_FIELDS))
            raise InvalidRecipe(f"The stamp cannot say {{{name}}}; it knows {allowed}.")
