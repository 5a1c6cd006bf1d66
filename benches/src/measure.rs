//! How figures are taken: in rounds that go back and forth between the two sides, so that what else the machine does meets
//! both alike, and by their medians.

use anyhow::Result;

/// The middle of some figures; the mean of the two in the middle when there is an even number, 0 of none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (
        sorted.get(half),
        half.checked_sub(1).and_then(|below| sorted.get(below)),
    ) {
        (Some(&middle), Some(&below)) if sorted.len().is_multiple_of(2) => f64::midpoint(middle, below),
        (Some(&middle), _) => middle,
        (None, _) => 0.0,
    }
}

/// Medians of `rounds` figures of each side, after one round that does not count.
pub(crate) fn interleaved(
    rounds: usize,
    mut portico: impl FnMut() -> Result<f64>,
    mut native: impl FnMut() -> Result<f64>,
) -> Result<(f64, f64)> {
    let mut figures = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let pair = (portico()?, native()?);
        if round > 0 {
            figures.0.push(pair.0);
            figures.1.push(pair.1);
        }
    }
    Ok((median(&figures.0), median(&figures.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn the_first_round_does_not_count() -> Result<()> {
        let (mut portico, mut native) = ([900.0, 1.0, 3.0].into_iter(), [0.0, 5.0, 7.0].into_iter());
        let next = |figures: &mut dyn Iterator<Item = f64>| figures.next().ok_or_else(|| anyhow::anyhow!("too many"));
        assert_eq!(interleaved(2, || next(&mut portico), || next(&mut native))?, (2.0, 6.0));
        Ok(())
    }
}
