//! Twelve stalls, each with what it sells and its photos.

use super::{good, photo};

/// A stall; its id and its keeper's are the place in the list, from 1.
pub(super) struct Stall {
    pub(super) name: &'static str,
    pub(super) tagline: &'static str,
    pub(super) about: &'static str,
    pub(super) category: &'static str,
    pub(super) hue: i64,
    pub(super) goods: &'static [super::Good],
    pub(super) photos: &'static [super::Photo],
}

pub(super) const STALLS: [Stall; 12] = [
    Stall {
        name: "Haddad Spices",
        tagline: "Ground while you wait",
        about: "Whole spices in the drawers behind the counter, a brass mill in front of it. \
                Say what you are cooking and Samira mixes for the pot you have, not for a recipe.",
        category: "Spices",
        hue: 28,
        goods: &[
            good("Za'atar", "100 g", 420, 60, "Wild thyme, sumac, sesame, salt. Nothing else."),
            good("Sumac", "100 g", 380, 45, "Sour and dark red, dried in the shade."),
            good("Baharat", "100 g", 450, 40, "Seven spices for everything that simmers."),
            good("Green cardamom", "50 g", 690, 30, "Pods, so that the scent stays in."),
            good(
                "Aleppo pepper",
                "100 g",
                520,
                35,
                "Mild flakes, a little oily, fruity at the end.",
            ),
            good("Saffron", "1 g", 1150, 12, "Counted threads in a glass tube."),
            good("Dried limes", "100 g", 340, 50, "Prick one and leave it in the stew."),
        ],
        photos: &[
            photo("The brass mill, polished on Mondays", 42, "lattice"),
            photo("Forty drawers, forty scents", 24, "tiles"),
            photo("Sumac, drying", 356, "dots"),
        ],
    },
    Stall {
        name: "The Night Oven",
        tagline: "Bread that was dough at midnight",
        about: "Four breads and three pastries, each day the same, because each takes a life to get \
                right. What is left at closing time goes to the shelter in the next street.",
        category: "Bakery",
        hue: 36,
        goods: &[
            good("Rye loaf", "1 kg", 560, 24, "Sour, dense, better on the second day."),
            good("Obwarzanek", "piece", 120, 80, "A ring from Kraków with poppy seeds."),
            good("Barbari", "piece", 280, 30, "Long and ridged, with nigella."),
            good("Challah", "piece", 490, 16, "Fridays only, and gone by ten."),
            good("Apple szarlotka", "slice", 320, 28, "More apple than cake."),
            good("Poppy-seed roll", "slice", 300, 25, "The filling is ground three times."),
            good("Rusks", "200 g", 260, 40, "Yesterday's loaf, and good for a month."),
        ],
        photos: &[
            photo("First loaves out, 4:10", 30, "waves"),
            photo("The starter, 61 years old", 48, "dots"),
            photo("Rings on the stick", 20, "lattice"),
        ],
    },
    Stall {
        name: "Okafor Cloth",
        tagline: "Every bolt has a weaver's name",
        about: "Aso oke from Iseyin, adire from Abeokuta, and linen for those who want it plain. \
                Cut to the centimetre; scraps for quilts are in the basket by the mirror.",
        category: "Textiles",
        hue: 262,
        goods: &[
            good("Aso oke, indigo", "1 m", 2400, 18, "Woven in strips, sewn edge to edge."),
            good(
                "Adire, starch resist",
                "1 m",
                1650,
                22,
                "Painted with a feather, dyed nine times.",
            ),
            good("Linen, unbleached", "1 m", 1280, 40, "Heavy enough for an apron."),
            good("Cotton voile", "1 m", 890, 35, "For curtains that move."),
            good("Head wrap", "piece", 2150, 14, "Two metres, hemmed by hand."),
            good("Bag of scraps", "500 g", 450, 20, "No two pieces alike."),
        ],
        photos: &[
            photo("Indigo, ninth dip", 228, "waves"),
            photo("Strips before sewing", 262, "lattice"),
            photo("The wall of bolts", 300, "tiles"),
        ],
    },
    Stall {
        name: "Valle Alto",
        tagline: "Picked yesterday, here today",
        about: "Potatoes, maize and whatever the week brings. Prices are for the good ones; the \
                crooked ones taste the same and cost half, just ask.",
        category: "Fresh food",
        hue: 96,
        goods: &[
            good("Purple potatoes", "1 kg", 360, 70, "Stay purple when cooked gently."),
            good("White maize", "piece", 110, 90, "Large grains, sweet, for the grill."),
            good("Oca", "500 g", 340, 25, "Lemony tubers; lay them in the sun first."),
            good("Tree tomatoes", "500 g", 390, 30, "Scald, peel, and make the sauce."),
            good("Quinoa", "500 g", 480, 55, "Washed until the water ran clear."),
            good("Coriander", "bunch", 130, 60, "With the roots on."),
            good("Locoto peppers", "100 g", 210, 35, "Black seeds, and no mercy."),
        ],
        photos: &[
            photo("Nine potatoes, no names", 280, "dots"),
            photo("The terraces in April", 110, "waves"),
            photo("Maize, husked", 52, "tiles"),
        ],
    },
    Stall {
        name: "Perfume River Tea",
        tagline: "Leaves, water, time",
        about: "Teas from small gardens, packed in the week they arrive. There is always a pot open; \
                sit down, there is no hurry and the first cup is free.",
        category: "Drinks",
        hue: 152,
        goods: &[
            good("Lotus green tea", "50 g", 1420, 20, "Scented overnight in closed blossoms."),
            good("Shan snow tea", "50 g", 980, 26, "From trees taller than the house."),
            good("Oolong, roasted", "100 g", 1250, 24, "Chestnut, then flowers, then honey."),
            good("Jasmine pearls", "50 g", 1090, 22, "They open in the cup; use glass."),
            good("Ginger and lemongrass", "100 g", 560, 48, "No tea in it at all, good at night."),
            good("Clay pot", "piece", 3400, 6, "Two cups. Never wash it with soap."),
        ],
        photos: &[
            photo("Lotus at five in the morning", 330, "waves"),
            photo("Tasting table", 152, "tiles"),
            photo("Pearls, before water", 90, "dots"),
        ],
    },
    Stall {
        name: "Papadakis & Cousin",
        tagline: "Olives, oil, and what the goats allow",
        about: "Everything on the counter comes from two valleys in the west of Crete. Taste before \
                you buy: the olives are in front, the cheese is under the cloth.",
        category: "Fresh food",
        hue: 72,
        goods: &[
            good("Throumba olives", "250 g", 520, 40, "Ripened on the tree, wrinkled, mild."),
            good("Cracked green olives", "250 g", 460, 45, "With lemon and a little anger."),
            good("Olive oil", "500 ml", 1180, 32, "Pressed within six hours."),
            good("Graviera", "200 g", 740, 28, "Eight months in the cave."),
            good("Myzithra", "250 g", 560, 18, "Fresh, white, gone in two days."),
            good("Thyme honey", "400 g", 1240, 21, "Thick enough to stand a spoon in."),
            good("Capers in salt", "100 g", 430, 36, "Rinse, and rinse again."),
        ],
        photos: &[
            photo("The old tree; nobody knows how old", 84, "lattice"),
            photo("Oil, first day", 66, "waves"),
            photo("Graviera in the cave", 44, "tiles"),
        ],
    },
    Stall {
        name: "Blue Kiln",
        tagline: "Earth, ash, cobalt",
        about: "Bowls and plates from the Bukhara wheel, glazed with ash of desert plants. They go \
                into the oven and onto the table, and they are made to be used.",
        category: "Crafts",
        hue: 204,
        goods: &[
            good("Tea bowl", "piece", 1450, 26, "Sits in both hands."),
            good("Plov plate", "piece", 3900, 9, "Forty centimetres, for the whole table."),
            good("Small dish", "piece", 780, 34, "For salt, for rings, for pits."),
            good("Jug", "piece", 2800, 11, "Pours without a drop on the cloth."),
            good("Tile, pomegranate", "piece", 950, 40, "Fifteen by fifteen."),
            good("Oil lamp", "piece", 1650, 13, "A shape two thousand years old."),
            good("Seconds, bowl", "piece", 700, 15, "One small flaw, and we show it to you."),
        ],
        photos: &[
            photo("Cobalt, before and after the fire", 214, "tiles"),
            photo("The wheel", 24, "dots"),
            photo("Stacked for the kiln", 196, "lattice"),
        ],
    },
    Stall {
        name: "Spoon & Splinter",
        tagline: "Wood that fell on its own",
        about: "Spoons, boards and stools of apple, birch and ash. Each piece says where its tree \
                stood. Bring a dull knife and it is sharp when you leave.",
        category: "Crafts",
        hue: 18,
        goods: &[
            good("Cooking spoon", "piece", 1350, 30, "Apple, oiled with linseed."),
            good("Bread board", "piece", 3200, 10, "End grain, kind to knives."),
            good("Butter knife", "piece", 890, 28, "Birch, thin as a leaf."),
            good("Milking stool", "piece", 6800, 4, "Three legs never wobble."),
            good("Coat pegs", "set of 5", 1900, 16, "Ash, shaved not turned."),
            good("Board oil", "100 ml", 780, 25, "Linseed and beeswax."),
        ],
        photos: &[
            photo("Rings of an apple tree, 1951", 30, "waves"),
            photo("Spoons, seven steps", 18, "lattice"),
            photo("Shavings at noon", 44, "dots"),
        ],
    },
    Stall {
        name: "Five Kilo Roasters",
        tagline: "Small drum, short queue",
        about: "Coffee from the Western Ghats and beyond, roasted on Tuesdays and Fridays in front of \
                the window. Beans are ground for what you brew with; we ask, you answer.",
        category: "Drinks",
        hue: 12,
        goods: &[
            good("Monsooned Malabar", "250 g", 1080, 34, "Swollen by sea wind, low in acid."),
            good("Baba Budangiri", "250 g", 1190, 30, "The hill where the first seven beans went."),
            good("Yirgacheffe", "250 g", 1360, 24, "Jasmine and bergamot."),
            good("Filter blend", "500 g", 1750, 28, "With a little chicory, as in Kochi."),
            good("Decaf, Chiapas", "250 g", 1280, 20, "Washed with water and nothing else."),
            good("Steel filter", "piece", 1600, 12, "Two chambers, four cups, no paper."),
            good("Cascara", "100 g", 640, 22, "The cherry, brewed like tea."),
        ],
        photos: &[
            photo("First crack, 9 minutes 40", 14, "dots"),
            photo("Monsoon at the warehouse", 208, "waves"),
            photo("Beans by colour", 26, "tiles"),
        ],
    },
    Stall {
        name: "Demir Sweets",
        tagline: "Forty layers, no shortcuts",
        about: "Baklava of this spring's pistachios, halva pulled by hand, and lokum that does not \
                taste of soap. Sold by weight; one piece to taste is a matter of course.",
        category: "Bakery",
        hue: 118,
        goods: &[
            good("Pistachio baklava", "250 g", 1320, 30, "Butter from Urfa, nuts from Nizip."),
            good("Walnut baklava", "250 g", 980, 34, "A little darker, a little less sweet."),
            good("Tahini halva", "250 g", 620, 42, "Breaks in threads."),
            good("Rose lokum", "200 g", 540, 38, "Petals from one garden."),
            good("Künefe", "piece", 650, 12, "Warm, with the cheese still moving."),
            good("Candied walnuts", "150 g", 760, 26, "Green ones, whole, with cloves."),
            good("Box of twelve", "box", 2450, 14, "Two of each, tied with a ribbon."),
        ],
        photos: &[
            photo("Dough over a newspaper", 46, "waves"),
            photo("Pistachios, three shades", 104, "dots"),
            photo("The tray, cut in diamonds", 40, "lattice"),
        ],
    },
    Stall {
        name: "Paper Winter",
        tagline: "Sheets, books, and ink to fill them",
        about: "Kozo paper from Kanazawa and notebooks sewn on the stall. Bring a loved book that \
                falls apart and fetch it whole in a week.",
        category: "Crafts",
        hue: 338,
        goods: &[
            good("Kozo sheet", "piece", 420, 120, "Sixty by ninety, strong when wet."),
            good("Notebook, sewn", "piece", 1580, 26, "Opens flat, 96 pages."),
            good("Letter set", "set", 1240, 30, "Ten sheets, ten envelopes, one lining."),
            good("Iron gall ink", "50 ml", 980, 24, "Goes on pale, turns black, stays."),
            good("Bamboo pen", "piece", 360, 45, "Cut it again when it is tired."),
            good("Book repair", "book", 2900, 8, "Spine, joints, and a new ribbon."),
        ],
        photos: &[
            photo("Cold water, long fibres", 200, "waves"),
            photo("Five holes, one thread", 338, "dots"),
            photo("Chiyogami, old patterns", 352, "tiles"),
        ],
    },
    Stall {
        name: "Fleuve Baskets",
        tagline: "Grass, patience, conversation",
        about: "Baskets of cattail and recycled strips, woven on the Senegal river and here at the \
                stall. Handles are repaired for life, whoever made the basket.",
        category: "Textiles",
        hue: 54,
        goods: &[
            good("Market basket", "piece", 2600, 22, "Carries twelve kilos, we tried."),
            good("Bread basket", "piece", 1450, 26, "With a lid that fits."),
            good("Laundry basket", "piece", 5400, 7, "Up to the hip, stripes all round."),
            good("Coasters", "set of 4", 890, 33, "Each a small sun."),
            good("Wall plate", "piece", 1950, 15, "Hang it, or serve dates on it."),
            good("Sleeping mat", "piece", 4200, 9, "Rolls up smaller than a baguette."),
            good("Handle repair", "piece", 600, 30, "While you have coffee across the aisle."),
        ],
        photos: &[
            photo("Cattail, bundled", 64, "lattice"),
            photo("Stripes that nobody planned", 12, "tiles"),
            photo("Where the river bends", 190, "waves"),
        ],
    },
];
