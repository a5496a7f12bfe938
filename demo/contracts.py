"""The contracts of the demo project."""

from datetime import date

from demo.project import Contract, Order, Part

_SITE = Contract(
    "SC-001", "Earthwork and site utilities", "Tallgrass Excavating, Inc.",
    "W228 County Line Road, Sussex, WI 53089", date(2026, 2, 9), "TGX-", 1041, (3, 4, 5, 6, 7),
    (
        Part("010", "Mobilization", 18_000_00, "31-0100", 1, 1),
        Part("020", "Erosion control", 14_600_00, "31-2500", 1, 2),
        Part("030", "Mass excavation and haul-off", 164_500_00, "31-2300", 1, 3),
        Part("040", "Structural backfill and compaction", 71_200_00, "31-2300", 2, 4,
             "Kettle Moraine Aggregates"),
        Part("050", "Storm sewer", 88_900_00, "33-4100", 2, 4, "Badger Pipe & Precast"),
        Part("060", "Parking lot subgrade", 52_300_00, "32-1100", 3, 4),
        Part("070", "Final grading", 23_500_00, "31-2200", 4, 4),
    ),
    (
        Order("1", "Unsuitable soil at the east wing", "approved",
              (Part("1", "Undercut and replace, 290 cubic yards", 21_750_00),),
              date(2026, 4, 16), 2),
    ),
)  # fmt: skip

_CONCRETE = Contract(
    "SC-002", "Cast-in-place concrete", "Norbeck Concrete Co.",
    "5120 South Quarry Avenue, Cudahy, WI 53110", date(2026, 2, 13), "26-", 208,
    (3, 4, 5, 6, 7, 8),
    (
        Part("010", "Mobilization and layout", 26_400_00, "03-0100", 1, 1),
        Part("020", "Footings and foundation walls", 238_000_00, "03-3000", 1, 3,
             "Lakehead Ready-Mix"),
        Part("030", "Reinforcing steel", 121_600_00, "03-2000", 1, 4, "Great Plains Rebar Supply"),
        Part("040", "Slab on grade", 142_300_00, "03-3000", 3, 5, "Lakehead Ready-Mix"),
        Part("050", "Elevated decks", 186_900_00, "03-3000", 4, 7, "Lakehead Ready-Mix"),
        Part("060", "Retaining wall, north lot", 24_800_00, "03-3000"),
        Part("070", "Site concrete and curbs", 68_400_00, "32-1600", 6, 8),
        Part("080", "Joint sealing", 17_500_00, "07-9200", 7, 8),
    ),
    (
        Order("1", "Thicker slab below the imaging suite", "approved",
              (Part("1", "Concrete, 4 inches more", 12_180_00),
               Part("2", "Reinforcing, second mat", 6_460_00)),
              date(2026, 5, 21), 4),
        Order("2", "Delete the rest of the north lot wall", "approved",
              (Part("1", "Wall not built", -14_880_00),), date(2026, 6, 11), 4),
        Order("3", "Housekeeping pads, mechanical room", "pending",
              (Part("1", "Six pads", 6_900_00),)),
    ),
)  # fmt: skip

_STEEL = Contract(
    "SC-003", "Structural steel", "Ironwright Fabricators, LLC",
    "900 Foundry Street, Waukesha, WI 53186", date(2026, 2, 20), "IW26", 310, (4, 5, 6, 7, 8),
    (
        Part("010", "Shop drawings and detailing", 34_000_00, "05-1200", 1, 1),
        Part("020", "Fabricated steel, delivered", 612_000_00, "05-1200", 0, 0,
             "Three Rivers Steel Service"),
        Part("030", "Steel deck", 148_500_00, "05-3100", 3, 5, "Decksource Midwest"),
        Part("040", "Erection", 284_000_00, "05-1200", 2, 5),
        Part("050", "Stairs and miscellaneous metals", 97_200_00, "05-5000", 4, 6),
    ),
    (
        Order("1", "Frame for the roof screen", "approved",
              (Part("1", "Galvanized frame, furnished and set", 9_860_00),),
              date(2026, 7, 9), 5),
    ),
)  # fmt: skip

