//! Colours, text sizes and distances, light and dark.

use super::fonts;
use egui::style::{Selection, TextCursorStyle, WidgetVisuals};
use egui::{Color32, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Visuals};
use std::sync::{Arc, LazyLock};

/// Small text: descriptions, group headings.
pub(crate) const SMALL: f32 = 12.0;
/// Ordinary text.
pub(crate) const BODY: f32 = 14.0;
/// What one types into the HUD.
pub(crate) const LARGE: f32 = 16.0;
/// Headings of pages.
pub(crate) const TITLE: f32 = 20.0;
/// The grid: distances are multiples of it, or half of it.
pub(crate) const UNIT: f32 = 8.0;
/// Corners of panels.
pub(crate) const PANEL_RADIUS: u8 = 12;
/// Corners of controls.
pub(crate) const CONTROL_RADIUS: u8 = 6;
/// How far a panel's shadow reaches.
pub(crate) const SHADOW: f32 = 24.0;

/// The colours of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Background of the toolbar, and of pages that stand in for the picture.
    pub bar: Color32,
    /// Background of panels and cards.
    pub panel: Color32,
    /// Background of text fields.
    pub field: Color32,
    /// What the pointer is over.
    pub hover: Color32,
    /// What is pressed.
    pub press: Color32,
    /// The selected line of a list.
    pub selected: Color32,
    /// Lines between things and around panels.
    pub line: Color32,
    /// Outline of text fields.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Text of less weight.
    pub weak: Color32,
    /// Text of what can't be chosen.
    pub disabled: Color32,
    /// The one accent colour.
    pub accent: Color32,
    /// Text on the accent colour.
    pub on_accent: Color32,
    /// The close button under the pointer.
    pub danger: Color32,
    /// Text on that.
    pub on_danger: Color32,
    /// Laid over the picture of a program that does not answer.
    pub dimming: Color32,
    /// Shadow of panels.
    pub shadow: Color32,
}

const LIGHT: Palette = Palette {
    bar: Color32::from_rgb(0xF3, 0xF4, 0xF6),
    panel: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    field: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    hover: Color32::from_rgb(0xE3, 0xE5, 0xE9),
    press: Color32::from_rgb(0xD5, 0xD8, 0xDE),
    selected: Color32::from_rgb(0xDC, 0xE7, 0xFD),
    line: Color32::from_rgb(0xDC, 0xDE, 0xE3),
    outline: Color32::from_rgb(0x87, 0x8C, 0x96),
    text: Color32::from_rgb(0x1B, 0x1D, 0x21),
    weak: Color32::from_rgb(0x55, 0x5A, 0x64),
    disabled: Color32::from_rgb(0x8B, 0x90, 0x9A),
    accent: Color32::from_rgb(0x1F, 0x5F, 0xDB),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    danger: Color32::from_rgb(0xC4, 0x2B, 0x1C),
    on_danger: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    dimming: Color32::from_black_alpha(0x60),
    shadow: Color32::from_black_alpha(0x38),
};

const DARK: Palette = Palette {
    bar: Color32::from_rgb(0x1E, 0x20, 0x24),
    panel: Color32::from_rgb(0x27, 0x2A, 0x2F),
    field: Color32::from_rgb(0x17, 0x19, 0x1C),
    hover: Color32::from_rgb(0x34, 0x38, 0x3F),
    press: Color32::from_rgb(0x41, 0x46, 0x4F),
    selected: Color32::from_rgb(0x2A, 0x40, 0x69),
    line: Color32::from_rgb(0x3A, 0x3E, 0x46),
    outline: Color32::from_rgb(0x78, 0x7E, 0x89),
    text: Color32::from_rgb(0xF1, 0xF2, 0xF4),
    weak: Color32::from_rgb(0xB2, 0xB7, 0xC1),
    disabled: Color32::from_rgb(0x7C, 0x82, 0x8D),
    accent: Color32::from_rgb(0x7A, 0xAE, 0xFF),
    on_accent: Color32::from_rgb(0x0D, 0x16, 0x27),
    danger: Color32::from_rgb(0xC4, 0x2B, 0x1C),
    on_danger: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    dimming: Color32::from_black_alpha(0x90),
    shadow: Color32::from_black_alpha(0x80),
};

