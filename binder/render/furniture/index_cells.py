"""The columns of the index."""

from dataclasses import dataclass

from binder.render.furniture.columns import Column, ColumnPart, columns


@dataclass(frozen=True, slots=True)
class IndexCells:
    """The columns; of documents, the name runs on as far as the mark."""

    name: Column
    period: Column
    status: Column
    signed: Column
    this_period: Column
    retainage: Column
    due: Column
    volume: Column | None
    pages: Column

    @classmethod
    def of(cls, *, volumes: bool) -> "IndexCells":
        volume: list[ColumnPart] = [("Vol.", 22, "right")] if volumes else []
        *first, pages = columns(
            ("Contract, invoice\nand document", 0, "left"),
            ("Period", 84, "left"),
            ("Status", 66, "left"),
            ("Signed", 62, "left"),
            ("This period", 60, "right"),
            ("Retainage\nheld", 56, "right"),
            ("Payment due", 60, "right"),
            *volume,
            ("Pages", 50, "right"),
        )
        name, period, status, signed, this_period, retainage, due, *rest = first
        return cls(
            name=name,
            period=period,
            status=status,
            signed=signed,
            this_period=this_period,
            retainage=retainage,
            due=due,
            volume=rest[0] if rest else None,
            pages=pages,
        )

    @property
    def all(self) -> list[Column]:
        rest = [self.volume] if self.volume else []
        texts = [self.name, self.period, self.status, self.signed]
        return [*texts, self.this_period, self.retainage, self.due, *rest, self.pages]
