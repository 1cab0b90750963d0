"""A shop for outdoors and home, in words: product lines whose five pieces complement each other."""

from metarec_core.data.sample_domains.declaration import Domain, Step, Topic

SHOP = Domain(
    item_prefix="S",
    maker_column="brand",
    makers=(
        *("Norrvik", "Alder & Pine", "Kestrel Works", "Oru", "Hallmark Ridge"),
        *("Tessell", "Bramble", "Lumen House", "Castaña", "Vetra"),
    ),
    lines=(
        *("Ridgeline", "Fjell", "Harbor", "Solstice", "Meadow", "Cinder", "Lark", "Granite"),
        *("Juniper", "Atlas", "Drift", "Ember", "Quarry", "Willow", "Summit", "Tern"),
    ),
    titles=("{maker} {line} {step}",),
    openings=(
        "Part of the {line} series, made in {place} with spare parts for ten years.",
        "{maker} makes the {line} series in {place} and repairs it free of charge.",
        "Like everything in the {line} series, it comes with a five-year warranty.",
        "The {line} look: plain colours, no loud logo, seams that last.",
        "Tested for two seasons before {maker} let it into the {line} series.",
        "{line} is what {maker} makes for people who buy things once.",
        "Packed without plastic in {place}, as the whole {line} series is.",
        "New in {line} this year, after many requests from customers.",
    ),
    purposes=("Made for {detail}.", "Good for {detail}.", "A companion for {detail}.", "We had {detail} in mind."),
    places=("Portugal", "Finland", "Slovenia", "Japan", "Wales", "Vermont"),
    place_column="made_in",
    kind_column="material",
    order_relation="complements",
    number_column="price",
    number_decimals=0,
    has_ratings=False,
    topics={
        "camping": Topic(
            "Camping",
            "Outdoor > Camping",
            ("camping", "overnight", "lightweight", "summer"),
            ("nights above the tree line", "wet weekends", "a pack that stays under ten kilos"),
            (
                Step(
                    "Two-Person Tent", "ripstop nylon", 259, "Sleeps two with their boots and pitches in six minutes."
                ),
                Step("Sleeping Mat", "polyester", 89, "Seven centimetres of air between you and the ground."),
                Step("Down Sleeping Bag", "goose down", 219, "Warm to minus five and no bigger than a loaf of bread."),
                Step("Gas Stove", "titanium", 64, "Boils half a litre in under three minutes, even in wind."),
                Step("Folding Lantern", "silicone", 29, "Lights the whole tent for twenty hours on one charge."),
            ),
        ),
        "hiking": Topic(
            "Hiking",
            "Outdoor > Hiking",
            ("hiking", "trail", "weatherproof", "mountains"),
            ("long days on stony paths", "weather that changes at noon", "hut-to-hut weeks"),
            (
                Step("Trail Shoe", "suede", 139, "A low hiking shoe with a sole that holds on wet rock."),
                Step("Merino Socks", "merino wool", 22, "Cushioned at heel and toe, and dry again by morning."),
                Step("Trekking Poles", "carbon fibre", 94, "Three sections, cork grips and tips that can be replaced."),
                Step("Rain Shell", "recycled polyester", 189, "Keeps a day of rain out and lets the steam escape."),
                Step("28 L Daypack", "ripstop nylon", 119, "Carries lunch, layers and a camera without swinging."),
            ),
        ),
        "cycling": Topic(
            "Cycling",
            "Sport > Cycling",
            ("cycling", "commute", "city", "safety"),
            ("the ride to work in January", "being seen at every crossing", "repairs by the roadside"),
            (
                Step("Commuter Helmet", "polycarbonate", 84, "A light helmet with a visor and a magnetic buckle."),
                Step("Front Light", "aluminium", 46, "Four hundred lumens with a beam that blinds nobody."),
                Step("Pannier Bag", "waxed canvas", 98, "Clicks on with one hand and swallows a full shop."),
                Step("Multi-Tool", "steel", 34, "Eighteen tools and a chain breaker in the size of a matchbox."),
                Step("Floor Pump", "steel", 52, "Fills a tyre in thirty strokes and shows the true pressure."),
            ),
        ),
        "running": Topic(
            "Running",
            "Sport > Running",
            ("running", "training", "breathable", "race-day"),
            ("the first ten kilometres and the last", "early starts in the dark", "legs that work again tomorrow"),
            (
                Step("Daily Trainer", "engineered mesh", 129, "A soft running shoe for most days and most distances."),
                Step(
                    "Split Shorts", "recycled polyester", 42, "Short, light and with one pocket that does not bounce."
                ),
                Step("Hydration Vest", "stretch mesh", 99, "Two soft flasks at the front, a jacket at the back."),
                Step("Headlamp", "aluminium", 59, "Sees sixty metres ahead and weighs less than an egg."),
                Step("Recovery Roller", "cork", 36, "Firm grooves for calves that have done enough."),
            ),
        ),
        "coffee": Topic(
            "Coffee",
            "Kitchen > Coffee",
            ("coffee", "brewing", "slow-morning", "gift"),
            ("a clean cup every morning", "even extraction without fuss", "four quiet minutes before the day starts"),
            (
                Step("Pour-Over Dripper", "stoneware", 34, "A cone with a slow spiral, for one cup or two."),
                Step("Paper Filters", "paper", 9, "A hundred unbleached filters that taste of nothing."),
                Step("Gooseneck Kettle", "stainless steel", 88, "Pours a thin stream and holds the degree you set."),
                Step("Hand Grinder", "steel", 112, "Conical burrs, forty clicks and no dust on the counter."),
                Step("Brewing Scale", "glass", 58, "Weighs to a tenth of a gram and times the pour."),
            ),
        ),
        "baking": Topic(
            "Baking",
            "Kitchen > Baking",
            ("baking", "sourdough", "kitchen", "gift"),
            ("a loaf with an open crumb", "slow dough and short recipes", "Sunday bread that lasts till Wednesday"),
            (
                Step("Dough Bowl", "stoneware", 39, "Wide, heavy and glazed inside, so that dough lets go."),
                Step("Proofing Basket", "rattan", 24, "Gives a round loaf its rings while it rises overnight."),
                Step("Bread Lame", "walnut", 17, "One sharp blade on a curved holder, for a clean ear."),
                Step("Cast-Iron Loaf Pan", "cast iron", 56, "Holds its heat and bakes a crust on all four sides."),
                Step("Cooling Rack", "stainless steel", 21, "Lets the bottom of the loaf stay crisp."),
            ),
        ),
        "garden": Topic(
            "Garden",
            "Home > Garden",
            ("garden", "grow-your-own", "balcony", "spring"),
            ("balconies that want tomatoes", "heavy soil and light hands", "the first warm week of April"),
            (
                Step("Seed Tray", "recycled plastic", 16, "Twenty-four cells with a lid, for a sunny windowsill."),
                Step("Hand Trowel", "forged steel", 23, "Forged from one piece, with depths marked on the blade."),
                Step("Raised Bed Kit", "larch wood", 129, "Four boards and eight screws make a bed in an afternoon."),
                Step(
                    "Watering Can", "galvanised steel", 44, "Nine litres, well balanced, with a rose that rains softly."
                ),
                Step("Pruning Shears", "carbon steel", 38, "Cuts a thumb-thick branch and comes apart for cleaning."),
            ),
        ),
        "desk": Topic(
            "Office",
            "Home > Office",
            ("office", "ergonomic", "work-from-home", "minimal"),
            ("long calls and straight backs", "a room that is an office until five", "evenings with a second screen"),
            (
                Step("Standing Desk", "oak", 549, "Rises without a sound and remembers three heights."),
                Step("Monitor Arm", "aluminium", 119, "Lifts the screen to your eyes and off the table."),
                Step("Task Lamp", "aluminium", 79, "Warm or cool light, exactly where the paper lies."),
                Step("Desk Mat", "wool felt", 36, "Soft under the wrists and quiet under the keyboard."),
                Step("Cable Tray", "powder-coated steel", 27, "Screws on underneath and hides every cable there is."),
            ),
        ),
        "photo": Topic(
            "Photography",
            "Electronics > Photography",
            ("photography", "travel", "camera", "creative"),
            ("slow shutter speeds by the sea", "a camera that is always at hand", "carrying less and seeing more"),
            (
                Step("Camera Strap", "leather", 48, "Wide at the shoulder, and off the camera in a second."),
                Step("Prime Lens Case", "neoprene", 26, "Padded all round and small enough for a coat pocket."),
                Step("Travel Tripod", "carbon fibre", 189, "Folds to forty centimetres and stands in a stream."),
                Step("Variable ND Filter", "optical glass", 96, "From two to six stops, with no cross in the sky."),
                Step("Sling Bag", "waxed canvas", 109, "Swings round to the front and opens like a desk."),
            ),
        ),
        "winter": Topic(
            "Winter",
            "Outdoor > Winter",
            ("winter", "snow", "insulated", "mountains"),
            ("mornings at minus fifteen", "the long way down after sunset", "layers that dry by breakfast"),
            (
                Step("Wool Base Layer", "merino wool", 89, "Next to the skin all week without needing a wash."),
                Step("Insulated Gloves", "goatskin", 74, "Warm fingers that can still work a zip."),
                Step("Snow Goggles", "polycarbonate", 119, "A wide view that stays clear in flat light."),
                Step("Touring Pack", "ripstop nylon", 169, "Room for shovel and probe, and loops for skis."),
                Step("Vacuum Flask", "stainless steel", 39, "Tea that is hot at the summit and warm at the car."),
            ),
        ),
    },
)
