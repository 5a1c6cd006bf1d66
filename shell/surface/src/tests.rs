#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use super::{Frame, Gpu, GpuSurface, Layer, MemorySurface, Picture, Placement, Rect, Surface, blit};
use portico_portals::Scale;
use proptest::prelude::*;
use std::sync::Arc;
use winit::event_loop::OwnedDisplayHandle;

const SCALES: [Scale; 4] = [Scale::Fit, Scale::Multiple, Scale::Stretch, Scale::None];

/// A picture in which neighbouring pixels differ, with rows apart by `stride`.
fn pattern(width: u32, height: u32, stride: u32, seed: u32) -> Vec<u8> {
    let mut bytes = vec![0xEE; (stride * (height - 1) + 4 * width) as usize];
    for (y, row) in (0..height).zip(bytes.chunks_mut(stride as usize)) {
        for (x, pixel) in (0..width).zip(row.as_chunks_mut::<4>().0) {
            let edge = if (x / 3 + y / 2 + seed).is_multiple_of(2) {
                90
            } else {
                0
            };
            *pixel = [
                (x * 7 + seed) as u8,
                (y * 5) as u8 ^ edge,
                (x + y) as u8 | edge,
                (x * y) as u8,
            ];
        }
    }
    bytes
}

fn show(surface: &mut dyn Surface, width: u32, height: u32, stride: u32, scale: Scale, seed: u32) {
    let pixels = pattern(width, height, stride, seed);
    surface
        .frame(&Frame {
            width,
            height,
            stride,
            scale,
            pixels: &pixels,
        })
        .unwrap();
}

fn at(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let place = 4 * (y * picture.width + x) as usize;
    picture.rgba[place..place + 3].try_into().unwrap()
}

fn toolbar(width: u32) -> Arc<Layer> {
    Arc::new(Layer::filled(Rect::new(0, 0, width, 20), [40, 44, 52], 255))
}

/// A translucent sheet with soft edges.
fn sheet(rect: Rect) -> Arc<Layer> {
    let pixels = (0..rect.width * rect.height).map(|i| {
        let alpha = (i * 13) % 256;
        alpha << 24 | (alpha / 2) << 16 | (alpha / 3) << 8 | alpha
    });
    Arc::new(Layer::new(rect, pixels.collect()))
}

#[track_caller]
fn assert_alike(a: &Picture, b: &Picture, tolerance: u8, what: &str) {
    assert_eq!((a.width, a.height), (b.width, b.height), "{what}");
    let worst = a
        .rgba
        .iter()
        .zip(&b.rgba)
        .enumerate()
        .max_by_key(|(_, (a, b))| a.abs_diff(**b));
    if let Some((place, (one, other))) = worst {
        let pixel = place as u32 / 4;
        assert!(
            one.abs_diff(*other) <= tolerance,
            "{what}: {one} and {other} at {},{} channel {}",
            pixel % a.width,
            pixel / a.width,
            place % 4
        );
    }
}

/// Both routes, where a driver (lavapipe will do) is there for the second.
fn both() -> Option<[Box<dyn Surface>; 2]> {
    match Gpu::probe(true, None::<OwnedDisplayHandle>) {
        Ok(gpu) => Some([Box::new(MemorySurface::new()), Box::new(GpuSurface::offscreen(&gpu))]),
        Err(error) => {
            println!("not compared with a GPU: {error}");
            None
        }
    }
}

