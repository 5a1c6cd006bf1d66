//! The colours, their names, and finding one.

use draw::Colour;
use portico_sdk::frame::rgb;

/// A colour that has a name.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    /// Words that find it beside its name.
    pub(crate) family: &'static str,
    pub(crate) colour: Colour,
}

const fn named(name: &'static str, family: &'static str, hex: u32) -> Named {
    Named {
        name,
        family,
        colour: rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8),
    }
}

/// All of them, by family.
pub(crate) static COLOURS: [Named; 48] = [
    named("Ink", "black dark", 0x1b1d22),
    named("Charcoal", "black grey dark", 0x3a3f47),
    named("Slate", "grey blue", 0x64707d),
    named("Ash", "grey", 0x9aa3ad),
    named("Silver", "grey light", 0xc9ced4),
    named("Paper", "white", 0xffffff),
    named("Crimson", "red dark", 0xb3132b),
    named("Cherry", "red", 0xdb2b39),
    named("Tomato", "red orange", 0xf05d3e),
    named("Coral", "red pink orange", 0xff8a75),
    named("Rose", "pink red", 0xe0567a),
    named("Blush", "pink light", 0xf7c1cb),
    named("Rust", "orange brown", 0xa8501f),
    named("Tangerine", "orange", 0xf58220),
    named("Apricot", "orange light", 0xffb46b),
    named("Peach", "orange pink light", 0xffd6b0),
    named("Amber", "yellow orange", 0xf2b632),
    named("Honey", "yellow brown", 0xd99a1c),
    named("Lemon", "yellow", 0xffe14d),
    named("Cream", "yellow light", 0xfdf3cf),
    named("Olive", "green yellow dark", 0x7a7c29),
    named("Lime", "green yellow", 0xa8cf38),
    named("Grass", "green", 0x4f9d3a),
    named("Forest", "green dark", 0x1f5c34),
    named("Mint", "green light", 0xa8e0c1),
    named("Emerald", "green", 0x1fa36b),
    named("Jade", "green blue", 0x178a7d),
    named("Teal", "green blue dark", 0x0f6674),
    named("Turquoise", "blue green", 0x2cc3c0),
    named("Aqua", "blue green light", 0x9fe4ea),
    named("Sky", "blue light", 0x7cc4f4),
    named("Azure", "blue", 0x3d8fe0),
    named("Cobalt", "blue", 0x2057b8),
    named("Navy", "blue dark", 0x14285e),
    named("Midnight", "blue black dark", 0x0f1733),
    named("Denim", "blue grey", 0x4a6a93),
    named("Indigo", "blue violet dark", 0x3b2e8c),
    named("Violet", "purple", 0x6c4bd1),
    named("Lavender", "purple light", 0xc4b5f2),
    named("Lilac", "purple pink light", 0xd9a9e0),
    named("Plum", "purple dark", 0x6a2c70),
    named("Orchid", "purple pink", 0xb84fb0),
    named("Magenta", "pink purple", 0xd81e8c),
    named("Fuchsia", "pink", 0xf25cb5),
    named("Sand", "brown light yellow", 0xdcc69a),
    named("Clay", "brown red", 0xb06a4a),
    named("Chestnut", "brown", 0x7b4425),
    named("Coffee", "brown dark", 0x43291c),
];

/// Colours that are always at hand.
pub(crate) const HANDY: [usize; 10] = [0, 7, 13, 18, 22, 28, 32, 37, 42, 5];

/// The colours whose name or family holds every word of a query.
pub(crate) fn find(query: &str) -> Vec<usize> {
    let query = query.to_lowercase();
    let fits = |colour: &Named| {
        let name = colour.name.to_lowercase();
        query
            .split_whitespace()
            .all(|word| name.contains(word) || colour.family.contains(word))
    };
    (0..COLOURS.len()).filter(|index| fits(&COLOURS[*index])).collect()
}
