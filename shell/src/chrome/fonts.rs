//! Inter for text, the symbol fonts for icons. The files are part of the executable and shared by all windows.

use egui::{FontData, FontDefinitions, FontFamily, FontId};
use std::sync::{Arc, LazyLock};

/// Name of the family for headings and names.
const STRONG: &str = "strong";
/// Name of the family for icons.
const SYMBOLS: &str = "symbols";

static DEFINITIONS: LazyLock<FontDefinitions> = LazyLock::new(|| {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts
            .font_data
            .insert(name.into(), Arc::new(FontData::from_static(bytes)));
    };
    add("inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf"));
    add(
        "inter-semibold",
        include_bytes!("../../../assets/fonts/Inter-SemiBold.otf"),
    );
    let others = [
        "Ubuntu-Light",
        "egui-icons",
        "NotoEmoji-Regular",
        "emoji-icon-font",
        "Hack",
    ];
    let family = |first: &[&str]| {
        first
            .iter()
            .chain(&others)
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    fonts.families.insert(FontFamily::Proportional, family(&["inter"]));
    fonts
        .families
        .insert(FontFamily::Name(STRONG.into()), family(&["inter-semibold", "inter"]));
    fonts.families.insert(
        FontFamily::Name(SYMBOLS.into()),
        [
            "NotoEmoji-Regular",
            "emoji-icon-font",
            "inter",
            "egui-icons",
            "Hack",
            "Ubuntu-Light",
        ]
        .map(str::to_owned)
        .into(),
    );
    fonts
});

/// Families of the chrome. Cheap: the bytes are shared.
pub(crate) fn definitions() -> FontDefinitions {
    DEFINITIONS.clone()
}

/// Text of a size in points.
pub(crate) fn text(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Heavier text of a size in points.
pub(crate) fn strong(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(STRONG.into()))
}

/// An icon of a size in points.
pub(crate) fn symbol(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SYMBOLS.into()))
}

/// Text of fixed width.
pub(crate) fn fixed(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}
