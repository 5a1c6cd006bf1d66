//! A window's picture, with what a screen reader finds in it.

use egui::vec2;
use egui_kittest::Harness;
use portico::chrome;

/// A window of this size in points, at so many pixels a point, in which `bench` has been drawn.
pub(crate) fn harness<B: 'static>(
    bench: B,
    draw: fn(&mut B, &mut egui::Ui),
    size: (f32, f32),
    scale: f32,
) -> Harness<'static, B> {
    let mut harness = Harness::builder()
        .with_size(vec2(size.0, size.1))
        .with_pixels_per_point(scale)
        .with_context_setup(chrome::install)
        .build_ui_state(move |ui, bench: &mut B| draw(bench, ui), bench);
    harness.run();
    harness
}
