//! Patterns to begin with.

/// Name, description and picture of each.
pub(crate) const ALL: [(&str, &str, &str); 4] = [
    ("Glider gun", "Gosper's gun: a glider every thirty generations", GUN),
    (
        "Acorn",
        "Seven cells that take 5,206 generations to settle",
        ".O\n...O\nOO..OOO",
    ),
    (
        "R-pentomino",
        "Five cells that take 1,103 generations to settle",
        ".OO\nOO.\n.O.",
    ),
    ("Pulsar", "Three phases, over and over", PULSAR),
];

const GUN: &str = "\
........................O...........
......................O.O...........
............OO......OO............OO
...........O...O....OO............OO
OO........O.....O...OO..............
OO........O...O.OO....O.O...........
..........O.....O.......O...........
...........O...O....................
............OO......................";

const PULSAR: &str = "\
..OOO...OOO..
.............
O....O.O....O
O....O.O....O
O....O.O....O
..OOO...OOO..
.............
..OOO...OOO..
O....O.O....O
O....O.O....O
O....O.O....O
.............
..OOO...OOO..";

#[cfg(test)]
mod tests {
    use crate::board::Board;

    #[test]
    fn the_pulsar_has_three_phases_and_the_gun_fires_every_thirty() {
        let alive_after = |pattern, steps| {
            let mut board = Board::new();
            board.stamp(0, 0, pattern);
            (0..steps).for_each(|_| board.step());
            board.alive()
        };
        assert_eq!(alive_after(super::PULSAR, 0), alive_after(super::PULSAR, 3));
        assert_ne!(alive_after(super::PULSAR, 0), alive_after(super::PULSAR, 1));
        assert_eq!(alive_after(super::GUN, 0) + 5, alive_after(super::GUN, 30));
        assert_eq!(alive_after(super::GUN, 0) + 20, alive_after(super::GUN, 120));
    }
}
