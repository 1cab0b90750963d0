"""What the four sample domains are about: the words from which ``synthetic`` makes items that read like the real thing.

Every domain has ten topics. A topic's items come in lines (a product line, a creator's series, a course track, a fund
family) of five steps that people take in order. All names are invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One subject of a domain.

    Attributes:
        category: Where it stands in the catalogue.
        steps: What the five items of each line are, in the order people take them.
        tags: Of its items.
        details: Ends of sentences for descriptions.
    """

    category: str
    steps: tuple[str, str, str, str, str]
    tags: tuple[str, ...]
    details: tuple[str, ...]


@dataclass(frozen=True)
class Domain:
    """One sample data set.

    Attributes:
        item_prefix: Begins item ids.
        maker_column: Item column, and fact relation, for who makes an item.
        makers: Who makes items.
        lines: Names of lines; every topic uses eight of them.
        title: Template with ``{maker}``, ``{line}``, ``{step}``, ``{category}``.
        descriptions: Templates with the same fields and ``{detail}``, ``{place}``.
        places: For descriptions and facts.
        place_relation: Fact relation from an item to a place.
        number_column: A numeric item column.
        number_range: Its lowest and highest value.
        has_ratings: Whether people rate what they use.
        topics: By name; also the order in which tastes drift.
    """

    item_prefix: str
    maker_column: str
    makers: tuple[str, ...]
    lines: tuple[str, ...]
    title: str
    descriptions: tuple[str, ...]
    places: tuple[str, ...]
    place_relation: str
    number_column: str
    number_range: tuple[float, float]
    has_ratings: bool
    topics: Mapping[str, Topic]


