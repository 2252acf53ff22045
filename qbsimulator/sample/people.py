"""Whom the sample company deals with: customers, their jobs, vendors, employees. Nobody here is real."""

from __future__ import annotations

from dataclasses import dataclass

#: The first of all: the customer of the first steps. She has no jobs, and nothing happens to her after her last change.
ANNIE = "Annie's Alligators"

RESIDENTIAL, COMMERCIAL, PUBLIC = "Residential", "Commercial", "Public"
_CITY, _COUNTY = "Port Ellery", "Marrow County"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer: a person where there is a last name, else a firm. Jobs by name, with their type."""

    name: str
    first: str
    last: str
    street: str
    town: str = "Port Ellery"
    type: str = RESIDENTIAL
    terms: str = "Net 30"
    tax: str = _CITY
    tax_code: str = "Tax"
    price_level: str = ""
    credit_limit: str = ""
    jobs: tuple[tuple[str, str], ...] = ()

    @property
    def is_firm(self) -> bool:
        """Whether the name is that of a firm, and first and last name those of whom one talks to."""
        return self.type != RESIDENTIAL


CUSTOMERS: tuple[Customer, ...] = (
    Customer("Abbotsrook, Della", "Della", "Abbotsrook", "14 Tern Street", jobs=(("Kitchen", "Remodel"),)),
    Customer(
        "Barrowmere, Theo",
        "Theo",
        "Barrowmere",
        "2201 Quarry Road",
        "Lowgate",
        tax=_COUNTY,
        jobs=(("Deck", "Outdoor"), ("Garage", "New Building")),
    ),
    Customer(
        "Calloway Quince Bakery",
        "Imre",
        "Quince",
        "8 Millrace Lane",
        type=COMMERCIAL,
        terms="2% 10 Net 30",
        credit_limit="150000.00",
        jobs=(("Shop Front", "Remodel"), ("Cold Room", "Addition")),
    ),
    Customer("Dunmarrow, Petra", "Petra", "Dunmarrow", "77 Saltmarsh Way", jobs=(("Bathroom", "Remodel"),)),
    Customer(
        "Eddlestone, Rufus",
        "Rufus",
        "Eddlestone",
        "315 Kestrel Court",
        terms="Net 15",
        jobs=(("Room Addition", "Addition"),),
    ),
    Customer(
        "Fennimore Harp Museum",
        "Odile",
        "Strand",
        "1 Harp Square",
        type=PUBLIC,
        tax_code="Non",
        price_level="Public Works",
        jobs=(("Reading Room", "Remodel"), ("Ramp", "Outdoor")),
    ),
    Customer(
        "Gossamer Lane Cafe",
        "Nils",
        "Varden",
        "42 Gossamer Lane",
        type=COMMERCIAL,
        credit_limit="80000.00",
        jobs=(("Patio", "Outdoor"),),
    ),
    Customer(
        "Hartwhistle, June",
        "June",
        "Hartwhistle",
        "9 Fallow Hill",
        "Lowgate",
        tax=_COUNTY,
        jobs=(("Attic", "Remodel"),),
    ),
    Customer("Inglecote, Sol", "Sol", "Inglecote", "118 Lantern Street", terms="Due on receipt"),
    Customer(
        "Jessamine Court Homes",
        "Wanda",
        "Pell",
        "600 Jessamine Court",
        type=COMMERCIAL,
        terms="Net 60",
        tax_code="Rsl",
        price_level="Builder",
        credit_limit="400000.00",
        jobs=(("House 12", "New Building"), ("House 14", "New Building"), ("House 16", "New Building")),
    ),
    Customer("Kirkwillow, Ambrose", "Ambrose", "Kirkwillow", "5 Rook Street", jobs=(("Roof", "Repair"),)),
    Customer(
        "Lammergate School",
        "Hester",
        "Bly",
        "200 Schoolhouse Road",
        "Lowgate",
        PUBLIC,
        tax=_COUNTY,
        tax_code="Non",
        price_level="Public Works",
        jobs=(("Classrooms", "Remodel"),),
    ),
    Customer(
        "Mossgrave, Lionel",
        "Lionel",
        "Mossgrave",
        "31 Copper Beech Road",
        terms="1% 10 Net 30",
        jobs=(("Kitchen", "Remodel"), ("Porch", "Outdoor")),
    ),
    Customer("Nettlebury, Iris", "Iris", "Nettlebury", "86 Tern Street"),
    Customer(
        "Orchardine Dental",
        "Bram",
        "Sollis",
        "12 Clocktower Place",
        type=COMMERCIAL,
        terms="2% 10 Net 30",
        jobs=(("Surgery", "Remodel"),),
    ),
    Customer("Pellwood, Marta", "Marta", "Pellwood", "404 Heronry Drive", jobs=(("Bathroom", "Remodel"),)),
    Customer(
        "Quenby Stables",
        "Arlo",
        "Quenby",
        "Rural Route 3",
        "Lowgate",
        COMMERCIAL,
        tax=_COUNTY,
        jobs=(("Barn", "New Building"),),
    ),
    Customer("Rushforde, Clem", "Clem", "Rushforde", "27 Ferry Steps", terms="Net 10", jobs=(("Fence", "Outdoor"),)),
    Customer("Silverbeck, Ada", "Ada", "Silverbeck", "150 Mill Pond Road", price_level="Shop Regulars"),
    Customer(
        "Tansley Row Offices",
        "Greta",
        "Holm",
        "10 Tansley Row",
        type=COMMERCIAL,
        credit_limit="80000.00",
        jobs=(("Suite 200", "Remodel"), ("Suite 310", "Remodel")),
    ),
    Customer("Underhay, Jasper", "Jasper", "Underhay", "61 Rook Street", jobs=(("Basement", "Remodel"),)),
    Customer(
        "Vossleigh, Nora",
        "Nora",
        "Vossleigh",
        "3 Windmill Close",
        "Farreach",
        tax="Out of State",
        jobs=(("Cabin", "New Building"),),
    ),
)

#: One for sales over the counter.
WALK_IN = "Walk-in Customer"

#: Their type; whether they get a 1099; terms; town; account that their bills are for.
VENDORS: dict[str, tuple[str, bool, str, str]] = {
    "State Revenue Board": ("Tax Agency", False, "", "Capital Springs"),
    "Marrow County Tax Office": ("Tax Agency", False, "", "Lowgate"),
    "Port Ellery City Treasurer": ("Tax Agency", False, "", "Port Ellery"),
    "Federal Tax Deposits": ("Tax Agency", False, "", "Capital Springs"),
    "State Employment Office": ("Tax Agency", False, "", "Capital Springs"),
    "Thornbush Lumber Yard": ("Materials", False, "1% 10 Net 30", "Lowgate"),
    "Wrenfield Millwork": ("Materials", False, "2% 10 Net 30", "Port Ellery"),
    "Greywacke Stone and Brick": ("Materials", False, "Net 30", "Lowgate"),
    "Brassmoth Hardware Supply": ("Materials", False, "Net 30", "Port Ellery"),
    "Gravelly Run Ready Mix": ("Materials", False, "Net 15", "Lowgate"),
    "Glimmerpane Glass": ("Materials", False, "Net 30", "Port Ellery"),
    "Tansyhue Paint Depot": ("Materials", False, "Net 30", "Port Ellery"),
    "Ironmantle Steel": ("Materials", False, "Net 30", "Lowgate"),
    "Fernhollow Nursery": ("Materials", False, "Net 10", "Lowgate"),
    "Bright Heron Electric": ("Subcontractor", True, "Net 15", "Port Ellery"),
    "Otterpool Plumbing": ("Subcontractor", True, "Net 15", "Port Ellery"),
    "Slatewing Roofing": ("Subcontractor", True, "Net 30", "Lowgate"),
    "Marigold Painters": ("Subcontractor", True, "Net 15", "Port Ellery"),
    "Plumb Bob Drywall": ("Subcontractor", True, "Net 15", "Port Ellery"),
    "Terrazine Tile Setters": ("Subcontractor", True, "Net 30", "Port Ellery"),
    "Badger Bend Excavating": ("Subcontractor", True, "Net 30", "Lowgate"),
    "Emberlocke Heating": ("Subcontractor", True, "Net 30", "Port Ellery"),
    "Cinderwick Masonry": ("Subcontractor", True, "Net 15", "Lowgate"),
    "Crane Hollow Rentals": ("Service Provider", False, "Net 30", "Port Ellery"),
    "Lantern Bay Hauling": ("Service Provider", False, "Net 15", "Port Ellery"),
    "Tallow Street Properties": ("Service Provider", True, "Due on receipt", "Port Ellery"),
    "Beacon Mutual Underwriters": ("Service Provider", False, "Net 30", "Capital Springs"),
    "Sandglass Bookkeeping": ("Service Provider", True, "Net 15", "Port Ellery"),
    "Vellum and Wray, Attorneys": ("Service Provider", True, "Net 30", "Port Ellery"),
    "Pennywhistle Signs": ("Service Provider", False, "Net 30", "Port Ellery"),
    "Inkwell Office Supply": ("Service Provider", False, "Net 30", "Port Ellery"),
    "Drafthorse Software": ("Service Provider", False, "", "Capital Springs"),
    "Magpie Auto Repair": ("Service Provider", False, "Net 10", "Port Ellery"),
    "Oxbow Fuel": ("Service Provider", False, "", "Port Ellery"),
    "Ellery Harbor Bank": ("Service Provider", False, "", "Port Ellery"),
    "Marrow Valley Equipment Credit": ("Service Provider", False, "", "Lowgate"),
    "Wellspring Health Plan": ("Service Provider", False, "10th of month", "Capital Springs"),
    "Builders' Circle of Marrow": ("Service Provider", False, "", "Lowgate"),
    "The Ellery Lamplighter": ("Service Provider", False, "Net 30", "Port Ellery"),
    "Ellery Power and Gas": ("Utility", False, "Net 15", "Port Ellery"),
    "Marrow Valley Water": ("Utility", False, "Net 15", "Lowgate"),
    "Semaphore Telephone": ("Utility", False, "Net 15", "Capital Springs"),
    "City Permit Counter": ("Service Provider", False, "", "Port Ellery"),
    "Swiftlet Couriers": ("Service Provider", False, "Net 10", "Port Ellery"),
    "Plover Lunch Counter": ("Service Provider", False, "", "Port Ellery"),
}

#: First and last name, what they do, when they were hired, and pay of an hour (of a month for the officer).
EMPLOYEES: tuple[tuple[str, str, str, str, str], ...] = (
    ("Cordelia", "Quillfeather", "Owner", "2015-03-02", "6200.00"),
    ("Desmond", "Aldwick", "Foreman", "2016-05-16", "38.50"),
    ("Yolanda", "Fairweather", "Carpenter", "2018-09-04", "33.25"),
    ("Piet", "Marlowe-Stone", "Carpenter", "2021-04-19", "29.00"),
    ("Saskia", "Brightwater", "Office Manager", "2017-01-09", "27.50"),
)

OTHER_NAMES = ("Quillfeather Family Trust", "Petty Cash Box")

#: Initials and the entity that they stand for.
SALES_REPS = {"CQ": "Cordelia Quillfeather", "DA": "Desmond Aldwick", "SB": "Saskia Brightwater"}