#[test]
fn both_routes_give_the_same_picture() {
    let Some([mut cpu, mut gpu]) = both() else { return };
    let sheet = sheet(Rect::new(30, 25, 70, 60));
    let outside = sheet_over_the_edge();
    for (width, height) in [(160, 120), (201, 97)] {
        for (frame_width, frame_height) in [(160, 100), (40, 30), (77, 31), (1, 1), (300, 200)] {
            for scale in SCALES {
                for extra in [0, 3] {
                    for layers in [
                        vec![],
                        vec![toolbar(width)],
                        vec![toolbar(width), sheet.clone(), outside.clone()],
                    ] {
                        let what = format!(
                            "{frame_width}×{frame_height}+{extra} {scale:?} in {width}×{height}, {} layers",
                            layers.len()
                        );
                        let pictures = [&mut cpu, &mut gpu].map(|surface| {
                            surface.resize(width, height).unwrap();
                            surface.set_area(Rect::new(0, 20, width, height - 20)).unwrap();
                            surface.set_background([12, 34, 56]);
                            surface.set_layers(&layers).unwrap();
                            show(
                                surface.as_mut(),
                                frame_width,
                                frame_height,
                                4 * frame_width + extra,
                                scale,
                                5,
                            );
                            assert!(surface.present().unwrap());
                            surface.picture().unwrap()
                        });
                        assert_alike(&pictures[0], &pictures[1], 2, &what);
                    }
                }
            }
        }
    }
}

fn sheet_over_the_edge() -> Arc<Layer> {
    sheet(Rect::new(-10, 80, 40, 90))
}

/// A frame that has come out of the buffer again looks as if it had been kept all along.
#[test]
fn what_is_composed_in_steps_is_what_is_composed_at_once() {
    type Step<'a> = &'a dyn Fn(&mut dyn Surface);
    let steps: [Step<'_>; 7] = [
        &|surface| show(surface, 120, 80, 480, Scale::Fit, 1),
        &|surface| {
            surface
                .set_layers(&[toolbar(120), sheet(Rect::new(10, 10, 50, 50))])
                .unwrap()
        },
        &|surface| show(surface, 120, 80, 480, Scale::Fit, 2),
        &|surface| surface.set_layers(&[toolbar(120)]).unwrap(),
        &|surface| show(surface, 60, 40, 240, Scale::None, 3),
        &|surface| surface.set_background([1, 2, 3]),
        &|surface| show(surface, 120, 80, 480, Scale::Fit, 4),
    ];
    let begin = || {
        let mut surface = MemorySurface::new();
        surface.resize(120, 100).unwrap();
        surface.set_area(Rect::new(0, 20, 120, 80)).unwrap();
        surface
    };
    let mut stepped = begin();
    for last in 0..steps.len() {
        steps[last](&mut stepped);
        assert!(stepped.present().unwrap());
        assert!(!stepped.present().unwrap(), "nothing has changed since");
        let mut whole = begin();
        steps[..=last].iter().for_each(|step| step(&mut whole));
        whole.damage_all();
        assert_eq!(
            stepped.picture().unwrap(),
            whole.picture().unwrap(),
            "after step {last}"
        );
    }
}

#[test]
fn the_last_frame_is_there_at_once_after_a_resize() {
    let mut surface = MemorySurface::new();
    surface.set_background([9, 9, 9]);
    surface.resize(100, 60).unwrap();
    surface.set_area(Rect::new(0, 20, 100, 40)).unwrap();
    show(&mut surface, 100, 40, 400, Scale::Fit, 0);
    surface.present().unwrap();
    let before = surface.picture().unwrap();
    for (width, height) in [(200, 100), (50, 50), (100, 60)] {
        surface.resize(width, height).unwrap();
        surface.set_area(Rect::new(0, 20, width, height - 20)).unwrap();
        surface.present().unwrap();
    }
    let area = |picture: &Picture| picture.rgba[4 * 100 * 20..].to_vec();
    assert_eq!(
        area(&surface.picture().unwrap()),
        area(&before),
        "not scaled back and forth"
    );

    surface.resize(200, 100).unwrap();
    surface.set_area(Rect::new(0, 20, 200, 80)).unwrap();
    let doubled = surface.picture().unwrap();
    for (x, y) in [(0, 0), (199, 79), (101, 33)] {
        assert_eq!(at(&doubled, x, 20 + y), at(&before, x / 2, 20 + y / 2));
    }
}