SHOP = Domain(
    item_prefix="S",
    maker_column="brand",
    makers=(
        "Norrvik",
        "Alder & Pine",
        "Kestrel Works",
        "Oru",
        "Hallmark Ridge",
        "Tessell",
        "Bramble",
        "Lumen House",
        "Castaña",
        "Vetra",
    ),
    lines=(
        "Ridgeline",
        "Fjell",
        "Harbor",
        "Solstice",
        "Meadow",
        "Cinder",
        "Lark",
        "Granite",
        "Juniper",
        "Atlas",
        "Drift",
        "Ember",
        "Quarry",
        "Willow",
        "Summit",
        "Tern",
    ),
    title="{maker} {line} {step}",
    descriptions=(
        "The {line} {step} from {maker} is built for {detail}. Made in {place}, with spare parts for ten years.",
        "{maker} designed the {line} with one aim: {detail}. The {step} packs small and is repaired for free.",
        "A {step} that does its work quietly. {maker} took two seasons over {detail}, and it shows.",
        "For {detail}. The {line} {step} is tested in {place} before it ships and comes with a five-year warranty.",
    ),
    places=("Portugal", "Finland", "Slovenia", "Japan", "Wales", "Vermont"),
    place_relation="made_in",
    number_column="price",
    number_range=(9, 390),
    has_ratings=False,
    topics={
        "camping": Topic(
            "Outdoor > Camping",
            ("Two-Person Tent", "Sleeping Mat", "Down Sleeping Bag", "Gas Stove", "Folding Lantern"),
            ("camping", "overnight", "lightweight"),
            ("nights above the tree line", "wet weekends without complaint", "a pack that stays under ten kilos"),
        ),
        "hiking": Topic(
            "Outdoor > Hiking",
            ("Trail Shoe", "Merino Socks", "Trekking Poles", "Rain Shell", "28 L Daypack"),
            ("hiking", "trail", "weatherproof"),
            ("long days on stony paths", "weather that changes at noon", "feet that still want to go on"),
        ),
        "cycling": Topic(
            "Sport > Cycling",
            ("Commuter Helmet", "Front Light", "Pannier Bag", "Multi-Tool", "Floor Pump"),
            ("cycling", "commute", "city"),
            ("the ride to work in January", "being seen at every crossing", "repairs by the roadside"),
        ),
        "running": Topic(
            "Sport > Running",
            ("Daily Trainer", "Split Shorts", "Hydration Vest", "Headlamp", "Recovery Roller"),
            ("running", "training", "breathable"),
            ("the first ten kilometres and the last", "early starts in the dark", "legs that need to work tomorrow"),
        ),
        "coffee": Topic(
            "Kitchen > Coffee",
            ("Pour-Over Dripper", "Paper Filters", "Gooseneck Kettle", "Hand Grinder", "Brewing Scale"),
            ("coffee", "brewing", "slow-morning"),
            ("a clean cup every morning", "even extraction without fuss", "four quiet minutes before the day starts"),
        ),
        "baking": Topic(
            "Kitchen > Baking",
            ("Dough Bowl", "Proofing Basket", "Bread Lame", "Cast-Iron Loaf Pan", "Cooling Rack"),
            ("baking", "sourdough", "kitchen"),
            ("a loaf with an open crumb", "slow dough and short recipes", "Sunday bread that lasts till Wednesday"),
        ),
        "garden": Topic(
            "Home > Garden",
            ("Seed Tray", "Hand Trowel", "Raised Bed Kit", "Watering Can", "Pruning Shears"),
            ("garden", "grow-your-own", "balcony"),
            ("balconies that want tomatoes", "heavy soil and light hands", "the first warm week of April"),
        ),
        "desk": Topic(
            "Home > Office",
            ("Standing Desk", "Monitor Arm", "Task Lamp", "Desk Mat", "Cable Tray"),
            ("office", "ergonomic", "work-from-home"),
            ("long calls and straight backs", "a desk with nothing on it", "light that does not tire the eyes"),
        ),
        "photo": Topic(
            "Electronics > Photography",
            ("Camera Strap", "Prime Lens Case", "Travel Tripod", "Variable ND Filter", "Sling Bag"),
            ("photography", "travel", "camera"),
            ("slow shutter speeds by the sea", "a camera that is always at hand", "carrying less and seeing more"),
        ),
        "winter": Topic(
            "Outdoor > Winter",
            ("Wool Base Layer", "Insulated Gloves", "Snow Goggles", "Touring Pack", "Vacuum Flask"),
            ("winter", "snow", "insulated"),
            ("mornings at minus fifteen", "the long way down after sunset", "layers that dry by breakfast"),
        ),
    },
)