_MASONRY = Contract(
    "SC-004", "Masonry", "Calloway Masonry Works",
    "2217 West Mill Road, Milwaukee, WI 53209", date(2026, 3, 17), "CMW-", 77, (5, 6, 7, 8),
    (
        Part("010", "Scaffolding", 31_200_00, "01-5423", 1, 4),
        Part("020", "Concrete block walls", 156_700_00, "04-2200", 1, 3, "Rock River Block"),
        Part("030", "Face brick", 203_400_00, "04-2100", 2, 5, "Hallam & Sons Brick"),
        Part("040", "Cast stone sills", 38_900_00, "04-7200", 3, 4),
        Part("050", "Cleaning", 11_300_00, "04-0120", 5, 5),
    ),
)  # fmt: skip

_ROOFING = Contract(
    "SC-005", "Roofing", "Summit Ridge Roofing, Inc.",
    "14 Commerce Court, Mequon, WI 53092", date(2026, 4, 2), "SR-", 5512, (6, 7, 8),
    (
        Part("010", "Vapor barrier and insulation", 118_600_00, "07-2200", 1, 3,
             "Northland Roof Supply"),
        Part("020", "TPO membrane", 164_200_00, "07-5400", 2, 4, "Northland Roof Supply"),
        Part("030", "Sheet metal flashing", 47_900_00, "07-6200", 3, 4),
        Part("040", "Roof hatches and accessories", 12_750_00, "07-7200", 3, 3),
    ),
    work_rate=5,
)  # fmt: skip

_GLAZING = Contract(
    "SC-006", "Curtain wall and glazing", "Lakeshore Glazing Systems",
    "3350 North Holton Street, Milwaukee, WI 53212", date(2026, 3, 6), "LGS-", 640, (5, 6, 7, 8),
    (
        Part("010", "Engineering and shop drawings", 42_000_00, "08-4400", 1, 1),
        Part("020", "Curtain wall units", 388_000_00, "08-4400", 0, 0, "Auralite Glass Works"),
        Part("030", "Storefront entrances", 74_600_00, "08-4300", 3, 5),
        Part("040", "Interior glazing", 52_800_00, "08-8100", 4, 6),
        Part("050", "Sealants", 16_900_00, "07-9200", 4, 6),
    ),
)  # fmt: skip

_INTERIORS = Contract(
    "SC-007", "Framing, drywall and ceilings", "Brandt & Oyelaran Interiors",
    "7605 West Greenfield Avenue, West Allis, WI 53214", date(2026, 4, 14), "BO-", 1180, (6, 7, 8),
    (
        Part("010", "Metal framing", 172_400_00, "09-2200", 1, 3, "Cream City Drywall Supply"),
        Part("020", "Gypsum board", 196_800_00, "09-2900", 2, 5, "Cream City Drywall Supply"),
        Part("030", "Acoustical ceilings", 88_300_00, "09-5100", 3, 6),
        Part("040", "General conditions", 24_000_00, "01-3100"),
    ),
)  # fmt: skip

_MECHANICAL = Contract(
    "SC-008", "Heating, ventilation and air conditioning", "Northwind Mechanical, LLC",
    "4480 South Pennsylvania Avenue, St. Francis, WI 53235", date(2026, 2, 16), "NM", 88120,
    (3, 4, 5, 6, 7, 8),
    (
        Part("010", "Submittals and coordination", 46_000_00, "23-0100", 1, 2),
        Part("020", "Underground piping", 88_400_00, "23-2100", 1, 3, "Port Supply & Valve"),
        Part("030", "Hydronic piping", 264_500_00, "23-2100", 2, 7, "Port Supply & Valve"),
        Part("040", "Ductwork", 342_800_00, "23-3100", 2, 8),
        Part("050", "Setting of equipment", 118_200_00, "23-7000", 5, 8),
        Part("060", "Controls", 156_000_00, "23-0900", 5, 9),
        Part("070", "Testing and balancing", 38_600_00, "23-0593"),
    ),
    (
        Order("1", "Reroute mains at corridor 140", "approved",
              (Part("1", "Piping and fittings", 17_840_50), Part("2", "Labor, 96 hours", 9_475_00)),
              date(2026, 6, 25), 5),
    ),
)  # fmt: skip

