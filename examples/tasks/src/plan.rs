//! What there is to compute, who does which row, and what has come of it.

use std::ops::Range;

/// Bytes of what is shared with a child before its points.
const HEADER: usize = 64;
/// Points a row at most: as many as a child has room for.
const WIDEST: usize = 24_000;
/// The first rows that are computed lie so far apart; those between follow.
const FIRST_PASS: u32 = 16;

/// The part of the plane that is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct View {
    /// What is in the middle.
    pub(crate) middle: (f64, f64),
    /// How much of the plane is seen from top to bottom.
    pub(crate) height: f64,
}

impl View {
    /// All of the set.
    pub(crate) const WHOLE: Self = Self {
        middle: (-0.65, 0.0),
        height: 2.6,
    };

    /// Half as much, or twice as much, of the plane; what is under a point of a picture stays there.
    pub(crate) fn zoom(&mut self, factor: f64, at: (f64, f64), size: (u32, u32)) {
        let step = self.height / f64::from(size.1);
        let offset = (at.0 - f64::from(size.0) / 2.0, at.1 - f64::from(size.1) / 2.0);
        // Beyond this, numbers of 64 bits do not tell points apart; and nothing is farther out than this.
        let height = (self.height * factor).clamp(1e-12, 8.0);
        let moved = step - height / f64::from(size.1);
        self.middle = (self.middle.0 + offset.0 * moved, self.middle.1 + offset.1 * moved);
        self.height = height;
    }

    /// Most steps of a point: the deeper, the more.
    fn steps(&self) -> u32 {
        (200.0 + 120.0 * (Self::WHOLE.height / self.height).log2().max(0.0)) as u32
    }
}

/// A picture that is being computed.
pub(crate) struct Plan {
    /// Tells the children of a picture from those of the one before.
    pub(crate) number: u32,
    view: View,
    size: (u32, u32),
    order: Vec<u32>,
    given: usize,
    done: usize,
    stopped: bool,
    /// Two numbers a point, as a child has sent them.
    points: Vec<[f32; 2]>,
    /// Rows that are to be drawn, each with those that it stands for.
    fresh: Vec<(u32, Range<u32>)>,
}

impl Plan {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            number: 0,
            view: View::WHOLE,
            size: (0, 0),
            order: Vec::new(),
            given: 0,
            done: 0,
            stopped: false,
            points: Vec::new(),
            fresh: Vec::new(),
        }
    }

    /// Begins anew.
    pub(crate) fn begin(&mut self, view: View, (width, height): (u32, u32)) {
        self.number += 1;
        self.view = view;
        self.size = (width.min(WIDEST as u32), height);
        self.order = order(height);
        (self.given, self.done, self.stopped) = (0, 0, false);
        self.points = vec![[0.0; 2]; self.size.0 as usize * height as usize];
        self.fresh.clear();
    }

    /// Nobody goes on with it.
    pub(crate) fn cancel(&mut self) {
        self.number += 1;
        self.stopped = true;
    }

    /// The memory for a new child, with its first row; `None` when there is nothing left to do.
    pub(crate) fn first(&mut self) -> Option<Vec<u8>> {
        let mut memory = vec![0; HEADER + 8 * self.size.0 as usize];
        let step = self.view.height / f64::from(self.size.1);
        let corner = |middle: f64, points: u32| middle - f64::from(points) / 2.0 * step;
        let numbers = [
            corner(self.view.middle.0, self.size.0),
            corner(self.view.middle.1, self.size.1),
            step,
        ];
        memory[..24].copy_from_slice(numbers.map(f64::to_le_bytes).as_flattened());
        memory[24..28].copy_from_slice(&self.size.0.to_le_bytes());
        memory[32..36].copy_from_slice(&self.view.steps().to_le_bytes());
        self.next(&mut memory).then_some(memory)
    }

    /// Takes a row that a child has sent, and puts the next in its place. Says whether there is one.
    pub(crate) fn take(&mut self, memory: &mut [u8]) -> bool {
        let row = u32::from_le_bytes([memory[28], memory[29], memory[30], memory[31]]);
        let width = self.size.0 as usize;
        let Some(points) = self.points.get_mut(row as usize * width..(row as usize + 1) * width) else {
            return false;
        };
        let number = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        for (point, bytes) in points.iter_mut().zip(memory[HEADER..].chunks_exact(8)) {
            *point = [number(bytes), number(&bytes[4..])];
        }
        let pass = pass(row);
        self.fresh.push((row, row..(row + pass).min(self.size.1)));
        self.done += 1;
        self.next(memory)
    }

    fn next(&mut self, memory: &mut [u8]) -> bool {
        let Some(row) = self.order.get(self.given) else {
            return false;
        };
        self.given += 1;
        memory[28..32].copy_from_slice(&row.to_le_bytes());
        true
    }

    /// Rows that have come since the last look, with their points and the rows of the picture that they stand for until those
    /// have come.
    pub(crate) fn fresh(&mut self) -> impl Iterator<Item = (&[[f32; 2]], Range<u32>)> {
        let (points, width) = (&self.points, self.size.0 as usize);
        self.fresh
            .drain(..)
            .map(move |(row, rows)| (&points[row as usize * width..(row as usize + 1) * width], rows))
    }

    /// Draws all of it again.
    pub(crate) fn refresh(&mut self) {
        // Coarse rows first, so that finer ones are not drawn over.
        self.fresh = self.order[..self.done.min(self.order.len())]
            .iter()
            .map(|row| (*row, *row..(row + pass(*row)).min(self.size.1)))
            .collect();
    }

    /// Rows that are done, of all.
    pub(crate) fn progress(&self) -> (usize, usize) {
        (self.done, self.order.len())
    }

    /// Whether somebody has still something to do.
    pub(crate) fn is_running(&self) -> bool {
        !self.stopped && self.done < self.order.len()
    }

    /// Most steps of a point.
    pub(crate) fn steps(&self) -> f32 {
        self.view.steps() as f32
    }
}

/// How many rows of the picture one stands for when it comes.
fn pass(row: u32) -> u32 {
    if row == 0 {
        FIRST_PASS
    } else {
        (1 << row.trailing_zeros()).min(FIRST_PASS)
    }
}

/// All rows, those of the first pass first, then those half-way between them, and so on.
fn order(rows: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by_key(|row| (std::cmp::Reverse(pass(*row)), *row));
    order
}