SOCIAL = Domain(
    item_prefix="P",
    maker_column="creator",
    makers=(
        "mira.cooks",
        "thehalfpixel",
        "slowtrails",
        "vinyl_nadia",
        "oto & the stars",
        "kofi builds",
        "lena_in_lisbon",
        "desk.botanist",
        "retro.ravi",
        "samuwrites",
    ),
    lines=(
        "Notes from a small room",
        "One pan, one hour",
        "Weekend field log",
        "Things I got wrong",
        "A year of trying",
        "The long way round",
        "Before breakfast",
        "Five-minute study",
        "Letters to a beginner",
        "Made by hand",
        "Out of the archive",
        "On a budget",
        "With strangers",
        "After dark",
        "From scratch",
        "Slow Sundays",
    ),
    title="{line}: {step}",
    descriptions=(
        "{maker} on {category}: {step}. This one is about {detail}, filmed in {place}.",
        "New in “{line}”. {detail}, told the way it happened, mistakes included.",
        "{step}, and why it took three tries. If you care about {detail}, start here. Recorded in {place}.",
        "A short post from {place} about {detail}. Save it for later; the next part builds on it.",
    ),
    places=("Lisbon", "Accra", "Kyoto", "Leeds", "Oaxaca", "Tartu"),
    place_relation="filmed_in",
    number_column="minutes",
    number_range=(1, 28),
    has_ratings=False,
    topics={
        "street food": Topic(
            "Food > Street food",
            (
                "how I found the stall",
                "asking for the recipe",
                "first attempt at home",
                "the sauce, solved",
                "cooking it for forty people",
            ),
            ("food", "street-food", "travel"),
            ("dumplings at six in the morning", "what a good broth needs", "eating well for two coins"),
        ),
        "sketching": Topic(
            "Art > Urban sketching",
            (
                "choosing a pen",
                "drawing a doorway",
                "people who will not sit still",
                "a whole street in ink",
                "adding one colour",
            ),
            ("art", "sketchbook", "city"),
            ("drawing what you see, not what you know", "perspective without a ruler", "keeping a page a day"),
        ),
        "trail running": Topic(
            "Sport > Trail running",
            ("why I started", "the first hill", "running downhill", "thirty kilometres in fog", "race morning"),
            ("running", "mountains", "training"),
            ("breathing on the climb", "knees and patience", "being last and liking it"),
        ),
        "indie games": Topic(
            "Games > Indie",
            (
                "a prototype in a weekend",
                "making the jump feel right",
                "sound from kitchen tools",
                "the first ten players",
                "launch week numbers",
            ),
            ("games", "gamedev", "indie"),
            ("cutting half the features", "art without being an artist", "what testers never say"),
        ),
        "home barista": Topic(
            "Food > Coffee",
            (
                "the grinder comes first",
                "dialling in",
                "milk that pours",
                "a cheap machine, improved",
                "blind tasting with friends",
            ),
            ("coffee", "espresso", "home"),
            ("water, the cheapest upgrade", "why it tasted of lemon", "habits of patient people"),
        ),
        "vinyl": Topic(
            "Music > Vinyl",
            (
                "a box from the flea market",
                "cleaning a record",
                "setting up the needle",
                "one label, ten records",
                "the listening evening",
            ),
            ("music", "vinyl", "collecting"),
            ("pressings that are worth it", "listening to one side twice", "shops with a cat"),
        ),
        "balcony garden": Topic(
            "Home > Balcony garden",
            (
                "soil on the fifth floor",
                "seeds that forgive",
                "the aphid war",
                "first tomatoes",
                "saving seeds for spring",
            ),
            ("plants", "garden", "balcony"),
            ("watering less", "growing food in a wine crate", "what died and why"),
        ),
        "night sky": Topic(
            "Science > Night sky",
            (
                "leaving the city lights",
                "finding Vega",
                "Jupiter with binoculars",
                "a phone on a tripod",
                "stacking forty frames",
            ),
            ("space", "astronomy", "night"),
            ("patience and cold fingers", "maps of the dark", "seeing a moon move"),
        ),
        "retro computers": Topic(
            "Technology > Retro computers",
            (
                "a machine from the attic",
                "replacing capacitors",
                "the first boot",
                "writing BASIC again",
                "online with a 1989 modem",
            ),
            ("retro", "hardware", "repair"),
            ("solder and hope", "manuals that explain everything", "doing more with 64 kilobytes"),
        ),
        "languages": Topic(
            "Learning > Languages",
            (
                "the first hundred words",
                "sounds I cannot hear",
                "ordering without English",
                "dreaming in it",
                "a joke that worked",
            ),
            ("languages", "learning", "travel"),
            ("mistakes as a method", "speaking to one person a day", "books for children, read by adults"),
        ),
    },
)