#[test]
fn layers_blend_in_gamma_space_and_light_is_held_at_white() {
    let mut surface = MemorySurface::new();
    surface.set_background([100, 200, 250]);
    surface.resize(3, 1).unwrap();
    let half = Arc::new(Layer::filled(Rect::new(0, 0, 1, 1), [255, 0, 0], 128));
    let light = Arc::new(Layer::new(Rect::new(1, 0, 1, 1), vec![0x0040_4040]));
    surface.set_layers(&[half, light]).unwrap();
    let picture = surface.picture().unwrap();
    assert_eq!(at(&picture, 0, 0), [178, 100, 125]);
    assert_eq!(at(&picture, 1, 0), [164, 255, 255]);
    assert_eq!(at(&picture, 2, 0), [100, 200, 250]);
}

#[test]
fn a_frame_that_lies_about_its_bytes_is_ignored() {
    let mut surface = MemorySurface::new();
    surface.resize(10, 10).unwrap();
    surface.set_area(Rect::new(0, 0, 10, 10)).unwrap();
    let frame = Frame {
        width: 10,
        height: 10,
        stride: 40,
        scale: Scale::Fit,
        pixels: &[0; 399],
    };
    surface.frame(&frame).unwrap();
    assert!(surface.placement().is_none());
    surface.frame(&Frame { stride: 8, ..frame }).unwrap();
    surface.frame(&Frame { height: 0, ..frame }).unwrap();
    assert!(surface.placement().is_none());
}

#[test]
fn an_unchanged_set_of_layers_costs_nothing() {
    let mut surface = MemorySurface::new();
    surface.resize(50, 50).unwrap();
    let layers = [toolbar(50), sheet(Rect::new(5, 5, 20, 40))];
    surface.set_layers(&layers).unwrap();
    assert!(surface.present().unwrap());
    surface.set_layers(&layers).unwrap();
    assert!(!surface.present().unwrap());
    surface.set_layers(&layers[..1]).unwrap();
    assert!(surface.present().unwrap());
}

fn scales() -> impl Strategy<Value = Scale> {
    prop::sample::select(SCALES.to_vec())
}

fn areas() -> impl Strategy<Value = Rect> {
    (-50..200, -50..200, 0_u32..3000, 0_u32..3000).prop_map(|(x, y, width, height)| Rect::new(x, y, width, height))
}