_ELECTRICAL = Contract(
    "SC-009", "Electrical", "Volta Park Electric, Inc.",
    "1903 East Bolivar Avenue, Milwaukee, WI 53207", date(2026, 2, 18), "VP-26-", 14,
    (3, 4, 5, 6, 7, 8),
    (
        Part("010", "Temporary power", 29_800_00, "26-0100", 1, 1),
        Part("020", "Underground conduit", 74_300_00, "26-0500", 1, 2, "Menomonee Electric Supply"),
        Part("030", "Feeders and distribution", 218_600_00, "26-2400", 3, 7,
             "Menomonee Electric Supply"),
        Part("040", "Branch wiring", 246_900_00, "26-0500", 3, 8),
        Part("050", "Lighting fixtures", 187_400_00, "26-5100", 5, 8, "Brightwell Lighting"),
        Part("060", "Fire alarm", 96_500_00, "28-4600", 4, 8),
        Part("070", "Low-voltage pathways", 44_200_00, "27-0500", 2, 6),
    ),
)  # fmt: skip

_PLUMBING = Contract(
    "SC-010", "Plumbing and medical gas", "Deep River Plumbing Co.",
    "616 West Badger Road, Oak Creek, WI 53154", date(2026, 3, 4), "DR", 4406, (4, 5, 6, 7, 8),
    (
        Part("010", "Underground sanitary", 68_900_00, "22-1300", 1, 2, "Port Supply & Valve"),
        Part("020", "Domestic water risers", 112_400_00, "22-1100", 2, 5),
        Part("030", "Medical gas piping", 134_600_00, "22-6000", 3, 7, "Aesculan Medical Gas"),
        Part("040", "Fixtures", 97_800_00, "22-4000", 5, 7),
        Part("050", "Pipe insulation", 31_500_00, "22-0700", 4, 6),
    ),
    (
        Order("1", "Sensor faucets in exam rooms", "rejected", (Part("1", "Faucets", 11_240_00),)),
        Order("2", "Delete two janitor sinks", "approved",
              (Part("1", "Sinks and rough-in", -3_480_00),),
              date(2026, 7, 30), 5),
    ),
)  # fmt: skip

_AIR_UNITS = Contract(
    "PO-101", "Air handling units AHU-1 and AHU-2", "Corvane Air Systems",
    "71 Industrial Parkway, Rockford, IL 61109", date(2026, 2, 27), "CAS", 20331, (6, 8),
    (
        Part("010", "Two units, 24,000 cfm", 248_000_00, "23-7400"),
        Part("020", "Start-up and training", 14_500_00, "23-7400"),
        Part("030", "Freight", 9_850_00, "23-7400", 2, 2),
    ),
    work_rate=5,
)  # fmt: skip

_SWITCHGEAR = Contract(
    "PO-102", "Main switchgear", "Halberd Switchgear Corporation",
    "2500 Voltage Way, Cedar Rapids, IA 52404", date(2026, 3, 11), "HSC-", 9017, (5, 7),
    (
        Part("010", "Submittal drawings", 8_400_00, "26-2300", 1, 1),
        Part("020", "Switchgear, 2,000 A, delivered", 186_500_00, "26-2300", 2, 2),
        Part("030", "Spare parts", 6_300_00, "26-2300"),
    ),
    work_rate=5,
    stored_rate=5,
    executed=False,
)  # fmt: skip

CONTRACTS = (
    _SITE, _CONCRETE, _STEEL, _MASONRY, _ROOFING, _GLAZING,
    _INTERIORS, _MECHANICAL, _ELECTRICAL, _PLUMBING, _AIR_UNITS, _SWITCHGEAR,
)  # fmt: skip
