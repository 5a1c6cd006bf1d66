//! The plane and its rule, 64 cells at a time.

/// Cells a side; the plane has no edge, it comes back to itself.
pub(crate) const SIDE: usize = 2048;
/// Generations that a cell's colour remembers, this one included.
pub(crate) const MEMORY: usize = 7;
const WORDS: usize = SIDE / 64;

type Plane = Vec<u64>;

/// The cells, now and in the generations before.
pub(crate) struct Board {
    /// From this generation back.
    planes: Vec<Plane>,
    generation: u64,
    alive: u32,
}

impl Board {
    /// Nothing lives.
    pub(crate) fn new() -> Self {
        Self {
            planes: vec![vec![0; SIDE * WORDS]; MEMORY],
            generation: 0,
            alive: 0,
        }
    }

    /// Nothing lives, and nothing ever did.
    pub(crate) fn clear(&mut self) {
        self.planes.iter_mut().for_each(|plane| plane.fill(0));
        (self.generation, self.alive) = (0, 0);
    }

    /// Steps made since the board was cleared.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Cells that live.
    pub(crate) fn alive(&self) -> u32 {
        self.alive
    }

    /// Whether a cell lives; the plane goes on beyond its sides.
    pub(crate) fn get(&self, x: i32, y: i32) -> bool {
        let (word, bit) = place(x, y);
        self.planes[0][word] >> bit & 1 != 0
    }

    /// Lets a cell live or die.
    pub(crate) fn set(&mut self, x: i32, y: i32, lives: bool) {
        if self.get(x, y) != lives {
            let (word, bit) = place(x, y);
            self.planes[0][word] ^= 1 << bit;
            self.alive = if lives { self.alive + 1 } else { self.alive - 1 };
        }
    }

    /// Which of the last generations a cell lived in: bit 0 is this one, bit 1 the one before, and so on.
    pub(crate) fn past(&self, x: i32, y: i32) -> usize {
        let (word, bit) = place(x, y);
        self.planes.iter().enumerate().fold(0, |past, (age, plane)| {
            past | ((plane[word] >> bit & 1) as usize) << age
        })
    }

    /// Sets cells from a picture, one row a line, `O` for a cell that lives, with its middle at a cell.
    pub(crate) fn stamp(&mut self, x: i32, y: i32, pattern: &str) {
        let height = pattern.lines().count() as i32;
        let width = pattern.lines().map(str::len).max().unwrap_or(0) as i32;
        for (row, line) in pattern.lines().enumerate() {
            for (column, _) in line.bytes().enumerate().filter(|(_, cell)| *cell == b'O') {
                self.set(x - width / 2 + column as i32, y - height / 2 + row as i32, true);
            }
        }
    }

    /// Sets cells by chance, about a third, in a rectangle around a cell.
    pub(crate) fn scatter(&mut self, x: i32, y: i32, width: i32, height: i32, mut seed: u64) {
        for row in y - height / 2..y + height / 2 {
            for column in x - width / 2..x + width / 2 {
                // A linear congruential generator with Knuth's numbers; its high bits are good enough for soup.
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                self.set(column, row, seed >> 33 & 0xFF < 80);
            }
        }
    }

    /// One generation on.
    pub(crate) fn step(&mut self) {
        self.planes.rotate_right(1);
        // What was oldest is overwritten.
        let [next, now, ..] = self.planes.as_mut_slice() else {
            return;
        };
        let mut alive = 0;
        for y in 0..SIDE {
            let row = |y: usize| &now[y % SIDE * WORDS..][..WORDS];
            let (above, here, below) = (row(y + SIDE - 1), row(y), row(y + 1));
            if [above, here, below].iter().all(|row| row.iter().all(|word| *word == 0)) {
                next[y * WORDS..][..WORDS].fill(0);
                continue;
            }
            for (x, word) in next[y * WORDS..][..WORDS].iter_mut().enumerate() {
                *word = after(sides(above, x), sides(here, x), sides(below, x));
                alive += word.count_ones();
            }
        }
        self.alive = alive;
        self.generation += 1;
    }
}

/// Word and bit of a cell.
fn place(x: i32, y: i32) -> (usize, u32) {
    let (x, y) = (x.rem_euclid(SIDE as i32) as usize, y.rem_euclid(SIDE as i32) as usize);
    (y * WORDS + x / 64, (x % 64) as u32)
}

/// The left neighbours of 64 cells, they themselves, and their right neighbours.
fn sides(row: &[u64], x: usize) -> [u64; 3] {
    let (before, here, behind) = (row[(x + WORDS - 1) % WORDS], row[x], row[(x + 1) % WORDS]);
    [here << 1 | before >> 63, here, here >> 1 | behind << 63]
}

/// Adds three bits: the ones and the twos of the sum.
fn add([a, b, c]: [u64; 3]) -> (u64, u64) {
    (a ^ b ^ c, a & b | c & (a ^ b))
}

/// The next state of 64 cells: neighbours are counted in all of them at once, a bit of the count at a time.
fn after(above: [u64; 3], [left, lives, right]: [u64; 3], below: [u64; 3]) -> u64 {
    let (above_one, above_two) = add(above);
    let (below_one, below_two) = add(below);
    let (here_one, here_two) = add([left, 0, right]);
    let (one, carried_two) = add([above_one, below_one, here_one]);
    // Two or three neighbours: exactly one of the four twos.
    let (first, second) = (above_two ^ below_two, here_two ^ carried_two);
    let two = (first ^ second) & !(above_two & below_two | here_two & carried_two);
    two & (one | lives)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells that live, among those around the corner of the plane, where all four sides meet.
    fn cells(board: &Board) -> Vec<(i32, i32)> {
        let all = (-20..20).flat_map(|y| (-20..20).map(move |x| (x, y)));
        all.filter(|(x, y)| board.get(*x, *y)).collect()
    }

    #[test]
    fn the_rule_holds_for_every_count_of_neighbours() {
        let around = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
        // All on one plane, far enough from one another.
        let cases = (0..512).map(|case| (case % 32 * 8, case / 32 * 8, case as u32 & 255, case > 255));
        let mut board = Board::new();
        for (x, y, neighbours, lives) in cases.clone() {
            board.set(x, y, lives);
            for (index, (dx, dy)) in around.iter().enumerate() {
                board.set(x + dx, y + dy, neighbours >> index & 1 != 0);
            }
        }
        board.step();
        for (x, y, neighbours, lives) in cases {
            let count = neighbours.count_ones();
            assert_eq!(
                board.get(x, y),
                count == 3 || lives && count == 2,
                "{neighbours:08b} {lives}"
            );
        }
    }

    #[test]
    fn a_glider_crosses_the_edge_that_is_none() {
        let mut board = Board::new();
        board.stamp(-3, -3, ".O.\n..O\nOOO");
        let before = cells(&board);
        for _ in 0..24 {
            board.step();
        }
        let moved: Vec<_> = before.iter().map(|(x, y)| (x + 6, y + 6)).collect();
        assert_eq!(cells(&board), moved);
        assert_eq!((board.alive(), board.generation()), (5, 24));
    }

    #[test]
    fn a_cell_remembers_when_it_lived() {
        let mut board = Board::new();
        board.stamp(100, 100, "OOO");
        board.step();
        board.step();
        assert_eq!(board.past(100, 100), 0b111, "the middle of a blinker always lives");
        assert_eq!(board.past(99, 100), 0b101);
        assert_eq!(board.past(100, 99), 0b010);
        board.clear();
        assert_eq!(board.past(100, 100), 0);
    }
}
