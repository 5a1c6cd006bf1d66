//! What stands on paint's page in the documentation: a boat on a lake, stroke by stroke.

/// A point of the page, which is 1200 × 800.
pub(crate) type Point = (f64, f64);

/// A line drawn without letting go.
pub(crate) struct Stroke {
    /// The program's name for it.
    pub(crate) colour: &'static str,
    /// The program's name for it, without the word brush.
    pub(crate) brush: &'static str,
    pub(crate) points: Vec<Point>,
}

/// The strokes, from back to front.
pub(crate) fn strokes() -> Vec<Stroke> {
    let mut drawing = Drawing::default();
    for (colour, top, bottom, phase) in [
        ("Lavender", 20, 120, 0.0),
        ("Blush", 140, 240, 1.1),
        ("Peach", 250, 350, 2.0),
        ("Cream", 350, 450, 3.2),
    ] {
        drawing.bands(colour, (top, bottom), 12.0, 150.0, phase);
    }
    drawing.draw("Apricot", "Huge", circle((1062.0, 352.0), 44.0));
    drawing.draw("Apricot", "Huge", circle((1062.0, 352.0), 10.0));
    drawing.bands("Denim", (470, 520), 30.0, 95.0, 0.9);
    drawing.bands("Teal", (530, 620), 34.0, 160.0, 2.6);
    drawing.bands("Cobalt", (630, 795), 5.0, 40.0, 0.0);
    for (y, left, right) in [
        (650, 60, 380),
        (672, 820, 930),
        (700, 980, 1170),
        (728, 140, 330),
        (770, 560, 1000),
    ] {
        drawing.draw("Azure", "Medium", wave((left, right), y, 5.0, 26.0, f64::from(y)));
    }
    for (y, left, right) in [(618, 840, 1100), (668, 180, 320), (742, 420, 520), (775, 110, 260)] {
        drawing.draw("Aqua", "Fine", wave((left, right), y, 4.0, 20.0, f64::from(y)));
    }
    for (y, left, right) in [(672.0, 520.0, 740.0), (690.0, 530.0, 730.0), (708.0, 545.0, 715.0)] {
        drawing.draw("Chestnut", "Bold", vec![(left, y), (right, y)]);
    }
    drawing.draw("Coffee", "Fine", vec![(632.0, 672.0), (632.0, 478.0)]);
    drawing.draw("Paper", "Medium", fan((648.0, 498.0), (648.0, 732.0), 632.0));
    drawing.draw("Coral", "Medium", fan((616.0, 520.0), (616.0, 542.0), 632.0));
    for (x, y) in [
        (60.0, 230.0),
        (105.0, 200.0),
        (140.0, 242.0),
        (1120.0, 140.0),
        (1155.0, 165.0),
    ] {
        let wings = [
            (-20.0, -6.0),
            (-12.0, -11.0),
            (-5.0, -8.0),
            (0.0, 0.0),
            (5.0, -8.0),
            (12.0, -11.0),
            (20.0, -6.0),
        ];
        drawing.draw(
            "Charcoal",
            "Fine",
            wings.iter().map(|(dx, dy)| (x + dx, y + dy)).collect(),
        );
    }
    drawing.0
}

#[derive(Default)]
struct Drawing(Vec<Stroke>);

impl Drawing {
    fn draw(&mut self, colour: &'static str, brush: &'static str, points: Vec<Point>) {
        self.0.push(Stroke { colour, brush, points });
    }

    /// Fills the page's width between two heights, with waves above and below.
    fn bands(&mut self, colour: &'static str, (top, bottom): (i32, i32), height: f64, length: f64, phase: f64) {
        // The broadest brush is 68 wide: the lines overlap.
        let lines = (bottom - top + 54) / 55;
        for line in 0..=lines {
            let y = top + (bottom - top) * line / lines;
            self.draw(colour, "Huge", wave((2, 1198), y, height, length, phase));
        }
    }
}

fn wave((left, right): (i32, i32), y: i32, height: f64, length: f64, phase: f64) -> Vec<Point> {
    let steps = ((right - left) / 15).max(8);
    let at = |step| {
        let x = f64::from(left) + f64::from((right - left) * step) / f64::from(steps);
        (x, f64::from(y) + height * (x / length + phase).sin())
    };
    (0..=steps).map(at).collect()
}

fn circle((x, y): Point, radius: f64) -> Vec<Point> {
    let at = |step: i32| {
        let (sin, cos) = (std::f64::consts::TAU * f64::from(step) / 24.0).sin_cos();
        (x + radius * cos, y + radius * sin)
    };
    (0..=24).map(at).collect()
}

/// A filled triangle: from its tip to one place of its base after the other, and back.
fn fan(tip: Point, (from, to): Point, base: f64) -> Vec<Point> {
    let line = |step: i32| [tip, (from + (to - from) * f64::from(step) / 9.0, base)];
    (0..=9).flat_map(line).chain([(from, base)]).collect()
}