COURSES = Domain(
    item_prefix="C",
    maker_column="provider",
    makers=(
        "Northlight Institute",
        "Open Harbour University",
        "Tandem Academy",
        "Lyra College",
        "Fieldnote School",
        "Meridian Labs",
        "Quiet Room Studio",
        "Polder Tech",
    ),
    lines=(
        "for Practitioners",
        "from First Principles",
        "in Context",
        "by Building",
        "for Curious People",
        "with Case Studies",
        "at Work",
        "the Slow Way",
        "in Small Steps",
        "for Teams",
        "through History",
        "by Example",
        "Hands On",
        "for Teachers",
        "with Open Tools",
        "under the Hood",
    ),
    title="{category} {line} {step}",
    descriptions=(
        "A course by {maker} on {detail}. Six weeks, three hours a week, with feedback on every exercise.",
        "{step}. You will practise {detail} on material from {place} and finish with a project of your own.",
        "Taught from {place} by people who do this for a living: {detail}, explained and then tried out.",
        "For those who finished the level before, or know as much: {detail}. Certificate from {maker}.",
    ),
    places=("Utrecht", "Bangalore", "Bergen", "Montréal", "Nairobi", "Trieste"),
    place_relation="taught_from",
    number_column="hours",
    number_range=(6, 64),
    has_ratings=True,
    topics={
        "python": Topic(
            "Python",
            (
                "101: First Programs",
                "201: Data Structures",
                "301: Testing and Packages",
                "401: Concurrency",
                "501: Designing Libraries",
            ),
            ("programming", "python", "software"),
            ("reading errors without fear", "functions that do one thing", "code that others can change"),
        ),
        "statistics": Topic(
            "Statistics",
            ("101: Describing Data", "201: Probability", "301: Inference", "401: Regression", "501: Causal Questions"),
            ("statistics", "data", "mathematics"),
            ("what a mean hides", "intervals before stars", "asking data honest questions"),
        ),
        "machine learning": Topic(
            "Machine Learning",
            (
                "101: Fitting Lines",
                "201: Trees and Ensembles",
                "301: Neural Networks",
                "401: Sequences",
                "501: Models in Production",
            ),
            ("machine-learning", "data", "ai"),
            ("baselines that are hard to beat", "leakage and how to smell it", "explaining a model to its users"),
        ),
        "design": Topic(
            "Interface Design",
            (
                "101: Seeing Layout",
                "201: Typography",
                "301: Interaction",
                "401: Design Systems",
                "501: Research with Users",
            ),
            ("design", "ux", "visual"),
            ("grids that disappear", "forms nobody hates", "critique without bruises"),
        ),
        "writing": Topic(
            "Clear Writing",
            ("101: Sentences", "201: Structure", "301: Editing", "401: Argument", "501: The Long Piece"),
            ("writing", "communication", "language"),
            ("cutting a third", "verbs that carry weight", "openings that keep promises"),
        ),
        "economics": Topic(
            "Economics",
            ("101: Markets", "201: Incentives", "301: Public Goods", "401: Money and Banks", "501: Development"),
            ("economics", "policy", "society"),
            ("prices as messages", "rules people can live with", "what growth leaves out"),
        ),
        "biology": Topic(
            "Biology",
            ("101: Cells", "201: Genetics", "301: Evolution", "401: Ecosystems", "501: Genomics with Data"),
            ("biology", "science", "life"),
            ("how a cell spends energy", "trees of descent", "fieldwork on a city pond"),
        ),
        "history": Topic(
            "World History",
            ("101: Cities", "201: Trade Routes", "301: Empires", "401: Revolutions", "501: Archives and Sources"),
            ("history", "society", "humanities"),
            ("maps that argue", "letters nobody meant to keep", "ordinary days in other centuries"),
        ),
        "music": Topic(
            "Music Theory",
            ("101: Rhythm", "201: Harmony", "301: Counterpoint", "401: Arranging", "501: Composing a Set"),
            ("music", "theory", "creative"),
            ("hearing before naming", "four voices that agree", "songs taken apart with care"),
        ),
        "security": Topic(
            "Computer Security",
            ("101: Threats", "201: Networks", "301: Web Applications", "401: Incident Response", "501: Secure Design"),
            ("security", "software", "networks"),
            ("passwords and people", "reading a packet", "what to do in the first hour"),
        ),
    },
)

