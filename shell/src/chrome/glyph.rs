//! The shell's own few icons, drawn as lines so that they are sharp at every scale and need no font.

use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

/// An icon of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Minimise,
    Maximise,
    Restore,
    Close,
    Menu,
    Search,
    Pin,
    Microphone,
    Camera,
    Network,
    Bluetooth,
    Pins,
    Ports,
    Clipboard,
    Dot,
}

/// Draws an icon around a place.
pub(crate) fn draw(painter: &Painter, glyph: Glyph, centre: Pos2, colour: Color32) {
    let stroke = Stroke::new(1.5, colour);
    let line = |x0: f32, y0: f32, x1: f32, y1: f32| {
        painter.line_segment([centre + vec2(x0, y0), centre + vec2(x1, y1)], stroke);
    };
    let rect = |x: f32, y: f32, width: f32, height: f32, radius: u8| {
        let rect = Rect::from_min_size(centre + vec2(x, y), vec2(width, height));
        painter.rect_stroke(rect, CornerRadius::same(radius), stroke, StrokeKind::Middle);
    };
    match glyph {
        Glyph::Minimise => line(-5.0, 0.0, 5.0, 0.0),
        Glyph::Maximise => rect(-4.5, -4.5, 9.0, 9.0, 2),
        Glyph::Restore => {
            rect(-5.0, -2.5, 7.5, 7.5, 2);
            let corner = [vec2(-2.0, -5.0), vec2(5.0, -5.0), vec2(5.0, 2.0)];
            painter.line(corner.map(|v| centre + v).to_vec(), stroke);
        }
        Glyph::Close => {
            line(-4.5, -4.5, 4.5, 4.5);
            line(-4.5, 4.5, 4.5, -4.5);
        }
        Glyph::Menu => [-4.5, 0.0, 4.5].into_iter().for_each(|y| line(-7.0, y, 7.0, y)),
        Glyph::Search => {
            painter.circle_stroke(centre + vec2(-1.0, -1.0), 4.5, stroke);
            line(2.4, 2.4, 6.0, 6.0);
        }
        Glyph::Pin => {
            rect(-3.0, -6.0, 6.0, 7.0, 1);
            line(-5.0, 1.0, 5.0, 1.0);
            line(0.0, 1.0, 0.0, 6.5);
        }
        Glyph::Microphone => {
            rect(-2.5, -7.0, 5.0, 8.5, 2);
            let cup = [
                vec2(-5.0, -1.0),
                vec2(-4.4, 2.2),
                vec2(-2.0, 4.2),
                vec2(2.0, 4.2),
                vec2(4.4, 2.2),
                vec2(5.0, -1.0),
            ];
            painter.line(cup.map(|v| centre + v).to_vec(), stroke);
            line(0.0, 4.2, 0.0, 7.0);
            line(-3.0, 7.0, 3.0, 7.0);
        }
        Glyph::Camera => {
            rect(-7.5, -4.5, 10.0, 9.0, 2);
            let lens = [vec2(2.5, -1.0), vec2(7.5, -4.0), vec2(7.5, 4.0), vec2(2.5, 1.0)];
            painter.line(lens.map(|v| centre + v).to_vec(), stroke);
        }
        Glyph::Network => {
            painter.circle_stroke(centre, 6.5, stroke);
            line(-6.5, 0.0, 6.5, 0.0);
            painter.add(egui::epaint::EllipseShape::stroke(centre, vec2(2.8, 6.5), stroke));
        }
        Glyph::Bluetooth => {
            let rune = [
                vec2(-4.0, -3.5),
                vec2(4.0, 3.5),
                vec2(0.0, 7.0),
                vec2(0.0, -7.0),
                vec2(4.0, -3.5),
                vec2(-4.0, 3.5),
            ];
            painter.line(rune.map(|v| centre + v).to_vec(), stroke);
        }
        Glyph::Pins => {
            rect(-4.5, -4.5, 9.0, 9.0, 1);
            for x in [-2.0, 2.0] {
                line(x, -7.5, x, -4.5);
                line(x, 4.5, x, 7.5);
                line(-7.5, x, -4.5, x);
                line(4.5, x, 7.5, x);
            }
        }
        Glyph::Ports => {
            line(-6.5, -3.0, 6.5, -3.0);
            line(3.5, -6.0, 6.5, -3.0);
            line(6.5, 3.0, -6.5, 3.0);
            line(-3.5, 6.0, -6.5, 3.0);
        }
        Glyph::Clipboard => {
            rect(-5.0, -5.5, 10.0, 12.0, 1);
            rect(-2.5, -7.0, 5.0, 3.0, 1);
        }
        Glyph::Dot => {
            painter.circle_filled(centre, 4.0, colour);
        }
    }
}

/// Draws the icon of a program that has none, over a place as large as that of others.
pub(crate) fn program(painter: &Painter, place: Rect, colour: Color32) {
    let scale = place.width() / 16.0;
    let stroke = Stroke::new(1.5 * scale.sqrt(), colour);
    let frame = Rect::from_center_size(place.center(), vec2(14.0, 12.0) * scale);
    painter.rect_stroke(
        frame,
        CornerRadius::same((3.0 * scale) as u8),
        stroke,
        StrokeKind::Middle,
    );
    let bar = frame.top() + 4.0 * scale;
    painter.line_segment([pos2(frame.left(), bar), pos2(frame.right(), bar)], stroke);
}

/// Draws a chip with a shortcut that ends at a place; says how wide it is.
pub(crate) fn chip(painter: &Painter, right: Pos2, text: &str, palette: &super::Palette) -> f32 {
    let galley = painter.layout_no_wrap(text.into(), super::fonts::text(super::theme::SMALL), palette.weak);
    let size = vec2(galley.size().x + 12.0, 22.0);
    let rect = Rect::from_min_size(pos2(right.x - size.x, right.y - size.y / 2.0), size);
    painter.rect_stroke(
        rect,
        CornerRadius::same(4),
        Stroke::new(1.0, palette.outline),
        StrokeKind::Inside,
    );
    painter.galley(rect.center() - galley.size() / 2.0, galley, palette.weak);
    size.x
}
