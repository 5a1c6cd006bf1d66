//! The invisible frame around a window without decorations, by which it is resized.

/// An edge or corner of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Edge {
    Top,
    TopRight,
    Right,
    BottomRight,
    Bottom,
    BottomLeft,
    Left,
    TopLeft,
}

/// How wide the frame is, in points. Narrow, since it lies over the program's picture.
const FRAME: f32 = 4.0;
/// How far a corner reaches along both edges, in points.
const CORNER: f32 = 16.0;

/// The edge at a place in the window, `None` inside. Place and size are in points.
pub fn edge_at(x: f32, y: f32, width: f32, height: f32) -> Option<Edge> {
    let (right, bottom) = (width - x, height - y);
    if x.min(y).min(right).min(bottom) >= FRAME {
        return None;
    }
    // Beyond the frame only the corners' arms count, so a press near one still finds it.
    Some(match (x < CORNER, y < CORNER, right <= CORNER, bottom <= CORNER) {
        (true, true, ..) => Edge::TopLeft,
        (_, true, true, _) => Edge::TopRight,
        (true, _, _, true) => Edge::BottomLeft,
        (_, _, true, true) => Edge::BottomRight,
        (true, ..) => Edge::Left,
        (_, true, ..) => Edge::Top,
        (_, _, true, _) => Edge::Right,
        _ => Edge::Bottom,
    })
}