proptest! {
    #[test]
    fn a_frame_stays_in_its_area_and_in_the_middle(w in 1_u32..=16384, h in 1_u32..=16384, scale in scales(), area in areas()) {
        let placement = Placement::new(w, h, scale, area);
        prop_assert!(area.contains(&placement.visible));
        prop_assert_eq!(placement.visible, placement.rect.intersection(&area));
        match scale {
            Scale::None => prop_assert!(placement.is_exact() && (placement.rect.x, placement.rect.y) == (area.x, area.y)),
            Scale::Stretch => prop_assert_eq!(placement.rect, area),
            Scale::Fit | Scale::Multiple => {
                prop_assert!(area.contains(&placement.rect));
                let (left, right) = (placement.rect.x - area.x, area.right() - placement.rect.right());
                let (top, bottom) = (placement.rect.y - area.y, area.bottom() - placement.rect.bottom());
                if !placement.rect.is_empty() {
                    prop_assert!(left.abs_diff(right) <= 1 && top.abs_diff(bottom) <= 1);
                }
                if scale == Scale::Multiple && area.width >= w && area.height >= h {
                    prop_assert!(placement.is_multiple());
                }
                if scale == Scale::Fit && !area.is_empty() {
                    prop_assert!(placement.rect.width == area.width || placement.rect.height == area.height);
                }
            }
        }
    }

    #[test]
    fn places_map_back(w in 1_u32..4000, h in 1_u32..4000, scale in scales(), area in areas(), x in -100.0..4000.0, y in -100.0..4000.0) {
        let placement = Placement::new(w, h, scale, area);
        let (in_window_x, in_window_y) = placement.map_to_window(x, y);
        let (back_x, back_y) = placement.map_to_frame(in_window_x, in_window_y);
        prop_assert!((back_x - x).abs() < 1e-6 && (back_y - y).abs() < 1e-6);
        let (left, top) = placement.map_to_frame(placement.rect.x.into(), placement.rect.y.into());
        prop_assert!(left.abs() < 1e-9 && top.abs() < 1e-9);
    }

    #[test]
    fn drawing_in_parts_is_drawing_at_once(
        w in 1_u32..40, h in 1_u32..40, scale in scales(), area_w in 1_u32..90, area_h in 1_u32..90,
        part in (0_i32..90, 0_i32..90, 0_u32..90, 0_u32..90),
    ) {
        let window = Rect::new(0, 0, 90, 90);
        let placement = Placement::new(w, h, scale, Rect::new(0, 0, area_w, area_h));
        let pixels: Vec<u32> = (0..w * h).map(|i| i.wrapping_mul(0x9E_3779) & 0xFF_FFFF).collect();
        let source = blit::Source { width: w as usize, height: h as usize, pixels: &pixels };
        let mut whole = vec![0; 90 * 90];
        blit::draw(&mut whole, 90, source, &placement, placement.visible.intersection(&window));
        let mut parts = vec![0; 90 * 90];
        let part = Rect::new(part.0, part.1, part.2, part.3).intersection(&placement.visible);
        blit::draw(&mut parts, 90, source, &placement, part);
        for rest in placement.visible.without(&part) {
            blit::draw(&mut parts, 90, source, &placement, rest);
        }
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn blending_is_right_to_the_last_bit(top: u32, below: u32) {
        let alpha = top >> 24;
        for shift in [0, 8, 16, 24] {
            let exact = f64::from(below >> shift & 255) * f64::from(255 - alpha) / 255.0;
            let wanted = (exact.round() as u32 + (top >> shift & 255)).min(255);
            prop_assert_eq!(blit::over(top, below) >> shift & 255, wanted);
        }
    }

    #[test]
    fn what_is_left_of_a_rectangle_is_all_but_the_hole(a in areas(), b in areas()) {
        let parts = a.without(&b);
        let left: u64 = parts.iter().map(Rect::pixels).sum();
        prop_assert_eq!(left, a.pixels() - a.intersection(&b).pixels());
        for (i, part) in parts.iter().enumerate() {
            prop_assert!(a.contains(part) && !part.intersects(&b));
            prop_assert!(parts[i + 1..].iter().all(|other| !part.intersects(other)));
        }
    }
}

/// Run with `--release -- --nocapture times` to see what composing costs.
#[test]
fn times() {
    let mut surface = MemorySurface::new();
    surface.resize(1280, 760).unwrap();
    surface.set_area(Rect::new(0, 40, 1280, 720)).unwrap();
    let overlay = Arc::new(Layer::filled(Rect::new(320, 100, 640, 400), [20, 20, 20], 200));
    for (what, layers, width, height, scale) in [
        ("1:1", vec![], 1280, 720, Scale::Fit),
        ("1:1 under an overlay of 640×400", vec![overlay], 1280, 720, Scale::Fit),
        ("twice", vec![], 640, 360, Scale::Multiple),
        ("smooth", vec![], 1000, 563, Scale::Fit),
    ] {
        surface.set_layers(&layers).unwrap();
        let pixels = pattern(width, height, 4 * width, 0);
        let mut best = f64::MAX;
        for _ in 0..20 {
            let start = std::time::Instant::now();
            surface
                .frame(&Frame {
                    width,
                    height,
                    stride: 4 * width,
                    scale,
                    pixels: &pixels,
                })
                .unwrap();
            surface.present().unwrap();
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        println!("a frame of 1280×720, {what}: {best:.3} ms");
    }
}
