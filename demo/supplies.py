"""What the suppliers sell: where they are and three things with unit and price in cents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    description: str
    unit: str
    price: int


@dataclass(frozen=True, slots=True)
class Supplier:
    address: str
    products: tuple[Product, ...]


def _supplier(address: str, *products: tuple[str, str, int]) -> Supplier:
    return Supplier(address, tuple(Product(*product) for product in products))


SUPPLIERS = {
    "Kettle Moraine Aggregates": _supplier(
        "N57 Pit Road, Hartland, WI 53029",
        ("Structural fill, 1-1/4 in crushed", "ton", 14_75),
        ("Washed stone, 3/4 in", "ton", 21_90),
        ("Geotextile, 12.5 × 360 ft", "roll", 412_00),
    ),
    "Badger Pipe & Precast": _supplier(
        "340 Culvert Lane, Janesville, WI 53546",
        ("Concrete storm pipe, 18 in", "ft", 43_25),
        ("Precast manhole, 48 in", "each", 2_860_00),
        ("Frame and grate, heavy duty", "each", 485_00),
    ),
    "Lakehead Ready-Mix": _supplier(
        "88 Harbor Silo Street, Milwaukee, WI 53204",
        ("Concrete, 4,000 psi", "cu yd", 168_50),
        ("Concrete, 5,000 psi, air entrained", "cu yd", 184_25),
        ("Water reducer", "cu yd", 9_50),
    ),
    "Great Plains Rebar Supply": _supplier(
        "1450 Mill Yard Road, Peoria, IL 61602",
        ("Bars #5, grade 60, cut and bent", "ton", 1_395_00),
        ("Bars #7, grade 60, cut and bent", "ton", 1_428_00),
        ("Chairs and tie wire", "box", 64_80),
    ),
    "Three Rivers Steel Service": _supplier(
        "600 Rolling Mill Drive, Gary, IN 46402",
        ("Wide flange W18 × 50, A992", "ton", 2_140_00),
        ("Square tube 6 × 6 × 3/8", "ton", 2_380_00),
        ("Base plates, drilled", "each", 185_00),
    ),
    "Decksource Midwest": _supplier(
        "2900 Coil Avenue, Joliet, IL 60436",
        ("Composite deck, 2 in, 20 gauge", "sq ft", 3_48),
        ("Roof deck, 1-1/2 in, 22 gauge", "sq ft", 2_96),
        ("Shear studs, 3/4 × 4 in", "each", 2_15),
    ),
    "Rock River Block": _supplier(
        "17 Kiln Street, Beloit, WI 53511",
        ("Block, 8 × 8 × 16 in", "each", 2_89),
        ("Block, 12 × 8 × 16 in", "each", 3_98),
        ("Mortar, type S", "bag", 14_15),
    ),
    "Hallam & Sons Brick": _supplier(
        "5 Clay Bank Road, Streator, IL 61364",
        ("Face brick, Harbor blend", "thousand", 985_00),
        ("Special shapes", "each", 7_45),
        ("Stainless ties", "box", 68_50),
    ),
    "Northland Roof Supply": _supplier(
        "7120 West Fond du Lac Avenue, Milwaukee, WI 53218",
        ("Polyisocyanurate board, 2.6 in", "sq ft", 1_42),
        ("TPO membrane, 60 mil, 10 × 100 ft", "roll", 1_185_00),
        ("Bonding adhesive, 5 gal", "pail", 219_00),
    ),
    "Auralite Glass Works": _supplier(
        "41 Float Line Road, Owatonna, MN 55060",
        ("Insulated unit, low-e, type W-3", "each", 1_184_00),
        ("Spandrel panel, type S-1", "each", 862_00),
        ("Gasket, black", "ft", 3_15),
    ),
    "Cream City Drywall Supply": _supplier(
        "2020 South 43rd Street, Milwaukee, WI 53219",
        ("Stud, 3-5/8 in, 20 gauge", "ft", 1_18),
        ("Board, 5/8 in, type X", "sheet", 16_89),
        ("Joint compound, 4.5 gal", "pail", 18_95),
    ),
    "Port Supply & Valve": _supplier(
        "1301 South Carferry Drive, Milwaukee, WI 53207",
        ("Steel pipe, 4 in, schedule 40", "ft", 24_40),
        ("Copper tube, 2 in, type L", "ft", 19_85),
        ("Butterfly valve, 4 in", "each", 318_00),
    ),
    "Menomonee Electric Supply": _supplier(
        "N90 Main Street, Menomonee Falls, WI 53051",
        ("Conduit, 1 in EMT", "ft", 2_12),
        ("Copper wire, 500 kcmil", "ft", 11_65),
        ("Panelboard, 225 A", "each", 2_145_00),
    ),
    "Brightwell Lighting": _supplier(
        "880 Lumen Park, Schaumburg, IL 60173",
        ("LED troffer, 2 × 4 ft", "each", 189_00),
        ("Downlight, 6 in", "each", 94_50),
        ("Examination light", "each", 642_00),
    ),
    "Aesculan Medical Gas": _supplier(
        "12 Purity Court, Kenosha, WI 53144",
        ("Copper tube, 1 in, type K, cleaned", "ft", 26_75),
        ("Zone valve box", "each", 985_00),
        ("Outlet, oxygen", "each", 278_00),
    ),
}