/// The colours of the dark look, or of the light one.
pub fn palette(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// The style of egui's own widgets in a look, shared by all windows.
pub(super) fn style(dark: bool) -> Arc<Style> {
    static STYLES: LazyLock<[Arc<Style>; 2]> = LazyLock::new(|| [build(false), build(true)].map(Arc::new));
    STYLES[usize::from(dark)].clone()
}

/// The style of egui's widgets on a built-in page.
pub(super) fn page_style(dark: bool) -> Arc<Style> {
    static STYLES: LazyLock<[Arc<Style>; 2]> = LazyLock::new(|| [build_page(false), build_page(true)].map(Arc::new));
    STYLES[usize::from(dark)].clone()
}

/// The shadow of a panel.
pub(crate) fn shadow(palette: &Palette) -> Shadow {
    Shadow {
        offset: [0, 6],
        blur: 20,
        spread: 0,
        color: palette.shadow,
    }
}

fn build(dark: bool) -> Style {
    let palette = palette(dark);
    let mut style = Style {
        animation_time: 0.0,
        ..Style::default()
    };
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style.text_styles = [
        (TextStyle::Small, fonts::text(SMALL)),
        (TextStyle::Body, fonts::text(BODY)),
        (TextStyle::Button, fonts::text(BODY)),
        (TextStyle::Heading, fonts::strong(TITLE)),
        (TextStyle::Monospace, fonts::fixed(SMALL)),
    ]
    .into();
    style.spacing.menu_margin = Margin::symmetric(8, 4);
    style.interaction.selectable_labels = false;
    let widget = |fill: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::NONE,
        corner_radius: CornerRadius::same(CONTROL_RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let visuals = &mut style.visuals;
    *visuals = if dark { Visuals::dark() } else { Visuals::light() };
    // One picture of each glyph rather than four: sharper text, and a quarter of the atlas.
    visuals.text_options.subpixel_binning = false;
    visuals.widgets.noninteractive = widget(palette.panel, palette.text);
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    visuals.widgets.inactive = widget(palette.outline, palette.text);
    visuals.widgets.hovered = widget(palette.weak, palette.text);
    visuals.widgets.active = widget(palette.weak, palette.text);
    visuals.widgets.open = widget(palette.hover, palette.text);
    visuals.weak_text_color = Some(palette.weak);
    visuals.selection = Selection {
        bg_fill: palette.selected,
        stroke: Stroke::new(1.0, palette.text),
    };
    visuals.extreme_bg_color = palette.field;
    visuals.text_edit_bg_color = Some(Color32::TRANSPARENT);
    visuals.window_fill = palette.panel;
    visuals.panel_fill = palette.bar;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.menu_corner_radius = CornerRadius::same(CONTROL_RADIUS);
    visuals.popup_shadow = Shadow {
        offset: [0, 2],
        blur: 8,
        spread: 0,
        color: palette.shadow,
    };
    // A caret that blinks would wake an idle window twice a second.
    visuals.text_cursor = TextCursorStyle {
        stroke: Stroke::new(1.5, palette.accent),
        blink: false,
        ..TextCursorStyle::default()
    };
    style
}

fn build_page(dark: bool) -> Style {
    let palette = palette(dark);
    let mut style = build(dark);
    style.spacing.item_spacing = egui::vec2(UNIT, UNIT);
    style.spacing.button_padding = egui::vec2(1.5 * UNIT, 6.0);
    style.spacing.interact_size = egui::vec2(4.0 * UNIT, 4.0 * UNIT);
    style.spacing.menu_margin = Margin::same(6);
    let widgets = &mut style.visuals.widgets;
    for (visuals, fill, outline) in [
        (&mut widgets.inactive, palette.panel, palette.outline),
        (&mut widgets.hovered, palette.hover, palette.outline),
        (&mut widgets.active, palette.press, palette.outline),
        (&mut widgets.open, palette.hover, palette.outline),
    ] {
        (visuals.bg_fill, visuals.weak_bg_fill) = (fill, fill);
        visuals.bg_stroke = Stroke::new(1.0, outline);
    }
    // What has the keyboard shows it as plainly as the toolbar's buttons do.
    style.visuals.widgets.active.bg_stroke = Stroke::new(2.0, palette.accent);
    style.visuals.text_edit_bg_color = Some(palette.field);
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: Color32) -> f32 {
        let linear = |value: u8| {
            let v = f32::from(value) / 255.0;
            if v <= 0.03928 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_reaches_aa_on_every_background_it_stands_on() {
        for dark in [false, true] {
            let p = palette(dark);
            for text in [p.text, p.weak] {
                for background in [p.bar, p.panel, p.field, p.hover, p.press, p.selected] {
                    let ratio = contrast(text, background);
                    assert!(ratio >= 4.5, "dark {dark}: {text:?} on {background:?} is {ratio:.2}");
                }
            }
            for (text, background) in [(p.on_accent, p.accent), (p.on_danger, p.danger)] {
                assert!(
                    contrast(text, background) >= 4.5,
                    "dark {dark}: {text:?} on {background:?}"
                );
            }
            // Outlines and marks that carry meaning need 3 to 1.
            for mark in [p.accent, p.outline] {
                for background in [p.bar, p.panel, p.field] {
                    let ratio = contrast(mark, background);
                    assert!(ratio >= 3.0, "dark {dark}: {mark:?} on {background:?} is {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn there_are_four_text_sizes_and_no_more() {
        let mut sizes: Vec<u32> = [SMALL, BODY, LARGE, TITLE].map(|s| s as u32).into();
        sizes.dedup();
        assert_eq!(sizes, [12, 14, 16, 20]);
        assert!(
            style(true)
                .text_styles
                .values()
                .all(|font| sizes.contains(&(font.size as u32)))
        );
    }
}
