//! The first frame of `examples/plasma/plasma.c`, with the same work done for it.

pub(crate) const WIDTH: u32 = 1280;
pub(crate) const HEIGHT: u32 = 720;
const TURN: usize = 4096;
const COLOURS: usize = 4096;
const TIME: u32 = 20_000;
const DUSK: [u32; 6] = [0x1A_1040, 0x4B_1D6B, 0xB0_306A, 0xFF_7A5C, 0xFF_D08A, 0x8A_4FA3];

struct Wave {
    length: u32,
    slant: i32,
    bend: i32,
    row: u32,
    drift: i32,
    breathe: i32,
}

const WAVES: [Wave; 3] = [
    Wave {
        length: 1024,
        slant: 2,
        bend: 520,
        row: 900,
        drift: 9,
        breathe: 5,
    },
    Wave {
        length: 640,
        slant: -3,
        bend: 300,
        row: 610,
        drift: -14,
        breathe: 8,
    },
    Wave {
        length: 400,
        slant: 5,
        bend: 190,
        row: 1300,
        drift: 6,
        breathe: -11,
    },
];

pub(crate) fn first_frame() -> Vec<u32> {
    let (sine, colours) = (sine(), colours());
    let turn = |angle: u32| i32::from(sine[angle as usize % TURN]);
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT) as usize);
    let mut along = [[0i32; WIDTH as usize]; 3];
    for y in 0..HEIGHT {
        let mut strength = [0; 3];
        for (number, wave) in (0u32..).zip(&WAVES) {
            let slow = (TIME >> 5).cast_signed();
            let swing = (y * TURN as u32 / wave.row).wrapping_add((slow * wave.breathe / 8).cast_unsigned());
            let phase = slow * wave.drift / 4 + y.cast_signed() * wave.slant + turn(swing) * wave.bend / 1024;
            let index = number as usize;
            strength[index] = turn(swing / 2 + 700 * number) / 2 + 2600;
            let step = (TURN as u32) << 16;
            let (step, mut at) = (step / wave.length / 16, (phase.cast_unsigned() % TURN as u32) << 12);
            for value in &mut along[index] {
                *value = i32::from(sine[(at >> 12) as usize & (TURN - 1)]);
                at = at.wrapping_add(step);
            }
        }
        let base = (TIME >> 3).wrapping_add((turn(y * 3 + (TIME >> 2)) / 4).cast_unsigned());
        let [first, second, third] = &along;
        pixels.extend(first.iter().zip(second).zip(third).map(|((a, b), c)| {
            let sum = a * strength[0] + b * strength[1] + c * strength[2];
            colours[(sum >> 13).cast_unsigned().wrapping_add(base) as usize % COLOURS]
        }));
    }
    pixels
}

fn sine() -> Vec<i16> {
    let (step_sine, step_cosine) = (0.001_533_980_186_284_765_5, 0.999_998_823_451_701_9);
    let (mut x, mut y) = (1.0f64, 0.0f64);
    (0..TURN)
        .map(|_| {
            let value = (y * 4095.0) as i16;
            (x, y) = (x * step_cosine - y * step_sine, y * step_cosine + x * step_sine);
            value
        })
        .collect()
}

fn colours() -> Vec<u32> {
    (0..COLOURS)
        .map(|at| {
            let (stop, part) = (at * DUSK.len() / COLOURS, (at * DUSK.len() % COLOURS) as u64);
            let part = ((part * part * (3 * 4096 - 2 * part)) >> 24) as u32;
            mix(DUSK[stop], DUSK[(stop + 1) % DUSK.len()], part)
        })
        .collect()
}

/// Of one colour to another; `part` is of 4096.
fn mix(from: u32, to: u32, part: u32) -> u32 {
    [0, 8, 16].into_iter().fold(0, |mixed, shift| {
        let (old, new) = (from >> shift & 255, to >> shift & 255);
        mixed | ((old * (4096 - part) + new * part) >> 12) << shift
    })
}
