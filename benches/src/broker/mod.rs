//! The message broker, beside other systems that carry messages, and beside a plain relay, which can only be as fast as
//! sockets are. Every server is a process; the clients are threads of this one.

mod endpoints;
mod flow;
mod memory;
mod servers;
mod trip;

pub(crate) use flow::{beside_nats, beside_redis, cost, long};
pub(crate) use memory::measure as memory;
pub(crate) use trip::measure as trip;

use anyhow::Result;
use endpoints::Carrier;

/// Medians of some figures of each carrier, which take turns; the first round does not count.
fn in_turns<const FIGURES: usize>(
    rounds: usize,
    carriers: &[Carrier],
    mut take: impl FnMut(Carrier) -> Result<[f64; FIGURES]>,
) -> Result<Vec<[f64; FIGURES]>> {
    let mut taken = vec![Vec::new(); carriers.len()];
    for round in 0..=rounds {
        for (carrier, taken) in carriers.iter().zip(&mut taken) {
            let figures = take(*carrier)?;
            if round > 0 {
                taken.push(figures);
            }
        }
    }
    let middle = |taken: &Vec<[f64; FIGURES]>, figure: usize| {
        crate::measure::median(&taken.iter().map(|figures| figures[figure]).collect::<Vec<_>>())
    };
    Ok(taken
        .iter()
        .map(|taken| std::array::from_fn(|figure| middle(taken, figure)))
        .collect())
}