FUNDS = Domain(
    item_prefix="F",
    maker_column="manager",
    makers=(
        "Halden Asset Management",
        "Brightwater",
        "Castor & Vale",
        "Ostrava Capital",
        "Meridian Trust",
        "Pinnacle North",
        "Serein Investments",
        "Tarn Partners",
    ),
    lines=(
        "Halden",
        "Brightwater",
        "Castor",
        "Ostrava",
        "Meridian",
        "Pinnacle",
        "Serein",
        "Tarn",
        "Aldgate",
        "Beacon",
        "Corvus",
        "Delta",
        "Elm",
        "Foundry",
        "Garnet",
        "Helix",
    ),
    title="{line} {category} {step}",
    descriptions=(
        "An invented fund that holds {detail}. Managed by {maker}; its reference market is {place}.",
        "{line} {category} {step} follows {detail}. A made-up product for demonstration, not an offer.",
        "The {step} class of the {line} family: {detail}, rebalanced each quarter by {maker}.",
        "Looks for {detail}, with its main market in {place}. Invented for this sample; nobody can buy it.",
    ),
    places=("the Nordics", "the euro area", "North America", "Japan", "emerging Asia", "the world"),
    place_relation="invests_in",
    number_column="fee_percent",
    number_range=(0.08, 1.9),
    has_ratings=False,
    topics={
        "money market": Topic(
            "Money Market",
            ("Reserve", "Short Term", "Enhanced Cash", "Ultra-Short Bond", "Flexible Income"),
            ("cash", "low-risk", "liquidity"),
            ("treasury bills of under a year", "deposits with many banks", "short paper of solid issuers"),
        ),
        "government bonds": Topic(
            "Government Bond",
            ("Short", "Intermediate", "Long", "Inflation-Linked", "Global Unhedged"),
            ("bonds", "government", "income"),
            ("bonds of stable states", "maturities in a ladder", "linkers against rising prices"),
        ),
        "corporate bonds": Topic(
            "Corporate Bond",
            ("Investment Grade", "Crossover", "High Yield", "Convertible", "Distressed"),
            ("bonds", "credit", "income"),
            ("debt of companies with cash flow", "spreads that pay for the risk", "issuers on their way up"),
        ),
        "balanced": Topic(
            "Balanced",
            ("Defensive", "Cautious", "Moderate", "Growth", "Dynamic"),
            ("multi-asset", "balanced", "one-fund"),
            ("shares and bonds in steady parts", "a mix that is reset each quarter", "many markets in one holding"),
        ),
        "large caps": Topic(
            "Large Cap Equity",
            ("Core", "Value", "Quality", "Growth", "Concentrated"),
            ("equity", "large-cap", "core"),
            ("the largest listed companies", "firms with low debt", "forty names, held for years"),
        ),
        "small caps": Topic(
            "Small Cap Equity",
            ("Core", "Value", "Momentum", "Micro Cap", "Frontier"),
            ("equity", "small-cap", "higher-risk"),
            ("companies few analysts follow", "family firms with a niche", "young firms that earn money"),
        ),
        "sustainable": Topic(
            "Sustainable Equity",
            ("Screened", "Low Carbon", "Transition", "Clean Energy", "Impact"),
            ("equity", "sustainable", "climate"),
            ("firms that cut emissions", "grids, storage and efficiency", "water and waste services"),
        ),
        "technology": Topic(
            "Technology",
            ("Diversified", "Software", "Semiconductors", "Automation", "Early Stage"),
            ("equity", "technology", "thematic"),
            ("software that is hard to leave", "the tools behind the tools", "factories that run themselves"),
        ),
        "real assets": Topic(
            "Real Assets",
            ("Listed Property", "Infrastructure", "Timber", "Commodities", "Gold Miners"),
            ("real-assets", "inflation", "diversifier"),
            ("toll roads and power lines", "rents that rise with prices", "forests, measured in decades"),
        ),
        "emerging": Topic(
            "Emerging Markets",
            ("Debt Hard Currency", "Debt Local", "Large Companies", "Small Companies", "Frontier"),
            ("emerging", "growth", "higher-risk"),
            ("economies with young people", "currencies with room to rise", "banks for first-time savers"),
        ),
    },
)

DOMAINS: Mapping[str, Domain] = {"shop": SHOP, "social": SOCIAL, "courses": COURSES, "funds": FUNDS}
